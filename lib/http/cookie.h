/* Cookies that balancing by hash reads and hands out (RFC 6265). Pure. */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include "base/buf.h"
#include "http/head.h"

/* The value of a cookie in any of the request's Cookie fields, without quotes; a view. ptr NULL = absent or empty. */
struct slice cookie_find(const struct http_head *h, struct slice name);

/* A Set-Cookie value as Envoy writes it: name="value"; Max-Age=90; Path=/cart; HttpOnly. max_age_s 0: for the session.
 */
void cookie_write(struct buf *out, struct slice name, struct slice value, struct slice path, int64_t max_age_s);

#endif
