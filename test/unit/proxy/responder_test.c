/* Questions of a pod, over real sockets of the loopback: what is answered here, what is passed on and what comes of it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "dns/message.h"
#include "istio/nds.pb-c.h"
#include "proxy/dns/responder.h"
#include "xds/json.h"
#include "xds/pb.h"

#define WAIT_MS 20000
#define TABLE                                                                                                          \
	"{\"table\":{\"web.shop.svc.cluster.local\":{\"ips\":[\"10.0.0.1\"],\"registry\":\"Kubernetes\","              \
	"\"shortname\":\"web\",\"namespace\":\"shop\"},\"api.example.com\":{\"ips\":[\"10.0.0.4\",\"fd00::4\"]},"      \
	"\"many.example.com\":{\"ips\":[%s]}}}"
#define MANY 100

struct rig {
	struct loop *loop;
	struct responder *r;
	uint16_t port;
	int client;    /* asks over UDP */
	int server[2]; /* answer over UDP */
	struct dns_resolv conf;
	char got[65536];
	ssize_t len;
};

/* The condition, which may do something, becomes true while the loop runs. */
#define WAIT_FOR(x, condition)                                                                                         \
	do {                                                                                                           \
		const int64_t until_ = clock_mono_ns() + WAIT_MS * (int64_t)NS_PER_MS;                                 \
		bool is_;                                                                                              \
		while (!(is_ = (condition)) && clock_mono_ns() < until_)                                               \
			loop_turn((x)->loop, 5);                                                                       \
		assert_true(is_);                                                                                      \
	} while (0)

static int bound(int type, struct addr *a)
{
	const int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_int_equal(addr_parse(SLICE("127.0.0.1"), 0, a), 0);
	assert_int_equal(bind(fd, &a->sa, a->len), 0);
	assert_int_equal(socket_local_addr(fd, a), 0);
	return fd;
}

/* A port that is free over both. */
static uint16_t free_port(void)
{
	struct addr a;
	const int fd = bound(SOCK_DGRAM, &a);

	close(fd);
	return addr_port(&a);
}

static void rig_init_of(struct rig *x, int64_t try_ms)
{
	struct addr at;

	memset(x, 0, sizeof(*x));
	x->loop = loop_new();
	for (size_t i = 0; i < ARRAY_LEN(x->server); i++)
		x->server[i] = bound(SOCK_DGRAM, &x->conf.servers[x->conf.n_servers++]);
	x->conf.search = "";
	x->port = free_port();
	const struct responder_params p = {.conf = x->conf,
					   .scope = {"shop", "svc.cluster.local", "shop.svc.cluster.local"},
					   .try_ms = try_ms,
					   .port = x->port};

	assert_int_equal(responder_start(x->loop, &p, &x->r, NULL), 0);
	x->client = bound(SOCK_DGRAM, &at);
	addr_parse(SLICE("127.0.0.1"), x->port, &at);
	assert_int_equal(connect(x->client, &at.sa, at.len), 0);
}

static void rig_init(struct rig *x)
{
	rig_init_of(x, 0);
}

static void rig_done(struct rig *x)
{
	responder_free(x->r);
	close(x->client);
	for (size_t i = 0; i < ARRAY_LEN(x->server); i++)
		close(x->server[i]);
	loop_free(x->loop);
}

static void set_table(struct rig *x)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf bytes = BUF_INIT, ips = BUF_INIT, json = BUF_INIT;
	struct name_table *t;
	cJSON *j;

	for (int i = 0; i < MANY; i++)
		buf_printf(&ips, "%s\"10.1.0.%d\"", i ? "," : "", i);
	buf_printf(&json, TABLE, buf_str(&ips));
	j = cJSON_Parse(buf_str(&json));
	pb_pack(pb_from_json(&a, &istio__networking__nds__v1__name_table__descriptor, j, NULL), &bytes);
	cJSON_Delete(j);
	t = name_table_decode(buf_slice(&bytes), NULL);
	assert_non_null(t);
	responder_set_table(x->r, t);
}

static void query(struct buf *out, const char *name, unsigned type)
{
	static const char header[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};

	buf_append(out, header, sizeof(header));
	dns_put_name(out, name);
	dns_put16(out, type);
	dns_put16(out, DNS_CLASS_IN);
}

/* With EDNS, for that many bytes. */
static void add_edns(struct buf *q, unsigned bytes)
{
	static const char head[] = {0, 0, DNS_OPT};

	q->ptr[11] = 1;
	buf_append(q, head, sizeof(head));
	dns_put16(q, bytes);
	dns_put32(q, 0);
	dns_put16(q, 0);
}

static void ask_bytes(struct rig *x, const struct buf *q)
{
	assert_int_equal(send(x->client, q->ptr, q->len, 0), q->len);
}

static void ask(struct rig *x, const char *name, unsigned type)
{
	CLEANUP(buf_done) struct buf q = BUF_INIT;

	query(&q, name, type);
	ask_bytes(x, &q);
}

static bool has_got(struct rig *x, int fd)
{
	x->len = recv(fd, x->got, sizeof(x->got), 0);
	return x->len >= 0;
}

static struct slice got(const struct rig *x)
{
	return slice_make(x->got, (size_t)x->len);
}

static unsigned rcode(const struct rig *x)
{
	return dns_get16(got(x), 2) & DNS_RCODE_MASK;
}

static void answers_of_the_table(void **state)
{
	static const struct {
		const char *name;
		unsigned type;
		unsigned n; /* records */
		const char *last;
		size_t size; /* of the last address */
	} rows[] = {
		{"web", DNS_A, 1, "\x0a\0\0\1", 4},
		{"WEB.shop.svc.cluster.local", DNS_A, 1, "\x0a\0\0\1", 4},
		{"web.shop", DNS_AAAA, 0, NULL, 0},
		{"api.example.com", DNS_A, 1, "\x0a\0\0\4", 4},
		{"api.example.com", DNS_AAAA, 1, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\4", 16},
		{"api.example.com.shop.svc.cluster.local", DNS_A, 2, "\x0a\0\0\4", 4},
		{"web.shop.shop.svc.cluster.local", DNS_AAAA, 0, NULL, 0},
	};
	struct rig x;

	(void)state;
	rig_init(&x);
	set_table(&x);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ask(&x, rows[i].name, rows[i].type);
		WAIT_FOR(&x, has_got(&x, x.client));
		if (dns_get16(got(&x), 0) != 0x1234 || dns_get16(got(&x), 2) != 0x8580 ||
		    dns_get16(got(&x), 6) != rows[i].n ||
		    memcmp(x.got + x.len - rows[i].size, rows[i].last ? rows[i].last : "", rows[i].size) != 0)
			fail_msg("%s: flags %x, %u records", rows[i].name, dns_get16(got(&x), 2),
				 dns_get16(got(&x), 6));
	}
	assert_true(responder_ready(x.r));
	rig_done(&x);
}

/* What has no room is cut and marked; with EDNS, and over TCP, there is more. */
static void many_addresses(void **state)
{
	CLEANUP(buf_done) struct buf q = BUF_INIT, stream = BUF_INIT;
	struct addr at;
	struct rig x;
	int fd;

	(void)state;
	rig_init(&x);
	set_table(&x);
	query(&q, "many.example.com", DNS_A);
	ask_bytes(&x, &q);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_in_range(x.len, 400, DNS_UDP_MAX_BYTES);
	assert_true(dns_get16(got(&x), 2) & DNS_FLAG_TRUNCATED);
	add_edns(&q, 4000);
	ask_bytes(&x, &q);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_false(dns_get16(got(&x), 2) & DNS_FLAG_TRUNCATED);
	assert_int_equal(dns_get16(got(&x), 6), MANY);

	fd = socket(AF_INET, SOCK_STREAM, 0);
	addr_parse(SLICE("127.0.0.1"), x.port, &at);
	assert_int_equal(connect(fd, &at.sa, at.len), 0);
	for (int i = 0; i < 2; i++) { /* two in one write */
		dns_put16(&stream, (unsigned)q.len);
		buf_append_slice(&stream, buf_slice(&q));
	}
	assert_int_equal(send(fd, stream.ptr, stream.len, 0), stream.len);
	shutdown(fd, SHUT_WR);
	buf_clear(&stream);
	WAIT_FOR(&x, (x.len = recv(fd, buf_reserve(&stream, 4096), 4096, MSG_DONTWAIT)) == 0 ||
			     (x.len > 0 && (stream.len += (size_t)x.len) == 0));
	assert_int_equal(stream.len, 2 * (2 + dns_get16(buf_slice(&stream), 0)));
	assert_int_equal(dns_get16(slice_from(buf_slice(&stream), 2), 6), MANY);
	close(fd);
	rig_done(&x);
}

/* Before the first table nobody else is asked. */
static void no_table_yet(void **state)
{
	struct rig x;

	(void)state;
	rig_init(&x);
	assert_false(responder_ready(x.r));
	ask(&x, "www.example.org", DNS_A);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(rcode(&x), DNS_SERVER_FAILURE);
	assert_int_equal(dns_get16(got(&x), 4), 1);
	assert_false(has_got(&x, x.server[0]));
	rig_done(&x);
}

struct passed {
	char bytes[DNS_EDNS_MAX_BYTES];
	size_t len;
	struct addr from;
};

static bool passed_on(int fd, struct passed *ret)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	const ssize_t n = recvfrom(fd, ret->bytes, sizeof(ret->bytes), 0, (struct sockaddr *)&from, &len);

	if (n < 0)
		return false;
	ret->len = (size_t)n;
	memcpy(&ret->from.sa, &from, len);
	ret->from.len = len;
	return true;
}

static void answer_from(int fd, const struct passed *q)
{
	assert_int_equal(sendto(fd, q->bytes, q->len, 0, &q->from.sa, q->from.len), q->len);
}

/* Only the answer counts: of the server asked, with the number and the question of this try. */
static void what_is_passed_on(void **state)
{
	struct passed q, other;
	struct rig x;

	(void)state;
	rig_init(&x);
	set_table(&x);
	ask(&x, "WWW.example.org", DNS_A);
	WAIT_FOR(&x, passed_on(x.server[0], &q));
	assert_int_equal(q.len, 33);
	assert_memory_equal(q.bytes + 2, "\1\0\0\1\0\0\0\0\0\0\3WWW\7example\3org\0\0\1\0\1", 31);
	q.bytes[2] |= (char)0x80;
	other = q;
	answer_from(x.server[1], &q);
	other.bytes[0] ^= 1;
	answer_from(x.server[0], &other);
	other = q;
	other.bytes[2] &= 0x7f;
	answer_from(x.server[0], &other);
	other = q;
	other.bytes[14] = 'x';
	answer_from(x.server[0], &other);
	other = q;
	other.bytes[30] = 2;
	answer_from(x.server[0], &other);
	q.bytes[13] = 'w'; /* a letter's case is none of the name's */
	q.bytes[3] = DNS_NO_NAME;
	answer_from(x.server[0], &q);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(dns_get16(got(&x), 0), 0x1234);
	assert_int_equal(rcode(&x), DNS_NO_NAME);
	assert_false(has_got(&x, x.client));
	rig_done(&x);
}

/* Types that the table has not, classes, and names that text cannot hold. */
static void others_are_passed_on(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{"\3api\7example\3com\0\0\x1c\0\3", 21},
		{"\3api\7example\3com\0\0\x41\0\1", 21},
		{"\xb"
		 "api.example\3com\0\0\1\0\1",
		 21},
	};
	struct passed q;
	struct rig x;

	(void)state;
	rig_init(&x);
	set_table(&x);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT;

		query(&b, "", DNS_A);
		b.len = DNS_HEADER_BYTES;
		buf_append(&b, rows[i].bytes, rows[i].len);
		ask_bytes(&x, &b);
		WAIT_FOR(&x, passed_on(x.server[0], &q));
		assert_memory_equal(q.bytes + 2, b.ptr + 2, b.len - 2);
	}
	rig_done(&x);
}

/* A server that is not there is known at once; when there is none at all it is a failure. */
static void servers_in_turn(void **state)
{
	CLEANUP(buf_done) struct buf metrics = BUF_INIT;
	struct passed q;
	struct rig x;

	(void)state;
	rig_init(&x);
	set_table(&x);
	close(x.server[0]);
	ask(&x, "www.example.org", DNS_A);
	WAIT_FOR(&x, passed_on(x.server[1], &q));
	q.bytes[2] |= (char)0x80;
	answer_from(x.server[1], &q);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(rcode(&x), DNS_OK);
	close(x.server[1]);
	ask(&x, "www.example.org", DNS_A);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(rcode(&x), DNS_SERVER_FAILURE);
	responder_metrics(x.r, &metrics);
	assert_non_null(strstr(buf_str(&metrics), "istio_agent_dns_requests_total 2\n"));
	assert_non_null(strstr(buf_str(&metrics), "istio_agent_dns_upstream_requests_total 2\n"));
	assert_non_null(strstr(buf_str(&metrics), "istio_agent_dns_upstream_failures_total 1\n"));
	assert_non_null(strstr(buf_str(&metrics), "dns_upstream_request_duration_seconds_bucket{le=\"+Inf\"} 2\n"));
	assert_non_null(strstr(buf_str(&metrics), "dns_upstream_request_duration_seconds_count 2\n"));
	x.server[0] = x.server[1] = -1;
	rig_done(&x);
}

/* Who is silent is left for the next, and asked once more; a late answer is none. */
static void silent_servers(void **state)
{
	struct passed first, q;
	struct rig x;

	(void)state;
	rig_init_of(&x, 10);
	set_table(&x);
	ask(&x, "www.example.org", DNS_A);
	WAIT_FOR(&x, passed_on(x.server[0], &first));
	WAIT_FOR(&x, passed_on(x.server[1], &q));
	first.bytes[2] |= (char)0x80;
	answer_from(x.server[0], &first);
	WAIT_FOR(&x, passed_on(x.server[0], &q));
	WAIT_FOR(&x, passed_on(x.server[1], &q));
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(rcode(&x), DNS_SERVER_FAILURE);
	assert_false(passed_on(x.server[0], &q));
	rig_done(&x);
}

/* Questions under way and connections have limits. */
static void limits(void **state)
{
	struct addr at;
	struct rig x;
	int fds[DNS_CONNECTIONS_MAX + 1];

	(void)state;
	rig_init(&x);
	set_table(&x);
	for (int i = 0; i <= DNS_FORWARD_MAX; i++) {
		ask(&x, "www.example.org", DNS_A);
		loop_turn(x.loop, 0);
	}
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(rcode(&x), DNS_SERVER_FAILURE);
	assert_false(has_got(&x, x.client));
	addr_parse(SLICE("127.0.0.1"), x.port, &at);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(fds[i], &at.sa, at.len), 0);
		loop_turn(x.loop, 0);
	}
	WAIT_FOR(&x, recv(fds[DNS_CONNECTIONS_MAX], x.got, 1, MSG_DONTWAIT) == 0);
	assert_int_equal(recv(fds[DNS_CONNECTIONS_MAX - 1], x.got, 1, MSG_DONTWAIT), -1);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	rig_done(&x);
}

/* Of one connection only so many questions are under way; the others wait for their turn. */
static void patient_streams(void **state)
{
	CLEANUP(buf_done) struct buf q = BUF_INIT, stream = BUF_INIT;
	struct passed p;
	struct addr at;
	struct rig x;
	int fd, listener, up[DNS_UNANSWERED_MAX + 1];
	size_t n = 0;

	(void)state;
	rig_init(&x);
	set_table(&x);
	listener = socket_listen(&x.conf.servers[0], 64, 0, NULL);
	query(&q, "www.example.org", DNS_A);
	for (int i = 0; i <= DNS_UNANSWERED_MAX; i++) {
		dns_put16(&stream, (unsigned)q.len);
		buf_append_slice(&stream, buf_slice(&q));
	}
	addr_parse(SLICE("127.0.0.1"), x.port, &at);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, &at.sa, at.len), 0);
	assert_int_equal(send(fd, stream.ptr, stream.len, 0), stream.len);
	while (n < DNS_UNANSWERED_MAX) {
		WAIT_FOR(&x, (up[n] = socket_accept(listener, NULL)) >= 0);
		n++;
	}
	ask(&x, "www.example.org", DNS_A); /* all that came before was looked at */
	WAIT_FOR(&x, passed_on(x.server[0], &p));
	assert_true(socket_accept(listener, NULL) < 0);
	WAIT_FOR(&x, (x.len = recv(up[0], x.got, sizeof(x.got), 0)) == 35);
	x.got[4] |= (char)0x80;
	assert_int_equal(send(up[0], x.got, 35, 0), 35);
	WAIT_FOR(&x, (up[n] = socket_accept(listener, NULL)) >= 0);
	for (size_t i = 0; i <= n; i++)
		close(up[i]);
	close(fd);
	close(listener);
	rig_done(&x);
}

/* More than the asker takes is told as too long. */
static void long_answers(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct passed q;
	struct rig x;

	(void)state;
	rig_init(&x);
	set_table(&x);
	ask(&x, "www.example.org", DNS_A);
	WAIT_FOR(&x, passed_on(x.server[0], &q));
	memset(q.bytes + q.len, 0, DNS_UDP_MAX_BYTES);
	q.bytes[2] |= (char)0x80;
	q.len = DNS_UDP_MAX_BYTES + 1;
	answer_from(x.server[0], &q);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(x.len, 33);
	assert_true(dns_get16(got(&x), 2) & DNS_FLAG_TRUNCATED);
	query(&b, "www.example.org", DNS_A);
	add_edns(&b, 1000);
	ask_bytes(&x, &b);
	WAIT_FOR(&x, passed_on(x.server[0], &q));
	q.bytes[2] |= (char)0x80;
	q.len = DNS_UDP_MAX_BYTES + 1;
	answer_from(x.server[0], &q);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(x.len, DNS_UDP_MAX_BYTES + 1);
	rig_done(&x);
}

/* What came over TCP goes on over TCP. A connection that ends loses its answer, and nothing else. */
static void streams(void **state)
{
	CLEANUP(buf_done) struct buf q = BUF_INIT, stream = BUF_INIT;
	struct addr at;
	struct rig x;
	char in[64];
	int fd, up = -1, listener;

	(void)state;
	rig_init(&x);
	set_table(&x);
	listener = socket_listen(&x.conf.servers[0], 4, 0, NULL);
	assert_true(listener >= 0);
	query(&q, "www.example.org", DNS_A);
	dns_put16(&stream, (unsigned)q.len);
	buf_append_slice(&stream, buf_slice(&q));
	addr_parse(SLICE("127.0.0.1"), x.port, &at);
	for (int i = 0; i < 2; i++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(fd, &at.sa, at.len), 0);
		assert_int_equal(send(fd, stream.ptr, stream.len, 0), stream.len);
		WAIT_FOR(&x, (up = socket_accept(listener, NULL)) >= 0);
		WAIT_FOR(&x, (x.len = recv(up, in, sizeof(in), 0)) > 0);
		assert_int_equal(x.len, 35);
		in[4] |= (char)0x80;
		if (i == 0)
			close(fd);
		assert_int_equal(send(up, in, (size_t)x.len, 0), x.len);
		if (i == 1)
			WAIT_FOR(&x, (x.len = recv(fd, in, sizeof(in), MSG_DONTWAIT)) == 35);
		close(up);
	}
	assert_memory_equal(in + 2, "\x12\x34\x81", 3);
	close(fd);
	close(listener);
	rig_done(&x);
}

/* What is no query has no answer, or the code that says why not. */
static void malformed(void **state)
{
	CLEANUP(buf_done) struct buf q = BUF_INIT;
	struct rig x;

	(void)state;
	rig_init(&x);
	set_table(&x);
	query(&q, "web", DNS_A);
	q.ptr[2] |= (char)0x80;
	ask_bytes(&x, &q); /* an answer */
	q.len = 11;
	ask_bytes(&x, &q); /* no header */
	q.len = 12;
	q.ptr[2] = 1;
	ask_bytes(&x, &q); /* no question */
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(rcode(&x), DNS_FORMAT);
	q.ptr[2] = 0x10; /* another operation */
	ask_bytes(&x, &q);
	WAIT_FOR(&x, has_got(&x, x.client));
	assert_int_equal(rcode(&x), DNS_NOT_IMPLEMENTED);
	rig_done(&x);
}

/* A port that is taken is said. */
static void taken_port(void **state)
{
	struct err e = ERR_INIT;
	struct responder *other = NULL;
	struct rig x;

	(void)state;
	rig_init(&x);
	const struct responder_params p = {.conf = x.conf, .scope = {"", "", ""}, .port = x.port};

	assert_int_equal(responder_start(x.loop, &p, &other, &e), -EADDRINUSE);
	assert_non_null(strstr(e.msg, "listen on 127.0.0.1:"));
	rig_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_the_table),
		cmocka_unit_test(many_addresses),
		cmocka_unit_test(no_table_yet),
		cmocka_unit_test(what_is_passed_on),
		cmocka_unit_test(others_are_passed_on),
		cmocka_unit_test(servers_in_turn),
		cmocka_unit_test(long_answers),
		cmocka_unit_test(streams),
		cmocka_unit_test(malformed),
		cmocka_unit_test(taken_port),
		cmocka_unit_test(silent_servers),
		cmocka_unit_test(limits),
		cmocka_unit_test(patient_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
