/* Objects: decoding by kind, references, label selectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/object.h"
#include "api/core/core.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "msg/json.h"

static struct api_object *decode(const char *text, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o = NULL;

	assert_int_equal(json_parse(slice_str(text), 10000, &json, NULL), 0);
	api_object_decode(json, NULL, NULL, &o, e);
	return o;
}

static void selectors(void **state)
{
	static const struct {
		const char *selector;
		bool matches;
	} rows[] = {
		{"{}", true},
		{"{\"matchLabels\":{\"app\":\"web\"}}", true},
		{"{\"matchLabels\":{\"app\":\"web\",\"tier\":\"x\"}}", false},
		{"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[\"db\",\"web\"]}]}", true},
		{"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[\"db\"]}]}", true},
		{"{\"matchExpressions\":[{\"key\":\"nope\",\"operator\":\"NotIn\",\"values\":[\"db\"]}]}", true},
		{"{\"matchExpressions\":[{\"key\":\"nope\",\"operator\":\"In\",\"values\":[\"db\"]}]}", false},
		{"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"Exists\"}]}", true},
		{"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"DoesNotExist\"}]}", false},
		{"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"Other\"}]}", false},
	};
	struct str_pair pairs[] = {{"app", "web"}, {"v", "1"}};
	struct str_map labels = {pairs, 2};

	(void)state;
	assert_false(meta_selector_matches(NULL, &labels));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = NULL;
		CLEANUP(arena_done) struct arena arena = ARENA_INIT;
		struct meta_label_selector selector = {{NULL, 0}, {NULL, 0}};

		assert_int_equal(json_parse(slice_str(rows[i].selector), 1000, &json, NULL), 0);
		assert_int_equal(msg_from_json(&meta_label_selector_desc, &selector, json, &arena, NULL), 0);
		if (meta_selector_matches(&selector, &labels) != rows[i].matches)
			fail_msg("%s", rows[i].selector);
	}
}

static void objects(void **state)
{
	struct err e = ERR_INIT;
	struct api_object *o =
		decode("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\","
		       "\"labels\":{\"x\":\"1\"},\"managedFields\":[{\"manager\":\"m\"}]},"
		       "\"spec\":{\"hostNetwork\":true}}",
		       &e);
	const struct core_pod *pod;

	(void)state;
	assert_non_null(o);
	pod = API_VALUE(o, pod, core_pod);
	assert_non_null(pod);
	assert_null(API_VALUE(o, service, core_pod));
	assert_true(pod->spec->host_network);
	assert_string_equal(api_object_name(o), "a");
	assert_string_equal(api_object_namespace(o), "n");
	assert_string_equal(api_object_label(o, "x"), "1");
	assert_null(api_object_label(o, "y"));
	assert_int_equal(o->meta->managed_fields.n, 0);
	assert_ptr_equal(api_object_ref(o), o);
	api_object_unref(o);
	api_object_unref(o);
}

/* What nobody will read is not there; what stands beside it is. */
static void without(void **state)
{
	static const struct msg_desc *const skip[] = {&core_env_var_desc, &core_volume_desc, NULL};
	CLEANUP(json_freep)
	cJSON *json = json_literal("{\"metadata\":{\"name\":\"a\",\"managedFields\":[{\"manager\":\"m\"}]},\"spec\":{"
				   "\"volumes\":[{\"name\":\"v\"}],\"nodeName\":\"n\",\"containers\":[{\"name\":\"c\","
				   "\"image\":\"i\",\"env\":[{\"name\":\"e\"}]}]}}");
	struct api_object *o = NULL;
	const struct core_pod *pod;

	(void)state;
	assert_int_equal(api_object_from_json_without(&api_kind_pod, json, skip, &o, NULL), 0);
	pod = API_VALUE(o, pod, core_pod);
	assert_int_equal(pod->spec->volumes.n, 0);
	assert_int_equal(pod->spec->containers.v[0].env.n, 0);
	assert_string_equal(pod->spec->containers.v[0].image, "i");
	assert_string_equal(pod->spec->node_name, "n");
	assert_int_equal(o->meta->managed_fields.n, 0);
	api_object_unref(o);
	assert_int_equal(api_object_from_json(&api_kind_pod, json, &o, NULL), 0);
	assert_int_equal(API_VALUE(o, pod, core_pod)->spec->containers.v[0].env.n, 1);
	api_object_unref(o);
}

static void failures(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"{}", "no kind \"\" in \"\""},
		{"{\"apiVersion\":\"v1\",\"kind\":\"Deployment\"}", "no kind \"Deployment\" in \"v1\""},
		{"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":\"2x\"}}",
		 "Deployment: spec.replicas: must be an integer, not string"},
		{"{\"apiVersion\":\"networking.istio.io/"
		 "v1alpha3\",\"kind\":\"VirtualService\",\"spec\":{\"http\":[{\"timeout\":"
		 "\"5 s\"}]}}",
		 "VirtualService: spec.http[0].timeout: Invalid value: \"5 s\": must be a duration such as 1h, 1m, 1s, "
		 "1ms"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;

		assert_null(decode(rows[i].text, &e));
		assert_string_equal(e.msg, rows[i].error);
	}
}

/* As Istio's own definitions serve and store them, so that either's can take the other's place. */
static const struct {
	const char *group, *kind, *served, *stored;
} istio_kinds[] = {
	{"networking.istio.io", "VirtualService", "v1 v1beta1 v1alpha3", "v1"},
	{"networking.istio.io", "DestinationRule", "v1 v1beta1 v1alpha3", "v1"},
	{"networking.istio.io", "Gateway", "v1 v1beta1 v1alpha3", "v1"},
	{"networking.istio.io", "ServiceEntry", "v1 v1beta1 v1alpha3", "v1"},
	{"networking.istio.io", "Sidecar", "v1 v1beta1 v1alpha3", "v1"},
	{"networking.istio.io", "WorkloadEntry", "v1 v1beta1 v1alpha3", "v1"},
	{"networking.istio.io", "WorkloadGroup", "v1 v1beta1 v1alpha3", "v1"},
	{"networking.istio.io", "EnvoyFilter", "v1alpha3", "v1alpha3"},
	{"networking.istio.io", "ProxyConfig", "v1beta1", "v1beta1"},
	{"security.istio.io", "PeerAuthentication", "v1 v1beta1", "v1"},
	{"security.istio.io", "AuthorizationPolicy", "v1 v1beta1", "v1"},
	{"security.istio.io", "RequestAuthentication", "v1 v1beta1", "v1"},
	{"telemetry.istio.io", "Telemetry", "v1 v1alpha1", "v1alpha1"},
	{"extensions.istio.io", "WasmPlugin", "v1alpha1", "v1alpha1"},
};

static void istio_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(istio_kinds); i++) {
		struct slice rest = slice_str(istio_kinds[i].served);
		const struct api_kind *k = NULL;
		size_t n = 0;

		while (rest.len) {
			struct slice version = slice_split(&rest, ' ');
			CLEANUP(buf_done) struct buf api = BUF_INIT;

			buf_printf(&api, "%s/%.*s", istio_kinds[i].group, SLICE_ARG(version));
			k = api_kind_find(buf_str(&api), istio_kinds[i].kind);
			if (!k || !k->versions[n] || !slice_eq_str(version, k->versions[n]))
				fail_msg("%s %s", buf_str(&api), istio_kinds[i].kind);
			n++;
		}
		assert_null(k->versions[n]);
		assert_string_equal(k->stored ? k->stored : k->versions[0], istio_kinds[i].stored);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors), cmocka_unit_test(objects),        cmocka_unit_test(without),
		cmocka_unit_test(failures),  cmocka_unit_test(istio_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
