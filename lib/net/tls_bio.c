/*
 * The library's way to a socket whose readiness comes by edges. One call takes what is there, not a record's head
 * first and its body then; after one that brought less than there was room for none follows until the next edge.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/err.h>

#include "net/tls_internal.h"

static BIO_METHOD *method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int again(BIO *b, void (*set_retry)(BIO *b))
{
	errno = EAGAIN;
	set_retry(b);
	return -1;
}

static void retry_read(BIO *b)
{
	BIO_set_retry_read(b);
}

static void retry_write(BIO *b)
{
	BIO_set_retry_write(b);
}

static int bio_read(BIO *b, char *out, int n)
{
	struct tls *t = BIO_get_data(b);
	ssize_t r;

	BIO_clear_retry_flags(b);
	if (t->drained)
		return again(b, retry_read);
	do
		r = recv(t->fd, out, (size_t)n, 0);
	while (r < 0 && errno == EINTR);
	/* The end of stream behind it comes without an edge of its own. */
	t->drained = r != 0 && r < n && !t->hung_up;
	t->at_end = r == 0;
	return r < 0 && errno == EAGAIN ? again(b, retry_read) : (int)r;
}

static int bio_write(BIO *b, const char *bytes, int n)
{
	struct tls *t = BIO_get_data(b);
	ssize_t r;

	BIO_clear_retry_flags(b);
	do
		r = send(t->fd, bytes, (size_t)n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 && errno == EAGAIN ? again(b, retry_write) : (int)r;
}

static long bio_ctrl(BIO *b, int what, long arg, void *more)
{
	const struct tls *t = BIO_get_data(b);

	(void)arg;
	(void)more;
	if (what == BIO_CTRL_EOF)
		return t->at_end;
	return what == BIO_CTRL_FLUSH;
}

static void method_init(void)
{
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "edges");
	if (!method || !BIO_meth_set_read(method, bio_read) || !BIO_meth_set_write(method, bio_write) ||
	    !BIO_meth_set_ctrl(method, bio_ctrl))
		abort();
}

void tls_by_edges(struct tls *t)
{
	BIO *b;

	pthread_once(&once, method_init);
	b = BIO_new(method);
	if (!b)
		abort();
	BIO_set_data(b, t);
	BIO_set_init(b, 1);
	SSL_set_bio(t->ssl, b, b);
	SSL_set_read_ahead(t->ssl, 1);
}

void tls_edge(struct tls *t, bool hung_up)
{
	t->drained = false;
	t->hung_up |= hung_up;
}

bool tls_drained(const struct tls *t)
{
	return t->drained && !SSL_has_pending(t->ssl);
}

bool tls_waiting(struct tls *t)
{
	size_t got = 0;
	char byte;

	if (t->dead || SSL_pending(t->ssl) > 0)
		return true;
	if (!SSL_has_pending(t->ssl))
		return false;
	/* It may be a session for later, or half of something. */
	ERR_clear_error();
	return SSL_peek_ex(t->ssl, &byte, 1, &got) == 1 || SSL_get_error(t->ssl, 0) != SSL_ERROR_WANT_READ;
}
