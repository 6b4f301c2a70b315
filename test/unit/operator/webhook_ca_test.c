/*
 * Two replicas behind one Service: whatever becomes of their Secret, each serves what the webhook configurations trust,
 * at any moment. Under a clock that is moved by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fake_kube.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "kube/reflector.h"
#include "kube/store.h"
#include "operator/webhook/webhook_internal.h"
#include "pki/ca.h"
#include "web/server.h"

#define CONFIGURATION "smcp.validation.maistra.io"

struct replica {
	struct store *store;
	struct reflector *hooks;
	struct webhook *webhook;
	struct store_watch watch;
};

static struct loop *loop;
static struct replica a, b;
static const char *cert_dir; /* of what the installer brought */

static bool is_ready(void *arg)
{
	(void)arg;
	return true;
}

static uint16_t free_port(void)
{
	const struct web_config c = {0};
	struct web_server *s = web_server_new(loop, &c, NULL);
	struct addr at;
	int port;

	addr_parse(SLICE("127.0.0.1"), 0, &at);
	port = web_server_listen(s, &at, NULL);
	web_server_free(s);
	return (uint16_t)port;
}

static void on_change(struct store_watch *w, const struct store_key *key)
{
	struct replica *r = CONTAINER_OF(w, struct replica, watch);

	if (key->name && r->webhook)
		webhook_check_bundles(r->webhook);
}

static void start(struct replica *r)
{
	const struct api_kind *kind = &api_kind_validating_webhook_configuration;

	*r = (struct replica){.store = store_new(), .watch = {.kind = kind, .fn = on_change}};
	store_subscribe(r->store, &r->watch);
	r->hooks = reflector_new(loop, FAKE_CLIENT, r->store, &(struct reflector_options){.kind = kind});
	r->webhook = webhook_new(loop, FAKE_CLIENT, r->store,
				 &(struct webhook_options){.ns = "operators",
							   .ready = is_ready,
							   .port = free_port(),
							   .health_port = free_port(),
							   .cert_dir = cert_dir});
}

static void stop(struct replica *r)
{
	if (!r->store)
		return;
	webhook_free(r->webhook);
	reflector_free(r->hooks, false);
	store_unsubscribe(&r->watch);
	store_free(r->store);
	*r = (struct replica){0};
}

static void patch_add(cJSON *o, const char *pointer, const cJSON *value)
{
	struct slice rest = slice_str(pointer + 1);

	while (rest.len) {
		struct slice part = slice_split(&rest, '/');
		CLEANUP(freep) char *name = mem_printf("%.*s", SLICE_ARG(part));

		if (!rest.len)
			json_set(o, name, cJSON_Duplicate(value, true));
		o = cJSON_IsArray(o) ? cJSON_GetArrayItem(o, atoi(name)) : json_get(o, name);
		assert_non_null(o);
	}
}

/* The fake API knows no JSON patches: carried out here. */
static bool patch_bundle(struct kube_call *c)
{
	const cJSON *test = cJSON_GetArrayItem(c->req.body, 0), *op;
	cJSON *o;

	if (c->req.verb != KUBE_JSON_PATCH)
		return false;
	o = cJSON_Duplicate(fake_kube_get(c->req.kind, NULL, c->req.name), true);
	assert_string_equal(json_str(test, "op"), "test");
	if (strcmp(json_str(test, "value"), json_str(o, "metadata.resourceVersion")) != 0) {
		cJSON_Delete(o);
		fake_kube_answer(c, KUBE_INVALID, NULL);
		return true;
	}
	for (op = test->next; op; op = op->next)
		patch_add(o, json_str(op, "path"), json_get(op, "value"));
	fake_kube_put(o);
	fake_kube_answer(c, KUBE_OK, NULL);
	return true;
}

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	fake_kube.hook = patch_bundle;
	fake_kube_put(json_literal(
		"{\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"kind\":"
		"\"ValidatingWebhookConfiguration\",\"metadata\":{\"name\":\"" CONFIGURATION "\"},"
		"\"webhooks\":[{\"name\":\"a.b.c\",\"clientConfig\":{\"service\":{\"name\":\"" WEBHOOK_SERVICE
		"\",\"namespace\":\"operators\"}}}]}"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stop(&a);
	stop(&b);
	assert_int_equal(0, fake_kube_reset());
	loop_free(loop);
	return 0;
}

static void bundle(struct buf *out)
{
	const cJSON *o = fake_kube_get(&api_kind_validating_webhook_configuration, NULL, CONFIGURATION);
	const char *text = json_str(cJSON_GetArrayItem(json_get(o, "webhooks"), 0), "clientConfig.caBundle");

	if (text)
		assert_int_equal(base64_decode(slice_str(text), out), 0);
}

static bool trusted(const struct replica *r)
{
	CLEANUP(buf_done) struct buf pem = BUF_INIT;
	struct slice root;

	if (!r->webhook || !r->webhook->ca)
		return false;
	bundle(&pem);
	root = pki_ca_roots_pem(r->webhook->ca);
	return pem.len && memmem(pem.ptr, pem.len, root.ptr, root.len) != NULL;
}

static size_t roots_in_bundle(void)
{
	CLEANUP(buf_done) struct buf pem = BUF_INIT;
	size_t n = 0;

	bundle(&pem);
	for (const char *at = buf_str(&pem); (at = strstr(at, "BEGIN CERTIFICATE")); at++)
		n++;
	return n;
}

/* Time passes; with `always`, both replicas are trusted in between, too. */
static void pass(int64_t ms, bool always)
{
	for (int64_t done = 0; done < ms; done += 100) {
		fake_kube_serve();
		fake_clock_advance(loop, 100, 100);
		if (always && !(trusted(&a) && trusted(&b)))
			fail_msg("%lld ms later a replica serves what nobody trusts", (long long)done);
	}
	fake_kube_serve();
}

static bool same(void)
{
	return slice_eq(pki_ca_cert_pem(a.webhook->ca), pki_ca_cert_pem(b.webhook->ca));
}

/* Both begin at once, without a Secret: one authority. */
static void begin(void)
{
	start(&a);
	start(&b);
	pass(3000, false);
	assert_true(trusted(&a) && trusted(&b) && same());
	assert_true(a.webhook->bundled && b.webhook->bundled);
	assert_int_equal(roots_in_bundle(), 1);
}

static void deleted_secret_comes_back(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *before = NULL;

	(void)state;
	begin();
	before = pki_ca_ref(a.webhook->ca);
	fake_kube_delete(&api_kind_secret, "operators", WEBHOOK_SECRET);
	pass(20000, true);
	assert_non_null(fake_kube_get(&api_kind_secret, "operators", WEBHOOK_SECRET));
	assert_true(same() && slice_eq(pki_ca_cert_pem(a.webhook->ca), pki_ca_cert_pem(before)));
	stop(&a);
	start(&a);
	pass(3000, false);
	assert_true(trusted(&a) && same());
	assert_int_equal(roots_in_bundle(), 1);
}

static void put_secret(struct slice cert, struct slice key)
{
	CLEANUP(buf_done) struct buf c = BUF_INIT;
	CLEANUP(buf_done) struct buf k = BUF_INIT;
	cJSON *o = json_literal("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"" WEBHOOK_SECRET
				"\",\"namespace\":\"operators\"},\"data\":{}}");

	base64_encode(cert, &c);
	base64_encode(key, &k);
	json_set_str(json_get(o, "data"), "ca.crt", buf_str(&c));
	json_set_str(json_get(o, "data"), "ca.key", buf_str(&k));
	fake_kube_put(o);
}

static struct pki_ca *new_authority(void)
{
	struct pki_ca *ca = NULL;

	assert_int_equal(
		pki_ca_new_root("x", (struct slice){0}, PKI_KEY_P256, fake_wall_ns / NS_PER_S, 86400 * 365, &ca, NULL),
		0);
	return ca;
}

/* Both go over to another authority without a moment in which one is not trusted; the old root goes at the end. */
static void replaced_secret(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = new_authority();

	(void)state;
	begin();
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	pass(10000, true);
	assert_true(same() && slice_eq(pki_ca_cert_pem(a.webhook->ca), pki_ca_cert_pem(ca)));
	assert_int_equal(roots_in_bundle(), 2);
	pass(11 * 60 * 1000, true);
	assert_int_equal(roots_in_bundle(), 1);
}

/* A replica that hears of it late is trusted until then, whatever the other one does. */
static void one_is_late(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = new_authority();
	struct kube_call *watch = NULL;

	(void)state;
	begin();
	for (size_t i = 0; i < fake_kube.calls.n; i++)
		if (fake_kube.calls.v[i]->req.kind == &api_kind_secret)
			watch = fake_kube.calls.v[i]; /* the second replica's */
	assert_true(fake_call_take(watch));           /* hears nothing ... */
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	pass(60000, true);
	assert_true(slice_eq(pki_ca_cert_pem(a.webhook->ca), pki_ca_cert_pem(ca)));
	assert_false(same());
	webhook_check_bundles(b.webhook);
	pass(3000, true);
	vec_push(&fake_kube.calls, watch); /* ... until its watch is begun anew */
	fake_kube_answer(watch, KUBE_GONE, NULL);
	pass(20000, true);
	assert_true(same());
}

/* What is no authority changes nothing. */
static void bad_secret(void **state)
{
	(void)state;
	begin();
	put_secret(SLICE("no certificate"), SLICE("no key"));
	pass(20000, true);
	assert_true(same());
	assert_int_equal(roots_in_bundle(), 1);
}

/* Whoever takes the bundle away gets it back. */
static void bundle_taken_away(void **state)
{
	cJSON *o;

	(void)state;
	begin();
	o = cJSON_Duplicate(fake_kube_get(&api_kind_validating_webhook_configuration, NULL, CONFIGURATION), true);
	json_remove(json_get(cJSON_GetArrayItem(json_get(o, "webhooks"), 0), "clientConfig"), "caBundle");
	fake_kube_put(o);
	assert_false(trusted(&a));
	pass(500, false);
	assert_true(trusted(&a) && trusted(&b));
}

static void put(const char *dir, const char *name, struct slice text)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	assert_int_equal(file_put(path, text, 0600, NULL), 0);
}

#define OWNER "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"op\",\"uid\":\"d1\"}"
#define BEFORE "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"op\",\"uid\":\"d0\"}"
#define OTHER "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"theirs\",\"uid\":\"c1\"}"

static void set_owner(struct replica *r)
{
	CLEANUP(json_freep) cJSON *owner = json_literal(OWNER);

	webhook_set_owner(r->webhook, owner);
}

/* Whoever brings the certificate wrote the configurations, too: no Secret is made, and no bundle is touched. */
static void given_certificate(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(freep) char *dir = mem_printf("%s/webhook-XXXXXX", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");

	(void)state;
	assert_int_equal(
		pki_ca_new_root("olm", (struct slice){0}, PKI_KEY_P256, clock_wall_ns() / NS_PER_S, 3600, &ca, NULL),
		0);
	assert_non_null(mkdtemp(dir));
	put(dir, "tls.crt", pki_ca_cert_pem(ca));
	cert_dir = dir;
	start(&a); /* there is no key: it makes its own */
	pass(3000, false);
	assert_true(trusted(&a));
	stop(&a);
	fake_kube_delete(&api_kind_secret, "operators", WEBHOOK_SECRET);
	put(dir, "tls.key", pki_ca_key_pem(ca));
	start(&b);
	pass(3000, false);
	assert_true(b.webhook->https && b.webhook->bundled && !b.webhook->ca);
	webhook_check_bundles(b.webhook);
	pass(500, false);
	set_owner(&b);
	pass(500, false);
	assert_null(fake_kube_get(&api_kind_secret, "operators", WEBHOOK_SECRET));
	assert_int_equal(roots_in_bundle(), 1);
	cert_dir = NULL;
	file_remove_tree(dir, NULL);
}

#define OTHERS "smcp.validation.others"

/* What asks a Service of the same name in another namespace asks another operator, with another authority. */
static void hooks_of_another_operator(void **state)
{
	const cJSON *o;

	(void)state;
	fake_kube_put(json_literal(
		"{\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"kind\":"
		"\"ValidatingWebhookConfiguration\",\"metadata\":{\"name\":\"" OTHERS "\"},"
		"\"webhooks\":[{\"name\":\"a.b.c\",\"clientConfig\":{\"caBundle\":\"dGhlaXJz\",\"service\":{\"name\":"
		"\"" WEBHOOK_SERVICE "\",\"namespace\":\"elsewhere\"}}},"
		"{\"name\":\"d.e.f\",\"clientConfig\":{\"url\":\"https://a.example\"}}]}"));
	begin();
	pass(11 * 60 * 1000, true);
	o = fake_kube_get(&api_kind_validating_webhook_configuration, NULL, OTHERS);
	assert_string_equal(json_str(cJSON_GetArrayItem(json_get(o, "webhooks"), 0), "clientConfig.caBundle"),
			    "dGhlaXJz");
	assert_null(json_at(cJSON_GetArrayItem(json_get(o, "webhooks"), 1), "clientConfig.caBundle"));
	assert_true(a.webhook->bundled && b.webhook->bundled);
}

/* --- whose the Secret is --- */

static void expect_owners(const char *list)
{
	CLEANUP(json_freep) cJSON *want = list ? json_literal(list) : NULL;
	const cJSON *have =
		json_at(fake_kube_get(&api_kind_secret, "operators", WEBHOOK_SECRET), "metadata.ownerReferences");

	assert_true(json_equal(want, have));
}

/* One that is made has its owner; one that was there gets it, once, beside others; without an owner nothing is written.
 */
static void the_secret_has_an_owner(void **state)
{
	cJSON *o;
	int version;

	(void)state;
	begin();
	expect_owners(NULL);
	set_owner(&a);
	set_owner(&b);
	pass(500, true);
	expect_owners("[" OWNER "]");
	fake_kube_delete(&api_kind_secret, "operators", WEBHOOK_SECRET);
	pass(3000, true);
	expect_owners("[" OWNER "]");
	o = cJSON_Duplicate(fake_kube_get(&api_kind_secret, "operators", WEBHOOK_SECRET), true);
	json_set(json_get(o, "metadata"), "ownerReferences", json_literal("[" BEFORE "," OTHER "]"));
	fake_kube_put(o);
	pass(10000, true);
	expect_owners("[" OTHER "," OWNER "]");
	version = fake_kube.version;
	pass(60000, true);
	assert_int_equal(fake_kube.version, version);
}

static size_t forbidden;

static bool forbid_patches(struct kube_call *c)
{
	if (c->req.kind != &api_kind_secret || c->req.verb != KUBE_MERGE_PATCH)
		return patch_bundle(c);
	forbidden++;
	fake_kube_answer(c, KUBE_FORBIDDEN, NULL);
	return true;
}

/* Who may not write it says so once, and serves with it all the same. */
static void a_secret_that_may_not_be_written(void **state)
{
	(void)state;
	begin();
	fake_kube.hook = forbid_patches;
	forbidden = 0;
	set_owner(&a);
	pass(20000, true);
	assert_int_equal(forbidden, 1);
	expect_owners(NULL);
}

/* --- the definition of ServiceMeshControlPlanes --- */

static void put_definition(const char *conversion, const char *version)
{
	CLEANUP(freep)
	char *text =
		mem_printf("{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\","
			   "\"metadata\":{\"name\":\"" WEBHOOK_DEFINITION "\"},\"spec\":{\"group\":\"maistra.io\","
			   "\"names\":{\"plural\":\"servicemeshcontrolplanes\",\"kind\":\"ServiceMeshControlPlane\"},"
			   "\"scope\":\"Namespaced\",\"versions\":[{\"name\":\"v2\",\"served\":true,\"storage\":true},"
			   "{\"name\":\"%s\",\"served\":true,\"storage\":false}]%s}}",
			   version, conversion);

	fake_kube_put(json_literal(text));
}

static const cJSON *definition_conversion(void)
{
	return json_at(fake_kube_get(&api_kind_custom_resource_definition, NULL, WEBHOOK_DEFINITION),
		       "spec.conversion");
}

#define OTHER_NAMESPACE                                                                                                \
	",\"conversion\":{\"strategy\":\"Webhook\",\"webhook\":{\"conversionReviewVersions\":[\"v1\"],"                \
	"\"clientConfig\":{"                                                                                           \
	"\"service\":{\"name\":\"" WEBHOOK_SERVICE                                                                     \
	"\",\"namespace\":\"elsewhere\",\"path\":\"/convert-smcp\",\"port\":443}}}}"

/* Whatever the definition said before, it is converted here, by a server that it trusts. */
static void the_definition_is_converted_here(void **state)
{
	static const char *const before[] = {OTHER_NAMESPACE, "", ",\"conversion\":{\"strategy\":\"None\"}"};

	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		CLEANUP(buf_done) struct buf pem = BUF_INIT;
		const cJSON *config;
		struct slice root;

		if (i)
			setup(state);
		put_definition(before[i], "v1");
		start(&a);
		pass(3000, false);
		config = json_at(definition_conversion(), "webhook.clientConfig");
		assert_string_equal(json_str(config, "service.namespace"), "operators");
		assert_string_equal(json_str(config, "service.path"), "/convert-smcp");
		assert_int_equal(base64_decode(slice_str(json_str(config, "caBundle")), &pem), 0);
		root = pki_ca_roots_pem(a.webhook->ca);
		assert_non_null(memmem(pem.ptr, pem.len, root.ptr, root.len));
		assert_true(a.webhook->bundled);
		if (i + 1 < ARRAY_LEN(before))
			teardown(state);
	}
}

/* One that serves v2 alone needs none. */
static void a_definition_without_v1_is_left_alone(void **state)
{
	(void)state;
	put_definition("", "v3");
	start(&a);
	pass(3000, false);
	assert_null(definition_conversion());
	assert_true(a.webhook->bundled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(deleted_secret_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(replaced_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(one_is_late, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(bundle_taken_away, setup, teardown),
		cmocka_unit_test_setup_teardown(given_certificate, setup, teardown),
		cmocka_unit_test_setup_teardown(hooks_of_another_operator, setup, teardown),
		cmocka_unit_test_setup_teardown(the_secret_has_an_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(a_secret_that_may_not_be_written, setup, teardown),
		cmocka_unit_test_setup_teardown(the_definition_is_converted_here, setup, teardown),
		cmocka_unit_test_setup_teardown(a_definition_without_v1_is_left_alone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
