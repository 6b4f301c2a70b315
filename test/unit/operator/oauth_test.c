/* The OAuth clients of Weft's own console: made where OpenShift's server is, once a Route has a host, gone with the
 * mesh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/cluster/oauth.h"
#include "api/core/core.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "operator/reconcile/reconcile.h"
#include "rendered.h"

#define FRESH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static const struct api_kind *const absent[] = {&api_kind_kiali, &api_kind_jaeger, &api_kind_oauth_client};

static struct reconcile_env env_of(bool openshift)
{
	return (struct reconcile_env){.version = "1.0.0",
				      .ns = "ops",
				      .now_s = 1700000000,
				      .absent = absent,
				      .n_absent = openshift ? 2 : 3,
				      .addons = ADDONS_OWN,
				      .fresh_secret = FRESH};
}

static struct store *world(void)
{
	struct store *s = store_new();

	rendered_put(s, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
	rendered_put(s,
		     "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: "
		     "istio-system, uid: u-1, generation: 1, finalizers: [maistra.io/istio-operator]}, spec: {version: "
		     "v2.6, gateways: {enabled: false}, addons: {grafana: {enabled: true}, kiali: {enabled: true}}}}");
	return s;
}

/* A Route as OpenShift's API server keeps it, and a router admits it. */
static void give_host(struct store *s, const char *name, const char *tls)
{
	CLEANUP(freep)
	char *route = mem_printf(
		"{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: %s, namespace: istio-system, "
		"labels: {maistra.io/owner: istio-system, maistra.io/owner-name: basic, "
		"app.kubernetes.io/managed-by: maistra-istio-operator}}, spec: {host: %s.apps.example, to: {name: "
		"%s}%s}}",
		name, name, name, tls);

	rendered_put(s, route);
}

/* Applies what is planned, as far as Deployments become ready. Returns how many OAuthClients are to be created only. */
static size_t run(struct store *s, const struct reconcile_env *env)
{
	const struct store_key key = {&api_kind_smcp, "istio-system", "basic"};
	size_t created = 0;
	struct plan p;

	plan_init(&p);
	smcp_reconcile(s, &key, env, &p);
	for (size_t i = 0; i < p.applies.n; i++) {
		struct api_object *o = p.applies.v[i].obj;
		CLEANUP(json_freep) cJSON *json = api_object_to_json(o);
		struct api_object *copy = NULL;

		if (o->kind == &api_kind_oauth_client)
			created += p.applies.v[i].create_only;
		if (o->kind == &api_kind_route && store_get(s, o->kind, "istio-system", api_object_name(o)))
			continue; /* its host stays */
		if (o->kind == &api_kind_deployment)
			cJSON_AddItemToObject(
				json, "status",
				json_literal("{\"readyReplicas\":1,\"observedGeneration\":1,\"conditions\":[{"
					     "\"type\":\"Available\",\"status\":\"True\"}]}"));
		assert_int_equal(api_object_decode(json, NULL, NULL, &copy, NULL), 0);
		store_put(s, copy);
	}
	for (size_t i = 0; i < p.deletes.n; i++)
		store_remove(s, p.deletes.v[i].key.kind, p.deletes.v[i].key.ns, p.deletes.v[i].key.name);
	plan_done(&p);
	return created;
}

static void settle(struct store *s, const struct reconcile_env *env)
{
	for (int i = 0; i < 6; i++)
		run(s, env);
}

static const struct openshift_oauth_client *client_of(const struct store *s, const char *name)
{
	const struct api_object *o = store_get(s, &api_kind_oauth_client, "", name);

	return o ? API_VALUE(o, oauth_client, openshift_oauth_client) : NULL;
}

static char *secret_of(const struct store *s, const char *name, const char *key)
{
	const struct api_object *o = store_get(s, &api_kind_secret, "istio-system", name);
	const struct core_secret *secret = o ? API_VALUE(o, secret, core_secret) : NULL;
	struct buf out = BUF_INIT;

	for (size_t i = 0; secret && i < secret->data.n; i++)
		if (!strcmp(secret->data.v[i].key, key))
			assert_int_equal(base64_decode(slice_str(secret->data.v[i].value), &out), 0);
	return buf_take_str(&out);
}

#define assert_secret(s, name, key, value)                                                                             \
	do {                                                                                                           \
		CLEANUP(freep) char *have_ = secret_of(s, name, key);                                                  \
		assert_string_equal(have_, value);                                                                     \
	} while (0)

static bool deployment_says(const struct store *s, const char *text)
{
	const struct api_object *o = store_get(s, &api_kind_deployment, "istio-system", "kiali");
	CLEANUP(json_freep) cJSON *json = o ? api_object_to_json(o) : NULL;
	CLEANUP(freep) char *all = json_to_text(json);

	return strstr(all, text) != NULL;
}

static void made_with_hosts(void **state)
{
	struct reconcile_env env = env_of(true);
	struct store *s = world();
	const struct openshift_oauth_client *kiali;

	(void)state;
	settle(s, &env);
	assert_null(client_of(s, "kiali-basic-istio-system")); /* led back to nowhere */
	assert_true(deployment_says(s, "--oauth-client=/etc/weft/oauth"));
	assert_true(deployment_says(
		s, "{\"name\":\"oauth\",\"secret\":{\"secretName\":\"kiali-oauth\",\"optional\":true}}"));
	give_host(s, "kiali", ", tls: {termination: edge}");
	give_host(s, "grafana", "");
	settle(s, &env);
	kiali = client_of(s, "kiali-basic-istio-system");
	assert_non_null(kiali);
	assert_string_equal(kiali->secret, FRESH);
	assert_string_equal(kiali->grant_method, "auto");
	assert_int_equal(kiali->redirect_uris.n, 1);
	assert_string_equal(kiali->redirect_uris.v[0], "https://kiali.apps.example/oauth/callback");
	assert_secret(s, "kiali-oauth", "client-id", "kiali-basic-istio-system");
	assert_secret(s, "kiali-oauth", "client-secret", FRESH);
	assert_secret(s, "kiali-oauth", "redirect-uris", "https://kiali.apps.example/oauth/callback\n");
	assert_null(client_of(s, "grafana-basic-istio-system")); /* tokens do not travel in the clear */
	store_free(s);
}

/* What was chosen once stays, in both places; what is no secret is none. */
static void stays(void **state)
{
	struct reconcile_env env = env_of(true);
	struct store *s = world();

	(void)state;
	give_host(s, "kiali", ", tls: {termination: edge}");
	settle(s, &env);
	env.fresh_secret = OTHER;
	settle(s, &env);
	assert_secret(s, "kiali-oauth", "client-secret", FRESH);
	assert_string_equal(client_of(s, "kiali-basic-istio-system")->secret, FRESH);
	rendered_put(s, "{apiVersion: v1, kind: Secret, metadata: {name: kiali-oauth, namespace: istio-system}, data: "
			"{client-secret: c2hvcnQ=}}");
	settle(s, &env);
	assert_secret(s, "kiali-oauth", "client-secret", OTHER);
	assert_string_equal(client_of(s, "kiali-basic-istio-system")->secret, OTHER);
	store_free(s);
}

/* Somebody else's client of that name is not taken over: ours has our labels. */
static void others(void **state)
{
	struct reconcile_env env = env_of(true);
	struct store *s = world();

	(void)state;
	give_host(s, "kiali", ", tls: {termination: edge}");
	for (int i = 0; i < 6 && !client_of(s, "kiali-basic-istio-system"); i++) {
		const size_t created = run(s, &env);

		assert_int_equal(created, client_of(s, "kiali-basic-istio-system") ? 1 : 0);
	}
	assert_non_null(client_of(s, "kiali-basic-istio-system"));
	assert_int_equal(run(s, &env), 0); /* from then on it is kept as it should be */
	store_free(s);
}

static void not_elsewhere(void **state)
{
	struct reconcile_env env = env_of(false);
	struct store *s = world();

	(void)state;
	give_host(s, "kiali", ", tls: {termination: edge}");
	settle(s, &env);
	assert_null(store_get(s, &api_kind_secret, "istio-system", "kiali-oauth"));
	assert_false(deployment_says(s, "oauth"));
	store_free(s);
}

static bool kiali_reads(const struct store *s, const char *text)
{
	const struct api_object *o = store_get(s, &api_kind_config_map, "istio-system", "kiali");
	const struct core_config_map *map = o ? API_VALUE(o, config_map, core_config_map) : NULL;

	return map && map->data.n == 1 && strstr(map->data.v[0].value, text);
}

/* The stock Kiali does not start without a key, of 16, 24 or 32 bytes; sessions outlive a reconciliation. */
static void kiali_signs(void **state)
{
	struct reconcile_env env = env_of(false);
	struct store *s = world();

	(void)state;
	env.addons = ADDONS_STOCK;
	settle(s, &env);
	assert_secret(s, "kiali-signing-key", "key", "0123456789abcdef0123456789abcdef");
	assert_true(deployment_says(s, "\"mountPath\":\"/kiali-override-secrets/login-token-signing-key\""));
	assert_true(deployment_says(
		s, "{\"secretName\":\"kiali-signing-key\",\"items\":[{\"key\":\"key\",\"path\":\"value.txt\"}]}"));
	env.fresh_secret = OTHER;
	settle(s, &env);
	assert_secret(s, "kiali-signing-key", "key", "0123456789abcdef0123456789abcdef");
	assert_false(kiali_reads(s, "url: https://grafana"));
	give_host(s, "grafana", ", tls: {termination: edge}");
	settle(s, &env);
	assert_true(kiali_reads(s, "url: https://grafana.apps.example\n"));
	store_free(s);
}

static void gone_with_the_mesh(void **state)
{
	struct reconcile_env env = env_of(true);
	struct store *s = world();

	(void)state;
	give_host(s, "kiali", ", tls: {termination: edge}");
	settle(s, &env);
	rendered_put(s, "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: "
			"istio-system, uid: u-1, generation: 1, deletionTimestamp: '2023-01-01T00:00:00Z', finalizers: "
			"[maistra.io/istio-operator]}}");
	settle(s, &env);
	assert_null(client_of(s, "kiali-basic-istio-system"));
	assert_null(store_get(s, &api_kind_secret, "istio-system", "kiali-oauth"));
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(made_with_hosts), cmocka_unit_test(stays),
					   cmocka_unit_test(others),          cmocka_unit_test(not_elsewhere),
					   cmocka_unit_test(kiali_signs),     cmocka_unit_test(gone_with_the_mesh)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
