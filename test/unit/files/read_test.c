/* Texts to objects: what counts, what is refused, and where it is told. */
#include "folder.h"

#define GATEWAY "apiVersion: networking.istio.io/v1beta1\nkind: Gateway\n"

static const struct {
	const char *name, *text, *want; /* objects, then "!LINE" refused or "?LINE" told, with the object */
} rows[] = {
	{"one object", ENTRY("a", "a.example"), "ServiceEntry shop/a;"},
	{"several documents", ENTRY("a", "a.example") "---\n" ENTRY("b", "b.example"),
	 "ServiceEntry shop/a;ServiceEntry shop/b;"},
	{"a list", "{apiVersion: v1, kind: List, items: [" ENTRY("a", "a.example") "]}", "ServiceEntry shop/a;"},
	{"nothing", "---\n# only words\n", ""},
	{"without a namespace", "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {}}", "Service default/a;"},
	{"of the cluster", "{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: b}}", "Namespace /a;"},
	{"an older version",
	 "{apiVersion: networking.istio.io/v1alpha3, kind: Gateway, metadata: {name: a}, spec: {servers: "
	 "[{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}}",
	 "Gateway default/a;"},
	{"no YAML", ENTRY("a", "a.example") "---\na: [\n", "!4 ;broken"},
	{"no object", ENTRY("a", "a.example") "---\n- 1\n", "!3 ;broken"},
	{"not valid",
	 GATEWAY "metadata: {name: a}\nspec:\n  servers:\n  - port: {number: 70000, name: http, protocol: "
		 "HTTP}\n    hosts: ['*']\n"
		 "---\n" ENTRY("b", "b.example"),
	 "ServiceEntry shop/b;!6 Gateway default/a;"},
	{"a word that does not exist",
	 GATEWAY "metadata: {name: a}\nspec:\n  selecter: {a: b}\n  servers:\n  - port: "
		 "{number: 80, name: http, protocol: HTTP}\n    hosts: ['*']\n",
	 "!5 Gateway default/a;"},
	{"a word that Kubernetes may have", "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {novelty: 1}}",
	 "Service default/a;?1 Service default/a;"},
	{"of the wrong type", GATEWAY "metadata: {name: a}\nspec: {servers: 3}\n", "!1 Gateway default/a;"},
	{"a kind that is not read", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}", "?1 Deployment a;"},
	{"a kind that nobody knows", "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}",
	 "!1 Kustomization ;"},
	{"without a name", "{apiVersion: v1, kind: Service, spec: {}}", "!1 Service default/;"},
	{"a name that leads elsewhere", "{apiVersion: v1, kind: Service, metadata: {name: ../a}}",
	 "!1 Service default/../a;"},
	{"a namespace that leads elsewhere", "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: ..}}",
	 "!1 Service ../a;"},
	{"a token as it is",
	 "{apiVersion: v1, kind: Secret, metadata: {name: a}, type: kubernetes.io/service-account-token, "
	 "data: {token: YQ==}}",
	 "!1 Secret default/a;"},
	{"settings of another", "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}",
	 "ConfigMap default/other;?1 ConfigMap default/other;"},
	{"the mesh's settings", "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: mesh}}",
	 "ConfigMap mesh/istio;"},
	{"settings that cannot be read",
	 "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: mesh}, data: {mesh: 'a: ['}}",
	 "!1 ConfigMap mesh/istio;"},
	{"where pods run", "{apiVersion: v1, kind: Node, metadata: {name: edge-1}}", "Node /edge-1;"},
	{"a role's name", "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: 'system:A'}}",
	 "ClusterRole /system:A;"},
	{"a role's name that leads elsewhere",
	 "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a/b}}", "!1 ClusterRole a/b;"},
};

static void texts_come_to_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf got = BUF_INIT;
		struct reading r;

		reading_of(slice_str(rows[i].text), "mesh", &r);
		for (size_t k = 0; k < r.objects.n; k++)
			buf_printf(&got, "%s %s/%s;", r.objects.v[k].kind->kind, r.objects.v[k].ns,
				   r.objects.v[k].name);
		for (size_t k = 0; k < r.faults.n; k++)
			buf_printf(&got, "%c%u %s;", r.faults.v[k].refused ? '!' : '?', r.faults.v[k].line,
				   r.faults.v[k].object);
		if (r.broken)
			buf_append_str(&got, "broken");
		reading_done(&r);
		if (strcmp(rows[i].want, buf_str(&got)) != 0)
			fail_msg("%s: expected %s, got %s", rows[i].name, rows[i].want, buf_str(&got));
	}
}

/* The text as JSON of its only object. */
static cJSON *read_one(const char *text)
{
	struct reading r;
	cJSON *json;

	reading_of(slice_str(text), "mesh", &r);
	assert_int_equal(1, r.objects.n);
	json = take(r.objects.v[0].json);
	reading_done(&r);
	return json;
}

static void what_a_cluster_would_add_is_added(void **state)
{
	CLEANUP(json_freep)
	cJSON *secret = read_one("{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {b: c}}");
	CLEANUP(json_freep)
	cJSON *service = read_one("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}");
	CLEANUP(json_freep) cJSON *ns = read_one("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
	const cJSON *port = json_at(service, "spec.ports")->child;

	(void)state;
	assert_string_equal("Yw==", json_str(secret, "data.b"));
	assert_null(json_get(secret, "stringData"));
	assert_string_equal("TCP", json_get_str(port, "protocol"));
	assert_int_equal(80, json_int(port, "targetPort", 0));
	assert_string_equal("shop", json_get_str(json_at(ns, "metadata.labels"), "kubernetes.io/metadata.name"));
}

/* Statuses and what a cluster numbered are not the user's to say; of a pod its status is all there is. */
static void what_is_not_said_by_users_is_left_out(void **state)
{
	CLEANUP(json_freep)
	cJSON *entry =
		read_one("{apiVersion: networking.istio.io/v1beta1, kind: WorkloadEntry, metadata: {name: a, uid: u, "
			 "resourceVersion: '7', ownerReferences: [{name: x}]}, spec: {address: 10.0.0.1}, "
			 "status: {conditions: [{type: Healthy, status: 'True'}]}}");
	CLEANUP(json_freep)
	cJSON *pod = read_one("{apiVersion: v1, kind: Pod, metadata: {name: a}, status: {podIP: 10.0.0.2}}");

	(void)state;
	assert_null(json_get(entry, "status"));
	assert_null(json_at(entry, "metadata.uid"));
	assert_null(json_at(entry, "metadata.resourceVersion"));
	assert_null(json_at(entry, "metadata.ownerReferences"));
	assert_string_equal("10.0.0.2", json_str(pod, "status.podIP"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_to_objects),
		cmocka_unit_test(what_a_cluster_would_add_is_added),
		cmocka_unit_test(what_is_not_said_by_users_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
