/* Ports that do not say what they speak: each side finds out by the first bytes where the mesh says so, else it is TCP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"

#define WEB_AT(port) "outbound|" port "||web.shop.svc.cluster.local"
#define WEB WEB_AT("9000")
#define VS(host, spec)                                                                                                 \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: " \
	"{hosts: [" host "], " spec "}}"
#define SIDECAR(spec)                                                                                                  \
	"{apiVersion: networking.istio.io/v1beta1, kind: Sidecar, metadata: {name: s, namespace: shop}, spec: {" spec  \
	"}}"
#define ENTRY(spec)                                                                                                    \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, namespace: shop}, spec: {"  \
	"hosts: [out.example], resolution: DNS, location: MESH_EXTERNAL, " spec "}}"

static const char web[] = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {clusterIP: "
			  "10.96.0.31, selector: {app: web}, ports: [{name: main, port: 9000}, {port: 3306}]}}";

static void start(struct scene *s, bool inbound, bool outbound, const char *more)
{
	const struct mesh_settings set = {.root_namespace = "istio-system",
					  .revision = "basic",
					  .sniff_inbound = inbound,
					  .sniff_outbound = outbound};
	const char *const yaml[] = {world_shop, web, more, NULL};
	struct proxy p;

	*s = (struct scene){0};
	p = world_proxy(&s->a, "sidecar", "shop", "app=web");
	scene_init_of(s, &p, &set, "protocolDetectionTimeout: 3s", yaml);
}

#define TO_WEB .ip = "10.96.0.31", .port = 9000

static const struct {
	bool on;
	const char *more;
	struct decide_conn conn;
	const char *host; /* NULL: bytes */
	const char *to;
} out[] = {
	/* Off: bytes. */
	{false, NULL, {TO_WEB, .alpn = "http/1.1"}, NULL, WEB},
	{false,
	 VS("web", "http: [{route: [{destination: {host: catalog}}]}]"),
	 {TO_WEB, .alpn = "http/1.1"},
	 NULL,
	 WEB},
	/* On: HTTP is routed, under whatever name; all else is bytes. */
	{true, NULL, {TO_WEB, .alpn = "http/1.1"}, "web", WEB},
	{true, NULL, {TO_WEB, .alpn = "h2c"}, "else.example:1", WEB},
	{true, NULL, {TO_WEB}, NULL, WEB},
	{true, NULL, {TO_WEB, .tls = true, .sni = "web", .alpn = "h2"}, NULL, WEB},
	{true,
	 VS("web", "http: [{route: [{destination: {host: catalog, port: {number: 8080}}}]}]"),
	 {TO_WEB, .alpn = "http/1.1"},
	 "web",
	 "outbound|8080||catalog.shop.svc.cluster.local"},
	{true, VS("web", "http: [{route: [{destination: {host: catalog}}]}]"), {TO_WEB}, NULL, WEB},
	/* Where servers speak first nobody waits for the client. */
	{true, NULL, {.ip = "10.96.0.31", .port = 3306, .alpn = "http/1.1"}, NULL, WEB_AT("3306")},
	/* What has no address of its own is found by its name. */
	{true,
	 ENTRY("ports: [{number: 9001, name: x}]"),
	 {.ip = "192.0.2.5", .port = 9001, .alpn = "http/1.1"},
	 "out.example",
	 "outbound|9001||out.example"},
	{true,
	 ENTRY("ports: [{number: 9001, name: x}]"),
	 {.ip = "192.0.2.5", .port = 9001},
	 NULL,
	 "outbound|9001||out.example"},
	{true,
	 SIDECAR("egress: [{captureMode: NONE, hosts: ['./*']}]"),
	 {.listener = "127.0.0.1_9000", .ip = "127.0.0.1", .port = 9000, .alpn = "http/1.1"},
	 "web",
	 WEB},
	{true,
	 SIDECAR("egress: [{captureMode: NONE, hosts: ['./*']}]"),
	 {.listener = "127.0.0.1_9000", .ip = "127.0.0.1", .port = 9000, .alpn = "http/1.1"},
	 "nobody",
	 "PassthroughCluster"},
	/* Rules that choose by networks are for bytes. */
	{true,
	 VS("web", "tcp: [{match: [{sourceSubnet: 10.9.0.0/16}], route: [{destination: {host: db}}]}]"),
	 {TO_WEB, .alpn = "http/1.1", .from = "10.9.0.1"},
	 NULL,
	 "outbound|5432||db.shop.svc.cluster.local"},
};

static void outbound(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(out); i++) {
		struct scene s;
		const char *got;

		start(&s, false, out[i].on, out[i].more);
		got = out[i].host ? decide_http(&s.d, &s.a, &out[i].conn, out[i].host, "/")
				  : decide_tcp(&s.d, &s.a, &out[i].conn);
		if (strcmp(got, out[i].to) != 0)
			fail_msg("row %zu: expected %s, got %s", i, out[i].to, got);
		if (strncmp(got, "outbound", 8) == 0)
			assert_non_null(decide_cluster(&s.d, got).spec);
		scene_done(&s);
	}
}

/* The first bytes are waited for as long as the mesh says, and only where they matter. */
static void waiting(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		struct scene s;

		start(&s, false, on, NULL);
		assert_int_equal(decide_listener(&s.d, "10.96.0.31_9000")->http_inspector.on, on);
		assert_false(decide_listener(&s.d, "10.96.0.31_3306")->http_inspector.on);
		if (on) {
			assert_int_equal(decide_listener(&s.d, "10.96.0.31_9000")->sniff_timeout_ns, 3000000000);
			assert_true(decide_listener(&s.d, "10.96.0.31_9000")->continue_on_sniff_timeout);
		}
		scene_done(&s);
	}
}

/* A server finds out whatever its clients do. */
static void inbound(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 4; flags++) {
		const bool on = flags & 1;
		const struct decide_conn mutual = {.listener = "virtualInbound", .port = 9000, .tls = true};
		struct decide_conn plain = {.listener = "virtualInbound", .port = 9000, .alpn = "http/1.1"};
		struct decide_conn named = mutual;
		struct scene s;

		named.alpn = "istio-http/1.1";
		start(&s, on, flags & 2, NULL);
		assert_int_equal(decide_chain(&s.d, &plain)->hcm != NULL, on);
		assert_int_equal(decide_chain(&s.d, &named)->hcm != NULL, on);
		assert_non_null(decide_chain(&s.d, &named)->tls); /* not the application's */
		assert_null(decide_chain(&s.d, &mutual)->hcm);
		plain.alpn = NULL;
		assert_null(decide_chain(&s.d, &plain)->hcm);
		scene_done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outbound),
		cmocka_unit_test(waiting),
		cmocka_unit_test(inbound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
