/* The router of Routes over real sockets, in one process with its API and its backends; curl is the client. Needs root.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/api/api.h"
#include "lab/control/controller.h"
#include "lab/net/router.h"
#include "lab/object/object.h"
#include "lab/rest/server.h"
#include "lab/sys/authority.h"
#include "msg/json.h"
#include "web/server.h"

#define PATIENCE_NS (300LL * NS_PER_S)
#define BIG_BYTES 3000000

static struct {
	char dir[256];
	int netns_fd, plain_port, safe_port;
	struct loop *loop;
	struct lab_api *api;
	struct controllers *controllers;
	struct router *router;
	struct web_server *plain, *safe;
	struct pki_ca *theirs, *other;
	struct lab_client client;
} lab;

/* ---- backends ---- */

static void on_request(void *user, struct web_request *r)
{
	static char big[BIG_BYTES];
	char text[256];
	const struct slice proto = web_header(r, "x-forwarded-proto"), port = web_header(r, "x-forwarded-port");

	if (slice_eq_str(r->path, "/big")) {
		memset(big, 'x', sizeof(big));
		web_reply(r, 200, "text/plain", slice_make(big, sizeof(big)));
		return;
	}
	snprintf(text, sizeof(text), "%s %.*s %.*s %.*s %zu", (const char *)user, SLICE_ARG(r->path), SLICE_ARG(proto),
		 SLICE_ARG(port), r->body.len);
	web_reply_text(r, 200, text);
}

static struct web_server *backend(const struct web_config *c, int *ret_port)
{
	struct web_server *s = web_server_new(lab.loop, c, NULL);
	struct addr a;

	addr_parse(SLICE("127.0.0.1"), 0, &a);
	*ret_port = web_server_listen(s, &a, NULL);
	assert_true(*ret_port > 0);
	return s;
}

static void backends(void)
{
	static const char *const dns[] = {"inside.example.com"};
	const struct pki_names names = {.cn = "inside", .dns = dns, .n_dns = 1};
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key = BUF_INIT;

	assert_int_equal(authority_open(lab.dir, "theirs", "theirs", &lab.theirs, NULL), 0);
	assert_int_equal(authority_open(lab.dir, "other", "other", &lab.other, NULL), 0);
	assert_int_equal(authority_issue(lab.theirs, &names, PKI_USE_SERVER, &cert, &key, NULL), 0);
	lab.plain = backend(&(struct web_config){.on_request = on_request,
						 .user = (void *)"plain",
						 .body_max_bytes = 2 * BIG_BYTES},
			    &lab.plain_port);
	lab.safe = backend(&(struct web_config){.on_request = on_request,
						.user = (void *)"safe",
						.body_max_bytes = 2 * BIG_BYTES,
						.cert_pem = buf_slice(&cert),
						.key_pem = buf_slice(&key)},
			   &lab.safe_port);
}

static int setup(void **state)
{
	const char *tmp = getenv("TEST_TMP");
	struct err e = ERR_INIT;

	(void)state;
	snprintf(lab.dir, sizeof(lab.dir), "%s/router_test.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(lab.dir))
		return -1;
	lab.loop = loop_new();
	lab.netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	lab.api = lab_api_start(
		&(struct lab_api_config){.loop = lab.loop, .data_dir = lab.dir, .port = 32443, .netns_fd = -1}, &e);
	if (!lab.api)
		return -1;
	lab.controllers = controllers_start(&(struct controllers_config){
		.loop = lab.loop, .api = lab.api, .data_dir = lab.dir, .apps_domain = "apps.localhost"});
	lab.client = (struct lab_client){.api = lab.api, .user = "system:apiserver", .manager = "test"};
	CLEANUP(freep) char *pki = mem_printf("%s/pki", lab.dir);

	backends();
	return router_start(&(struct router_config){.loop = lab.loop,
						    .api = lab.api,
						    .netns_fd = lab.netns_fd,
						    .port = 32080,
						    .tls_port = 32444,
						    .pki_dir = pki,
						    .apps_domain = "apps.localhost"},
			    &lab.router, &e);
}

static int teardown(void **state)
{
	(void)state;
	router_free(lab.router);
	web_server_free(lab.plain);
	web_server_free(lab.safe);
	lab_api_stop(lab.api);
	controllers_free(lab.controllers);
	pki_ca_unref(lab.theirs);
	pki_ca_unref(lab.other);
	loop_free(lab.loop);
	close(lab.netns_fd);
	return file_remove_tree(lab.dir, NULL);
}

/* ---- objects ---- */

static void on_done(void *arg, int status, const cJSON *result)
{
	CLEANUP(freep) char *text = json_to_text(result);

	if (status != 201)
		print_error("%d %s\n", status, text);
	*(int *)arg = status;
}

static void create(const struct gvr *r, cJSON *object)
{
	int status = 0;

	lab_create(&lab.client, r, "default", object, on_done, &status);
	while (!status)
		loop_turn(lab.loop, 1000);
	assert_int_equal(status, 201);
}

static cJSON *named(const char *name)
{
	cJSON *o = cJSON_CreateObject();

	json_set_str(json_object(o, "metadata"), "name", name);
	return o;
}

static void add_service(const char *name, int port)
{
	cJSON *service = named(name), *slice = named(name), *p = cJSON_CreateObject();

	json_set(service, "spec", json_literal("{\"ports\":[{\"port\":80}]}"));
	create(GVR(service), service);
	json_set_str(json_object(json_get(slice, "metadata"), "labels"), "kubernetes.io/service-name", name);
	json_set_str(slice, "addressType", "IPv4");
	json_set(slice, "endpoints", json_literal("[{\"addresses\":[\"127.0.0.1\"]}]"));
	json_set_int(p, "port", port);
	json_set_str(p, "protocol", "TCP");
	json_set_str(p, "name", "");
	cJSON_AddItemToArray(json_array(slice, "ports"), p);
	create(GVR(endpoint_slice), slice);
}

/* tls: spec.tls as JSON, or NULL; fields: PEM texts that it gets, or NULL. */
static void add_route(const char *name, const char *service, const char *tls, const char *field, struct slice pem)
{
	cJSON *r = named(name), *spec = json_object(r, "spec"), *settings = tls ? json_literal(tls) : NULL;
	CLEANUP(freep) char *host = mem_printf("%s.apps.localhost", name), *text = mem_printf("%.*s", SLICE_ARG(pem));

	json_set_str(spec, "host", host);
	json_set_str(json_object(spec, "to"), "name", service);
	if (field)
		json_set_str(settings, field, text);
	if (settings)
		json_set(spec, "tls", settings);
	create(GVR(route), r);
}

/* ---- the client ---- */

/* Runs a shell command while the loop turns; its output is in out. */
static void shell(const char *command, struct buf *out)
{
	CLEANUP(freep) char *file = mem_printf("%s/out", lab.dir);
	CLEANUP(freep) char *whole = mem_printf("{ %s; } >%s 2>&1", command, file);
	const char *const argv[] = {"sh", "-c", whole, NULL};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		loop_turn(lab.loop, 5);
	buf_clear(out);
	assert_int_equal(file_read(file, 65536, out, NULL), 0);
}

/* Puts the ports and the authority of routes into the environment of commands. */
static void tell_client(void)
{
	char number[16];
	CLEANUP(freep) char *ca = mem_printf("%s/pki/" ROUTER_AUTHORITY ".crt", lab.dir);

	snprintf(number, sizeof(number), "%u", (unsigned)router_port(lab.router));
	setenv("P", number, 1);
	snprintf(number, sizeof(number), "%u", (unsigned)router_tls_port(lab.router));
	setenv("T", number, 1);
	setenv("CA", ca, 1);
	setenv("DIR", lab.dir, 1);
}

static void expect(const char *name, const char *command, const char *want)
{
	const int64_t end_ns = clock_mono_ns() + PATIENCE_NS;
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	do
		shell(command, &out);
	while (!strstr(buf_str(&out), want) && clock_mono_ns() < end_ns);
	if (!strstr(buf_str(&out), want))
		fail_msg("%s: '%s', want '%s'", name, buf_str(&out), want);
}

#define SAFE(host, path, more)                                                                                         \
	"curl -sS -m 60 --noproxy '*' --cacert $CA --resolve " host ".apps.localhost:$T:127.0.0.1 " more               \
	" \"https://" host ".apps.localhost:$T" path "\""
#define PLAIN(host, path, more)                                                                                        \
	"curl -sS -m 60 --noproxy '*' --resolve " host ".apps.localhost:$P:127.0.0.1 " more " \"http://" host          \
	".apps.localhost:$P" path "\""
#define CODE "-o /dev/null -w '%{http_code} %{redirect_url} %{size_download} %{num_connects}'"

static void tls_of_routes(void **state)
{
	static const struct {
		const char *name, *command, *want;
	} rows[] = {
		{"plain", PLAIN("plain", "/x", ""), "plain /x http "},
		{"edge", SAFE("edge", "/x", ""), "plain /x https "},
		{"edge: the port", "echo \"$(" SAFE("edge", "/x", "") ")\" | sed \"s/$T/right/\"", "https right"},
		{"edge: much down", SAFE("edge", "/big", CODE), " 3000000 "},
		{"edge: much up",
		 "head -c 3000000 /dev/zero >$DIR/body; " SAFE("edge", "/up", "--data-binary @$DIR/body"), " 3000000"},
		{"edge: one connection for two",
		 SAFE("edge", "/a", CODE) " --next -sS --cacert $CA --resolve edge.apps.localhost:$T:127.0.0.1 " CODE
					  " https://edge.apps.localhost:$T/b",
		 "200  22 0"},
		{"edge: not in plain text", PLAIN("edge", "/x", CODE), "503"},
		{"Allow", PLAIN("allow", "/x", ""), "plain /x http "},
		{"Redirect", "echo \"$(" PLAIN("redirect", "/x?y=1", CODE) ")\" | sed \"s/$T/right/\"",
		 "302 https://redirect.apps.localhost:right/x?y=1"},
		{"a certificate of its own",
		 "curl -sS --noproxy '*' --cacert $DIR/theirs.crt --resolve own.apps.localhost:$T:127.0.0.1 "
		 "https://own.apps.localhost:$T/x",
		 "plain /x https "},
		{"reencrypt", SAFE("again", "/x", ""), "safe /x https "},
		{"reencrypt: not to whom it does not trust", SAFE("wrong", "/x", CODE), "503"},
		{"passthrough",
		 "curl -sS --noproxy '*' --cacert $DIR/theirs.crt --connect-to inside.example.com:443:127.0.0.1:$T "
		 "https://inside.example.com/x",
		 "certificate"}, /* that name is no route's: the wildcard certificate is shown */
		{"passthrough: the service's own",
		 "openssl s_client -connect 127.0.0.1:$T -servername through.apps.localhost </dev/null 2>/dev/null | "
		 "openssl "
		 "x509 -noout -issuer",
		 "theirs"},
		{"passthrough: bytes", SAFE("through", "/x", "-k"), "safe /x  "},
		{"passthrough: redirect", PLAIN("through", "/x", CODE), "302"},
		{"a plain Route by https", SAFE("plain", "/x", CODE), "503"},
		{"nobody's host", SAFE("nobody", "/x", CODE), "503"},
		{"no TLS at all",
		 "printf 'GET / HTTP/1.1\\r\\n\\r\\n' | timeout 60 openssl s_client -quiet -no_tls1_3 -connect "
		 "127.0.0.1:$P; curl -s --noproxy '*' http://127.0.0.1:$T/; echo \"end $?\"",
		 "end 5"},
	};
	static const char *const dns[] = {"own.apps.localhost"};
	const struct pki_names names = {.cn = "own", .dns = dns, .n_dns = 1};
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key = BUF_INIT, own = BUF_INIT;
	const struct slice none = {NULL, 0};

	(void)state;
	tell_client();
	add_service("plain", lab.plain_port);
	add_service("safe", lab.safe_port);
	assert_int_equal(authority_issue(lab.theirs, &names, PKI_USE_SERVER, &cert, &key, NULL), 0);
	CLEANUP(freep) char *key_text = mem_printf("%.*s", SLICE_ARG(buf_slice(&key)));
	CLEANUP(json_freep) cJSON *own_tls = json_literal("{\"termination\":\"edge\"}");

	json_set_str(own_tls, "key", key_text);
	json_print(own_tls, &own);
	add_route("plain", "plain", NULL, NULL, none);
	add_route("edge", "plain", "{\"termination\":\"edge\"}", NULL, none);
	add_route("allow", "plain", "{\"termination\":\"edge\",\"insecureEdgeTerminationPolicy\":\"Allow\"}", NULL,
		  none);
	add_route("redirect", "plain", "{\"termination\":\"edge\",\"insecureEdgeTerminationPolicy\":\"Redirect\"}",
		  NULL, none);
	add_route("own", "plain", buf_str(&own), "certificate", buf_slice(&cert));
	add_route("again", "safe", "{\"termination\":\"reencrypt\"}", "destinationCACertificate",
		  pki_ca_cert_pem(lab.theirs));
	add_route("wrong", "safe", "{\"termination\":\"reencrypt\"}", "destinationCACertificate",
		  pki_ca_cert_pem(lab.other));
	add_route("through", "safe", "{\"termination\":\"passthrough\",\"insecureEdgeTerminationPolicy\":\"Redirect\"}",
		  NULL, none);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(rows[i].name, rows[i].command, rows[i].want);
}

/* ---- what is told ---- */

static const char *told_route, *told_want;

static bool is_told(void)
{
	const cJSON *route = lab_get(lab.api, GVR(route), "default", told_route);
	const cJSON *in = cJSON_GetArrayItem(json_at(route, "status.ingress"), 0);
	const cJSON *c = cJSON_GetArrayItem(json_get(in, "conditions"), 0);

	return strstr(json_str_or_empty(c, "message"), told_want) &&
	       strcmp(json_str_or_empty(c, "reason"), "ExtendedValidationFailed") == 0;
}

static void what_cannot_be_is_told(void **state)
{
	static const struct {
		const char *name, *tls, *want;
	} rows[] = {
		{"half", "{\"termination\":\"edge\",\"certificate\":\"x\"}",
		 "spec.tls.certificate: it goes with spec.tls.key"},
		{"bad", "{\"termination\":\"edge\",\"certificate\":\"x\",\"key\":\"y\"}", "spec.tls.key"},
		{"ca", "{\"termination\":\"edge\",\"caCertificate\":\"x\"}", "spec.tls.caCertificate"},
		{"blind", "{\"termination\":\"reencrypt\"}",
		 "spec.tls.destinationCACertificate: this cluster has no authority"},
		{"moot", "{\"termination\":\"edge\",\"destinationCACertificate\":\"x\"}",
		 "edge talks to the service in plain text"},
		{"open", "{\"termination\":\"passthrough\",\"insecureEdgeTerminationPolicy\":\"Allow\"}",
		 "passthrough allows None and Redirect"},
		{"inside", "{\"termination\":\"passthrough\",\"key\":\"x\"}", "spec.tls.key: passthrough leaves TLS"},
		{"secret", "{\"termination\":\"edge\",\"externalCertificate\":{\"name\":\"x\"}}", "reads no Secrets"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const int64_t end_ns = clock_mono_ns() + PATIENCE_NS;

		add_route(rows[i].name, "plain", rows[i].tls, NULL, (struct slice){NULL, 0});
		told_route = rows[i].name;
		told_want = rows[i].want;
		while (!is_told() && clock_mono_ns() < end_ns)
			loop_turn(lab.loop, 100);
		if (!is_told())
			fail_msg("%s: not told '%s'", rows[i].name, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tls_of_routes, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
