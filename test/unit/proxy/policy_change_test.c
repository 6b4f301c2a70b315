/*
 * A new policy reaches the connections that are there: what it denies is closed or answered so, everything else lives
 * on. Kept-alive, idle, under way, tunnels, bytes; and pooled connections to upstreams.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_Y "GET /y HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_UPGRADE "GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define SWITCH "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define UPGRADES "upgrade_configs: [{upgrade_type: websocket}]"

/* Denies paths that begin with this. */
#define DENY(path)                                                                                                     \
	"{name: rbac, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC, rules: " \
	"{action: DENY, policies: {p: {permissions: [{url_path: {path: {prefix: " path                                 \
	"}}}], principals: [{any: true}]}}}}}, "
#define NETWORK_DENY(port)                                                                                             \
	"{name: n, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, "        \
	"stat_prefix: n, rules: {action: DENY, policies: {p: {permissions: [{destination_port: " port                  \
	"}], principals: [{any: true}]}}}}}, "

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/* The text with the first occurrence of a part replaced. */
static const char *with(const char *text, const char *part, const char *instead)
{
	static char out[2][65536];
	static int turn;
	const char *at = strstr(text, part);

	assert_non_null(at);
	turn = !turn;
	snprintf(out[turn], sizeof(out[turn]), "%.*s%s%s", (int)(at - text), text, instead, at + strlen(part));
	return out[turn];
}

static const char *plain(const char *filters)
{
	return rig_http_yaml(&(struct rig_http){.hcm = UPGRADES, .filters = filters});
}

/* One exchange on a new connection, which stays open. */
static int kept_alive(struct rig *r, int *ret_up)
{
	int client = rig_request(r, GET);

	*ret_up = rig_accept(r);
	rig_send(r, *ret_up, OK);
	assert_has(loopback_got(client), "200 OK");
	(void)loopback_got(*ret_up);
	return client;
}

static void next_request_goes_by_the_new_policy(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, plain(NULL));
	client = kept_alive(&r, &up);
	rig_configure(&r, plain(DENY("/x")));
	assert_false(loopback_ended(client));
	rig_send(&r, client, GET);
	assert_has(loopback_got(client), "403 Forbidden");
	assert_string_equal(loopback_got(up), "");
	/* what is not denied passes on the same connections */
	rig_send(&r, client, GET_Y);
	assert_has(loopback_got(up), "GET /y");
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	assert_false(loopback_ended(client) || loopback_ended(up));
	/* and back */
	rig_configure(&r, plain(NULL));
	rig_send(&r, client, GET);
	assert_has(loopback_got(up), "GET /x");
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	rig_stop(&r);
}

/* Part of a head is there when the policy changes. */
static void half_a_request_goes_by_the_new_policy(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, plain(NULL));
	client = kept_alive(&r, &up);
	rig_send(&r, client, "GET /x HTTP/1.1\r\nHo");
	rig_configure(&r, plain(DENY("/x")));
	rig_send(&r, client, "st: a\r\n\r\n");
	assert_has(loopback_got(client), "403 Forbidden");
	assert_string_equal(loopback_got(up), "");
	rig_stop(&r);
}

static void exchange_under_way(void **state)
{
	struct rig r;
	int denied, begun, passes, up_denied, up_begun, up_passes;

	(void)state;
	rig_start(&r, plain(NULL));
	denied = rig_request(&r, GET);
	up_denied = rig_accept(&r);
	begun = rig_request(&r, GET);
	up_begun = rig_accept(&r);
	rig_send(&r, up_begun, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok");
	passes = rig_request(&r, GET_Y);
	up_passes = rig_accept(&r);
	rig_configure(&r, plain(DENY("/x")));
	assert_has(loopback_got(denied), "403 Forbidden");
	(void)loopback_got(up_denied);
	assert_true(loopback_ended(up_denied));
	assert_has(loopback_got(begun), "200 OK");
	(void)loopback_got(up_begun);
	assert_true(loopback_ended(begun) && loopback_ended(up_begun));
	assert_false(loopback_ended(passes));
	rig_send(&r, up_passes, OK);
	assert_has(loopback_got(passes), "200 OK");
	assert_has(rig_log(&r), "rbac_access_denied_matched_policy[p]");
	rig_stop(&r);
}

/* The route takes away what the policy asks for: it was so before, too, and is no news. */
static void changed_head_is_no_denial(void **state)
{
	static const char need[] =
		"{name: rbac, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC, "
		"rules: {action: ALLOW, policies: {%s: {permissions: [{header: {name: x-key, present_match: true}}], "
		"principals: [{any: true}]}}}}}, ";
	struct rig_http h = {.around = "request_headers_to_remove: [x-key]"};
	char one[1024], two[1024];
	struct rig r;
	int client, up;

	(void)state;
	snprintf(one, sizeof(one), need, "one");
	snprintf(two, sizeof(two), need, "two");
	h.filters = one;
	rig_start(&r, rig_http_yaml(&h));
	client = rig_request(&r, "GET /x HTTP/1.1\r\nHost: a\r\nx-key: k\r\n\r\n");
	up = rig_accept(&r);
	assert_null(strstr(loopback_got(up), "x-key"));
	h.filters = two;
	rig_configure(&r, rig_http_yaml(&h));
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	rig_stop(&r);
}

static void tunnel_is_cut(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, plain(NULL));
	client = rig_request(&r, GET_UPGRADE);
	up = rig_accept(&r);
	rig_send(&r, up, SWITCH);
	assert_has(loopback_got(client), "101");
	rig_configure(&r, plain(DENY("/y")));
	rig_send(&r, client, "still");
	assert_has(loopback_got(up), "still");
	rig_configure(&r, plain(DENY("/x")));
	assert_true(loopback_ended(client) && loopback_ended(up));
	rig_stop(&r);
}

static void network_rules_close_http(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, plain(NULL));
	client = kept_alive(&r, &up);
	rig_configure(&r, with(plain(NULL), "filters: [", "filters: [" NETWORK_DENY("9")));
	assert_false(loopback_ended(client));
	rig_configure(&r, with(plain(NULL), "filters: [", "filters: [" NETWORK_DENY("8080")));
	assert_true(loopback_ended(client));
	assert_false(loopback_ended(up));
	rig_stop(&r);
}

static void bytes(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_tcp_yaml(NULL, NULL));
	client = rig_request(&r, "one");
	up = rig_accept(&r);
	rig_configure(&r, with(rig_tcp_yaml(NULL, NULL), "filters: [", "filters: [" NETWORK_DENY("9")));
	rig_send(&r, client, "two");
	assert_string_equal(loopback_got(up), "onetwo");
	/* once more: the connection still goes by its first configuration, the question is the newest's */
	rig_configure(&r, with(rig_tcp_yaml(NULL, NULL), "filters: [", "filters: [" NETWORK_DENY("8080")));
	assert_true(loopback_ended(client) && loopback_ended(up));
	assert_has(rig_log(&r), "UAEX");
	rig_stop(&r);
}

#define INBOUND(text) with(text, "- name: l\n", "- name: l\n  traffic_direction: INBOUND\n")
#define TLS_ONLY "filter_chain_match: {transport_protocol: tls}"

/* Only TLS may come in from now on, and the client is plain: idle or under way, HTTP or bytes, it is closed. */
static void strict_closes_plain(void **state)
{
	struct rig_http strict = {.hcm = UPGRADES, .chain = TLS_ONLY};
	struct rig r;
	int idle, under_way, up;

	(void)state;
	rig_start(&r, INBOUND(plain(NULL)));
	under_way = rig_request(&r, GET);
	assert_true(rig_accept(&r) >= 0);
	idle = kept_alive(&r, &up);
	rig_configure(&r, INBOUND(rig_http_yaml(&strict)));
	assert_true(loopback_ended(idle) && loopback_ended(under_way));
	assert_false(loopback_ended(up));
	rig_stop(&r);

	rig_start(&r, INBOUND(rig_tcp_yaml(NULL, NULL)));
	idle = rig_request(&r, "one");
	rig_configure(&r, with(INBOUND(rig_tcp_yaml(NULL, NULL)), "filters: [", TLS_ONLY ", filters: ["));
	assert_true(loopback_ended(idle));
	rig_stop(&r);
}

/* The same chain now asks for TLS, which the client never spoke. */
static void tls_instead_of_plain(void **state)
{
	struct rig_http tls = {
		.chain = "transport_socket: {name: t, typed_config: {'@type': type.googleapis.com/"
			 "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: "
			 "{tls_certificates: [{certificate_chain: {inline_string: c}, private_key: {inline_string: "
			 "k}}]}}}"};
	struct rig r;
	int idle, up;

	(void)state;
	rig_start(&r, plain(NULL));
	idle = kept_alive(&r, &up);
	rig_configure(&r, rig_http_yaml(&tls));
	assert_true(loopback_ended(idle));
	rig_stop(&r);
}

/* A host of a gateway is gone: who idles is closed, who is served is served to the end. */
static void gone_chain_drains(void **state)
{
	struct rig r;
	int idle, under_way, up, up_idle;

	(void)state;
	rig_start(&r, plain(NULL));
	under_way = rig_request(&r, GET);
	up = rig_accept(&r);
	idle = kept_alive(&r, &up_idle);
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.chain = TLS_ONLY}));
	assert_true(loopback_ended(idle));
	assert_false(loopback_ended(under_way));
	rig_send(&r, up, OK);
	assert_has(loopback_got(under_way), "connection: close");
	assert_true(loopback_ended(under_way));
	rig_stop(&r);
}

#define TLS_CLUSTER                                                                                                    \
	"transport_socket: {name: t, typed_config: {'@type': type.googleapis.com/"                                     \
	"envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, sni: b}}"

/* Pooled connections to an upstream: other settings of the cluster leave them, another transport does not. */
static void pool_follows_the_transport(void **state)
{
	struct rig_http h = {.cluster = "circuit_breakers: {thresholds: [{max_requests: 9}]}"};
	struct rig r;
	int client, up, busy, up_busy;

	(void)state;
	rig_start(&r, plain(NULL));
	client = kept_alive(&r, &up);
	rig_configure(&r, rig_http_yaml(&h));
	assert_false(loopback_ended(up));
	rig_send(&r, client, GET);
	assert_has(loopback_got(up), "GET /x");
	rig_send(&r, up, OK);
	busy = client;
	rig_send(&r, busy, GET);
	up_busy = up;
	int other = kept_alive(&r, &up);
	h.cluster = TLS_CLUSTER;
	rig_configure(&r, rig_http_yaml(&h));
	assert_true(loopback_ended(up));
	assert_false(loopback_ended(other) || loopback_ended(up_busy));
	(void)loopback_got(up_busy);
	rig_send(&r, up_busy, OK);
	assert_has(loopback_got(busy), "200 OK");
	assert_true(loopback_ended(up_busy));
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_request_goes_by_the_new_policy),
		cmocka_unit_test(half_a_request_goes_by_the_new_policy),
		cmocka_unit_test(exchange_under_way),
		cmocka_unit_test(changed_head_is_no_denial),
		cmocka_unit_test(tunnel_is_cut),
		cmocka_unit_test(network_rules_close_http),
		cmocka_unit_test(bytes),
		cmocka_unit_test(strict_closes_plain),
		cmocka_unit_test(tls_instead_of_plain),
		cmocka_unit_test(gone_chain_drains),
		cmocka_unit_test(pool_follows_the_transport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
