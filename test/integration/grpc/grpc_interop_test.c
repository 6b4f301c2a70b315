/* Our client against gRPC's own server and the other way round, plaintext and mutual TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "grpc/channel.h"
#include "grpc/server.h"
#include "net/tls.h"
#include "pki/ca.h"

static struct loop *loop;
static char certs[256]; /* directory */
static struct tls_ctx *server_ctx, *client_ctx;

static void echo_message(struct grpc_call *c, struct slice m)
{
	grpc_call_send(c, m);
}

static void echo_end(struct grpc_call *c)
{
	grpc_call_finish(c, GRPC_OK, NULL);
}

static const struct grpc_call_ops echo_ops = {.on_message = echo_message, .on_half_close = echo_end};
static const struct grpc_call_ops no_ops;

static void echo(struct grpc_call *c, void *user)
{
	(void)user;
	grpc_call_set_ops(c, &echo_ops);
}

static void sleeping(struct grpc_call *c, void *user)
{
	(void)user;
	grpc_call_set_ops(c, &no_ops);
}

/* Compressed where the client takes that; it must not say so here. */
static void packed_message(struct grpc_call *c, struct slice m)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)m;
	for (int i = 0; i < 1000; i++)
		buf_append_str(&text, "plain");
	grpc_call_send(c, buf_slice(&text));
}

static const struct grpc_call_ops packed_ops = {.on_message = packed_message, .on_half_close = echo_end};

static void packed(struct grpc_call *c, void *user)
{
	(void)user;
	if (grpc_call_compress(c))
		grpc_call_finish(c, GRPC_INTERNAL, "it takes zstd");
	else
		grpc_call_set_ops(c, &packed_ops);
}

static void refuse(struct grpc_call *c, void *user)
{
	(void)user;
	grpc_call_finish(c, GRPC_PERMISSION_DENIED, "100% n\xc3\xb6");
}

static pid_t spawn(const char *role, const char *address, bool tls, int *in, int *out)
{
	int to[2], from[2];
	pid_t pid;

	assert_int_equal(0, pipe(to) | pipe(from));
	pid = fork();
	if (pid == 0) {
		const char *argv[] = {"/usr/bin/python3", "test/integration/grpc/peer.py", role, NULL, NULL, NULL};
		int n = 3;

		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		if (address)
			argv[n++] = address;
		if (tls)
			argv[n] = certs;
		execv("/usr/bin/python3", (char **)argv);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	return pid;
}

static void serve(bool tls)
{
	struct grpc_server *s = grpc_server_new(loop, NULL);
	int64_t end = clock_mono_ns() + 60 * (int64_t)NS_PER_S;
	struct addr any;
	char address[64];
	int in, out, status = -1;
	pid_t pid;

	addr_parse(slice_str("127.0.0.1"), 0, &any);
	grpc_server_add(s, "/t.T/Echo", echo, NULL);
	grpc_server_add(s, "/t.T/Sleep", sleeping, NULL);
	grpc_server_add(s, "/t.T/Refuse", refuse, NULL);
	grpc_server_add(s, "/t.T/Packed", packed, NULL);
	assert_int_equal(0, grpc_server_listen(s, &any, tls ? server_ctx : NULL, NULL));
	snprintf(address, sizeof(address), "127.0.0.1:%u", grpc_server_port(s, 0));
	pid = spawn("client", address, tls, &in, &out);
	while (waitpid(pid, &status, WNOHANG) == 0 && clock_mono_ns() < end)
		loop_turn(loop, 20);
	close(in);
	close(out);
	kill(pid, SIGKILL);
	grpc_server_free(s);
	assert_int_equal(0, status);
}

static void serve_plain(void **state)
{
	(void)state;
	serve(false);
}

static void serve_tls(void **state)
{
	(void)state;
	serve(true);
}

struct stream {
	int got, status;
	size_t bytes;
	char text[100];
};

static void on_message(struct grpc_call *c, struct slice m)
{
	struct stream *s = grpc_call_user(c);

	s->got++;
	s->bytes += m.len;
}

static void on_done(struct grpc_call *c, int status, const char *text)
{
	struct stream *s = grpc_call_user(c);

	s->status = status;
	snprintf(s->text, sizeof(s->text), "%s", text);
}

static const struct grpc_call_ops stream_ops = {.on_message = on_message, .on_done = on_done};

static void wait_done(struct stream *s)
{
	int64_t end = clock_mono_ns() + 30 * (int64_t)NS_PER_S;

	while (s->status < 0 && clock_mono_ns() < end)
		loop_turn(loop, 20);
}

static void use(bool tls)
{
	static char message[20000];
	struct grpc_channel_params p = {
		.host = "127.0.0.1", .tls = tls ? client_ctx : NULL, .sni = "weftd.svc", .takes_compressed = true};
	const struct grpc_metadata token = {"authorization", SLICE("Bearer x"), true};
	struct grpc_channel *ch;
	struct stream s = {.status = -1};
	struct grpc_call *c;
	char line[32] = "";
	int in, out;
	pid_t pid = spawn("server", NULL, tls, &in, &out);

	assert_true(read(out, line, sizeof(line) - 1) > 0);
	p.port = (uint16_t)atoi(line);
	ch = grpc_channel_new(loop, &p);
	c = grpc_channel_call(ch, "/t.T/Echo", NULL, 0, 30000, &stream_ops, &s);
	for (int i = 0; i < 300; i++)
		grpc_call_send(c, slice_make(message, sizeof(message)));
	grpc_call_half_close(c);
	wait_done(&s);
	if (s.status)
		fail_msg("%d %s", s.status, s.text);
	assert_int_equal(300, s.got);
	assert_int_equal(300 * sizeof(message), s.bytes);
	s.status = -1;
	c = grpc_channel_call(ch, "/t.T/Fail", &token, 1, 0, &stream_ops, &s);
	grpc_call_send(c, SLICE("x"));
	grpc_call_half_close(c);
	wait_done(&s);
	assert_int_equal(GRPC_FAILED_PRECONDITION, s.status);
	assert_string_equal("100% n\xc3\xb6 Bearer x", s.text);
	s.status = -1;
	grpc_channel_call(ch, "/t.T/None", NULL, 0, 0, &stream_ops, &s);
	wait_done(&s);
	assert_int_equal(GRPC_UNIMPLEMENTED, s.status);
	grpc_channel_free(ch);
	close(in);
	close(out);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void use_plain(void **state)
{
	(void)state;
	use(false);
}

static void use_tls(void **state)
{
	(void)state;
	use(true);
}

static void save(const char *name, struct slice s)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", certs, name);
	assert_int_equal(0, file_write(path, s, 0600, NULL));
}

static int setup(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key_pem = BUF_INIT;
	const char *tmp = getenv("TEST_TMP"), *name = "weftd.svc";
	static const char *const alpn[] = {"h2"};
	struct pki_names names = {.dns = &name, .n_dns = 1};
	struct pki_sign how = {.names = &names, .now_s = time(NULL), .ttl_s = 3600};
	struct tls_params p = {.alpn = alpn, .n_alpn = 1, .verify = TLS_VERIFY_REQUIRED};

	(void)state;
	snprintf(certs, sizeof(certs), "%s/grpc-interop", tmp ? tmp : "/tmp");
	if (file_mkdirs(certs, 0700, NULL) < 0 ||
	    pki_ca_new_root("x", slice_str(""), PKI_KEY_P256, time(NULL), 86400, &ca, NULL) < 0 ||
	    pki_ca_issue(ca, key, &how, &cert, NULL) < 0)
		return -1;
	pki_key_to_pem(key, &key_pem);
	save("root.pem", pki_ca_roots_pem(ca));
	save("cert.pem", buf_slice(&cert));
	save("key.pem", buf_slice(&key_pem));
	p.cert_pem = buf_slice(&cert);
	p.key_pem = buf_slice(&key_pem);
	p.roots_pem = pki_ca_roots_pem(ca);
	if (tls_ctx_new(&p, &client_ctx, NULL) < 0)
		return -1;
	p.server = true;
	loop = loop_new();
	return tls_ctx_new(&p, &server_ctx, NULL);
}

static int teardown(void **state)
{
	(void)state;
	file_remove_tree(certs, NULL);
	tls_ctx_unref(server_ctx);
	tls_ctx_unref(client_ctx);
	loop_free(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serve_plain),
		cmocka_unit_test(serve_tls),
		cmocka_unit_test(use_plain),
		cmocka_unit_test(use_tls),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
