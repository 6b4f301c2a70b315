/* Names in a peer's certificate: rules that must match, and decoding for identity, logs and headers. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "net/tls_internal.h"

#define NAMES_MAX 256
#define NAME_MAX_BYTES 4096
#define IP_TEXT_MAX INET6_ADDRSTRLEN

static bool rule_ok(const struct tls_san_rule *rule, struct slice name)
{
	struct slice want = slice_str(rule->value);

	switch (rule->match) {
	case TLS_MATCH_PREFIX:
		return slice_starts(name, want);
	case TLS_MATCH_SUFFIX:
		return slice_ends(name, want);
	case TLS_MATCH_CONTAINS:
		return want.len == 0 || memmem(name.ptr, name.len, want.ptr, want.len) != NULL;
	default:
		return slice_eq(name, want);
	}
}

/* "*.example.com" in a certificate stands for exactly one label (RFC 6125 6.4.3); names compare without case. */
static bool dns_ok(const struct tls_san_rule *rule, struct slice name)
{
	struct slice want = slice_str(rule->value);
	ptrdiff_t dot;

	if (rule->match != TLS_MATCH_EXACT)
		return rule_ok(rule, name);
	if (!slice_starts(name, SLICE("*.")))
		return slice_eq_nocase(name, want);
	dot = slice_find(want, '.');
	return dot > 0 && slice_eq_nocase(slice_from(want, (size_t)dot), slice_from(name, 1));
}

/* The text of a DNS, URI or IP name; empty for other kinds and for names with a NUL inside. */
static struct slice name_text(const GENERAL_NAME *g, char ip[IP_TEXT_MAX])
{
	const ASN1_STRING *s = g->d.ia5;
	struct slice text = {0};

	if (g->type == GEN_IPADD) {
		int len = ASN1_STRING_length(s);
		int family = len == 4 ? AF_INET : len == 16 ? AF_INET6 : -1;

		if (family < 0 || !inet_ntop(family, ASN1_STRING_get0_data(s), ip, IP_TEXT_MAX))
			return text;
		return slice_str(ip);
	}
	if (g->type != GEN_DNS && g->type != GEN_URI)
		return text;
	text = slice_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
	if (text.len > NAME_MAX_BYTES || memchr(text.ptr, 0, text.len))
		text.len = 0;
	return text;
}

static enum tls_san_type type_of(const GENERAL_NAME *g)
{
	return g->type == GEN_URI ? TLS_SAN_URI : g->type == GEN_DNS ? TLS_SAN_DNS : TLS_SAN_IP;
}

static bool name_matches(const struct tls_ctx *ctx, const GENERAL_NAME *g)
{
	char ip[IP_TEXT_MAX];
	struct slice text = name_text(g, ip);

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < ctx->n_sans; i++) {
		const struct tls_san_rule *r = &ctx->sans[i];

		if (r->type != TLS_SAN_ANY && r->type != type_of(g))
			continue;
		if (g->type == GEN_DNS ? dns_ok(r, text) : rule_ok(r, text))
			return true;
	}
	return false;
}

bool tls_san_ok(const struct tls_ctx *ctx, X509 *cert)
{
	GENERAL_NAMES *names;
	bool uri = false, foreign = false, other = false;

	if (ctx->n_sans == 0)
		return true;
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; !other && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		const bool matches = name_matches(ctx, g);

		if (g->type == GEN_URI)
			*(matches ? &uri : &foreign) = true;
		else
			other = matches;
	}
	GENERAL_NAMES_free(names);
	return other || (uri && !foreign);
}

static size_t collect(GENERAL_NAMES *names, int type, struct arena *a, const char *const **ret)
{
	int n = MIN(sk_GENERAL_NAME_num(names), NAMES_MAX);
	const char **out = ARENA_NEW_N(a, const char *, (size_t)MAX(n, 0));
	size_t found = 0;

	for (int i = 0; i < n; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		struct slice text;

		if (g->type != type)
			continue;
		text = name_text(g, NULL);
		if (text.len)
			out[found++] = arena_slicedup(a, text);
	}
	*ret = out;
	return found;
}

static const char *entry_text(const X509_NAME_ENTRY *entry, struct arena *a)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
	const char *text = NULL;

	if (len > 0 && len <= NAME_MAX_BYTES && !memchr(utf8, 0, (size_t)len))
		text = arena_slicedup(a, slice_make(utf8, (size_t)len));
	OPENSSL_free(utf8);
	return text;
}

static void decode_subject(X509 *cert, struct arena *a, struct tls_peer *p)
{
	const X509_NAME *name = X509_get_subject_name(cert);
	int n = MIN(X509_NAME_entry_count(name), NAMES_MAX);
	const char **orgs = ARENA_NEW_N(a, const char *, (size_t)MAX(n, 0));
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	for (int i = 0; i < n; i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
		const char *value = entry_text(entry, a);

		if (value && nid == NID_commonName)
			p->cn = value;
		else if (value && nid == NID_organizationName)
			orgs[p->n_orgs++] = value;
	}
	p->orgs = orgs;
	p->subject = "";
	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
		long len = BIO_get_mem_data(bio, &text);

		p->subject = arena_slicedup(a, slice_make(text, (size_t)len));
	}
	BIO_free(bio);
}

struct tls_peer *tls_peer_decode(X509 *cert, struct arena *a)
{
	struct tls_peer *p = ARENA_NEW(a, struct tls_peer);
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	struct tm tm = {0};

	p->n_uris = collect(names, GEN_URI, a, &p->uris);
	p->n_dns = collect(names, GEN_DNS, a, &p->dns);
	p->uri = p->n_uris ? p->uris[0] : NULL;
	GENERAL_NAMES_free(names);
	decode_subject(cert, a, p);
	if (X509_digest(cert, EVP_sha256(), digest, &len) && len == 32)
		for (unsigned i = 0; i < len; i++)
			snprintf(p->sha256 + (size_t)2 * i, 3, "%02x", digest[i]);
	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm))
		p->not_after_s = (int64_t)timegm(&tm);
	ERR_clear_error();
	return p;
}

const struct tls_peer *tls_peer(struct tls *t)
{
	X509 *cert;

	if (t->peer)
		return t->peer;
	cert = SSL_get0_peer_certificate(t->ssl);
	if (!cert || SSL_get_verify_result(t->ssl) != X509_V_OK || t->ctx->verify == TLS_VERIFY_NONE)
		return NULL;
	t->peer = tls_peer_decode(cert, &t->arena);
	return t->peer;
}

bool tls_peer_meets(struct tls *t, const struct tls_ctx *ctx)
{
	X509 *cert = SSL_get0_peer_certificate(t->ssl);

	if (ctx->verify == TLS_VERIFY_NONE)
		return true;
	if (!cert)
		return ctx->verify == TLS_VERIFY_OPTIONAL;
	return SSL_get_verify_result(t->ssl) == X509_V_OK && t->ctx->verify != TLS_VERIFY_NONE && tls_san_ok(ctx, cert);
}

int tls_peer_pem(struct tls *t, struct buf *out)
{
	X509 *cert = SSL_get0_peer_certificate(t->ssl);
	BIO *bio = cert ? BIO_new(BIO_s_mem()) : NULL;
	char *pem;

	if (!bio)
		return -ENOENT;
	if (PEM_write_bio_X509(bio, cert)) {
		long n = BIO_get_mem_data(bio, &pem);

		buf_append(out, pem, (size_t)n);
	}
	BIO_free(bio);
	return 0;
}
