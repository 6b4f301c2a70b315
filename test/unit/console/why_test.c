/* What was pasted, read, and told step by step against a cluster's objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "console/why/why.h"
#include "msg/json.h"
#include "stored.h"

static struct store *store;

static const char world[] = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: catalog, namespace: shop}, spec: "
			    "{selector: {matchLabels: "
			    "{app: catalog}}, template: {metadata: {labels: {app: catalog}}}}}\n---\n"
			    "{apiVersion: v1, kind: Pod, metadata: {name: catalog-1, namespace: shop, labels: {app: "
			    "catalog}}, spec: {containers: "
			    "[{name: istio-proxy}]}, status: {phase: Running, podIP: 10.0.0.9, containerStatuses: "
			    "[{name: istio-proxy, ready: "
			    "false, restartCount: 4}]}}\n---\n"
			    "{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: "
			    "{selector: {app: catalog}, ports: "
			    "[{name: http, port: 80}]}}\n---\n"
			    "{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: split, "
			    "namespace: shop}, spec: {hosts: "
			    "[catalog, shop.example.com], http: [{route: [{destination: {host: catalog, subset: "
			    "v9}}]}]}, status: {conditions: "
			    "[{type: Accepted, status: 'True'}, {type: ResolvedRefs, status: 'False', message: "
			    "'spec.http[0].route[0]: no subset "
			    "v9'}]}}\n---\n"
			    "{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: cb, "
			    "namespace: shop}, spec: {host: "
			    "catalog, subsets: [{name: v1, labels: {version: v1}}]}}\n---\n"
			    "{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: deny, "
			    "namespace: shop}, spec: "
			    "{selector: {matchLabels: {app: catalog}}, action: DENY, rules: [{}]}}\n";

static bool sees(void *arg, const char *ns)
{
	(void)ns;
	return arg == NULL;
}

static const char line_503[] =
	"2026-01-01T00:00:00.1Z [2026-01-01T00:00:00.000Z] \"GET /a b?c=\\\"d\\\" HTTP/1.1\" 503 UO "
	"upstream_reset_before_response_started{overflow} - \"-\" 0 81 2 - \"10.1.1.1\" \"a \\\"quoted\\\" agent\" "
	"\"9c1f7a8e-0000-9000-8000-000000000001\" \"catalog:80\" \"10.0.0.9:8080\" "
	"outbound|80|v9|catalog.shop.svc.cluster.local - 10.96.0.7:80 10.0.0.3:40000 - default \"a limit is reached; "
	"look at: "
	"connectionPool of the DestinationRule\"\n";

/* ---- reading ---- */

static void kinds(void **state)
{
	static const struct {
		const char *text;
		enum why_kind kind;
		const char *id;
	} rows[] = {
		{"9c1f7a8e-0000-9000-8000-000000000001", WHY_REQUEST, "9c1f7a8e-0000-9000-8000-000000000001"},
		{" x-request-id: 9c1f7a8e-0000-9000-8000-000000000001\r\n", WHY_REQUEST,
		 "9c1f7a8e-0000-9000-8000-000000000001"},
		{"\"0123456789abcdef0123456789ABCDEF\"", WHY_TRACE, "0123456789abcdef0123456789ABCDEF"},
		{"0123456789abcdef", WHY_TRACE, "0123456789abcdef"},
		{"traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01", WHY_TRACE,
		 "0123456789abcdef0123456789abcdef"},
		{"0123456789abcde", WHY_NOTHING, ""},
		{"9c1f7a8e-0000-9000-8000-00000000000g", WHY_NOTHING, ""},
		{"", WHY_NOTHING, ""},
		{"why?", WHY_NOTHING, ""},
		{line_503, WHY_LINE, ""},
		{"{\"response_code\":503}", WHY_LINE, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice id;

		if (why_kind_of(slice_str(rows[i].text), &id) != rows[i].kind || !slice_eq_str(id, rows[i].id))
			fail_msg("%s: \"%.*s\"", rows[i].text, SLICE_ARG(id));
	}
}

static void text_line(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct why_line l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(why_read_line(&a, slice_str(line_503), &l, &e), 0);
	assert_string_equal(l.f[WHY_START_TIME], "2026-01-01T00:00:00.000Z");
	assert_string_equal(l.f[WHY_METHOD], "GET");
	assert_string_equal(l.f[WHY_PATH], "/a b?c=\\\"d\\\"");
	assert_string_equal(l.f[WHY_PROTOCOL], "HTTP/1.1");
	assert_string_equal(l.f[WHY_CODE], "503");
	assert_string_equal(l.f[WHY_FLAGS], "UO");
	assert_string_equal(l.f[WHY_FAILURE], "");
	assert_string_equal(l.f[WHY_USER_AGENT], "a \\\"quoted\\\" agent");
	assert_string_equal(l.f[WHY_CLUSTER], "outbound|80|v9|catalog.shop.svc.cluster.local");
	assert_string_equal(l.f[WHY_ROUTE], "default");
	assert_non_null(strstr(l.f[WHY_REASON], "connectionPool"));
}

/* Envoy's own lines have no sentence at their end; what is cut off in the middle is told with what is missing. */
static void other_lines(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *end = strstr(line_503, " \"a limit"), *middle = strstr(line_503, "outbound|");
	struct why_line l;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(why_read_line(&a, slice_make(line_503, (size_t)(end - line_503)), &l, &e), 0);
	assert_string_equal(l.f[WHY_ROUTE], "default");
	assert_string_equal(l.f[WHY_REASON], "");
	assert_int_equal(why_read_line(&a, slice_make(line_503, (size_t)(middle - line_503)), &l, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "upstream_cluster is missing"));
	assert_int_equal(why_read_line(&a, SLICE("\"\""), &l, &e), -EINVAL);
	assert_int_equal(why_read_line(&a, SLICE("{\"a\":1}"), &l, &e), -EINVAL);
	assert_int_equal(why_read_line(&a, SLICE("{\"a"), &l, &e), -EINVAL);
	assert_int_equal(why_read_line(&a,
				       SLICE("catalog-1 {\"response_code\":503,\"response_flags\":\"NR\","
					     "\"upstream_cluster\":null,\"authority\":\"-\"}"),
				       &l, &e),
			 0);
	assert_string_equal(l.f[WHY_CODE], "503");
	assert_string_equal(l.f[WHY_FLAGS], "NR");
	assert_string_equal(l.f[WHY_AUTHORITY], "");
}

/* ---- telling ---- */

static cJSON *explain(void *seen, const char *text)
{
	const struct mesh_view v = {store, sees, seen};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct why_line l;
	struct err e = ERR_INIT;

	if (why_read_line(&a, slice_str(text), &l, &e) < 0)
		fail_msg("%s", e.msg);
	return why_explain(&v, &l);
}

/* Whether a step of that kind holds both texts. */
static bool tells(const cJSON *hop, const char *what, const char *text, const char *now)
{
	JSON_EACH(s, json_get(hop, "steps"))
	if (strcmp(json_str_or_empty(s, "what"), what) == 0 && strstr(json_str_or_empty(s, "text"), text) &&
	    strstr(json_str_or_empty(s, "now"), now))
		return true;
	return false;
}

static void overflow(void **state)
{
	CLEANUP(json_freep) cJSON *hop = explain(NULL, line_503), *blind = explain(&store, line_503);

	(void)state;
	assert_true(cJSON_IsTrue(json_get(hop, "answered")));
	assert_true(json_has_str(json_get(hop, "flags"), "UO"));
	assert_true(tells(hop, "listener", "10.0.0.3:40000 to 10.96.0.7:80", ""));
	assert_true(tells(hop, "route", "VirtualService shop/split", "spec.http[0].route[0]: no subset v9"));
	assert_true(tells(hop, "cluster", "port 80, subset v9", "no DestinationRule that you may see has a subset v9"));
	assert_true(tells(hop, "cluster", "DestinationRule shop/cb", ""));
	assert_true(tells(hop, "endpoint", "pod catalog-1", "Running, not ready, with 4 restarts"));
	/* Who may not see the namespace is told of nothing in it. */
	assert_true(tells(blind, "cluster", "port 80", "not yours to see"));
	assert_true(tells(blind, "endpoint", "no pod that you may see", ""));
	assert_false(tells(blind, "route", "split", ""));
}

static void denied(void **state)
{
	static const char policy[] =
		"{\"response_code\":403,\"response_code_details\":\"rbac_access_denied_matched_policy[ns[shop]"
		"-policy[deny]-rule[2]]\",\"upstream_cluster\":\"inbound|80||\","
		"\"downstream_local_address\":\"10.0.0.9:80\"}";
	static const char none[] =
		"{\"response_code\":403,\"response_code_details\":\"rbac_access_denied_matched_policy[none]\","
		"\"upstream_cluster\":\"inbound|80||\",\"downstream_local_address\":\"10.0.0.9:80\"}";
	CLEANUP(json_freep)
	cJSON *one = explain(NULL, policy), *allow = explain(NULL, none), *blind = explain(&store, policy);

	(void)state;
	assert_true(tells(one, "listener", "virtualInbound", ""));
	assert_true(tells(one, "policy", "rule 2 of AuthorizationPolicy shop/deny", ""));
	assert_true(tells(allow, "policy", "no rule of theirs matches", ""));
	assert_true(tells(allow, "policy", "AuthorizationPolicy shop/deny is about this workload", ""));
	assert_true(tells(blind, "policy", "shop/deny", "not yours to see"));
	assert_false(tells(blind, "policy", "is about this workload", ""));
}

static void no_route(void **state)
{
	CLEANUP(json_freep)
	cJSON *hop =
		explain(NULL, "{\"response_code\":404,\"response_flags\":\"NR\",\"authority\":\"shop.example.com:80\","
			      "\"path\":\"/x\"}");

	(void)state;
	assert_true(tells(hop, "route", "takes host shop.example.com:80 and path /x", ""));
	assert_true(tells(hop, "route", "VirtualService shop/split names this host", ""));
}

static void spans(void **state)
{
	static const char text[] = "{\"data\":[{\"traceID\":\"1\",\"processes\":{\"p1\":{\"serviceName\":\"catalog."
				   "shop\"},\"p2\":{\"serviceName\":\"gw\"}},"
				   "\"spans\":[{\"processID\":\"p1\",\"startTime\":20,\"duration\":3000,\"tags\":[{"
				   "\"key\":\"component\",\"value\":\"proxy\"},"
				   "{\"key\":\"response_flags\",\"value\":\"UO\"},{\"key\":\"http.status_code\","
				   "\"value\":503},{\"key\":\"upstream_cluster\","
				   "\"value\":\"outbound|80||catalog.shop.svc.cluster.local\"}]},"
				   "{\"processID\":\"p2\",\"startTime\":10,\"duration\":5000,\"tags\":[{\"key\":"
				   "\"component\",\"value\":\"proxy\"},"
				   "{\"key\":\"node_id\",\"value\":\"router~10.0.0.1~gw-1.istio-system~x\"},{\"key\":"
				   "\"response_flags\",\"value\":\"-\"},"
				   "{\"key\":\"http.status_code\",\"value\":\"503\"}]},"
				   "{\"processID\":\"p1\",\"startTime\":15,\"duration\":1,\"tags\":[{\"key\":"
				   "\"component\",\"value\":\"application\"}]},{}]}]}";
	const struct mesh_view v = {store, sees, NULL};
	CLEANUP(json_freep) cJSON *in = json_literal(text), *hops = why_spans(&v, in), *none = why_spans(&v, NULL);
	const cJSON *first = hops->child, *second = first->next;

	(void)state;
	assert_int_equal(cJSON_GetArraySize(hops), 2);
	assert_string_equal(json_str_or_empty(first, "service"), "gw");
	assert_string_equal(json_str_or_empty(first, "proxy"), "gw-1.istio-system");
	assert_true(cJSON_IsFalse(json_get(first, "answered")));
	assert_true(cJSON_IsTrue(json_get(second, "answered")));
	assert_string_equal(json_str_or_empty(second, "code"), "503");
	assert_true(tells(second, "cluster", "port 80", "0 of its 1 endpoints are ready"));
	assert_int_equal(cJSON_GetArraySize(none), 0);
}

static int set_up(void **state)
{
	(void)state;
	store = store_new();
	stored_all(store, world);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_free(store);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),    cmocka_unit_test(text_line), cmocka_unit_test(other_lines),
		cmocka_unit_test(overflow), cmocka_unit_test(denied),    cmocka_unit_test(no_route),
		cmocka_unit_test(spans),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
