/*
 * Tokens: header.claims.signature, each base64url. The algorithm comes from the key, never from the token alone, so a
 * token cannot choose how it is checked.
 */
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/sha.h>

#include "base/base64.h"
#include "pki/jwt.h"
#include "pki/pki_internal.h"

#define ES256_PART_BYTES 32

static inline void EVP_MD_CTX_freep(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static cJSON *decode_part(struct slice text)
{
	CLEANUP(buf_done) struct buf json = BUF_INIT;
	cJSON *o;

	if (text.len == 0 || base64url_decode(text, &json) < 0 || !json.ptr || memchr(json.ptr, 0, json.len))
		return NULL;
	o = cJSON_ParseWithOpts(json.ptr, NULL, 1);
	if (o && !cJSON_IsObject(o)) {
		cJSON_Delete(o);
		return NULL;
	}
	return o;
}

static const char *string_of(const cJSON *o, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s ? s : "";
}

static int64_t time_of(const cJSON *o, const char *name)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, name);

	if (!cJSON_IsNumber(n) || !(n->valuedouble > 0) || n->valuedouble > 1e15)
		return 0;
	return (int64_t)n->valuedouble;
}

int jwt_parse(struct slice token, struct jwt *ret, struct err *e)
{
	struct slice rest = token, header, claims;
	struct jwt t = {0};

	if (token.len > JWT_MAX_BYTES)
		return err_set(e, -EMSGSIZE, "token is longer than %d bytes", JWT_MAX_BYTES);
	header = slice_split(&rest, '.');
	claims = slice_split(&rest, '.');
	t.signature = rest;
	t.signed_part = slice_head(token, header.len + 1 + claims.len);
	if (slice_find(rest, '.') >= 0 || claims.len == 0 || token.len < t.signed_part.len)
		return err_set(e, -EINVAL, "token is not of the form header.claims.signature");
	t.header = decode_part(header);
	t.claims = decode_part(claims);
	if (!t.header || !t.claims) {
		jwt_done(&t);
		return err_set(e, -EINVAL, "token holds no valid JSON objects");
	}
	t.alg = string_of(t.header, "alg");
	t.kid = string_of(t.header, "kid");
	t.iss = string_of(t.claims, "iss");
	t.sub = string_of(t.claims, "sub");
	t.exp_s = time_of(t.claims, "exp");
	t.nbf_s = time_of(t.claims, "nbf");
	t.iat_s = time_of(t.claims, "iat");
	*ret = t;
	return 0;
}

void jwt_done(struct jwt *t)
{
	cJSON_Delete(t->header);
	cJSON_Delete(t->claims);
	memset(t, 0, sizeof(*t));
}

bool jwt_has_audience(const struct jwt *t, const char *audience)
{
	const cJSON *aud = cJSON_GetObjectItemCaseSensitive(t->claims, "aud"), *item;

	if (cJSON_IsString(aud))
		return strcmp(aud->valuestring, audience) == 0;
	if (!cJSON_IsArray(aud))
		return false;
	cJSON_ArrayForEach(item, aud)
	{
		if (cJSON_IsString(item) && strcmp(item->valuestring, audience) == 0)
			return true;
	}
	return false;
}

static const char *algorithm(const struct pki_key *key)
{
	switch (pki_key_type(key)) {
	case PKI_KEY_P256:
		return "ES256";
	case PKI_KEY_RSA2048:
	case PKI_KEY_RSA4096:
		return "RS256";
	default:
		return NULL;
	}
}

/* ES256 signatures are r and s of 32 bytes each (RFC 7518 3.4); OpenSSL's are DER. */
static int es256_to_der(const struct buf *raw, struct buf *der)
{
	ECDSA_SIG *sig;
	BIGNUM *r, *s;
	unsigned char *p = NULL;
	int n = -1;

	if (raw->len != 2 * ES256_PART_BYTES)
		return -EINVAL;
	sig = ECDSA_SIG_new();
	r = BN_bin2bn((unsigned char *)raw->ptr, ES256_PART_BYTES, NULL);
	s = BN_bin2bn((unsigned char *)raw->ptr + ES256_PART_BYTES, ES256_PART_BYTES, NULL);
	if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		n = i2d_ECDSA_SIG(sig, &p);
	} else {
		BN_free(r);
		BN_free(s);
	}
	if (n > 0)
		buf_append(der, p, (size_t)n);
	OPENSSL_free(p);
	ECDSA_SIG_free(sig);
	return n > 0 ? 0 : -EINVAL;
}

static int es256_from_der(const unsigned char *der, size_t len, unsigned char out[2 * ES256_PART_BYTES])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	int ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, ES256_PART_BYTES) > 0 &&
		 BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + ES256_PART_BYTES, ES256_PART_BYTES) > 0;

	ECDSA_SIG_free(sig);
	return ok ? 0 : -EINVAL;
}

int jwt_verify(const struct jwt *t, const struct pki_key *key, struct err *e)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT, der = BUF_INIT;
	CLEANUP(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const char *alg = algorithm(key);
	const struct buf *sig = &raw;
	int ok;

	if (!alg || strcmp(alg, t->alg) != 0)
		return err_set(e, -EACCES, "token: algorithm does not fit the key");
	if (t->signature.len == 0 || base64url_decode(t->signature, &raw) < 0)
		return err_set(e, -EINVAL, "token: broken signature");
	if (pki_key_type(key) == PKI_KEY_P256) {
		if (es256_to_der(&raw, &der) < 0)
			return err_set(e, -EINVAL, "token: broken signature");
		sig = &der;
	}
	ok = ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
	     EVP_DigestVerify(ctx, (unsigned char *)sig->ptr, sig->len, (const unsigned char *)t->signed_part.ptr,
			      t->signed_part.len) == 1;
	ERR_clear_error();
	return ok ? 0 : err_set(e, -EACCES, "token: wrong signature");
}

int jwt_check_times(const struct jwt *t, int64_t now_s, int64_t leeway_s, struct err *e)
{
	if (t->exp_s && now_s >= t->exp_s + leeway_s)
		return err_set(e, -EACCES, "token has expired");
	if (t->nbf_s && now_s < t->nbf_s - leeway_s)
		return err_set(e, -EACCES, "token is not valid yet");
	return 0;
}

static int sign_text(const struct pki_key *key, struct slice text, struct buf *out)
{
	CLEANUP(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1024], raw[2 * ES256_PART_BYTES];
	size_t n = sizeof(sig);

	if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) != 1 ||
	    EVP_DigestSign(ctx, sig, &n, (const unsigned char *)text.ptr, text.len) != 1)
		return -EINVAL;
	if (pki_key_type(key) != PKI_KEY_P256) {
		base64url_encode(slice_make(sig, n), out);
		return 0;
	}
	if (es256_from_der(sig, n, raw) < 0)
		return -EINVAL;
	base64url_encode(slice_make(raw, sizeof(raw)), out);
	return 0;
}

static void encode_json(const cJSON *o, struct buf *out)
{
	char *text = cJSON_PrintUnformatted(o);

	base64url_encode(slice_str(text), out);
	cJSON_free(text);
}

int jwt_sign(const struct pki_key *key, const char *kid, const cJSON *claims, struct buf *out, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT, sig = BUF_INIT;
	const char *alg = algorithm(key);
	cJSON *header;

	if (!alg)
		return err_set(e, -ENOTSUP, "token: a key of this type cannot sign");
	header = cJSON_CreateObject();
	cJSON_AddStringToObject(header, "alg", alg);
	if (kid)
		cJSON_AddStringToObject(header, "kid", kid);
	cJSON_AddStringToObject(header, "typ", "JWT");
	encode_json(header, &text);
	cJSON_Delete(header);
	buf_append_char(&text, '.');
	encode_json(claims, &text);
	if (sign_text(key, buf_slice(&text), &sig) < 0)
		return pki_err(e, -EINVAL, "token: signing");
	buf_append_slice(out, buf_slice(&text));
	buf_append_char(out, '.');
	buf_append_slice(out, buf_slice(&sig));
	return 0;
}
