/* What the files of this module share: OpenSSL handles behind the opaque types, and names in certificates. */
#ifndef PKI_PKI_INTERNAL_H
#define PKI_PKI_INTERNAL_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "pki/ca.h"
#include "pki/cert.h"
#include "pki/key.h"

#define PKI_STRENGTH_MIN_BITS 112 /* NIST SP 800-57: RSA of 2048 bits, P-224, SHA-224 */

struct pki_key {
	EVP_PKEY *pkey;
};

struct pki_ca {
	unsigned refs;
	X509 *cert;
	struct pki_key *key;
	struct buf cert_pem, key_pem, chain_pem, roots_pem;
	int64_t not_after_s;
};

/* An empty one with one reference. */
struct pki_ca *pki_ca_alloc(void);

/* Whether a key withstands what PKI_STRENGTH_MIN_BITS says. */
bool pki_strong_key(const EVP_PKEY *key);

/* Seconds since the epoch; 0 when it is no time. */
int64_t pki_time_s(const ASN1_TIME *t);

/* Sets "what: reason of the library's last error", clears its queue, returns code. */
int pki_err(struct err *e, int code, const char *what);

/* A read-only BIO over the bytes; NULL when they are too long. */
BIO *pki_bio(struct slice s);

/* Appends an object as PEM, written by the statement `write`, which uses the BIO `bio`. */
#define PKI_TO_PEM(out, write)                                                                                         \
	do {                                                                                                           \
		BIO *bio = BIO_new(BIO_s_mem());                                                                       \
		char *pem_;                                                                                            \
		if (bio && (write)) {                                                                                  \
			long n_ = BIO_get_mem_data(bio, &pem_);                                                        \
			buf_append((out), pem_, (size_t)n_);                                                           \
		}                                                                                                      \
		BIO_free(bio);                                                                                         \
	} while (0)

/* The certificates of a PEM text; NULL with a message when there is none or one is broken. */
STACK_OF(X509) * pki_read_chain(struct slice pem, struct err *e);
/* The first certificate of a PEM text, or NULL with a message; the caller frees it. */
X509 *pki_read_cert(struct slice pem, struct err *e);

/* A request whose signature is good. */
X509_REQ *pki_read_csr(struct slice pem, struct err *e);

/* The subject of names as an X509_NAME; the caller frees it. */
X509_NAME *pki_subject_new(const struct pki_names *n);

/* The subjectAltName extension of names; *ret NULL when there are none. */
int pki_san_new(const struct pki_names *n, GENERAL_NAMES **ret, struct err *e);

/* Reads subject and alternative names into the arena. */
void pki_names_read(const X509_NAME *subject, const GENERAL_NAMES *sans, struct arena *a, struct pki_names *ret);

static inline void X509_freep(X509 **p)
{
	X509_free(*p);
}
static inline void X509_REQ_freep(X509_REQ **p)
{
	X509_REQ_free(*p);
}
static inline void X509_NAME_freep(X509_NAME **p)
{
	X509_NAME_free(*p);
}
static inline void GENERAL_NAMES_freep(GENERAL_NAMES **p)
{
	GENERAL_NAMES_free(*p);
}
static inline void pki_chain_free(STACK_OF(X509) * *p)
{
	sk_X509_pop_free(*p, X509_free);
}

#endif
