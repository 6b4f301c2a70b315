/*
 * weftd whose every write goes wrong in turn: roots, webhooks' bundles, Routes and statuses are kept through a change
 * and what hands do to them, and in each life one fault happens at one write (fake_cluster.h). Each phase ends in the
 * state of a life without faults.
 *
 *   weftd_faults_test [all]         some writes for each fault, or every one
 *   weftd_faults_test KIND AT       that one
 */
#include "test/unit/discovery/whole.h"

#include "base/log.h"
#include "cluster_state.h"
#include "fake_cluster.h"

#define STEP_MS 200
#define QUIET_MS 12000
#define LIFE_MS 1200000
#define SOME_WRITES 1

static struct loop *loop;
static char *root_secret; /* the same in all lives */

#define NAMESPACE(name) "{apiVersion: v1, kind: Namespace, metadata: {name: " name "}}\n---\n"
#define HOOKS(kind, name)                                                                                              \
	"{apiVersion: admissionregistration.k8s.io/v1, kind: " kind ", metadata: {name: " name                         \
	"}, webhooks: [{name: a, clientConfig: {caBundle: b2xk}}, {name: b, clientConfig: {caBundle: b2xk}}]}\n---\n"
#define BOTH_HOOKS                                                                                                     \
	HOOKS("MutatingWebhookConfiguration", "istiod-basic-mesh")                                                     \
	HOOKS("ValidatingWebhookConfiguration", "istio-validator-basic-mesh")
#define VIRTUAL_SERVICE(name, host, to)                                                                                \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: " name                       \
	", namespace: shop}, spec: {hosts: [" host "], http: [{route: [{destination: {host: " to "}}]}]}}\n---\n"
#define INGRESS                                                                                                        \
	"{apiVersion: v1, kind: Service, metadata: {name: ingress, namespace: mesh}, spec: {clusterIP: 10.96.0.30, "   \
	"selector: {istio: ingressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}]}}\n---\n"               \
	"{apiVersion: v1, kind: Pod, metadata: {name: ingress-1, namespace: mesh, labels: {istio: ingressgateway}}, "  \
	"spec: {serviceAccountName: gw, containers: [{name: istio-proxy, image: x}]}, status: {podIP: 10.244.0.30, "   \
	"phase: Running, conditions: [{type: Ready, status: 'True'}]}}\n---\n"
#define GATEWAY(hosts)                                                                                                 \
	"{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: g, namespace: shop}, spec: "        \
	"{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: "       \
	"[" hosts "]}]}}"

static void begin_weftd(void)
{
	const struct discovery_config cfg = whole_config();
	struct err e = ERR_INIT;

	d = discovery_new(loop, FAKE_CLIENT, &cfg, &e);
	if (!d)
		fail_msg("%s", e.msg);
}

static void end_weftd(void)
{
	discovery_free(d);
	arena_done(&fake_web.arena);
	memset(&fake_web, 0, sizeof(fake_web));
}

/* Rights are asked for, by the thousand, and are no writes. */
static bool reviews(struct kube_call *c)
{
	if (c->req.kind != &api_kind_self_subject_access_review)
		return false;
	fake_kube_answer(c, KUBE_OK, cJSON_Parse("{\"status\":{\"allowed\":true}}"));
	return true;
}

static bool turn(void)
{
	size_t n;

	loop_turn(loop, 0);
	n = cluster_serve();
	if (cluster.killed) {
		end_weftd();
		cluster.killed = false;
		cluster.fault.at = 0;
		begin_weftd();
		return true;
	}
	return n > 0;
}

/* Time passes until nothing is written any more; that rights are asked for each minute counts for nothing. */
static void settle(void)
{
	int64_t quiet_ms = 0;

	for (int64_t ms = 0; ms < LIFE_MS && quiet_ms < QUIET_MS; ms += STEP_MS) {
		const int before = cluster.writes;

		while (turn()) {
		}
		quiet_ms = cluster.writes != before || cluster.away_until_ns ? 0 : quiet_ms + STEP_MS;
		fake_clock_advance(loop, STEP_MS, STEP_MS);
	}
}

static void serve(void)
{
	cluster_put(BOTH_HOOKS INGRESS VIRTUAL_SERVICE("good", "catalog", "catalog") VIRTUAL_SERVICE(
		"nowhere", "db", "nobody") VIRTUAL_SERVICE("late", "catalog", "inventory") GATEWAY("a.example.com, "
												   "b.example."
												   "com"));
}

static void change(void)
{
	cluster_put(ROLL("shop, late") "\n---\n" VIRTUAL_SERVICE("nowhere", "db", "db")
			    GATEWAY("b.example.com, c.example.com"));
}

static void tamper(void)
{
	const cJSON *route = NULL;

	for (size_t i = 0; i < fake_kube.objects.n && !route; i++)
		if (fake_is(fake_kube.objects.v[i], &api_kind_route, NULL, NULL))
			route = fake_kube.objects.v[i];
	if (route)
		cluster_remove(&api_kind_route, "mesh", json_str(route, "metadata.name"));
	cluster_remove(&api_kind_config_map, "late", "istio-ca-root-cert");
	cluster_put("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: shop}, data: "
		    "{root-cert.pem: forged, theirs: x}}\n---\n" BOTH_HOOKS);
}

static const struct phase {
	const char *name;
	void (*act)(void);
} phases[] = {{"served", serve}, {"changed", change}, {"mended", tamper}};

static char *wanted[ARRAY_LEN(phases)];
static int ends_at[ARRAY_LEN(phases)];

static bool live(enum fault_kind kind, int at, bool first)
{
	bool ok = true;

	cluster.fault.kind = kind;
	cluster.fault.at = at;
	fake_kube.hook = reviews;
	loop = loop_new();
	cluster_put(NAMESPACE("mesh") NAMESPACE("shop") NAMESPACE("stock") NAMESPACE("late") ROLL("shop, stock"));
	cluster_put(root_secret);
	cluster_put(world_shop);
	begin_weftd();
	settle();
	for (size_t i = 0; i < ARRAY_LEN(phases) && ok; i++) {
		CLEANUP(freep) char *state = NULL;
		char text[1200];

		phases[i].act();
		settle();
		if (kind == FAULT_RESTORED) { /* what users said since is lost, too */
			phases[i].act();
			settle();
		}
		state = state_text();
		if (first) {
			wanted[i] = take(state);
			ends_at[i] = cluster.writes;
			continue;
		}
		ok = !strcmp(state, wanted[i]);
		if (!ok) {
			first_difference(wanted[i], state, text, sizeof(text));
			print_error("%s at write %d, %s:\n%s\n", fault_names[kind], at, phases[i].name, text);
		}
	}
	end_weftd();
	loop_free(loop);
	if (cluster_reset())
		fail_msg("calls are left");
	return ok;
}

static int every;

static void the_end_is_what_was_wanted(void **state)
{
	(void)state;
	assert_non_null(strstr(wanted[0], "ConfigMap stock/istio-ca-root-cert"));
	assert_null(strstr(wanted[0], "b2xk"));
	assert_non_null(strstr(wanted[0], "a.example.com\",\"to\""));
	assert_non_null(strstr(wanted[1], "ConfigMap late/istio-ca-root-cert"));
	assert_null(strstr(wanted[1], "a.example.com\",\"to\""));
	assert_non_null(strstr(wanted[1], "c.example.com\",\"to\""));
	assert_null(strstr(wanted[2], "forged"));
	assert_null(strstr(wanted[2], "b2xk"));
	assert_non_null(strstr(wanted[2], "\"theirs\":\"x\""));
	assert_non_null(strstr(wanted[2], "c.example.com\",\"to\""));
	assert_non_null(strstr(wanted[2], "\"type\":\"Accepted\""));
}

static void fault(void **state)
{
	const enum fault_kind kind = *(const enum fault_kind *)*state;
	const int last = ends_at[ARRAY_LEN(phases) - 1], step = every ? every : MAX(1, last / SOME_WRITES);
	int bad = 0, n = 0;

	for (int at = 1 + (every ? 0 : (int)kind * step / FAULT_KIND_COUNT); at <= last; at += step, n++)
		bad += !live(kind, at, false);
	print_message("%s: %d writes, %d ended otherwise\n", fault_names[kind], n, bad);
	assert_int_equal(0, bad);
}

static char *make_root_secret(void)
{
	CLEANUP(freep) char *json = NULL;

	whole_put_root();
	json = cJSON_PrintUnformatted(fake_kube_get(&api_kind_secret, "mesh", "istio-ca-secret"));
	fake_kube_reset();
	return mem_strdup(json);
}

int main(int argc, char **argv)
{
	static enum fault_kind kinds[FAULT_KIND_COUNT];
	struct CMUnitTest tests[FAULT_KIND_COUNT] = {
		{"the_end_is_what_was_wanted", the_end_is_what_was_wanted, NULL, NULL, NULL}};
	int r;

	log_set_level(LOG_NONE);
	every = argc > 1 && !strcmp(argv[1], "all");
	root_secret = make_root_secret();
	live(FAULT_NONE, 0, true);
	print_message("writes: served %d, changed %d, mended %d\n", ends_at[0], ends_at[1], ends_at[2]);
	for (int k = 1; k < FAULT_KIND_COUNT; k++) {
		kinds[k] = (enum fault_kind)k;
		tests[k] = (struct CMUnitTest){fault_names[k], fault, NULL, NULL, &kinds[k]};
		if (argc > 2 && !strcmp(argv[1], fault_names[k]))
			return !live(kinds[k], atoi(argv[2]), false);
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		free(wanted[i]);
	free(root_secret);
	return r;
}
