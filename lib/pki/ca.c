/*
 * Signing. A leaf gets what its caller says and nothing of what its request asks for except the public key.
 * The struct never changes after it was made; only the reference count is atomic.
 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/mem.h"
#include "base/rand.h"
#include "pki/ca.h"
#include "pki/pki_internal.h"

#define SERIAL_BYTES 16
#define BACKDATE_S 120 /* clocks of peers may be behind */

static void ca_free(struct pki_ca *ca)
{
	X509_free(ca->cert);
	pki_key_free(ca->key);
	if (ca->key_pem.ptr)
		OPENSSL_cleanse(ca->key_pem.ptr, ca->key_pem.len);
	buf_done(&ca->cert_pem);
	buf_done(&ca->key_pem);
	buf_done(&ca->chain_pem);
	buf_done(&ca->roots_pem);
	free(ca);
}

struct pki_ca *pki_ca_ref(struct pki_ca *ca)
{
	if (ca)
		__atomic_add_fetch(&ca->refs, 1, __ATOMIC_RELAXED);
	return ca;
}

void pki_ca_unref(struct pki_ca *ca)
{
	if (ca && __atomic_sub_fetch(&ca->refs, 1, __ATOMIC_ACQ_REL) == 0)
		ca_free(ca);
}

struct slice pki_ca_cert_pem(const struct pki_ca *ca)
{
	return buf_slice(&ca->cert_pem);
}

struct slice pki_ca_key_pem(const struct pki_ca *ca)
{
	return buf_slice(&ca->key_pem);
}

struct slice pki_ca_chain_pem(const struct pki_ca *ca)
{
	return buf_slice(&ca->chain_pem);
}

struct slice pki_ca_roots_pem(const struct pki_ca *ca)
{
	return buf_slice(&ca->roots_pem);
}

int64_t pki_ca_not_after_s(const struct pki_ca *ca)
{
	return ca->not_after_s;
}

/* Keys of Edwards curves bring their own digest. */
static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448") ? NULL : EVP_sha256();
}

static bool add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext && X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	return ok;
}

static bool set_serial(X509 *cert)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *n;
	bool ok;

	rand_bytes(bytes, sizeof(bytes));
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive and of constant length */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	return ok;
}

static bool add_usage(X509 *cert, X509 *issuer, const struct pki_sign *how)
{
	unsigned use = how->use ? how->use : PKI_USE_SERVER | PKI_USE_CLIENT;

	if (how->is_ca)
		return add_ext(cert, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
		       add_ext(cert, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
	return add_ext(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_ext(cert, issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
	       add_ext(cert, issuer, NID_ext_key_usage,
		       use == PKI_USE_SERVER   ? "serverAuth"
		       : use == PKI_USE_CLIENT ? "clientAuth"
					       : "serverAuth,clientAuth");
}

/* Everything but the signature. issuer is the certificate itself for a root. */
static bool fill(X509 *cert, X509 *issuer, EVP_PKEY *pubkey, const struct pki_sign *how, GENERAL_NAMES *sans)
{
	CLEANUP(X509_NAME_freep) X509_NAME *subject = pki_subject_new(how->names);
	bool empty = X509_NAME_entry_count(subject) == 0;

	if (!X509_set_version(cert, X509_VERSION_3) || !set_serial(cert) || !X509_set_pubkey(cert, pubkey) ||
	    !X509_set_subject_name(cert, subject))
		return false;
	if (!X509_set_issuer_name(cert, issuer == cert ? subject : X509_get_subject_name(issuer)))
		return false;
	if (!ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(how->now_s - BACKDATE_S)) ||
	    !ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(how->now_s + how->ttl_s)))
		return false;
	if (!add_usage(cert, issuer, how) || !add_ext(cert, issuer, NID_subject_key_identifier, "hash"))
		return false;
	/* an authority that was made elsewhere may have no key identifier to point at */
	if (X509_get0_subject_key_id(issuer) && !add_ext(cert, issuer, NID_authority_key_identifier, "keyid"))
		return false;
	/* RFC 5280 4.2.1.6: critical when the subject is empty */
	return !sans || X509_add1_ext_i2d(cert, NID_subject_alt_name, sans, empty, 0) == 1;
}

static int sign(const struct pki_ca *ca, EVP_PKEY *pubkey, const struct pki_sign *how, struct buf *out, struct err *e)
{
	CLEANUP(X509_freep) X509 *cert = X509_new();
	CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *sans = NULL;
	struct pki_sign cut = *how;
	int r = pki_san_new(how->names, &sans, e);

	if (r < 0)
		return err_wrap(e, r, "certificate");
	if (cut.ttl_s <= 0)
		return err_set(e, -EINVAL, "certificate: lifetime must be positive");
	if (cut.now_s + cut.ttl_s > ca->not_after_s)
		cut.ttl_s = ca->not_after_s - cut.now_s;
	if (cut.ttl_s <= 0)
		return err_set(e, -EINVAL, "certificate: the authority has expired");
	if (!cert || !fill(cert, ca->cert, pubkey, &cut, sans) ||
	    !X509_sign(cert, ca->key->pkey, digest_for(ca->key->pkey)))
		return pki_err(e, -EINVAL, "certificate");
	PKI_TO_PEM(out, PEM_write_bio_X509(bio, cert));
	buf_append_slice(out, buf_slice(&ca->chain_pem));
	return 0;
}

int pki_ca_sign(const struct pki_ca *ca, struct slice csr_pem, const struct pki_sign *how, struct buf *chain_pem,
		struct err *e)
{
	CLEANUP(X509_REQ_freep) X509_REQ *req = pki_read_csr(csr_pem, e);

	if (!req)
		return -EINVAL;
	if (!pki_strong_key(X509_REQ_get0_pubkey(req)))
		return err_set(e, -EINVAL, "certificate request: the key is weaker than RSA of 2048 bits");
	return sign(ca, X509_REQ_get0_pubkey(req), how, chain_pem, e);
}

int pki_ca_issue(const struct pki_ca *ca, const struct pki_key *key, const struct pki_sign *how, struct buf *chain_pem,
		 struct err *e)
{
	return sign(ca, key->pkey, how, chain_pem, e);
}

static int self_sign(struct pki_ca *ca, const char *org, int64_t now_s, int64_t ttl_s, struct err *e)
{
	const struct pki_names names = {.orgs = &org, .n_orgs = 1};
	const struct pki_sign how = {.names = &names, .now_s = now_s, .ttl_s = ttl_s, .is_ca = true};

	ca->cert = X509_new();
	if (!ca->cert || !fill(ca->cert, ca->cert, ca->key->pkey, &how, NULL) ||
	    !X509_sign(ca->cert, ca->key->pkey, digest_for(ca->key->pkey)))
		return pki_err(e, -EINVAL, "root certificate");
	return 0;
}

struct pki_ca *pki_ca_alloc(void)
{
	struct pki_ca *ca = NEW(struct pki_ca);

	ca->refs = 1;
	return ca;
}

int pki_ca_new_root(const char *org, struct slice key_pem, enum pki_key_type type, int64_t now_s, int64_t ttl_s,
		    struct pki_ca **ret, struct err *e)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = pki_ca_alloc();
	int r = 0;

	if (key_pem.len)
		r = pki_key_from_pem(key_pem, &ca->key, e);
	else
		ca->key = pki_key_new(type);
	if (r == 0)
		r = self_sign(ca, org, now_s, ttl_s, e);
	if (r < 0)
		return r;
	pki_key_to_pem(ca->key, &ca->key_pem);
	PKI_TO_PEM(&ca->cert_pem, PEM_write_bio_X509(bio, ca->cert));
	buf_append_slice(&ca->roots_pem, buf_slice(&ca->cert_pem));
	ca->not_after_s = pki_time_s(X509_get0_notAfter(ca->cert));
	*ret = take(ca);
	return 0;
}
