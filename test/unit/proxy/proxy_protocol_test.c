/* PROXY headers on both sides: whom a connection is from, who is let in without, and who shares a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define LISTENER(more)                                                                                                 \
	"listener_filters: [{name: p, typed_config: {'@type': type.googleapis.com/"                                    \
	"envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol" more "}}]"
#define HTTP_TOO                                                                                                       \
	"listener_filters: [{name: p, typed_config: {'@type': type.googleapis.com/"                                    \
	"envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol}}, {name: h, typed_config: {'@type': "      \
	"type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector}}]"
#define UP(version)                                                                                                    \
	"transport_socket: {name: p, typed_config: {'@type': type.googleapis.com/"                                     \
	"envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport, config: "                \
	"{version: " version "}, transport_socket: {name: r, typed_config: {'@type': type.googleapis.com/"             \
	"envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer}}}}"
#define HELLO "PROXY TCP4 203.0.113.7 198.51.100.9 4711 80\r\n"
#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void introduces(void **state)
{
	static const struct {
		const char *listener, *bytes, *from; /* NULL = closed */
	} rows[] = {
		{LISTENER(""), HELLO GET, "x-forwarded-for: 203.0.113.7\r\n"},
		{HTTP_TOO, HELLO GET, "x-forwarded-for: 203.0.113.7\r\n"},
		{LISTENER(""), "PROXY UNKNOWN\r\n" GET, "x-forwarded-for: 10.0.0.200\r\n"},
		{LISTENER(""), GET, NULL},
		{HTTP_TOO, GET, NULL},
		{LISTENER(""), "PROXY TCP9\r\n" GET, NULL},
		{LISTENER(", disallowed_versions: [V1]"), HELLO GET, NULL},
		{LISTENER(", disallowed_versions: [V2]"), HELLO GET, "x-forwarded-for: 203.0.113.7\r\n"},
		{LISTENER(", allow_requests_without_proxy_protocol: true"), GET, "x-forwarded-for: 10.0.0.200\r\n"},
		{LISTENER(", allow_requests_without_proxy_protocol: true"), HELLO GET,
		 "x-forwarded-for: 203.0.113.7\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int split = 0; split < 2; split++) {
			struct rig r;
			int client, up;

			rig_start(&r, rig_http_yaml(&(struct rig_http){.listener = rows[i].listener,
								       .hcm = "use_remote_address: true"}));
			client = loopback_connect_from(RIG_LISTENER, "10.0.0.200:999");
			for (size_t k = 0; split && k < 8 && !loopback_ended(client); k++) {
				loopback_send_bytes(client, rows[i].bytes + k, 1);
				rig_run(&r);
			}
			if (!loopback_ended(client))
				rig_send(&r, client, rows[i].bytes + (split ? 8 : 0));
			up = rig_accept(&r);
			if ((up >= 0) != (rows[i].from != NULL) || loopback_ended(client) == (rows[i].from != NULL))
				fail_msg("row %zu, split %d: %d", i, split, up);
			if (up >= 0 && !strstr(loopback_got(up), rows[i].from))
				fail_msg("row %zu, split %d: not from there", i, split);
			rig_stop(&r);
		}
}

/* A connection is of one client's: another with other addresses gets one of his own. */
static void is_told_upstream(void **state)
{
	struct rig r;
	int a, b, up_a, up_b;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.cluster = UP("V1")}));
	a = loopback_connect_from(RIG_LISTENER, "10.0.0.201:1001");
	b = loopback_connect_from(RIG_LISTENER, "10.0.0.202:1002");
	rig_send(&r, a, GET);
	rig_send(&r, b, GET);
	up_a = rig_accept(&r);
	up_b = rig_accept(&r);
	assert_true(strncmp(loopback_got(up_a), "PROXY TCP4 10.0.0.201 10.0.0.9 1001 8080\r\nGET ", 46) == 0);
	assert_true(strncmp(loopback_got(up_b), "PROXY TCP4 10.0.0.202 10.0.0.9 1002 8080\r\nGET ", 46) == 0);
	rig_send(&r, up_b, OK);
	rig_send(&r, up_a, OK);
	/* Of the two that are idle the one that was used last, which comes first, is not b's. */
	rig_send(&r, b, GET);
	assert_true(strncmp(loopback_got(up_b), "GET ", 4) == 0);
	assert_string_equal(loopback_got(up_a), "");
	rig_stop(&r);
}

static void on_tcp(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_tcp_yaml(NULL, UP("V1")));
	client = loopback_connect_from(RIG_LISTENER, "10.0.0.201:1001");
	rig_send(&r, client, "hello");
	up = rig_accept(&r);
	assert_string_equal(loopback_got(up), "PROXY TCP4 10.0.0.201 10.0.0.9 1001 8080\r\nhello");
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(introduces), cmocka_unit_test(is_told_upstream),
					   cmocka_unit_test(on_tcp)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
