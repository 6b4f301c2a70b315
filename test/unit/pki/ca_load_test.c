/* Authorities that somebody else made: whatever a peer would refuse is refused here, with the part and the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "pki/ca.h"
#include "pki/cert.h"

#define NOW_S 1700000000
#define DAY_S 86400

/* --- certificates that our own code does not make --- */

struct pair {
	EVP_PKEY *key;
	X509 *cert;
	char *key_pem, *cert_pem;
};

struct odd {
	const char *key;         /* "rsa1024", "p256" (default), "ed25519" */
	const char *constraints; /* NULL = "critical,CA:TRUE"; "" = none */
	const char *usage;       /* NULL = "keyCertSign"; "" = none */
	bool sha1;
	int from_s, until_s; /* from NOW_S; 0, 0 = a year either way */
};

static char *pem_text(BIO *bio)
{
	char *p, *copy;
	long n = BIO_get_mem_data(bio, &p);

	copy = strndup(p, (size_t)n);
	BIO_free(bio);
	return copy;
}

static EVP_PKEY *key_new(const char *type)
{
	if (type && strcmp(type, "rsa1024") == 0)
		return EVP_RSA_gen(1024);
	if (type && strcmp(type, "ed25519") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return EVP_EC_gen("P-256");
}

static void add_ext(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = *value ? X509V3_EXT_conf_nid(NULL, NULL, nid, value) : NULL;

	if (ext)
		X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

/* issuer NULL: self-signed */
static struct pair pair_new(const char *cn, const struct pair *issuer, const struct odd *o)
{
	struct pair p = {.key = key_new(o->key), .cert = X509_new()};
	X509_NAME *name = X509_get_subject_name(p.cert);
	EVP_PKEY *signer = issuer ? issuer->key : p.key;
	const bool ed = EVP_PKEY_is_a(signer, "ED25519");
	BIO *bio;

	X509_set_version(p.cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(p.cert), rand());
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(p.cert, issuer ? X509_get_subject_name(issuer->cert) : name);
	ASN1_TIME_set(X509_getm_notBefore(p.cert), NOW_S + (o->from_s ? o->from_s : -365 * DAY_S));
	ASN1_TIME_set(X509_getm_notAfter(p.cert), NOW_S + (o->until_s ? o->until_s : 365 * DAY_S));
	X509_set_pubkey(p.cert, p.key);
	add_ext(p.cert, NID_basic_constraints, o->constraints ? o->constraints : "critical,CA:TRUE");
	add_ext(p.cert, NID_key_usage, o->usage ? o->usage : "critical,keyCertSign");
	assert_true(X509_sign(p.cert, signer, ed ? NULL : o->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, p.cert);
	p.cert_pem = pem_text(bio);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, p.key, NULL, NULL, 0, NULL, NULL);
	p.key_pem = pem_text(bio);
	return p;
}

static void pair_done(struct pair *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
	free(p->key_pem);
	free(p->cert_pem);
}

static int load(const char *cert, const char *key, const char *chain, const char *roots, struct err *e)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	int r = pki_ca_load(slice_str(cert), slice_str(key), slice_str(chain), slice_str(roots), NOW_S, &ca, e);

	assert_int_equal(r == 0, ca != NULL);
	assert_int_equal(0, ERR_peek_error());
	return r;
}

/* A root and a signing authority below it, either of them odd. */
static void odd_authorities(void **state)
{
	static const struct {
		const char *what;
		struct odd root, signer;
		const char *says; /* NULL = it is good */
	} rows[] = {
		{"plain", {0}, {0}, NULL},
		{"Edwards curve", {.key = "ed25519"}, {.key = "ed25519"}, NULL},
		{"root with room for one", {.constraints = "critical,CA:TRUE,pathlen:1"}, {0}, NULL},
		{"weak root key", {.key = "rsa1024"}, {0}, "roots: the key is weaker"},
		{"weak signing key", {0}, {.key = "rsa1024"}, "signing certificate: the key is weaker"},
		{"SHA-1 below the root", {0}, {.sha1 = true}, "digest weaker"},
		{"SHA-1 of the root itself", {.sha1 = true}, {0}, NULL},
		{"no authority", {0}, {.constraints = "CA:FALSE"}, "signing certificate: it may not sign"},
		{"no constraints", {0}, {.constraints = ""}, "signing certificate: it may not sign"},
		{"may not sign", {0}, {.usage = "digitalSignature"}, "signing certificate: it may not sign"},
		{"root is no authority",
		 {.constraints = "CA:FALSE"},
		 {0},
		 "roots: certificate 0 is not an authority's"},
		{"too deep", {.constraints = "critical,CA:TRUE,pathlen:0"}, {0}, "path length constraint exceeded"},
		{"expired", {0}, {.until_s = -1}, "the authority has expired"},
		{"root expired", {.until_s = -1}, {0}, "certificate has expired"},
		{"not yet", {0}, {.from_s = 60}, "not yet valid"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pair root = pair_new("root", NULL, &rows[i].root);
		struct pair signer = pair_new("signer", &root, &rows[i].signer);
		struct err e = ERR_INIT;
		int r = load(signer.cert_pem, signer.key_pem, "", root.cert_pem, &e);

		if ((r == 0) != !rows[i].says || (r < 0 && !strstr(e.msg, rows[i].says)))
			fail_msg("%s: %d %s", rows[i].what, r, e.msg);
		pair_done(&root);
		pair_done(&signer);
	}
}

static char *join(const char *a, const char *b)
{
	char *out = malloc(strlen(a) + strlen(b) + 1);

	strcpy(stpcpy(out, a), b);
	return out;
}

static void chains_of_three(void **state)
{
	const struct odd plain = {0};
	struct pair root = pair_new("root", NULL, &plain), middle = pair_new("middle", &root, &plain),
		    signer = pair_new("signer", &middle, &plain), other = pair_new("another", NULL, &plain);
	CLEANUP(freep) char *up = join(signer.cert_pem, middle.cert_pem);
	CLEANUP(freep) char *down = join(middle.cert_pem, signer.cert_pem);
	CLEANUP(freep) char *whole = join(up, root.cert_pem);
	CLEANUP(freep) char *bundle = join(other.cert_pem, root.cert_pem);
	CLEANUP(freep) char *torn = join(root.cert_pem, "-----BEGIN CERTIFICATE-----\nrubbish\n");
	const struct {
		const char *chain, *roots, *says;
	} rows[] = {
		{up, root.cert_pem, NULL},
		{whole, root.cert_pem, NULL},
		{down, root.cert_pem, NULL},
		{up, bundle, NULL},
		{signer.cert_pem, root.cert_pem, "unable to get local issuer certificate"},
		{middle.cert_pem, root.cert_pem, "the signing certificate is not in it"},
		{up, other.cert_pem, "certificate"},
		{up, torn, "roots"},
		{"rubbish", root.cert_pem, "certificate chain: certificates: none in the text"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		int r = load(signer.cert_pem, signer.key_pem, rows[i].chain, rows[i].roots, &e);

		if ((r == 0) != !rows[i].says || (r < 0 && !strstr(e.msg, rows[i].says)))
			fail_msg("%zu: %d %s", i, r, e.msg);
	}
	pair_done(&root);
	pair_done(&middle);
	pair_done(&signer);
	pair_done(&other);
}

/* The root signs by itself: nothing goes after a leaf. */
static void a_root_alone(void **state)
{
	const struct odd plain = {0};
	struct pair root = pair_new("root", NULL, &plain), other = pair_new("other", NULL, &plain);
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(0, pki_ca_load(slice_str(root.cert_pem), slice_str(root.key_pem), slice_str(""), slice_str(""),
					NOW_S, &ca, NULL));
	assert_int_equal(0, pki_ca_chain_pem(ca).len);
	assert_int_equal(-EINVAL, load(root.cert_pem, other.key_pem, "", "", &e));
	assert_string_equal("authority: signing certificate and key do not belong together", e.msg);
	assert_int_equal(-EINVAL, load(root.cert_pem, root.key_pem, "", other.cert_pem, NULL));
	assert_int_equal(-EINVAL, load("", "", "", "", NULL));
	pair_done(&root);
	pair_done(&other);
}

/* A key with a password must neither be asked for on the terminal nor be taken for another fault. */
static void a_key_with_a_password(void **state)
{
	const struct odd plain = {0};
	struct pair root = pair_new("root", NULL, &plain);
	BIO *bio = BIO_new(BIO_s_mem());
	char *locked;
	struct err e = ERR_INIT;

	(void)state;
	PEM_write_bio_PrivateKey(bio, root.key, EVP_aes_128_cbc(), (const unsigned char *)"x", 1, NULL, NULL);
	locked = pem_text(bio);
	assert_int_equal(-EINVAL, load(root.cert_pem, locked, "", "", &e));
	assert_non_null(strstr(e.msg, "private key"));
	free(locked);
	pair_done(&root);
}

/* Never longer than the authority, never without an end, never an authority unless asked for. */
static void what_is_signed(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *uri = "spiffe://a/ns/b/sa/c";
	const struct pki_names names = {.uris = &uri, .n_uris = 1};
	const struct {
		int64_t now_s, ttl_s, until_s; /* until_s 0 = refused */
	} rows[] = {
		{NOW_S, 60, NOW_S + 60}, {NOW_S, 2 * DAY_S, NOW_S + DAY_S},      {NOW_S, 0, 0}, {NOW_S, -1, 0},
		{NOW_S + DAY_S, 60, 0},  {NOW_S + DAY_S - 1, 60, NOW_S + DAY_S},
	};

	(void)state;
	assert_int_equal(0, pki_ca_new_root("o", slice_str(""), PKI_KEY_P256, NOW_S, DAY_S, &ca, NULL));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct pki_sign how = {.names = &names, .now_s = rows[i].now_s, .ttl_s = rows[i].ttl_s};
		CLEANUP(buf_done) struct buf chain = BUF_INIT;
		struct pki_cert_info info;

		if (!rows[i].until_s) {
			assert_int_equal(-EINVAL, pki_ca_issue(ca, key, &how, &chain, NULL));
			continue;
		}
		assert_int_equal(0, pki_ca_issue(ca, key, &how, &chain, NULL));
		assert_int_equal(0, pki_cert_info(buf_slice(&chain), &a, &info, NULL));
		assert_int_equal(rows[i].until_s, info.not_after_s);
		assert_false(info.is_ca);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_authorities), cmocka_unit_test(chains_of_three),
		cmocka_unit_test(a_root_alone),    cmocka_unit_test(a_key_with_a_password),
		cmocka_unit_test(what_is_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
