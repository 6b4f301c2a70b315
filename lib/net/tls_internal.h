/* What the files of the TLS wrapper share. */
#ifndef NET_TLS_INTERNAL_H
#define NET_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "base/arena.h"
#include "net/tls.h"

struct tls_ctx {
	unsigned refs;
	bool server;
	bool alpn_required;
	enum tls_verify verify;
	SSL_CTX *ssl_ctx;
	unsigned char *alpn; /* wire form: length byte, name, ... */
	size_t alpn_len;
	struct tls_san_rule *sans; /* in the arena */
	size_t n_sans;
	const char *local_uri;                        /* in the arena */
	uint8_t ticket_keys[2][TLS_TICKET_KEY_BYTES]; /* in use, and the one before */
	unsigned n_ticket_keys;
	struct arena arena;
};

struct tls {
	SSL *ssl;
	struct tls_ctx *ctx;
	struct tls_resume *resume;
	int fd;                /* not owned */
	bool drained;          /* tls_by_edges: the last call brought all that there was */
	bool hung_up, at_end;  /* the peer's end is, or was, to be read */
	char *error;           /* owned; NULL = none */
	bool dead;             /* SSL_shutdown must not be called any more */
	bool by_name;          /* the certificate must be for the name that was asked for */
	struct tls_peer *peer; /* owned, decoded on demand */
	struct arena arena;    /* of peer */
};

/* Index of struct tls in an SSL's extra data. */
int tls_ex_index(void);

/* The certificate check of one peer beside its chain: names. True when accepted. */
bool tls_san_ok(const struct tls_ctx *ctx, X509 *cert);

/* Decodes a certificate; everything in the arena. */
struct tls_peer *tls_peer_decode(X509 *cert, struct arena *a);

#endif
