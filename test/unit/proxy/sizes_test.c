/*
 * What exchanges and idle connections hold: whoever makes them larger sees it here. Exchanges are counted under way, in
 * memory, with the filters that a sidecar has: their structs, and all that they took besides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"

#include "proxy/stream/stream_internal.h"

#define FILTER(name, type, more) "{name: " name ", typed_config: {'@type': type.googleapis.com/" type more "}}, "
/* In the order that weftd has. */
#define SIDECAR                                                                                                        \
	FILTER("a", "io.istio.http.peer_metadata.Config",                                                              \
	       ", upstream_discovery: [{istio_headers: {}}], upstream_propagation: [{istio_headers: {}}]")             \
	FILTER("b", "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig", "")                                   \
	FILTER("c", "envoy.extensions.filters.http.fault.v3.HTTPFault", "")                                            \
	FILTER("d", "envoy.extensions.filters.http.cors.v3.Cors", "")                                                  \
	FILTER("e", "stats.PluginConfig", "")

#define UPSTREAM_H2                                                                                                    \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: "           \
	"{http2_protocol_options: {}}}}"

#define EXCHANGES 64

static struct rig r;
static struct h2_peer client, origin;

static void start(void)
{
	int fd;

	rig_start(&r, rig_http_yaml(&(struct rig_http){
			      .hcm = "use_remote_address: true, stream_idle_timeout: 60s",
			      .filters = SIDECAR,
			      .route = "timeout: 10s, retry_policy: {retry_on: connect-failure, num_retries: 2}",
			      .cluster = UPSTREAM_H2,
		      }));
	h2_peer_start(&client, loopback_connect(RIG_LISTENER), false, NULL);
	(void)h2_peer_ask(&client, "GET", "/first", true, NULL, 0);
	h2_peer_run(&r, &client, NULL);
	fd = rig_accept(&r);
	assert_true(fd >= 0);
	h2_peer_start(&origin, fd, true, NULL);
	h2_peer_run(&r, &client, &origin);
}

static void stop(void)
{
	h2_peer_stop(&client);
	h2_peer_stop(&origin);
	rig_stop(&r);
}

/* All that exchanges under way have taken of the worker and of the heap. */
static size_t taken_bytes(unsigned *ret_n)
{
	size_t bytes = r.worker.buffers.taken * BUFFERS_FEW_BYTES;
	struct down *d;
	struct stream *s;

	*ret_n = 0;
	LIST_EACH (d, &r.worker.downs, link) {
		LIST_EACH (s, &d->streams, link) {
			bytes += sizeof(*s) + s->arena.bytes + (s->replay ? s->replay->cap : 0);
			++*ret_n;
		}
	}
	return bytes;
}

static void ask_many(const struct h2_header *fields, size_t n)
{
	for (int i = 1; i < EXCHANGES; i++)
		(void)h2_peer_ask(&client, "GET", "/products/1?page=2", true, fields, n);
	h2_peer_run(&r, &client, &origin);
}

/* About what browsers send, and servers answer. */
static const struct h2_header few[] = {
	{SLICE("user-agent"), SLICE("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), false},
	{SLICE("accept"), SLICE("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), false},
	{SLICE("accept-encoding"), SLICE("gzip, deflate, br"), false},
};

static const struct h2_header answer[] = {
	{SLICE(":status"), SLICE("200"), false},
	{SLICE("content-type"), SLICE("text/html; charset=utf-8"), false},
	{SLICE("content-length"), SLICE("4096"), false},
	{SLICE("cache-control"), SLICE("no-cache"), false},
	{SLICE("vary"), SLICE("Accept-Encoding"), false},
	{SLICE("etag"), SLICE("\"0123456789abcdef\""), false},
	{SLICE("server"), SLICE("nginx"), false},
	{SLICE("date"), SLICE("Tue, 01 Jan 2030 00:00:00 GMT"), false},
};

static void an_exchange_without_body(void **state)
{
	unsigned n;

	(void)state;
	start();
	ask_many(few, ARRAY_LEN(few));
	assert_in_range(taken_bytes(&n), 1, EXCHANGES * STREAM_BYTES);
	assert_int_equal(n, EXCHANGES);
	/* One is answered, but for its body. */
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, answer, ARRAY_LEN(answer), false), 0);
	h2_peer_run(&r, &client, &origin);
	assert_int_equal(r.worker.streams[STREAM_ANSWERING], 1);
	assert_in_range(taken_bytes(&n), 1, EXCHANGES * STREAM_BYTES);
	assert_int_equal(n, EXCHANGES);
	stop();
}

static void more_fields_take_more_and_give_it_back(void **state)
{
	static char names[28][8];
	struct h2_header v[28];
	unsigned n;
	size_t kept;

	(void)state;
	start();
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		snprintf(names[i], sizeof(names[i]), "x-%zu", i);
		v[i] = (struct h2_header){slice_str(names[i]), SLICE("value"), false};
	}
	ask_many(v, ARRAY_LEN(v));
	(void)taken_bytes(&n);
	assert_int_equal(n, EXCHANGES);
	kept = r.worker.buffers.taken;
	assert_int_equal(kept, EXCHANGES - 1);
	rig_close(&r, client.fd);
	assert_int_equal(r.worker.buffers.taken, 0);
	stop();
}

/* A client's connection and one to a server: when idle they have no exchange and no buffer. */
static void an_idle_pair(void **state)
{
	(void)state;
	assert_in_range(sizeof(struct down), 1, 1120);
	assert_in_range(sizeof(struct up), 1, 688);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_without_body),
		cmocka_unit_test(more_fields_take_more_and_give_it_back),
		cmocka_unit_test(an_idle_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
