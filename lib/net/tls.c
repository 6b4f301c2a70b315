/*
 * TLS connections. The error queue of the library is per thread and must be empty before each call, or an old error
 * of another connection would be taken for this one's.
 */
#include <string.h>

#include <openssl/err.h>

#include "base/ip.h"
#include "base/mem.h"
#include "net/tls_internal.h"

/* Most of the time there are none, and looking is cheaper than clearing. */
static void forget_errors(void)
{
	if (ERR_peek_error())
		ERR_clear_error();
}

static bool set_name(struct tls *t, const char *sni)
{
	bool address = ip_is(slice_str(sni));

	if (!address && !SSL_set_tlsext_host_name(t->ssl, sni))
		return false;
	if (t->ctx->verify == TLS_VERIFY_NONE || t->ctx->n_sans)
		return true;
	t->by_name = true;
	if (address)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), sni) == 1;
	return SSL_set1_host(t->ssl, sni) == 1;
}

static bool init_role(struct tls *t, const char *sni)
{
	if (t->ctx->server) {
		SSL_set_accept_state(t->ssl);
		return true;
	}
	SSL_set_connect_state(t->ssl);
	if (t->resume && t->resume->session && t->resume->ctx == t->ctx)
		SSL_set_session(t->ssl, t->resume->session);
	return !sni || !*sni || set_name(t, sni);
}

struct tls *tls_new(struct tls_ctx *ctx, int fd, const char *sni, struct tls_resume *resume)
{
	CLEANUP(tls_freep) struct tls *t = NEW(struct tls);

	t->ctx = tls_ctx_ref(ctx);
	t->fd = fd;
	t->resume = ctx->server ? NULL : resume;
	t->ssl = SSL_new(ctx->ssl_ctx);
	if (!t->ssl || !SSL_set_ex_data(t->ssl, tls_ex_index(), t) || !SSL_set_fd(t->ssl, fd) || !init_role(t, sni)) {
		ERR_clear_error();
		return NULL;
	}
	return take(t);
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	if (t->ssl && !t->dead) /* or the library would take the session for a broken one and never resume it */
		SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(t->ssl);
	tls_ctx_unref(t->ctx);
	arena_done(&t->arena);
	free(t->error);
	free(t);
}

static const char *verify_reason(const struct tls *t)
{
	long r = SSL_get_verify_result(t->ssl);

	if (r == X509_V_OK)
		return NULL;
	if (r == X509_V_ERR_APPLICATION_VERIFICATION)
		return "certificate holds none of the names expected";
	return X509_verify_cert_error_string(r);
}

static void set_error(struct tls *t, int ssl_error, int saved_errno)
{
	unsigned long last = ERR_peek_last_error();
	const char *why = verify_reason(t);

	t->dead = true;
	if (t->error)
		return;
	if (why)
		t->error = mem_printf("TLS: peer's certificate: %s", why);
	else if (last && ERR_SYSTEM_ERROR(last))
		t->error = mem_printf("TLS: %s", strerror(ERR_GET_REASON(last)));
	else if (last)
		t->error = mem_printf("TLS: %s", ERR_reason_error_string(last) ? ERR_reason_error_string(last) : "?");
	else if (ssl_error == SSL_ERROR_SYSCALL && saved_errno)
		t->error = mem_printf("TLS: %s", strerror(saved_errno));
	else
		t->error = mem_strdup("TLS: connection closed");
}

static ssize_t result(struct tls *t, int r)
{
	int saved_errno = errno;
	int error = SSL_get_error(t->ssl, r);

	switch (error) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_DONE;
	default:
		set_error(t, error, saved_errno);
		ERR_clear_error();
		return TLS_ERROR;
	}
}

static void drop_all(STACK_OF(X509) * certs)
{
	X509 *x;

	while (certs && (x = sk_X509_pop(certs)))
		X509_free(x);
}

/*
 * The client's certificate is proven and stays; what proved it is 5 KB for each certificate that the client sent along,
 * in each idle connection. A server's session is its connection's alone; clients share theirs, which stay whole.
 */
static void drop_issuers(struct tls *t)
{
	if (!SSL_is_server(t->ssl))
		return;
	drop_all(SSL_get_peer_cert_chain(t->ssl));
	drop_all(SSL_get0_verified_chain(t->ssl));
}

enum tls_result tls_handshake(struct tls *t)
{
	ssize_t r;
	int n;

	if (t->dead)
		return TLS_ERROR;
	ERR_clear_error();
	n = SSL_do_handshake(t->ssl);
	if (n == 1) {
		drop_issuers(t);
		return TLS_DONE;
	}
	r = result(t, n);
	if (r == TLS_DONE) { /* the peer said goodbye before it was finished */
		set_error(t, SSL_ERROR_SYSCALL, 0);
		return TLS_ERROR;
	}
	return (enum tls_result)r;
}

ssize_t tls_read(struct tls *t, void *out, size_t n)
{
	size_t got = 0;

	if (t->dead)
		return TLS_ERROR;
	forget_errors();
	if (SSL_read_ex(t->ssl, out, n, &got) == 1)
		return (ssize_t)got;
	return result(t, 0);
}

ssize_t tls_write(struct tls *t, const void *bytes, size_t n)
{
	size_t taken = 0;
	ssize_t r;

	if (t->dead)
		return TLS_ERROR;
	forget_errors();
	if (SSL_write_ex(t->ssl, bytes, n, &taken) == 1)
		return (ssize_t)taken;
	r = result(t, 0);
	if (r == TLS_DONE) {
		set_error(t, SSL_ERROR_SYSCALL, EPIPE);
		return TLS_ERROR;
	}
	return r;
}

enum tls_result tls_shutdown(struct tls *t)
{
	int n;

	if (t->dead || SSL_in_init(t->ssl))
		return TLS_ERROR;
	ERR_clear_error();
	n = SSL_shutdown(t->ssl);
	if (n >= 0)
		return TLS_DONE;
	return (enum tls_result)result(t, n);
}

size_t tls_pending(const struct tls *t)
{
	int n = SSL_pending(t->ssl);

	return n > 0 ? (size_t)n : 0;
}

const char *tls_error(const struct tls *t)
{
	return t->error ? t->error : "TLS: no error";
}

struct slice tls_alpn(const struct tls *t)
{
	const unsigned char *name = NULL;
	unsigned len = 0;

	SSL_get0_alpn_selected(t->ssl, &name, &len);
	return slice_make(name, len);
}

const char *tls_server_name(const struct tls *t)
{
	return SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name);
}

const char *tls_version_name(const struct tls *t)
{
	return SSL_get_version(t->ssl);
}

const char *tls_cipher_name(const struct tls *t)
{
	return SSL_get_cipher_name(t->ssl);
}

bool tls_resumed(const struct tls *t)
{
	return SSL_session_reused(t->ssl);
}
