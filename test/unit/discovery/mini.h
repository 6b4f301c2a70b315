/*
 * A control plane without listeners, over a fake API server and a clock that stands still: what the tests of
 * lib/discovery build on. Include once per test program.
 */
#ifndef TEST_MINI_H
#define TEST_MINI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "discovery/internal.h"
#include "fake_clock.h"
#include "fake_kube.h"
#include "msg/yaml.h"

/* The least that parts of discovery need: loop, store, mesh, members, servers. Nothing is started. */
static inline struct discovery *mini_new(const char *mesh_yaml)
{
	struct discovery *d = NEW(struct discovery);
	const struct mesh_settings s = {.root_namespace = "mesh", .domain = "cluster.local", .revision = "basic"};
	struct err e = ERR_INIT;

	d->loop = loop_new();
	d->kube = FAKE_CLIENT;
	d->cfg = (struct discovery_config){.ns = "mesh",
					   .revision = "basic",
					   .pod_name = "istiod-basic-0",
					   .domain = "cluster.local",
					   .cluster_id = "Kubernetes",
					   .member_roll = "default",
					   .host = "127.0.0.1"};
	list_init(&d->views);
	list_init(&d->sessions);
	d->store = store_new();
	assert_int_equal(0, mesh_config_new(slice_str(mesh_yaml ? mesh_yaml : ""), &s, NULL, NULL, &d->mesh, &e));
	d->grpc = grpc_server_new(d->loop, NULL);
	discovery_ads_serve(d);
	return d;
}

/* Frees it; calls that are still under way are a leak. */
static inline void mini_free(struct discovery *d)
{
	xds_server_free(d->xds);
	grpc_server_free(d->grpc);
	discovery_authority_free(d->ca);
	discovery_members_free(d->members);
	compile_cache_clear(&d->cache);
	snapshot_unref(d->snap);
	mesh_config_unref(d->mesh);
	xds_pool_done(&d->pool);
	mesh_changes_done(&d->changes);
	map_done(&d->view_keys);
	store_free(d->store);
	free(d->tokens);
	loop_free(d->loop);
	free(d);
	assert_int_equal(0, fake_kube_reset());
}

static inline int mini_put_doc(void *arg, cJSON *doc, struct err *e)
{
	(void)arg, (void)e;
	fake_kube_put(doc);
	return 0;
}

/* Puts the documents of a YAML text into the API server. */
static inline void mini_put(const char *yaml)
{
	struct err e = ERR_INIT;

	if (yaml_each(slice_str(yaml), mini_put_doc, NULL, &e) < 0)
		fail_msg("%s", e.msg);
}

/* Lets everything run until nothing is left to do at this time. */
static inline void mini_settle(struct discovery *d)
{
	for (int quiet = 0; quiet < 2;) {
		loop_turn(d->loop, 0);
		quiet = fake_kube_serve() ? 0 : quiet + 1;
	}
}

/* Time passes, and what it brings is done. */
static inline void mini_pass(struct discovery *d, int64_t ms)
{
	for (int64_t done = 0; done < ms; done += 10) {
		fake_clock_advance(d->loop, 10, 10);
		mini_settle(d);
	}
}

/* A mesh of the namespaces "mesh" and those of a roll, "shop" and "stock". */
static inline void mini_members(struct discovery *d)
{
	mini_put("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh},"
		 " spec: {members: [shop, stock]}, status: {configuredMembers: [shop, stock]}}");
	d->members = discovery_members_new(d);
	mini_settle(d);
	discovery_members_update(d->members);
	mini_settle(d);
}

#endif
