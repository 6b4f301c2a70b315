/* Two TLS connections over a socket pair: identities, refusals, ALPN, resumption; and ClientHellos looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>

#include "net/tls_internal.h"
#include "pki/ca.h"

static struct pki_ca *ca, *other_ca;

struct identity {
	struct buf cert, key;
};

static void identity_new(struct pki_ca *from, const char *uri, const char *dns, struct identity *ret)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	struct pki_names names = {.uris = &uri, .n_uris = uri ? 1 : 0, .dns = &dns, .n_dns = dns ? 1 : 0};
	struct pki_sign how = {.names = &names, .now_s = time(NULL), .ttl_s = 3600};

	memset(ret, 0, sizeof(*ret));
	assert_int_equal(0, pki_ca_issue(from, key, &how, &ret->cert, NULL));
	pki_key_to_pem(key, &ret->key);
}

static void identity_done(struct identity *i)
{
	buf_done(&i->cert);
	buf_done(&i->key);
}

struct pair {
	int fd[2];
	struct tls *client, *server;
};

static void pair_done(struct pair *p)
{
	tls_free(p->client);
	tls_free(p->server);
	close(p->fd[0]);
	close(p->fd[1]);
}

/* Drives both sides; returns true when both finished. */
static bool pair_connect(struct pair *p, struct tls_ctx *client, struct tls_ctx *server, const char *sni,
			 struct tls_resume *resume)
{
	enum tls_result c = TLS_WANT_READ, s = TLS_WANT_READ;
	char byte;

	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fd));
	p->client = tls_new(client, p->fd[0], sni, resume);
	p->server = tls_new(server, p->fd[1], NULL, NULL);
	assert_non_null(p->client);
	for (int i = 0; i < 10; i++) {
		if (c != TLS_DONE && c != TLS_ERROR)
			c = tls_handshake(p->client);
		if (s != TLS_DONE && s != TLS_ERROR)
			s = tls_handshake(p->server);
	}
	/* TLS 1.3: the server's refusal of a certificate comes after the client's handshake */
	if (c == TLS_DONE && tls_read(p->client, &byte, 1) == TLS_ERROR)
		c = TLS_ERROR;
	return c == TLS_DONE && s == TLS_DONE;
}

static const char *const istio_alpn[] = {"istio-peer-exchange", "istio"};
static const char *const h2_alpn[] = {"istio", "h2"};

static struct tls_ctx *ctx_new(struct tls_params p, const struct identity *id, struct pki_ca *roots)
{
	struct tls_ctx *ctx = NULL;
	struct err e = ERR_INIT;

	if (id) {
		p.cert_pem = buf_slice(&id->cert);
		p.key_pem = buf_slice(&id->key);
	}
	p.roots_pem = pki_ca_roots_pem(roots);
	if (tls_ctx_new(&p, &ctx, &e) < 0)
		fail_msg("%s", e.msg);
	return ctx;
}

static void mutual(void **state)
{
	const struct tls_san_rule good = {TLS_MATCH_PREFIX, "spiffe://cluster.local/ns/shop/"};
	struct tls_params cp = {
		.verify = TLS_VERIFY_REQUIRED, .sans = &good, .n_sans = 1, .alpn = istio_alpn, .n_alpn = 2};
	struct tls_params sp = {.server = true, .verify = TLS_VERIFY_REQUIRED, .alpn = h2_alpn, .n_alpn = 2};
	CLEANUP(identity_done) struct identity a, b;
	CLEANUP(pair_done) struct pair p = {0};
	char text[6];

	(void)state;
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/a", NULL, &a);
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/b", NULL, &b);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = ctx_new(cp, &a, ca);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = ctx_new(sp, &b, ca);
	assert_true(pair_connect(&p, cc, sc, "b.shop.svc", NULL));
	assert_string_equal("spiffe://cluster.local/ns/shop/sa/b", tls_peer(p.client)->uri);
	assert_string_equal("spiffe://cluster.local/ns/shop/sa/a", tls_peer(p.server)->uri);
	/* The client sent its issuer along, too: nobody asks for it any more. */
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(p.server->ssl)), 0);
	assert_int_equal(sk_X509_num(SSL_get0_verified_chain(p.server->ssl)), 0);
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(p.client->ssl)), 2);
	assert_string_equal("spiffe://cluster.local/ns/shop/sa/b", tls_ctx_local_uri(sc));
	assert_int_equal(64, strlen(tls_peer(p.server)->sha256));
	assert_true(slice_eq_str(tls_alpn(p.server), "istio"));
	assert_string_equal("b.shop.svc", tls_server_name(p.server));
	assert_string_equal("TLSv1.3", tls_version_name(p.client));
	assert_int_equal(5, tls_write(p.client, "hello", 5));
	assert_int_equal(5, tls_read(p.server, text, sizeof(text)));
	assert_int_equal(TLS_WANT_READ, tls_read(p.server, text, sizeof(text)));
	assert_int_equal(TLS_DONE, tls_shutdown(p.client));
	assert_int_equal(TLS_DONE, tls_read(p.server, text, sizeof(text)));
}

static void refusals(void **state)
{
	const struct tls_san_rule wrong = {TLS_MATCH_EXACT, "spiffe://cluster.local/ns/shop/sa/c"};
	struct tls_params sp = {.server = true, .verify = TLS_VERIFY_REQUIRED};
	CLEANUP(identity_done) struct identity a, b, foreign;

	(void)state;
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/a", "b.shop.svc", &a);
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/b", "*.shop.svc", &b);
	identity_new(other_ca, "spiffe://cluster.local/ns/shop/sa/a", NULL, &foreign);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = ctx_new(sp, &b, ca);
	sp.verify = TLS_VERIFY_OPTIONAL;
	sp.groups = "P-384";
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *p384 = ctx_new(sp, &b, ca);
	sp.groups = NULL;
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *optional = ctx_new(sp, &b, ca);
	const struct {
		const char *name;
		struct tls_params p;
		struct identity *id;
		struct pki_ca *roots;
		struct tls_ctx *server;
		const char *sni;
		bool ok;
	} rows[] = {
		{"wrong SAN", {.verify = TLS_VERIFY_REQUIRED, .sans = &wrong, .n_sans = 1}, &a, ca, sc, NULL, false},
		{"unknown root", {.verify = TLS_VERIFY_REQUIRED}, &a, other_ca, sc, NULL, false},
		{"no client certificate", {.verify = TLS_VERIFY_NONE}, NULL, ca, sc, NULL, false},
		{"foreign client certificate", {.verify = TLS_VERIFY_NONE}, &foreign, ca, sc, NULL, false},
		{"name", {.verify = TLS_VERIFY_REQUIRED}, &a, ca, sc, "b.shop.svc", true},
		{"wrong name", {.verify = TLS_VERIFY_REQUIRED}, &a, ca, sc, "b.other.svc", false},
		{"a common group", {.verify = TLS_VERIFY_REQUIRED, .groups = "P-384"}, &a, ca, p384, NULL, true},
		{"no common group", {.verify = TLS_VERIFY_REQUIRED, .groups = "X25519"}, &a, ca, p384, NULL, false},
		{"optional, none", {.verify = TLS_VERIFY_REQUIRED}, NULL, ca, optional, NULL, true},
		{"optional, foreign", {.verify = TLS_VERIFY_REQUIRED}, &foreign, ca, optional, NULL, false},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = ctx_new(rows[i].p, rows[i].id, rows[i].roots);
		CLEANUP(pair_done) struct pair p = {0};

		if (pair_connect(&p, cc, rows[i].server, rows[i].sni, NULL) != rows[i].ok)
			fail_msg("%s: %s / %s", rows[i].name, tls_error(p.client), tls_error(p.server));
	}
}

/* A connection that is there, looked at with the rules of another context. */
static void meets_other_rules(void **state)
{
	const struct tls_san_rule good = {TLS_MATCH_EXACT, "spiffe://cluster.local/ns/shop/sa/a"};
	const struct tls_san_rule wrong = {TLS_MATCH_EXACT, "spiffe://cluster.local/ns/shop/sa/c"};
	CLEANUP(identity_done) struct identity a, b;
	const struct {
		enum tls_verify verify;
		const struct tls_san_rule *rule;
		bool named, nameless; /* a client with a certificate, and one without */
	} rows[] = {
		{TLS_VERIFY_NONE, &wrong, true, true},    {TLS_VERIFY_OPTIONAL, NULL, true, true},
		{TLS_VERIFY_REQUIRED, NULL, true, false}, {TLS_VERIFY_REQUIRED, &good, true, false},
		{TLS_VERIFY_OPTIONAL, &good, true, true}, {TLS_VERIFY_REQUIRED, &wrong, false, false},
	};

	(void)state;
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/a", NULL, &a);
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/b", NULL, &b);
	for (int with = 0; with < 2; with++) {
		struct tls_params cp = {.verify = TLS_VERIFY_REQUIRED},
				  sp = {.server = true, .verify = TLS_VERIFY_OPTIONAL};
		CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = ctx_new(cp, with ? &a : NULL, ca);
		CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = ctx_new(sp, &b, ca);
		CLEANUP(pair_done) struct pair p = {0};
		assert_true(pair_connect(&p, cc, sc, NULL, NULL));
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct tls_params op = {.server = true,
						.verify = rows[i].verify,
						.sans = rows[i].rule,
						.n_sans = rows[i].rule != NULL};
			CLEANUP(tls_ctx_unrefp) struct tls_ctx *other = ctx_new(op, &b, ca);
			if (tls_peer_meets(p.server, other) != (with ? rows[i].named : rows[i].nameless))
				fail_msg("row %zu, certificate %d", i, with);
		}
	}
}

/* Certificates with any names; the chain is good in each case. */
static void identity_with(const struct pki_names *names, struct identity *ret)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	struct pki_sign how = {.names = names, .now_s = time(NULL), .ttl_s = 3600};

	memset(ret, 0, sizeof(*ret));
	assert_int_equal(0, pki_ca_issue(ca, key, &how, &ret->cert, NULL));
	pki_key_to_pem(key, &ret->key);
}

#define MINE "spiffe://cluster.local/ns/shop/sa/a"
#define FOREIGN "spiffe://other.example/ns/shop/sa/a"

/* A server of the mesh wants an identity of its trust domain, not just any certificate that the CA has signed.
 */
static void identity_of_the_mesh(void **state)
{
	static const struct tls_san_rule mesh[] = {{TLS_MATCH_PREFIX, "spiffe://cluster.local/", TLS_SAN_URI},
						   {TLS_MATCH_PREFIX, "spiffe://old.example/", TLS_SAN_URI}};
	static const char *const dns_only[] = {"a.shop.svc"}, *const disguised[] = {MINE};
	static const struct {
		const char *name;
		const char *uris[2];
		size_t n_uris;
		const char *const *dns;
		size_t n_dns;
		bool ok;
	} rows[] = {
		{"own trust domain", {MINE}, 1, NULL, 0, true},
		{"own trust domain and a DNS name", {MINE}, 1, dns_only, 1, true},
		{"alias", {"spiffe://old.example/ns/shop/sa/a"}, 1, NULL, 0, true},
		{"another trust domain", {FOREIGN}, 1, NULL, 0, false},
		{"a longer trust domain", {"spiffe://cluster.local.evil/ns/shop/sa/a"}, 1, NULL, 0, false},
		{"another one beside ours", {FOREIGN, MINE}, 2, NULL, 0, false},
		{"ours beside another one", {MINE, FOREIGN}, 2, NULL, 0, false},
		{"a DNS name only", {NULL}, 0, dns_only, 1, false},
		{"an identity as DNS name", {NULL}, 0, disguised, 1, false},
		{"no name at all", {NULL}, 0, NULL, 0, false},
	};
	struct tls_params cp = {.verify = TLS_VERIFY_NONE};
	struct tls_params sp = {.server = true, .verify = TLS_VERIFY_REQUIRED, .sans = mesh, .n_sans = 2};
	CLEANUP(identity_done) struct identity server;

	(void)state;
	identity_new(ca, MINE, NULL, &server);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = ctx_new(sp, &server, ca);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct pki_names names = {
			.uris = rows[i].uris, .n_uris = rows[i].n_uris, .dns = rows[i].dns, .n_dns = rows[i].n_dns};
		CLEANUP(identity_done) struct identity id;
		CLEANUP(pair_done) struct pair p = {0};

		identity_with(&names, &id);
		CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = ctx_new(cp, &id, ca);
		if (pair_connect(&p, cc, sc, NULL, NULL) != rows[i].ok)
			fail_msg("%s: %s", rows[i].name, tls_error(p.server));
	}
}

static void resumes(void **state)
{
	struct tls_params cp = {.verify = TLS_VERIFY_REQUIRED}, sp = {.server = true, .verify = TLS_VERIFY_OPTIONAL};
	struct tls_resume resume = {0};
	CLEANUP(identity_done) struct identity a;

	(void)state;
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/a", NULL, &a);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = ctx_new(cp, &a, ca);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = ctx_new(sp, &a, ca);
	for (int i = 0; i < 3; i++) {
		CLEANUP(pair_done) struct pair p = {0};

		assert_true(pair_connect(&p, cc, sc, NULL, &resume));
		assert_int_equal(i > 0, tls_resumed(p.client));
		assert_non_null(tls_peer(p.server));
		assert_non_null(tls_peer(p.client));
	}
	tls_resume_done(&resume);
}

/* Keys are replaced: what the last one sealed is resumed and sealed anew, what is older is not. */
static void tickets_rotate(void **state)
{
	struct tls_params cp = {.verify = TLS_VERIFY_REQUIRED}, sp = {.server = true, .verify = TLS_VERIFY_OPTIONAL};
	uint8_t secret[TLS_TICKET_SECRET_BYTES] = {1}, other[TLS_TICKET_SECRET_BYTES] = {2},
		keys[4][TLS_TICKET_KEY_BYTES];
	struct tls_resume resume = {0};
	CLEANUP(identity_done) struct identity a;
	const struct {
		int current, before;
		bool resumed;
	} rows[] = {{0, -1, false}, {0, -1, true}, {1, 0, true}, {1, -1, true}, {3, 2, false}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(0, tls_ticket_derive(i < 2 ? secret : other, slice_str(i % 2 ? "b" : "a"), keys[i]));
		for (int k = 0; k < i; k++)
			assert_memory_not_equal(keys[i], keys[k], 16);
	}
	assert_memory_not_equal(keys[0] + 16, keys[0] + 48, 32);
	identity_new(ca, "spiffe://cluster.local/ns/shop/sa/a", NULL, &a);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = ctx_new(cp, &a, ca);
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *sc = ctx_new(sp, &a, ca);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(pair_done) struct pair p = {0};

		tls_ctx_set_ticket_keys(sc, keys[rows[i].current], rows[i].before < 0 ? NULL : keys[rows[i].before]);
		assert_true(pair_connect(&p, cc, sc, NULL, &resume));
		if (tls_resumed(p.client) != rows[i].resumed)
			fail_msg("row %zu", i);
		assert_non_null(tls_peer(p.server));
	}
	tls_resume_done(&resume);
}

static void looks_at_hellos(void **state)
{
	struct tls_params cp = {.alpn = istio_alpn, .n_alpn = 2};
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *cc = ctx_new(cp, NULL, ca);
	struct pair p = {0};
	struct tls_hello hello;
	char bytes[4096];
	ssize_t n;

	(void)state;
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p.fd));
	p.client = tls_new(cc, p.fd[0], "shop.example.com", NULL);
	assert_int_equal(TLS_WANT_READ, tls_handshake(p.client));
	n = recv(p.fd[1], bytes, sizeof(bytes), MSG_PEEK);
	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(0, tls_hello_parse(slice_make(bytes, (size_t)i), &hello));
	assert_int_equal(1, tls_hello_parse(slice_make(bytes, (size_t)n), &hello));
	assert_true(hello.is_tls);
	assert_true(slice_eq_str(hello.server_name, "shop.example.com"));
	assert_int_equal(2, hello.n_alpn);
	assert_true(slice_eq_str(hello.alpn[1], "istio"));
	assert_int_equal(0x0304, hello.version);
	pair_done(&p);
	assert_int_equal(1, tls_hello_parse(SLICE("GET / HTTP/1.1\r\n"), &hello));
	assert_false(hello.is_tls);
}

static int setup(void **state)
{
	(void)state;
	return pki_ca_new_root("a", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL) |
	       pki_ca_new_root("b", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &other_ca, NULL);
}

static int teardown(void **state)
{
	(void)state;
	pki_ca_unref(ca);
	pki_ca_unref(other_ca);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutual),
		cmocka_unit_test(refusals),
		cmocka_unit_test(meets_other_rules),
		cmocka_unit_test(identity_of_the_mesh),
		cmocka_unit_test(resumes),
		cmocka_unit_test(tickets_rotate),
		cmocka_unit_test(looks_at_hellos),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
