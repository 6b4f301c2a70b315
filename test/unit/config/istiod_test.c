/*
 * What Istio's own istiod sent to a gateway and to a sidecar is taken whole. It was recorded
 * (RECORD=test/conformance/istiod test/clients/run.py istiod) from rules for a gateway, TLS by the system's
 * authorities, faults, retries, policies, strict mutual TLS and logs in the default format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/build.h"
#include "config/config_parts.h"

#define RECORDED "test/conformance/istiod/"
#define RECORDED_MAX (1 << 20)

static uint32_t u32(struct slice *rest)
{
	uint32_t v;

	assert_true(rest->len >= sizeof(v));
	memcpy(&v, rest->ptr, sizeof(v));
	*rest = slice_from(*rest, sizeof(v));
	return v;
}

static struct slice bytes(struct slice *rest, size_t n)
{
	struct slice s = slice_head(*rest, n);

	assert_true(rest->len >= n);
	*rest = slice_from(*rest, n);
	return s;
}

/* Entries of a type (u8), lengths of name and bytes (u32), name, bytes. */
static struct build *replayed(const char *file)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct config_node *node = NEW(struct config_node);
	struct err e = ERR_INIT;
	struct build *b;
	struct slice rest;

	node->refs = 1;
	b = build_new(node);
	config_node_unref(node);
	assert_int_equal(file_read(file, RECORDED_MAX, &text, &e), 0);
	for (rest = buf_slice(&text); rest.len;) {
		const enum xds_type type = (enum xds_type) * bytes(&rest, 1).ptr;
		const uint32_t name = u32(&rest), size = u32(&rest);
		const struct slice called = bytes(&rest, name);
		struct xds_resource *r = xds_resource_new(type, called, bytes(&rest, size));
		const struct build_update u = {type, &r, 1, NULL, 0, NULL};

		if (build_apply(b, &u, &e) < 0)
			fail_msg("%s: %s", file, e.msg);
		xds_resource_unref(r);
	}
	return b;
}

static const struct config_cluster_spec *cluster(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_clusters; i++)
		if (c->clusters[i].spec && strcmp(c->clusters[i].spec->name, name) == 0)
			return c->clusters[i].spec;
	fail_msg("there is no cluster %s", name);
	return NULL;
}

static const struct config_listener *listener(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_listeners; i++)
		if (strcmp(c->listeners[i]->name, name) == 0)
			return c->listeners[i];
	fail_msg("there is no listener %s", name);
	return NULL;
}

/* What the agent provides comes; whether that secret was among it. */
static bool provide(struct build *b, const char *secret)
{
	size_t n;
	const char *const *names = build_local_secrets(b, &n);
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		found |= strcmp(names[i], secret) == 0;
		build_set_secret(b, config_secret_new(names[i], SLICE(""), SLICE(""), SLICE("")));
	}
	return found;
}

static void a_gateways(void **state)
{
	struct build *b = replayed(RECORDED "front.bin");
	struct config *c = build_config(b);
	const struct config_access_log *log;

	(void)state;
	log = listener(c, "0.0.0.0_18080")->logs;
	assert_non_null(log->filter);
	assert_int_equal(log->filter->kind, CONFIG_LOG_FLAGS);
	assert_int_equal(cluster(c, "outbound|8443||secure.example")->type, CONFIG_CLUSTER_EDS);
	assert_true(provide(b, "file-root:system"));
	assert_int_equal(c->n_routes, 1);
	assert_non_null(c->routes[0]);
	config_unref(c);
	build_free(b);
}

static void a_sidecars(void **state)
{
	struct build *b = replayed(RECORDED "side.bin");
	struct config *c = build_config(b);
	enum xds_type type;
	const char *name = "";

	(void)state;
	listener(c, "virtualInbound");
	listener(c, "virtualOutbound");
	listener(c, "10.97.0.1_9000");
	cluster(c, "outbound|80||svc-7.shop.example");
	assert_true(provide(b, "default"));
	if (build_missing(b, &type, &name))
		fail_msg("%s is missing", name);
	config_unref(c);
	build_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_gateways), cmocka_unit_test(a_sidecars)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
