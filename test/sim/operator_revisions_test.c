/*
 * A namespace that moves between two control planes of one mesh, and back, and the end of the first one: over an API
 * server in memory, with the operator's own loop. At no time is the namespace in no mesh, or unknown to a control plane
 * that has known it; at the end all is as if the second had been alone from the beginning.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/base64.h"
#include "fake_clock.h"
#include "cluster_state.h"
#include "fake_cluster.h"
#include "operator/run/operator.h"
#include "pki/ca.h"

#define OPERATOR_NS "openshift-operators"
#define STEP_MS 200
#define QUIET_MS 15000
#define PHASE_MS 600000

#define NAMESPACE(name, labels)                                                                                        \
	"{apiVersion: v1, kind: Namespace, metadata: {name: " name ", labels: {" labels "}}}\n---\n"
#define SMCP(name, more)                                                                                               \
	"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: " name ", namespace: mesh-" name  \
	"}, spec: {version: v2.6, tracing: {type: None}, addons: {prometheus: {enabled: true}}" more "}}\n---\n"
#define ROLL(name, members)                                                                                            \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh-" name     \
	"}, spec: {members: [" members "]}}\n---\n"
#define BESIDE ", techPreview: {revisionOf: mesh-old/old}"

static struct loop *loop;
static struct mesh_operator *op;
static char *bundle;
static bool member, knows[2]; /* what was so once */

static bool set_bundles(cJSON *o)
{
	bool news = false;
	cJSON *hook;

	cJSON_ArrayForEach(hook, json_get(o, "webhooks"))
	{
		cJSON *config = json_get(hook, "clientConfig");

		if (json_get(config, "caBundle"))
			continue;
		cJSON_AddStringToObject(config, "caBundle", bundle);
		news = true;
	}
	return news;
}

/* A node: Deployments are ready as soon as they are written. And weftd: it writes its root into its webhooks. */
static bool others_say(const struct api_kind *kind, cJSON *o)
{
	const cJSON *generation = json_at(o, "metadata.generation");
	CLEANUP(freep) char *text = NULL;
	cJSON *status;
	bool news;

	if (kind == &api_kind_mutating_webhook_configuration)
		return set_bundles(o);
	if (kind != &api_kind_deployment)
		return false;
	text = mem_printf("{\"observedGeneration\":%d,\"replicas\":1,\"readyReplicas\":1,\"conditions\":[{\"type\":"
			  "\"Available\",\"status\":\"True\"}]}",
			  generation ? generation->valueint : 1);
	status = cJSON_Parse(text);
	news = !cJSON_Compare(status, json_get(o, "status"), true);
	cJSON_DeleteItemFromObject(o, "status");
	cJSON_AddItemToObject(o, "status", status);
	return news;
}

static bool lists(const cJSON *roll, const char *path)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, json_at(roll, path)) if (cJSON_IsString(one) &&
							 !strcmp(one->valuestring, "shop")) return true;
	return false;
}

/* What must never be otherwise. */
static void watch(void)
{
	static const char *const names[] = {"old", "new"};
	const cJSON *ns = cluster_get(&api_kind_namespace, NULL, "shop");
	const char *of = json_get_str(json_at(ns, "metadata.labels"), "maistra.io/member-of");

	if (member && !of)
		fail_msg("the namespace is in no mesh");
	member |= of != NULL;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *mesh = mem_printf("mesh-%s", names[i]);
		const cJSON *smcp = cluster_get(&api_kind_smcp, mesh, names[i]),
			    *roll = cluster_get(&api_kind_smmr, mesh, "default");
		const bool now = lists(roll, "status.configuredMembers") || lists(roll, "status.sharedMembers");

		if (!smcp || json_at(smcp, "metadata.deletionTimestamp") || json_at(roll, "metadata.deletionTimestamp"))
			continue;
		if (knows[i] && !now)
			fail_msg("%s does not know the namespace any more", names[i]);
		knows[i] |= now;
	}
}

static void settle(void)
{
	int64_t quiet_ms = 0;

	for (int64_t ms = 0; ms < PHASE_MS && quiet_ms < QUIET_MS; ms += STEP_MS) {
		bool any = false, more = true;

		while (more) {
			loop_turn(loop, 0);
			more = cluster_serve() > 0;
			watch();
			any |= more;
		}
		quiet_ms = any ? 0 : quiet_ms + STEP_MS;
		fake_clock_advance(loop, STEP_MS, STEP_MS);
	}
}

static void put(const char *yaml)
{
	cluster_put(yaml);
	settle();
}

static void begin(void)
{
	cluster.said = others_say;
	loop = loop_new();
	member = knows[0] = knows[1] = false;
	cluster_put(NAMESPACE("mesh-old", "") NAMESPACE("mesh-new", "") NAMESPACE("shop", "")
			    NAMESPACE(OPERATOR_NS, ""));
	op = operator_new(loop, FAKE_CLIENT, &(struct operator_options){.ns = OPERATOR_NS, .identity = "me"});
	settle();
}

static void end(void)
{
	operator_free(op);
	cluster_reset();
	loop_free(loop);
}

static bool is_on(const char *name)
{
	CLEANUP(freep) char *mesh = mem_printf("mesh-%s", name);
	const cJSON *ns = cluster_get(&api_kind_namespace, NULL, "shop"),
		    *smm = cluster_get(&api_kind_smm, "shop", "default");

	return !strcmp(json_get_str(json_at(ns, "metadata.labels"), "maistra.io/member-of"), mesh) &&
	       lists(cluster_get(&api_kind_smmr, mesh, "default"), "status.configuredMembers") &&
	       !strcmp(json_str(smm, "spec.controlPlaneRef.namespace"), mesh) &&
	       !strcmp(json_str(cluster_get(&api_kind_role_binding, "shop", "prometheus"), "roleRef.name") +
			       strlen("prometheus-"),
		       name[0] == 'o' ? "old-mesh-old" : "new-mesh-new");
}

/* An empty list in a status is as good as none. */
static char *state(void)
{
	static const char empty[] = "\"sharedMembers\":[],";
	char *text = state_without_history(), *at;

	while ((at = strstr(text, empty)))
		memmove(at, at + strlen(empty), strlen(at + strlen(empty)) + 1);
	return text;
}

static void end_of_old(void)
{
	cluster_remove(&api_kind_smcp, "mesh-old", "old");
	cluster_remove(&api_kind_smmr, "mesh-old", "default");
	settle();
	assert_true(is_on("new"));
	put(SMCP("new", ", techPreview: null")); /* no revision any more */
}

/* What the second control plane alone leaves behind. */
static char *alone(const char *labels)
{
	CLEANUP(freep) char *ns = mem_printf(NAMESPACE("shop", "%s"), labels);
	char *text;

	begin();
	put(SMCP("new", "") ROLL("new", "shop"));
	put(ns);
	assert_true(is_on("new"));
	text = state();
	end();
	return text;
}

static void assert_same(const char *want)
{
	CLEANUP(freep) char *got = state();
	char where[1024];

	if (!strcmp(want, got))
		return;
	first_difference(want, got, where, sizeof(where));
	fail_msg("%s", where);
}

static void by_label_there_and_back(void **state)
{
	CLEANUP(freep) char *want = alone("istio.io/rev: new");

	(void)state;
	begin();
	put(SMCP("old", "") ROLL("old", "shop"));
	assert_true(is_on("old"));
	put(SMCP("new", BESIDE));
	assert_true(is_on("old") && knows[1]);
	for (int i = 0; i < 2; i++) {
		put(NAMESPACE("shop", "istio.io/rev: new"));
		assert_true(is_on("new") && knows[0]);
		if (i == 0)
			put(NAMESPACE("shop", "istio.io/rev: old"));
		assert_true(i || is_on("old"));
	}
	end_of_old();
	assert_same(want);
	end();
}

/* Nobody labels anything: it is taken over when the first one goes. */
static void at_the_end_without_a_label(void **state)
{
	CLEANUP(freep) char *want = alone("");

	(void)state;
	begin();
	put(SMCP("old", "") ROLL("old", "shop"));
	put(SMCP("new", BESIDE));
	assert_true(is_on("old"));
	end_of_old();
	assert_same(want);
	end();
}

/* As Maistra's users do: out of one roll, into the other. */
static void by_rolls(void **state)
{
	(void)state;
	begin();
	put(SMCP("old", "") ROLL("old", "shop"));
	put(SMCP("new", BESIDE));
	put(ROLL("old", ""));
	assert_true(is_on("new") && knows[0]);
	put(ROLL("old", "shop"));
	assert_true(is_on("old"));
	end();
}

static int make_bundle(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, 1700000000, 86400, &ca, NULL), 0);
	base64_encode(pki_ca_cert_pem(ca), &text);
	bundle = buf_take_str(&text);
	return 0;
}

static int free_bundle(void **state)
{
	(void)state;
	free(bundle);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_label_there_and_back),
		cmocka_unit_test(at_the_end_without_a_label),
		cmocka_unit_test(by_rolls),
	};

	return cmocka_run_group_tests(tests, make_bundle, free_bundle);
}
