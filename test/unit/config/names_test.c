/*
 * Slots of names: kept as long as anybody can have the number, given to others afterwards; and so a proxy that sees
 * ever new names stays as large as it is.
 */
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "config/build_internal.h"
#include "msg/json.h"
#include "xds/json.h"

#define ROUNDS 10000
#define TYPES_GOOGLEAPIS "type.googleapis.com/envoy.extensions."

static struct build *build;

static int setup(void **state)
{
	struct config_node *node = NEW(struct config_node);

	(void)state;
	node->refs = 1;
	build = build_new(node);
	config_node_unref(node);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	build_free(build);
	return 0;
}

static void put(enum xds_type type, const char *name, const char *json)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *j = cJSON_Parse(json);
	struct err e = ERR_INIT;
	ProtobufCMessage *m = pb_from_json(&a, pb_descriptor(strrchr(xds_type_url(type), '/') + 1), j, &e);
	struct xds_resource *r;

	if (!m)
		fail_msg("%s: %s", json, e.msg);
	r = xds_resource_new(type, slice_str(name), pb_pack_arena(&a, m));
	if (build_apply(build, &(struct build_update){.type = type, .changed = &r, .n_changed = 1}, &e) < 0)
		fail_msg("%s", e.msg);
	xds_resource_unref(r);
}

static void drop(enum xds_type type, const char *name)
{
	const struct slice removed = slice_str(name);

	assert_int_equal(
		0, build_apply(build, &(struct build_update){.type = type, .removed = &removed, .n_removed = 1}, NULL));
}

static void put_cluster(const char *name, const char *more)
{
	CLEANUP(freep) char *json = mem_printf("{\"name\":\"%s\",\"type\":\"EDS\"%s}", name, more);

	put(XDS_CLUSTER, name, json);
}

static void put_route(const char *name, const char *cluster)
{
	CLEANUP(freep)
	char *json = mem_printf("{\"name\":\"%s\",\"virtual_hosts\":[{\"name\":\"v\",\"domains\":[\"*\"],\"routes\":[{"
				"\"match\":{\"prefix\":\"/\"},\"route\":{\"cluster\":\"%s\"}}]}]}",
				name, cluster);

	put(XDS_ROUTE, name, json);
}

static void put_listener(const char *name, const char *route)
{
	CLEANUP(freep)
	char *json = mem_printf(
		"{\"name\":\"%s\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":1}},"
		"\"filter_chains\":[{\"filters\":[{\"name\":\"h\",\"typed_config\":{\"@type\":\"" TYPES_GOOGLEAPIS
		"filters.network.http_connection_manager.v3.HttpConnectionManager\",\"rds\":{\"route_config_name\":"
		"\"%s\",\"config_source\":{\"ads\":{}}},\"http_filters\":[{\"name\":\"r\",\"typed_config\":{\"@type\":"
		"\"" TYPES_GOOGLEAPIS "filters.http.router.v3.Router\"}}]}}]}]}",
		name, route);

	put(XDS_LISTENER, name, json);
}

static uint32_t slot(enum config_name_kind kind, const char *name)
{
	struct config *c = build_config(build);
	const uint32_t s = config_names_find(c->names, kind, slice_str(name));

	config_unref(c);
	return s;
}

/* --- who keeps a name --- */

static void what_mentions_a_name_keeps_it(void **state)
{
	uint32_t r, c;

	(void)state;
	put_route("r", "c");
	put_listener("l", "r");
	r = slot(CONFIG_NAME_ROUTE, "r");
	c = slot(CONFIG_NAME_CLUSTER, "c");
	assert_int_not_equal(CONFIG_NO_SLOT, c);
	put_cluster("c", "");
	assert_int_equal(c, slot(CONFIG_NAME_CLUSTER, "c"));
	drop(XDS_CLUSTER, "c");
	assert_int_equal(c, slot(CONFIG_NAME_CLUSTER, "c")); /* the table leads there */
	drop(XDS_ROUTE, "r");
	assert_int_equal(CONFIG_NO_SLOT, slot(CONFIG_NAME_CLUSTER, "c"));
	assert_int_equal(r, slot(CONFIG_NAME_ROUTE, "r")); /* the listener waits for it */
	drop(XDS_LISTENER, "l");
	assert_int_equal(CONFIG_NO_SLOT, slot(CONFIG_NAME_ROUTE, "r"));
}

static void a_config_keeps_its_names(void **state)
{
	struct config *old;
	uint32_t c;

	(void)state;
	put_cluster("c", "");
	old = build_config(build);
	c = config_cluster_slot(old, SLICE("c"));
	drop(XDS_CLUSTER, "c");
	put_cluster("d", "");
	assert_int_not_equal(c, slot(CONFIG_NAME_CLUSTER, "d"));
	assert_string_equal("c", config_cluster_get(old, c).spec->name);
	config_unref(old);
	assert_int_equal(CONFIG_NO_SLOT, slot(CONFIG_NAME_CLUSTER, "c"));
	put_cluster("e", "");
	assert_int_equal(c, slot(CONFIG_NAME_CLUSTER, "e"));
	/* One that is not there is nobody's, whatever has its slot now. */
	old = build_config(build);
	drop(XDS_CLUSTER, "e");
	drop(XDS_CLUSTER, "d");
	put_cluster("f", "");
	assert_null(config_cluster_get(old, config_cluster_slot(old, SLICE("f"))).spec);
	config_unref(old);
}

static void a_config_may_outlive_the_build(void **state)
{
	struct config *c;

	(void)state;
	put_cluster("c", "");
	c = build_config(build);
	build_free(build);
	build = NULL;
	assert_int_equal(0, config_cluster_slot(c, SLICE("c")));
	config_unref(c);
}

#define WITH_CA(ca)                                                                                                    \
	",\"transport_socket\":{\"name\":\"tls\",\"typed_config\":{\"@type\":\"" TYPES_GOOGLEAPIS                      \
	"transport_sockets.tls.v3.UpstreamTlsContext\",\"common_tls_context\":{\"validation_context\":{\"trusted_"     \
	"ca\":{"                                                                                                       \
	"\"inline_string\":\"" ca "\"}}}}}"

static size_t n_secrets(void)
{
	struct config *c = build_config(build);
	size_t n = 0;

	for (size_t i = 0; i < c->n_secrets; i++)
		n += c->secrets[i] != NULL;
	config_unref(c);
	return n;
}

static void secrets_in_place_go_with_what_has_them(void **state)
{
	struct config *old;

	(void)state;
	put_cluster("a", WITH_CA("one"));
	put_cluster("b", WITH_CA("one"));
	put_cluster("c", WITH_CA("two"));
	assert_int_equal(2, n_secrets());
	old = build_config(build);
	drop(XDS_CLUSTER, "a");
	assert_int_equal(2, n_secrets());
	drop(XDS_CLUSTER, "b");
	drop(XDS_CLUSTER, "c");
	put_cluster("d", WITH_CA("three"));
	assert_int_equal(3, n_secrets()); /* connections of the config before need them */
	config_unref(old);
	assert_int_equal(1, n_secrets());
	put_cluster("a", WITH_CA("one"));
	assert_int_equal(2, n_secrets());
}

/* --- ever new names --- */

static void round_of_names(int i)
{
	CLEANUP(freep) char *cluster = mem_printf("outbound|80||service-%d.shop.svc.cluster.local", i);
	CLEANUP(freep) char *route = mem_printf("route-%d", i);
	CLEANUP(freep) char *listener = mem_printf("listener-%d", i);
	CLEANUP(freep) char *secret = mem_printf("," WITH_CA("root-%d") + 1, i);
	enum xds_type type;
	const char *name;

	put_cluster(cluster, secret);
	put_route(route, cluster);
	put_listener(listener, route);
	assert_int_equal(1, build_missing(build, &type, &name)); /* endpoints */
	build_give_up(build);
	config_unref(build_config(build));
	drop(XDS_LISTENER, listener);
	drop(XDS_ROUTE, route);
	drop(XDS_CLUSTER, cluster);
	config_unref(build_config(build));
}

static void new_names_take_the_place_of_old_ones(void **state)
{
	struct config *c;
	size_t before;

	(void)state;
	for (int i = 0; i < ROUNDS / 10; i++)
		round_of_names(i);
	before = mallinfo2().uordblks;
	for (int i = ROUNDS / 10; i < ROUNDS; i++)
		round_of_names(i);
	c = build_config(build);
	print_message("%zu clusters, %zu routes, %zu secrets; %zd bytes more after %d names\n", c->n_clusters,
		      c->n_routes, c->n_secrets, (ssize_t)(mallinfo2().uordblks - before), ROUNDS);
	assert_true(c->n_clusters <= 2 && c->n_routes <= 2 && c->n_secrets <= 2);
	assert_true(mallinfo2().uordblks < before + 100000);
	config_unref(c);
}

/* --- two threads --- */

static void *let_go(void *configs)
{
	struct config **v = configs;

	for (size_t i = 0; i < 200; i++)
		config_unref(v[i]);
	return NULL;
}

static void workers_give_back_while_the_main_thread_takes(void **state)
{
	static struct config *v[2][200];
	pthread_t t;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 200; i++) {
			CLEANUP(freep) char *name = mem_printf("c%d-%d", round, i);

			put_cluster(name, "");
			v[round][i] = build_config(build);
			drop(XDS_CLUSTER, name);
		}
		if (round == 0)
			assert_int_equal(0, pthread_create(&t, NULL, let_go, v[0]));
	}
	pthread_join(t, NULL);
	let_go(v[1]);
	put_cluster("last", "");
	assert_true(slot(CONFIG_NAME_CLUSTER, "last") < 400);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_mentions_a_name_keeps_it),        CASE(a_config_keeps_its_names),
		CASE(a_config_may_outlive_the_build),       CASE(secrets_in_place_go_with_what_has_them),
		CASE(new_names_take_the_place_of_old_ones), CASE(workers_give_back_while_the_main_thread_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
