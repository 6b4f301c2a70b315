/*
 * TLS over non-blocking sockets; the only place that knows the TLS library (OpenSSL 3).
 * A context is immutable and refcounted: rotation makes a new one, connections keep the one they started with. It may
 * be shared by threads; a connection belongs to one thread.
 * The caller drives a connection: it calls handshake, read and write, and waits for the descriptor as the result says.
 * The descriptor is read and written directly, never owned; a ClientHello looked at with MSG_PEEK is still there.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/slice.h"

struct tls_ctx;
struct tls;

/* Results of tls_handshake, tls_read, tls_write and tls_shutdown beside byte counts; "again" is no error. */
enum tls_result {
	TLS_DONE = 0,        /* handshake or shutdown finished; from tls_read: the peer ended cleanly (end of stream) */
	TLS_WANT_READ = -1,  /* call again when the descriptor is readable */
	TLS_WANT_WRITE = -2, /* call again when it is writable */
	TLS_ERROR = -3,      /* the connection is dead; tls_error says why */
};

enum tls_verify {
	TLS_VERIFY_NONE,     /* client: any server; server: no certificate is asked for */
	TLS_VERIFY_OPTIONAL, /* server: a certificate is asked for and checked when given; client: as REQUIRED */
	TLS_VERIFY_REQUIRED,
};

enum tls_version { TLS_VERSION_DEFAULT, TLS_VERSION_1_0, TLS_VERSION_1_1, TLS_VERSION_1_2, TLS_VERSION_1_3 };

enum tls_match { TLS_MATCH_EXACT, TLS_MATCH_PREFIX, TLS_MATCH_SUFFIX, TLS_MATCH_CONTAINS };

enum tls_san_type { TLS_SAN_ANY, TLS_SAN_DNS, TLS_SAN_URI, TLS_SAN_IP };

/*
 * A peer is accepted when one of its URI, DNS or IP subject alternative names matches one of the list. Of several URI
 * names each must match, since only one of them is taken for its identity.
 */
struct tls_san_rule {
	enum tls_match match;
	const char *value;      /* "spiffe://cluster.local/ns/shop/sa/default", "istiod.istio-system.svc" */
	enum tls_san_type type; /* of the names that it is for */
};

#define TLS_TICKET_KEY_BYTES 80
#define TLS_TICKET_SECRET_BYTES 32
#define TLS_ALPN_MAX 16 /* protocols in one context */

/* What an installation allows of TLS; zeroed = the defaults of tls_params. Strings are borrowed. */
struct tls_limits {
	enum tls_version min, max;
	const char *ciphers, *groups; /* as in tls_params */
};

/* What a context is made of. Everything is copied. Zeroed fields mean "none" or the default. */
struct tls_params {
	bool server;
	struct slice cert_pem;  /* leaf first, then intermediates */
	struct slice key_pem;   /* unencrypted */
	struct slice roots_pem; /* trusted certificates, one or more */
	bool system_roots;      /* trust the system's certificates too */
	enum tls_verify verify;
	const struct tls_san_rule *sans; /* none = any name is good */
	size_t n_sans;
	const char *const *alpn; /* in order of preference */
	size_t n_alpn;
	bool alpn_required; /* server: refuse a client that offers ALPN without a common protocol */
	enum tls_version min_version, max_version; /* default: 1.2 .. 1.3 */
	const char *ciphers;                       /* TLS 1.2 cipher list, OpenSSL's syntax; NULL = sound default */
	const char *groups; /* key exchange, OpenSSL's syntax "X25519:P-256"; NULL = sound default */
	bool no_tickets;
};

/* Returns 0 with one reference in *ret, or a negative code with the reason (bad PEM, key does not fit, ...). */
int tls_ctx_new(const struct tls_params *p, struct tls_ctx **ret, struct err *e);
/* One more reference; NULL gives NULL; any thread. */
struct tls_ctx *tls_ctx_ref(struct tls_ctx *ctx);
void tls_ctx_unref(struct tls_ctx *ctx);
DEFINE_CLEANUP(struct tls_ctx *, tls_ctx_unref)

/*
 * A server's keys for session tickets, TLS_TICKET_KEY_BYTES each, copied: what `current` sealed is resumed, what
 * `before` (may be NULL) sealed is resumed and sealed anew. Contexts with the same keys resume each other's sessions.
 * Without a call the library makes keys of its own that last as long as the context. The connections' thread only.
 */
void tls_ctx_set_ticket_keys(struct tls_ctx *ctx, const uint8_t *current, const uint8_t *before);

/*
 * A ticket key from a secret (TLS_TICKET_SECRET_BYTES, random) and what it is for: HKDF with SHA-256 (RFC 5869). 0, or
 * -EIO when the library fails.
 */
int tls_ticket_derive(const uint8_t *secret, struct slice context, uint8_t *out);

/* The first URI name of the context's own certificate, or NULL; lives as long as the context. */
const char *tls_ctx_local_uri(const struct tls_ctx *ctx);

/* A client's memory of its last session with one server, for resumption. Zeroed = none. One thread. */
struct tls_resume {
	void *session;
	const struct tls_ctx
		*ctx; /* a session is offered only under the context it was made with; never dereferenced */
};
/* Frees the session that was kept; the next handshake is a full one. */
void tls_resume_done(struct tls_resume *r);

/*
 * A connection over fd, which stays the caller's and is closed after tls_free. Takes its own reference of ctx.
 * sni (client only, may be NULL) is the server name to send; a literal address is not sent. With sni set, verification
 * on and no SAN rules in the context, the server's certificate must be for that name. resume (client only, may be NULL)
 * must outlive the connection. NULL when memory is gone.
 */
struct tls *tls_new(struct tls_ctx *ctx, int fd, const char *sni, struct tls_resume *resume);
/* Sends nothing; the session can still be resumed. NULL is fine. */
void tls_free(struct tls *t);
DEFINE_CLEANUP(struct tls *, tls_free)

/* TLS_DONE, TLS_WANT_READ, TLS_WANT_WRITE or TLS_ERROR. */
enum tls_result tls_handshake(struct tls *t);

/*
 * Reads at most n > 0 bytes: their number, TLS_DONE at the end of stream, or another result. Read until TLS_WANT_READ,
 * or ask tls_pending: bytes may wait inside the library without the descriptor being readable.
 */
ssize_t tls_read(struct tls *t, void *out, size_t n);

/* Writes at most n > 0 bytes: the number taken (may be fewer), or a result below 0. The retry may use another buffer.
 */
ssize_t tls_write(struct tls *t, const void *bytes, size_t n);

/* Sends close_notify; does not wait for the peer's. TLS_DONE, TLS_WANT_WRITE or TLS_ERROR. */
enum tls_result tls_shutdown(struct tls *t);

/*
 * For a descriptor that is watched by edges (EPOLLET): as much as there is is read at once, and nothing more until
 * tls_edge. Before the handshake.
 */
void tls_by_edges(struct tls *t);
/* The descriptor has become readable; hung_up: the peer's end of stream is among what can be read. */
void tls_edge(struct tls *t, bool hung_up);
/* With tls_by_edges: tls_read would give TLS_WANT_READ until the next edge. */
bool tls_drained(const struct tls *t);
/* With tls_by_edges: whether something of the peer's, its end included, is here already; asks nobody. */
bool tls_waiting(struct tls *t);

/* Bytes that tls_read would give without touching the descriptor. */
size_t tls_pending(const struct tls *t);

/* Why the last call gave TLS_ERROR, in words; never NULL; valid until tls_free. */
const char *tls_error(const struct tls *t);

/* After the handshake: the protocol chosen by ALPN, empty = none. Lives as long as the connection. */
struct slice tls_alpn(const struct tls *t);

/* Server: the name the client asked for, NULL = none. */
const char *tls_server_name(const struct tls *t);

/* "TLSv1.3" and so on; static. */
const char *tls_version_name(const struct tls *t);
const char *tls_cipher_name(const struct tls *t);
/* Whether the handshake resumed a session instead of proving the identities anew. */
bool tls_resumed(const struct tls *t);

/* The certificate the peer proved to own; strings live as long as the connection. */
struct tls_peer {
	const char *uri;         /* first URI name (the SPIFFE identity), or NULL */
	const char *const *uris; /* all URI names */
	size_t n_uris;
	const char *const *dns; /* all DNS names */
	size_t n_dns;
	const char *subject;     /* RFC 2253, "CN=x,O=y"; "" when empty */
	const char *cn;          /* the subject's common name, or NULL */
	const char *const *orgs; /* the subject's O attributes */
	size_t n_orgs;
	char sha256[65];     /* of the DER certificate, lower-case hex */
	int64_t not_after_s; /* seconds since the epoch */
};

/* NULL when the peer gave no (verified) certificate. Decoded at the first call. */
const struct tls_peer *tls_peer(struct tls *t);

/*
 * Whether what the peer showed in its handshake also meets another context's rules: that there is a certificate, and
 * its names. Whether the other's roots vouch for it is not looked at.
 */
bool tls_peer_meets(struct tls *t, const struct tls_ctx *ctx);

/* The peer's leaf certificate as PEM, appended to out; -ENOENT when there is none. */
struct buf;
/* Appends the peer's leaf certificate as PEM: 0, or -ENOENT when there is none. */
int tls_peer_pem(struct tls *t, struct buf *out);

/* --- looking at a ClientHello without TLS: the listener's TLS inspector --- */

#define TLS_HELLO_MAX_BYTES 16384 /* more without a whole ClientHello is no TLS */

struct tls_hello {
	bool is_tls;
	struct slice server_name;        /* inside the bytes looked at; empty = none */
	struct slice alpn[TLS_ALPN_MAX]; /* the client's offers, in its order; further ones are left out */
	size_t n_alpn;
	uint16_t version; /* the highest version offered, 0x0304 = TLS 1.3 */
};

/*
 * Looks at the first bytes of a connection. Returns 1 when decided (ret->is_tls tells), 0 when more bytes are needed.
 * Pure. RFC 8446 4.1.2, RFC 6066 3, RFC 7301.
 */
int tls_hello_parse(struct slice bytes, struct tls_hello *ret);

#endif
