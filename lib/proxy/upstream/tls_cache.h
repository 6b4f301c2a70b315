/* TLS contexts of one worker, made when first needed and found again by their content and their secrets. */
#ifndef PROXY_TLS_CACHE_H
#define PROXY_TLS_CACHE_H

#include "net/tls.h"
#include "config/config.h"

struct tls_cache;

/* Contexts kept; beyond, the oldest is dropped. */
#define TLS_CACHE_MAX 512

#define TLS_CACHE_ALPN_MAX 512

/* The ALPN names (wire form) without one of them, so that nobody chooses it. out holds TLS_CACHE_ALPN_MAX bytes. */
struct slice tls_cache_alpn_without(struct slice wire, struct slice name, char *out);

/* No contexts yet, and a new key for session tickets. */
struct tls_cache *tls_cache_new(void);
/* Gives the contexts back; connections keep theirs. NULL is fine. */
void tls_cache_free(struct tls_cache *t);

/*
 * The context for these settings under the secrets of config; alpn (wire form) replaces the settings' when not empty.
 * Borrowed from the cache until the next call; NULL with the reason: a secret has not arrived, or is malformed.
 */
struct tls_ctx *tls_cache_get(struct tls_cache *t, const struct config *config, const struct config_tls *settings,
			      struct slice alpn, struct err *e);

#endif
