/* The operator, its webhooks and the config-reloader against a small API server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <unistd.h>

#include "api/cluster/admission.h"
#include "api/object.h"
#include "base/file.h"
#include "fake_api.h"
#include "kube/store.h"
#include "operator/run/operator.h"
#include "operator/scrape/reloader.h"
#include "operator/webhook/webhook.h"

static const struct fake_object mesh[] = {
	{"/apis/maistra.io/v2/servicemeshcontrolplanes", "basic",
	 "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: mesh, uid: u, "
	 "generation: 1, resourceVersion: '1', finalizers: [maistra.io/istio-operator]}, spec: {version: v2.6}}"},
	{"/apis/maistra.io/v1/servicemeshmemberrolls", "default",
	 "{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh, "
	 "resourceVersion: '1', finalizers: [maistra.io/istio-operator]}, spec: {members: [shop]}}"},
	{"/api/v1/namespaces", "mesh",
	 "{apiVersion: v1, kind: Namespace, metadata: {name: mesh, resourceVersion: '1'}}"},
	{"/api/v1/namespaces", "shop",
	 "{apiVersion: v1, kind: Namespace, metadata: {name: shop, resourceVersion: '1'}}"},
	{0},
};

static bool has(const struct fake_api *f, const char *line)
{
	return f->log.len && strstr(buf_str(&f->log), line);
}

static void on_stopped(void *arg)
{
	*(bool *)arg = true;
}

/* What was read is installed, status told, and nothing is written any more once it was stopped. */
static void test_operator(void **state)
{
	const struct operator_options o = {.ns = "operators", .identity = "me"};
	struct fake_api f;
	struct kube_client *c;
	struct mesh_operator *op;
	bool stopped = false;

	(void)state;
	fake_init(&f, mesh);
	c = fake_client(&f);
	op = operator_new(f.loop, c, &o);
	assert_false(operator_ready(op));
	FAKE_UNTIL(&f, operator_ready(op));
	FAKE_UNTIL(&f, has(&f, "PATCH /apis/apps/v1/namespaces/mesh/deployments/istiod-basic"));
	FAKE_UNTIL(&f, has(&f, "PATCH /api/v1/namespaces/mesh/configmaps/istio-sidecar-injector-basic"));
	FAKE_UNTIL(&f, has(&f, "servicemeshcontrolplanes/basic/status"));
	FAKE_UNTIL(&f, has(&f, "servicemeshmemberrolls/default/status"));
	FAKE_UNTIL(&f, has(&f, "PATCH /api/v1/namespaces/shop"));
	operator_stop(op, on_stopped, &stopped);
	assert_true(stopped);
	operator_free(op);
	operator_free(NULL);
	kube_client_free(c);
	fake_done(&f);
}

static bool told(const struct fake_api *f, const char *text)
{
	return f->status.len && strstr(buf_str(&f->status), text);
}

/* Routes that the cluster lacks are told in status; when somebody installs them, that is noticed. */
static void test_routes_come_later(void **state)
{
	const struct operator_options o = {.ns = "operators", .identity = "me"};
	struct mesh_operator *op;
	struct kube_client *c;
	struct fake_api f;

	(void)state;
	fake_init(&f, mesh);
	f.absent = &api_kind_route;
	c = fake_client(&f);
	op = operator_new(f.loop, c, &o);
	FAKE_UNTIL(&f, told(&f, "This cluster does not serve Route (route.openshift.io)"));
	assert_true(operator_ready(op));
	f.absent = NULL;
	FAKE_UNTIL(&f, told(&f, "AllKindsServed"));
	operator_free(op);
	kube_client_free(c);
	fake_done(&f);
}

/* Who does not hold the lease reads only. */
static void test_follower(void **state)
{
	static const struct fake_object held[] = {
		{"/apis/maistra.io/v2/servicemeshcontrolplanes", "basic",
		 "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: mesh, "
		 "uid: "
		 "u, generation: 1, resourceVersion: '1'}, spec: {version: v2.6}}"},
		{"/apis/coordination.k8s.io/v1/namespaces/operators/leases", "istio-operator-lock",
		 "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: istio-operator-lock, namespace: "
		 "operators, resourceVersion: '1'}, spec: {holderIdentity: other, leaseDurationSeconds: 600, "
		 "renewTime: "
		 "'2999-01-01T00:00:00.000000Z'}}"},
		{0},
	};
	const struct operator_options o = {.ns = "operators", .identity = "me", .leader_election = true};
	struct fake_api f;
	struct kube_client *c;
	struct mesh_operator *op;
	int64_t until;

	(void)state;
	fake_init(&f, held);
	c = fake_client(&f);
	op = operator_new(f.loop, c, &o);
	FAKE_UNTIL(&f, operator_ready(op));
	until = clock_mono_ns() + 200 * NS_PER_MS;
	while (clock_mono_ns() < until)
		loop_turn(f.loop, 20);
	assert_false(has(&f, "servicemeshcontrolplanes"));
	operator_free(op);
	kube_client_free(c);
	fake_done(&f);
}

/* Installed by tools that write their own name where ours is, in a pod of a Deployment. */
static const struct fake_object installed[] = {
	{"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", "by-helm",
	 "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: "
	 "by-helm, "
	 "resourceVersion: '1', labels: {app.kubernetes.io/managed-by: Helm}}, webhooks: [{name: a.b.c, clientConfig: "
	 "{service: {name: maistra-admission-controller, namespace: operators}}}]}"},
	{"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", "by-kustomize",
	 "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: "
	 "by-kustomize, "
	 "resourceVersion: '1', labels: {app.kubernetes.io/managed-by: kustomize-v5.0.1}}, webhooks: [{name: a.b.c, "
	 "clientConfig: {service: {name: maistra-admission-controller, namespace: operators}}}]}"},
	{"/api/v1/namespaces/operators/pods", "me",
	 "{apiVersion: v1, kind: Pod, metadata: {name: me, namespace: operators, ownerReferences: [{apiVersion: "
	 "apps/v1, "
	 "kind: ReplicaSet, name: op-1, uid: r1, controller: true}]}}"},
	{"/apis/apps/v1/namespaces/operators/replicasets", "op-1",
	 "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: op-1, namespace: operators, uid: r1, "
	 "ownerReferences: "
	 "[{apiVersion: apps/v1, kind: Deployment, name: op, uid: d1, controller: true, blockOwnerDeletion: true}]}}"},
	{0},
};

#define OWNED                                                                                                          \
	"\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"op\",\"uid\":\"d1\"}]"

static bool sent(const struct fake_api *f, const char *line, const char *text)
{
	const char *at = f->bodies.len ? strstr(buf_str(&f->bodies), line) : NULL;

	for (; at; at = strstr(at + 1, line))
		if (memmem(at, strcspn(at, "\n"), text, strlen(text)))
			return true;
	return false;
}

/* Made with its owner, or given to it afterwards: which of the two answers comes first is open. */
static bool secret_is_owned(const struct fake_api *f)
{
	CLEANUP(freep) char *made = f->secret ? json_to_text(f->secret) : mem_strdup("");

	return strstr(made, OWNED) ||
	       sent(f, "PATCH /api/v1/namespaces/operators/secrets/maistra-operator-serving-cert ", OWNED);
}

/* Whoever installed the webhooks, they get their authority; what the operator makes for itself goes with its
 * Deployment. */
static void test_installed(void **state)
{
	const struct operator_options o = {
		.ns = "operators", .identity = "me", .pod = "me", .leader_election = true, .webhooks = true};
	struct fake_api f;
	struct kube_client *c;
	struct mesh_operator *op;

	(void)state;
	fake_init(&f, installed);
	c = fake_client(&f);
	op = operator_new(f.loop, c, &o);
	FAKE_UNTIL(&f, sent(&f, "PATCH /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/by-helm ",
			    "caBundle"));
	FAKE_UNTIL(&f,
		   sent(&f, "PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/by-kustomize ",
			"caBundle"));
	FAKE_UNTIL(&f, secret_is_owned(&f));
	FAKE_UNTIL(&f, sent(&f, "/apis/coordination.k8s.io/v1/namespaces/operators/leases", OWNED));
	operator_free(op);
	kube_client_free(c);
	fake_done(&f);
}

/* --- webhooks --- */

struct reply {
	bool done;
	int status;
	char *text; /* of the AdmissionReview */
};

static void on_reply(void *arg, struct kube_result *r)
{
	struct reply *p = arg;

	p->done = true;
	p->status = r->status;
	p->text = r->body ? cJSON_PrintUnformatted(r->body) : strdup("");
}

static bool is_ready(void *arg)
{
	return *(bool *)arg;
}

static int free_port(struct loop *l)
{
	const struct web_config c = {0};
	struct web_server *s = web_server_new(l, &c, NULL);
	struct addr a;
	int port;

	addr_parse(SLICE("127.0.0.1"), 0, &a);
	port = web_server_listen(s, &a, NULL);
	web_server_free(s);
	return port;
}

static struct reply call(const struct fake_api *f, struct kube_client *c, const char *path, const char *yaml)
{
	CLEANUP(json_freep) cJSON *body = NULL;
	struct kube_request req = {.verb = yaml ? KUBE_CREATE : KUBE_GET, .path = path};
	struct reply p = {0};

	if (yaml)
		assert_int_equal(yaml_parse(slice_str(yaml), &body, NULL), 0);
	req.body = body;
	kube_call_start(c, &req, on_reply, &p);
	FAKE_UNTIL(f, p.done);
	return p;
}

#define REVIEW(user, kind, object)                                                                                     \
	"{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {uid: r1, kind: {group: maistra.io, "       \
	"version: "                                                                                                    \
	"v1, kind: " kind "}, operation: CREATE, namespace: mesh, userInfo: {username: " user                          \
	", groups: [g], uid: x, extra: {a: [b]}}, object: " object "}}"
#define ROLL(members)                                                                                                  \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh}, spec: {" \
	"members: [" members "]}}"
#define SMCP(spec)                                                                                                     \
	"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: mesh}, spec: {" \
	"" spec "}}"
#define MANY "a1, a2, a3, a4, a5, a6, a7, a8, a9, a10"

static const struct {
	const char *path, *review;
	int status;
	const char *has[2];
} reviews[] = {
	{"/validate",
	 REVIEW("eve", "ServiceMeshMemberRoll", ROLL("shop")),
	 200,
	 {"\"allowed\":true", "\"uid\":\"r1\""}},
	{"/validate",
	 REVIEW("eve", "ServiceMeshMemberRoll", ROLL("shop, closed")),
	 200,
	 {"\"allowed\":false", "user 'eve' does not have permission to access namespace(s): [closed]"}},
	{"/validate", REVIEW("mallory", "ServiceMeshMemberRoll", ROLL("shop")), 200, {"\"code\":403", "Forbidden"}},
	{"/validate",
	 REVIEW("eve", "ServiceMeshMemberRoll", ROLL("'*'")),
	 200,
	 {"\"allowed\":false", "only users that are allowed to update pods at the cluster scope"}},
	{"/validate", REVIEW("root", "ServiceMeshMemberRoll", ROLL("'*'")), 200, {"\"allowed\":true", ""}},
	{"/validate", REVIEW("root", "ServiceMeshMemberRoll", ROLL(MANY)), 200, {"\"allowed\":true", ""}},
	{"/validate", REVIEW("eve", "ServiceMeshMemberRoll", ROLL(MANY)), 200, {"\"allowed\":true", ""}},
	{"/validate", REVIEW("mallory", "ServiceMeshMemberRoll", ROLL(MANY)), 200, {"\"allowed\":false", "[a1 a2"}},
	{"/validate",
	 REVIEW("mallory", "ServiceMeshMember",
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: shop}, "
		"spec: "
		"{controlPlaneRef: {name: basic, namespace: mesh}}}"),
	 200,
	 {"\"allowed\":false", "does not have permission to use ServiceMeshControlPlane mesh/basic\""}},
	{"/validate",
	 REVIEW("eve", "ServiceMeshMemberRoll", ROLL("a, a")),
	 200,
	 {"\"code\":400", "duplicate namespace in .spec.members: a"}},
	{"/validate",
	 REVIEW("eve", "ServiceMeshControlPlane", SMCP("version: v2.6, tracing: {type: Stackdriver}")),
	 200,
	 {"\"allowed\":true", "\"warnings\":[\"spec.tracing.type: "}},
	{"/mutate",
	 REVIEW("eve", "ServiceMeshControlPlane", SMCP("")),
	 200,
	 {"\"patchType\":\"JSONPatch\"", "\"patch\":\"W3"}},
	{"/mutate", REVIEW("eve", "ServiceMeshMember", "{}"), 200, {"\"allowed\":true", ""}},
	{"/validate", "{a: b}", 400, {"", ""}},
	{"/elsewhere", "{a: b}", 404, {"", ""}},
	{"/validate", NULL, 405, {"", ""}},
};

struct hooks {
	struct fake_api api;
	struct kube_client *client, *to_webhook, *to_health;
	struct store *store;
	struct webhook *webhook;
	bool ready;
	int port, health_port;
};

static struct kube_client *client_of(struct loop *l, const char *scheme, int port)
{
	CLEANUP(freep) char *url = mem_printf("%s://127.0.0.1:%d", scheme, port);
	struct kube_config config = {.server = url, .insecure = true};

	return kube_client_new(l, &config, NULL);
}

static void hooks_init(struct hooks *h)
{
	static const struct fake_object none[] = {{0}};

	*h = (struct hooks){0};
	fake_init(&h->api, none);
	h->client = fake_client(&h->api);
	h->store = store_new();
	h->port = free_port(h->api.loop);
	h->health_port = free_port(h->api.loop);
	h->webhook = webhook_new(h->api.loop, h->client, h->store,
				 &(struct webhook_options){.ns = "operators",
							   .ready = is_ready,
							   .arg = &h->ready,
							   .port = (uint16_t)h->port,
							   .health_port = (uint16_t)h->health_port});
	h->to_webhook = client_of(h->api.loop, "https", h->port);
	h->to_health = client_of(h->api.loop, "http", h->health_port);
}

static void hooks_done(struct hooks *h)
{
	webhook_free(h->webhook);
	webhook_free(NULL);
	kube_client_free(h->to_webhook);
	kube_client_free(h->to_health);
	kube_client_free(h->client);
	store_free(h->store);
	fake_done(&h->api);
}

static int status_of(struct hooks *h, const char *path)
{
	struct reply p = call(&h->api, h->to_health, path, NULL);

	free(p.text);
	return p.status;
}

/* The bundle of the authority that was made goes into the configurations that name this service, and no others. */
static void put_configuration(struct hooks *h)
{
	static const char yaml[] =
		"{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: "
		"ours}, "
		"webhooks: [{name: a.b.c, clientConfig: {service: {name: maistra-admission-controller, namespace: "
		"operators}}}, {name: d.e.f, clientConfig: {service: {name: other, namespace: operators}}}]}";
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o;

	assert_int_equal(yaml_parse(slice_str(yaml), &json, NULL), 0);
	assert_int_equal(api_object_decode(json, NULL, NULL, &o, NULL), 0);
	store_put(h->store, o);
	webhook_check_bundles(h->webhook);
}

static void test_webhooks(void **state)
{
	struct hooks h;
	struct reply p;

	(void)state;
	hooks_init(&h);
	FAKE_UNTIL(&h.api, h.api.secret && status_of(&h, "/healthz") == 200);
	assert_int_equal(status_of(&h, "/readyz"), 503);
	FAKE_UNTIL(&h.api, (p = call(&h.api, h.to_webhook, "/validate", "{a: b}"), free(p.text), p.status == 503));
	h.ready = true;
	assert_int_equal(status_of(&h, "/readyz"), 200);
	assert_int_equal(status_of(&h, "/other"), 404);
	for (size_t i = 0; i < ARRAY_LEN(reviews); i++) {
		p = call(&h.api, h.to_webhook, reviews[i].path, reviews[i].review);
		if (p.status != reviews[i].status)
			fail_msg("row %zu: %d %s", i, p.status, p.text);
		for (size_t k = 0; k < 2; k++)
			if (reviews[i].has[k] && !strstr(p.text, reviews[i].has[k]))
				fail_msg("row %zu: no %s in %s", i, reviews[i].has[k], p.text);
		free(p.text);
	}
	put_configuration(&h);
	FAKE_UNTIL(&h.api,
		   has(&h.api, "PATCH /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/ours"));
	assert_int_equal(status_of(&h, "/readyz"), 503);
	hooks_done(&h);
}

/* Rights that cannot be checked are not there. */
static void test_reviews_fail(void **state)
{
	struct hooks h;
	struct reply p;

	(void)state;
	hooks_init(&h);
	h.ready = true;
	h.api.reviews_fail = true;
	FAKE_UNTIL(&h.api,
		   (p = call(&h.api, h.to_webhook, "/validate", REVIEW("root", "ServiceMeshMemberRoll", ROLL("shop"))),
		    p.status == 200 ? 1 : (free(p.text), 0)));
	assert_non_null(strstr(p.text, "\"allowed\":false"));
	assert_non_null(strstr(p.text, "\"code\":500"));
	assert_non_null(strstr(p.text, "the user's permissions could not be checked"));
	free(p.text);
	hooks_done(&h);
}

/* --- the reloader --- */

static const struct fake_object scraped[] = {
	{"/api/v1/namespaces/mesh/configmaps", "prometheus",
	 "{apiVersion: v1, kind: ConfigMap, metadata: {name: prometheus, namespace: mesh, resourceVersion: '1'}, data: "
	 "{prometheus.yml: 'a: b', namespaces: \"shop\\nstock\\n\"}}"},
	{"/api/v1/namespaces/shop/pods", "web",
	 "{apiVersion: v1, kind: Pod, metadata: {name: web-5d-1, namespace: shop, resourceVersion: '1', labels: {app: "
	 "web, "
	 "a.b/c: d}, annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '15020'}, ownerReferences: "
	 "[{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d, uid: u, controller: true}]}, spec: {nodeName: n1, "
	 "containers: [{name: web, image: x, ports: [{name: http, containerPort: 8080}]}]}, status: {phase: Running, "
	 "podIP: "
	 "10.0.0.1, hostIP: 10.1.0.1}}"},
	{"/api/v1/namespaces/stock/pods", "db",
	 "{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: stock, resourceVersion: '1'}, spec: {containers: "
	 "[{name: db, image: x}]}, status: {phase: Running, podIP: 10.0.0.2}}"},
	{0},
};

static void test_reloader(void **state)
{
	const char *tmp = getenv("TMPDIR");
	CLEANUP(freep) char *dir = mem_printf("%s/reloader-XXXXXX", tmp ? tmp : ".");
	CLEANUP(buf_done) struct buf targets = BUF_INIT;
	CLEANUP(buf_done) struct buf config = BUF_INIT;
	struct fake_api f;
	struct kube_client *c;
	struct reloader *r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	fake_init(&f, scraped);
	c = fake_client(&f);
	{
		CLEANUP(freep) char *file = mem_printf("%s/prometheus.yml", dir);
		CLEANUP(freep) char *list = mem_printf("%s/targets.json", dir);
		CLEANUP(freep) char *url = mem_printf("http://127.0.0.1:%d/-/reload", f.port);
		const struct reloader_options o = {.ns = "mesh",
						   .config_map = "prometheus",
						   .key = "prometheus.yml",
						   .file = file,
						   .targets_file = list,
						   .reload_url = url};

		r = reloader_new(f.loop, c, &o);
		FAKE_UNTIL(&f, access(file, R_OK) == 0 && access(list, R_OK) == 0 && has(&f, "POST /-/reload"));
		FAKE_UNTIL(&f, (buf_clear(&targets), file_read(list, 1 << 20, &targets, NULL) == 0 &&
							     strstr(buf_str(&targets), "10.0.0.1:15020")));
		assert_non_null(strstr(buf_str(&targets), "\"__meta_kubernetes_pod_label_a_b_c\":\"d\""));
		assert_null(strstr(buf_str(&targets), "10.0.0.2"));
		assert_int_equal(file_read(file, 1 << 20, &config, NULL), 0);
		assert_string_equal(buf_str(&config), "a: b");
		reloader_free(r);
		reloader_free(NULL);
		unlink(file);
		unlink(list);
	}
	rmdir(dir);
	kube_client_free(c);
	fake_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operator),          cmocka_unit_test(test_follower),
		cmocka_unit_test(test_routes_come_later), cmocka_unit_test(test_webhooks),
		cmocka_unit_test(test_reviews_fail),      cmocka_unit_test(test_reloader),
		cmocka_unit_test(test_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
