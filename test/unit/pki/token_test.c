/* Every algorithm of signatures with a key of its own, and with everybody else's; sets of keys; what is no token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/base64.h"
#include "pki/jwk_set.h"

#define PART_MAX 66

enum which { K_RSA, K_P256, K_P384, K_P521, K_ED25519, K_ED448, K_COUNT };

static EVP_PKEY *keys[K_COUNT];

static const struct {
	const char *alg;
	enum which key;
	const EVP_MD *(*md)(void);
	size_t part; /* of an ECDSA number */
	bool pss;
} algs[] = {
	{"RS256", K_RSA, EVP_sha256, 0, false},   {"RS384", K_RSA, EVP_sha384, 0, false},
	{"RS512", K_RSA, EVP_sha512, 0, false},   {"PS256", K_RSA, EVP_sha256, 0, true},
	{"PS384", K_RSA, EVP_sha384, 0, true},    {"PS512", K_RSA, EVP_sha512, 0, true},
	{"ES256", K_P256, EVP_sha256, 32, false}, {"ES384", K_P384, EVP_sha384, 48, false},
	{"ES512", K_P521, EVP_sha512, 66, false}, {"EdDSA", K_ED25519, NULL, 0, false},
	{"EdDSA", K_ED448, NULL, 0, false},
};

static void add_number(struct buf *out, const char *name, EVP_PKEY *k, const char *param, int size)
{
	unsigned char bytes[512];
	BIGNUM *n = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(k, param, &n), 1);
	size = size ? size : BN_num_bytes(n);
	assert_true(BN_bn2binpad(n, bytes, size) > 0);
	buf_printf(out, ", \"%s\": \"", name);
	base64url_encode(slice_make(bytes, (size_t)size), out);
	buf_append_char(out, '"');
	BN_free(n);
}

/* {"kty": ..., "kid": "<which>" and what is given}. */
static void add_jwk(struct buf *out, enum which w, const char *more)
{
	static const char *const heads[K_COUNT] = {"\"RSA\"",
						   "\"EC\", \"crv\": \"P-256\"",
						   "\"EC\", \"crv\": \"P-384\"",
						   "\"EC\", \"crv\": \"P-521\"",
						   "\"OKP\", \"crv\": \"Ed25519\"",
						   "\"OKP\", \"crv\": \"Ed448\""};
	static const int parts[K_COUNT] = {0, 32, 48, 66, 0, 0};
	unsigned char raw[64];
	size_t n = sizeof(raw);

	buf_printf(out, "{\"kty\": %s%s", heads[w], more);
	if (w == K_RSA) {
		add_number(out, "n", keys[w], OSSL_PKEY_PARAM_RSA_N, 0);
		add_number(out, "e", keys[w], OSSL_PKEY_PARAM_RSA_E, 0);
	} else if (parts[w]) {
		add_number(out, "x", keys[w], OSSL_PKEY_PARAM_EC_PUB_X, parts[w]);
		add_number(out, "y", keys[w], OSSL_PKEY_PARAM_EC_PUB_Y, parts[w]);
	} else {
		assert_int_equal(EVP_PKEY_get_raw_public_key(keys[w], raw, &n), 1);
		buf_append_str(out, ", \"x\": \"");
		base64url_encode(slice_make(raw, n), out);
		buf_append_char(out, '"');
	}
	buf_append_char(out, '}');
}

static struct jwk_set *set_of(enum which w, const char *more)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	struct jwk_set *s;

	buf_append_str(&text, "{\"keys\": [");
	add_jwk(&text, w, more);
	buf_append_str(&text, "]}");
	if (jwk_set_parse(buf_slice(&text), &s, &e) < 0)
		fail_msg("%s: %s", buf_str(&text), e.msg);
	return s;
}

/* ECDSA's are fixed numbers in tokens. */
static size_t raw_ecdsa(unsigned char *sig, size_t n, size_t part)
{
	const unsigned char *p = sig;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)n);
	unsigned char out[2 * PART_MAX];

	assert_true(BN_bn2binpad(ECDSA_SIG_get0_r(s), out, (int)part) > 0);
	assert_true(BN_bn2binpad(ECDSA_SIG_get0_s(s), out + part, (int)part) > 0);
	memcpy(sig, out, 2 * part);
	ECDSA_SIG_free(s);
	return 2 * part;
}

static void sign(size_t a, const char *header, struct buf *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1024];
	size_t n = sizeof(sig);
	EVP_PKEY_CTX *how;

	base64url_encode(slice_str(header), out);
	buf_append_char(out, '.');
	base64url_encode(slice_str("{\"sub\": \"ann\"}"), out);
	assert_int_equal(EVP_DigestSignInit(ctx, &how, algs[a].md ? algs[a].md() : NULL, NULL, keys[algs[a].key]), 1);
	if (algs[a].pss) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST), 1);
	}
	assert_int_equal(EVP_DigestSign(ctx, sig, &n, (const unsigned char *)out->ptr, out->len), 1);
	EVP_MD_CTX_free(ctx);
	if (algs[a].part)
		n = raw_ecdsa(sig, n, algs[a].part);
	buf_append_char(out, '.');
	base64url_encode(slice_make(sig, n), out);
}

static enum jwt_status verify(const struct jwk_set *s, struct slice token)
{
	struct jwt t;
	enum jwt_status r = jwt_read(token, &t);

	assert_int_equal(r, JWT_OK);
	r = jwk_set_verify(s, &t);
	jwt_done(&t);
	return r;
}

static void each_algorithm(void **state)
{
	(void)state;
	for (size_t a = 0; a < ARRAY_LEN(algs); a++) {
		CLEANUP(buf_done) struct buf token = BUF_INIT;
		char header[64];

		snprintf(header, sizeof(header), "{\"alg\": \"%s\"}", algs[a].alg);
		sign(a, header, &token);
		for (enum which w = 0; w < K_COUNT; w++) {
			CLEANUP(jwk_set_freep) struct jwk_set *s = set_of(w, "");
			enum jwt_status expected = JWT_NO_KEY, got = verify(s, buf_slice(&token));

			if (w == algs[a].key)
				expected = JWT_OK;
			else if (w >= K_ED25519 && algs[a].key >= K_ED25519)
				expected = JWT_WRONG_SIGNATURE;
			if (got != expected)
				fail_msg("%s with key %d: %s", algs[a].alg, w, jwt_status_str(got));
		}
		/* The last letter has bits that count for nothing; the one in front of it has not. */
		token.ptr[token.len - 3] = token.ptr[token.len - 3] == 'A' ? 'B' : 'A';
		CLEANUP(jwk_set_freep) struct jwk_set *own = set_of(algs[a].key, "");
		assert_int_equal(verify(own, buf_slice(&token)), JWT_WRONG_SIGNATURE);
	}
}

/* A token says by which name it is signed: no other algorithm's key is tried for it. */
static void the_key_decides(void **state)
{
	static const struct {
		size_t alg;
		const char *header, *jwk;
		enum jwt_status r;
	} rows[] = {
		{0, "{\"alg\": \"RS256\", \"kid\": \"a\"}", ", \"kid\": \"a\"", JWT_OK},
		{0, "{\"alg\": \"RS256\", \"kid\": \"a\"}", ", \"kid\": \"b\"", JWT_NO_KEY},
		{0, "{\"alg\": \"RS256\", \"kid\": \"a\"}", "", JWT_OK},
		{0, "{\"alg\": \"RS256\"}", ", \"kid\": \"b\"", JWT_OK},
		{0, "{\"alg\": \"RS256\"}", ", \"alg\": \"RS256\", \"use\": \"sig\", \"key_ops\": [\"verify\"]",
		 JWT_OK},
		{0, "{\"alg\": \"RS256\"}", ", \"alg\": \"PS256\"", JWT_NO_KEY},
		{3, "{\"alg\": \"RS256\"}", "", JWT_WRONG_SIGNATURE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf token = BUF_INIT;
		CLEANUP(jwk_set_freep) struct jwk_set *s = set_of(K_RSA, rows[i].jwk);

		sign(rows[i].alg, rows[i].header, &token);
		assert_int_equal(verify(s, buf_slice(&token)), rows[i].r);
	}
}

static void sets(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"keys\": {}}",
		"{\"keys\": [7]}",
		"{\"keys\": [{\"kty\": \"oct\", \"k\": \"AAAA\"}]}",
		"{\"keys\": [{\"kty\": \"RSA\", \"n\": \"AQAB\", \"e\": \"AQAB\"}]}",
		"{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"AA\", \"y\": \"AA\"}]}",
		"{\"keys\": [{\"kty\": \"OKP\", \"crv\": \"X25519\", \"x\": \"AA\"}]}",
		"{\"keys\": []} trailing",
	};
	CLEANUP(buf_done) struct buf many = BUF_INIT;
	struct jwk_set *s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (jwk_set_parse(slice_str(bad[i]), &s, NULL) == 0)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(jwk_set_parse(slice_str("{\"keys\": []}"), &s, NULL), 0);
	assert_int_equal(jwk_set_size(s), 0);
	jwk_set_free(s);
	/* A key for something else stands beside. */
	buf_append_str(&many, "{\"keys\": [");
	add_jwk(&many, K_P256, ", \"use\": \"enc\"");
	buf_append_str(&many, ", {\"kty\": \"oct\"}, ");
	add_jwk(&many, K_P384, ", \"key_ops\": [\"sign\"]");
	buf_append_str(&many, ", ");
	add_jwk(&many, K_ED25519, "");
	buf_append_str(&many, "]}");
	assert_int_equal(jwk_set_parse(buf_slice(&many), &s, NULL), 0);
	assert_int_equal(jwk_set_size(s), 1);
	jwk_set_free(s);
	buf_clear(&many);
	buf_append_str(&many, "{\"keys\": [1");
	for (int i = 0; i < JWK_SET_MAX_KEYS; i++)
		buf_append_str(&many, ", 1");
	buf_append_str(&many, "]}");
	assert_int_equal(jwk_set_parse(buf_slice(&many), &s, NULL), -EMSGSIZE);
}

static void what_is_no_token(void **state)
{
	static const struct {
		const char *header, *claims, *signature;
		enum jwt_status r;
	} rows[] = {
		{"{\"alg\":\"RS256\"}", "{}", "AA", JWT_OK},
		{"{}", "{}", "AA", JWT_HEADER_ALG},
		{"{\"alg\":7}", "{}", "AA", JWT_HEADER_ALG},
		{"{\"alg\":\"none\"}", "{}", "AA", JWT_ALG_UNKNOWN},
		{"{\"alg\":\"HS256\"}", "{}", "AA", JWT_ALG_UNKNOWN},
		{"{\"alg\":\"RS256\",\"kid\":1}", "{}", "AA", JWT_HEADER_KID},
		{"{\"alg\":\"RS256\",\"crit\":[\"exp\"]}", "{}", "AA", JWT_HEADER_CRIT},
		{"[]", "{}", "AA", JWT_HEADER_JSON},
		{"{\"alg\":\"RS256\"}", "[]", "AA", JWT_PAYLOAD_JSON},
		{"{\"alg\":\"RS256\"}", "{\"iss\":1}", "AA", JWT_PAYLOAD_ISS},
		{"{\"alg\":\"RS256\"}", "{\"sub\":{}}", "AA", JWT_PAYLOAD_SUB},
		{"{\"alg\":\"RS256\"}", "{\"iat\":\"1\"}", "AA", JWT_PAYLOAD_IAT},
		{"{\"alg\":\"RS256\"}", "{\"nbf\":-1}", "AA", JWT_PAYLOAD_NBF},
		{"{\"alg\":\"RS256\"}", "{\"exp\":\"9\"}", "AA", JWT_PAYLOAD_EXP},
		{"{\"alg\":\"RS256\"}", "{}", "A!", JWT_SIGNATURE_BASE64},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf token = BUF_INIT;
		struct jwt t = {0};

		base64url_encode(slice_str(rows[i].header), &token);
		buf_append_char(&token, '.');
		base64url_encode(slice_str(rows[i].claims), &token);
		buf_printf(&token, ".%s", rows[i].signature);
		if (jwt_read(buf_slice(&token), &t) != rows[i].r)
			fail_msg("%s.%s", rows[i].header, rows[i].claims);
		jwt_done(&t);
	}
}

static int setup(void **state)
{
	(void)state;
	keys[K_RSA] = EVP_RSA_gen(2048);
	keys[K_P256] = EVP_EC_gen("P-256");
	keys[K_P384] = EVP_EC_gen("P-384");
	keys[K_P521] = EVP_EC_gen("P-521");
	keys[K_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	keys[K_ED448] = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < K_COUNT; i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_algorithm),
		cmocka_unit_test(the_key_decides),
		cmocka_unit_test(sets),
		cmocka_unit_test(what_is_no_token),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
