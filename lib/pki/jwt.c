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

/* Absent is fine; otherwise a whole second after the epoch. */
static bool time_ok(const cJSON *o, const char *name)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, name);

	return !n || (cJSON_IsNumber(n) && n->valuedouble >= 0 && n->valuedouble <= 1e15);
}

static bool string_ok(const cJSON *o, const char *name)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, name);

	return !n || cJSON_IsString(n);
}

static enum jwt_status check_header(const cJSON *h)
{
	const char *alg = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(h, "alg"));

	if (!alg)
		return JWT_HEADER_ALG;
	if (!jwt_alg_known(alg))
		return JWT_ALG_UNKNOWN;
	if (!string_ok(h, "kid"))
		return JWT_HEADER_KID;
	/* Whoever does not know an extension must refuse the token (RFC 7515 4.1.11); none is known here. */
	return cJSON_GetObjectItemCaseSensitive(h, "crit") ? JWT_HEADER_CRIT : JWT_OK;
}

static enum jwt_status check_claims(const cJSON *c)
{
	if (!string_ok(c, "iss"))
		return JWT_PAYLOAD_ISS;
	if (!string_ok(c, "sub"))
		return JWT_PAYLOAD_SUB;
	if (!time_ok(c, "iat"))
		return JWT_PAYLOAD_IAT;
	if (!time_ok(c, "nbf"))
		return JWT_PAYLOAD_NBF;
	return time_ok(c, "exp") ? JWT_OK : JWT_PAYLOAD_EXP;
}

static enum jwt_status split(struct slice token, struct slice *ret_header, struct jwt *ret)
{
	struct slice rest = token;

	if (token.len > JWT_MAX_BYTES)
		return JWT_TOO_LONG;
	*ret_header = slice_split(&rest, '.');
	ret->payload = slice_split(&rest, '.');
	ret->signature = rest;
	ret->signed_part = slice_head(token, ret_header->len + 1 + ret->payload.len);
	if (slice_find(rest, '.') >= 0 || ret->payload.len == 0 || token.len <= ret->signed_part.len)
		return JWT_FORM;
	return JWT_OK;
}

static void fill(struct jwt *t)
{
	t->alg = string_of(t->header, "alg");
	t->kid = string_of(t->header, "kid");
	t->iss = string_of(t->claims, "iss");
	t->sub = string_of(t->claims, "sub");
	t->exp_s = time_of(t->claims, "exp");
	t->nbf_s = time_of(t->claims, "nbf");
	t->iat_s = time_of(t->claims, "iat");
}

int jwt_parse(struct slice token, struct jwt *ret, struct err *e)
{
	struct jwt t = {0};
	struct slice header;
	enum jwt_status s = split(token, &header, &t);

	if (s == JWT_TOO_LONG)
		return err_set(e, -EMSGSIZE, "token is longer than %d bytes", JWT_MAX_BYTES);
	if (s != JWT_OK)
		return err_set(e, -EINVAL, "token is not of the form header.claims.signature");
	t.header = decode_part(header);
	t.claims = decode_part(t.payload);
	if (!t.header || !t.claims) {
		jwt_done(&t);
		return err_set(e, -EINVAL, "token holds no valid JSON objects");
	}
	fill(&t);
	*ret = t;
	return 0;
}

static enum jwt_status decode(struct slice text, cJSON **ret, enum jwt_status base64, enum jwt_status json)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;

	if (base64url_decode(text, &bytes) < 0)
		return base64;
	*ret = decode_part(text);
	return *ret ? JWT_OK : json;
}

static enum jwt_status read_parts(struct slice header, struct jwt *t)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	enum jwt_status s = decode(header, &t->header, JWT_HEADER_BASE64, JWT_HEADER_JSON);

	if (s == JWT_OK)
		s = check_header(t->header);
	if (s == JWT_OK)
		s = decode(t->payload, &t->claims, JWT_PAYLOAD_BASE64, JWT_PAYLOAD_JSON);
	if (s == JWT_OK)
		s = check_claims(t->claims);
	if (s == JWT_OK && base64url_decode(t->signature, &bytes) < 0)
		s = JWT_SIGNATURE_BASE64;
	return s;
}

enum jwt_status jwt_read(struct slice token, struct jwt *ret)
{
	struct jwt t = {0};
	struct slice header;
	enum jwt_status s = split(token, &header, &t);

	if (s == JWT_OK)
		s = read_parts(header, &t);
	if (s != JWT_OK) {
		jwt_done(&t);
		return s;
	}
	fill(&t);
	*ret = t;
	return JWT_OK;
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

static int es256_from_der(const unsigned char *der, size_t len, unsigned char out[2 * ES256_PART_BYTES])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	int ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, ES256_PART_BYTES) > 0 &&
		 BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + ES256_PART_BYTES, ES256_PART_BYTES) > 0;

	ECDSA_SIG_free(sig);
	return ok ? 0 : -EINVAL;
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
