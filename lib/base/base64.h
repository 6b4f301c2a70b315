/*
 * Base64 (RFC 4648): with the standard alphabet and padding, as Kubernetes' JSON carries bytes, and with the URL
 * alphabet without padding, as JOSE does. Pure; nothing is NUL-terminated by the encoders.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Appends the text with padding (RFC 4648, section 4), no line breaks. */
void base64_encode(struct slice bytes, struct buf *out);

/* Appends the bytes; line breaks and spaces are skipped. Returns 0 or -EINVAL. */
int base64_decode(struct slice text, struct buf *out);

/* Appends the text of the URL alphabet without padding (RFC 4648, section 5). */
void base64url_encode(struct slice bytes, struct buf *out);

/* Appends the bytes; padding, line breaks and spaces are refused. Returns 0 or -EINVAL. */
int base64url_decode(struct slice text, struct buf *out);

#endif
