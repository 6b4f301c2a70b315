/*
 * A certificate authority: a signing key, its certificate, the chain above it and the roots that peers should trust.
 * Immutable; rotation makes a new one. No transport, no files: bytes in, bytes out; the time is an argument.
 */
#ifndef PKI_CA_H
#define PKI_CA_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "pki/cert.h"

struct pki_ca;

/*
 * A new self-signed root for organisation org (Istio's: "cluster.local"), valid from a little before now_s for
 * ttl_s. key: the existing private key as PEM to keep, or empty for a new one of the type.
 */
int pki_ca_new_root(const char *org, struct slice key_pem, enum pki_key_type type, int64_t now_s, int64_t ttl_s,
		    struct pki_ca **ret, struct err *e);

/*
 * Loads a plugged-in authority. cert_pem: the signing certificate (first; more are allowed), chain_pem: the
 * certificates from it up to below the root (cert-chain.pem; empty = cert_pem alone), root_pem: one or more roots
 * (empty = the self-signed cert_pem). Everything is checked that would make a peer refuse what it signs: that the key
 * fits, that it may sign, that the chain holds it and leads to a root, times, strength of keys and digests.
 * -EINVAL with the part and the reason.
 */
int pki_ca_load(struct slice cert_pem, struct slice key_pem, struct slice chain_pem, struct slice root_pem,
		int64_t now_s, struct pki_ca **ret, struct err *e);

/* One more reference; NULL gives NULL; any thread. */
struct pki_ca *pki_ca_ref(struct pki_ca *ca);
void pki_ca_unref(struct pki_ca *ca);
DEFINE_CLEANUP(struct pki_ca *, pki_ca_unref)

/* PEM texts that live as long as the authority. */
struct slice pki_ca_cert_pem(const struct pki_ca *ca);  /* the signing certificate */
struct slice pki_ca_key_pem(const struct pki_ca *ca);   /* secret */
struct slice pki_ca_chain_pem(const struct pki_ca *ca); /* intermediates sent after a leaf; empty when the root signs */
struct slice pki_ca_roots_pem(const struct pki_ca *ca);
/* The end of the signing certificate, in seconds since the epoch. */
int64_t pki_ca_not_after_s(const struct pki_ca *ca);

#define PKI_USE_SERVER 1
#define PKI_USE_CLIENT 2

struct pki_sign {
	const struct pki_names *names; /* what the certificate says; a request's own names count for nothing */
	int64_t now_s;
	int64_t ttl_s; /* cut to the authority's own end */
	unsigned use;  /* PKI_USE_*; 0 = both */
	bool is_ca;    /* an intermediate authority instead of a leaf */
};

/* Signs the public key of a request, whose signature is checked. Appends leaf and intermediates (not the root) as PEM.
 */
int pki_ca_sign(const struct pki_ca *ca, struct slice csr_pem, const struct pki_sign *how, struct buf *chain_pem,
		struct err *e);

/* The same for a key at hand: serving certificates, client certificates. */
int pki_ca_issue(const struct pki_ca *ca, const struct pki_key *key, const struct pki_sign *how, struct buf *chain_pem,
		 struct err *e);

#endif
