/* Certificates and certificate requests as values: what is in them, and making a request. */
#ifndef PKI_CERT_H
#define PKI_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "pki/key.h"

#define PKI_SANS_MAX 256          /* names taken from one certificate */
#define PKI_CHAIN_MAX 32          /* certificates in one PEM file */
#define PKI_PEM_MAX_BYTES 1048576 /* of one PEM input */

/* Subject and alternative names, as input for a certificate or request and as found in one. */
struct pki_names {
	const char *cn;
	const char *const *orgs; /* O, several allowed (Kubernetes groups) */
	size_t n_orgs;
	const char *const *dns;
	size_t n_dns;
	const char *const *ips; /* literal addresses */
	size_t n_ips;
	const char *const *uris; /* SPIFFE identities */
	size_t n_uris;
};

struct pki_cert_info {
	struct pki_names names;
	int64_t not_before_s, not_after_s; /* seconds since the epoch */
	const char *serial;                /* lower-case hex */
	const char *issuer;                /* RFC 2253 text */
	const char *subject;
	const char *sha256; /* of the DER bytes, lower-case hex */
	bool is_ca;         /* it says CA:TRUE, whatever else it may be used for */
};

/* The first certificate of a PEM text; everything in ret lives in the arena. -EINVAL. */
int pki_cert_info(struct slice pem, struct arena *a, struct pki_cert_info *ret, struct err *e);

/* How many certificates a PEM text holds; -EINVAL when one of them cannot be read or it is over PKI_CHAIN_MAX. */
int pki_cert_count(struct slice pem, struct err *e);

/* The i-th certificate of a PEM text, as PEM, appended to out. -ENOENT, -EINVAL. */
int pki_cert_split(struct slice pem, int i, struct buf *out, struct err *e);

/*
 * Whether the chain (leaf first) leads to one of the roots at now_s. -EINVAL with the reason when not.
 */
int pki_cert_verify(struct slice chain_pem, struct slice roots_pem, int64_t now_s, struct err *e);

/* Whether the key belongs to the first certificate. Returns 0 or -EINVAL. */
int pki_cert_matches_key(struct slice pem, const struct pki_key *key, struct err *e);

/* A request (PKCS#10) for the names, signed by the key: appends PEM. -EINVAL for a bad name. */
int pki_csr_new(const struct pki_key *key, const struct pki_names *names, struct buf *pem, struct err *e);

/* Checks a request's signature and reads its names. -EINVAL. */
int pki_csr_parse(struct slice pem, struct arena *a, struct pki_names *ret, struct err *e);

/* Whether every alternative name that a request asks for is one of the URIs; none at all is fine. -EACCES naming the
 * one that is not, -EINVAL for what cannot be read. */
int pki_csr_names_only(struct slice pem, const char *const *uris, size_t n_uris, struct err *e);

#endif
