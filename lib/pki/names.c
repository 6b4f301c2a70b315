/* Subjects and alternative names, to and from OpenSSL's forms. */
#include <string.h>

#include <arpa/inet.h>
#include <openssl/err.h>

#include "base/vec.h"
#include "pki/pki_internal.h"

#define NAME_MAX_BYTES 4096

static void subject_add(X509_NAME *name, const char *field, const char *value)
{
	X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0);
}

X509_NAME *pki_subject_new(const struct pki_names *n)
{
	X509_NAME *name = X509_NAME_new();

	for (size_t i = 0; i < n->n_orgs; i++)
		subject_add(name, "O", n->orgs[i]);
	if (n->cn && *n->cn)
		subject_add(name, "CN", n->cn);
	return name;
}

static int san_add(GENERAL_NAMES *sans, int type, const void *bytes, size_t len)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_STRING *s = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

	if (!g || !s || !ASN1_STRING_set(s, bytes, (int)len)) {
		GENERAL_NAME_free(g);
		ASN1_STRING_free(s);
		return -ENOMEM;
	}
	GENERAL_NAME_set0_value(g, type, s);
	if (!sk_GENERAL_NAME_push(sans, g)) {
		GENERAL_NAME_free(g);
		return -ENOMEM;
	}
	return 0;
}

static int san_add_ip(GENERAL_NAMES *sans, const char *text, struct err *e)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return san_add(sans, GEN_IPADD, bytes, 4);
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return san_add(sans, GEN_IPADD, bytes, 16);
	return err_set(e, -EINVAL, "alternative name \"%s\" is no IP address", text);
}

static int san_add_text(GENERAL_NAMES *sans, int type, const char *text, struct err *e)
{
	size_t len = strlen(text);

	if (len == 0 || len > NAME_MAX_BYTES)
		return err_set(e, -EINVAL, "alternative name must be 1..%d bytes", NAME_MAX_BYTES);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] > 126)
			return err_set(e, -EINVAL, "alternative name holds a character that is not allowed");
	return san_add(sans, type, text, len);
}

int pki_san_new(const struct pki_names *n, GENERAL_NAMES **ret, struct err *e)
{
	CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *sans = GENERAL_NAMES_new();
	int r = 0;

	for (size_t i = 0; r == 0 && i < n->n_uris; i++)
		r = san_add_text(sans, GEN_URI, n->uris[i], e);
	for (size_t i = 0; r == 0 && i < n->n_dns; i++)
		r = san_add_text(sans, GEN_DNS, n->dns[i], e);
	for (size_t i = 0; r == 0 && i < n->n_ips; i++)
		r = san_add_ip(sans, n->ips[i], e);
	if (r < 0)
		return r;
	*ret = sk_GENERAL_NAME_num(sans) > 0 ? take(sans) : NULL;
	return 0;
}

/* A NUL inside a name is an attack (CVE-2009-2408): such a name is dropped. */
static const char *text_of(const ASN1_STRING *s, struct arena *a)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	size_t len = (size_t)ASN1_STRING_length(s);

	if (len == 0 || len > NAME_MAX_BYTES || memchr(p, 0, len))
		return NULL;
	return arena_slicedup(a, slice_make(p, len));
}

struct texts {
	const char **v;
	size_t n, cap;
};

struct names {
	struct texts orgs, dns, ips, uris;
};

static void push_text(struct arena *a, struct texts *v, const ASN1_STRING *s)
{
	const char *text = text_of(s, a);

	if (text && v->n < PKI_SANS_MAX)
		vec_push(v, text);
}

static void push_ip(struct arena *a, struct names *n, const ASN1_OCTET_STRING *s)
{
	char text[INET6_ADDRSTRLEN];
	int family = ASN1_STRING_length(s) == 4 ? AF_INET : ASN1_STRING_length(s) == 16 ? AF_INET6 : -1;

	if (family >= 0 && inet_ntop(family, ASN1_STRING_get0_data(s), text, sizeof(text)) && n->ips.n < PKI_SANS_MAX)
		vec_push(&n->ips, arena_strdup(a, text));
}

static const char *const *keep(struct arena *a, const char **v, size_t n)
{
	const char **copy = ARENA_NEW_N(a, const char *, n);

	if (n)
		memcpy(copy, v, n * sizeof(*v));
	free(v);
	return copy;
}

static void read_subject(const X509_NAME *subject, struct arena *a, struct names *n, struct pki_names *ret)
{
	for (int i = 0; i < X509_NAME_entry_count(subject); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
		unsigned char *utf8 = NULL;
		int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));

		if (len > 0 && len <= NAME_MAX_BYTES && !memchr(utf8, 0, (size_t)len)) {
			const char *text = arena_slicedup(a, slice_make(utf8, (size_t)len));

			if (nid == NID_commonName)
				ret->cn = text;
			else if (nid == NID_organizationName && n->orgs.n < PKI_SANS_MAX)
				vec_push(&n->orgs, text);
		}
		OPENSSL_free(utf8);
	}
	ERR_clear_error();
}

void pki_names_read(const X509_NAME *subject, const GENERAL_NAMES *sans, struct arena *a, struct pki_names *ret)
{
	struct names n = {0};

	memset(ret, 0, sizeof(*ret));
	read_subject(subject, a, &n, ret);
	for (int i = 0; sans && i < sk_GENERAL_NAME_num(sans); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(sans, i);

		if (g->type == GEN_DNS)
			push_text(a, &n.dns, g->d.dNSName);
		else if (g->type == GEN_URI)
			push_text(a, &n.uris, g->d.uniformResourceIdentifier);
		else if (g->type == GEN_IPADD)
			push_ip(a, &n, g->d.iPAddress);
	}
	ret->n_orgs = n.orgs.n, ret->orgs = keep(a, n.orgs.v, n.orgs.n);
	ret->n_dns = n.dns.n, ret->dns = keep(a, n.dns.v, n.dns.n);
	ret->n_ips = n.ips.n, ret->ips = keep(a, n.ips.v, n.ips.n);
	ret->n_uris = n.uris.n, ret->uris = keep(a, n.uris.v, n.uris.n);
}
