/*
 * AuthorizationPolicies from the object to the verdict: every attribute of sources, operations and conditions with its
 * opposite, the actions, trust domains, dry runs, and what closes when it cannot be carried out.
 */
#include "verdict.h"

#include "config/rbac_index.h"

#define META(extra, action, rules)                                                                                     \
	"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, namespace: shop" extra \
	"}, spec: {" action "rules: [" rules "]}}"
#define DENY(rule) META("", "action: DENY, ", rule)
#define ALLOW(rule) META("", "", rule)
#define FROM(x) "{from: [{source: {" x "}}]}"
#define TO(x) "{to: [{operation: {" x "}}]}"
#define WHEN(key, x) "{when: [{key: '" key "', " x "}]}"

struct row {
	const char *rule;
	struct client client;
	const char *request; /* NULL = GET / */
	bool hit;
};

#define A "spiffe://cluster.local/ns/shop/sa/a"
#define B "spiffe://cluster.local/ns/stock/sa/b"
#define REQUEST(method, path, lines) method " " path " HTTP/1.1\r\nHost: catalog\r\n" lines "\r\n"

static const struct row rows[] = {
	{"{}", {0}, NULL, true},
	/* who asks */
	{FROM("principals: [cluster.local/ns/shop/sa/a]"), {.principal = A}, NULL, true},
	{FROM("principals: [cluster.local/ns/shop/sa/a]"), {.principal = B}, NULL, false},
	{FROM("principals: [cluster.local/ns/shop/sa/a]"), {0}, NULL, false},
	{FROM("principals: ['cluster.local/ns/shop/*']"), {.principal = A}, NULL, true},
	{FROM("principals: ['cluster.local/ns/shop/*']"), {.principal = B}, NULL, false},
	{FROM("principals: ['*/sa/b']"), {.principal = B}, NULL, true},
	{FROM("principals: ['*/sa/b']"), {.principal = A}, NULL, false},
	{FROM("principals: ['*']"), {.principal = B}, NULL, true},
	{FROM("principals: ['*']"), {0}, NULL, false},
	{FROM("notPrincipals: [cluster.local/ns/shop/sa/a]"), {.principal = B}, NULL, true},
	{FROM("notPrincipals: [cluster.local/ns/shop/sa/a]"), {0}, NULL, true},
	{FROM("notPrincipals: [cluster.local/ns/shop/sa/a]"), {.principal = A}, NULL, false},
	{FROM("namespaces: [shop]"), {.principal = A}, NULL, true},
	{FROM("namespaces: [shop]"), {.principal = B}, NULL, false},
	{FROM("namespaces: [sho]"), {.principal = A}, NULL, false},
	{FROM("namespaces: ['sh*']"), {.principal = A}, NULL, true},
	{FROM("namespaces: ['*ock']"), {.principal = B}, NULL, true},
	{FROM("namespaces: ['*']"), {0}, NULL, false},
	{FROM("notNamespaces: [shop]"), {.principal = A}, NULL, false},
	{FROM("notNamespaces: [shop]"), {.principal = B}, NULL, true},
	{FROM("notNamespaces: [shop]"), {0}, NULL, true},
	{FROM("ipBlocks: [192.0.2.0/24]"), {.ip = "192.0.2.9"}, NULL, true},
	{FROM("ipBlocks: [192.0.2.0/24]"), {.ip = "192.0.3.9"}, NULL, false},
	{FROM("ipBlocks: [192.0.2.9]"), {.ip = "192.0.2.9"}, NULL, true},
	{FROM("ipBlocks: [192.0.2.9]"), {.ip = "192.0.2.8"}, NULL, false},
	{FROM("ipBlocks: ['2001:db8::/32']"), {.ip = "2001:db8::1"}, NULL, true},
	{FROM("ipBlocks: ['2001:db8::/32']"), {.ip = "2001:db9::1"}, NULL, false},
	{FROM("ipBlocks: ['::ffff:192.0.2.0/120']"), {.ip = "192.0.2.7"}, NULL, true},
	{FROM("ipBlocks: ['::ffff:192.0.2.0/120']"), {.ip = "192.0.3.7"}, NULL, false},
	{FROM("ipBlocks: [192.0.2.0/24]"), {0}, REQUEST("GET", "/", "x-forwarded-for: 192.0.2.9\r\n"), false},
	{FROM("notIpBlocks: [192.0.2.0/24]"), {.ip = "192.0.2.9"}, NULL, false},
	{FROM("notIpBlocks: [192.0.2.0/24]"), {.ip = "192.0.3.9"}, NULL, true},
	{FROM("remoteIpBlocks: [192.0.2.0/24]"), {0}, REQUEST("GET", "/", "x-forwarded-for: 192.0.2.9\r\n"), true},
	{FROM("remoteIpBlocks: [192.0.2.0/24]"), {0}, NULL, false},
	{FROM("notRemoteIpBlocks: [192.0.2.0/24]"), {0}, REQUEST("GET", "/", "x-forwarded-for: 192.0.2.9\r\n"), false},
	{FROM("notRemoteIpBlocks: [192.0.2.0/24]"), {0}, NULL, true},
	/* what for */
	{TO("methods: [POST]"), {0}, REQUEST("POST", "/", ""), true},
	{TO("methods: [POST]"), {0}, NULL, false},
	{TO("notMethods: [POST]"), {0}, REQUEST("POST", "/", ""), false},
	{TO("notMethods: [POST]"), {0}, NULL, true},
	{TO("paths: [/a, '/b/*']"), {0}, REQUEST("GET", "/b/c?d", ""), true},
	{TO("paths: [/a, '/b/*']"), {0}, REQUEST("GET", "/a/c", ""), false},
	{TO("notPaths: [/a]"), {0}, REQUEST("GET", "/a?b", ""), false},
	{TO("notPaths: [/a]"), {0}, NULL, true},
	{TO("hosts: [catalog]"), {0}, NULL, true},
	{TO("hosts: [other]"), {0}, NULL, false},
	{TO("notHosts: [catalog]"), {0}, NULL, false},
	{TO("notHosts: [other]"), {0}, NULL, true},
	{TO("ports: ['8080']"), {0}, NULL, true},
	{TO("ports: ['8081']"), {0}, NULL, false},
	{TO("notPorts: ['8080']"), {0}, NULL, false},
	{TO("notPorts: ['8081']"), {0}, NULL, true},
	/* conditions, with values and notValues */
	{WHEN("source.principal", "values: [cluster.local/ns/shop/sa/a]"), {.principal = A}, NULL, true},
	{WHEN("source.principal", "notValues: [cluster.local/ns/shop/sa/a]"), {.principal = A}, NULL, false},
	{WHEN("source.namespace", "values: [stock]"), {.principal = B}, NULL, true},
	{WHEN("source.namespace", "notValues: [stock]"), {.principal = B}, NULL, false},
	{WHEN("source.ip", "values: [192.0.2.9]"), {.ip = "192.0.2.9"}, NULL, true},
	{WHEN("source.ip", "notValues: [192.0.2.9]"), {.ip = "192.0.2.9"}, NULL, false},
	{WHEN("remote.ip", "values: [192.0.2.9]"), {.ip = "192.0.2.9"}, NULL, true},
	{WHEN("remote.ip", "notValues: [192.0.2.9]"), {.ip = "192.0.2.9"}, NULL, false},
	{WHEN("destination.ip", "values: [10.244.0.0/16]"), {0}, NULL, true},
	{WHEN("destination.ip", "notValues: [10.244.0.0/16]"), {0}, NULL, false},
	{WHEN("destination.port", "values: ['8080']"), {0}, NULL, true},
	{WHEN("destination.port", "notValues: ['8080']"), {0}, NULL, false},
	{WHEN("connection.sni", "values: ['*.example.com']"), {.principal = A, .sni = "a.example.com"}, NULL, true},
	{WHEN("connection.sni", "notValues: ['*.example.com']"), {.principal = A, .sni = "a.example.com"}, NULL, false},
	{WHEN("request.headers[x-a]", "values: [b]"), {0}, REQUEST("GET", "/", "x-a: b\r\n"), true},
	{WHEN("request.headers[x-a]", "values: [b]"), {0}, REQUEST("GET", "/", "x-a: c\r\n"), false},
	{WHEN("request.headers[x-a]", "notValues: [b]"), {0}, REQUEST("GET", "/", "x-a: b\r\n"), false},
	{WHEN("request.regex.headers[x-a]", "values: ['b+']"), {0}, REQUEST("GET", "/", "x-a: bb\r\n"), true},
	{WHEN("request.regex.headers[x-a]", "values: ['b+']"), {0}, REQUEST("GET", "/", "x-a: bc\r\n"), false},
	/* fields of one source are all asked, sources and operations are alternatives, conditions are all asked */
	{FROM("namespaces: [shop], ipBlocks: [192.0.2.0/24]"), {.principal = A, .ip = "192.0.2.1"}, NULL, true},
	{FROM("namespaces: [shop], ipBlocks: [192.0.2.0/24]"), {.principal = A}, NULL, false},
	{"{from: [{source: {namespaces: [shop]}}, {source: {namespaces: [stock]}}]}", {.principal = B}, NULL, true},
	{"{to: [{operation: {paths: [/a]}}, {operation: {paths: [/b]}}]}", {0}, REQUEST("GET", "/b", ""), true},
	{"{from: [{source: {namespaces: [shop]}}], to: [{operation: {paths: [/a]}}]}",
	 {.principal = A},
	 REQUEST("GET", "/a", ""),
	 true},
	{"{from: [{source: {namespaces: [shop]}}], to: [{operation: {paths: [/a]}}]}", {.principal = A}, NULL, false},
	{"{when: [{key: destination.port, values: ['8080']}, {key: source.ip, values: [192.0.2.9]}]}",
	 {0},
	 NULL,
	 false},
};

static void init(struct world *w, struct at *at, struct arena *a, const char *mesh, const char *const *yaml)
{
	world_init(w, mesh, yaml);
	const struct proxy p = world_proxy(a, "sidecar", "shop", "app=catalog");
	at_init(at, w, &p);
}

/* One policy in shop, one connection to catalog. */
static unsigned verdict(const char *mesh, const char *policy, const struct client *c, const char *request,
			char *ret_note)
{
	const char *const yaml[] = {world_shop, policy, NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct world w;
	struct at at;
	unsigned got;

	init(&w, &at, &a, mesh, yaml);
	got = ask(&at, c, request ? request : REQUEST("GET", "/", ""));
	if (ret_note && at.compiled.n_notes)
		snprintf(ret_note, 1024, "%s: %s", at.compiled.notes[0].path, at.compiled.notes[0].text);
	else if (ret_note)
		*ret_note = 0;
	at_done(&at);
	world_done(&w);
	return got;
}

/* What a rule matches is denied by DENY and allowed by ALLOW; all else the other way round. */
static void every_attribute(void **state)
{
	char note[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *deny = mem_printf(META("", "action: DENY, ", "%s"), rows[i].rule);
		CLEANUP(freep) char *allow = mem_printf(META("", "", "%s"), rows[i].rule);
		const unsigned denied = verdict("", deny, &rows[i].client, rows[i].request, note);
		const unsigned allowed = verdict("", allow, &rows[i].client, rows[i].request, NULL);

		if (denied != (rows[i].hit ? 403 : 200) || allowed != (rows[i].hit ? 200 : 403) || *note)
			fail_msg("row %zu: %s: DENY gives %u, ALLOW %u %s", i, rows[i].rule, denied, allowed, note);
	}
}

static const struct client nobody;

static void actions(void **state)
{
	static const struct {
		const char *policy;
		unsigned status;
	} plain[] = {
		{"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, namespace: "
		 "shop}, "
		 "spec: {}}",
		 403}, /* allows nothing */
		{META("", "action: AUDIT, ", "{}"), 200},
		{META("", "action: CUSTOM, provider: {name: x}, ", TO("paths: [/]")), 403}, /* nobody can be asked */
		{META("", "action: CUSTOM, provider: {name: x}, ", TO("paths: [/other]")), 200},
		{META("", "action: DENY, selector: {matchLabels: {app: catalog}}, ", "{}"), 403},
		{META("", "action: DENY, selector: {matchLabels: {app: other}}, ", "{}"), 200},
		{META("", "action: DENY, targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: g}, ",
		      "{}"),
		 200},
		{"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, namespace: "
		 "istio-system}, spec: {action: DENY, rules: [{}]}}",
		 403}, /* the whole mesh */
		{"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, namespace: "
		 "stock}, "
		 "spec: {action: DENY, rules: [{}]}}",
		 200},
		{DENY("{}") "\n---\n"
			    "{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: q, "
			    "namespace: "
			    "shop}, spec: {rules: [{}]}}",
		 403},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (verdict("", plain[i].policy, &nobody, NULL, NULL) != plain[i].status)
			fail_msg("%s: not %u", plain[i].policy, plain[i].status);
}

#define HTTP_AUTHZ(x) "envoyExtAuthzHttp: {" x "}"
#define GRPC_AUTHZ(x) "envoyExtAuthzGrpc: {" x "}"
#define STOCK "service: inventory.stock.svc.cluster.local, port: "

/* Of a provider named x: whether it can be asked. What cannot be asked denies, and says why. */
static void custom(void **state)
{
	static const struct {
		const char *provider, *why; /* why: NULL = it is asked */
	} providers[] = {
		{HTTP_AUTHZ(STOCK "80"), NULL},
		{HTTP_AUTHZ("service: stock/inventory.stock.svc.cluster.local, port: 80"), NULL},
		{GRPC_AUTHZ("service: talk.stock.svc.cluster.local, port: 81"), NULL},
		{"zipkin: {service: inventory.stock.svc.cluster.local, port: 80}", "authorizes nothing"},
		{HTTP_AUTHZ("service: nobody.stock.svc.cluster.local, port: 80"), "is not known"},
		{HTTP_AUTHZ("service: shop/inventory.stock.svc.cluster.local, port: 80"), "is not known"},
		{HTTP_AUTHZ(STOCK "81"), "no port 81"},
		{HTTP_AUTHZ(STOCK "65616"), "no port 65616"},
		{GRPC_AUTHZ(STOCK "80"), "gRPC cannot be spoken"},
		{HTTP_AUTHZ(STOCK "80, timeout: -1s"), "timeout"},
		{HTTP_AUTHZ(STOCK "80, statusOnError: '299'"), "statusOnError"},
		{HTTP_AUTHZ(STOCK "80, includeRequestBodyInCheck: {maxRequestBytes: 0}"), "maxRequestBytes"},
		{HTTP_AUTHZ(STOCK "80, pathPrefix: check"), "pathPrefix"},
		{HTTP_AUTHZ(STOCK "80, includeAdditionalHeadersInCheck: {'a b': c}"), "no header's name"},
		{HTTP_AUTHZ(STOCK "80, includeAdditionalHeadersInCheck: {a: \"b\\r\\nc: d\"}"), "control character"},
		{HTTP_AUTHZ(STOCK "80") "}, {name: other, " HTTP_AUTHZ(STOCK "80"), NULL},
		{HTTP_AUTHZ(STOCK "80, timeout: -1s") "}, {name: other, " HTTP_AUTHZ(STOCK "80"), "timeout"},
	};
	static const char policy[] = META("", "action: CUSTOM, provider: {name: x}, ",
					  TO("paths: [/]")) "\n---\n"
							    "{apiVersion: v1, kind: Service, metadata: {name: talk, "
							    "namespace: stock}, spec: {clusterIP: 10.96.0.77, "
							    "ports: [{name: grpc, port: 81}]}}";
	char note[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
		CLEANUP(freep) char *mesh = mem_printf("extensionProviders: [{name: x, %s}]", providers[i].provider);
		const char *why = providers[i].why;
		const unsigned got = verdict(mesh, policy, &nobody, NULL, note);

		if (got != (why ? 403 : 200) || (why ? !strstr(note, why) : *note))
			fail_msg("%s: %u, %s", providers[i].provider, got, note);
	}
	/* One that is there is not taken for another. */
	assert_int_equal(
		verdict("extensionProviders: [{name: other, " HTTP_AUTHZ(STOCK "80") "}]", policy, &nobody, NULL, note),
		403);
	assert_non_null(strstr(note, "no extension provider \"x\""));
}

static void dry_run(void **state)
{
	static const struct {
		const char *value;
		unsigned status;
	} values[] = {{"false", 403}, {"0", 403},     {"F", 403},    {"true", 200}, {"True", 200},
		      {"1", 200},     {"maybe", 403}, {"TrUe", 403}, {"", 403}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		CLEANUP(freep)
		char *policy = mem_printf(META(", annotations: {istio.io/dry-run: '%s'}", "action: DENY, ", "{}"),
					  values[i].value);

		if (verdict("", policy, &nobody, NULL, NULL) != values[i].status)
			fail_msg("dry-run %s: not %u", values[i].value, values[i].status);
	}
}

/* Each name of the mesh stands for all of them. */
static void trust_domains(void **state)
{
	static const char aliases[] = "trustDomain: new.example\ntrustDomainAliases: [old.example, older.example]\n";
	static const struct {
		const char *principal, *peer;
		bool hit;
	} names[] = {
		{"old.example/ns/a/sa/b", "new.example/ns/a/sa/b", true},
		{"new.example/ns/a/sa/b", "older.example/ns/a/sa/b", true},
		{"cluster.local/ns/a/sa/b", "new.example/ns/a/sa/b", true},
		{"cluster.local/ns/a/sa/b", "old.example/ns/a/sa/b", true},
		{"old.example/ns/a/*", "new.example/ns/a/sa/b", true},
		{"old.example/ns/a/sa/b", "new.example/ns/a/sa/c", false},
		{"*er.example/ns/a/sa/b", "new.example/ns/a/sa/b", true},
		{"*/ns/a/sa/b", "new.example/ns/a/sa/b", true},
		{"foreign.example/ns/a/sa/b", "new.example/ns/a/sa/b", false},
		{"*eign.example/ns/a/sa/b", "new.example/ns/a/sa/b", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *peer = mem_printf("spiffe://%s", names[i].peer);
		CLEANUP(freep)
		char *deny = mem_printf(META("", "action: DENY, ", FROM("principals: ['%s']")), names[i].principal);
		CLEANUP(freep) char *allow = mem_printf(META("", "", FROM("principals: ['%s']")), names[i].principal);
		CLEANUP(freep)
		char *when = mem_printf(META("", "action: DENY, ", WHEN("source.principal", "values: ['%s']")),
					names[i].principal);
		const struct client c = {.principal = peer};
		const unsigned yes = names[i].hit ? 403 : 200, no = names[i].hit ? 200 : 403;

		if (verdict(aliases, deny, &c, NULL, NULL) != yes || verdict(aliases, when, &c, NULL, NULL) != yes ||
		    verdict(aliases, allow, &c, NULL, NULL) != no)
			fail_msg("%s and %s", names[i].principal, names[i].peer);
	}
}

/*
 * A policy that got in though it cannot be carried out closes what it protects, says why by path, and leaves everything
 * else alone.
 */
static void closes(void **state)
{
	static const struct {
		const char *rule;
		struct client client;
		unsigned deny, allow;
		const char *note;
	} bad[] = {
		{FROM("ipBlocks: [nonsense]"), {0}, 403, 403, "spec.rules[0].from[0].source.ipBlocks[0]: \"nonsense\""},
		/* of a mistyped address the readable part counts where it denies */
		{FROM("ipBlocks: [192.168.1.300]"), {.ip = "192.168.1.7"}, 403, 403, "ipBlocks[0]: \"192.168.1.300\""},
		{FROM("ipBlocks: [192.168.1.300]"), {.ip = "192.168.2.7"}, 200, 403, "ipBlocks[0]"},
		{FROM("ipBlocks: [192.168.l.3]"), {.ip = "192.168.2.7"}, 403, 403, "ipBlocks[0]"},
		{FROM("ipBlocks: [10.0.0.0/33]"), {.ip = "192.168.2.7"}, 403, 403, "ipBlocks[0]"},
		{FROM("ipBlocks: [10.0.300.0/24]"), {.ip = "10.0.9.9"}, 403, 403, "ipBlocks[0]"},
		{FROM("ipBlocks: [10.0.300.0/24]"), {.ip = "10.1.9.9"}, 200, 403, "ipBlocks[0]"},
		{FROM("ipBlocks: [10.9.9.9, '']"), {0}, 403, 403, "ipBlocks[1]: a value is empty"},
		{FROM("ipBlocks: ['::ffff:10.0.0.0/64']"), {0}, 403, 403, "ipBlocks[0]"},
		{FROM("notIpBlocks: [nonsense]"), {0}, 403, 403, "notIpBlocks[0]"},
		{FROM("notIpBlocks: [nonsense, 10.244.0.0/16]"), {0}, 200, 403, "notIpBlocks[0]"},
		{FROM("remoteIpBlocks: [nonsense]"), {0}, 403, 403, "remoteIpBlocks[0]"},
		{FROM("principals: ['']"), {0}, 403, 403, "principals[0]"},
		{TO("ports: [http]"), {0}, 403, 403, "spec.rules[0].to[0].operation.ports[0]: \"http\""},
		{TO("ports: ['65536']"), {0}, 403, 403, "ports[0]"},
		{TO("paths: ['']"), {0}, 403, 403, "paths[0]"},
		{TO("paths: ['', /other]"), {0}, 403, 403, "paths[0]"},
		{TO("paths: [''], methods: [POST]"), {0}, 200, 403, "paths[0]"},
		{WHEN("source.ipp", "values: [a]"), {0}, 403, 403, "spec.rules[0].when[0].key: the attribute"},
		{WHEN("request.headers[]", "values: [a]"), {0}, 403, 403, "when[0].key"},
		{WHEN("request.headers[a b]", "values: [a]"), {0}, 403, 403, "when[0].key"},
		{WHEN("request.headers", "values: [a]"), {0}, 403, 403, "when[0].key"},
		{WHEN("request.regex.headers[a]", "values: ['(']"), {0}, 403, 403, "when[0].values[0]"},
		{WHEN("experimental.envoy.filters.x[y]", "values: [b]"), {0}, 403, 403, "when[0].key"},
		{WHEN("destination.port", "values: ['80a']"), {0}, 403, 403, "when[0].values[0]"},
		{WHEN("destination.port", "notValues: ['80a']"), {0}, 403, 403, "when[0].notValues[0]"},
	};
	char note[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(freep) char *deny = mem_printf(META("", "action: DENY, ", "%s"), bad[i].rule);
		CLEANUP(freep) char *allow = mem_printf(META("", "", "%s"), bad[i].rule);
		const unsigned denied = verdict("", deny, &bad[i].client, NULL, note);
		const unsigned allowed = verdict("", allow, &bad[i].client, NULL, NULL);

		if (denied != bad[i].deny || allowed != bad[i].allow || !strstr(note, bad[i].note))
			fail_msg("%s: DENY gives %u, ALLOW %u, note %s", bad[i].rule, denied, allowed, note);
	}
}

/* Hosts of any length, thousands of rules: the proxy takes what is made of them. */
static void nothing_is_refused(void **state)
{
	CLEANUP(freep) char *host = mem_alloc(5001);
	CLEANUP(buf_done) struct buf many = BUF_INIT;

	(void)state;
	memset(host, '(', 5000);
	host[5000] = 0;
	CLEANUP(freep) char *policy = mem_printf(META("", "action: DENY, ", TO("hosts: ['%s']")), host);
	assert_int_equal(verdict("", policy, &nobody, NULL, NULL), 403);
	for (int i = 0; i < 2000; i++)
		buf_printf(&many, "%s" FROM("principals: ['cluster.local/ns/n%d/sa/a']"), i ? "," : "", i);
	CLEANUP(freep) char *rules = mem_printf(META("", "action: DENY, ", "%s"), buf_str(&many));
	assert_int_equal(verdict("", rules, &nobody, NULL, NULL), 200);
}

/* What is not there on plain TCP makes an allowing rule useless and a denying one wider. */
static void plain_tcp(void **state)
{
	static const struct {
		const char *policy;
		unsigned status;
	} tcp[] = {
		{DENY(TO("paths: [/a]")), CLOSED},
		{DENY(TO("paths: [/a], ports: ['9999']")), CLOSED},
		{DENY(TO("paths: [/a], ports: ['9998']")), 200},
		{ALLOW(TO("paths: [/a]")), CLOSED},
		{ALLOW(TO("ports: ['9999']")), 200},
		{ALLOW(FROM("ipBlocks: [10.244.0.99]")), 200},
		{DENY(FROM("namespaces: [shop]")), 200},
		/* without HTTP the peer is who asks */
		{ALLOW(FROM("remoteIpBlocks: [10.244.0.99]")), 200},
		{DENY(FROM("remoteIpBlocks: [10.244.0.99]")), CLOSED},
		{DENY(FROM("remoteIpBlocks: [192.0.2.0/24]")), 200},
		{DENY(WHEN("remote.ip", "notValues: [10.244.0.99]")), 200},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tcp); i++)
		if (verdict("", tcp[i].policy, &(struct client){.port = 9999}, NULL, NULL) != tcp[i].status)
			fail_msg("%s: not %u", tcp[i].policy, tcp[i].status);
}

/* The name of the policy that decided is told whole, however long. */
static void long_names(void **state)
{
	CLEANUP(freep) char *name = mem_alloc(1001);
	char want[1200];

	(void)state;
	memset(name, 'n', 1000);
	name[1000] = 0;
	CLEANUP(freep)
	char *policy = mem_printf(
		"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: '%s', namespace: "
		"shop}, spec: {action: DENY, rules: [{}]}}",
		name);
	assert_int_equal(verdict("", policy, &nobody, NULL, NULL), 403);
	snprintf(want, sizeof(want), "rbac_access_denied_matched_policy[ns[shop]-policy[%s]-rule[0]]", name);
	assert_string_equal(verdict_details, want);
}

static const struct filter_rbac *rbac_of(const struct config_chain *c)
{
	for (size_t i = 0; i < c->hcm->n_filters; i++)
		if (c->hcm->filters[i].kind == FILTER_RBAC)
			return c->hcm->filters[i].config;
	return NULL;
}

/* Of a thousand rules for certain principals and a thousand for certain paths one request concerns a handful. */
static void thousands_cost_as_one(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf rules = BUF_INIT;
	struct addr to, from;
	struct world w;
	struct at at;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&rules,
			   FROM("principals: ['cluster.local/ns/n%d/sa/a', 'cluster.local/ns/n%d/sa/b']") "," TO(
				   "paths: [/p%d], methods: [GET]") ",",
			   i, i, i);
	buf_append_str(&rules, TO("methods: [DELETE]") "," FROM("notPrincipals: ['*']"));
	const char *const yaml[] = {world_shop, arena_printf(&a, META("", "action: DENY, ", "%s"), buf_str(&rules)),
				    NULL};
	init(&w, &at, &a, "", yaml);
	const struct rbac_rules *r = rbac_of(chain_for(&at, &nobody, &to, &from))->rules;
	assert_int_equal(r->n, 2002);
	assert_int_equal(rbac_index_rest(r->index).n, 2);
	assert_int_equal(rbac_index_principal(r->index, SLICE("spiffe://cluster.local/ns/n7/sa/b")).n, 1);
	assert_int_equal(rbac_index_principal(r->index, SLICE("spiffe://cluster.local/ns/n7/sa/c")).n, 0);
	assert_int_equal(rbac_index_path(r->index, SLICE("/p999")).n, 1);
	assert_int_equal(
		ask(&at, &(struct client){.principal = "spiffe://cluster.local/ns/n7/sa/b"}, REQUEST("GET", "/", "")),
		403);
	assert_string_equal(verdict_details, "rbac_access_denied_matched_policy[ns[shop]-policy[p]-rule[14]]");
	assert_int_equal(ask(&at, &(struct client){.principal = A}, REQUEST("GET", "/", "")), 200);
	assert_int_equal(ask(&at, &(struct client){.principal = A}, REQUEST("GET", "/p%31", "")), 403);
	assert_int_equal(ask(&at, &(struct client){.principal = A}, REQUEST("POST", "/p1", "")), 200);
	assert_int_equal(ask(&at, &(struct client){.principal = A}, REQUEST("DELETE", "/", "")), 403);
	assert_int_equal(ask(&at, &nobody, REQUEST("GET", "/", "")), 403);
	at_done(&at);
	world_done(&w);
}

/* With and without the index the verdict is the same, whatever the rule. */
static void index_changes_nothing(void **state)
{
	CLEANUP(buf_done) struct buf never = BUF_INIT;

	(void)state;
	for (int i = 0; i < RBAC_WALK_MAX; i++)
		buf_printf(&never, FROM("principals: [x/%d]") ",", i);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep)
		char *deny = mem_printf(META("", "action: DENY, ", "%s%s"), buf_str(&never), rows[i].rule);
		CLEANUP(freep) char *allow = mem_printf(META("", "", "%s%s"), buf_str(&never), rows[i].rule);

		if (verdict("", deny, &rows[i].client, rows[i].request, NULL) != (rows[i].hit ? 403 : 200) ||
		    verdict("", allow, &rows[i].client, rows[i].request, NULL) != (rows[i].hit ? 200 : 403))
			fail_msg("row %zu: %s", i, rows[i].rule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_attribute),
		cmocka_unit_test(actions),
		cmocka_unit_test(custom),
		cmocka_unit_test(dry_run),
		cmocka_unit_test(trust_domains),
		cmocka_unit_test(closes),
		cmocka_unit_test(nothing_is_refused),
		cmocka_unit_test(plain_tcp),
		cmocka_unit_test(long_names),
		cmocka_unit_test(thousands_cost_as_one),
		cmocka_unit_test(index_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
