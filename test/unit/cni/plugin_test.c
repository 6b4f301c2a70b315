/* Operations of the plugin with a world of its own: what is asked, what is set, what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "cni/conf.h"
#include "cni/plugin.h"
#include "msg/json.h"

#define CONF(version, more) "{\"cniVersion\":\"" version "\",\"name\":\"pods\",\"type\":\"weft-cni\"" more "}"
#define OURS ",\"kubeconfig\":\"/k\",\"excludeNamespaces\":[\"kube-system\"]"
#define PREV                                                                                                           \
	",\"prevResult\":{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.2.3/"                                  \
	"24\"}],\"big\":12345678901234567890}"
#define RESULT "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.2.3/24\"}],\"big\":12345678901234567890}\n"
#define POD "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-1;K8S_POD_UID=u1"
#define ARGS "['-p','15001','-z','15006','-u','1234','-b','*','-d','15090','--run-validation','--skip-rule-apply']"
#define MESH_POD(validation)                                                                                           \
	"{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web-1','uid':'u1','annotations':{'sidecar.istio.io/"      \
	"status':'{}'}},'spec':{'initContainers':[" validation "],'containers':[{'name':'app'},{'name':'istio-proxy'," \
	"'args':['proxy','sidecar']}]}}"
#define VALIDATION(args) "{'name':'istio-validation','args':" args "}"

/* The world: one pod, as text with single quotes; what was done. */
struct fake {
	const char *pod; /* NULL: there is none */
	int ask_code, apply_code;
	char asked[64], applied[64];
	int asks;
};

static int get_pod(void *arg, const char *kubeconfig, const char *ns, const char *name, struct api_object **ret,
		   struct err *e)
{
	struct fake *f = arg;
	char *text;
	cJSON *json;
	int r;

	f->asks++;
	snprintf(f->asked, sizeof(f->asked), "%s %s/%s", kubeconfig, ns, name);
	if (f->ask_code)
		return err_set(e, f->ask_code, "no answer");
	if (!f->pod)
		return err_set(e, -ENOENT, "not found");
	text = strdup(f->pod);
	for (char *c = text; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	json = json_literal(text);
	free(text);
	r = api_object_from_json(&api_kind_pod, json, ret, e);
	cJSON_Delete(json);
	return r;
}

static int apply(void *arg, const char *netns, const struct capture_settings *s, struct err *e)
{
	struct fake *f = arg;

	snprintf(f->applied, sizeof(f->applied), "%s uid %.*s", netns, SLICE_ARG(s->uids.v[0]));
	return f->apply_code ? err_set(e, f->apply_code, "iptables says no") : 0;
}

static int ready(void *arg, const char *kubeconfig, struct err *e)
{
	struct fake *f = arg;

	(void)kubeconfig;
	return f->ask_code ? err_set(e, f->ask_code, "no answer") : 0;
}

static const struct row {
	const char *name, *command, *args, *conf, *pod;
	int ask_code, apply_code;
	int code;            /* of the error; 0: success */
	const char *out;     /* the whole of stdout, or of the error a part */
	const char *applied; /* "" : nothing */
} rows[] = {
	{"a pod of a mesh", "ADD", POD, CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION(ARGS)), 0, 0, 0, RESULT,
	 "/n uid 1234"},
	{"no sidecar", "ADD", POD, CONF("1.0.0", OURS PREV), "{'metadata':{'uid':'u1'},'spec':{}}", 0, 0, 0, RESULT,
	 ""},
	{"redirects by itself", "ADD", POD, CONF("1.0.0", OURS PREV),
	 MESH_POD("{'name':'istio-init'},{'name':'istio-validation'}"), 0, 0, 0, RESULT, ""},
	{"mode NONE", "ADD", POD, CONF("1.0.0", OURS PREV), MESH_POD(""), 0, 0, 0, RESULT, ""},
	{"not of Kubernetes", "ADD", "", CONF("1.0.0", OURS PREV), NULL, 0, 0, 0, RESULT, ""},
	{"left out", "ADD", "K8S_POD_NAMESPACE=kube-system;K8S_POD_NAME=dns", CONF("1.0.0", OURS PREV), NULL, -EIO, 0,
	 0, RESULT, ""},
	{"first of a chain", "ADD", POD, CONF("0.3.1", OURS), "{'metadata':{'uid':'u1'},'spec':{}}", 0, 0, 0,
	 "{\"cniVersion\":\"0.3.1\"}\n", ""},
	{"no answer", "ADD", POD, CONF("1.0.0", OURS PREV), NULL, -EIO, 0, CNI_NOT_ASKED,
	 "pod shop/web-1: the API server cannot be asked", ""},
	{"no such pod", "ADD", POD, CONF("1.0.0", OURS PREV), NULL, 0, 0, CNI_TRY_LATER, "pod shop/web-1", ""},
	{"another pod of that name", "ADD", "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-1;K8S_POD_UID=u0",
	 CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION(ARGS)), 0, 0, CNI_TRY_LATER, "has another one", ""},
	{"bad arguments", "ADD", POD, CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION("['-u','root']")), 0, 0,
	 CNI_BAD_POD, "--proxy-uid: 'root' is not a number", ""},
	{"--help", "ADD", POD, CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION("['--help']")), 0, 0, CNI_BAD_POD,
	 "container istio-validation", ""},
	{"--clean", "ADD", POD, CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION("['--clean']")), 0, 0, CNI_BAD_POD,
	 "--clean", ""},
	{"no tool", "ADD", POD, CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION(ARGS)), 0, -EIO, CNI_IO,
	 "iptables says no", "/n uid 1234"},
	{"a name with a slash", "ADD", "K8S_POD_NAMESPACE=../x;K8S_POD_NAME=a", CONF("1.0.0", OURS PREV), NULL, 0, 0,
	 CNI_BAD_ENVIRONMENT, "K8S_POD_NAMESPACE", ""},
	{"half a name", "ADD", "K8S_POD_NAMESPACE=shop", CONF("1.0.0", OURS PREV), NULL, 0, 0, CNI_BAD_ENVIRONMENT,
	 "K8S_POD_NAME", ""},
	{"no kubeconfig", "ADD", POD, CONF("1.0.0", PREV), NULL, 0, 0, CNI_BAD_CONF, "kubeconfig: is required", ""},
	{"an old version", "ADD", POD, CONF("0.2.0", OURS), NULL, 0, 0, CNI_INCOMPATIBLE_VERSION, "0.2.0", ""},
	{"not JSON", "ADD", POD, "{", NULL, 0, 0, CNI_NOT_DECODED, "network configuration", ""},
	{"prevResult a list", "ADD", POD, CONF("1.0.0", ",\"prevResult\":[]"), NULL, 0, 0, CNI_BAD_CONF, "prevResult",
	 ""},
	{"DEL asks nobody", "DEL", POD, CONF("1.0.0", OURS PREV), NULL, -EIO, 0, 0, "", ""},
	{"CHECK", "CHECK", POD, CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION(ARGS)), 0, 0, 0, "", "/n uid 1234"},
	{"CHECK, rules are gone", "CHECK", POD, CONF("1.0.0", OURS PREV), MESH_POD(VALIDATION(ARGS)), 0, -ESRCH,
	 CNI_NOT_REDIRECTED, "pod shop/web-1", "/n uid 1234"},
	{"CHECK is of 0.4.0", "CHECK", POD, CONF("0.3.1", OURS), NULL, 0, 0, CNI_INCOMPATIBLE_VERSION, "CHECK", ""},
	{"GC", "GC", NULL, CONF("1.1.0", OURS), NULL, -EIO, 0, 0, "", ""},
	{"GC is of 1.1.0", "GC", NULL, CONF("1.0.0", OURS), NULL, 0, 0, CNI_INCOMPATIBLE_VERSION, "GC", ""},
	{"STATUS", "STATUS", NULL, CONF("1.1.0", OURS), NULL, 0, 0, 0, "", ""},
	{"STATUS without an answer", "STATUS", NULL, CONF("1.1.0", OURS), NULL, -EIO, 0, CNI_NOT_AVAILABLE, "no answer",
	 ""},
	{"no such operation", "FOO", NULL, CONF("1.1.0", OURS), NULL, 0, 0, CNI_BAD_ENVIRONMENT, "FOO", ""},
};

static void check_row(const struct row *row)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct fake f = {.pod = row->pod, .ask_code = row->ask_code, .apply_code = row->apply_code};
	const struct cni_ops ops = {get_pod, apply, apply, ready, &f};
	const struct cni_request rq = {row->command, "c1", "/n", row->args, slice_str(row->conf)};
	struct err e = ERR_INIT;
	int status = cni_run(&rq, &ops, &out, &e);

	if (status != (row->code != 0) || strcmp(f.applied, row->applied) != 0)
		fail_msg("%s: status %d, applied '%s': %s", row->name, status, f.applied, buf_str(&out));
	if (!row->code && strcmp(buf_str(&out), row->out) != 0)
		fail_msg("%s: said %s", row->name, buf_str(&out));
	if (!row->code)
		return;
	assert_int_equal(json_parse(slice_trim(buf_slice(&out)), 4096, &json, NULL), 0);
	if (json_int(json, "code", 0) != row->code || !strstr(json_str(json, "msg"), row->out))
		fail_msg("%s: said %s", row->name, buf_str(&out));
	assert_true(cni_version_order(json_str(json, "cniVersion")) >= 0);
}

static void operations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&rows[i]);
}

/* The question goes where the configuration says; namespaces that are left out ask none. */
static void questions(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct fake f = {.pod = "{'metadata':{},'spec':{}}"};
	const struct cni_ops ops = {get_pod, apply, apply, ready, &f};
	struct cni_request rq = {"ADD", "c1", "/n", POD, SLICE(CONF("1.0.0", OURS PREV))};

	(void)state;
	assert_int_equal(cni_run(&rq, &ops, &out, NULL), 0);
	assert_string_equal(f.asked, "/k shop/web-1");
	rq.args = "K8S_POD_NAMESPACE=kube-system;K8S_POD_NAME=x";
	assert_int_equal(cni_run(&rq, &ops, &out, NULL), 0);
	assert_int_equal(f.asks, 1);
}

/* What has to be set for an operation. */
static void environment(void **state)
{
	static const struct {
		struct cni_request rq;
		const char *message;
	} bad[] = {
		{{NULL, "c", "/n", POD, SLICE(CONF("1.0.0", OURS))}, "CNI_COMMAND is not set"},
		{{"ADD", NULL, "/n", POD, SLICE(CONF("1.0.0", OURS))}, "CNI_CONTAINERID is not set"},
		{{"ADD", "c", "", POD, SLICE(CONF("1.0.0", OURS))}, "CNI_NETNS is not set"},
		{{"DEL", "", NULL, POD, SLICE(CONF("1.0.0", OURS))}, "CNI_CONTAINERID is not set"},
	};
	const struct cni_ops ops = {get_pod, apply, apply, ready, NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct err e = ERR_INIT;

		assert_int_equal(cni_run(&bad[i].rq, &ops, &out, &e), 1);
		assert_string_equal(e.msg, bad[i].message);
	}
}

static void versions(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct cni_request rq = {.command = "VERSION"};
	const struct cni_ops ops = {0};

	(void)state;
	assert_int_equal(cni_run(&rq, &ops, &out, NULL), 0);
	assert_string_equal(
		buf_str(&out),
		"{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(operations), cmocka_unit_test(questions),
					   cmocka_unit_test(environment), cmocka_unit_test(versions)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
