/*
 * Renewal of a root of our own: the same key and name under a new certificate, before the old one ends. Whoever trusts
 * either of them trusts what both signed; the old ones stay among the roots until they have ended.
 */
#include <string.h>

#include "discovery/authority_internal.h"
#include "pki/cert.h"

bool authority_renewal_due(const struct pki_ca *ca, int64_t now_s, unsigned percent)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf first = BUF_INIT;
	struct pki_cert_info info;

	/* somebody else's, which signed an intermediate that stands in the Secret, is not ours to renew */
	if (pki_cert_split(pki_ca_roots_pem(ca), 0, &first, NULL) < 0 ||
	    pki_cert_info(pki_ca_cert_pem(ca), &a, &info, NULL) < 0 || strcmp(info.issuer, info.subject) != 0)
		return false;
	return now_s >= info.not_after_s - (info.not_after_s - info.not_before_s) * percent / 100;
}

bool authority_has_ended(struct slice pem, int64_t now_s)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct pki_cert_info info;

	return pki_cert_info(pem, &a, &info, NULL) == 0 && info.not_after_s <= now_s;
}

int authority_renew(const struct pki_ca *ca, const char *org, int64_t now_s, int64_t ttl_s, struct pki_ca **ret,
		    struct err *e)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *fresh = NULL;
	CLEANUP(buf_done) struct buf roots = BUF_INIT;
	const int n = pki_cert_count(pki_ca_roots_pem(ca), e);
	int r = n < 0 ? n : pki_ca_new_root(org, pki_ca_key_pem(ca), PKI_KEY_RSA2048, now_s, ttl_s, &fresh, e);

	if (r < 0)
		return r;
	buf_append_slice(&roots, pki_ca_cert_pem(fresh));
	for (int i = 0; i < n && i < AUTHORITY_ROOTS_MAX - 1; i++) {
		CLEANUP(buf_done) struct buf one = BUF_INIT;

		if (pki_cert_split(pki_ca_roots_pem(ca), i, &one, NULL) == 0 &&
		    !authority_has_ended(buf_slice(&one), now_s))
			buf_append_slice(&roots, buf_slice(&one));
	}
	return pki_ca_load(pki_ca_cert_pem(fresh), pki_ca_key_pem(ca), (struct slice){NULL, 0}, buf_slice(&roots),
			   now_s, ret, e);
}
