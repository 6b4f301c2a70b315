/* A request that was written as a client writes it is read back as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "kube/client_internal.h"
#include "kube/transport.h"
#include "msg/json.h"

static void same(const char *want, const char *got)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(want, got);
}

static void round_trip(const struct kube_request *req)
{
	CLEANUP(freep) char *url = kube_request_url("", req, req->kind ? req->kind->versions[0] : NULL);
	CLEANUP(freep) char *body = kube_request_body(req, req->kind ? req->kind->versions[0] : NULL);
	const bool named = req->verb != KUBE_CREATE && req->verb != KUBE_LIST && req->verb != KUBE_WATCH;
	struct kube_asked a;

	assert_int_equal(0, kube_asked_read(kube_verb_method(req->verb), url,
					    body ? kube_verb_content(req->verb) : NULL, body, &a, NULL));
	assert_int_equal(req->verb, a.req.verb);
	assert_ptr_equal(req->kind, a.req.kind);
	same(req->ns, a.req.ns);
	same(named ? req->name : NULL, a.req.name);
	same(req->subresource, a.req.subresource);
	same(req->field_selector, a.req.field_selector);
	same(req->label_selector, a.req.label_selector);
	same(req->resource_version, a.req.resource_version);
	same(req->precondition_uid, a.req.precondition_uid);
	if (req->verb == KUBE_WATCH)
		assert_int_equal(req->timeout_ms, a.req.timeout_ms);
	if (req->body)
		assert_true(json_equal(req->body, a.body));
	kube_asked_done(&a);
}

static void requests_are_read_back(void **state)
{
	CLEANUP(json_freep) cJSON *body = json_literal("{\"kind\":\"Secret\",\"data\":{\"a\":\"b\"}}");
	const struct kube_request rows[] = {
		{.verb = KUBE_LIST, .kind = &api_kind_secret, .field_selector = "type!=a/b,metadata.name=x y"},
		{.verb = KUBE_LIST, .kind = &api_kind_gateway, .ns = "shop", .label_selector = "a=b,!c"},
		{.verb = KUBE_GET, .kind = &api_kind_namespace, .name = "shop"},
		{.verb = KUBE_GET, .kind = &api_kind_secret, .ns = "shop", .name = "a b%41"},
		{.verb = KUBE_WATCH, .kind = &api_kind_pod, .resource_version = "42", .timeout_ms = 8000},
		{.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = "shop", .body = body},
		{.verb = KUBE_UPDATE, .kind = &api_kind_lease, .ns = "shop", .name = "l", .body = body},
		{.verb = KUBE_APPLY,
		 .kind = &api_kind_config_map,
		 .ns = "shop",
		 .name = "m",
		 .body = body,
		 .force = true},
		{.verb = KUBE_MERGE_PATCH,
		 .kind = &api_kind_gateway,
		 .ns = "shop",
		 .name = "g",
		 .subresource = "status",
		 .body = body},
		{.verb = KUBE_JSON_PATCH, .kind = &api_kind_namespace, .name = "shop", .body = body},
		{.verb = KUBE_DELETE,
		 .kind = &api_kind_workload_entry,
		 .ns = "shop",
		 .name = "w",
		 .precondition_uid = "u-1"},
		{.verb = KUBE_DELETE, .kind = &api_kind_workload_entry, .ns = "shop", .name = "w"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		round_trip(&rows[i]);
}

static void what_is_no_object_stays_a_path(void **state)
{
	static const char *const paths[] = {"/readyz", "/apis/security.istio.io/v1", "/version", "/"};
	struct kube_asked a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		assert_int_equal(0, kube_asked_read("GET", paths[i], NULL, NULL, &a, NULL));
		assert_null(a.req.kind);
		assert_int_equal(KUBE_GET, a.req.verb);
		assert_string_equal(paths[i], a.req.path);
		kube_asked_done(&a);
	}
}

static void what_is_no_request_is_refused(void **state)
{
	struct kube_asked a;

	(void)state;
	assert_int_equal(-EINVAL, kube_asked_read("BREW", "/readyz", NULL, NULL, &a, NULL));
	kube_asked_done(&a);
	assert_int_equal(-EINVAL, kube_asked_read("PATCH", "/api/v1/namespaces/a", "text/plain", "{}", &a, NULL));
	kube_asked_done(&a);
	assert_true(kube_asked_read("POST", "/api/v1/namespaces", "application/json", "{", &a, NULL) < 0);
	kube_asked_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read_back),
		cmocka_unit_test(what_is_no_object_stays_a_path),
		cmocka_unit_test(what_is_no_request_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
