/* Base64 with the URL alphabet and without padding (RFC 4648 section 5), as JOSE uses it. */
#ifndef PKI_BASE64URL_H
#define PKI_BASE64URL_H

#include "base/buf.h"

/* Appends the text of the URL alphabet without padding (RFC 4648, section 5). */
void base64url_encode(struct slice bytes, struct buf *out);

/* Appends the bytes; padding is refused. Returns 0 or -EINVAL. */
int base64url_decode(struct slice text, struct buf *out);

#endif
