/* The client, the reflector and the executor against a scripted API server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/vec.h"
#include "kube/away.h"
#include "kube/client_internal.h"
#include "kube/plan.h"
#include "kube/reflector.h"
#include "kube/store.h"
#include "net/loop.h"
#include "net/socket.h"

/* One request line prefix and what it is answered with, in this order per prefix; the last answer repeats. */
struct answer {
	const char *request; /* "GET /api/v1/pods?" */
	int status;
	const char *body;
	bool hold; /* stream the body and keep the connection open */
	bool used;
};

struct server {
	struct loop *loop;
	struct io listen;
	uint16_t port;
	struct answer *answers;
	struct buf log; /* the request lines */
	VEC(struct peer *) peers;
};

struct peer {
	struct io io;
	struct server *server;
	struct buf in;
};

static struct answer *answer_for(struct server *s, const char *line)
{
	struct answer *last = NULL;

	for (struct answer *a = s->answers; a->request; a++) {
		if (strncmp(line, a->request, strlen(a->request)) != 0)
			continue;
		last = a;
		if (!a->used)
			break;
	}
	if (last)
		last->used = true;
	return last;
}

static void respond(struct peer *p)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice line = slice_make(p->in.ptr, strcspn(p->in.ptr, "\r"));
	const struct answer *a;

	buf_printf(&p->server->log, "%.*s\n", (int)(line.len - strlen(" HTTP/1.1")), line.ptr);
	a = answer_for(p->server, p->in.ptr);
	if (!a)
		buf_append_str(&out, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}");
	else if (a->hold)
		buf_printf(&out, "HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n", a->status,
			   strlen(a->body), a->body);
	else
		buf_printf(&out, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n%s", a->status, strlen(a->body), a->body);
	assert_int_equal(write(p->io.fd, out.ptr, out.len), out.len);
	buf_clear(&p->in);
}

static void peer_close(struct peer *p)
{
	int fd = p->io.fd;

	io_stop(&p->io);
	close(fd);
	buf_done(&p->in);
	p->server = NULL;
}

static void on_peer(struct io *io, uint32_t revents)
{
	struct peer *p = CONTAINER_OF(io, struct peer, io);
	const char *end, *length;
	char bytes[4096];
	ssize_t n = read(io->fd, bytes, sizeof(bytes));

	(void)revents;
	if (n <= 0) {
		peer_close(p);
		return;
	}
	buf_append(&p->in, bytes, (size_t)n);
	end = strstr(p->in.ptr, "\r\n\r\n");
	length = strstr(p->in.ptr, "Content-Length: ");
	if (end && p->in.len - (size_t)(end + 4 - p->in.ptr) >= (size_t)(length ? atoi(length + 16) : 0))
		respond(p);
}

static void on_accept(struct io *io, uint32_t revents)
{
	struct server *s = CONTAINER_OF(io, struct server, listen);
	struct peer *p = NEW(struct peer);
	int fd = socket_accept(io->fd, NULL);

	(void)revents;
	assert_true(fd >= 0);
	p->server = s;
	vec_push(&s->peers, p);
	io_start(s->loop, &p->io, fd, EPOLLIN, on_peer);
}

static void server_init(struct server *s, struct loop *l, struct answer *answers)
{
	struct addr a;
	int fd;

	*s = (struct server){.loop = l, .answers = answers};
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), 0, &a), 0);
	fd = socket_listen(&a, 16, 0, NULL);
	assert_true(fd >= 0);
	assert_int_equal(socket_local_addr(fd, &a), 0);
	s->port = addr_port(&a);
	io_start(l, &s->listen, fd, EPOLLIN, on_accept);
}

static void server_done(struct server *s)
{
	int fd = s->listen.fd;

	io_stop(&s->listen);
	close(fd);
	for (size_t i = 0; i < s->peers.n; i++) {
		if (s->peers.v[i]->server)
			peer_close(s->peers.v[i]);
		free(s->peers.v[i]);
	}
	vec_done(&s->peers);
	buf_done(&s->log);
}

static struct kube_client *client_to(const struct server *s)
{
	CLEANUP(freep) char *url = mem_printf("http://127.0.0.1:%u", s->port);
	struct kube_config config = {.server = url, .token = (char *)(uintptr_t) "secret"};
	struct err e = ERR_INIT;
	struct kube_client *c = kube_client_new(s->loop, &config, &e);

	if (!c)
		fail_msg("%s", e.msg);
	return c;
}

struct outcome {
	bool done;
	enum kube_reason reason;
	char message[ERR_MSG_MAX];
};

static void on_done(void *arg, struct kube_result *r)
{
	struct outcome *o = arg;

	*o = (struct outcome){.done = true, .reason = r->reason};
	snprintf(o->message, sizeof(o->message), "%s", r->err.msg);
	if (r->text.len)
		strncat(o->message, r->text.ptr, MIN(r->text.len, sizeof(o->message) - strlen(o->message) - 1));
}

static void test_results(void **state)
{
	struct answer answers[] = {
		{"GET /api/v1/namespaces/a/pods/good", 200, "{\"kind\":\"Pod\"}", false, false},
		{"GET /api/v1/namespaces/a/pods/gone", 404,
		 "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"message\":\"pods \\\"gone\\\" not found\"}", false,
		 false},
		{"GET /api/v1/namespaces/a/pods/text", 200, "hello", false, false},
		{"GET /api/v1/namespaces/a/pods/odd", 503, "busy", false, false},
		{0},
	};
	static const struct {
		const char *name;
		enum kube_reason reason;
		const char *message; /* or the text */
		bool text;
	} cases[] = {
		{"good", KUBE_OK, ""},
		{"gone", KUBE_NOT_FOUND, "GET pods a/gone: pods \"gone\" not found (404 NotFound)"},
		{"text", KUBE_BAD_ANSWER, "GET pods a/text: the answer is not JSON"},
		{"odd", KUBE_REASON_OTHER, "GET pods a/odd: no message (503 Error)"},
		{"text", KUBE_OK, "hello", .text = true},
		{"gone", KUBE_NOT_FOUND, "GET pods a/gone: pods \"gone\" not found (404 NotFound)", .text = true},
	};
	struct loop *l = loop_new();
	struct server s;
	struct kube_client *c;

	(void)state;
	server_init(&s, l, answers);
	c = client_to(&s);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct kube_request req = {.verb = KUBE_GET,
					   .kind = &api_kind_pod,
					   .ns = "a",
					   .name = cases[i].name,
					   .text = cases[i].text};
		struct outcome o = {0};

		kube_call_start(c, &req, on_done, &o);
		for (int k = 0; k < 100 && !o.done; k++)
			loop_turn(l, 100);
		assert_int_equal(o.reason, cases[i].reason);
		assert_string_equal(o.message, cases[i].message);
	}
	kube_client_free(c);
	server_done(&s);
	loop_free(l);
}

#define POD(name, version)                                                                                             \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"a\",\"resourceVersion\":\"" version "\"}}"
#define LIST_PATH "GET /api/v1/pods?limit=500"
#define WATCH_PATH "GET /api/v1/pods?resourceVersion="

/* A paged list, a watch with changes and a 410, and the list that follows it. */
static void test_reflector(void **state)
{
	struct answer answers[] = {
		{LIST_PATH "&continue=next", 200,
		 "{\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" POD("two", "2") ",{\"metadata\":3}]}", false,
		 false},
		{LIST_PATH, 200,
		 "{\"metadata\":{\"resourceVersion\":\"10\",\"continue\":\"next\"},\"items\":[" POD("one", "1") "]}",
		 false, false},
		{LIST_PATH, 200, "{\"metadata\":{\"resourceVersion\":\"20\"},\"items\":[" POD("four", "15") "]}", false,
		 false},
		{WATCH_PATH "10", 200,
		 "{\"type\":\"ADDED\",\"object\":" POD("three", "11") "}\n{\"type\":\"DELETED\",\"object\":" POD(
			 "one",
			 "12") "}\n{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"13\"}}}\n",
		 false, false},
		{WATCH_PATH "13", 200,
		 "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}}\n", false,
		 false},
		{WATCH_PATH "20", 200, "{\"type\":\"MODIFIED\",\"object\":" POD("four", "21") "}\n", true, false},
		{0},
	};
	struct loop *l = loop_new();
	struct store *store = store_new();
	struct reflector_options options = {.kind = &api_kind_pod};
	struct reflector *r;
	struct server s;
	struct kube_client *c;
	const struct api_object *four = NULL;

	(void)state;
	server_init(&s, l, answers);
	c = client_to(&s);
	r = reflector_new(l, c, store, &options);
	for (int i = 0; i < 400; i++) {
		loop_turn(l, 20);
		four = store_get(store, &api_kind_pod, "a", "four");
		if (four && !strcmp(four->meta->resource_version, "21"))
			break;
	}
	assert_non_null(four);
	assert_string_equal(four->meta->resource_version, "21");
	assert_int_equal(store_list(store, &api_kind_pod, NULL).n, 1);
	assert_true(reflector_synced(r) && store_synced(store, NULL));
	reflector_free(r, true);
	assert_int_equal(store_list(store, &api_kind_pod, NULL).n, 0);
	kube_client_free(c);
	store_free(store);
	server_done(&s);
	loop_free(l);
}

static void on_came_back(struct kube_back *b)
{
	b->fn = NULL; /* called once only */
}

/* A server that does not answer is asked until it does, and then whoever waits is told. */
static void test_absence(void **state)
{
	struct answer answers[] = {{"GET /readyz", 200, "ok", false, false}, {0}};
	struct kube_request req = {.verb = KUBE_GET, .kind = &api_kind_pod, .ns = "a", .name = "x"};
	struct kube_back back = {.fn = on_came_back};
	struct loop *l = loop_new();
	struct outcome o = {0};
	struct server s;
	struct kube_client *c;
	struct addr a;
	int fd;

	(void)state;
	server_init(&s, l, answers);
	c = client_to(&s);
	kube_back_start(c, &back);
	fd = s.listen.fd;
	io_stop(&s.listen);
	close(fd);
	kube_call_start(c, &req, on_done, &o);
	for (int i = 0; i < 400 && !kube_client_away(c); i++)
		loop_turn(l, 20);
	assert_int_equal(o.reason, KUBE_NETWORK);
	assert_true(kube_client_away(c) && back.fn);
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), s.port, &a), 0);
	fd = socket_listen(&a, 16, 0, NULL);
	assert_true(fd >= 0);
	io_start(l, &s.listen, fd, EPOLLIN, on_accept);
	for (int i = 0; i < 400 && back.fn; i++)
		loop_turn(l, 20);
	assert_null(back.fn);
	assert_false(kube_client_away(c));
	assert_string_equal(buf_str(&s.log), "GET /readyz\n");
	kube_client_free(c);
	server_done(&s);
	loop_free(l);
}

static void on_executed(void *arg, const struct err *err, bool retry)
{
	struct outcome *o = arg;

	(void)retry;
	o->done = true;
	snprintf(o->message, sizeof(o->message), "%s", err->msg);
}

static struct api_object *config_map(const char *name, const char *value)
{
	cJSON *j = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(j, "metadata");
	struct api_object *o;

	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "namespace", "a");
	cJSON_AddStringToObject(cJSON_AddObjectToObject(j, "data"), "k", value);
	assert_int_equal(api_object_from_json(&api_kind_config_map, j, &o, NULL), 0);
	cJSON_Delete(j);
	return o;
}

/* What is as it should be is not written; groups keep their order; a failure leaves out deletions, not the status. */
static void test_executor(void **state)
{
	struct answer answers[] = {
		{"PATCH /api/v1/namespaces/a/configmaps/bad", 500,
		 "{\"kind\":\"Status\",\"reason\":\"InternalError\",\"message\":\"no\"}", false, false},
		{"PATCH ", 200, "{}", false, false},
		{0},
	};
	struct loop *l = loop_new();
	struct store *store = store_new();
	struct store_key key = {&api_kind_smcp, "a", "mesh"}, gone = {&api_kind_config_map, "a", "gone"};
	struct executor *x;
	struct kube_client *c;
	struct outcome o = {0};
	struct server s;
	struct plan p;

	(void)state;
	server_init(&s, l, answers);
	c = client_to(&s);
	x = executor_new(c, store, "me");
	store_put(store, config_map("same", "v"));
	plan_init(&p);
	plan_apply(&p, config_map("late", "v"), 2);
	plan_apply(&p, config_map("same", "v"), 1);
	plan_apply(&p, config_map("bad", "v"), 1);
	plan_delete(&p, &gone, NULL);
	plan_status(&p, &key, cJSON_Parse("{\"x\":1}"));
	executor_run(x, &p, on_executed, &o);
	for (int i = 0; i < 100 && !o.done; i++)
		loop_turn(l, 100);
	assert_string_equal(o.message, "PATCH configmaps a/bad: no (500 InternalError)");
	assert_string_equal(
		buf_str(&s.log),
		"PATCH /api/v1/namespaces/a/configmaps/bad?fieldManager=me&force=true\n"
		"PATCH /api/v1/namespaces/a/configmaps/late?fieldManager=me&force=true\n"
		"PATCH /apis/maistra.io/v2/namespaces/a/servicemeshcontrolplanes/mesh/status?fieldManager=me\n");
	plan_done(&p);
	executor_free(x);
	kube_client_free(c);
	store_free(store);
	server_done(&s);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_reflector),
		cmocka_unit_test(test_absence),
		cmocka_unit_test(test_executor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
