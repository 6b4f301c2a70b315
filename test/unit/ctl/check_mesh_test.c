/* check: what lists of several kinds say together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "ctl/live/check.h"
#include "ctl/live/live.h"
#include "msg/json.h"

#define HOOK(bundle)                                                                                                   \
	"[{\"metadata\":{\"name\":\"istiod-x\"},\"webhooks\":[{\"clientConfig\":{\"caBundle\":\"" bundle               \
	"\",\"service\":{\"namespace\":\"p\",\"name\":\"istiod\"}}}]}]"
#define ROOT "[{\"metadata\":{\"name\":\"istio-ca-root-cert\",\"namespace\":\"p\"},\"data\":{\"root-cert.pem\":\"x\"}}]"
#define SLICES(ns, ready)                                                                                              \
	"[{\"metadata\":{\"namespace\":\"" ns                                                                          \
	"\",\"labels\":{\"kubernetes.io/service-name\":\"istiod\"}},\"endpoints\":[{\"conditions\":{\"ready\":" ready  \
	"}}]}]"
#define POD(name, extra, container, image)                                                                             \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"shop\"" extra                                            \
	"},\"spec\":{\"containers\":[{\"name\":\"" container "\",\"image\":\"" image                                   \
	"\"}]},\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"
#define ASKS(word) ",\"labels\":{\"sidecar.istio.io/inject\":\"" word "\"}"
#define NS(labels) "[{\"metadata\":{\"name\":\"shop\",\"labels\":{" labels "}}}]"
#define ENABLED "\"istio-injection\":\"enabled\""
#define MEMBER "\"maistra.io/member-of\":\"p\""

struct row {
	const char *one, *other;
	enum check_level level;
	const char *said;
};

static void look(enum check_level (*fn)(const cJSON *, const cJSON *, struct buf *), const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(json_freep) cJSON *one = json_literal(rows[i].one), *other = json_literal(rows[i].other);
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		const enum check_level level = fn(one, other, &text);

		if (level != rows[i].level || !strstr(buf_str(&text), rows[i].said))
			fail_msg("%zu: %d, %s", i, (int)level, buf_str(&text));
	}
}

static void test_webhooks(void **state)
{
	static const struct row trust[] = {
		{HOOK("eA=="), ROOT, CHECK_OK, "1 trust"},
		{HOOK("eQ=="), ROOT, CHECK_FAILED, "not the mesh's root: istiod-x"},
		{HOOK(""), ROOT, CHECK_FAILED, "istiod-x"},
		{HOOK("eA=="), "[]", CHECK_OK, "1 trust"},
	};
	static const struct row reached[] = {
		{HOOK("eA=="), SLICES("p", "true"), CHECK_OK, "1 webhooks"},
		{HOOK("eA=="), SLICES("p", "false"), CHECK_FAILED, "istiod-x: istiod"},
		{HOOK("eA=="), SLICES("q", "true"), CHECK_FAILED, "nobody is ready"},
	};

	(void)state;
	look(check_trust, trust, ARRAY_LEN(trust));
	look(check_reached, reached, ARRAY_LEN(reached));
}

static void test_pods(void **state)
{
	static const struct row bare[] = {
		{"[" POD("a", "", "c", "") "]", NS(ENABLED), CHECK_WARNING, "no proxy, though it is asked for: shop/a"},
		{"[" POD("a", "", "istio-proxy", "") "]", NS(ENABLED), CHECK_OK, "1 pods"},
		{"[" POD("a", ASKS("false"), "c", "") "]", NS(ENABLED), CHECK_OK, "0 pods"},
		{"[" POD("a", "", "c", "") "]", NS(MEMBER), CHECK_OK, "0 pods"},
		{"[" POD("a", ASKS("true"), "c", "") "]", NS(MEMBER), CHECK_WARNING, "shop/a"},
		{"[" POD("a", ASKS("true"), "c", "") "]", NS(""), CHECK_OK, "0 pods"},
	};
	static const struct row connected[] = {
		{"[" POD("a", "", "istio-proxy", "") "]", "[{\"name\":\"a.shop\"}]", CHECK_OK, "1 proxies"},
		{"[" POD("a", "", "istio-proxy", "") "]", "[{\"name\":\"b.shop\"}]", CHECK_WARNING, "shop/a"},
		{"[" POD("a", "", "c", "") "]", "[]", CHECK_OK, "0 proxies"},
	};

	(void)state;
	look(check_bare_pods, bare, ARRAY_LEN(bare));
	look(check_connected, connected, ARRAY_LEN(connected));
}

static void test_versions(void **state)
{
	CLEANUP(json_freep)
	cJSON *pods = json_literal("[" POD("a", "", "istio-proxy", "p:2") "," POD(
		"b", "", "istio-proxy", "p:1") "," POD("c", "", "istio-proxy", "p:2") "," POD("d", "", "c", "x:9") "]");
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(check_versions(pods, &text), CHECK_WARNING);
	assert_non_null(strstr(buf_str(&text), "than most: shop/b: p:1."));
}

static void test_synced(void **state)
{
	CLEANUP(json_freep)
	cJSON *rows =
		json_literal("[{\"name\":\"a.shop\",\"cds\":\"SYNCED\"},{\"name\":\"b.shop\",\"lds\":\"STALE\"}]");
	CLEANUP(buf_done) struct buf text = BUF_INIT, none = BUF_INIT;

	(void)state;
	assert_int_equal(check_synced(rows, 1, &text), CHECK_WARNING);
	assert_non_null(strstr(buf_str(&text), ": b.shop."));
	assert_int_equal(check_synced(rows, 0, &none), CHECK_FAILED);
}

static cJSON *definitions(bool established, const char *version)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < api_kinds_count(); i++) {
		const struct api_kind *kind = api_kind_at(i);
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		cJSON *o = json_literal("{\"metadata\":{},\"spec\":{\"versions\":[{\"served\":true}]},"
					"\"status\":{\"conditions\":[{\"type\":\"Established\"}]}}");

		json_set_str(json_get(o, "metadata"), "name", arena_printf(&a, "%s.%s", kind->plural, kind->group));
		json_set_str(json_get(json_get(o, "spec"), "versions")->child, "name",
			     version ? version : kind->versions[0]);
		json_set_str(json_get(json_get(o, "status"), "conditions")->child, "status",
			     established ? "True" : "False");
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

static void test_definitions(void **state)
{
	CLEANUP(json_freep)
	cJSON *good = definitions(true, NULL), *old = definitions(true, "v0"), *young = definitions(false, NULL),
	      *none = cJSON_CreateArray();
	const struct {
		const cJSON *list;
		enum check_level level;
		const char *said;
	} rows[] = {{good, CHECK_OK, "served"},
		    {old, CHECK_FAILED, "does not serve"},
		    {young, CHECK_FAILED, "is not established"},
		    {none, CHECK_FAILED, ": is not there"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		assert_int_equal(check_definitions(rows[i].list, &text), rows[i].level);
		assert_non_null(strstr(buf_str(&text), rows[i].said));
	}
}

static void test_hints(void **state)
{
	CLEANUP(json_freep)
	cJSON *strict =
		json_literal("[{\"metadata\":{\"namespace\":\"p\"},\"spec\":{\"mtls\":{\"mode\":\"STRICT\"}}}]");
	CLEANUP(json_freep)
	cJSON *leases =
		json_literal("[{\"metadata\":{\"name\":\"ahead\"},\"spec\":{\"renewTime\":\"1970-01-01T00:01:00.5Z\"}},"
			     "{\"metadata\":{\"name\":\"b\"},\"spec\":{\"renewTime\":\"1970-01-01T00:00:40Z\"}}]");
	CLEANUP(buf_done) struct buf closed = BUF_INIT, open = BUF_INIT, skewed = BUF_INIT, fine = BUF_INIT;

	(void)state;
	check_permissive(strict, "p", &closed);
	assert_non_null(strstr(buf_str(&closed), "STRICT in the whole mesh"));
	check_permissive(strict, "q", &open);
	assert_non_null(strstr(buf_str(&open), "PERMISSIVE"));
	assert_int_equal(check_clocks(leases, 40, &skewed), CHECK_WARNING);
	assert_non_null(strstr(buf_str(&skewed), ": ahead."));
	assert_int_equal(check_clocks(leases, 55, &fine), CHECK_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webhooks), cmocka_unit_test(test_pods),        cmocka_unit_test(test_versions),
		cmocka_unit_test(test_synced),   cmocka_unit_test(test_definitions), cmocka_unit_test(test_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
