/*
 * Who may stand at the other end of mutual TLS inside the mesh, from the objects down to the handshake: objects ->
 * snapshot -> xDS -> configuration -> TLS contexts -> two ends of a socket pair with real certificates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "world.h"

#include "base/mem.h"
#include "config/build.h"
#include "config/config_parts.h"
#include "pki/ca.h"
#include "proxy/upstream/tls_cache.h"

#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"
#define MESH_ALIAS "trustDomainAliases: [old.example]\n"

static struct pki_ca *ca;

/* One end: the configuration of a proxy with a certificate of these names. */
struct end {
	struct build *build;
	struct config *config;
	struct tls_cache *cache;
};

static void set_certificate(struct build *b, const struct pki_names *names)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf cert = BUF_INIT, pem = BUF_INIT;
	struct pki_sign how = {.names = names, .now_s = time(NULL), .ttl_s = 3600};

	assert_int_equal(pki_ca_issue(ca, key, &how, &cert, NULL), 0);
	pki_key_to_pem(key, &pem);
	build_set_secret(b, config_secret_new("default", buf_slice(&cert), buf_slice(&pem), SLICE("")));
	build_set_secret(b, config_secret_new("ROOTCA", SLICE(""), SLICE(""), pki_ca_roots_pem(ca)));
}

static void end_init(struct end *x, struct world *w, const struct proxy *p, const struct pki_names *names)
{
	static const enum xds_type order[] = {XDS_POD_BLOCK, XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE};
	struct config_node *node = NEW(struct config_node);
	struct compile_result r = {0};
	struct err e = ERR_INIT;

	node->refs = 1;
	x->build = build_new(node);
	config_node_unref(node);
	compile_view(w->snap, p, (1u << XDS_TYPE_COUNT) - 1, &w->pool, NULL, &r);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct xds_set *set = r.sets[order[i]];
		struct build_update u = {order[i], set ? set->v : NULL, set ? set->n : 0, NULL, 0};

		if (build_apply(x->build, &u, &e) < 0)
			fail_msg("%s", e.msg);
	}
	compile_result_done(&r);
	set_certificate(x->build, names);
	x->config = build_config(x->build);
	x->cache = tls_cache_new();
}

static void end_done(struct end *x)
{
	tls_cache_free(x->cache);
	config_unref(x->config);
	build_free(x->build);
}

static const struct config_tls *outbound_tls(const struct end *x, const char *cluster)
{
	const uint32_t slot = config_cluster_slot(x->config, slice_str(cluster));
	const struct config_cluster c = config_cluster_get(x->config, slot);

	assert_non_null(c.endpoints);
	assert_true(c.endpoints->n > 0);
	return c.endpoints->v[0].transport->tls;
}

static const struct config_tls *to_pods_tls(const struct end *x)
{
	const uint32_t slot = config_cluster_slot(x->config, SLICE("PassthroughCluster"));

	return config_cluster_get(x->config, slot).spec->to_pods->tls;
}

static const struct config_tls *inbound_tls(const struct end *x, uint16_t port)
{
	struct slice alpn = SLICE("istio");
	struct addr to, from;

	assert_int_equal(addr_parse(SLICE("10.244.0.6"), port, &to), 0);
	assert_int_equal(addr_parse(SLICE("10.244.0.99"), 40000, &from), 0);
	struct chain_input in = {.destination = &to, .source = &from, .tls = true, .alpn = &alpn, .n_alpn = 1};
	for (size_t i = 0; i < x->config->n_listeners; i++)
		if (strcmp(x->config->listeners[i]->name, "virtualInbound") == 0)
			return config_chain_find(x->config->listeners[i], &in)->tls;
	return NULL;
}

/* Whether the handshake comes about. */
static bool meet(struct end *client, const struct config_tls *ct, struct end *server, const struct config_tls *st)
{
	struct err e = ERR_INIT;
	struct tls_ctx *cc = tls_cache_get(client->cache, client->config, ct, SLICE(""), &e);
	struct tls_ctx *sc = tls_cache_get(server->cache, server->config, st, SLICE(""), &e);
	enum tls_result c = TLS_WANT_READ, s = TLS_WANT_READ;
	int fd[2];
	char byte;

	if (!cc || !sc)
		fail_msg("%s", e.msg);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	struct tls *a = tls_new(cc, fd[0], NULL, NULL), *b = tls_new(sc, fd[1], NULL, NULL);
	for (int i = 0; i < 10; i++) {
		if (c != TLS_DONE && c != TLS_ERROR)
			c = tls_handshake(a);
		if (s != TLS_DONE && s != TLS_ERROR)
			s = tls_handshake(b);
	}
	if (c == TLS_DONE && tls_read(a, &byte, 1) == TLS_ERROR)
		c = TLS_ERROR;
	tls_free(a);
	tls_free(b);
	close(fd[0]);
	close(fd[1]);
	return c == TLS_DONE && s == TLS_DONE;
}

static const struct {
	const char *uri;      /* NULL = a DNS name only */
	bool ours, inventory; /* of the mesh; the very account of the service */
} names[] = {
	{"spiffe://cluster.local/ns/stock/sa/inventory", true, true},
	{"spiffe://cluster.local/ns/stock/sa/other", true, false},
	{"spiffe://cluster.local/ns/shop/sa/inventory", true, false},
	{"spiffe://cluster.local/ns/stock/sa/inventory2", true, false},
	{"spiffe://old.example/ns/stock/sa/inventory", true, true},
	{"spiffe://old.example/ns/shop/sa/catalog", true, false},
	{"spiffe://other.example/ns/stock/sa/inventory", false, false},
	{"spiffe://cluster.local.evil/ns/stock/sa/inventory", false, false},
	{NULL, false, false},
};

static struct pki_names names_of(const char *const *uri)
{
	static const char *const dns[] = {"inventory.stock.svc.cluster.local"};

	return *uri ? (struct pki_names){.uris = uri, .n_uris = 1} : (struct pki_names){.dns = dns, .n_dns = 1};
}

/* A client speaks to the service's own account only, under each name of the mesh; a server to anybody of the mesh. */
static void ends_know_each_other(void **state)
{
	static const char *const yaml[] = {world_shop, NULL};
	static const char *const good[] = {"spiffe://cluster.local/ns/stock/sa/inventory"};
	const struct pki_names good_names = names_of(good);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct world w;

	(void)state;
	world_init(&w, MESH_ALIAS, yaml);
	const struct proxy cp = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct proxy sp = world_proxy(&a, "sidecar", "stock", "app=inventory");
	sp.name = "inventory-1";
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct pki_names n = names_of(&names[i].uri);
		struct end client, server;

		end_init(&client, &w, &cp, &good_names);
		end_init(&server, &w, &sp, &n);
		if (meet(&client, outbound_tls(&client, INVENTORY), &server, inbound_tls(&server, 8080)) !=
		    names[i].inventory)
			fail_msg("a server that is %s", names[i].uri);
		end_done(&client);
		end_done(&server);
		end_init(&client, &w, &cp, &n);
		end_init(&server, &w, &sp, &good_names);
		for (uint16_t port = 8080; port <= 8081; port++) /* of a service, and of none */
			if (meet(&client, outbound_tls(&client, INVENTORY), &server, inbound_tls(&server, port)) !=
			    names[i].ours)
				fail_msg("a client that is %s", names[i].uri);
		end_done(&client);
		end_done(&server);
		/* Whose an address is nobody has said: anybody of the mesh. */
		end_init(&client, &w, &cp, &good_names);
		end_init(&server, &w, &sp, &n);
		if (meet(&client, to_pods_tls(&client), &server, inbound_tls(&server, 8081)) != names[i].ours)
			fail_msg("a pod that is %s", names[i].uri);
		end_done(&client);
		end_done(&server);
	}
	world_done(&w);
}

/* subjectAltNames of a DestinationRule replace the accounts. */
static void named_by_rule(void **state)
{
	static const char *const yaml[] = {
		world_shop,
		"{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: d, namespace: "
		"stock}, spec: "
		"{host: inventory, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: "
		"['spiffe://cluster.local/ns/stock/sa/other']}}}}",
		NULL};
	static const char *const good[] = {"spiffe://cluster.local/ns/stock/sa/inventory"};
	const struct pki_names good_names = names_of(good);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	const struct proxy cp = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct proxy sp = world_proxy(&a, "sidecar", "stock", "app=inventory");
	sp.name = "inventory-1";
	for (size_t i = 0; i < 2; i++) {
		const struct pki_names n = names_of(&names[i].uri);
		struct end client, server;

		end_init(&client, &w, &cp, &good_names);
		end_init(&server, &w, &sp, &n);
		assert_int_equal(meet(&client, outbound_tls(&client, INVENTORY), &server, inbound_tls(&server, 8080)),
				 i == 1);
		end_done(&client);
		end_done(&server);
	}
	world_done(&w);
}

static int setup(void **state)
{
	(void)state;
	return pki_ca_new_root("mesh", SLICE(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL);
}

static int teardown(void **state)
{
	(void)state;
	pki_ca_unref(ca);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ends_know_each_other), cmocka_unit_test(named_by_rule)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
