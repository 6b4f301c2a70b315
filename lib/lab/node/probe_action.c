/* One look at a container: exec through the supervisor, HTTP by a small client of our own, TCP by connecting. */
#include "lab/node/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/sys/netns.h"
#include "lab/sys/spawn.h"
#include "lab/object/object.h"

static const char *str_or(const cJSON *o, const char *name, const char *fallback)
{
	const char *v = json_str(o, name);

	return v ? v : fallback;
}

static void release(struct action *a)
{
	timer_stop(&a->deadline);
	task_cancel(&a->finish);
	io_stop(&a->io);
	io_stop(&a->exit_io);
	closep(&a->fd);
	closep(&a->pid_fd);
	a->fd = a->pid_fd = -1;
	if (a->pid > 0) {
		kill(-a->pid, SIGKILL);
		kill(a->pid, SIGKILL);
		(void)waitpid(a->pid, NULL, 0);
	}
	a->pid = 0;
	buf_done(&a->request);
	if (a->answer)
		h1_message_free(a->answer);
	free(take(a->answer));
	a->running = false;
}

static void on_finish(struct task *t)
{
	struct action *a = CONTAINER_OF(t, struct action, finish);

	release(a);
	a->on_done(a);
}

static void finish(struct action *a, bool ok)
{
	a->ok = ok;
	timer_stop(&a->deadline);
	io_stop(&a->io);
	io_stop(&a->exit_io);
	task_defer(a->place->loop, &a->finish, on_finish);
}

static void __attribute__((format(printf, 2, 3))) fail(struct action *a, const char *fmt, ...)
{
	va_list ap;

	buf_clear(&a->output);
	va_start(ap, fmt);
	buf_vprintf(&a->output, fmt, ap);
	va_end(ap);
	finish(a, false);
}

static void on_deadline(struct timer *t)
{
	struct action *a = CONTAINER_OF(t, struct action, deadline);

	if (a->pid)
		fail(a, "command timed out");
	else if (a->request.len)
		fail(a, "Get \"http://%s\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
		     a->place->ip);
	else
		fail(a, "dial tcp %s: i/o timeout", a->place->ip);
}

/* ---- exec ---- */

static void drain_output(struct action *a)
{
	char chunk[1024];
	ssize_t n;

	while ((n = read(a->fd, chunk, sizeof(chunk))) > 0)
		(void)!buf_try_append(&a->output, chunk, (size_t)n, ACTION_OUTPUT_MAX_BYTES);
	if (n == 0)
		io_stop(&a->io);
}

static void on_output(struct io *io, uint32_t revents)
{
	(void)revents;
	drain_output(CONTAINER_OF(io, struct action, io));
}

static void on_command_end(struct io *io, uint32_t revents)
{
	struct action *a = CONTAINER_OF(io, struct action, exit_io);
	int status = 0;

	(void)revents;
	drain_output(a);
	if (waitpid(a->pid, &status, WNOHANG) != a->pid)
		status = -1;
	a->pid = 0;
	while (a->output.len && a->output.ptr[a->output.len - 1] == '\n')
		a->output.ptr[--a->output.len] = '\0';
	finish(a, status == 0);
}

static void start_program(struct action *a, const char **argv)
{
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		fail(a, "pipe: %s", strerror(errno));
		return;
	}
	a->fd = fds[0];
	r = spawn_program(argv, (struct spawn_fd[]){{-1, 0}, {fds[1], 1}, {fds[1], 2}}, 3, &a->pid);
	close(fds[1]);
	if (r < 0) {
		a->pid = 0;
		fail(a, "%s: %s", argv[0], strerror(-r));
		return;
	}
	a->pid_fd = (int)syscall(SYS_pidfd_open, a->pid, 0);
	io_start(a->place->loop, &a->io, a->fd, EPOLLIN, on_output);
	io_start(a->place->loop, &a->exit_io, a->pid_fd, EPOLLIN, on_command_end);
}

static void start_exec(struct action *a, const cJSON *command)
{
	size_t n = 0, max = (size_t)cJSON_GetArraySize(command) + 4;
	const char **argv = mem_calloc(max, sizeof(*argv));
	const cJSON *arg;

	argv[n++] = a->place->shim;
	argv[n++] = "exec";
	argv[n++] = a->place->container_dir;
	cJSON_ArrayForEach(arg, command) argv[n++] = cJSON_IsString(arg) ? arg->valuestring : "";
	start_program(a, argv);
	free(argv);
}

/* ---- HTTP and TCP ---- */

static uint16_t port_of(const struct action *a, const cJSON *v)
{
	const char *name = cJSON_GetStringValue(v);
	const cJSON *port;

	if (cJSON_IsNumber(v))
		return (uint16_t)v->valuedouble;
	cJSON_ArrayForEach(port, json_at(a->place->container, "ports"))
	{
		const char *have = json_str(port, "name");

		if (name && have && strcmp(name, have) == 0)
			return (uint16_t)json_int(port, "containerPort", 0);
	}
	return name ? (uint16_t)atoi(name) : 0;
}

/* The head decides: 200..399 is healthy; redirects are not followed. */
static void on_response(struct action *a)
{
	char bytes[4096];
	ssize_t n = read(a->fd, bytes, sizeof(bytes));
	unsigned status;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		fail(a, "Get \"http://%s\": %s", a->place->ip, n < 0 ? strerror(errno) : "EOF");
		return;
	}
	if (h1_message_feed(a->answer, bytes, (size_t)n) < 0) {
		fail(a, "Get \"http://%s\": malformed HTTP response", a->place->ip);
		return;
	}
	if (a->answer->state == H1_MESSAGE_HEAD)
		return;
	status = a->answer->head.status;
	if (status >= 200 && status < 400)
		finish(a, true);
	else
		fail(a, "HTTP probe failed with statuscode: %u", status);
}

static void on_connection(struct io *io, uint32_t revents)
{
	struct action *a = CONTAINER_OF(io, struct action, io);
	int error = socket_error(a->fd);
	ssize_t n;

	if (error) {
		fail(a, "dial tcp %s: connect: %s", a->place->ip, strerror(error));
		return;
	}
	if (!a->request.len) {
		finish(a, true);
		return;
	}
	if (a->sent == a->request.len) {
		on_response(a);
		return;
	}
	(void)revents;
	n = write(a->fd, a->request.ptr + a->sent, a->request.len - a->sent);
	if (n < 0 && errno != EAGAIN)
		fail(a, "write: %s", strerror(errno));
	if (n > 0)
		a->sent += (size_t)n;
	if (a->sent == a->request.len)
		io_set(io, EPOLLIN);
}

static void start_connection(struct action *a, const char *host, uint16_t port)
{
	struct addr to;

	if (!port || addr_parse(slice_str(host), port, &to) < 0) {
		fail(a, "invalid address %s:%u", host, port);
		return;
	}
	a->fd = netns_connect(a->place->netns_fd, &to, SOCKET_NO_DELAY);
	if (a->fd < 0) {
		fail(a, "dial tcp %s:%u: connect: %s", host, port, strerror(-a->fd));
		return;
	}
	io_start(a->place->loop, &a->io, a->fd, EPOLLOUT, on_connection);
}

static void start_https(struct action *a, const char *url)
{
	char timeout[24];
	const char *argv[] = {"ip",        "netns", "exec", a->place->netns, "curl", "-ksS", "-o",
			      "/dev/null", "-f",    "-m",   timeout,         url,    NULL};

	snprintf(timeout, sizeof(timeout), "%lld", (long long)((a->timeout_ms + 999) / 1000));
	start_program(a, argv);
}

static void start_http(struct action *a, const cJSON *get)
{
	const char *host = str_or(get, "host", a->place->ip), *path = str_or(get, "path", "/");
	const char *scheme = str_or(get, "scheme", "HTTP");
	uint16_t port = port_of(a, json_at(get, "port"));
	const char *slash = *path == '/' ? "" : "/";
	const char *host_header = NULL;
	const cJSON *h;

	if (strcasecmp(scheme, "HTTPS") == 0) {
		char *url = mem_printf("https://%s:%u%s%s", host, port, slash, path);

		start_https(a, url);
		free(url);
		return;
	}
	cJSON_ArrayForEach(h, json_at(get, "httpHeaders"))
	{
		if (strcasecmp(str_or(h, "name", ""), "host") == 0)
			host_header = json_str(h, "value");
	}
	buf_printf(&a->request, "GET %s%s HTTP/1.1\r\n", slash, path);
	if (host_header)
		buf_printf(&a->request, "Host: %s\r\n", host_header);
	else
		buf_printf(&a->request, "Host: %s:%u\r\n", host, port);
	cJSON_ArrayForEach(h, json_at(get, "httpHeaders"))
	{
		if (strcasecmp(str_or(h, "name", ""), "host") != 0)
			buf_printf(&a->request, "%s: %s\r\n", str_or(h, "name", ""), str_or(h, "value", ""));
	}
	a->answer = NEW(struct h1_message);
	h1_message_response(a->answer, HTTP_GET, SIZE_MAX);
	buf_append_str(&a->request, "User-Agent: kube-probe/1.27\r\nAccept: */*\r\nConnection: close\r\n\r\n");
	start_connection(a, host, port);
}

void action_start(struct action *a, const struct action_place *place, const cJSON *spec, int64_t timeout_ms,
		  void (*on_done)(struct action *a))
{
	const cJSON *v;

	action_stop(a);
	*a = (struct action){
		.place = place, .running = true, .on_done = on_done, .fd = -1, .pid_fd = -1, .timeout_ms = timeout_ms};
	timer_start(place->loop, &a->deadline, timeout_ms, on_deadline);
	if ((v = json_at(spec, "exec")))
		start_exec(a, json_at(v, "command"));
	else if ((v = json_at(spec, "httpGet")))
		start_http(a, v);
	else if ((v = json_at(spec, "tcpSocket")))
		start_connection(a, str_or(v, "host", place->ip), port_of(a, json_at(v, "port")));
	else
		fail(a, "this kind of check is not supported by the lab");
}

void action_stop(struct action *a)
{
	if (a->running)
		release(a);
	buf_done(&a->output);
}
