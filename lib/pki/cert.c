/* Reading certificates and requests, checking chains, making requests. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "pki/cert.h"
#include "pki/pki_internal.h"

X509 *pki_read_cert(struct slice pem, struct err *e)
{
	BIO *bio = pki_bio(pem);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (!cert)
		pki_err(e, -EINVAL, "certificate");
	return cert;
}

/* The text is over when PEM finds no further start line; anything else is an error. */
static bool at_end(void)
{
	unsigned long last = ERR_peek_last_error();
	bool end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;

	if (end)
		ERR_clear_error();
	return end;
}

STACK_OF(X509) * pki_read_chain(struct slice pem, struct err *e)
{
	BIO *bio = pki_bio(pem);
	CLEANUP(pki_chain_free) STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *cert;

	if (!bio || !chain) {
		BIO_free(bio);
		err_set(e, -EMSGSIZE, "certificates: more than %d bytes", PKI_PEM_MAX_BYTES);
		return NULL;
	}
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		if (sk_X509_num(chain) >= PKI_CHAIN_MAX || !sk_X509_push(chain, cert)) {
			X509_free(cert);
			BIO_free(bio);
			err_set(e, -EMSGSIZE, "certificates: more than %d", PKI_CHAIN_MAX);
			return NULL;
		}
	}
	BIO_free(bio);
	if (!at_end()) {
		pki_err(e, -EINVAL, "certificates");
		return NULL;
	}
	if (sk_X509_num(chain) == 0) {
		err_set(e, -EINVAL, "certificates: none in the text");
		return NULL;
	}
	return take(chain);
}

int pki_cert_count(struct slice pem, struct err *e)
{
	CLEANUP(pki_chain_free) STACK_OF(X509) *chain = pki_read_chain(pem, e);

	return chain ? sk_X509_num(chain) : -EINVAL;
}

int pki_cert_split(struct slice pem, int i, struct buf *out, struct err *e)
{
	CLEANUP(pki_chain_free) STACK_OF(X509) *chain = pki_read_chain(pem, e);

	if (!chain)
		return -EINVAL;
	if (i < 0 || i >= sk_X509_num(chain))
		return err_set(e, -ENOENT, "no certificate number %d", i);
	PKI_TO_PEM(out, PEM_write_bio_X509(bio, sk_X509_value(chain, i)));
	return 0;
}

int64_t pki_time_s(const ASN1_TIME *t)
{
	struct tm tm = {0};

	if (!ASN1_TIME_to_tm(t, &tm))
		return 0;
	return (int64_t)timegm(&tm);
}

static const char *name_text(const X509_NAME *name, struct arena *a)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	PKI_TO_PEM(&text, X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0);
	return arena_slicedup(a, buf_slice(&text));
}

static const char *hex(const unsigned char *bytes, size_t n, struct arena *a)
{
	char *out = arena_alloc(a, 2 * n + 1);

	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return out;
}

int pki_cert_info(struct slice pem, struct arena *a, struct pki_cert_info *ret, struct err *e)
{
	CLEANUP(X509_freep) X509 *cert = pki_read_cert(pem, e);
	CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *sans = NULL;
	const ASN1_INTEGER *serial;
	unsigned char digest[32];
	unsigned len = 0;

	if (!cert)
		return -EINVAL;
	memset(ret, 0, sizeof(*ret));
	sans = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	pki_names_read(X509_get_subject_name(cert), sans, a, &ret->names);
	ret->not_before_s = pki_time_s(X509_get0_notBefore(cert));
	ret->not_after_s = pki_time_s(X509_get0_notAfter(cert));
	serial = X509_get0_serialNumber(cert);
	ret->serial = hex(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial), a);
	ret->issuer = name_text(X509_get_issuer_name(cert), a);
	ret->subject = name_text(X509_get_subject_name(cert), a);
	if (!X509_digest(cert, EVP_sha256(), digest, &len))
		return pki_err(e, -EINVAL, "certificate");
	ret->sha256 = hex(digest, len, a);
	ret->is_ca = (X509_get_extension_flags(cert) & EXFLAG_CA) != 0;
	ERR_clear_error();
	return 0;
}

static int verify(X509_STORE_CTX *ctx, X509_STORE *store, STACK_OF(X509) * chain, STACK_OF(X509) * roots, int64_t now_s)
{
	X509_VERIFY_PARAM *param;

	for (int i = 0; i < sk_X509_num(roots); i++)
		X509_STORE_add_cert(store, sk_X509_value(roots, i));
	if (!X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain))
		return X509_V_ERR_OUT_OF_MEM;
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	if (X509_verify_cert(ctx) == 1)
		return X509_V_OK;
	return X509_STORE_CTX_get_error(ctx);
}

int pki_cert_verify(struct slice chain_pem, struct slice roots_pem, int64_t now_s, struct err *e)
{
	CLEANUP(pki_chain_free) STACK_OF(X509) *chain = pki_read_chain(chain_pem, e);
	CLEANUP(pki_chain_free) STACK_OF(X509) *roots = chain ? pki_read_chain(roots_pem, e) : NULL;
	X509_STORE *store;
	X509_STORE_CTX *ctx;
	int r = X509_V_ERR_OUT_OF_MEM;

	if (!chain || !roots)
		return -EINVAL;
	store = X509_STORE_new();
	ctx = X509_STORE_CTX_new();
	if (store && ctx)
		r = verify(ctx, store, chain, roots, now_s);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	if (r != X509_V_OK)
		return err_set(e, -EINVAL, "certificate chain: %s", X509_verify_cert_error_string(r));
	return 0;
}

int pki_cert_matches_key(struct slice pem, const struct pki_key *key, struct err *e)
{
	CLEANUP(X509_freep) X509 *cert = pki_read_cert(pem, e);

	if (!cert)
		return -EINVAL;
	if (!X509_check_private_key(cert, key->pkey))
		return pki_err(e, -EINVAL, "certificate and key");
	return 0;
}

static int csr_add_sans(X509_REQ *req, GENERAL_NAMES *sans)
{
	STACK_OF(X509_EXTENSION) *exts = NULL;
	int ok;

	if (!sans)
		return 1;
	ok = X509V3_add1_i2d(&exts, NID_subject_alt_name, sans, 0, X509V3_ADD_DEFAULT) &&
	     X509_REQ_add_extensions(req, exts);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return ok;
}

int pki_csr_new(const struct pki_key *key, const struct pki_names *names, struct buf *pem, struct err *e)
{
	CLEANUP(X509_REQ_freep) X509_REQ *req = X509_REQ_new();
	CLEANUP(X509_NAME_freep) X509_NAME *subject = pki_subject_new(names);
	CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *sans = NULL;
	int r = pki_san_new(names, &sans, e);

	if (r < 0)
		return err_wrap(e, r, "certificate request");
	if (!req || !X509_REQ_set_version(req, 0) || !X509_REQ_set_subject_name(req, subject) ||
	    !X509_REQ_set_pubkey(req, key->pkey) || !csr_add_sans(req, sans) ||
	    !X509_REQ_sign(req, key->pkey, EVP_sha256()))
		return pki_err(e, -EINVAL, "certificate request");
	PKI_TO_PEM(pem, PEM_write_bio_X509_REQ(bio, req));
	return 0;
}

X509_REQ *pki_read_csr(struct slice pem, struct err *e)
{
	BIO *bio = pki_bio(pem);
	X509_REQ *req = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key;

	BIO_free(bio);
	if (!req) {
		pki_err(e, -EINVAL, "certificate request");
		return NULL;
	}
	key = X509_REQ_get0_pubkey(req);
	if (!key || X509_REQ_verify(req, key) != 1) {
		pki_err(e, -EINVAL, "certificate request: signature");
		X509_REQ_free(req);
		return NULL;
	}
	return req;
}

int pki_csr_parse(struct slice pem, struct arena *a, struct pki_names *ret, struct err *e)
{
	CLEANUP(X509_REQ_freep) X509_REQ *req = pki_read_csr(pem, e);
	STACK_OF(X509_EXTENSION) * exts;
	CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *sans = NULL;

	if (!req)
		return -EINVAL;
	exts = X509_REQ_get_extensions(req);
	if (exts)
		sans = X509V3_get_d2i(exts, NID_subject_alt_name, NULL, NULL);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	pki_names_read(X509_REQ_get_subject_name(req), sans, a, ret);
	ERR_clear_error();
	return 0;
}

static bool name_is_one_of(const GENERAL_NAME *g, const char *const *uris, size_t n_uris)
{
	const ASN1_STRING *s = g->type == GEN_URI ? g->d.uniformResourceIdentifier : NULL;
	const struct slice text = s ? slice_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)) : SLICE("");

	for (size_t i = 0; s && i < n_uris; i++)
		if (slice_eq_str(text, uris[i]))
			return true;
	return false;
}

int pki_csr_names_only(struct slice pem, const char *const *uris, size_t n_uris, struct err *e)
{
	CLEANUP(X509_REQ_freep) X509_REQ *req = pki_read_csr(pem, e);
	CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *sans = NULL;
	STACK_OF(X509_EXTENSION) * exts;
	int found = -1; /* of OpenSSL: -1 = the extension is not there; -2 = it is there twice */

	if (!req)
		return -EINVAL;
	exts = X509_REQ_get_extensions(req);
	if (exts)
		sans = X509V3_get_d2i(exts, NID_subject_alt_name, &found, NULL);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	ERR_clear_error();
	if (!sans && found != -1)
		return err_set(e, -EINVAL, "certificate request: its alternative names cannot be read");
	for (int i = 0; sans && i < sk_GENERAL_NAME_num(sans); i++)
		if (!name_is_one_of(sk_GENERAL_NAME_value(sans, i), uris, n_uris))
			return err_set(e, -EACCES,
				       "certificate request: alternative name %d is not the caller's own: "
				       "%s is expected",
				       i, uris[0]);
	return 0;
}
