/*
 * Loading an authority that somebody else made. It is refused unless a certificate that it signs would be accepted by a
 * peer that knows its roots: everything that can be wrong with it is found here, once, and not by proxies later.
 */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/mem.h"
#include "pki/ca.h"
#include "pki/pki_internal.h"

static bool self_signed(const X509 *cert)
{
	return X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) == 0;
}

/* A root's own signature proves nothing, so it does not matter how it was made. */
static int check_strength(const X509 *cert, const char *what, struct err *e)
{
	int bits = 0;

	if (!pki_strong_key(X509_get0_pubkey(cert)))
		return err_set(e, -EINVAL, "%s: the key is weaker than RSA of 2048 bits", what);
	if (!self_signed(cert) && X509_get_signature_info((X509 *)cert, NULL, NULL, &bits, NULL) &&
	    bits < PKI_STRENGTH_MIN_BITS)
		return err_set(e, -EINVAL, "%s: it was signed with a digest weaker than SHA-224", what);
	return 0;
}

static bool holds(STACK_OF(X509) * chain, const X509 *cert)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (X509_cmp(sk_X509_value(chain, i), cert) == 0)
			return true;
	return false;
}

/* What goes after a leaf: the signing certificate and what is above it, without self-signed ones. */
static int load_chain(struct pki_ca *ca, struct slice chain_pem, struct err *e)
{
	CLEANUP(pki_chain_free) STACK_OF(X509) *chain = pki_read_chain(chain_pem, e);
	int r;

	if (!chain)
		return err_wrap(e, -EINVAL, "certificate chain");
	if (!self_signed(ca->cert) && !holds(chain, ca->cert))
		return err_set(e, -EINVAL, "certificate chain: the signing certificate is not in it");
	for (int i = 0; i < sk_X509_num(chain); i++) {
		r = check_strength(sk_X509_value(chain, i), "certificate chain", e);
		if (r < 0)
			return r;
		if (!self_signed(sk_X509_value(chain, i)))
			PKI_TO_PEM(&ca->chain_pem, PEM_write_bio_X509(bio, sk_X509_value(chain, i)));
	}
	return 0;
}

static int check_roots(struct slice pem, struct err *e)
{
	CLEANUP(pki_chain_free) STACK_OF(X509) *roots = pki_read_chain(pem, e);
	int r = 0;

	if (!roots)
		return err_wrap(e, -EINVAL, "roots");
	for (int i = 0; r == 0 && i < sk_X509_num(roots); i++) {
		if (X509_check_ca(sk_X509_value(roots, i)) < 1)
			return err_set(e, -EINVAL, "roots: certificate %d is not an authority's", i);
		r = check_strength(sk_X509_value(roots, i), "roots", e);
	}
	return r;
}

static int check_signer(const struct pki_ca *ca, struct err *e)
{
	if (!X509_check_private_key(ca->cert, ca->key->pkey)) {
		ERR_clear_error();
		return err_set(e, -EINVAL, "signing certificate and key do not belong together");
	}
	if (X509_check_ca(ca->cert) != 1)
		return err_set(e, -EINVAL, "signing certificate: it may not sign: CA:TRUE and keyCertSign are needed");
	return check_strength(ca->cert, "signing certificate", e);
}

/* The proof: a leaf is signed and looked at as a peer would. */
static int check_leaf(const struct pki_ca *ca, int64_t now_s, struct err *e)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	const char *org = "probe";
	const struct pki_names names = {.orgs = &org, .n_orgs = 1};
	const struct pki_sign how = {.names = &names, .now_s = now_s, .ttl_s = 60};
	int r = pki_ca_issue(ca, key, &how, &chain, e);

	return r < 0 ? r : pki_cert_verify(buf_slice(&chain), buf_slice(&ca->roots_pem), now_s, e);
}

static int load(struct pki_ca *ca, struct slice cert_pem, struct slice key_pem, struct slice chain_pem,
		struct slice root_pem, struct err *e)
{
	int r = pki_key_from_pem(key_pem, &ca->key, e);

	if (r < 0)
		return r;
	ca->cert = pki_read_cert(cert_pem, e);
	if (!ca->cert)
		return err_wrap(e, -EINVAL, "signing certificate");
	pki_key_to_pem(ca->key, &ca->key_pem);
	PKI_TO_PEM(&ca->cert_pem, PEM_write_bio_X509(bio, ca->cert));
	buf_append_slice(&ca->roots_pem, root_pem.len ? root_pem : buf_slice(&ca->cert_pem));
	ca->not_after_s = pki_time_s(X509_get0_notAfter(ca->cert));
	r = check_signer(ca, e);
	if (r == 0)
		r = check_roots(buf_slice(&ca->roots_pem), e);
	return r < 0 ? r : load_chain(ca, chain_pem.len ? chain_pem : cert_pem, e);
}

int pki_ca_load(struct slice cert_pem, struct slice key_pem, struct slice chain_pem, struct slice root_pem,
		int64_t now_s, struct pki_ca **ret, struct err *e)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = pki_ca_alloc();
	int r = load(ca, cert_pem, key_pem, chain_pem, root_pem, e);

	if (r == 0)
		r = check_leaf(ca, now_s, e);
	if (r < 0)
		return err_wrap(e, r, "authority");
	*ret = take(ca);
	return 0;
}
