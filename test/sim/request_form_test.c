/*
 * Policy, router and upstream see one and the same request: paths in their normal form, headers that are sent twice or
 * under a name that servers take for another, hosts in all their spellings, clients behind trusted proxies.
 */
#include "verdict.h"

#define POLICY(action, rules)                                                                                          \
	"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, namespace: shop}, "    \
	"spec: {action: " action ", rules: [" rules "]}}"

/* A world with one policy in shop, seen by the sidecar of catalog. */
struct shop {
	struct world w;
	struct arena a;
	struct at at;
};

static void shop_init(struct shop *s, const char *mesh, const char *policy)
{
	const char *const yaml[] = {world_shop, policy, NULL};

	memset(s, 0, sizeof(*s));
	world_init(&s->w, mesh, yaml);
	const struct proxy p = world_proxy(&s->a, "sidecar", "shop", "app=catalog");
	at_init(&s->at, &s->w, &p);
}

static void shop_done(struct shop *s)
{
	at_done(&s->at);
	world_done(&s->w);
	arena_done(&s->a);
}

static const struct client someone;

static void deny_by_path(void **state)
{
	static const struct {
		const char *path;
		unsigned status;
		const char *sent; /* NULL = as it came */
	} rows[] = {
		{"/admin", 403, NULL},
		{"/%61dmin", 403, "/admin"},
		{"/admi%6e", 403, "/admin"},
		{"/%41dmin", 200, "/Admin"},
		{"/x/../admin", 403, "/admin"},
		{"/x/%2e%2E/admin", 403, "/admin"},
		{"/x\\..\\admin", 403, "/admin"},
		{"/./admin?a=b", 403, "/admin?a=b"},
		{"/admin#f", 400, NULL},
		{"/admin%23f", 200, NULL},
		{"/admin%3fx", 200, NULL},
		{"/public?/admin", 200, NULL},
		{"/%2561dmin", 200, NULL}, /* names a file "%61dmin": decoding twice is the server's fault */
		{"/%%36%31dmin", 200, "/%%361dmin"},
		{"/admin%00", 400, NULL},
		{"/../admin", 400, NULL},
		{"http://catalog/%61dmin", 403, "/admin"},
		{"/caf%c3%a9", 403, NULL},
		{"/caf%C3%a9", 403, NULL},
		{"/caf\xc3\xa9", 403, "/caf%C3%A9"},
		{"/a%2fb", 403, NULL},
		{"/a%2Fb", 403, NULL},
		{"/a/b", 200, NULL},
		{"/sub/x", 403, NULL},
		{"/%73ub/x", 403, "/sub/x"},
		{"/x.key", 403, NULL},
		{"/x.%6bey", 403, "/x.key"},
		/* a policy by path applies: what servers disagree about is refused */
		{"/x/..;/admin", 400, NULL},
		{"/x/%2e%2e;a=b/admin", 400, NULL},
		{"/x/.;/public", 400, NULL},
		{"/x;a=b/public", 200, NULL},
	};
	struct shop s;

	(void)state;
	shop_init(&s, "",
		  POLICY("DENY", "{to: [{operation: {paths: [/admin, '/sub/*', '*.key', '/a%2Fb', "
				 "'/caf%c3%a9']}}]}"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const unsigned status = get(&s.at, &someone, rows[i].path, "");

		if (status != rows[i].status)
			fail_msg("%s: %u, not %u", rows[i].path, status, rows[i].status);
		if (status != 400 && strcmp(verdict_target, rows[i].sent ? rows[i].sent : rows[i].path) != 0)
			fail_msg("%s: sent on as %s", rows[i].path, verdict_target);
	}
	shop_done(&s);
}

static void allow_by_path(void **state)
{
	static const struct {
		const char *path;
		unsigned status;
	} rows[] = {
		{"/public/a", 200},
		{"/%70ublic/a", 200},
		{"/public/../admin", 403},
		{"/public/%2e%2e/admin", 403},
		{"/public/..;/admin", 400},
		{"/public\\..\\admin", 403},
		{"/admin", 403},
		{"/x/../public/a", 200},
	};
	struct shop s;

	(void)state;
	shop_init(&s, "", POLICY("ALLOW", "{to: [{operation: {paths: ['/public/*']}}]}"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (get(&s.at, &someone, rows[i].path, "") != rows[i].status)
			fail_msg("%s: not %u", rows[i].path, rows[i].status);
	shop_done(&s);
}

/* Without a policy by path nobody is bothered. */
static void dot_parameters_without_path_policy(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, "", POLICY("DENY", "{to: [{operation: {methods: [POST]}}]}"));
	assert_int_equal(get(&s.at, &someone, "/x/..;/y", ""), 200);
	shop_done(&s);
}

static void levels(void **state)
{
	static const struct {
		const char *mesh, *path, *sent;
		unsigned status;
	} rows[] = {
		{"", "/x//y/../admin", "/x//admin", 200},
		{"BASE", "/%61dmin", "/admin", 403},
		{"BASE", "//admin", "//admin", 200},
		{"DEFAULT", "/%61dmin", "/admin", 403},
		{"DEFAULT", "//admin", "//admin", 200},
		{"NONE", "/x/../public", "/x/../public", 200},
		{"NONE", "/x%2fy//z", "/x%2fy//z", 200},
		{"NONE", "/%61dmin", "/%61dmin", 403}, /* the same path by RFC 3986, sent as it came */
		{"MERGE_SLASHES", "//admin", "/admin", 403},
		{"MERGE_SLASHES", "/%2fadmin", "/%2fadmin", 200},
		{"DECODE_AND_MERGE_SLASHES", "/%2fadmin", "/admin", 403},
		{"DECODE_AND_MERGE_SLASHES", "/x%5C..%5cadmin", "/admin", 403},
		{"DECODE_AND_MERGE_SLASHES", "/x%2f..;/admin", "/x/..;/admin", 400},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep)
		char *mesh = mem_printf(*rows[i].mesh ? "pathNormalization: {normalization: %s}\n" : "", rows[i].mesh);
		struct shop s;

		shop_init(&s, mesh, POLICY("DENY", "{to: [{operation: {paths: [/admin]}}]}"));
		const unsigned status = get(&s.at, &someone, rows[i].path, "");
		if (status != rows[i].status || strcmp(verdict_target, rows[i].sent) != 0)
			fail_msg("%s: %s: %u %s", rows[i].mesh, rows[i].path, status, verdict_target);
		shop_done(&s);
	}
}

/* DENY matches if one of several values does, ALLOW only if all of them do; below a "not" it is the other way round. */
static void headers_sent_twice(void **state)
{
	static const char one[] = "x-role: evil\r\n", two[] = "x-role: evil\r\nx-role: good\r\n",
			  other[] = "x-role: good\r\nX-Role: evil\r\n", score[] = "x_role: evil\r\n",
			  hidden[] = "x-role: good\r\nx_role: evil\r\n", same[] = "x-role: good\r\n";
	static const struct {
		const char *policy, *lines;
		unsigned status;
	} rows[] = {
#define WHEN(values) "{when: [{key: 'request.headers[x-role]', " values "}]}"
		{POLICY("DENY", WHEN("values: [evil]")), "", 200},
		{POLICY("DENY", WHEN("values: [evil]")), same, 200},
		{POLICY("DENY", WHEN("values: [evil]")), one, 403},
		{POLICY("DENY", WHEN("values: [evil]")), two, 403},
		{POLICY("DENY", WHEN("values: [evil]")), other, 403},
		{POLICY("DENY", WHEN("values: [evil]")), score, 403},
		{POLICY("DENY", WHEN("values: [evil]")), hidden, 403},
		{POLICY("DENY", WHEN("values: ['ev*']")), other, 403},
		{POLICY("DENY", WHEN("values: ['*il']")), two, 403},
		{POLICY("DENY", WHEN("values: ['evil,good']")), two, 403}, /* as a server joins them */
		{POLICY("DENY", WHEN("notValues: [good]")), same, 200},
		{POLICY("DENY", WHEN("notValues: [good]")), "", 403},
		{POLICY("DENY", WHEN("notValues: [good]")), two, 403},
		{POLICY("DENY", WHEN("notValues: [good]")), hidden, 403},
		{POLICY("ALLOW", WHEN("values: [good]")), "", 403},
		{POLICY("ALLOW", WHEN("values: [good]")), same, 200},
		{POLICY("ALLOW", WHEN("values: [good]")), two, 403},
		{POLICY("ALLOW", WHEN("values: [good]")), other, 403},
		{POLICY("ALLOW", WHEN("values: [good]")), hidden, 403},
		{POLICY("ALLOW", WHEN("values: [evil]")), score, 403},
		{POLICY("ALLOW", WHEN("values: ['go*']")), other, 403},
		{POLICY("ALLOW", WHEN("values: ['*']")), same, 200},
		{POLICY("ALLOW", WHEN("values: ['*']")), two, 200},
		{POLICY("ALLOW", WHEN("values: ['*']")), "x-role:\r\n", 403},
		{POLICY("ALLOW", WHEN("notValues: [evil]")), "", 200},
		{POLICY("ALLOW", WHEN("notValues: [evil]")), same, 200},
		{POLICY("ALLOW", WHEN("notValues: [evil]")), two, 403},
		{POLICY("ALLOW", WHEN("notValues: [evil]")), score, 403},
#undef WHEN
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct shop s;

		shop_init(&s, "", rows[i].policy);
		if (get(&s.at, &someone, "/", rows[i].lines) != rows[i].status)
			fail_msg("%s with %s: not %u", rows[i].policy, rows[i].lines, rows[i].status);
		shop_done(&s);
	}
}

static void hosts(void **state)
{
	static const struct {
		const char *host;
		unsigned status;
	} rows[] = {
		{"a.com", 403},     {"A.COM", 403},    {"a.com:80", 403},   {"a.com:", 403},    {"a.com.", 403},
		{"a.com.:80", 403}, {"xa.com", 200},   {"a.com.evil", 200}, {"a.comx", 200},    {"x.b.com", 403},
		{"x.B.com:8", 403}, {"x.b.com.", 403}, {"b.com", 200},      {"p.c.org", 403},   {"p.c.org:1", 403},
		{"q.c.org", 200},   {"d.com", 200},    {"d.com:90", 403},   {"d.com.:90", 403}, {"d.com:901", 200},
		{"e.com:1", 403},   {"e.com.:1", 403}, {"e.com", 200},      {"[::1]", 403},     {"[::1]:8080", 403},
		{"[::2]", 200},
	};
	struct shop s;

	(void)state;
	shop_init(&s, "",
		  POLICY("DENY", "{to: [{operation: {hosts: [a.com, '*.b.com', 'p.*', 'd.com:90', 'e.com:*', "
				 "'[::1]']}}]}"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *head = mem_printf("GET / HTTP/1.1\r\nHost: %s\r\n\r\n", rows[i].host);

		if (ask(&s.at, &someone, head) != rows[i].status)
			fail_msg("%s: not %u", rows[i].host, rows[i].status);
	}
	assert_int_equal(ask(&s.at, &someone, "GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n"), 403);
	shop_done(&s);
}

static void methods(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, "", POLICY("DENY", "{to: [{operation: {methods: [DELETE]}}]}"));
	assert_int_equal(ask(&s.at, &someone, "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"), 403);
	assert_int_equal(ask(&s.at, &someone, "delete / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	assert_int_equal(ask(&s.at, &someone, "Delete / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	assert_int_equal(ask(&s.at, &someone, "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	shop_done(&s);
}

/* The sidecar believes the last entry, which its gateway wrote, over all lines and at any length. */
static void forwarded_for(void **state)
{
	CLEANUP(freep) char *padding = mem_alloc(3001);
	struct shop s;

	(void)state;
	memset(padding, ' ', 3000);
	padding[3000] = 0;
	for (size_t i = 0; i + 9 <= 3000; i += 9)
		memcpy(padding + i, "10.0.0.1,", 9);
	CLEANUP(freep) char *big = mem_printf("x-forwarded-for: %s\r\nx-forwarded-for: 203.0.113.9\r\n", padding);
	shop_init(&s, "", POLICY("DENY", "{from: [{source: {remoteIpBlocks: [203.0.113.0/24]}}]}"));
	assert_int_equal(get(&s.at, &someone, "/", ""), 200);
	assert_int_equal(get(&s.at, &someone, "/", "x-forwarded-for: 203.0.113.9\r\n"), 403);
	assert_int_equal(get(&s.at, &someone, "/", "x-forwarded-for: 203.0.113.9, 10.0.0.1\r\n"), 200);
	assert_int_equal(get(&s.at, &someone, "/", "x-forwarded-for: 10.0.0.1\r\nX-Forwarded-For: 203.0.113.9\r\n"),
			 403);
	assert_int_equal(get(&s.at, &someone, "/", big), 403);
	assert_int_equal(get(&s.at, &(struct client){.ip = "203.0.113.7"}, "/", ""), 403);
	assert_int_equal(get(&s.at, &(struct client){.ip = "203.0.113.7"}, "/", "x-forwarded-for: nonsense\r\n"), 403);
	assert_int_equal(get(&s.at, &(struct client){.ip = "203.0.113.7"}, "/", "x-forwarded-for: /a\r\n"), 403);
	shop_done(&s);
}

static const char gateway[] =
	"{apiVersion: networking.istio.io/v1alpha3, kind: Gateway, metadata: {name: gw, namespace: istio-system}, "
	"spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: "
	"['*']}]}}\n---\n"
	"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, namespace: "
	"istio-system}, spec: {action: DENY, rules: [{from: [{source: {remoteIpBlocks: [203.0.113.0/24]}}]}]}}";

/* At an edge the peer is the client, unless so many proxies in front of it are trusted. */
static void trusted_proxies(void **state)
{
	static const char mesh2[] = "defaultConfig: {gatewayTopology: {numTrustedProxies: 2}}\n";
	static const struct {
		const char *mesh;
		struct proxy_topology own;
		const char *peer, *xff;
		unsigned status;
	} rows[] = {
		{"", {0}, "203.0.113.9", "", 403},
		{"", {0}, "10.0.0.1", "x-forwarded-for: 203.0.113.9\r\n", 200},
		{"", {0}, "203.0.113.9", "x-forwarded-for: 10.0.0.1\r\n", 403},
		{mesh2, {0}, "10.0.0.1", "x-forwarded-for: 203.0.113.9, 10.0.0.2\r\n", 403},
		{mesh2, {0}, "10.0.0.1", "x-forwarded-for: 203.0.113.9\r\nx-forwarded-for: 10.0.0.2\r\n", 403},
		{mesh2, {0}, "10.0.0.1", "x-forwarded-for: 203.0.113.9, 10.0.0.3, 10.0.0.2\r\n", 200},
		{mesh2, {0}, "10.0.0.1", "x-forwarded-for: 9.9.9.9\r\nx-forwarded-for: 203.0.113.9,10.0.0.2\r\n", 403},
		/* too few entries: nobody vouches for any */
		{mesh2, {0}, "203.0.113.9", "x-forwarded-for: 10.0.0.2\r\n", 403},
		{mesh2, {0}, "10.0.0.1", "x-forwarded-for: 203.0.113.9\r\n", 200},
		/* the gateway's own settings replace the mesh's */
		{mesh2, {true, 1, 0}, "10.0.0.1", "x-forwarded-for: 10.0.0.2, 203.0.113.9\r\n", 403},
		{mesh2, {true, 1, 0}, "10.0.0.1", "x-forwarded-for: 203.0.113.9, 10.0.0.2\r\n", 200},
		{mesh2, {true, 0, 0}, "203.0.113.9", "x-forwarded-for: 10.0.0.2, 10.0.0.3\r\n", 403},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const yaml[] = {gateway, NULL};
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct world w;
		struct at at;

		world_init(&w, rows[i].mesh, yaml);
		struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
		p.topology = rows[i].own;
		at_init(&at, &w, &p);
		if (get(&at, &(struct client){.ip = rows[i].peer}, "/", rows[i].xff) != rows[i].status)
			fail_msg("row %zu: not %u", i, rows[i].status);
		at_done(&at);
		world_done(&w);
	}
}

/* What is sent on holds everything that came, and the peer; it is one line. */
static void forwarded_list_is_whole(void **state)
{
	const char *const yaml[] = {gateway, NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(freep) char *long_one = mem_alloc(2001);
	struct world w;
	struct at at;

	(void)state;
	memset(long_one, '1', 2000);
	long_one[2000] = 0;
	CLEANUP(freep) char *lines = mem_printf("x-forwarded-for: %s\r\nx-forwarded-for: 10.0.0.2\r\n", long_one);
	CLEANUP(freep) char *want = mem_printf("%s,10.0.0.2,10.0.0.1", long_one);
	world_init(&w, "", yaml);
	const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
	at_init(&at, &w, &p);
	assert_int_equal(get(&at, &(struct client){.ip = "10.0.0.1"}, "/", lines), 200);
	assert_string_equal(verdict_xff, want);
	at_done(&at);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deny_by_path),
		cmocka_unit_test(allow_by_path),
		cmocka_unit_test(dot_parameters_without_path_policy),
		cmocka_unit_test(levels),
		cmocka_unit_test(headers_sent_twice),
		cmocka_unit_test(hosts),
		cmocka_unit_test(methods),
		cmocka_unit_test(forwarded_for),
		cmocka_unit_test(trusted_proxies),
		cmocka_unit_test(forwarded_list_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
