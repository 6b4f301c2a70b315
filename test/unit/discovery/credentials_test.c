/* Secrets that Gateways and DestinationRules name: told when missing or no good, good again once mended, and sent. */
#include "whole.h"

#include "pki/key.h"

#define DAY_S 86400ll
#define NOW_S (fake_wall_ns / NS_PER_S)

#define INGRESS(ns)                                                                                                    \
	"{apiVersion: v1, kind: Pod, metadata: {name: ingress-1, namespace: " ns                                       \
	", labels: {istio: ingressgateway}}, "                                                                         \
	"spec: {serviceAccountName: gw, containers: [{name: istio-proxy, image: x}]}, status: {podIP: 10.244.0.30, "   \
	"phase: Running, conditions: [{type: Ready, status: 'True'}]}}"

#define GATEWAY(mode)                                                                                                  \
	"{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: late, namespace: shop, "            \
	"generation: "                                                                                                 \
	"1}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, "    \
	"hosts: [late.example.com]}, {port: {number: 443, name: https, protocol: HTTPS}, hosts: [late.example.com], "  \
	"tls: {mode: " mode ", credentialName: late-cert}}]}}"

/* --- secrets --- */

struct pair {
	struct buf cert, key;
};

static struct pair pair_new(int64_t from_s, int64_t until_s)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	struct pair p = {0};

	assert_int_equal(0, pki_ca_new_root("o", SLICE(""), PKI_KEY_P256, NOW_S + from_s, until_s - from_s, &ca, NULL));
	buf_append_slice(&p.cert, pki_ca_cert_pem(ca));
	buf_append_slice(&p.key, pki_ca_key_pem(ca));
	return p;
}

static void pair_done(struct pair *p)
{
	buf_done(&p->cert);
	buf_done(&p->key);
}

/* A secret of up to three values; NULL leaves one out. */
static void put_secret(const char *ns, const char *name, const char *cert, const char *key, const char *ca)
{
	const char *const rows[][2] = {{"tls.crt", cert}, {"tls.key", key}, {"ca.crt", ca}};
	cJSON *o = cJSON_CreateObject(), *meta, *data;

	cJSON_AddStringToObject(o, "apiVersion", "v1");
	cJSON_AddStringToObject(o, "kind", "Secret");
	meta = cJSON_AddObjectToObject(o, "metadata");
	cJSON_AddStringToObject(meta, "namespace", ns);
	cJSON_AddStringToObject(meta, "name", name);
	data = cJSON_AddObjectToObject(o, "data");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (!rows[i][1])
			continue;
		base64_encode(slice_str(rows[i][1]), &text);
		cJSON_AddStringToObject(data, rows[i][0], buf_str(&text));
	}
	fake_kube_put(o);
	mini_pass(d, 300);
}

/* What the condition ResolvedRefs says; "" when it is True. */
static const char *told(const struct api_kind *kind, const char *name)
{
	const struct istio_condition *c = condition(kind, "shop", name, "ResolvedRefs");

	assert_non_null(c);
	if (strcmp(c->status, "True") == 0)
		return "";
	assert_string_equal("InvalidCertificateRef", c->reason);
	return c->message;
}

#define assert_told(kind, name, text)                                                                                  \
	do {                                                                                                           \
		const char *told_ = told(kind, name);                                                                  \
		if (!*(text) ? *told_ != 0 : !strstr(told_, text))                                                     \
			fail_msg("told \"%s\" instead of \"%s\"", told_, text);                                        \
	} while (0)

#define AT "spec.servers[1].tls.credentialName: secret mesh/late-cert "

static void a_gateways_secret(void **state)
{
	CLEANUP(pair_done)
	struct pair good = pair_new(0, 30 * DAY_S), other = pair_new(0, 30 * DAY_S), old = pair_new(-10, -5),
		    young = pair_new(3600, 30 * DAY_S);
	const struct {
		const char *cert, *key, *told;
	} rows[] = {
		{"rubbish", "rubbish", AT "is no good: tls.crt: certificates: none in the text"},
		{buf_str(&good.cert), "rubbish", AT "is no good: tls.key: private key"},
		{buf_str(&good.cert), NULL, AT "is no good: tls.key is missing"},
		{NULL, buf_str(&good.key), AT "is no good: tls.crt is missing"},
		{buf_str(&good.cert), buf_str(&other.key), AT "is no good: tls.key does not fit tls.crt"},
		{buf_str(&old.cert), buf_str(&old.key), AT "is no good: tls.crt expired at 2023-11-14T"},
		{buf_str(&young.cert), buf_str(&young.key), AT "is no good: tls.crt is not valid before 2023-11-1"},
		{buf_str(&good.cert), buf_str(&good.key), ""},
	};

	(void)state;
	mini_put(INGRESS("mesh"));
	mini_put(GATEWAY("SIMPLE"));
	mini_pass(d, 300);
	assert_told(&api_kind_gateway, "late", AT "does not exist");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put_secret("mesh", "late-cert", rows[i].cert, rows[i].key, NULL);
		assert_told(&api_kind_gateway, "late", rows[i].told);
	}
	fake_kube_delete(&api_kind_secret, "mesh", "late-cert");
	mini_pass(d, 300);
	assert_told(&api_kind_gateway, "late", AT "does not exist");
}

static void roots_of_a_mutual_gateway(void **state)
{
	CLEANUP(pair_done) struct pair good = pair_new(0, 30 * DAY_S), old = pair_new(-10, -5);

	(void)state;
	mini_put(INGRESS("mesh"));
	mini_put(GATEWAY("MUTUAL"));
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), NULL);
	assert_told(&api_kind_gateway, "late", AT "is no good: ca.crt is missing");
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), "rubbish");
	assert_told(&api_kind_gateway, "late", AT "is no good: ca.crt: certificates");
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), buf_str(&old.cert));
	assert_told(&api_kind_gateway, "late", AT "is no good: ca.crt expired at");
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), buf_str(&good.cert));
	assert_told(&api_kind_gateway, "late", "");
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), NULL);
	put_secret("mesh", "late-cert-cacert", NULL, NULL, buf_str(&good.cert));
	assert_told(&api_kind_gateway, "late", "");
}

/* Nothing changes but the time. */
static void a_certificate_runs_out(void **state)
{
	CLEANUP(pair_done) struct pair p = pair_new(0, 3600);

	(void)state;
	mini_put(INGRESS("mesh"));
	mini_put(GATEWAY("SIMPLE"));
	put_secret("mesh", "late-cert", buf_str(&p.cert), buf_str(&p.key), NULL);
	assert_told(&api_kind_gateway, "late", "");
	fake_wall_ns += 3600ll * NS_PER_S;
	mini_pass(d, 61000);
	assert_told(&api_kind_gateway, "late", "expired at");
}

/* Gateways of a member namespace have their secrets there; only then are that namespace's secrets read at all. */
static void a_gateway_of_a_member(void **state)
{
	CLEANUP(pair_done) struct pair good = pair_new(0, 30 * DAY_S);

	(void)state;
	put_secret("shop", "late-cert", buf_str(&good.cert), buf_str(&good.key), NULL);
	assert_null(store_get(d->store, &api_kind_secret, "shop", "late-cert"));
	assert_null(strstr(fake_kube.log, "LIST secrets shop/"));
	mini_put(INGRESS("shop"));
	mini_put(GATEWAY("SIMPLE"));
	mini_pass(d, 500);
	assert_non_null(strstr(fake_kube.log, "LIST secrets shop/"));
	assert_told(&api_kind_gateway, "late", "");
	fake_kube_delete(&api_kind_secret, "shop", "late-cert");
	mini_pass(d, 300);
	assert_told(&api_kind_gateway, "late", "secret shop/late-cert does not exist");
}

/* --- DestinationRules --- */

static void a_rules_secret(void **state)
{
	CLEANUP(pair_done) struct pair good = pair_new(0, 30 * DAY_S);

	(void)state;
	mini_put(
		"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: r, namespace: shop, "
		"generation: 1}, spec: {host: catalog, trafficPolicy: {tls: {mode: SIMPLE, credentialName: up-ca}, "
		"portLevelSettings: [{port: {number: 8080}, tls: {mode: MUTUAL, credentialName: up}}]}, subsets: "
		"[{name: v1, labels: {version: v1}, trafficPolicy: {tls: {mode: MUTUAL, credentialName: sub}}}]}}");
	mini_pass(d, 300);
	assert_told(&api_kind_destination_rule, "r",
		    "spec.trafficPolicy.tls.credentialName: secret mesh/up-ca does not exist");
	assert_told(&api_kind_destination_rule, "r",
		    "spec.trafficPolicy.portLevelSettings[0].tls.credentialName: secret mesh/up does not exist");
	assert_told(&api_kind_destination_rule, "r",
		    "spec.subsets[0].trafficPolicy.tls.credentialName: secret mesh/sub does not exist");
	put_secret("mesh", "up-ca", NULL, NULL, "rubbish");
	assert_told(&api_kind_destination_rule, "r", "secret mesh/up-ca is no good: ca.crt");
	put_secret("mesh", "up-ca", NULL, NULL, buf_str(&good.cert));
	put_secret("mesh", "up", buf_str(&good.cert), buf_str(&good.key), NULL);
	put_secret("mesh", "sub", buf_str(&good.cert), buf_str(&good.key), NULL);
	assert_told(&api_kind_destination_rule, "r", "");
}

/* --- what is sent --- */

static size_t secrets_sent(struct peer *p, const char *name)
{
	const xds_response *r;

	peer_send(p, xds_type_url(XDS_SECRET), name, "", NULL);
	mini_settle(d);
	r = peer_got(p, XDS_SECRET);
	return r ? r->n_resources : 0;
}

static void gateways_get_their_secrets(void **state)
{
	CLEANUP(pair_done) struct pair good = pair_new(0, 30 * DAY_S), more = pair_new(0, 30 * DAY_S);
	struct peer gw = {"g", "mesh", "gw", "router"}, side = {"a", "mesh", "x"};
	const struct xds_resource *first, *second;
	struct view *v;

	(void)state;
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), buf_str(&good.cert));
	peer_open(&side, "Bearer mesh/x", NULL);
	assert_int_equal(0, secrets_sent(&side, "kubernetes://late-cert"));
	peer_close(&side);
	peer_open(&gw, "Bearer mesh/gw", NULL);
	assert_int_equal(1, secrets_sent(&gw, "kubernetes://late-cert"));
	v = CONTAINER_OF(d->views.next, struct view, link);
	first = xds_set_find(v->secrets, SLICE("kubernetes://late-cert"));
	assert_non_null(first);
	assert_non_null(xds_set_find(v->secrets, SLICE("kubernetes://late-cert-cacert")));
	/* one that is no good is not sent: what was good stays */
	put_secret("mesh", "late-cert", buf_str(&more.cert), "rubbish", "rubbish");
	discovery_view_update(d, v);
	assert_ptr_equal(first, xds_set_find(v->secrets, SLICE("kubernetes://late-cert")));
	assert_non_null(xds_set_find(v->secrets, SLICE("kubernetes://late-cert-cacert")));
	put_secret("mesh", "late-cert", buf_str(&more.cert), buf_str(&more.key), NULL);
	discovery_view_update(d, v);
	second = xds_set_find(v->secrets, SLICE("kubernetes://late-cert"));
	assert_true(second && second != first);
	put_secret("mesh", "never-good", "rubbish", "rubbish", NULL);
	discovery_view_update(d, v);
	assert_null(xds_set_find(v->secrets, SLICE("kubernetes://never-good")));
	peer_close(&gw);
}

/* Who says that it is a gateway gets no more than its service account may read. */
static void secrets_are_for_who_may_read_them(void **state)
{
	CLEANUP(pair_done) struct pair good = pair_new(0, 30 * DAY_S);
	struct peer poor = {"g", "mesh", NULL, "router"};

	(void)state;
	mini_put(INGRESS("mesh"));
	mini_put(GATEWAY("SIMPLE"));
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), NULL);
	peer_open(&poor, "Bearer mesh/poor", NULL);
	assert_false(poor.call->finished);
	assert_int_equal(0, secrets_sent(&poor, "kubernetes://late-cert"));
	mini_pass(d, 100);
	assert_told(&api_kind_gateway, "late", AT "is not sent to g.mesh: its service account mesh/poor may not list");
	peer_close(&poor);
	mini_pass(d, 100);
	assert_told(&api_kind_gateway, "late", "");
}

static bool reviews_fail(struct kube_call *c)
{
	if (c->req.kind != &api_kind_subject_access_review)
		return whole_hook(c);
	fake_kube_answer(c, KUBE_NETWORK, NULL);
	return true;
}

static void without_an_answer_none_is_sent(void **state)
{
	CLEANUP(pair_done) struct pair good = pair_new(0, 30 * DAY_S);
	struct peer gw = {"g", "mesh", "gw", "router"}, leaver = {"h", "mesh", "gw", "router"};

	(void)state;
	put_secret("mesh", "late-cert", buf_str(&good.cert), buf_str(&good.key), NULL);
	fake_kube.hook = reviews_fail;
	peer_open(&gw, "Bearer mesh/gw", NULL);
	peer_open(&leaver, "Bearer mesh/gw", NULL);
	assert_int_equal(0, secrets_sent(&gw, "kubernetes://late-cert"));
	peer_close(&leaver);
	fake_kube.hook = whole_hook;
	mini_pass(d, 1100);
	assert_int_equal(1, peer_got(&gw, XDS_SECRET)->n_resources);
	peer_close(&gw);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_gateways_secret),
		CASE(roots_of_a_mutual_gateway),
		CASE(a_certificate_runs_out),
		CASE(a_gateway_of_a_member),
		CASE(a_rules_secret),
		CASE(gateways_get_their_secrets),
		CASE(secrets_are_for_who_may_read_them),
		CASE(without_an_answer_none_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
