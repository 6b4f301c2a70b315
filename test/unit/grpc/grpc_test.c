/* Client and server on one loop: every way a call can go, over plaintext and mutual TLS; and the framing by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "grpc/channel.h"
#include "grpc/compress.h"
#include "grpc/grpc_internal.h"
#include "grpc/server.h"
#include "net/dns.h"
#include "net/socket.h"
#include "net/tls.h"
#include "pki/ca.h"

static struct loop *loop;
static struct dns *dns;
static struct grpc_server *server;
static struct grpc_channel *channel;
static char peer_uri[128];

/* --- the service: Echo sends back every message; Sleep never answers; Refuse ends at once --- */

static void echo_message(struct grpc_call *c, struct slice m)
{
	grpc_call_send(c, m);
}

static void echo_end(struct grpc_call *c)
{
	grpc_call_finish(c, GRPC_OK, NULL);
}

static int server_done = -1;

static void server_on_done(struct grpc_call *c, int status, const char *text)
{
	(void)c, (void)text;
	server_done = status;
}

static const struct grpc_call_ops echo_ops = {
	.on_message = echo_message, .on_half_close = echo_end, .on_done = server_on_done};
static const struct grpc_call_ops sleep_ops = {.on_done = server_on_done};

static void echo(struct grpc_call *c, void *user)
{
	(void)user;
	peer_uri[0] = 0;
	if (grpc_call_tls(c) && tls_peer(grpc_call_tls(c)))
		snprintf(peer_uri, sizeof(peer_uri), "%s", tls_peer(grpc_call_tls(c))->uri);
	grpc_call_set_ops(c, &echo_ops);
}

static void sleeping(struct grpc_call *c, void *user)
{
	(void)user;
	grpc_call_set_ops(c, &sleep_ops);
}

static void refuse(struct grpc_call *c, void *user)
{
	(void)user;
	grpc_call_finish(c, GRPC_PERMISSION_DENIED,
			 grpc_call_metadata(c, "authorization").len ? "100% n\xc3\xb6" : "x");
}

/* --- Packed answers what it gets a thousand times over, compressed for those who take that --- */

static bool compresses;

static void packed_message(struct grpc_call *c, struct slice m)
{
	struct slice v[1000];
	struct shared_bytes all = {.refs = 1, .v = v, .n = ARRAY_LEN(v), .len = ARRAY_LEN(v) * m.len};
	struct shared_bytes *packed;

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		v[i] = m;
	packed = grpc_compress(&all);
	assert_non_null(packed);
	assert_true(packed->len < 500);
	if (compresses)
		grpc_call_send_compressed(c, SLICE("own "), packed);
	else
		grpc_call_send_shared(c, SLICE("own "), packed); /* no text, but what was sent */
	shared_unref(packed);
}

static const struct grpc_call_ops packed_ops = {
	.on_message = packed_message, .on_half_close = echo_end, .on_done = server_on_done};

static void packed_start(struct grpc_call *c, void *user)
{
	(void)user;
	compresses = grpc_call_compress(c);
	grpc_call_set_ops(c, &packed_ops);
}

/* --- harness --- */

struct result {
	struct grpc_unary u;
	int status; /* -1 = not yet */
	char text[200];
	struct buf response;
};

static void on_unary(struct grpc_unary *u, int status, const char *text, struct slice response)
{
	struct result *r = CONTAINER_OF(u, struct result, u);

	r->status = status;
	snprintf(r->text, sizeof(r->text), "%s", text);
	if (response.len)
		buf_append_slice(&r->response, response);
}

static bool wait_for(const int *value, int not_this)
{
	int64_t end = clock_mono_ns() + 5 * (int64_t)NS_PER_S;

	while (*value == not_this && clock_mono_ns() < end)
		loop_turn(loop, 50);
	return *value != not_this;
}

static void call(struct result *r, const char *method, struct slice request, int64_t deadline_ms)
{
	const struct grpc_metadata token = {"authorization", SLICE("Bearer x"), true};

	*r = (struct result){.status = -1, .u.fn = on_unary};
	grpc_unary_start(channel, &r->u, method, &token, 1, request, deadline_ms);
	assert_true(wait_for(&r->status, -1));
}

static void connect_as(struct grpc_channel_params p)
{
	p.port = grpc_server_port(server, 0);
	p.dns = dns;
	p.sni = "weftd.svc";
	channel = grpc_channel_new(loop, &p);
}

static void connect_to(const char *host, struct tls_ctx *ctx)
{
	connect_as((struct grpc_channel_params){.host = host, .tls = ctx});
}

static void start(const struct grpc_server_params *p, struct tls_ctx *ctx)
{
	struct addr any;

	assert_int_equal(0, addr_parse(slice_str("127.0.0.1"), 0, &any));
	loop = loop_new();
	dns = dns_new(loop, NULL);
	server = grpc_server_new(loop, p);
	grpc_server_add(server, "/t.T/Echo", echo, NULL);
	grpc_server_add(server, "/t.T/Sleep", sleeping, NULL);
	grpc_server_add(server, "/t.T/Refuse", refuse, NULL);
	grpc_server_add(server, "/t.T/Packed", packed_start, NULL);
	assert_int_equal(0, grpc_server_listen(server, &any, ctx, NULL));
	server_done = -1;
}

static void stop(void)
{
	grpc_channel_free(channel);
	grpc_server_free(server);
	dns_free(dns);
	loop_free(loop);
}

static void unary(void **state)
{
	struct result r;

	(void)state;
	start(NULL, NULL);
	connect_to("localhost", NULL);
	call(&r, "/t.T/Echo", SLICE("hello"), 1000);
	assert_int_equal(GRPC_OK, r.status);
	assert_string_equal("hello", buf_str(&r.response));
	buf_done(&r.response);
	call(&r, "/t.T/Echo", SLICE(""), 0);
	assert_int_equal(GRPC_OK, r.status);
	call(&r, "/t.T/None", SLICE("x"), 0);
	assert_int_equal(GRPC_UNIMPLEMENTED, r.status);
	call(&r, "/t.T/Refuse", SLICE("x"), 0);
	assert_int_equal(GRPC_PERMISSION_DENIED, r.status);
	assert_string_equal("100% n\xc3\xb6", r.text);
	call(&r, "/t.T/Sleep", SLICE("x"), 50);
	assert_int_equal(GRPC_DEADLINE_EXCEEDED, r.status);
	assert_int_equal(1, grpc_server_connections(server));
	stop();
}

static void big_messages(void **state)
{
	const struct grpc_server_params p = {.max_message_bytes = 2000000};
	CLEANUP(buf_done) struct buf big = BUF_INIT;
	struct result r;

	(void)state;
	start(&p, NULL);
	connect_to("127.0.0.1", NULL);
	for (int i = 0; i < 2000000; i++)
		buf_append_char(&big, (char)(i * 31 >> 3));
	call(&r, "/t.T/Echo", buf_slice(&big), 0);
	assert_int_equal(GRPC_OK, r.status);
	assert_true(slice_eq(buf_slice(&big), buf_slice(&r.response)));
	buf_done(&r.response);
	buf_append_char(&big, 'x');
	call(&r, "/t.T/Echo", buf_slice(&big), 0);
	assert_int_equal(GRPC_RESOURCE_EXHAUSTED, r.status);
	stop();
}

/* A client that takes compressed messages gets them, each within its limit once it is whole; another gets none. */
static void compressed(void **state)
{
	struct result r;

	(void)state;
	start(NULL, NULL);
	connect_to("127.0.0.1", NULL);
	call(&r, "/t.T/Packed", SLICE("hello "), 1000);
	assert_int_equal(GRPC_OK, r.status);
	assert_false(compresses);
	assert_true(r.response.len < 500);
	buf_done(&r.response);
	grpc_channel_free(channel);
	connect_as(
		(struct grpc_channel_params){.host = "127.0.0.1", .takes_compressed = true, .max_message_bytes = 6004});
	for (int i = 0; i < 2; i++) {
		call(&r, "/t.T/Packed", SLICE("hello "), 1000);
		assert_int_equal(GRPC_OK, r.status);
		assert_true(compresses);
		assert_int_equal(6004, r.response.len);
		assert_memory_equal("own hello hello ", r.response.ptr, 16);
		buf_done(&r.response);
	}
	call(&r, "/t.T/Packed", SLICE("hello, "), 1000);
	assert_int_equal(GRPC_RESOURCE_EXHAUSTED, r.status);
	assert_string_equal("message is larger than 6004 bytes", r.text);
	call(&r, "/t.T/Echo", SLICE("plain"), 1000); /* of a call that never compresses */
	assert_string_equal("plain", buf_str(&r.response));
	buf_done(&r.response);
	stop();
}

struct refusal {
	int status;
	char takes[32];
};

static void refused_done(struct grpc_call *c, int status, const char *text)
{
	struct refusal *r = grpc_call_user(c);

	(void)text;
	snprintf(r->takes, sizeof(r->takes), "%.*s", SLICE_ARG(grpc_call_metadata(c, "grpc-accept-encoding")));
	r->status = status;
}

/* A server says what it takes to a client that compressed a message. */
static void compressed_requests(void **state)
{
	static const struct grpc_call_ops ops = {.on_done = refused_done};
	struct refusal r = {.status = -1};
	struct grpc_call *c;

	(void)state;
	start(NULL, NULL);
	connect_to("127.0.0.1", NULL);
	c = grpc_channel_call(channel, "/t.T/Echo", NULL, 0, 0, &ops, &r);
	grpc_call_send(c, SLICE("no frame"));
	c->waiting.ptr[0] = 1; /* the flag of a compressed message */
	assert_true(wait_for(&r.status, -1));
	assert_int_equal(GRPC_UNIMPLEMENTED, r.status);
	assert_string_equal("identity", r.takes);
	stop();
}

/* --- a stream of many messages with a slow reader --- */

struct stream {
	int got, status;
	bool hold;
};

static void stream_message(struct grpc_call *c, struct slice m)
{
	struct stream *s = grpc_call_user(c);

	assert_int_equal(10000, m.len);
	s->got++;
	if (s->hold)
		grpc_call_pause(c, true);
}

static void stream_done(struct grpc_call *c, int status, const char *text)
{
	(void)text;
	((struct stream *)grpc_call_user(c))->status = status;
}

static const struct grpc_call_ops stream_ops = {.on_message = stream_message, .on_done = stream_done};

static void streams(void **state)
{
	static char message[10000];
	struct stream s = {.status = -1, .hold = true};
	struct grpc_call *c;

	(void)state;
	start(NULL, NULL);
	connect_to("127.0.0.1", NULL);
	c = grpc_channel_call(channel, "/t.T/Echo", NULL, 0, 0, &stream_ops, &s);
	for (int i = 0; i < 200; i++)
		grpc_call_send(c, slice_make(message, sizeof(message)));
	grpc_call_half_close(c);
	for (int i = 0; i < 50; i++)
		loop_turn(loop, 2);
	assert_int_equal(1, s.got);
	s.hold = false;
	grpc_call_pause(c, false);
	assert_true(wait_for(&s.status, -1));
	assert_int_equal(GRPC_OK, s.status);
	assert_int_equal(200, s.got);
	c = grpc_channel_call(channel, "/t.T/Sleep", NULL, 0, 0, &stream_ops, &s);
	s.status = server_done = -1;
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 2);
	grpc_call_cancel(c);
	assert_true(wait_for(&s.status, -1));
	assert_int_equal(GRPC_CANCELLED, s.status);
	assert_true(wait_for(&server_done, -1));
	assert_int_equal(GRPC_CANCELLED, server_done);
	c = grpc_channel_call(channel, "/t.T/Sleep", NULL, 0, 0, &stream_ops, &s);
	loop_turn(loop, 2);
	grpc_call_cancel_silent(c);
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 2);
	stop();
}

static struct tls_ctx *ctx_new(struct pki_ca *ca, bool is_server, const char *uri, const char *name)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key_pem = BUF_INIT;
	static const char *const alpn[] = {"h2"};
	struct pki_names names = {.uris = &uri, .n_uris = 1, .dns = &name, .n_dns = 1};
	struct pki_sign how = {.names = &names, .now_s = time(NULL), .ttl_s = 3600};
	struct tls_params p = {.server = is_server,
			       .verify = is_server ? TLS_VERIFY_OPTIONAL : TLS_VERIFY_REQUIRED,
			       .alpn = alpn,
			       .n_alpn = 1,
			       .roots_pem = pki_ca_roots_pem(ca)};
	struct tls_ctx *ctx = NULL;

	assert_int_equal(0, pki_ca_issue(ca, key, &how, &cert, NULL));
	pki_key_to_pem(key, &key_pem);
	p.cert_pem = buf_slice(&cert);
	p.key_pem = buf_slice(&key_pem);
	assert_int_equal(0, tls_ctx_new(&p, &ctx, NULL));
	return ctx;
}

static void over_tls(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = NULL;
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = NULL;
	struct result r;

	(void)state;
	assert_int_equal(0, pki_ca_new_root("x", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL));
	sc = ctx_new(ca, true, "spiffe://a/ns/b/sa/server", "weftd.svc");
	cc = ctx_new(ca, false, "spiffe://a/ns/b/sa/client", "x");
	start(NULL, sc);
	connect_to("127.0.0.1", cc);
	call(&r, "/t.T/Echo", SLICE("hello"), 2000);
	if (r.status != GRPC_OK)
		fail_msg("%s", r.text);
	assert_string_equal("spiffe://a/ns/b/sa/client", peer_uri);
	buf_done(&r.response);
	grpc_channel_reconnect(channel); /* the session is resumed; the identity stays */
	call(&r, "/t.T/Echo", SLICE("again"), 2000);
	assert_string_equal("spiffe://a/ns/b/sa/client", peer_uri);
	buf_done(&r.response);
	grpc_channel_free(channel);
	connect_to("127.0.0.1", NULL); /* plaintext at a TLS port */
	call(&r, "/t.T/Echo", SLICE("hello"), 2000);
	assert_int_equal(GRPC_UNAVAILABLE, r.status);
	stop();
}

/* A peer that is there and says nothing any more is given up after a ping; one that answers stays. */
static void silence(void **state)
{
	static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
	const struct grpc_server_params p = {.keepalive_ms = 100, .keepalive_wait_ms = 100};
	struct addr at;
	struct result r;
	int64_t until_ns, since_ns;
	int fd;

	(void)state;
	start(&p, NULL);
	connect_to("127.0.0.1", NULL);
	call(&r, "/t.T/Echo", SLICE("hello"), 5000);
	assert_int_equal(GRPC_OK, r.status);
	buf_done(&r.response);
	assert_int_equal(0, addr_parse(SLICE("127.0.0.1"), grpc_server_port(server, 0), &at));
	fd = socket_connect(&at, 0);
	while (send(fd, hello, sizeof(hello), MSG_NOSIGNAL) < 0)
		loop_turn(loop, 10);
	while (grpc_server_connections(server) < 2)
		loop_turn(loop, 10);
	since_ns = clock_mono_ns();
	until_ns = since_ns + 20 * (int64_t)NS_PER_S;
	while (grpc_server_connections(server) > 1 && clock_mono_ns() < until_ns)
		loop_turn(loop, 10);
	assert_int_equal(1, grpc_server_connections(server));
	/* it had time to come to the ping, which its kernel has */
	assert_true(clock_mono_ns() - since_ns > 1000 * NS_PER_MS);
	close(fd);
	stop();
}

/* What takes connections and is late to answer has its time, but not for ever. */
static void late_servers(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = NULL;
	const int64_t since_ns = clock_mono_ns();
	struct result r;
	struct addr at;
	int fd;

	(void)state;
	assert_int_equal(0, pki_ca_new_root("x", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL));
	cc = ctx_new(ca, false, "spiffe://a/ns/b/sa/client", "x");
	start(NULL, NULL);
	assert_int_equal(0, addr_parse(SLICE("127.0.0.1"), 0, &at));
	fd = socket_listen(&at, 10, 0, NULL);
	assert_int_equal(0, socket_local_addr(fd, &at));
	channel = grpc_channel_new(loop, &(struct grpc_channel_params){.host = "127.0.0.1",
								       .port = addr_port(&at),
								       .tls = cc,
								       .connect_ms = 100,
								       .handshake_ms = 200});
	call(&r, "/t.T/Echo", SLICE("hello"), 0);
	assert_int_equal(GRPC_UNAVAILABLE, r.status);
	assert_string_equal("timed out before the connection was made", r.text);
	assert_true(clock_mono_ns() - since_ns > 290 * NS_PER_MS);
	close(fd);
	stop();
}

#define CROWD 80

/* Of a crowd of connections some are let in after the others; those that say nothing keep nobody out for long. */
static void crowds(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = NULL;
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = NULL;
	int silent[CROWD];
	struct addr at;
	struct result r;

	(void)state;
	assert_int_equal(0, pki_ca_new_root("x", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL));
	sc = ctx_new(ca, true, "spiffe://a/ns/b/sa/server", "weftd.svc");
	cc = ctx_new(ca, false, "spiffe://a/ns/b/sa/client", "x");
	start(NULL, sc);
	assert_int_equal(0, addr_parse(SLICE("127.0.0.1"), grpc_server_port(server, 0), &at));
	for (int i = 0; i < CROWD; i++)
		silent[i] = socket_connect(&at, 0);
	while (grpc_server_connections(server) < 64)
		loop_turn(loop, 10);
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 0);
	assert_int_equal(64, grpc_server_connections(server));
	connect_to("127.0.0.1", cc);
	call(&r, "/t.T/Echo", SLICE("hello"), 8000);
	if (r.status != GRPC_OK)
		fail_msg("%s", r.text);
	buf_done(&r.response);
	assert_int_equal(CROWD + 1, grpc_server_connections(server));
	for (int i = 0; i < CROWD; i++)
		close(silent[i]);
	while (grpc_server_connections(server) > 1)
		loop_turn(loop, 10);
	call(&r, "/t.T/Echo", SLICE("again"), 8000);
	assert_int_equal(GRPC_OK, r.status);
	buf_done(&r.response);
	stop();
}

static void failures(void **state)
{
	const struct grpc_server_params p = {.max_age_ms = 100, .max_age_grace_ms = 50};
	struct stream s = {.status = -1};
	struct result r;

	(void)state;
	start(&p, NULL);
	connect_to("no-such-host.invalid", NULL);
	r = (struct result){.status = -1, .u.fn = on_unary};
	grpc_unary_start(channel, &r.u, "/t.T/Echo", NULL, 0, SLICE(""), 100);
	assert_true(wait_for(&r.status, -1));
	assert_true(r.status == GRPC_UNAVAILABLE || r.status == GRPC_DEADLINE_EXCEEDED);
	grpc_channel_free(channel);
	connect_to("127.0.0.1", NULL);
	grpc_channel_call(channel, "/t.T/Sleep", NULL, 0, 0, &stream_ops, &s);
	assert_true(wait_for(&s.status, -1)); /* the connection reached its age */
	assert_int_equal(GRPC_UNAVAILABLE, s.status);
	call(&r, "/t.T/Echo", SLICE("again"), 1000); /* a new one is made */
	assert_int_equal(GRPC_OK, r.status);
	buf_done(&r.response);
	grpc_server_drain(server);
	while (grpc_server_connections(server))
		loop_turn(loop, 10);
	call(&r, "/t.T/Echo", SLICE("gone"), 0);
	assert_int_equal(GRPC_UNAVAILABLE, r.status);
	stop();
}

static void framing(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		int r;
	} rows[] = {
		{"\0\0\0\0", 4, 0},         {"\0\0\0\0\0", 5, 1},          {"\0\0\0\0\2a", 6, 0},
		{"\0\0\0\0\2ab", 7, 1},     {"\0\0\0\0\13", 5, -EMSGSIZE}, {"\1\0\0\0\0", 5, -ENOTSUP},
		{"\2\0\0\0\0", 5, -EPROTO},
	};
	char text[GRPC_TIMEOUT_TEXT_MAX];
	struct slice m;
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(grpc_reader_done) struct grpc_reader r = {.max = 10};

		grpc_reader_add(&r, slice_make(rows[i].bytes, rows[i].n));
		assert_int_equal(rows[i].r, grpc_reader_next(&r, &m));
	}
	for (char flag = 0; flag < 3; flag++) {
		CLEANUP(grpc_reader_done) struct grpc_reader r = {.max = 10, .takes_compressed = true};

		grpc_reader_add(&r, slice_make(&flag, 1));
		grpc_reader_add(&r, slice_make("\0\0\0\1x", 5));
		assert_int_equal(flag < 2 ? 1 : -EPROTO, grpc_reader_next(&r, &m));
		assert_int_equal(flag == 1, r.compressed);
	}
	assert_int_equal(0, grpc_timeout_parse(SLICE("100m"), &ns));
	assert_int_equal(100000000, ns);
	assert_int_equal(-EINVAL, grpc_timeout_parse(SLICE("123456789S"), &ns));
	assert_int_equal(-EINVAL, grpc_timeout_parse(SLICE("5s"), &ns));
	grpc_timeout_format(1500000000, text);
	assert_string_equal("1500000u", text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unary),
		cmocka_unit_test(big_messages),
		cmocka_unit_test(streams),
		cmocka_unit_test(over_tls),
		cmocka_unit_test(failures),
		cmocka_unit_test(framing),
		cmocka_unit_test(crowds),
		cmocka_unit_test(silence),
		cmocka_unit_test(compressed),
		cmocka_unit_test(late_servers),
		cmocka_unit_test(compressed_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
