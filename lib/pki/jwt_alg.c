/* Algorithms of signatures (RFC 7518 3.1, RFC 8037): which keys may be called so, and how they are checked. */
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/base64.h"
#include "pki/jwt.h"
#include "pki/pki_internal.h"

enum family { RSA_PKCS1, RSA_PSS, ECDSA, EDDSA };

/* Symmetric ones and "none" are not here: a token cannot choose to be checked with what everybody knows. */
static const struct algorithm {
	const char *name;
	enum family family;
	int bits; /* of the curve */
	const EVP_MD *(*digest)(void);
} algorithms[] = {
	{"RS256", RSA_PKCS1, 0, EVP_sha256}, {"RS384", RSA_PKCS1, 0, EVP_sha384}, {"RS512", RSA_PKCS1, 0, EVP_sha512},
	{"PS256", RSA_PSS, 0, EVP_sha256},   {"PS384", RSA_PSS, 0, EVP_sha384},   {"PS512", RSA_PSS, 0, EVP_sha512},
	{"ES256", ECDSA, 256, EVP_sha256},   {"ES384", ECDSA, 384, EVP_sha384},   {"ES512", ECDSA, 521, EVP_sha512},
	{"EdDSA", EDDSA, 0, NULL},
};

static inline void EVP_MD_CTX_freep(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static const struct algorithm *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

bool jwt_alg_known(const char *alg)
{
	return find(alg) != NULL;
}

static bool fits(const struct algorithm *a, const EVP_PKEY *key)
{
	switch (a->family) {
	case RSA_PKCS1:
	case RSA_PSS:
		return EVP_PKEY_is_a(key, "RSA");
	case ECDSA:
		return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == a->bits;
	case EDDSA:
		return EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
	}
	return false;
}

bool jwt_alg_fits(const char *alg, const struct pki_key *key)
{
	const struct algorithm *a = find(alg);

	return a && fits(a, key->pkey);
}

/* ECDSA's are r and s, each as long as the curve's numbers (RFC 7518 3.4); OpenSSL's are DER. */
static int ecdsa_to_der(const struct buf *raw, int bits, struct buf *der)
{
	const size_t part = ((size_t)bits + 7) / 8;
	const unsigned char *in = (const unsigned char *)raw->ptr;
	unsigned char *p = NULL;
	ECDSA_SIG *sig;
	BIGNUM *r, *s;
	int n = -1;

	if (raw->len != 2 * part)
		return -EINVAL;
	sig = ECDSA_SIG_new();
	r = BN_bin2bn(in, (int)part, NULL);
	s = BN_bin2bn(in + part, (int)part, NULL);
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

static bool check(const struct algorithm *a, EVP_PKEY *key, struct slice text, struct slice sig)
{
	CLEANUP(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how; /* the context's */
	bool ok = ctx && EVP_DigestVerifyInit(ctx, &how, a->digest ? a->digest() : NULL, NULL, key) == 1;

	if (ok && a->family == RSA_PSS)
		ok = EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
		     EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
	ok = ok && EVP_DigestVerify(ctx, (const unsigned char *)sig.ptr, sig.len, (const unsigned char *)text.ptr,
				    text.len) == 1;
	ERR_clear_error();
	return ok;
}

int jwt_verify(const struct jwt *t, const struct pki_key *key, struct err *e)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT, der = BUF_INIT;
	const struct algorithm *a = find(t->alg);
	const struct buf *sig = &raw;

	if (!a || !fits(a, key->pkey))
		return err_set(e, -EACCES, "token: algorithm does not fit the key");
	if (t->signature.len == 0 || base64url_decode(t->signature, &raw) < 0)
		return err_set(e, -EINVAL, "token: broken signature");
	if (a->family == ECDSA) {
		if (ecdsa_to_der(&raw, a->bits, &der) < 0)
			return err_set(e, -EINVAL, "token: broken signature");
		sig = &der;
	}
	return check(a, key->pkey, t->signed_part, buf_slice(sig)) ? 0 : err_set(e, -EACCES, "token: wrong signature");
}
