/* TLS contexts: certificates, trust, versions, ALPN, tickets. Read-only after tls_ctx_new but for the count. */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/mem.h"
#include "net/tls_internal.h"

#define PEM_MAX_BYTES (1 << 20)
#define CERTS_MAX 1024 /* trusted certificates in one context */
#define DEFAULT_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL:!MD5"

static pthread_once_t ex_once = PTHREAD_ONCE_INIT;
static int ex_index = -1;

/* The library writes with write(2), which raises SIGPIPE where a peer is gone: the whole process must ignore it. */
static void ex_init(void)
{
	signal(SIGPIPE, SIG_IGN);
	ex_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

int tls_ex_index(void)
{
	pthread_once(&ex_once, ex_init);
	return ex_index;
}

static int fail(struct err *e, const char *what)
{
	unsigned long last = ERR_peek_last_error();
	const char *reason = last ? ERR_reason_error_string(last) : NULL;

	ERR_clear_error();
	return err_set(e, -EINVAL, "TLS: %s: %s", what, reason ? reason : "invalid");
}

static int no_password(char *out, int size, int rwflag, void *arg)
{
	(void)out, (void)size, (void)rwflag, (void)arg;
	return -1;
}

static BIO *bio_of(struct slice s)
{
	return s.len <= PEM_MAX_BYTES ? BIO_new_mem_buf(s.len ? s.ptr : "", (int)s.len) : NULL;
}

static int use_chain(struct tls_ctx *ctx, BIO *bio)
{
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	const struct tls_peer *names;
	int ok = cert && SSL_CTX_use_certificate(ctx->ssl_ctx, cert) == 1;

	if (ok) {
		names = tls_peer_decode(cert, &ctx->arena);
		ctx->local_uri = names->uri;
	}
	X509_free(cert);
	if (!ok)
		return -EINVAL;
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		if (!SSL_CTX_add0_chain_cert(ctx->ssl_ctx, cert)) {
			X509_free(cert);
			return -EINVAL;
		}
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return -EINVAL;
	ERR_clear_error();
	return 0;
}

static int load_identity(struct tls_ctx *ctx, const struct tls_params *p, struct err *e)
{
	BIO *bio;
	EVP_PKEY *key;
	int r;

	if (p->cert_pem.len == 0)
		return 0;
	bio = bio_of(p->cert_pem);
	r = bio ? use_chain(ctx, bio) : -EINVAL;
	BIO_free(bio);
	if (r < 0)
		return fail(e, "certificate");
	bio = bio_of(p->key_pem);
	key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	BIO_free(bio);
	r = key ? SSL_CTX_use_PrivateKey(ctx->ssl_ctx, key) : 0;
	EVP_PKEY_free(key);
	if (r != 1)
		return fail(e, "private key");
	return 0;
}

static int load_roots(struct tls_ctx *ctx, const struct tls_params *p, struct err *e)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx->ssl_ctx);
	X509 *cert;
	BIO *bio;
	int n = 0;

	if (p->system_roots && !SSL_CTX_set_default_verify_paths(ctx->ssl_ctx))
		return fail(e, "the system's roots");
	if (p->roots_pem.len == 0)
		return 0;
	bio = bio_of(p->roots_pem);
	while (bio && n < CERTS_MAX && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		X509_STORE_add_cert(store, cert);
		if (p->server && p->verify != TLS_VERIFY_NONE)
			SSL_CTX_add_client_CA(ctx->ssl_ctx, cert);
		X509_free(cert);
		n++;
	}
	BIO_free(bio);
	if (n == 0)
		return fail(e, "trusted certificates");
	ERR_clear_error();
	return 0;
}

static int load_alpn(struct tls_ctx *ctx, const struct tls_params *p, struct err *e)
{
	size_t total = 0;

	if (p->n_alpn > TLS_ALPN_MAX)
		return err_set(e, -EINVAL, "TLS: more than %d ALPN protocols", TLS_ALPN_MAX);
	ctx->alpn_required = p->alpn_required;
	ctx->alpn = arena_alloc(&ctx->arena, TLS_ALPN_MAX * 256);
	for (size_t i = 0; i < p->n_alpn; i++) {
		size_t len = strlen(p->alpn[i]);

		if (len == 0 || len > 255)
			return err_set(e, -EINVAL, "TLS: ALPN protocol must be 1..255 bytes");
		ctx->alpn[total] = (unsigned char)len;
		memcpy(ctx->alpn + total + 1, p->alpn[i], len);
		total += 1 + len;
	}
	ctx->alpn_len = total;
	return 0;
}

/* Server's order wins. Without a common protocol the client goes on without ALPN unless that is refused. */
static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
		       unsigned inlen, void *arg)
{
	const struct tls_ctx *ctx = arg;
	unsigned char *chosen;

	(void)ssl;
	if (SSL_select_next_proto(&chosen, outlen, ctx->alpn, (unsigned)ctx->alpn_len, in, inlen) !=
	    OPENSSL_NPN_NEGOTIATED)
		return ctx->alpn_required ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static int version_number(enum tls_version v, int fallback)
{
	static const int numbers[] = {0, TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};

	return v == TLS_VERSION_DEFAULT ? fallback : numbers[v];
}

/* Called for each certificate of the chain; names count for the leaf only. */
static int verify_cb(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = SSL_get_ex_data(ssl, tls_ex_index());

	if (!ok || X509_STORE_CTX_get_error_depth(store) != 0 || !t)
		return ok;
	if (tls_san_ok(t->ctx, X509_STORE_CTX_get_current_cert(store)))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

static void set_verify(struct tls_ctx *ctx)
{
	int mode = SSL_VERIFY_NONE;

	if (ctx->verify != TLS_VERIFY_NONE)
		mode = SSL_VERIFY_PEER;
	if (ctx->server && ctx->verify == TLS_VERIFY_REQUIRED)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(ctx->ssl_ctx, mode, verify_cb);
}

static int new_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls *t = SSL_get_ex_data(ssl, tls_ex_index());

	if (!t || !t->resume)
		return 0;
	tls_resume_done(t->resume);
	t->resume->session = session; /* the reference is ours now */
	t->resume->ctx = t->ctx;
	return 1;
}

static void set_sessions(struct tls_ctx *ctx, const struct tls_params *p)
{
	static const unsigned char id[] = "weft";
	SSL_CTX *c = ctx->ssl_ctx;

	if (p->no_tickets) {
		SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(c, 0);
	}
	if (!ctx->server) {
		SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
		SSL_CTX_sess_set_new_cb(c, new_session);
		return;
	}
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(c, id, sizeof(id));
	if (!p->no_tickets)
		SSL_CTX_set_num_tickets(c, 1);
}

static int set_protocol(struct tls_ctx *ctx, const struct tls_params *p, struct err *e)
{
	SSL_CTX *c = ctx->ssl_ctx;
	int min = version_number(p->min_version, TLS1_2_VERSION);

	if (!SSL_CTX_set_min_proto_version(c, min) ||
	    !SSL_CTX_set_max_proto_version(c, version_number(p->max_version, TLS1_3_VERSION)))
		return fail(e, "versions");
	if (!SSL_CTX_set_cipher_list(c, p->ciphers ? p->ciphers : DEFAULT_CIPHERS))
		return fail(e, "cipher list");
	if (!SSL_CTX_set1_groups_list(c, p->groups ? p->groups : "X25519:P-256:P-384"))
		return fail(e, "groups");
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
				       SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* A client's request for SHA-1 era versions is only honoured when the owner lowered the minimum on purpose. */
	if (min < TLS1_2_VERSION)
		SSL_CTX_set_security_level(c, 0);
	if (ctx->alpn_len && ctx->server)
		SSL_CTX_set_alpn_select_cb(c, select_alpn, ctx);
	else if (ctx->alpn_len && SSL_CTX_set_alpn_protos(c, ctx->alpn, (unsigned)ctx->alpn_len) != 0)
		return fail(e, "ALPN");
	return 0;
}

static void copy_sans(struct tls_ctx *ctx, const struct tls_params *p)
{
	ctx->n_sans = p->n_sans;
	ctx->sans = ARENA_NEW_N(&ctx->arena, struct tls_san_rule, p->n_sans);
	for (size_t i = 0; i < p->n_sans; i++) {
		ctx->sans[i] = p->sans[i];
		ctx->sans[i].value = arena_strdup(&ctx->arena, p->sans[i].value);
	}
}

static int setup(struct tls_ctx *ctx, const struct tls_params *p, struct err *e)
{
	int r = load_alpn(ctx, p, e);

	if (r == 0)
		r = load_identity(ctx, p, e);
	if (r == 0)
		r = load_roots(ctx, p, e);
	if (r == 0)
		r = set_protocol(ctx, p, e);
	if (r < 0)
		return r;
	set_sessions(ctx, p);
	copy_sans(ctx, p);
	set_verify(ctx);
	return 0;
}

int tls_ctx_new(const struct tls_params *p, struct tls_ctx **ret, struct err *e)
{
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *ctx = NEW(struct tls_ctx);
	int r;

	tls_ex_index();
	if (p->server && p->cert_pem.len == 0)
		return err_set(e, -EINVAL, "TLS: a server needs a certificate");
	ctx->refs = 1;
	ctx->server = p->server;
	ctx->verify = p->verify;
	ctx->ssl_ctx = SSL_CTX_new(p->server ? TLS_server_method() : TLS_client_method());
	if (!ctx->ssl_ctx)
		return fail(e, "context");
	r = setup(ctx, p, e);
	if (r < 0)
		return r;
	*ret = take(ctx);
	return 0;
}

struct tls_ctx *tls_ctx_ref(struct tls_ctx *ctx)
{
	if (ctx)
		__atomic_add_fetch(&ctx->refs, 1, __ATOMIC_RELAXED);
	return ctx;
}

void tls_ctx_unref(struct tls_ctx *ctx)
{
	if (!ctx || (ctx->refs && __atomic_sub_fetch(&ctx->refs, 1, __ATOMIC_ACQ_REL) > 0))
		return;
	SSL_CTX_free(ctx->ssl_ctx);
	arena_done(&ctx->arena);
	free(ctx);
}

const char *tls_ctx_local_uri(const struct tls_ctx *ctx)
{
	return ctx->local_uri;
}

void tls_resume_done(struct tls_resume *r)
{
	SSL_SESSION_free(r->session);
	r->session = NULL;
	r->ctx = NULL;
}
