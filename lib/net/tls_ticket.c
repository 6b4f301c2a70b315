/*
 * Session tickets: a server seals its sessions into them and needs no memory of its own. The keys are the caller's, who
 * replaces them from time to time: what the key before sealed is still opened, and answered with a new ticket.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "net/tls_internal.h"

#define NAME_BYTES 16
#define MAC_KEY_BYTES 32
#define CIPHER_KEY_BYTES 32
#define IV_BYTES 16

_Static_assert(NAME_BYTES + MAC_KEY_BYTES + CIPHER_KEY_BYTES == TLS_TICKET_KEY_BYTES, "a key has three parts");

int tls_ticket_derive(const uint8_t *secret, struct slice context, uint8_t *out)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *c = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, TLS_TICKET_SECRET_BYTES),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)context.ptr, context.len),
		OSSL_PARAM_construct_end(),
	};
	int ok = c && EVP_KDF_derive(c, out, TLS_TICKET_KEY_BYTES, params) > 0;

	EVP_KDF_CTX_free(c);
	EVP_KDF_free(kdf);
	return ok ? 0 : -EIO;
}

static int use(const uint8_t *key, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(key + NAME_BYTES), MAC_KEY_BYTES),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_end(),
	};

	if (!EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key + NAME_BYTES + MAC_KEY_BYTES, iv, seal))
		return -1;
	return EVP_MAC_CTX_set_params(mac, params) ? 1 : -1;
}

/*
 * What OpenSSL expects: 1 = sealed, 2 = opened, and the client gets a new one (a TLS 1.3 client uses each once); 0 =
 * not ours, a full handshake; -1 = error.
 */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
		     int seal)
{
	const struct tls_ctx *ctx = ((struct tls *)SSL_get_ex_data(ssl, tls_ex_index()))->ctx;

	if (seal) {
		if (RAND_bytes(iv, IV_BYTES) != 1)
			return -1;
		memcpy(name, ctx->ticket_keys[0], NAME_BYTES);
		return use(ctx->ticket_keys[0], iv, cipher, mac, 1);
	}
	for (unsigned i = 0; i < ctx->n_ticket_keys; i++) {
		if (CRYPTO_memcmp(name, ctx->ticket_keys[i], NAME_BYTES) != 0)
			continue;
		return use(ctx->ticket_keys[i], iv, cipher, mac, 0) == 1 ? 2 : -1;
	}
	return 0;
}

void tls_ctx_set_ticket_keys(struct tls_ctx *ctx, const uint8_t *current, const uint8_t *before)
{
	memcpy(ctx->ticket_keys[0], current, TLS_TICKET_KEY_BYTES);
	if (before)
		memcpy(ctx->ticket_keys[1], before, TLS_TICKET_KEY_BYTES);
	ctx->n_ticket_keys = before ? 2 : 1;
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx->ssl_ctx, on_ticket);
}
