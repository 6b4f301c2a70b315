/*
 * A running program over real sockets, in a network namespace of its own where every address is its loopback: the same
 * scenario can be given to any proxy that takes the configuration. Real time passes here. One configuration only.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "net/socket.h"
#include "place.h"

#define START_MS 20000 /* until the program listens */
#define QUIET_MS 30    /* so long nothing moves: it is quiet */
#define WORDS_MAX 32

const char *place_program;

static struct {
	place_step *step;
	void *arg;
	char dir[64];
	char log[96], config[96], output[96];
	pid_t pid;
} at;

static int64_t now_ms(void)
{
	return clock_mono_ns() / NS_PER_MS;
}

/* ---- the place ---- */

static void write_text(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

static int own_network(struct err *e)
{
	static const char script[] =
		"ip link set lo up && for n in 10.0.0.1/8 192.0.2.1/24 198.51.100.1/24 203.0.113.1/24; "
		"do ip addr add $n dev lo || exit 1; done";
	const uid_t uid = getuid();
	const gid_t gid = getgid();
	char map[64];

	if (unshare(CLONE_NEWNET) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			return err_errno(e, errno, "a network of its own");
		write_text("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_text("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_text("/proc/self/gid_map", map);
	}
	return system(script) ? err_set(e, -EIO, "the network's addresses cannot be set") : 0;
}

static int begin(place_step *step, void *arg, struct setup *s, struct err *e)
{
	at.step = step;
	at.arg = arg;
	snprintf(at.dir, sizeof(at.dir), "/tmp/weft-scenario.XXXXXX");
	if (!mkdtemp(at.dir))
		return err_errno(e, errno, "%s", at.dir);
	snprintf(at.log, sizeof(at.log), "%s/access.log", at.dir);
	snprintf(at.config, sizeof(at.config), "%s/config.yaml", at.dir);
	snprintf(at.output, sizeof(at.output), "%s/output", at.dir);
	s->log = at.log;
	signal(SIGPIPE, SIG_IGN);
	return own_network(e);
}

/* ---- the program ---- */

/* As static resources: further in, by a word in front. */
static void write_config(const struct setup *s, struct buf *out)
{
	struct slice rest = slice_str(s->yaml ? s->yaml : "");
	struct setup copy = *s;

	buf_append_str(out, "static_resources:");
	if (!s->yaml) {
		copy.proxy.envoy = true;
		buf_append_char(out, ' ');
		mesh_static(copy.mesh, &copy.proxy, out);
	}
	buf_append_char(out, '\n');
	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');

		buf_printf(out, "  %.*s\n", SLICE_ARG(line));
	}
}

static void become_program(void)
{
	static char *words[WORDS_MAX + 1];
	char *text = strdup(place_program), *save = NULL;
	const int out = open(at.output, O_WRONLY | O_CREAT, 0600);
	size_t n = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, 1);
	dup2(out, 2);
	for (char *w = strtok_r(text, " ", &save); w && n < WORDS_MAX; w = strtok_r(NULL, " ", &save))
		words[n++] = strcmp(w, "@CONFIG@") == 0 ? at.config : w;
	execv(words[0], words);
	_exit(127);
}

static int apply(const struct setup *s, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r;

	if (at.pid)
		return err_set(e, -ENOTSUP, "a running program has one configuration");
	write_config(s, &text);
	r = file_put(at.config, buf_slice(&text), 0600, e);
	if (r < 0)
		return r;
	at.pid = fork();
	if (at.pid == 0)
		become_program();
	return 0;
}

static void show_output(void)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)file_read(at.output, 1 << 20, &text, NULL);
	printf("the program ended: %.600s\n", buf_str(&text));
}

/* ---- sockets ---- */

static int address(const char *text, struct addr *ret, struct err *e)
{
	const struct slice s = slice_str(text);
	const ptrdiff_t colon = slice_rfind(s, ':');
	uint64_t port;

	if (colon < 0 || slice_to_u64(slice_from(s, (size_t)colon + 1), 65535, &port) < 0 ||
	    addr_parse(slice_head(s, (size_t)colon), (uint16_t)port, ret) < 0)
		return err_set(e, -EINVAL, "'%s' is no address", text);
	return 0;
}

static int listen_at(const char *text, struct err *e)
{
	struct addr a;
	int r = address(text, &a, e);

	return r < 0 ? r : socket_listen(&a, 128, 0, e);
}

static int try_connect(const struct addr *to, const struct addr *from)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if ((from->len && bind(fd, &from->sa, from->len) < 0) || connect(fd, &to->sa, to->len) < 0) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static int connect_to(const char *to, const char *from, const char *via, struct err *e)
{
	const int64_t end = now_ms() + START_MS;
	struct addr target, source = {0};
	int r = address(to, &target, e), fd;

	if (via)
		return err_set(e, -ENOTSUP, "nothing is redirected here");
	if (r == 0 && from)
		r = address(from, &source, e);
	if (r < 0)
		return r;
	while ((fd = try_connect(&target, &source)) < 0 && now_ms() < end) {
		if (at.pid && waitpid(at.pid, NULL, WNOHANG) == at.pid) {
			show_output();
			return err_set(e, -ECONNREFUSED, "the program ended by itself");
		}
		usleep(20000);
	}
	return fd < 0 ? err_set(e, -ECONNREFUSED, "nobody listens on %s", to) : fd;
}

/* ---- time ---- */

static void advance(int64_t ms)
{
	const int64_t end = now_ms() + ms;

	do {
		if (!at.step(at.arg))
			usleep(1000);
	} while (now_ms() < end);
}

static void settle(void)
{
	int64_t quiet_since = now_ms();

	while (now_ms() - quiet_since < QUIET_MS) {
		if (at.step(at.arg))
			quiet_since = now_ms();
		else
			usleep(1000);
	}
}

static int end(struct err *e)
{
	(void)e;
	if (at.pid > 0) {
		kill(at.pid, SIGKILL);
		waitpid(at.pid, NULL, 0);
	}
	return file_remove_tree(at.dir, NULL);
}

const struct place place_process = {
	.name = "process",
	.begin = begin,
	.apply = apply,
	.listen = listen_at,
	.connect = connect_to,
	.settle = settle,
	.advance = advance,
	.patience_steps = 500,
	.step_ms = 10,
	.end = end,
};
