/*
 * The operator whose every write goes wrong in turn: a mesh is installed, changed, tampered with and removed, and in
 * each life one fault happens at one write (fake_cluster.h). Whatever it was, each phase ends in the state of a life
 * without faults, and at no write does the status say more than is so.
 *
 *   operator_faults_test            some writes for each fault
 *   operator_faults_test all        every write
 *   operator_faults_test KIND AT    that one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/log.h"
#include "fake_clock.h"
#include "cluster_state.h"
#include "fake_cluster.h"
#include "operator/run/operator.h"

#define OPERATOR_NS "openshift-operators"
#define STEP_MS 200
#define PHASE_MS 60000 /* until all is quiet, once the fault is over */
#define SOME_WRITES 1

static struct loop *loop;
static struct mesh_operator *op;
static int lives;
static char problem[512]; /* what the status said and was not so */
static char version_said[16];
static bool label_taken; /* by hand, from shop; not yet back */

/* --- the world around the operator --- */

/* A node: Deployments are ready as soon as they are written. */
static bool node_says(const struct api_kind *kind, cJSON *o)
{
	const cJSON *generation = json_at(o, "metadata.generation");
	CLEANUP(freep) char *text = NULL;
	cJSON *status;
	bool news;

	if (kind != &api_kind_deployment)
		return false;
	text = mem_printf("{\"observedGeneration\":%d,\"replicas\":1,\"readyReplicas\":1,\"availableReplicas\":1,"
			  "\"conditions\":[{"
			  "\"type\":\"Available\",\"status\":\"True\"}]}",
			  generation ? generation->valueint : 1);
	status = cJSON_Parse(text);
	news = !cJSON_Compare(status, json_get(o, "status"), true);
	cJSON_DeleteItemFromObject(o, "status");
	cJSON_AddItemToObject(o, "status", status);
	return news;
}

static void begin_operator(void)
{
	op = operator_new(loop, FAKE_CLIENT, &(struct operator_options){.ns = OPERATOR_NS, .identity = "me"});
}

static const char *condition_of(const cJSON *o, const char *type)
{
	const cJSON *c;

	cJSON_ArrayForEach(c, json_at(o, "status.conditions"))
	{
		if (!strcmp(json_str(c, "type"), type))
			return json_str(c, "status");
	}
	return NULL;
}

static bool current(const cJSON *o)
{
	const cJSON *seen = json_at(o, "status.observedGeneration"), *is = json_at(o, "metadata.generation");

	return seen && is && seen->valueint == is->valueint;
}

static bool has_label(const char *ns, const char *value)
{
	const cJSON *labels = json_at(fake_kube_get(&api_kind_namespace, NULL, ns), "metadata.labels");
	const char *of = json_get_str(labels, "maistra.io/member-of");

	return of && !strcmp(of, value);
}

/* Another version is said when all is of it. */
static void check_version(const cJSON *smcp)
{
	const cJSON *istiod = fake_kube_get(&api_kind_deployment, "mesh", "istiod-basic");
	const char *is = json_get_str(json_at(istiod, "metadata.labels"), "maistra-version");
	const char *said = json_str(smcp, "status.chartVersion"), *done = condition_of(smcp, "Reconciled");

	if (!said || !strcmp(said, version_said))
		return;
	snprintf(version_said, sizeof(version_said), "%s", said);
	if (!is || strcmp(said, is) != 0 || !done || strcmp(done, "True") != 0)
		snprintf(problem, sizeof(problem), "write %d: version %s is said", cluster.writes, said);
}

/* Ready means that the control plane is there; configured members are labelled, but for one whose label a hand took,
 * until it has it back. Users' hands and an older etcd may take away what was so when it was said. */
static void check_honesty(void)
{
	const cJSON *smcp = fake_kube_get(&api_kind_smcp, "mesh", "basic");
	const cJSON *roll = fake_kube_get(&api_kind_smmr, "mesh", "default"), *m;
	const char *ready = condition_of(smcp, "Ready");

	if (cluster.fault.kind == FAULT_RESTORED)
		return;
	label_taken &= !has_label("shop", "mesh");
	check_version(smcp);
	if (ready && !strcmp(ready, "True") && current(smcp) &&
	    !fake_kube_get(&api_kind_deployment, "mesh", "istiod-basic"))
		snprintf(problem, sizeof(problem), "write %d: Ready without istiod", cluster.writes);
	cJSON_ArrayForEach(m, json_at(roll, "status.configuredMembers"))
	{
		if (current(roll) && !json_at(roll, "metadata.deletionTimestamp") &&
		    !has_label(m->valuestring, "mesh") && !label_taken)
			snprintf(problem, sizeof(problem), "write %d: %s is said to be configured", cluster.writes,
				 m->valuestring);
	}
}

static bool is_status_of_mesh(const struct kube_call *c)
{
	return c->req.subresource && (c->req.kind == &api_kind_smcp || c->req.kind == &api_kind_smmr);
}

/* Whether something was done. */
static bool turn(void)
{
	size_t n = 0;
	bool status = false;

	for (size_t i = 0; i < fake_kube.calls.n; i++)
		status |= is_status_of_mesh(fake_kube.calls.v[i]);
	loop_turn(loop, 0);
	n = cluster_serve();
	if (status)
		check_honesty();
	if (cluster.killed) {
		operator_free(op);
		cluster.killed = false;
		cluster.fault.at = 0;
		begin_operator();
		return true;
	}
	return n > 0;
}

/* Time passes until nothing happens any more for a while. */
static void settle(void)
{
	int64_t quiet_ms = 0;

	for (int64_t ms = 0; ms < 20 * PHASE_MS && quiet_ms < PHASE_MS / 4; ms += STEP_MS) {
		bool any = false;

		while (turn())
			any = true;
		quiet_ms = any || cluster.away_until_ns ? 0 : quiet_ms + STEP_MS;
		fake_clock_advance(loop, STEP_MS, STEP_MS);
	}
}

/* --- a life --- */

#define NAMESPACE(name) "{apiVersion: v1, kind: Namespace, metadata: {name: " name "}}\n---\n"
#define ROLL(members)                                                                                                  \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh}, spec: {" \
	"members: [" members "]}}\n---\n"
#define SMCP(version, spec)                                                                                            \
	"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: mesh}, spec: {" \
	"version: " version ", tracing: {type: None}, " spec "}}"

static void install(void)
{
	cluster_put(SMCP(
		"v2.5",
		"gateways: {egress: {enabled: true}}, addons: {prometheus: {enabled: false}}") "\n---\n" ROLL("shop, "
													      "stock"));
}

/* A newer version, a gateway less, an add-on more, a member for another. */
static void change(void)
{
	cluster_put(SMCP(
		"v2.6",
		"gateways: {egress: {enabled: false}}, addons: {prometheus: {enabled: true}}") "\n---\n" ROLL("shop, "
													      "late"));
}

/* By hand: objects deleted and edited, and a field and an object of somebody else, which stay. */
static void tamper(void)
{
	label_taken = true;
	cluster_remove(&api_kind_deployment, "mesh", "istiod-basic");
	cluster_remove(&api_kind_network_policy, "shop", "istio-mesh-basic");
	cluster_remove(&api_kind_smm, "late", "default");
	cluster_put(
		"{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {maistra.io/member-of: null, team: "
		"a}}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: istio-ingressgateway, namespace: mesh, annotations: "
		"{theirs: "
		"'1'}}, spec: {selector: {app: none}}}\n---\n"
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs, namespace: mesh}, data: {a: b}}");
}

static void take_away(void)
{
	cluster_remove(&api_kind_smmr, "mesh", "default");
	cluster_remove(&api_kind_smcp, "mesh", "basic");
}

static const struct phase {
	const char *name;
	void (*act)(void);
} phases[] = {{"installed", install}, {"changed", change}, {"mended", tamper}, {"removed", take_away}};

static char *wanted[ARRAY_LEN(phases)]; /* what each phase ends in, without faults */
static int ends_at[ARRAY_LEN(phases)];  /* after how many writes */

static bool live(enum fault_kind kind, int at, bool first)
{
	bool ok = true;

	lives++;
	problem[0] = version_said[0] = '\0';
	label_taken = false;
	cluster.fault.kind = kind;
	cluster.fault.at = at;
	cluster.said = node_says;
	loop = loop_new();
	cluster_put(NAMESPACE("mesh") NAMESPACE("shop") NAMESPACE("stock") NAMESPACE("late") NAMESPACE(OPERATOR_NS));
	begin_operator();
	settle();
	for (size_t i = 0; i < ARRAY_LEN(phases) && ok; i++) {
		CLEANUP(freep) char *state = NULL;
		char text[1200];

		phases[i].act();
		settle();
		if (kind == FAULT_RESTORED) { /* what users said since is lost, too: they say it again */
			phases[i].act();
			settle();
		}
		state = state_text();
		if (first) {
			wanted[i] = take(state);
			ends_at[i] = cluster.writes;
			continue;
		}
		ok = !strcmp(state, wanted[i]) && !problem[0];
		if (!ok) {
			first_difference(wanted[i], state, text, sizeof(text));
			print_error("%s at write %d, %s: %s\n%s\n", fault_names[kind], at, phases[i].name, problem,
				    text);
		}
	}
	operator_free(op);
	loop_free(loop);
	if (cluster_reset())
		fail_msg("calls are left");
	return ok;
}

/* --- the tests --- */

static int every; /* this many writes apart; 0 = so that there are SOME_WRITES of them */

static void nothing_is_left_and_others_are_left_alone(void **state)
{
	(void)state;
	assert_non_null(strstr(wanted[0], "Deployment mesh/istio-egressgateway"));
	assert_null(strstr(wanted[1], "Deployment mesh/istio-egressgateway"));
	assert_non_null(strstr(wanted[0], "\"chartVersion\":\"2.5.0\""));
	assert_non_null(strstr(wanted[1], "\"chartVersion\":\"2.6.0\""));
	assert_non_null(strstr(wanted[1], "Deployment mesh/prometheus"));
	assert_non_null(strstr(wanted[2], "Deployment mesh/istiod-basic"));
	assert_non_null(strstr(wanted[2], "NetworkPolicy shop/istio-mesh-basic"));
	assert_non_null(strstr(wanted[2], "\"theirs\":\"1\""));
	assert_non_null(strstr(wanted[2], "\"team\":\"a\""));
	assert_null(strstr(wanted[2], "\"app\":\"none\""));
	assert_null(strstr(wanted[3], "Deployment"));
	assert_null(strstr(wanted[3], "ServiceMesh"));
	assert_null(strstr(wanted[3], "RoleBinding"));
	assert_null(strstr(wanted[3], "NetworkPolicy"));
	assert_null(strstr(wanted[3], "maistra.io/member-of"));
	assert_non_null(strstr(wanted[3], "ConfigMap mesh/theirs"));
}

static void fault(void **state)
{
	const enum fault_kind kind = *(const enum fault_kind *)*state;
	const int last = ends_at[ARRAY_LEN(phases) - 1], step = every ? every : MAX(1, last / SOME_WRITES);
	int bad = 0, n = 0;

	/* each fault begins elsewhere, so that together they meet more writes */
	for (int at = 1 + (every ? 0 : (int)kind * step / FAULT_KIND_COUNT); at <= last; at += step, n++)
		bad += !live(kind, at, false);
	print_message("%s: %d writes, %d ended otherwise\n", fault_names[kind], n, bad);
	assert_int_equal(0, bad);
}

int main(int argc, char **argv)
{
	static enum fault_kind kinds[FAULT_KIND_COUNT];
	struct CMUnitTest tests[FAULT_KIND_COUNT] = {{"nothing_is_left_and_others_are_left_alone",
						      nothing_is_left_and_others_are_left_alone, NULL, NULL, NULL}};
	int r = 0;

	log_set_level(LOG_NONE);
	every = argc > 1 && !strcmp(argv[1], "all");
	live(FAULT_NONE, 0, true);
	print_message("writes: installed %d, changed %d, mended %d, removed %d\n", ends_at[0], ends_at[1], ends_at[2],
		      ends_at[3]);
	for (int k = 1; k < FAULT_KIND_COUNT; k++) {
		kinds[k] = (enum fault_kind)k;
		tests[k] = (struct CMUnitTest){fault_names[k], fault, NULL, NULL, &kinds[k]};
		if (argc > 2 && !strcmp(argv[1], fault_names[k]))
			return !live(kinds[k], atoi(argv[2]), false);
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		free(wanted[i]);
	return r;
}
