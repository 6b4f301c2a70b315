/* Keys by OpenSSL's EVP interface. A key is immutable after it was made, so it may be shared by threads. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/log.h"
#include "base/mem.h"
#include "pki/key.h"
#include "pki/pki_internal.h"

int pki_err(struct err *e, int code, const char *what)
{
	unsigned long last = ERR_peek_last_error();
	const char *reason = last ? ERR_reason_error_string(last) : NULL;

	ERR_clear_error();
	return err_set(e, code, "%s: %s", what, reason ? reason : "invalid");
}

bool pki_strong_key(const EVP_PKEY *key)
{
	return key && EVP_PKEY_get_security_bits(key) >= PKI_STRENGTH_MIN_BITS;
}

BIO *pki_bio(struct slice s)
{
	if (s.len > PKI_PEM_MAX_BYTES)
		return NULL;
	return BIO_new_mem_buf(s.len ? s.ptr : "", (int)s.len);
}

static struct pki_key *key_wrap(EVP_PKEY *pkey)
{
	struct pki_key *k = NEW(struct pki_key);

	k->pkey = pkey;
	return k;
}

struct pki_key *pki_key_new(enum pki_key_type type)
{
	EVP_PKEY *pkey = NULL;

	switch (type) {
	case PKI_KEY_P384:
		pkey = EVP_EC_gen("P-384");
		break;
	case PKI_KEY_RSA2048:
		pkey = EVP_RSA_gen(2048);
		break;
	case PKI_KEY_RSA4096:
		pkey = EVP_RSA_gen(4096);
		break;
	default:
		pkey = EVP_EC_gen("P-256");
	}
	if (!pkey) {
		log_error("pki", "the cryptographic library cannot make a key; giving up");
		abort();
	}
	return key_wrap(pkey);
}

/* An encrypted key must not make the library ask on the terminal. */
static int no_password(char *out, int size, int rwflag, void *arg)
{
	(void)out, (void)size, (void)rwflag, (void)arg;
	return -1;
}

int pki_key_from_pem(struct slice pem, struct pki_key **ret, struct err *e)
{
	BIO *bio = pki_bio(pem);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	if (!pkey)
		return pki_err(e, -EINVAL, "private key");
	*ret = key_wrap(pkey);
	return 0;
}

int pki_key_from_public_pem(struct slice pem, struct pki_key **ret, struct err *e)
{
	BIO *bio = pki_bio(pem);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	if (!pkey) {
		CLEANUP(X509_freep) X509 *cert = pki_read_cert(pem, NULL);

		pkey = cert ? X509_get_pubkey(cert) : NULL;
	}
	if (!pkey)
		return pki_err(e, -EINVAL, "public key");
	ERR_clear_error();
	*ret = key_wrap(pkey);
	return 0;
}

void pki_key_to_pem(const struct pki_key *k, struct buf *out)
{
	PKI_TO_PEM(out, PEM_write_bio_PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL));
}

void pki_key_to_public_pem(const struct pki_key *k, struct buf *out)
{
	PKI_TO_PEM(out, PEM_write_bio_PUBKEY(bio, k->pkey));
}

enum pki_key_type pki_key_type(const struct pki_key *k)
{
	char group[64] = "";
	size_t len;

	if (EVP_PKEY_is_a(k->pkey, "RSA"))
		return EVP_PKEY_get_bits(k->pkey) > 2048 ? PKI_KEY_RSA4096 : PKI_KEY_RSA2048;
	if (EVP_PKEY_is_a(k->pkey, "EC") && EVP_PKEY_get_group_name(k->pkey, group, sizeof(group), &len)) {
		if (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0)
			return PKI_KEY_P256;
		if (strcmp(group, "secp384r1") == 0 || strcmp(group, "P-384") == 0)
			return PKI_KEY_P384;
	}
	return PKI_KEY_OTHER;
}

void pki_key_free(struct pki_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

bool pki_key_strong(const struct pki_key *k)
{
	return pki_strong_key(k->pkey);
}
