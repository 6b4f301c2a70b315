/* Orders between the main thread and the workers: what they bring home, and what becomes of those under way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/proxy/threads/workers.c"

#include "proxy/boot/config_file.h"

/* Nobody has these addresses (RFC 5737): listening there fails. */
#define NOWHERE "203.0.113.1"

#define LISTENER(name, port)                                                                                           \
	"- name: " name "\n"                                                                                           \
	"  address: {socket_address: {address: " NOWHERE ", port_value: " port "}}\n"                                  \
	"  filter_chains: [{filters: [{name: t, typed_config: {'@type': "                                              \
	"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: "        \
	"c}}]}]\n"

static const char nowhere[] = "listeners:\n" LISTENER("first", "80") LISTENER("second", "81");

static struct config *config_make(const char *text)
{
	struct config_node *node = NEW(struct config_node);
	struct err e = ERR_INIT;
	char path[32];
	int fd = memfd_create("config", MFD_CLOEXEC);
	struct build *b;
	struct config *c;

	node->refs = 1;
	node->principal = "";
	b = build_new(node);
	config_node_unref(node);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_file_load(path, b, &e) < 0)
		fail_msg("%s", e.msg);
	close(fd);
	c = build_config(b);
	build_free(b);
	return c;
}

struct heard {
	struct loop *loop;
	char text[256];
};

static void on_listen_error(void *ctx, const struct config_listener *l, const struct err *e)
{
	struct heard *h = ctx;

	snprintf(h->text + strlen(h->text), sizeof(h->text) - strlen(h->text), "%s: %s\n", l->name, e->msg);
}

static void on_applied(void *arg)
{
	struct heard *h = arg;

	snprintf(h->text + strlen(h->text), sizeof(h->text) - strlen(h->text), "applied\n");
	loop_stop(h->loop);
}

static struct workers *start(struct heard *h, unsigned n)
{
	*h = (struct heard){.loop = loop_new()};
	return workers_new(h->loop, &(struct workers_params){.n = n, .on_listen_error = on_listen_error, .ctx = h});
}

/* However many workers met it: each listener is told of once, before the configuration is in use. */
static void who_cannot_listen_is_told_once(void **state)
{
	struct heard h;
	struct workers *ws = start(&h, 3);
	struct config *c = config_make(nowhere);

	(void)state;
	workers_set_config(ws, c, on_applied, &h);
	loop_run(h.loop);
	assert_string_equal(h.text, "first: listen on " NOWHERE ":80: Cannot assign requested address\n"
				    "second: listen on " NOWHERE ":81: Cannot assign requested address\n"
				    "applied\n");
	config_unref(c);
	workers_free(ws);
	loop_free(h.loop);
}

struct mark {
	struct message message;
	sem_t reached;
};

static void on_mark(struct message *m)
{
	sem_post(&CONTAINER_OF(m, struct mark, message)->reached);
}

/* Waits until a worker has done all that it was sent so far. */
static void wait_for(struct workers *ws, unsigned worker)
{
	struct mark m = {0};

	sem_init(&m.reached, 0, 0);
	loop_post(ws->v[worker].loop, &m.message, on_mark);
	while (sem_wait(&m.reached) < 0)
		;
	sem_destroy(&m.reached);
}

static void on_collected(void *arg, struct metrics *m)
{
	assert_null(m);
	++*(unsigned *)arg;
}

/* Whether they are on their way home or still to be done: nothing of them is kept. Who waits for counters is told. */
static void orders_end_with_the_workers(void **state)
{
	(void)state;
	for (int home = 0; home < 2; home++) {
		struct heard h;
		struct workers *ws = start(&h, 1);
		struct config *c = config_make(nowhere);
		unsigned told = 0;

		workers_set_config(ws, c, on_applied, &h);
		workers_collect(ws, on_collected, &told);
		if (home)
			wait_for(ws, 0);
		workers_free(ws);
		loop_turn(h.loop, 0);
		assert_string_equal(h.text, "");
		assert_int_equal(told, 1);
		config_unref(c);
		loop_free(h.loop);
	}
}

static void take_config(struct heard *h, struct workers *ws, const char *text)
{
	struct config *c = config_make(text);

	h->text[0] = 0;
	workers_set_config(ws, c, on_applied, h);
	loop_run(h->loop);
	config_unref(c);
}

/* A socket's file, as a process leaves it behind that is killed. */
static void leave_behind(const struct addr *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, &a->sa, a->len), 0);
	close(fd);
}

/* A path is bound once: all workers accept from one socket, whose file comes and goes with the listener. */
static void a_path_is_shared(void **state)
{
	char dir[] = "/tmp/weft-workers.XXXXXX", path[64], text[512];
	struct heard h;
	struct workers *ws = start(&h, 3);
	struct stat st;
	struct addr a;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/out.sock", dir);
	snprintf(text, sizeof(text),
		 "listeners:\n- name: s\n  address: {pipe: {path: %s, mode: 432}}\n"
		 "  filter_chains: [{filters: [{name: t, typed_config: {'@type': "
		 "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, "
		 "cluster: c}}]}]\n",
		 path);
	assert_int_equal(addr_parse(slice_str(path), 0, &a), 0);
	leave_behind(&a);
	take_config(&h, ws, text);
	assert_string_equal(h.text, "applied\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	for (unsigned i = 0; i < ws->n; i++)
		assert_int_equal(ws->v[i].listeners.n, 1);
	fd = socket_connect(&a, 0);
	assert_true(fd >= 0);
	close(fd);
	take_config(&h, ws, "clusters: []\n");
	assert_int_equal(socket_connect(&a, 0), -ENOENT);
	/* What somebody else serves is left alone. */
	fd = socket_listen_unix(&a, 0, 1, NULL);
	take_config(&h, ws, text);
	assert_non_null(strstr(h.text, "out.sock: Address already in use\napplied\n"));
	assert_int_equal(ws->v[0].listeners.n + ws->v[1].listeners.n + ws->v[2].listeners.n, 0);
	workers_free(ws);
	loop_free(h.loop);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_cannot_listen_is_told_once),
		cmocka_unit_test(orders_end_with_the_workers),
		cmocka_unit_test(a_path_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
