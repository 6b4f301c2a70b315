/* Names of workloads from their pods' owners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api/core/pod.h"
#include "mesh/workload.h"
#include "msg/json.h"
#include "world.h"

#define POD(labels, owner)                                                                                             \
	"{apiVersion: v1, kind: Pod, metadata: {name: shop-1-x7k2p, namespace: shop, labels: {" labels                 \
	"}, ownerReferences: [" owner "]}, spec: {containers: [{name: a, image: x}]}}"
#define OWNER(kind, name) "{apiVersion: x, kind: " kind ", name: " name ", uid: u, controller: true}"

static const struct {
	const char *pod, *workload, *plural, *api_version;
} rows[] = {
	{POD("pod-template-hash: abc", OWNER("ReplicaSet", "shop-abc")), "shop", "deployments", "apps/v1"},
	{POD("", OWNER("StatefulSet", "shop")), "shop", "statefulsets", "apps/v1"},
	{POD("deploymentconfig: shop", OWNER("ReplicationController", "shop-1")), "shop", "deploymentconfigs", "v1"},
	{POD("", OWNER("ReplicationController", "shop-1")), "shop-1", "replicationcontrollers", "v1"},
	{POD("deploymentconfig: shop", OWNER("StatefulSet", "other")), "other", "statefulsets", "apps/v1"},
	{POD("deploymentconfig: shop", ""), "shop-1-x7k2p", "pods", "v1"},
};

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {rows[i].pod, NULL};
		const char *plural, *api_version;
		const struct core_pod *pod;
		struct world w;

		world_init(&w, "", yaml);
		pod = API_VALUE(store_get(w.store, &api_kind_pod, "shop", "shop-1-x7k2p"), pod, core_pod);
		assert_string_equal(pod_workload(&a, pod), rows[i].workload);
		pod_workload_kind(pod, &plural, &api_version);
		assert_string_equal(plural, rows[i].plural);
		assert_string_equal(api_version, rows[i].api_version);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
