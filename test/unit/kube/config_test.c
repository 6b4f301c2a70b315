/* Where the API server is: kubeconfig files, the service account of a pod, and what is said when they are no good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "kube/client_internal.h"
#include "msg/json.h"
#include "kube/config.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/kubeconfig-XXXXXX");
	assert_non_null(mkdtemp(dir));
	unsetenv("KUBECONFIG");
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
	setenv("HOME", dir, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(0, file_remove_tree(dir, NULL));
	return 0;
}

static char *put(const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);

	assert_int_equal(0, file_write(path, slice_str(text), 0600, NULL));
	return path;
}

#define CONTEXT                                                                                                        \
	"current-context: a\ncontexts: [{name: b, context: {}}, {name: a, context: {cluster: c, user: u, namespace: "  \
	"ns1}}]\n"

/* user and cluster are the inside of these maps. */
static int load(const char *cluster, const char *user, struct kube_config *c, struct err *e)
{
	CLEANUP(freep)
	char *text = mem_printf(CONTEXT "clusters: [{name: c, cluster: {%s}}]\nusers: [{name: u, user: {%s}}]\n",
				cluster, user);
	CLEANUP(freep) char *path = put("config", text);

	return kube_config_load(path, c, e);
}

static void a_kubeconfig(void **state)
{
	struct kube_config c = {0};
	struct err e = ERR_INIT;

	(void)state;
	free(put("ca.pem", "root\n"));
	free(put("key.pem", "secret\n"));
	assert_int_equal(0, load("server: 'https://10.0.0.1:6443/', certificate-authority: ca.pem, "
				 "insecure-skip-tls-verify: true",
				 "client-certificate-data: Y2VydA==, client-key: key.pem, token: t, tokenFile: tok", &c,
				 &e));
	assert_string_equal("https://10.0.0.1:6443", c.server);
	assert_string_equal("root", c.ca_pem);
	assert_string_equal("cert", c.cert_pem);
	assert_string_equal("secret", c.key_pem);
	assert_string_equal("t", c.token);
	assert_string_equal("ns1", c.ns);
	assert_true(c.insecure);
	assert_true(strncmp(c.token_file, dir, strlen(dir)) == 0); /* relative to the kubeconfig */
	kube_config_done(&c);
	assert_null(c.server);
}

static void what_is_no_good_is_said(void **state)
{
	static const struct {
		const char *cluster, *user, *says;
	} rows[] = {
		{"server: ''", "", "its cluster has no server"},
		{"x: y", "", "its cluster has no server"},
		{"server: 'https://a', certificate-authority-data: '!'", "",
		 "certificate-authority-data is not base64"},
		{"server: 'https://a', certificate-authority: none.pem", "", "none.pem"},
		{"server: 'https://a'", "exec: {command: x}", "exec plugin"},
		{"server: 'https://a'", "client-certificate-data: Y2VydA==", "need one another"},
		{"server: 'https://a'", "client-key-data: Y2VydA==", "need one another"},
		{"server: [", "", "kubeconfig"},
	};
	struct kube_config c = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;

		assert_true(load(rows[i].cluster, rows[i].user, &c, &e) < 0);
		assert_null(c.server);
		if (!strstr(e.msg, rows[i].says))
			fail_msg("%s: %s", rows[i].says, e.msg);
	}
}

static void a_context_that_is_missing(void **state)
{
	CLEANUP(freep) char *path = put("config", "current-context: x\ncontexts: []\n");
	struct kube_config c = {0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(-EINVAL, kube_config_load(path, &c, &e));
	assert_non_null(strstr(e.msg, "\"x\" names no context"));
}

static void where_it_is_looked_for(void **state)
{
	CLEANUP(freep) char *path = put("other", CONTEXT "clusters: [{name: c, cluster: {server: 'https://env'}}]\n");
	CLEANUP(freep) char *list = mem_printf("%s:/nowhere", path);
	CLEANUP(freep) char *kube = mem_printf("%s/.kube", dir);
	struct kube_config c = {0};
	struct err e = ERR_INIT;

	(void)state;
	assert_true(kube_config_load(NULL, &c, &e) < 0);
	assert_non_null(strstr(e.msg, "no cluster is configured"));
	setenv("KUBECONFIG", list, 1);
	assert_int_equal(0, kube_config_load(NULL, &c, &e));
	assert_string_equal("https://env", c.server);
	kube_config_done(&c);
	unsetenv("KUBECONFIG");
	assert_int_equal(0, file_mkdirs(kube, 0700, NULL));
	free(put(".kube/config", CONTEXT "clusters: [{name: c, cluster: {server: 'https://home'}}]\n"));
	assert_int_equal(0, kube_config_load(NULL, &c, &e));
	assert_string_equal("https://home", c.server);
	kube_config_done(&c);
	setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1", 1); /* in a pod, whose files are not here */
	assert_true(kube_config_load(NULL, &c, &e) < 0);
	assert_non_null(strstr(e.msg, "service account of this pod"));
}

static void the_service_account_of_a_pod(void **state)
{
	struct kube_config c = {0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(-ENOENT, kube_config_in_cluster(dir, &c, &e));
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	assert_int_equal(-ENOENT, kube_config_in_cluster(dir, &c, &e));
	free(put("token", "tok\n"));
	assert_int_equal(-ENOENT, kube_config_in_cluster(dir, &c, &e));
	assert_null(c.token);
	free(put("ca.crt", "root"));
	free(put("namespace", "mesh"));
	assert_int_equal(0, kube_config_in_cluster(dir, &c, &e));
	assert_string_equal("https://[fd00::1]:443", c.server);
	assert_string_equal("tok", c.token);
	assert_string_equal("mesh", c.ns);
	assert_non_null(strstr(c.token_file, "/token"));
	kube_config_done(&c);
}

/* --- requests --- */

static void requests(void **state)
{
	const struct {
		struct kube_request req;
		const char *method, *url;
	} rows[] = {
		{{.verb = KUBE_GET, .kind = &api_kind_pod, .ns = "a b", .name = "x"},
		 "GET",
		 "S/api/v1/namespaces/a%20b/pods/x"},
		{{.verb = KUBE_GET, .path = "/version"}, "GET", "S/version"},
		{{.verb = KUBE_LIST,
		  .kind = &api_kind_lease,
		  .label_selector = "a=b",
		  .field_selector = "c=d",
		  .continue_token = "n",
		  .limit = 7},
		 "GET",
		 "S/apis/coordination.k8s.io/v1/leases?labelSelector=a%3Db&fieldSelector=c%3Dd&limit=7&continue=n"},
		{{.verb = KUBE_WATCH, .kind = &api_kind_pod, .resource_version = "5", .timeout_ms = 9000},
		 "GET",
		 "S/api/v1/pods?resourceVersion=5&watch=1&allowWatchBookmarks=true&timeoutSeconds=9"},
		{{.verb = KUBE_APPLY, .kind = &api_kind_pod, .ns = "a", .name = "x", .force = true, .dry_run = true},
		 "PATCH",
		 "S/api/v1/namespaces/a/pods/x?fieldManager=weft&force=true&dryRun=All"},
		{{.verb = KUBE_CREATE, .kind = &api_kind_pod, .ns = "a", .name = "x", .field_manager = "me"},
		 "POST",
		 "S/api/v1/namespaces/a/pods?fieldManager=me"},
		{{.verb = KUBE_MERGE_PATCH, .kind = &api_kind_pod, .ns = "a", .name = "x", .subresource = "status"},
		 "PATCH",
		 "S/api/v1/namespaces/a/pods/x/status?fieldManager=weft"},
		{{.verb = KUBE_DELETE, .kind = &api_kind_namespace, .name = "x"}, "DELETE", "S/api/v1/namespaces/x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *url = kube_request_url("S", &rows[i].req, "v1");

		assert_string_equal(rows[i].url, url);
		assert_string_equal(rows[i].method, kube_verb_method(rows[i].req.verb));
	}
}

static void deletions_say_what_they_mean(void **state)
{
	struct kube_request req = {.verb = KUBE_DELETE, .kind = &api_kind_pod, .name = "x"};
	CLEANUP(freep) char *text = NULL;

	(void)state;
	assert_null(kube_request_body(&req, "v1"));
	req.precondition_uid = "u-1";
	req.propagation = "Foreground";
	text = kube_request_body(&req, "v1");
	assert_string_equal("{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"preconditions\":{\"uid\":\"u-1\"},"
			    "\"propagationPolicy\":\"Foreground\"}",
			    text);
}

/* A kind that the cluster serves in another version than the one we write. */
static void other_versions(void **state)
{
	CLEANUP(json_freep)
	cJSON *body = cJSON_Parse("{\"apiVersion\":\"policy/v1\",\"kind\":\"PodDisruptionBudget\"}");
	const struct kube_request req = {
		.verb = KUBE_APPLY, .kind = &api_kind_pod_disruption_budget, .ns = "a", .name = "x", .body = body};
	CLEANUP(freep) char *url = kube_request_url("S", &req, "v1beta1");
	CLEANUP(freep) char *text = kube_request_body(&req, "v1beta1");
	CLEANUP(freep) char *same = kube_request_body(&req, "v1");

	(void)state;
	assert_string_equal("S/apis/policy/v1beta1/namespaces/a/poddisruptionbudgets/x?fieldManager=weft", url);
	assert_string_equal("{\"apiVersion\":\"policy/v1beta1\",\"kind\":\"PodDisruptionBudget\"}", text);
	assert_string_equal("{\"apiVersion\":\"policy/v1\",\"kind\":\"PodDisruptionBudget\"}", same);
}

static void refusals(void **state)
{
	static const struct {
		int status;
		const char *name;
		enum kube_reason reason;
		int code;
	} rows[] = {
		{404, "NotFound", KUBE_NOT_FOUND, -ENOENT},
		{404, NULL, KUBE_NOT_FOUND, -ENOENT},
		{409, "AlreadyExists", KUBE_ALREADY_EXISTS, -EEXIST},
		{409, NULL, KUBE_CONFLICT, -EAGAIN},
		{422, "Invalid", KUBE_INVALID, -EINVAL},
		{403, NULL, KUBE_FORBIDDEN, -EACCES},
		{401, NULL, KUBE_UNAUTHORIZED, -EACCES},
		{410, "Expired", KUBE_GONE, -EIO},
		{429, NULL, KUBE_TOO_MANY_REQUESTS, -EIO},
		{500, "Odd", KUBE_REASON_OTHER, -EIO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(rows[i].reason, kube_reason_of(rows[i].status, rows[i].name));
		assert_int_equal(rows[i].code, kube_reason_errno(rows[i].reason));
	}
	assert_int_equal(-ECONNREFUSED, kube_reason_errno(KUBE_NETWORK));
	assert_string_equal("NetworkError", kube_reason_str(KUBE_NETWORK));
	assert_string_equal("Error", kube_reason_str(KUBE_REASON_COUNT));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_kubeconfig),
		CASE(what_is_no_good_is_said),
		CASE(a_context_that_is_missing),
		CASE(where_it_is_looked_for),
		CASE(the_service_account_of_a_pod),
		cmocka_unit_test(requests),
		cmocka_unit_test(deletions_say_what_they_mean),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
