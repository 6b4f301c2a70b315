/*
 * PeerAuthentications from the object to the chain that takes a connection: levels and what they inherit, the oldest of
 * each level, modes of single ports, with and without a service.
 */
#include "verdict.h"

#define PA(ns, name, at, spec)                                                                                         \
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: '" name                    \
	"', namespace: " ns ", creationTimestamp: '2024-01-01T00:00:0" at "Z'}, spec: {" spec "}}\n---\n"
#define MODE(m) "mtls: {mode: " m "}"
#define CATALOG "selector: {matchLabels: {app: catalog}}, "

#define P MTLS_PERMISSIVE
#define S MTLS_STRICT
#define D MTLS_DISABLE

static const struct {
	const char *policies;
	enum mtls_mode served, other, third; /* on 8080 (of a service), 9090 and 7070 (of none) */
} rows[] = {
	{"", P, P, P},
	{PA("istio-system", "m", "1", MODE("STRICT")), S, S, S},
	{PA("istio-system", "m", "1", MODE("DISABLE")), D, D, D},
	{PA("istio-system", "m", "1", MODE("STRICT")) PA("shop", "n", "1", MODE("PERMISSIVE")), P, P, P},
	{PA("istio-system", "m", "1", MODE("STRICT")) PA("shop", "n", "1", MODE("UNSET")), S, S, S},
	{PA("istio-system", "m", "1", MODE("STRICT")) PA("shop", "n", "1", ""), S, S, S},
	{PA("istio-system", "m", "1", MODE("STRICT")) PA("stock", "n", "1", MODE("DISABLE")), S, S, S},
	{PA("shop", "n", "1", MODE("STRICT")) PA("shop", "w", "1", CATALOG MODE("DISABLE")), D, D, D},
	{PA("shop", "n", "1", MODE("STRICT")) PA("shop", "w", "1", CATALOG MODE("UNSET")), S, S, S},
	{PA("shop", "n", "1", MODE("STRICT"))
		 PA("shop", "w", "1", "selector: {matchLabels: {app: db}}, " MODE("DISABLE")),
	 S, S, S},
	{PA("shop", "n", "1", "selector: {}, " MODE("STRICT")), S, S, S},
	/* a selector does not reach from the root into other namespaces */
	{PA("istio-system", "w", "1", CATALOG MODE("STRICT")), P, P, P},
	/* the oldest of a level, then the name */
	{PA("shop", "b", "1", MODE("STRICT")) PA("shop", "a", "2", MODE("DISABLE")), S, S, S},
	{PA("shop", "b", "2", MODE("STRICT")) PA("shop", "a", "1", MODE("DISABLE")), D, D, D},
	{PA("shop", "b", "1", MODE("STRICT")) PA("shop", "a", "1", MODE("DISABLE")), D, D, D},
	{PA("shop", "b", "1", CATALOG MODE("STRICT")) PA("shop", "a", "2", CATALOG MODE("DISABLE")), S, S, S},
	{PA("istio-system", "b", "1", MODE("STRICT")) PA("istio-system", "a", "2", MODE("DISABLE")), S, S, S},
	/* single ports */
	{PA("shop", "w", "1", CATALOG "portLevelMtls: {8080: {mode: STRICT}}"), S, P, P},
	{PA("shop", "w", "1", CATALOG "portLevelMtls: {9090: {mode: STRICT}}"), P, S, P},
	{PA("shop", "w", "1", CATALOG MODE("STRICT") ", portLevelMtls: {9090: {mode: DISABLE}}"), S, D, S},
	{PA("shop", "w", "1", CATALOG MODE("STRICT") ", portLevelMtls: {8080: {mode: DISABLE}}"), D, S, S},
	{PA("shop", "w", "1",
	    CATALOG MODE("STRICT") ", portLevelMtls: {9090: {mode: UNSET}, 7070: {mode: PERMISSIVE}}"),
	 S, S, P},
	{PA("shop", "n", "1", MODE("STRICT"))
		 PA("shop", "w", "1", CATALOG "portLevelMtls: {9090: {mode: DISABLE}, '09090': {mode: DISABLE}}"),
	 S, D, S},
	{PA("shop", "n", "1", MODE("STRICT"))
		 PA("shop", "w", "1", "selector: {matchLabels: {app: db}}, portLevelMtls: {9090: {mode: DISABLE}}"),
	 S, S, S},
	{PA("shop", "w", "1", CATALOG "portLevelMtls: {nonsense: {mode: STRICT}, 0: {mode: STRICT}}"), P, P, P},
};

/* Who is taken at a port: plain text, and mutual TLS of the mesh. */
static void check(const struct at *at, size_t row, uint16_t port, enum mtls_mode want)
{
	const struct client plain = {.port = port}, mutual = {.port = port,
							      .principal = "spiffe://cluster.local/ns/shop/sa/a",
							      .alpn = port == 8080 ? "istio" : "istio-peer-exchange"};
	static const char request[] = "GET / HTTP/1.1\r\nHost: catalog\r\n\r\n";
	struct addr to, from;
	const struct config_chain *c = chain_for(at, &mutual, &to, &from);
	const bool takes_plain = ask(at, &plain, request) == 200, takes_mutual = c && c->tls;

	if (takes_plain != (want != MTLS_STRICT) || takes_mutual != (want != MTLS_DISABLE))
		fail_msg("row %zu: port %u: plain text %d, mutual TLS %d", row, port, takes_plain, takes_mutual);
}

static void modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const yaml[] = {world_shop, rows[i].policies, NULL};
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct world w;
		struct at at;

		world_init(&w, "", yaml);
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		at_init(&at, &w, &p);
		check(&at, i, 8080, rows[i].served);
		check(&at, i, 9090, rows[i].other);
		check(&at, i, 7070, rows[i].third);
		at_done(&at);
		world_done(&w);
	}
}

/* Clients are told which endpoints take no mutual TLS. */
static void clients_know(void **state)
{
	static const char *const yaml[] = {
		world_shop,
		PA("stock", "w", "1",
		   "selector: {matchLabels: {app: inventory}}, portLevelMtls: {8080: {mode: DISABLE}}"),
		NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct config_cluster c;
	struct world w;
	struct at at;

	(void)state;
	world_init(&w, "", yaml);
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	at_init(&at, &w, &p);
	c = config_cluster_get(at.config, config_cluster_slot(at.config, SLICE("outbound|80||inventory.stock.svc."
									       "cluster.local")));
	assert_int_equal(c.endpoints->n, 2);
	for (size_t i = 0; i < c.endpoints->n; i++)
		assert_null(c.endpoints->v[i].transport->tls);
	at_done(&at);
	world_done(&w);
}

/* Pods that any policy may tell apart share no configuration. */
static void views_differ(void **state)
{
	static const char *const labels[] = {"app=db,statefulset.kubernetes.io/pod-name=db-0",
					     "app=db,statefulset.kubernetes.io/pod-name=db-1"};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf x = BUF_INIT, y = BUF_INIT;
	const struct proxy one = world_proxy(&a, "sidecar", "shop", labels[0]),
			   other = world_proxy(&a, "sidecar", "shop", labels[1]);

	struct policy_index policies = {0};
	const struct snapshot s = {.policies = &policies};

	(void)state;
	compile_view_key(&s, &one, &x);
	compile_view_key(&s, &other, &y);
	assert_false(slice_eq(buf_slice(&x), buf_slice(&y)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(modes), cmocka_unit_test(clients_know),
					   cmocka_unit_test(views_differ)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
