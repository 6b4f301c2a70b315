/*
 * Bodies in Kubernetes' protobuf form. kubectl-1.32/NAME.pb is what kubectl 1.32 sent, NAME.json the same object as it
 * prints it (or, for reviews and requests, as documented).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/core/config.h"
#include "api/proto.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "msg/json.h"
#include "msg/msg.h"

#define FILES "test/unit/api/kubectl-1.32/"

/* Typed clients print absent times as null and absent numbers of a status as 0. */
static void strip(cJSON *json)
{
	cJSON *next;

	for (cJSON *c = json->child; c; c = next) {
		next = c->next;
		if (cJSON_IsNull(c) || (cJSON_IsNumber(c) && c->valuedouble == 0))
			cJSON_Delete(cJSON_DetachItemViaPointer(json, c));
		else
			strip(c);
	}
}

static void check_file(const char *name)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT, text = BUF_INIT, got = BUF_INIT, wanted = BUF_INIT;
	CLEANUP(json_freep) cJSON *json = NULL, *expected = NULL;
	struct err e = ERR_INIT;
	char path[100];

	snprintf(path, sizeof(path), FILES "%s.pb", name);
	assert_int_equal(file_read(path, 10000, &bytes, NULL), 0);
	snprintf(path, sizeof(path), FILES "%s.json", name);
	assert_int_equal(file_read(path, 10000, &text, NULL), 0);
	assert_int_equal(json_parse(buf_slice(&text), 10000, &expected, NULL), 0);
	if (api_proto_decode(buf_slice(&bytes), &json, &e) < 0)
		fail_msg("%s: %s", name, e.msg);
	strip(expected);
	json_print(json, &got);
	json_print(expected, &wanted);
	if (!json_equal(json, expected))
		fail_msg("%s: %s\nwanted: %s", name, buf_str(&got), buf_str(&wanted));
}

static void captured(void **state)
{
	static const char *const names[] = {"clusterrole", "configmap",
					    "cronjob",     "deployment",
					    "ingress",     "poddisruptionbudget",
					    "quota",       "rolebinding",
					    "secret",      "selfsubjectaccessreview",
					    "service",     "tokenrequest"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		check_file(names[i]);
}

/* Every prefix of a body ends somewhere; none may be read beyond its end. */
static void cut(void **state)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;

	(void)state;
	assert_int_equal(file_read(FILES "deployment.pb", 10000, &bytes, NULL), 0);
	for (size_t n = 0; n < bytes.len; n++) {
		CLEANUP(buf_done) struct buf part = BUF_INIT;
		CLEANUP(json_freep) cJSON *json = NULL;

		buf_append(&part, bytes.ptr, n);
		if (api_proto_decode(buf_slice(&part), &json, NULL) == 0)
			assert_string_equal(json_str(json, "kind"), "Deployment");
	}
}

#define BODY(bytes)                                                                                                    \
	{                                                                                                              \
		bytes, sizeof(bytes) - 1                                                                               \
	}
#define CONFIG_MAP                                                                                                     \
	"k8s\0\x0a\x0f\x0a\x02v1\x12\x09"                                                                              \
	"ConfigMap"

static void wrong(void **state)
{
	static const struct {
		struct {
			const char *p;
			size_t n;
		} body;
		int code;
		const char *error;
	} rows[] = {
		{BODY("{}"), -EINVAL, "invalid protobuf: no k8s prefix"},
		{BODY("k8s\0"), -ENOENT, "no kind \"\" in \"\""},
		{BODY("k8s\0\x0a\x0c\x0a\x02v1\x12\x06"
		      "Nobody"),
		 -ENOENT, "no kind \"Nobody\" in \"v1\""},
		{BODY(CONFIG_MAP "\x2a\x01x"), -EPROTONOSUPPORT, "field 5 of Unknown is not known"},
		{BODY(CONFIG_MAP "\x1a\x04gzip"), -EPROTONOSUPPORT, "an object in an encoding of its own"},
		{BODY(CONFIG_MAP "\x12\x02\x48\x07"), -EPROTONOSUPPORT, "ConfigMap: field 9 of ConfigMap is not known"},
		{BODY(CONFIG_MAP "\x12\x05\x0a\x03\xfa\x06\x00"), 0, ""}, /* field 111, empty */
		{BODY(CONFIG_MAP "\x12\x06\x0a\x04\xfa\x06\x01x"), -EPROTONOSUPPORT,
		 "ConfigMap: field 111 of ObjectMeta is not known"},
		{BODY(CONFIG_MAP "\x12\x05\x0a\x03\x0a\x01\xff"), -EINVAL,
		 "ConfigMap: invalid protobuf: a string with NUL or invalid UTF-8"},
		{BODY(CONFIG_MAP "\x12\x02\x08\x01"), -EINVAL, "ConfigMap: invalid protobuf: metadata"},
		{BODY(CONFIG_MAP "\x12\x02\x0a\x7f"), -EINVAL, "ConfigMap: invalid protobuf: length"},
		{BODY(CONFIG_MAP "\x12\x7f\x0a"), -EINVAL, "invalid protobuf: envelope"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = NULL;
		struct err e = ERR_INIT;

		assert_int_equal(api_proto_decode(slice_make(rows[i].body.p, rows[i].body.n), &json, &e), rows[i].code);
		assert_string_equal(e.msg, rows[i].error);
	}
}

/* Two bytes a value must not become memory without bound. */
static void too_much(void **state)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 300000; i++)
		buf_append(&bytes, "\x6a\x00", 2); /* an empty owner reference */
	assert_int_equal(msg_proto_to_json(&meta_object_desc, buf_slice(&bytes), &json, &e), -EINVAL);
	assert_string_equal(e.msg, "ObjectMeta: invalid protobuf: too many values");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured),
		cmocka_unit_test(cut),
		cmocka_unit_test(wrong),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
