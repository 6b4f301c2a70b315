/* Documents over HTTPS: the server's certificate must end at one of the system's roots, or at one of a file's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/fetch.h"
#include "pki/ca.h"
#include "web/server.h"

static char said[256];
static bool done;

static void on_request(void *user, struct web_request *r)
{
	(void)user;
	web_reply_text(r, 200, "keys");
}

static void on_done(void *arg, struct slice body, const char *error)
{
	(void)arg;
	snprintf(said, sizeof(said), "%.*s%s", SLICE_ARG(body), error);
	done = true;
}

static struct web_server *serve(struct loop *l, const struct pki_ca *ca, int *ret_port)
{
	static const char *const ips[] = {"127.0.0.1"};
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf pem = BUF_INIT;
	const struct pki_names names = {.ips = ips, .n_ips = 1};
	const struct pki_sign how = {.names = &names, .now_s = time(NULL), .ttl_s = 3600};
	struct web_server *s;
	struct addr a;

	assert_int_equal(pki_ca_issue(ca, key, &how, &cert, NULL), 0);
	pki_key_to_pem(key, &pem);
	s = web_server_new(l,
			   &(struct web_config){
				   .on_request = on_request, .cert_pem = buf_slice(&cert), .key_pem = buf_slice(&pem)},
			   NULL);
	addr_parse(SLICE("127.0.0.1"), 0, &a);
	*ret_port = web_server_listen(s, &a, NULL);
	assert_true(*ret_port > 0);
	return s;
}

static void fetch_one(struct loop *l, struct fetcher *f, int port, const char *roots)
{
	CLEANUP(freep) char *url = mem_printf("https://127.0.0.1:%d/", port);

	done = false;
	fetch_start(
		f, &(struct fetch_params){
			   .url = url, .max_bytes = 100, .timeout_ms = 20000, .roots_file = roots, .on_done = on_done});
	while (!done)
		loop_turn(l, 1000);
}

static void roots_of_a_file(void **state)
{
	CLEANUP(freep) char *file = mem_printf("%s/roots.pem", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	struct loop *l = loop_new();
	struct fetcher *f = fetcher_new(l);
	struct web_server *s;
	int port;

	(void)state;
	assert_int_equal(pki_ca_new_root("a", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL), 0);
	s = serve(l, ca, &port);
	fetch_one(l, f, port, NULL);
	assert_string_not_equal(said, "keys");
	fetch_one(l, f, port, "/none/roots.pem");
	assert_string_not_equal(said, "keys");
	assert_int_equal(file_write(file, pki_ca_roots_pem(ca), 0600, NULL), 0);
	fetch_one(l, f, port, file);
	assert_string_equal(said, "keys");
	unlink(file);
	web_server_free(s);
	fetcher_free(f);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(roots_of_a_file)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
