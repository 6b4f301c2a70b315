/* Where tokens stand in a request (RFC 6750, and what the configuration says). */
#ifndef PROXY_JWT_TOKEN_H
#define PROXY_JWT_TOKEN_H

#include "config/config_jwt.h"
#include "http/head.h"

/* Tokens that one provider looks at in one request; more are refused. */
#define JWT_TOKENS_MAX 8

/* The tokens in the provider's places, views of the head; returns how many there are, at most JWT_TOKENS_MAX + 1. */
size_t jwt_tokens_find(const struct jwt_provider *p, const struct http_head *h, struct slice out[JWT_TOKENS_MAX + 1]);

/*
 * Takes the headers and query parameters of the provider out of the request; cookies stay. buf has room for the
 * target.
 */
void jwt_tokens_remove(const struct jwt_provider *p, struct http_head *h, char *buf);

#endif
