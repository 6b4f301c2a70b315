/* Base64 with the standard alphabet and padding (RFC 4648 section 4), as Kubernetes' JSON carries bytes. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Appends the text with padding (RFC 4648, section 4), no line breaks. */
void base64_encode(struct slice bytes, struct buf *out);

/* Appends the bytes; line breaks and spaces are skipped. Returns 0 or -EINVAL. */
int base64_decode(struct slice text, struct buf *out);

#endif
