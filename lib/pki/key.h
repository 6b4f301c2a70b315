/* Private keys: made here, or read from PEM. */
#ifndef PKI_KEY_H
#define PKI_KEY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

struct pki_key;

enum pki_key_type { PKI_KEY_P256, PKI_KEY_P384, PKI_KEY_RSA2048, PKI_KEY_RSA4096, PKI_KEY_OTHER };

/* A new key; ends the process when the library cannot make one. RSA takes up to a second. */
struct pki_key *pki_key_new(enum pki_key_type type);

/* Reads an unencrypted PKCS#8, SEC1 or PKCS#1 key. -EINVAL. */
int pki_key_from_pem(struct slice pem, struct pki_key **ret, struct err *e);

/* Reads a public key ("BEGIN PUBLIC KEY") or that of a certificate, for verifying. -EINVAL. */
int pki_key_from_public_pem(struct slice pem, struct pki_key **ret, struct err *e);

/* Appends PKCS#8 PEM; keep it out of logs. */
void pki_key_to_pem(const struct pki_key *k, struct buf *out);

/* Appends the public half, "BEGIN PUBLIC KEY". */
void pki_key_to_public_pem(const struct pki_key *k, struct buf *out);

/* The kind of key it is, from its algorithm and size. */
enum pki_key_type pki_key_type(const struct pki_key *k);

/* Frees the key. NULL is fine. */
void pki_key_free(struct pki_key *k);
DEFINE_CLEANUP(struct pki_key *, pki_key_free)

/* Whether the key is at least as strong as RSA of 2048 bits; weaker ones are refused by proxies. */
bool pki_key_strong(const struct pki_key *k);

#endif
