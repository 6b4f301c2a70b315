/* Commands in running containers: the supervisor's exec mode with pipes or a terminal in between. */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/container/attach.h"
#include "lab/node/lookup_internal.h"
#include "msg/json.h"
#include "lab/sys/spawn.h"

#define LINGER_MS 500 /* output that a process left behind holds open */
#define END_OF_FILE "\004"

struct exec_stream {
	struct node_exec *owner;
	struct io io;
	int fd;
	bool ended;
};

struct node_exec {
	struct node *node;
	void (*on_event)(void *arg);
	void *arg;
	bool tty, exited, attached;
	int code;
	pid_t pid;
	int pid_fd;
	struct io pid_io;
	struct exec_stream in, out, err;
	struct timer linger;
};

static int make_pipe(int *ours, int *theirs, bool we_read, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	*ours = fds[we_read ? 0 : 1];
	*theirs = fds[we_read ? 1 : 0];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return 0;
}

static int make_terminal(struct node_exec *x, int child[3], struct err *e)
{
	int master, slave;

	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		return err_errno(e, errno, "terminal");
	fcntl(master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	fcntl(master, F_SETFL, O_NONBLOCK);
	x->out.fd = master;
	x->in.fd = fcntl(master, F_DUPFD_CLOEXEC, 0); /* each direction is watched by itself */
	child[0] = child[1] = child[2] = slave;
	return 0;
}

static int make_pipes(struct node_exec *x, const struct node_exec_options *o, int child[3], struct err *e)
{
	int r = 0;

	if (o->in)
		r = make_pipe(&x->in.fd, &child[0], false, e);
	if (r == 0 && o->out)
		r = make_pipe(&x->out.fd, &child[1], true, e);
	if (r == 0 && o->err)
		r = make_pipe(&x->err.fd, &child[2], true, e);
	return r;
}

static void on_linger(struct timer *t)
{
	struct node_exec *x = CONTAINER_OF(t, struct node_exec, linger);

	x->out.ended = x->err.ended = true;
	io_stop(&x->out.io);
	io_stop(&x->err.io);
	x->on_event(x->arg);
}

static void on_exit_seen(struct io *io, uint32_t revents)
{
	struct node_exec *x = CONTAINER_OF(io, struct node_exec, pid_io);
	int status = 0;

	(void)revents;
	io_stop(io);
	if (waitpid(x->pid, &status, WNOHANG) == x->pid)
		x->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	x->pid = 0;
	x->exited = true;
	if (!x->out.ended || !x->err.ended)
		timer_start(x->node->loop, &x->linger, LINGER_MS, on_linger);
	x->on_event(x->arg);
}

static int run(struct node_exec *x, const struct pod_container *c, const struct node_exec_options *o, struct err *e)
{
	int child[3] = {-1, -1, -1}, r;
	const char **argv;
	size_t n = 0;

	while (o->argv[n])
		n++;
	argv = mem_calloc(n + 4, sizeof(*argv));
	argv[0] = x->node->shim;
	argv[1] = "exec";
	argv[2] = c->dir;
	memcpy(argv + 3, o->argv, n * sizeof(*argv));
	r = o->tty ? make_terminal(x, child, e) : make_pipes(x, o, child, e);
	struct spawn_fd fds[] = {{child[0], 0}, {child[1], 1}, {child[2], 2}};
	if (r == 0 && (r = spawn_program(argv, fds, 3, &x->pid)) < 0)
		err_errno(e, -r, "%s", argv[0]);
	free(argv);
	for (int i = 0; i < 3; i++)
		if (child[i] >= 0 && (i == 0 || child[i] != child[i - 1]))
			close(child[i]);
	return r;
}

int node_exec_start(struct node *n, const struct node_exec_options *o, void (*on_event)(void *arg), void *arg,
		    struct node_exec **ret, struct err *e)
{
	struct pod_container *c;
	struct node_exec *x;
	int r = node_find_container(n, o->ns, o->pod, o->container, &c, e);

	if (r < 0)
		return r;
	if (c->c.state != CONTAINER_RUNNING)
		return err_set(e, -EINVAL, "container not found (\"%s\")", c->name);
	x = NEW(struct node_exec);
	*x = (struct node_exec){.node = n, .on_event = on_event, .arg = arg, .tty = o->tty, .pid_fd = -1};
	x->in = x->out = x->err = (struct exec_stream){.owner = x, .fd = -1};
	r = run(x, c, o, e);
	if (r < 0) {
		x->pid = 0;
		node_exec_close(x);
		return r;
	}
	x->out.ended = x->out.fd < 0;
	x->err.ended = x->err.fd < 0;
	x->pid_fd = (int)syscall(SYS_pidfd_open, x->pid, 0);
	io_start(n->loop, &x->pid_io, x->pid_fd, EPOLLIN, on_exit_seen);
	*ret = x;
	return 0;
}

/* ---- attach: the container's own streams ---- */

static int join(struct node_exec *x, const struct pod_container *c, const struct node_exec_options *o, struct err *e)
{
	CLEANUP(closep) int out = -1;
	CLEANUP(closep) int err = -1;
	const bool wants_in = o->in || (x->tty && o->tty); /* the terminal also has a size */
	int r = 0;

	if (o->out)
		r = make_pipe(&x->out.fd, &out, true, e);
	if (r == 0 && o->err && !x->tty)
		r = make_pipe(&x->err.fd, &err, true, e);
	if (r == 0)
		r = container_attach(c->dir, out, err, wants_in ? &x->in.fd : NULL, e);
	if (r == 0 && x->in.fd >= 0)
		fcntl(x->in.fd, F_SETFL, O_NONBLOCK);
	return r;
}

int node_exec_attach(struct node *n, const struct node_exec_options *o, void (*on_event)(void *arg), void *arg,
		     struct node_exec **ret, struct err *e)
{
	struct pod_container *c;
	struct node_exec *x;
	int r = node_find_container(n, o->ns, o->pod, o->container, &c, e);

	if (r < 0)
		return r;
	if (c->c.state != CONTAINER_RUNNING)
		return err_set(e, -EINVAL, "container %s is not running", c->name);
	if (!o->out && !o->err)
		return err_set(e, -EINVAL, "stdout or stderr must be asked for");
	x = NEW(struct node_exec);
	*x = (struct node_exec){
		.node = n, .on_event = on_event, .arg = arg, .pid_fd = -1, .exited = true, .attached = true};
	x->tty = json_true(pod_container_spec(c), "tty");
	x->in = x->out = x->err = (struct exec_stream){.owner = x, .fd = -1};
	r = join(x, c, o, e);
	x->out.ended = x->out.fd < 0;
	x->err.ended = x->err.fd < 0;
	if (r < 0)
		node_exec_close(x);
	else
		*ret = x;
	return r;
}

/* One event, then silence until it is asked for again. */
static void on_stream(struct io *io, uint32_t revents)
{
	struct exec_stream *s = CONTAINER_OF(io, struct exec_stream, io);

	(void)revents;
	io_stop(io);
	s->owner->on_event(s->owner->arg);
}

static void arm(struct exec_stream *s, uint32_t events)
{
	if (!io_active(&s->io))
		io_start(s->owner->node->loop, &s->io, s->fd, events, on_stream);
}

ssize_t node_exec_read(struct node_exec *x, enum node_exec_stream which, char *out, size_t cap)
{
	struct exec_stream *s = which == NODE_EXEC_OUT ? &x->out : &x->err;
	ssize_t n;

	if (s->ended)
		return 0;
	n = read(s->fd, out, cap);
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		arm(s, EPOLLIN);
		return -EAGAIN;
	}
	s->ended = true; /* also EIO: the last one on the terminal is gone */
	return 0;
}

ssize_t node_exec_write(struct node_exec *x, const char *bytes, size_t n)
{
	ssize_t done;

	if (x->in.fd < 0)
		return -EPIPE;
	done = write(x->in.fd, bytes, n);
	if (done < 0 && errno != EAGAIN && errno != EINTR)
		return -EPIPE;
	if (done < (ssize_t)n)
		arm(&x->in, EPOLLOUT);
	return done < 0 ? 0 : done;
}

void node_exec_close_stdin(struct node_exec *x)
{
	if (x->in.fd < 0)
		return;
	if (x->tty && !x->attached) {
		(void)!write(x->in.fd, END_OF_FILE, 1);
		return;
	}
	io_stop(&x->in.io);
	closep(&x->in.fd);
	x->in.fd = -1;
}

void node_exec_resize(struct node_exec *x, unsigned columns, unsigned rows)
{
	struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};

	if (x->tty)
		ioctl(x->attached ? x->in.fd : x->out.fd, TIOCSWINSZ, &size);
}

bool node_exec_done(const struct node_exec *x, int *ret_code)
{
	if (!x->exited || !x->out.ended || !x->err.ended)
		return false;
	*ret_code = x->code;
	return true;
}

static void stream_done(struct exec_stream *s)
{
	io_stop(&s->io);
	closep(&s->fd);
}

void node_exec_close(struct node_exec *x)
{
	if (!x)
		return;
	timer_stop(&x->linger);
	io_stop(&x->pid_io);
	stream_done(&x->in);
	stream_done(&x->out);
	stream_done(&x->err);
	closep(&x->pid_fd);
	if (x->pid > 0) {
		kill(x->pid, SIGKILL);
		(void)waitpid(x->pid, NULL, 0);
	}
	free(x);
}
