/* TLS of the server: contexts from PEM texts, and who a client certificate names. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "web/conn_internal.h"

DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(SSL_CTX *, SSL_CTX_free)

static int ssl_error(struct err *e, const char *what)
{
	char text[160];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return err_set(e, -EINVAL, "%s: %s", what, text);
}

static int use_chain(SSL_CTX *ctx, struct slice pem, struct err *e)
{
	CLEANUP(BIO_free_allp) BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	CLEANUP(X509_freep) X509 *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509 *more;

	if (!leaf || SSL_CTX_use_certificate(ctx, leaf) != 1)
		return ssl_error(e, "certificate");
	while ((more = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		SSL_CTX_add_extra_chain_cert(ctx, more);
	ERR_clear_error();
	return 0;
}

static int use_key(SSL_CTX *ctx, struct slice pem, struct err *e)
{
	CLEANUP(BIO_free_allp) BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	CLEANUP(EVP_PKEY_freep) EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	if (!key || SSL_CTX_use_PrivateKey(ctx, key) != 1)
		return ssl_error(e, "private key");
	return 0;
}

static int trust(SSL_CTX *ctx, const struct web_config *c, struct err *e)
{
	CLEANUP(BIO_free_allp) BIO *bio = BIO_new_mem_buf(c->client_ca_pem.ptr, (int)c->client_ca_pem.len);
	X509 *ca;
	size_t n = 0;

	while ((ca = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca);
		SSL_CTX_add_client_CA(ctx, ca);
		X509_free(ca);
		n++;
	}
	ERR_clear_error();
	if (!n)
		return err_set(e, -EINVAL, "client CA: no certificate");
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (c->client_cert_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
			   NULL);
	return 0;
}

/* Only HTTP/1.1 is spoken; a client that offers ALPN without it goes on without. */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
		       unsigned int in_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto((unsigned char **)out, out_len, ours, sizeof(ours) - 1, in, in_len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	return SSL_TLSEXT_ERR_OK;
}

SSL_CTX *web_tls_context(const struct web_config *c, struct slice cert, struct slice key, struct err *e)
{
	CLEANUP(SSL_CTX_freep) SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	static const unsigned char session_id[] = "weft";

	if (!ctx) {
		ssl_error(e, "TLS");
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_id_context(ctx, session_id, sizeof(session_id) - 1);
	SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
	if (use_chain(ctx, cert, e) < 0 || use_key(ctx, key, e) < 0)
		return NULL;
	if (SSL_CTX_check_private_key(ctx) != 1) {
		ssl_error(e, "private key of another certificate");
		return NULL;
	}
	if (c->client_ca_pem.len && trust(ctx, c, e) < 0)
		return NULL;
	return take(ctx);
}

static struct slice name_text(struct arena *a, X509_NAME_ENTRY *entry)
{
	unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
	struct slice s = {"", 0};

	if (n >= 0) {
		s = slice_make(arena_slicedup(a, slice_make(utf8, (size_t)n)), (size_t)n);
		OPENSSL_free(utf8);
	}
	return s;
}

void web_tls_identify(struct web_conn *c)
{
	CLEANUP(X509_freep) X509 *cert = SSL_get1_peer_certificate(c->ssl);

	if (!cert || SSL_get_verify_result(c->ssl) != X509_V_OK)
		return;
	X509_NAME *subject = X509_get_subject_name(cert);
	int n = X509_NAME_entry_count(subject);

	c->peer_orgs = ARENA_NEW_N(&c->arena, struct slice, (size_t)n);
	for (int i = 0; i < n; i++) {
		X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));

		if (nid == NID_commonName)
			c->peer_cn = name_text(&c->arena, entry);
		else if (nid == NID_organizationName)
			c->peer_orgs[c->peer_org_count++] = name_text(&c->arena, entry);
	}
}
