/* Key sets: public keys as JSON objects. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "base/base64.h"
#include "base/mem.h"
#include "pki/jwt.h"
#include "pki/pki_internal.h"

#define P256_PART_BYTES 32
#define EC_PART_MAX_BYTES 66
/* Of the modulus: 2,048 bits and more (RFC 7518 3.3). */
#define RSA_MIN_BYTES 256
#define RSA_MAX_BYTES 1024

void jwk_id(const struct pki_key *key, struct buf *out)
{
	unsigned char *der = NULL, digest[SHA256_DIGEST_LENGTH];
	int n = i2d_PUBKEY(key->pkey, &der);

	if (n > 0) {
		SHA256(der, (size_t)n, digest);
		base64url_encode(slice_make(digest, sizeof(digest)), out);
	}
	OPENSSL_free(der);
}

/* size 0 = as many bytes as the number has */
static void add_number(cJSON *o, const char *name, const struct pki_key *key, const char *param, int size)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	unsigned char bytes[RSA_MAX_BYTES];
	BIGNUM *n = NULL;

	if (!EVP_PKEY_get_bn_param(key->pkey, param, &n) || BN_num_bytes(n) > RSA_MAX_BYTES)
		return;
	size = size ? size : BN_num_bytes(n);
	if (BN_bn2binpad(n, bytes, size) > 0)
		base64url_encode(slice_make(bytes, (size_t)size), &text);
	cJSON_AddStringToObject(o, name, buf_str(&text));
	BN_free(n);
}

cJSON *jwk_from_key(const struct pki_key *key)
{
	CLEANUP(buf_done) struct buf kid = BUF_INIT;
	enum pki_key_type type = pki_key_type(key);
	cJSON *o;

	if (type != PKI_KEY_P256 && type != PKI_KEY_RSA2048 && type != PKI_KEY_RSA4096)
		return NULL;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "use", "sig");
	jwk_id(key, &kid);
	cJSON_AddStringToObject(o, "kid", buf_str(&kid));
	if (type == PKI_KEY_P256) {
		cJSON_AddStringToObject(o, "kty", "EC");
		cJSON_AddStringToObject(o, "crv", "P-256");
		cJSON_AddStringToObject(o, "alg", "ES256");
		add_number(o, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, P256_PART_BYTES);
		add_number(o, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, P256_PART_BYTES);
		return o;
	}
	cJSON_AddStringToObject(o, "kty", "RSA");
	cJSON_AddStringToObject(o, "alg", "RS256");
	add_number(o, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
	add_number(o, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
	return o;
}

static const char *text_of(const cJSON *o, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s ? s : "";
}

static int from_params(const char *type, OSSL_PARAM_BLD *bld, struct pki_key **ret)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	ERR_clear_error();
	if (!pkey)
		return -EINVAL;
	*ret = NEW(struct pki_key);
	(*ret)->pkey = pkey;
	return 0;
}

static const struct curve {
	const char *crv, *group;
	size_t part; /* bytes of one number */
} curves[] = {{"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};

static const struct curve *find_curve(const char *crv)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++)
		if (strcmp(curves[i].crv, crv) == 0)
			return &curves[i];
	return NULL;
}

static int ec_key(const cJSON *jwk, struct pki_key **ret)
{
	CLEANUP(buf_done) struct buf x = BUF_INIT, y = BUF_INIT;
	const struct curve *c = find_curve(text_of(jwk, "crv"));
	unsigned char point[1 + 2 * EC_PART_MAX_BYTES] = {4}; /* uncompressed */
	OSSL_PARAM_BLD *bld;
	int r = -EINVAL;

	if (!c)
		return -ENOTSUP;
	if (base64url_decode(slice_str(text_of(jwk, "x")), &x) < 0 ||
	    base64url_decode(slice_str(text_of(jwk, "y")), &y) < 0 || x.len != c->part || y.len != c->part)
		return -EINVAL;
	memcpy(point + 1, x.ptr, x.len);
	memcpy(point + 1 + x.len, y.ptr, y.len);
	bld = OSSL_PARAM_BLD_new();
	if (bld && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, c->group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * c->part))
		r = from_params("EC", bld, ret);
	OSSL_PARAM_BLD_free(bld);
	return r;
}

/* RFC 8037 2. */
static int okp_key(const cJSON *jwk, struct pki_key **ret)
{
	CLEANUP(buf_done) struct buf x = BUF_INIT;
	const char *crv = text_of(jwk, "crv");
	EVP_PKEY *pkey;

	if (strcmp(crv, "Ed25519") != 0 && strcmp(crv, "Ed448") != 0)
		return -ENOTSUP;
	if (base64url_decode(slice_str(text_of(jwk, "x")), &x) < 0 || !x.len)
		return -EINVAL;
	pkey = EVP_PKEY_new_raw_public_key_ex(NULL, crv, NULL, (const unsigned char *)x.ptr, x.len);
	ERR_clear_error();
	if (!pkey)
		return -EINVAL;
	*ret = NEW(struct pki_key);
	(*ret)->pkey = pkey;
	return 0;
}

static int rsa_key(const cJSON *jwk, struct pki_key **ret)
{
	CLEANUP(buf_done) struct buf n = BUF_INIT, x = BUF_INIT;
	BIGNUM *mod, *exp;
	OSSL_PARAM_BLD *bld;
	int r = -EINVAL;

	if (base64url_decode(slice_str(text_of(jwk, "n")), &n) < 0 ||
	    base64url_decode(slice_str(text_of(jwk, "e")), &x) < 0 || n.len < RSA_MIN_BYTES || n.len > RSA_MAX_BYTES ||
	    x.len == 0 || x.len > 8)
		return -EINVAL;
	mod = BN_bin2bn((unsigned char *)n.ptr, (int)n.len, NULL);
	exp = BN_bin2bn((unsigned char *)x.ptr, (int)x.len, NULL);
	bld = OSSL_PARAM_BLD_new();
	if (mod && exp && bld && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, mod) &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, exp))
		r = from_params("RSA", bld, ret);
	OSSL_PARAM_BLD_free(bld);
	BN_free(mod);
	BN_free(exp);
	return r;
}

int jwk_to_key(const cJSON *jwk, struct pki_key **ret, struct err *e)
{
	const char *kty = text_of(jwk, "kty");
	int r = -ENOTSUP;

	if (strcmp(kty, "EC") == 0)
		r = ec_key(jwk, ret);
	else if (strcmp(kty, "RSA") == 0)
		r = rsa_key(jwk, ret);
	else if (strcmp(kty, "OKP") == 0)
		r = okp_key(jwk, ret);
	if (r < 0)
		return err_set(e, r, r == -ENOTSUP ? "JWK: type is not supported" : "JWK: broken key");
	return 0;
}

int jwks_verify(const cJSON *jwks, const struct jwt *t, struct err *e)
{
	const cJSON *keys = cJSON_GetObjectItemCaseSensitive(jwks, "keys"), *jwk;

	cJSON_ArrayForEach(jwk, keys)
	{
		CLEANUP(pki_key_freep) struct pki_key *key = NULL;
		const char *kid = text_of(jwk, "kid");

		if (*t->kid && *kid && strcmp(kid, t->kid) != 0)
			continue;
		if (jwk_to_key(jwk, &key, NULL) == 0 && jwt_verify(t, key, NULL) == 0)
			return 0;
	}
	return err_set(e, -EACCES, "token: no key of the set made its signature");
}
