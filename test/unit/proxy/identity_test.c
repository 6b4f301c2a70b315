/* Who asks for what: the client's certificate as the upstream is told of it, and the host that a request names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "pki/ca.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct rig r;
static struct pki_ca *ca;

static void assert_has(const char *text, const char *part)
{
	if (!strcasestr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/* ---- a TLS client over the loopback ---- */

struct identity {
	struct buf cert, key;
};

static void identity_new(const char *uri, const char *const *dns, size_t n_dns, struct identity *ret)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	struct pki_names names = {.uris = &uri, .n_uris = 1, .dns = dns, .n_dns = n_dns};
	struct pki_sign how = {.names = &names, .now_s = time(NULL), .ttl_s = 3600};

	memset(ret, 0, sizeof(*ret));
	assert_int_equal(pki_ca_issue(ca, key, &how, &ret->cert, NULL), 0);
	pki_key_to_pem(key, &ret->key);
}

static void identity_done(struct identity *i)
{
	buf_done(&i->cert);
	buf_done(&i->key);
}

static void put_pem(struct buf *out, struct slice pem)
{
	buf_append_str(out, "{inline_string: \"");
	for (size_t i = 0; i < pem.len; i++)
		if (pem.ptr[i] == '\n')
			buf_append_str(out, "\\n");
		else
			buf_append_char(out, pem.ptr[i]);
	buf_append_str(out, "\"}");
}

/* A listener that asks for certificates of the CA; valid until the next call. */
static const char *tls_yaml(const struct identity *server, const char *hcm)
{
	CLEANUP(buf_done) struct buf secrets = BUF_INIT;

	buf_append_str(&secrets, "secrets:\n- {name: own, tls_certificate: {certificate_chain: ");
	put_pem(&secrets, buf_slice(&server->cert));
	buf_append_str(&secrets, ", private_key: ");
	put_pem(&secrets, buf_slice(&server->key));
	buf_append_str(&secrets, "}}\n- {name: roots, validation_context: {trusted_ca: ");
	put_pem(&secrets, pki_ca_roots_pem(ca));
	buf_append_str(&secrets, "}}\n");
	return rig_http_yaml(&(struct rig_http){
		.hcm = hcm,
		.more = buf_str(&secrets),
		.chain = "transport_socket: {name: t, typed_config: {'@type': "
			 "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, "
			 "require_client_certificate: true, common_tls_context: "
			 "{tls_certificate_sds_secret_configs: [{name: own}], "
			 "validation_context_sds_secret_config: {name: roots}}}}"});
}

static void start_tls(const char *hcm)
{
	CLEANUP(identity_done) struct identity server;

	identity_new("spiffe://cluster.local/ns/ns/sa/me", NULL, 0, &server);
	rig_start(&r, tls_yaml(&server, hcm));
}

static struct tls *connect_as(const struct identity *id)
{
	struct tls_params p = {
		.verify = TLS_VERIFY_NONE, .cert_pem = buf_slice(&id->cert), .key_pem = buf_slice(&id->key)};
	struct tls_ctx *ctx = NULL;
	struct err e = ERR_INIT;
	struct tls *tls;

	if (tls_ctx_new(&p, &ctx, &e) < 0)
		fail_msg("%s", e.msg);
	tls = tls_new(ctx, loopback_connect(RIG_LISTENER), NULL, NULL);
	tls_ctx_unref(ctx);
	for (int i = 0; i < 10 && tls_handshake(tls) != TLS_DONE; i++)
		rig_run(&r);
	return tls;
}

static void say(struct tls *tls, const char *request)
{
	assert_int_equal(tls_write(tls, request, strlen(request)), strlen(request));
	rig_run(&r);
}

/* Sends a request over TLS; what the upstream gets of it. */
static const char *ask(const struct identity *id, const char *request)
{
	struct tls *tls = connect_as(id);
	int up;

	say(tls, request);
	up = rig_accept(&r);
	tls_free(tls);
	return up < 0 ? "" : loopback_got(up);
}

/* ---- X-Forwarded-Client-Cert ---- */

#define ALL "set_current_client_cert_details: {subject: true, uri: true, dns: true}"

static void client_certificates(void **state)
{
	static const struct {
		const char *hcm;
		bool has_ours, has_theirs;
	} rows[] = {
		{"forward_client_cert_details: SANITIZE", false, false},
		{"forward_client_cert_details: SANITIZE_SET, " ALL, true, false},
		{"forward_client_cert_details: APPEND_FORWARD, " ALL, true, true},
		{"forward_client_cert_details: FORWARD_ONLY", false, true},
		{"forward_client_cert_details: ALWAYS_FORWARD_ONLY", false, true},
	};
	static const char *const dns[] = {"a.example", "b.example"};
	CLEANUP(identity_done) struct identity id;

	(void)state;
	identity_new("spiffe://cluster.local/ns/shop/sa/web", dns, 2, &id);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got;

		start_tls(rows[i].hcm);
		got = ask(&id, "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Client-Cert: By=me;URI=spiffe://forged\r\n"
			       "X-Forwarded-Client-Cert: By=me;URI=spiffe://forged2\r\n\r\n");
		assert_has(got, "GET / HTTP/1.1");
		if ((strstr(got, "forged") != NULL) != rows[i].has_theirs ||
		    (strstr(got, "URI=spiffe://cluster.local/ns/shop/sa/web;DNS=a.example;DNS=b.example\r\n") !=
		     NULL) != rows[i].has_ours)
			fail_msg("%s: %s", rows[i].hcm, got);
		if (rows[i].has_ours)
			assert_has(got, "By=spiffe://cluster.local/ns/ns/sa/me;Hash=");
		rig_stop(&r);
	}
}

/* It is made once for a connection, as long as nothing else is wanted. */
static void client_certificate_under_another_configuration(void **state)
{
	static const char *const dns[] = {"a.example"};
	CLEANUP(identity_done) struct identity id, server;
	struct tls *tls;
	const char *got;
	int up;

	(void)state;
	identity_new("spiffe://cluster.local/ns/ns/sa/me", NULL, 0, &server);
	identity_new("spiffe://cluster.local/ns/shop/sa/web", dns, 1, &id);
	rig_start(&r, tls_yaml(&server, "forward_client_cert_details: SANITIZE_SET, " ALL));
	tls = connect_as(&id);
	say(tls, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
	up = rig_accept(&r);
	assert_has(loopback_got(up), ";URI=spiffe://cluster.local/ns/shop/sa/web;DNS=a.example\r\n");
	rig_send(&r, up, OK);
	say(tls, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_has(loopback_got(up), ";URI=spiffe://cluster.local/ns/shop/sa/web;DNS=a.example\r\n");
	rig_send(&r, up, OK);
	rig_configure(&r, tls_yaml(&server, "forward_client_cert_details: SANITIZE_SET, "
					    "set_current_client_cert_details: {uri: true}"));
	say(tls, "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
	got = loopback_got(up);
	assert_has(got, "GET /3 ");
	assert_has(got, ";URI=spiffe://cluster.local/ns/shop/sa/web\r\n");
	tls_free(tls);
	rig_stop(&r);
}

/* Over plain text there is no client certificate, and what the client claims is no better. */
static void without_a_certificate(void **state)
{
	static const struct {
		const char *hcm;
		bool kept;
	} rows[] = {
		{"forward_client_cert_details: SANITIZE", false},
		{"forward_client_cert_details: SANITIZE_SET", false},
		{"forward_client_cert_details: APPEND_FORWARD", false},
		{"forward_client_cert_details: FORWARD_ONLY", false},
		{"forward_client_cert_details: ALWAYS_FORWARD_ONLY", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = rows[i].hcm}));
		(void)rig_request(&r,
				  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Client-Cert: URI=spiffe://forged\r\n\r\n");
		if ((strstr(loopback_got(rig_accept(&r)), "forged") != NULL) != rows[i].kept)
			fail_msg("%s", rows[i].hcm);
		rig_stop(&r);
	}
}

/* As long as it is, and no name can be read as another element. */
static void long_and_odd_names(void **state)
{
	enum { N = 60 };
	static char text[N][64];
	const char *dns[N + 1];
	CLEANUP(identity_done) struct identity id;
	const char *got;

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(text[i], sizeof(text[i]), "name-%d.of.many.that.make.it.long.example", i);
		dns[i] = text[i];
	}
	dns[N] = "x;URI=spiffe://forged,By=\"y\"";
	identity_new("spiffe://cluster.local/ns/shop/sa/web", dns, N + 1, &id);
	start_tls("forward_client_cert_details: SANITIZE_SET, " ALL);
	got = ask(&id, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_has(got, ";DNS=name-59.of.many.that.make.it.long.example;");
	assert_has(got, ";DNS=\"x;URI=spiffe://forged,By=\\\"y\\\"\"\r\n");
	rig_stop(&r);
}

/* ---- hosts ---- */

static void hosts(void **state)
{
	static const struct {
		const char *line, *host, *status, *sent;
	} rows[] = {
		{"GET http://a.example/x HTTP/1.1", "a.example", NULL, "GET /x HTTP/1.1\r\nHost: a.example\r\n"},
		{"GET http://a.example/x HTTP/1.1", "A.Example", NULL, "host: a.example\r\n"},
		{"GET http://a.example:80/x HTTP/1.1", "a.example", NULL, "host: a.example:80\r\n"},
		{"GET http://a.example HTTP/1.1", "a.example", NULL, "GET / HTTP/1.1\r\n"},
		{"GET http://a.example/x HTTP/1.1", "b.example", "400", NULL},
		{"GET http://a.example:81/x HTTP/1.1", "a.example", "400", NULL},
		{"GET http://a.example/x HTTP/1.1", "a.example:81", "400", NULL},
		{"GET http://u@a.example/x HTTP/1.1", "a.example", "400", NULL},
		{"GET http://a.example?/x HTTP/1.1", "a.example", "400", NULL},
		{"GET http://a.example|b/x HTTP/1.1", "a.example|b", "400", NULL},
		{"GET http:///x HTTP/1.1", "a.example", "400", NULL},
		{"GET ftp://a.example/x HTTP/1.1", "a.example", "400", NULL},
		{"CONNECT b.example:443 HTTP/1.1", "a.example", NULL,
		 "CONNECT b.example:443 HTTP/1.1\r\nhost: b.example:443\r\n"},
		{"CONNECT b.example:443/x HTTP/1.1", "b.example", "400", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char request[300];
		const char *got;
		int client, up;

		rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = "upgrade_configs: [{upgrade_type: CONNECT}]"}));
		snprintf(request, sizeof(request), "%s\r\nHost: %s\r\n\r\n", rows[i].line, rows[i].host);
		client = rig_request(&r, request);
		up = rig_accept(&r);
		if ((up >= 0) != (rows[i].sent != NULL))
			fail_msg("%s with %s: %s", rows[i].line, rows[i].host, loopback_got(client));
		if (rows[i].sent) {
			got = loopback_got(up);
			assert_has(got, rows[i].sent);
		} else {
			got = loopback_got(client);
			assert_has(got, rows[i].status);
		}
		rig_stop(&r);
	}
}

/* ---- heads that do not fit ---- */

static void put_header(struct buf *out, int i)
{
	buf_printf(out, "{header: {key: x-%d, value: v}, append_action: APPEND_IF_EXISTS_OR_ADD}, ", i);
}

/* With as many fields as a client may send and more than there is room for beside them. */
static void too_many_fields(void **state)
{
	CLEANUP(buf_done) struct buf add = BUF_INIT, request = BUF_INIT, answer = BUF_INIT;
	int client, up;

	(void)state;
	buf_append_str(&add, "request_headers_to_add: [");
	for (int i = 0; i < 40; i++)
		put_header(&add, i);
	buf_append_str(&add, "], response_headers_to_add: [");
	for (int i = 0; i < 60; i++)
		put_header(&add, i);
	buf_append_str(&add, "]");
	buf_append_str(&request, "GET / HTTP/1.1\r\nHost: a\r\n");
	buf_append_str(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
	for (int i = 0; i < HTTP_FIELDS_MAX - 1; i++) {
		buf_printf(&request, "y-%d: v\r\n", i);
		buf_printf(&answer, "y-%d: v\r\n", i);
	}
	buf_append_str(&request, "\r\n");
	buf_append_str(&answer, "\r\n");
	rig_start(&r, rig_http_yaml(&(struct rig_http){.around = buf_str(&add)}));
	client = rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	up = rig_accept(&r);
	assert_has(loopback_got(up), "x-39: v\r\n");
	rig_send(&r, up, buf_str(&answer));
	assert_has(loopback_got(client), "HTTP/1.1 502");
	assert_has(rig_log(&r), "502 UPE response_headers_too_large");
	rig_stop(&r);
	buf_clear(&add);
	buf_append_str(&add, "request_headers_to_add: [");
	for (int i = 0; i < 60; i++)
		put_header(&add, i);
	buf_append_str(&add, "]");
	rig_start(&r, rig_http_yaml(&(struct rig_http){.around = buf_str(&add)}));
	client = rig_request(&r, buf_str(&request));
	assert_has(loopback_got(client), "HTTP/1.1 431");
	assert_has(rig_log(&r), "431 - request_headers_too_large");
	/* Not one byte of it went out. */
	up = rig_accept(&r);
	assert_true(up < 0 || !loopback_got(up)[0]);
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_active, 0);
	rig_stop(&r);
}

/* Few fields, many bytes: what is added passes the buffer. */
static void too_many_bytes(void **state)
{
	static char value[6001];
	CLEANUP(buf_done) struct buf add = BUF_INIT, request = BUF_INIT;
	int client, up = -1;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	buf_printf(&add, "request_headers_to_add: [{header: {key: x, value: %s}}]", value);
	rig_start(&r, rig_http_yaml(&(struct rig_http){.around = buf_str(&add)}));
	buf_append_str(&request, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < 10; i++)
		buf_printf(&request, "y: %s\r\n", value);
	buf_append_str(&request, "\r\n");
	client = rig_request(&r, buf_str(&request));
	assert_has(loopback_got(client), "HTTP/1.1 431");
	client = rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	for (int next; (next = rig_accept(&r)) >= 0;)
		up = next;
	assert_has(loopback_got(up), "x: vvvv");
	rig_stop(&r);
}

static int make_ca(void **state)
{
	(void)state;
	return pki_ca_new_root("test", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL);
}

static int free_ca(void **state)
{
	(void)state;
	pki_ca_unref(ca);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_certificates),
		cmocka_unit_test(client_certificate_under_another_configuration),
		cmocka_unit_test(without_a_certificate),
		cmocka_unit_test(long_and_odd_names),
		cmocka_unit_test(hosts),
		cmocka_unit_test(too_many_fields),
		cmocka_unit_test(too_many_bytes),
	};

	return cmocka_run_group_tests(tests, make_ca, free_ca);
}
