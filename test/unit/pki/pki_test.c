/* Authorities, requests, certificates, identities and tokens, round trip and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pki/ca.h"
#include "pki/cert.h"
#include "pki/jwt.h"
#include "pki/spiffe.h"

#define NOW_S 1700000000

static struct pki_ca *root_new(void)
{
	struct pki_ca *ca = NULL;

	assert_int_equal(0,
			 pki_ca_new_root("cluster.local", slice_str(""), PKI_KEY_P256, NOW_S, 86400 * 3650, &ca, NULL));
	return ca;
}

static void signs_a_workload(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new();
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf csr = BUF_INIT, chain = BUF_INIT;
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *asked = "spiffe://evil/ns/a/sa/b", *given = "spiffe://cluster.local/ns/shop/sa/cart";
	struct pki_names in_csr = {.uris = &asked, .n_uris = 1}, names = {.uris = &given, .n_uris = 1}, found;
	struct pki_sign how = {.names = &names, .now_s = NOW_S, .ttl_s = 86400};
	struct pki_cert_info info;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(0, pki_csr_new(key, &in_csr, &csr, &e));
	assert_int_equal(0, pki_csr_parse(buf_slice(&csr), &a, &found, &e));
	assert_string_equal(asked, found.uris[0]);
	assert_int_equal(0, pki_ca_sign(ca, buf_slice(&csr), &how, &chain, &e));
	assert_int_equal(1, pki_cert_count(buf_slice(&chain), &e));
	assert_int_equal(0, pki_cert_info(buf_slice(&chain), &a, &info, &e));
	assert_int_equal(1, info.names.n_uris);
	assert_string_equal(given, info.names.uris[0]);
	assert_int_equal(NOW_S + 86400, info.not_after_s);
	assert_false(info.is_ca);
	assert_int_equal(32, strlen(info.serial));
	assert_int_equal(0, pki_cert_verify(buf_slice(&chain), pki_ca_roots_pem(ca), NOW_S + 10, &e));
	assert_int_equal(-EINVAL, pki_cert_verify(buf_slice(&chain), pki_ca_roots_pem(ca), NOW_S + 86401, &e));
	assert_int_equal(0, pki_cert_matches_key(buf_slice(&chain), key, &e));
	csr.ptr[csr.len / 2] ^= 1;
	assert_int_equal(-EINVAL, pki_ca_sign(ca, buf_slice(&csr), &how, &chain, &e));
}

static void issues_names_of_all_kinds(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new();
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_RSA2048);
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *dns[] = {"localhost", "kubernetes.default.svc"}, *ips[] = {"127.0.0.1", "::1"},
		   *orgs[] = {"system:masters"};
	struct pki_names names = {
		.cn = "admin", .orgs = orgs, .n_orgs = 1, .dns = dns, .n_dns = 2, .ips = ips, .n_ips = 2};
	struct pki_sign how = {.names = &names, .now_s = NOW_S, .ttl_s = (int64_t)86400 * 36500};
	struct pki_cert_info info;
	const char *bad = "not an address";

	(void)state;
	assert_int_equal(0, pki_ca_issue(ca, key, &how, &chain, NULL));
	assert_int_equal(0, pki_cert_info(buf_slice(&chain), &a, &info, NULL));
	assert_string_equal("admin", info.names.cn);
	assert_string_equal("system:masters", info.names.orgs[0]);
	assert_string_equal("::1", info.names.ips[1]);
	assert_string_equal("kubernetes.default.svc", info.names.dns[1]);
	assert_true(info.not_after_s <= pki_ca_not_after_s(ca));
	names.ips = &bad, names.n_ips = 1;
	assert_int_equal(-EINVAL, pki_ca_issue(ca, key, &how, &chain, NULL));
}

static void loads_a_plugged_in_authority(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *root = root_new(), *ca = NULL, *again = NULL;
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256), *leaf = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key_pem = BUF_INIT, chain = BUF_INIT;
	const char *org = "intermediate", *uri = "spiffe://a/ns/b/sa/c";
	struct pki_names names = {.orgs = &org, .n_orgs = 1}, leaf_names = {.uris = &uri, .n_uris = 1};
	struct pki_sign how = {.names = &names, .now_s = NOW_S, .ttl_s = 86400, .is_ca = true};
	struct pki_sign leaf_how = {.names = &leaf_names, .now_s = NOW_S, .ttl_s = 600};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(0, pki_ca_issue(root, key, &how, &cert, &e));
	pki_key_to_pem(key, &key_pem);
	assert_int_equal(0, pki_ca_load(buf_slice(&cert), buf_slice(&key_pem), slice_str(""), pki_ca_roots_pem(root),
					NOW_S, &ca, &e));
	assert_int_equal(0, pki_ca_issue(ca, leaf, &leaf_how, &chain, &e));
	assert_int_equal(2, pki_cert_count(buf_slice(&chain), &e));
	assert_int_equal(0, pki_cert_verify(buf_slice(&chain), pki_ca_roots_pem(ca), NOW_S, &e));
	assert_int_equal(-EINVAL, pki_ca_load(buf_slice(&cert), pki_ca_key_pem(root), slice_str(""),
					      pki_ca_roots_pem(root), NOW_S, &again, &e));
	/* a new root from the same key keeps old leaves good */
	assert_int_equal(
		0, pki_ca_new_root("cluster.local", pki_ca_key_pem(root), PKI_KEY_P256, NOW_S + 5, 86400, &again, &e));
	assert_int_equal(0, pki_cert_verify(buf_slice(&chain), pki_ca_roots_pem(again), NOW_S + 6, &e));
}

static void spiffe_table(void **state)
{
	static const struct {
		const char *uri;
		int r;
	} rows[] = {
		{"spiffe://cluster.local/ns/shop/sa/cart", 0},
		{"spiffe://cluster.local/ns//sa/cart", -EINVAL},
		{"spiffe://cluster.local/ns/shop/sa/", -EINVAL},
		{"spiffe://cluster.local/ns/shop/sa/a/b", -EINVAL},
		{"http://cluster.local/ns/shop/sa/a", -EINVAL},
		{"spiffe:///ns/shop/sa/a", -EINVAL},
		{"", -EINVAL},
	};
	struct spiffe id;
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(rows[i].r, spiffe_parse(slice_str(rows[i].uri), &id));
	assert_int_equal(0, spiffe_parse(slice_str(rows[0].uri), &id));
	assert_int_equal(strlen(rows[0].uri), spiffe_format(text, sizeof(text), id.trust_domain, id.ns, id.sa));
	assert_string_equal(rows[0].uri, text);
	assert_int_equal(-EINVAL, spiffe_format(text, sizeof(text), id.trust_domain, slice_str("a/b"), id.sa));
}

static void token_round_trip(enum pki_key_type type)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(type), *other = pki_key_new(type);
	CLEANUP(buf_done) struct buf token = BUF_INIT, kid = BUF_INIT;
	cJSON *claims =
		cJSON_Parse("{\"sub\":\"system:serviceaccount:a:b\",\"aud\":[\"istio-ca\"],\"exp\":1700000600}");
	cJSON *jwks = cJSON_CreateObject(), *keys = cJSON_AddArrayToObject(jwks, "keys");
	struct err e = ERR_INIT;
	struct jwt t;

	jwk_id(key, &kid);
	assert_int_equal(0, jwt_sign(key, buf_str(&kid), claims, &token, &e));
	assert_int_equal(0, jwt_parse(buf_slice(&token), &t, &e));
	assert_string_equal("system:serviceaccount:a:b", t.sub);
	assert_true(jwt_has_audience(&t, "istio-ca"));
	assert_false(jwt_has_audience(&t, "istio"));
	assert_int_equal(0, jwt_verify(&t, key, &e));
	assert_int_equal(-EACCES, jwt_verify(&t, other, &e));
	assert_int_equal(0, jwt_check_times(&t, NOW_S, 0, &e));
	assert_int_equal(-EACCES, jwt_check_times(&t, 1700000600, 0, &e));
	assert_int_equal(-EACCES, jwks_verify(jwks, &t, &e));
	cJSON_AddItemToArray(keys, jwk_from_key(other));
	cJSON_AddItemToArray(keys, jwk_from_key(key));
	assert_int_equal(0, jwks_verify(jwks, &t, &e));
	jwt_done(&t);
	cJSON_Delete(claims);
	cJSON_Delete(jwks);
}

static void tokens(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a.b", "e30.e30", "e30.e30.a.b", "W10.e30.", "!.e30.e30"};
	struct jwt t;

	(void)state;
	token_round_trip(PKI_KEY_P256);
	token_round_trip(PKI_KEY_RSA2048);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (jwt_parse(slice_str(bad[i]), &t, NULL) == 0) {
			assert_string_equal("e30.e30", bad[i]); /* unsigned, but of the form */
			jwt_done(&t);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_a_workload),
		cmocka_unit_test(issues_names_of_all_kinds),
		cmocka_unit_test(loads_a_plugged_in_authority),
		cmocka_unit_test(spiffe_table),
		cmocka_unit_test(tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
