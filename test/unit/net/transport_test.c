/*
 * TLS over a socket that is watched by edges: what there is is read at once, nobody asks again for what cannot be
 * there, and nothing is left behind, whatever comes together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <time.h>

#include "net/tls_internal.h"
#include "net/transport.h"
#include "pki/ca.h"

/* The transport under test is a server or a client; the other end is driven by hand. */
static struct {
	struct loop *loop;
	struct tls_ctx *client, *server;
	struct transport at;
	struct tls *peer;
	int peer_fd;
	unsigned told;
} t;

static struct tls_ctx *ctx_new(bool server)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf cert = BUF_INIT, pem = BUF_INIT;
	const char *dns = "a";
	struct pki_names names = {.dns = &dns, .n_dns = 1};
	struct pki_sign how = {.names = &names, .now_s = time(NULL), .ttl_s = 3600};
	struct tls_params p = {.server = server};
	struct tls_ctx *ret = NULL;

	assert_int_equal(pki_ca_new_root("a", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL), 0);
	assert_int_equal(pki_ca_issue(ca, key, &how, &cert, NULL), 0);
	pki_key_to_pem(key, &pem);
	if (server) {
		p.cert_pem = buf_slice(&cert);
		p.key_pem = buf_slice(&pem);
	}
	assert_int_equal(tls_ctx_new(&p, &ret, NULL), 0);
	return ret;
}

static void on_transport(struct transport *at)
{
	(void)at;
	t.told++;
}

static void turn(void)
{
	loop_turn(t.loop, 0);
}

static void start(bool server)
{
	int fd[2];

	t.told = 0;
	t.loop = loop_new();
	t.client = ctx_new(false);
	t.server = ctx_new(true);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	t.peer_fd = fd[1];
	t.peer = tls_new(server ? t.client : t.server, fd[1], server ? "a" : NULL, NULL);
	if (server)
		assert_int_equal(
			transport_accept(&t.at, t.loop, fd[0], tls_new(t.server, fd[0], NULL, NULL), on_transport), 0);
	else
		assert_int_equal(
			transport_connect(&t.at, t.loop, fd[0], tls_new(t.client, fd[0], "a", NULL), on_transport), 0);
	for (int i = 0; i < 8 && (t.at.state != TRANSPORT_OPEN || SSL_in_init(t.peer->ssl)); i++) {
		(void)tls_handshake(t.peer);
		turn();
	}
	assert_int_equal(t.at.state, TRANSPORT_OPEN);
}

static void stop(void)
{
	transport_close(&t.at);
	tls_free(t.peer);
	if (t.peer_fd >= 0)
		close(t.peer_fd);
	tls_ctx_unref(t.client);
	tls_ctx_unref(t.server);
	loop_free(t.loop);
}

static void say(const char *text)
{
	assert_int_equal(tls_write(t.peer, text, strlen(text)), strlen(text));
}

/* Reads until there is nothing; what it got in out. */
static const char *hear(void)
{
	static char out[65536];
	size_t n = 0;
	ssize_t r;

	while (t.at.can_read && (r = transport_read(&t.at, out + n, sizeof(out) - n - 1)) > 0)
		n += (size_t)r;
	out[n] = 0;
	return out;
}

static void one_record_is_one_call(void **state)
{
	char text[64];

	(void)state;
	start(true);
	(void)hear();
	for (int i = 0; i < 3; i++) {
		say("hello");
		turn();
		assert_true(t.at.can_read);
		assert_int_equal(transport_read(&t.at, text, sizeof(text)), 5);
		/* All that there was: the kernel is not asked. */
		assert_false(t.at.can_read);
		assert_true(tls_drained(t.at.tls));
		assert_int_equal(transport_read(&t.at, text, sizeof(text)), TRANSPORT_AGAIN);
	}
	stop();
}

static void several_records_at_once(void **state)
{
	char text[4];

	(void)state;
	start(true);
	(void)hear();
	say("one");
	say("two");
	say("three");
	turn();
	assert_int_equal(transport_read(&t.at, text, sizeof(text)), 3);
	assert_true(t.at.can_read);
	assert_true(transport_waiting(&t.at));
	assert_string_equal(hear(), "twothree");
	assert_false(transport_waiting(&t.at));
	stop();
}

/* Half of it: the rest is waited for, by its edge. */
static void half_a_record(void **state)
{
	char wire[256], text[16];
	ssize_t n;
	int fd[2];

	(void)state;
	start(true);
	(void)hear();
	/* What the peer writes goes by way of the test. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	SSL_set_wfd(t.peer->ssl, fd[0]);
	say("hello");
	n = recv(fd[1], wire, sizeof(wire), 0);
	assert_in_range(n, 10, sizeof(wire));
	assert_int_equal(send(t.peer_fd, wire, 7, 0), 7);
	turn();
	assert_int_equal(transport_read(&t.at, text, sizeof(text)), TRANSPORT_AGAIN);
	assert_false(transport_waiting(&t.at));
	assert_int_equal(send(t.peer_fd, wire + 7, (size_t)n - 7, 0), n - 7);
	turn();
	assert_string_equal(hear(), "hello");
	close(fd[0]);
	close(fd[1]);
	stop();
}

static void the_end_comes_with_the_last_words(void **state)
{
	char text[64];

	(void)state;
	start(true);
	(void)hear();
	say("bye");
	assert_int_equal(tls_shutdown(t.peer), TLS_DONE);
	close(t.peer_fd);
	t.peer_fd = -1;
	turn();
	assert_true(t.at.hung_up);
	assert_int_equal(transport_read(&t.at, text, sizeof(text)), 3);
	/* No edge tells of it any more. */
	assert_true(t.at.can_read);
	assert_int_equal(transport_read(&t.at, text, sizeof(text)), 0);
	assert_true(t.at.eof);
	stop();
}

static void cut_off(void **state)
{
	char text[64];

	(void)state;
	start(true);
	(void)hear();
	say("bye");
	close(t.peer_fd);
	t.peer_fd = -1;
	turn();
	assert_int_equal(transport_read(&t.at, text, sizeof(text)), 3);
	assert_int_equal(transport_read(&t.at, text, sizeof(text)), TRANSPORT_ERROR);
	stop();
}

/* A server gives its client sessions for later: those are not something that it says. */
static void tickets_are_no_words(void **state)
{
	char text[64];

	(void)state;
	start(false);
	say("hello");
	turn();
	assert_false(transport_waiting(&t.at));
	assert_int_equal(transport_read(&t.at, text, sizeof(text)), 5);
	assert_false(transport_waiting(&t.at));
	say("more");
	turn();
	say("and more");
	turn();
	assert_string_equal(hear(), "moreand more");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_record_is_one_call),
		cmocka_unit_test(several_records_at_once),
		cmocka_unit_test(half_a_record),
		cmocka_unit_test(the_end_comes_with_the_last_words),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(tickets_are_no_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
