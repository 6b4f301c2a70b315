/* Objects: decoding by kind, references, label selectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/object.h"
#include "api/pod.h"
#include "api/proto.h"
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

/* As a client in Go sends it: all that is no pointer there, inline structs as messages of their own. */
static const char pod_bytes[] =
	"k8s\0\x0a\x09\x0a\x02\x76\x31\x12\x03\x50\x6f\x64\x12\x8e\x01\x0a\x1d\x0a\x03\x77\x65"
	"\x62\x12\x00\x1a\x04\x73\x68\x6f\x70\x42\x00\x38\x00\x5a\x0a\x0a\x03\x61\x70\x70\x12\x03\x77\x65"
	"\x62\x12\x6d\x12\x60\x0a\x01\x61\x12\x03\x69\x6d\x67\x1a\x02\x73\x68\x1a\x02\x2d\x63\x32\x0b\x0a"
	"\x04\x68\x74\x74\x70\x18\x90\x3f\x22\x00\x3a\x11\x0a\x01\x4b\x1a\x0c\x22\x0a\x0a\x03\x0a\x01\x73"
	"\x12\x03\x6b\x65\x79\x42\x0f\x0a\x0d\x0a\x03\x63\x70\x75\x12\x06\x0a\x04\x31\x30\x30\x6d\x52\x1d"
	"\x0a\x19\x12\x17\x0a\x08\x2f\x68\x65\x61\x6c\x74\x68\x7a\x12\x07\x08\x00\x10\x90\x3f\x1a\x00\x1a"
	"\x00\x22\x00\x10\x03\x20\x00\x0a\x07\x0a\x01\x76\x12\x02\x12\x00\x1a\x00\x22\x00";

static void protobuf(void **state)
{
	static const char expected[] = "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"labels\":{\"app\":"
				       "\"web\"}},\"spec\":{\"containers\":[{"
				       "\"name\":\"a\",\"image\":\"img\",\"command\":[\"sh\",\"-c\"],\"ports\":[{"
				       "\"name\":\"http\",\"containerPort\":8080}],"
				       "\"env\":[{\"name\":\"K\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\","
				       "\"key\":\"key\"}}}],\"resources\":{\"limits\":"
				       "{\"cpu\":\"100m\"}},\"livenessProbe\":{\"httpGet\":{\"path\":\"/"
				       "healthz\",\"port\":8080},\"initialDelaySeconds\":3}}],"
				       "\"terminationGracePeriodSeconds\":0,\"volumes\":[{\"name\":\"v\",\"emptyDir\":{"
				       "}}]},\"apiVersion\":\"v1\",\"kind\":\"Pod\"}";
	struct slice bytes = slice_make(pod_bytes, sizeof(pod_bytes) - 1);
	CLEANUP(json_freep) cJSON *json = NULL, *none = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(api_proto_decode(bytes, &json, NULL), 0);
	json_print(json, &text);
	assert_string_equal(buf_str(&text), expected);
	for (size_t n = 0; n < 15; n++) /* cut within the kind */
		assert_true(api_proto_decode(slice_head(bytes, n), &none, NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors),
		cmocka_unit_test(objects),
		cmocka_unit_test(failures),
		cmocka_unit_test(protobuf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
