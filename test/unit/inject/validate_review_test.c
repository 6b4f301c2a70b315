/* What weftd's validating webhook answers to the API server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "inject/internal.h"

#define REVIEW(operation, object)                                                                                      \
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{\"uid\":\"7\",\"operation\":\"" operation                \
	"\",\"object\":" object "}}"
#define VS(http)                                                                                                       \
	"{\"apiVersion\":\"networking.istio.io/v1beta1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"x\","    \
	"\"namespace\":\"y\"},\"spec\":{\"hosts\":[\"a\"],\"http\":[{\"route\":[{\"destination\":{\"host\":\"b\"}}]"   \
	"," http "}]}}"

static const struct {
	const char *review;
	bool allowed;
	const char *message, *warning; /* parts; NULL = none */
} rows[] = {
	{REVIEW("CREATE", VS("\"timeout\":\"1s\"")), true, NULL, NULL},
	{REVIEW("CREATE", VS("\"timeout\":\"0s\"")), false,
	 "configuration is invalid: spec.http[0].timeout: duration must be greater than 1ms", NULL},
	{REVIEW("UPDATE", VS("\"timeout\":\"0s\",\"retries\":{\"attempts\":-1}")), false,
	 "configuration is invalid: 2 errors occurred:\n\t* spec.http[0].retries: attempts cannot be negative\n\t* "
	 "spec.http[0].timeout: duration",
	 NULL},
	{REVIEW("CREATE", VS("\"mirrorPercent\":10")), true, NULL, "spec.http[0].mirrorPercent: using deprecated"},
	{REVIEW("CREATE", "{\"kind\":\"VirtualService\"}"), false, "cannot decode configuration: ", NULL},
	{REVIEW("DELETE", "null"), true, NULL, NULL},
	{"{", false, "", NULL},
};

static void check(struct inject *i, const char *review, bool allowed, const char *message, const char *warning)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	CLEANUP(json_freep) cJSON *answer = NULL;
	const cJSON *warnings;

	inject_validate_review(i, slice_str(review), &out);
	assert_int_equal(json_parse(buf_slice(&out), 10000, &answer, NULL), 0);
	assert_int_equal(json_true(answer, "response.allowed"), allowed);
	if (message && !strstr(json_str(answer, "response.status.message"), message))
		fail_msg("%s: got %s", review, buf_str(&out));
	warnings = json_at(answer, "response.warnings");
	assert_int_equal(cJSON_GetArraySize(warnings), warning ? 1 : 0);
	if (warning && !strstr(cJSON_GetArrayItem(warnings, 0)->valuestring, warning))
		fail_msg("%s: got %s", review, buf_str(&out));
}

static void test_reviews(void **state)
{
	const struct inject_config cfg = {.ns = "istio-system", .revision = "basic"};
	struct store *s = store_new();
	struct inject *i = inject_new(NULL, s, &cfg);

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(rows); k++)
		check(i, rows[k].review, rows[k].allowed, rows[k].message, rows[k].warning);
	assert_int_equal(i->valid, 3);
	assert_int_equal(i->invalid, 4);
	inject_free(i);
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_reviews)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
