/* Who gets which certificate: callers, names, lifetimes, and what is refused. */
#include "mini.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/base64.h"
#include "istio/ca.pb-c.h"
#include "net/tls.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "xds/pb.h"

#include "lib/discovery/issue.c"

#define NOW_S (fake_wall_ns / NS_PER_S)
#define DAY_S 86400

/* --- a call without a connection --- */

static struct {
	const struct grpc_call_ops *ops;
	void *user;
	const char *auth;     /* metadata "authorization", NULL = none */
	struct tls_peer peer; /* uri NULL: no client certificate */
	int status, finished;
	char text[512];
	size_t sent;
	struct arena arena;
	char **chain;
	size_t n_chain;
} call;

#define CALL ((struct grpc_call *)&call)

void grpc_call_set_user(struct grpc_call *c, void *user)
{
	(void)c;
	call.user = user;
}

void *grpc_call_user(const struct grpc_call *c)
{
	(void)c;
	return call.user;
}

void grpc_call_set_ops(struct grpc_call *c, const struct grpc_call_ops *o)
{
	(void)c;
	call.ops = o;
}

struct slice grpc_call_metadata(const struct grpc_call *c, const char *name)
{
	(void)c;
	return strcmp(name, "authorization") == 0 && call.auth ? slice_str(call.auth) : (struct slice){NULL, 0};
}

struct tls *grpc_call_tls(const struct grpc_call *c)
{
	(void)c;
	return call.peer.uri ? (struct tls *)&call : NULL;
}

const struct tls_peer *tls_peer(struct tls *t)
{
	(void)t;
	return &call.peer;
}

void grpc_call_send(struct grpc_call *c, struct slice bytes)
{
	const Istio__V1__Auth__IstioCertificateResponse *m =
		pb_unpack(&call.arena, &istio__v1__auth__istio_certificate_response__descriptor, bytes);

	(void)c;
	assert_non_null(m);
	call.sent++;
	call.chain = m->cert_chain;
	call.n_chain = m->n_cert_chain;
}

void grpc_call_finish(struct grpc_call *c, int status, const char *text)
{
	(void)c;
	call.status = status;
	call.finished++;
	snprintf(call.text, sizeof(call.text), "%s", text ? text : "");
}

/* --- the scene --- */

#define CART "spiffe://cluster.local/ns/shop/sa/cart"

static struct discovery *d;
static struct pki_key *key;
static const char *wanted_audience = "istio-ca"; /* of token reviews; NULL = none is named */

/* Token "ns/sa" is that service account's; anything else is nobody's. */
static bool reviews(struct kube_call *c)
{
	const char *token = json_str(c->req.body, "spec.token");
	const cJSON *audience = c->req.kind == &api_kind_token_review
					? cJSON_GetArrayItem(json_at(c->req.body, "spec.audiences"), 0)
					: NULL;
	CLEANUP(freep) char *text = NULL;
	const char *slash, *fit = wanted_audience ? "\"istio-ca\"" : "";

	if (c->req.kind != &api_kind_token_review)
		return false;
	assert_true(wanted_audience ? audience && strcmp(wanted_audience, audience->valuestring) == 0 : !audience);
	if (strcmp(token, "down") == 0) {
		fake_kube_answer(c, KUBE_NETWORK, NULL);
		return true;
	}
	if (wanted_audience && strcmp(wanted_audience, "vault") == 0)
		fit = "\"vault\"";
	if (strcmp(token, "elsewhere/sa") == 0)
		fit = "\"vault\"";
	if (strcmp(token, "old-server/sa") == 0)
		fit = "";
	slash = strchr(token, '/');
	if (slash)
		text = mem_printf("{\"status\":{\"authenticated\":true,\"audiences\":[%s],\"user\":{\"username\":"
				  "\"system:serviceaccount:%.*s:%s\"}}}",
				  fit, (int)(slash - token), token, slash + 1);
	else
		text = mem_printf("{\"status\":{\"authenticated\":%s,\"audiences\":[\"istio-ca\"],\"user\":{"
				  "\"username\":\"admin\"}}}",
				  strcmp(token, "human") == 0 ? "true" : "false");
	fake_kube_answer(c, KUBE_OK, cJSON_Parse(text));
	return true;
}

static void on_authority(struct discovery *x)
{
	(void)x;
}

static void put_root(void)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf pem = BUF_INIT;
	CLEANUP(freep) char *yaml = NULL;

	assert_int_equal(0,
			 pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, NOW_S, 3650ll * DAY_S, &ca, NULL));
	base64_encode(pki_ca_cert_pem(ca), &cert);
	base64_encode(pki_ca_key_pem(ca), &pem);
	yaml = mem_printf("{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: mesh}, data: "
			  "{ca-cert.pem: %s, ca-key.pem: %s}}",
			  buf_str(&cert), buf_str(&pem));
	mini_put(yaml);
}

static int setup(void **state)
{
	(void)state;
	d = mini_new("trustDomainAliases: [old.example]");
	fake_kube.hook = reviews;
	mini_members(d);
	put_root();
	d->ca = discovery_authority_new(d, on_authority);
	mini_settle(d);
	assert_non_null(discovery_authority_ca(d->ca));
	key = pki_key_new(PKI_KEY_P256);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_key_free(key);
	mini_free(d);
	arena_done(&call.arena);
	return 0;
}

struct ask {
	const char *auth;     /* "Bearer ..." */
	const char *peer_uri; /* of a client certificate */
	size_t n_uris;        /* 0 = one */
	const char *csr;      /* PEM; NULL = for san */
	const char *san;      /* "uri:...", "dns:..."; NULL = none */
	const char *impersonate;
	int64_t ttl_s;
};

static char *csr_new(const char *san)
{
	const char *text = san ? san + 4 : NULL;
	const bool uri = san && strncmp(san, "uri:", 4) == 0;
	const struct pki_names names = {.uris = &text, .n_uris = uri, .dns = &text, .n_dns = san && !uri};
	struct buf pem = BUF_INIT;

	assert_int_equal(0, pki_csr_new(key, &names, &pem, NULL));
	return buf_take_str(&pem);
}

static void send_request(const struct ask *a)
{
	CLEANUP(arena_done) struct arena m = ARENA_INIT;
	CLEANUP(freep) char *csr = a->csr ? mem_strdup(a->csr) : csr_new(a->san);
	Istio__V1__Auth__IstioCertificateRequest *req =
		PB_NEW(&m, Istio__V1__Auth__IstioCertificateRequest, istio__v1__auth__istio_certificate_request);

	req->csr = csr;
	req->validity_duration = a->ttl_s;
	if (a->impersonate) {
		req->metadata = pb_struct(&m);
		pb_struct_set_string(&m, req->metadata, "ImpersonatedIdentity", a->impersonate);
	}
	call.ops->on_message(CALL, pb_pack_arena(&m, &req->base));
}

/* Asks, and returns the status. */
static int ask(const struct ask *a)
{
	arena_done(&call.arena);
	memset(&call, 0, sizeof(call));
	call.auth = a->auth;
	call.peer = (struct tls_peer){.uri = a->peer_uri, .n_uris = a->n_uris ? a->n_uris : 1};
	call.status = -1;
	start(CALL, d);
	send_request(a);
	mini_settle(d);
	call.ops->on_done(CALL, 0, "");
	assert_true(call.finished <= 1);
	assert_int_equal(call.status == GRPC_OK, call.sent);
	return call.status;
}

static struct pki_cert_info cert(void)
{
	struct pki_cert_info info;

	assert_int_equal(GRPC_OK, call.status);
	assert_int_equal(2, call.n_chain);
	assert_int_equal(0, pki_cert_info(slice_str(call.chain[0]), &call.arena, &info, NULL));
	assert_int_equal(0, pki_cert_matches_key(slice_str(call.chain[0]), key, NULL));
	assert_int_equal(0, pki_cert_verify(slice_str(call.chain[0]), slice_str(call.chain[1]), NOW_S, NULL));
	assert_int_equal(1, info.names.n_uris);
	assert_int_equal(0, info.names.n_dns);
	assert_false(info.is_ca);
	return info;
}

/* --- callers --- */

static void only_members_of_the_mesh_get_one(void **state)
{
	static const struct {
		struct ask ask;
		int status;
		const char *text;
	} rows[] = {
		{{.auth = "Bearer shop/cart"}, GRPC_OK, ""},
		{{.peer_uri = CART}, GRPC_OK, ""},
		/* a SPIFFE certificate has one identity */
		{{.peer_uri = CART, .n_uris = 2}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = NULL}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = "Bearer forged"}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = "shop/cart"}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = "Bearer human"}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = "Bearer down"}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = "Bearer elsewhere/sa"}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = "Bearer old-server/sa"}, GRPC_UNAUTHENTICATED, "request authenticate failure"},
		{{.auth = "Bearer outside/sa"}, GRPC_PERMISSION_DENIED, "the namespace is not a member of the mesh"},
		{{.peer_uri = "spiffe://cluster.local/ns/outside/sa/x"},
		 GRPC_PERMISSION_DENIED,
		 "the namespace is not a member of the mesh"},
		{{.peer_uri = "spiffe://evil.example/ns/shop/sa/cart"},
		 GRPC_UNAUTHENTICATED,
		 "request authenticate failure"},
		{{.peer_uri = "https://cluster.local/ns/shop/sa/cart"},
		 GRPC_UNAUTHENTICATED,
		 "request authenticate failure"},
		{{.auth = "Bearer shop/cart", .impersonate = "spiffe://cluster.local/ns/stock/sa/x"},
		 GRPC_UNAUTHENTICATED,
		 "request impersonation authentication failure"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(rows[i].status, ask(&rows[i].ask));
		assert_string_equal(rows[i].text, call.text);
	}
	assert_int_equal(2, d->stats.csr_signed);
	assert_int_equal(ARRAY_LEN(rows), d->stats.csr);
	assert_int_equal(ARRAY_LEN(rows) - 2, d->stats.csr_errors);
	assert_int_equal(0, d->reviews);
}

/* The answers about tokens are kept, membership is not. */
static void who_leaves_gets_none(void **state)
{
	(void)state;
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer shop/cart"}));
	mini_put("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh},"
		 " status: {configuredMembers: [stock]}}");
	mini_settle(d);
	assert_true(discovery_members_update(d->members));
	assert_int_equal(GRPC_PERMISSION_DENIED, ask(&(struct ask){.auth = "Bearer shop/cart"}));
	assert_int_equal(GRPC_PERMISSION_DENIED, ask(&(struct ask){.peer_uri = CART}));
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer stock/x"}));
}

/* How many token reviews there were so far. */
static int asked(void)
{
	int n = 0;

	for (const char *p = fake_kube.log; (p = strstr(p, "CREATE tokenreviews")); p++)
		n++;
	return n;
}

static void a_token_is_asked_about_once_a_minute(void **state)
{
	(void)state;
	ask(&(struct ask){.auth = "Bearer shop/cart"});
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer shop/cart"}));
	assert_int_equal(1, asked());
	fake_clock_advance(d->loop, 61000, 61000);
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer shop/cart"}));
	assert_int_equal(2, asked());
	ask(&(struct ask){.auth = "Bearer forged"});
	ask(&(struct ask){.auth = "Bearer forged"});
	assert_int_equal(4, asked());
}

/* A name that does not fit is nobody's: its beginning would be somebody else's. */
static void long_names_are_not_cut(void **state)
{
	char auth[600] = "Bearer shop/", uri[600] = "spiffe://cluster.local/ns/shop/sa/";

	(void)state;
	memset(auth + strlen(auth), 'a', 500);
	memset(uri + strlen(uri), 'a', 500);
	assert_int_equal(GRPC_UNAUTHENTICATED, ask(&(struct ask){.auth = auth}));
	assert_int_equal(GRPC_UNAUTHENTICATED, ask(&(struct ask){.peer_uri = uri}));
	auth[strlen("Bearer shop/") + 253] = 0;
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = auth}));
}

static void a_call_may_end_before_the_answer(void **state)
{
	const struct ask a = {.auth = "Bearer shop/cart"};

	(void)state;
	memset(&call, 0, sizeof(call));
	call.auth = a.auth;
	start(CALL, d);
	send_request(&a);
	send_request(&a); /* one is answered */
	assert_int_equal(1, d->reviews);
	call.ops->on_done(CALL, GRPC_CANCELLED, "");
	assert_int_equal(0, d->reviews);
	assert_null(fake_kube_call());
	assert_int_equal(0, call.finished);
}

static void reviews_are_limited(void **state)
{
	(void)state;
	d->reviews = 4096;
	assert_int_equal(GRPC_UNAUTHENTICATED, ask(&(struct ask){.auth = "Bearer shop/cart"}));
	assert_int_equal(4096, d->reviews);
	d->reviews = 0;
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer shop/cart"}));
}

/* --- names --- */

static void a_request_names_its_caller_only(void **state)
{
	static const struct {
		const char *san;
		int status;
	} rows[] = {
		{NULL, GRPC_OK},
		{"uri:" CART, GRPC_OK},
		{"uri:spiffe://old.example/ns/shop/sa/cart", GRPC_OK},
		{"uri:spiffe://cluster.local/ns/shop/sa/catalog", GRPC_PERMISSION_DENIED},
		{"uri:spiffe://cluster.local/ns/stock/sa/cart", GRPC_PERMISSION_DENIED},
		{"uri:spiffe://evil.example/ns/shop/sa/cart", GRPC_PERMISSION_DENIED},
		{"uri:spiffe://cluster.local/ns/shop/sa/cart2", GRPC_PERMISSION_DENIED},
		{"uri:spiffe://cluster.local/ns/shop/sa/car", GRPC_PERMISSION_DENIED},
		{"dns:istiod.mesh.svc", GRPC_PERMISSION_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(rows[i].status, ask(&(struct ask){.auth = "Bearer shop/cart", .san = rows[i].san}));
		if (rows[i].status == GRPC_OK)
			assert_string_equal(CART, cert().names.uris[0]);
		else
			assert_non_null(strstr(call.text, CART));
	}
}

/* A request with extensions and a key that our own code would not make. */
static char *odd_csr(int bits, const char *ext_name, const char *ext)
{
	EVP_PKEY *pkey = bits ? EVP_RSA_gen((unsigned)bits) : EVP_EC_gen("P-256");
	X509_REQ *req = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem, *copy;
	long n;

	if (ext_name) {
		sk_X509_EXTENSION_push(exts, X509V3_EXT_conf(NULL, NULL, ext_name, ext));
		assert_int_equal(1, X509_REQ_add_extensions(req, exts));
	}
	X509_REQ_set_pubkey(req, pkey);
	assert_true(X509_REQ_sign(req, pkey, EVP_sha256()) > 0);
	PEM_write_bio_X509_REQ(bio, req);
	n = BIO_get_mem_data(bio, &pem);
	copy = mem_printf("%.*s", (int)n, pem);
	BIO_free(bio);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	X509_REQ_free(req);
	EVP_PKEY_free(pkey);
	return copy;
}

static void odd_requests(void **state)
{
	static const struct {
		int bits;
		const char *name, *value;
		int status;
	} rows[] = {
		{0, "basicConstraints", "critical,CA:TRUE", GRPC_OK}, /* which is not what is given */
		{0, "keyUsage", "keyCertSign", GRPC_OK},
		{0, "subjectAltName", "email:a@b.example", GRPC_PERMISSION_DENIED},
		{0, "subjectAltName", "IP:10.0.0.1", GRPC_PERMISSION_DENIED},
		{0, "subjectAltName", "URI:" CART ",DNS:x.example", GRPC_PERMISSION_DENIED},
		{1024, NULL, NULL, GRPC_INVALID_ARGUMENT},
		{2048, NULL, NULL, GRPC_OK},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *csr = odd_csr(rows[i].bits, rows[i].name, rows[i].value);
		struct pki_cert_info info;

		assert_int_equal(rows[i].status, ask(&(struct ask){.auth = "Bearer shop/cart", .csr = csr}));
		if (rows[i].status != GRPC_OK)
			continue;
		assert_int_equal(0, pki_cert_info(slice_str(call.chain[0]), &call.arena, &info, NULL));
		assert_false(info.is_ca);
		assert_string_equal(CART, info.names.uris[0]);
	}
	assert_int_equal(GRPC_INVALID_ARGUMENT, ask(&(struct ask){.auth = "Bearer shop/cart", .csr = "rubbish"}));
	assert_int_equal(GRPC_INVALID_ARGUMENT, ask(&(struct ask){.auth = "Bearer shop/cart", .csr = ""}));
}

/* --- lifetimes --- */

static void lifetimes(void **state)
{
	static const struct {
		int64_t default_s, max_s; /* of the configuration; 0 = none */
		int64_t asked_s, given_s; /* 0 = refused */
	} rows[] = {
		{0, 0, 0, DAY_S},          {0, 0, -5, DAY_S},     {0, 0, 600, 600},      {0, 0, 90 * DAY_S, 90 * DAY_S},
		{0, 0, 90 * DAY_S + 1, 0}, {0, 0, INT64_MAX, 0},  {3600, 7200, 0, 3600}, {3600, 7200, 7200, 7200},
		{3600, 7200, 7201, 0},     {7200, 3600, 0, 3600},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		d->cfg.cert_ttl_s = rows[i].default_s;
		d->cfg.cert_max_ttl_s = rows[i].max_s;
		ask(&(struct ask){.auth = "Bearer shop/cart", .ttl_s = rows[i].asked_s});
		if (rows[i].given_s) {
			assert_int_equal(NOW_S + rows[i].given_s, cert().not_after_s);
			continue;
		}
		assert_int_equal(GRPC_INVALID_ARGUMENT, call.status);
		assert_non_null(strstr(call.text, "is greater than the max allowed TTL"));
	}
}

static void without_an_authority(void **state)
{
	(void)state;
	discovery_authority_free(d->ca);
	d->ca = discovery_authority_new(d, on_authority);
	fake_kube.hook = NULL;
	memset(&call, 0, sizeof(call));
	call.peer = (struct tls_peer){.uri = CART, .n_uris = 1};
	start(CALL, d);
	send_request(&(struct ask){0});
	loop_turn(d->loop, 0);
	call.ops->on_done(CALL, 0, "");
	assert_int_equal(GRPC_UNAVAILABLE, call.status);
}

/* An audience of the mesh's own; or tokens as pods have them, which are made for the API server. */
static void tokens_of_another_audience(void **state)
{
	(void)state;
	d->cfg.token_audience = wanted_audience = "vault";
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer shop/cart"}));
	d->cfg.token_audience = "";
	wanted_audience = NULL;
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer shop/other"}));
	assert_int_equal(GRPC_UNAUTHENTICATED, ask(&(struct ask){.auth = "Bearer nobody"}));
	wanted_audience = "istio-ca";
}

/* Where the mesh names an issuer, what the API server would vouch for is not enough. */
static void tokens_of_another_issuer(void **state)
{
	/* {"iss":"https://us"}, {"iss":"https://them"} */
	static const char *const bad[] = {"Bearer shop/x.eyJpc3MiOiJodHRwczovL3RoZW0ifQ.s", "Bearer shop/cart",
					  "Bearer shop/x.e30.s", "Bearer shop/x.!!.s"};
	int before;

	(void)state;
	d->cfg.token_issuer = "https://us";
	before = asked();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(GRPC_UNAUTHENTICATED, ask(&(struct ask){.auth = bad[i]}));
	assert_int_equal(before, asked());
	assert_int_equal(GRPC_OK, ask(&(struct ask){.auth = "Bearer shop/x.eyJpc3MiOiJodHRwczovL3VzIn0.s"}));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(only_members_of_the_mesh_get_one),
		CASE(who_leaves_gets_none),
		CASE(a_token_is_asked_about_once_a_minute),
		CASE(long_names_are_not_cut),
		CASE(a_call_may_end_before_the_answer),
		CASE(reviews_are_limited),
		CASE(a_request_names_its_caller_only),
		CASE(odd_requests),
		CASE(tokens_of_another_audience),
		CASE(tokens_of_another_issuer),
		CASE(lifetimes),
		CASE(without_an_authority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
