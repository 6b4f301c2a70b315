/* check: what lists of objects say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/live/check.h"
#include "msg/json.h"

#define CONDITION(type, status, reason)                                                                                \
	"{\"type\":\"" type "\",\"status\":\"" status "\",\"reason\":\"" reason "\",\"message\":\"m\"}"
#define OBJECT(name, conditions)                                                                                       \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\"},\"status\":{\"conditions\":[" conditions "]}}"
#define POD(name, container, phase, ready)                                                                             \
	"{\"metadata\":{\"name\":\"" name "\"},\"spec\":{\"containers\":[{\"name\":\"" container                       \
	"\"}]},\"status\":{\"phase\":\"" phase "\",\"conditions\":[" CONDITION("Ready", ready, "") "]}}"

static const struct {
	enum check_level (*fn)(const cJSON *list, struct buf *text);
	const char *list;
	enum check_level level;
	const char *said;
} rows[] = {
	{check_control_planes, "[]", CHECK_FAILED, "there is none"},
	{check_control_planes, "[" OBJECT("a", CONDITION("Ready", "True", "")) "]", CHECK_OK, "1 ready"},
	{check_control_planes, "[" OBJECT("a", CONDITION("Ready", "False", "")) "]", CHECK_FAILED,
	 "not ready: n/a: m."},
	{check_control_planes, "[" OBJECT("a", "") "]", CHECK_FAILED, "the operator has not looked at it"},
	{check_deployments, "[" OBJECT("a", CONDITION("Available", "True", "")) "]", CHECK_OK, "1 available"},
	{check_deployments, "[" OBJECT("a", CONDITION("Available", "False", "")) "]", CHECK_FAILED,
	 "not available: n/a."},
	{check_webhooks,
	 "[{\"metadata\":{\"name\":\"istiod-x\"},\"webhooks\":[{\"clientConfig\":{\"caBundle\":\"eA==\"}}]}]", CHECK_OK,
	 "1 trusted"},
	{check_webhooks, "[{\"metadata\":{\"name\":\"istiod-x\"},\"webhooks\":[{\"clientConfig\":{}}]}]", CHECK_FAILED,
	 "no caBundle"},
	{check_webhooks, "[{\"metadata\":{\"name\":\"other\"},\"webhooks\":[{\"clientConfig\":{}}]}]", CHECK_OK,
	 "0 trusted"},
	{check_members, "[{\"status\":{\"configuredMembers\":[\"a\",\"b\"]}}]", CHECK_OK, "2 members"},
	{check_members, "[{\"metadata\":{\"name\":\"default\"},\"status\":{\"pendingMembers\":[\"c\"]}}]",
	 CHECK_WARNING, "pending: default: c"},
	{check_pods, "[" POD("a", "istio-proxy", "Running", "True") "," POD("b", "c", "Running", "False") "]", CHECK_OK,
	 "1 pods"},
	{check_pods, "[" POD("a", "istio-proxy", "Running", "False") "]", CHECK_WARNING, "not ready: a"},
	{check_pods, "[" POD("a", "istio-proxy", "Succeeded", "False") "]", CHECK_OK, "0 pods"},
	{check_pods,
	 "[{\"metadata\":{\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"},\"spec\":{\"containers\":[{\"name\":\"istio-"
	 "proxy\"}]}}]",
	 CHECK_OK, "0 pods"},
	{check_objects, "[" OBJECT("a", CONDITION("Accepted", "True", "")) "]", CHECK_OK, "1 carried out"},
	{check_objects, "[" OBJECT("a", CONDITION("ResolvedRefs", "False", "RefNotFound")) "]", CHECK_WARNING,
	 "n/a: RefNotFound"},
	{check_objects, "[" OBJECT("a", CONDITION("Programmed", "False", "NoProxies")) "]", CHECK_OK, "1 carried out"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *list = json_literal(rows[i].list);
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		const enum check_level level = rows[i].fn(list, &text);

		if (level != rows[i].level || !strstr(buf_str(&text), rows[i].said))
			fail_msg("%zu: level %d, '%s'", i, level, buf_str(&text));
	}
}

#define PROXIED(name, ns, rev, labels)                                                                                 \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"" ns "\",\"annotations\":{\"istio.io/rev\":\"" rev       \
	"\"},\"labels\":{" labels "}},\"spec\":{\"containers\":[{\"name\":\"istio-proxy\"}]}}"

static void test_revisions(void **state)
{
	static const char namespaces[] = "[{\"metadata\":{\"name\":\"shop\",\"labels\":{\"maistra.io/"
					 "member-of\":\"mesh-a\",\"istio.io/rev\":\"b\"}}},"
					 "{\"metadata\":{\"name\":\"stock\",\"labels\":{\"maistra.io/"
					 "member-of\":\"mesh-a\",\"istio.io/rev\":\"x\"}}}]";
	static const char smcps[] = "[{\"metadata\":{\"name\":\"a\",\"namespace\":\"mesh-a\"}},{\"metadata\":{\"name\":"
				    "\"b\",\"namespace\":\"mesh-b\"}}]";
	static const struct {
		const char *pod;
		enum check_level level;
		const char *said;
	} cases[] = {
		{PROXIED("p", "shop", "b", ""), CHECK_OK, "1 pods on the revision that is asked for"},
		{PROXIED("p", "shop", "a", ""), CHECK_WARNING, "namespace asks for: shop/p: a"},
		{PROXIED("p", "shop", "b", "\"istio.io/rev\":\"a\""), CHECK_OK, "1 pods"},
		{PROXIED("p", "stock", "a", ""), CHECK_OK, "1 pods"},
		{PROXIED("p", "stock", "b", "\"istio.io/rev\":\"b\""), CHECK_OK, "1 pods"},
		{PROXIED("p", "stock", "a", "\"istio.io/rev\":\"b\""), CHECK_WARNING, "stock/p: a"},
		{PROXIED("p", "left", "a", ""), CHECK_OK, "1 pods"},
		{PROXIED("p", "left", "gone", ""), CHECK_WARNING, "left/p: gone"},
		{PROXIED("p", "shop", "a", "},\"deletionTimestamp\":\"2026-01-01T00:00:00Z\",\"x\":{"), CHECK_OK,
		 "0 pods"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(freep) char *list = mem_printf("[%s]", cases[i].pod);
		CLEANUP(json_freep) cJSON *pods = json_literal(list);
		CLEANUP(json_freep) cJSON *ns = json_literal(namespaces);
		CLEANUP(json_freep) cJSON *planes = json_literal(smcps);
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		const enum check_level level = check_revisions(pods, ns, planes, &text);

		if (level != cases[i].level || !strstr(buf_str(&text), cases[i].said))
			fail_msg("%zu: level %d, '%s'", i, level, buf_str(&text));
	}
}

static void test_many(void **state)
{
	CLEANUP(json_freep) cJSON *list = cJSON_CreateArray();
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	for (int i = 0; i < 8; i++)
		cJSON_AddItemToArray(list, json_literal(OBJECT("a", "")));
	assert_int_equal(check_deployments(list, &text), CHECK_FAILED);
	assert_non_null(strstr(buf_str(&text), "and 3 more"));
}

static void test_no_root(void **state)
{
	CLEANUP(json_freep)
	cJSON *list =
		json_literal("[{\"metadata\":{\"name\":\"istio-ca-root-cert\"},\"data\":{\"root-cert.pem\":\"x\"}}]");
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(check_roots(list, 0, &text), CHECK_WARNING);
	assert_non_null(strstr(buf_str(&text), "no namespace has the root"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_no_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
