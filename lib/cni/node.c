/*
 * The plugin's effects. The namespace of a pod is entered by a child process, so that the caller stays where it is and
 * a tool that hangs takes nothing with it.
 */
#include "cni/node.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "capture/apply.h"
#include "kube/client.h"
#include "net/loop.h"

/* --- the API server --- */

struct question {
	struct loop *loop;
	const struct api_kind *kind; /* NULL: the answer itself does not matter */
	struct api_object **ret;
	struct err *e;
	int code;
	bool done;
};

static void on_answer(void *arg, struct kube_result *r)
{
	struct question *q = arg;

	q->done = true;
	if (r->reason == KUBE_OK)
		q->code = q->kind ? api_object_from_json(q->kind, r->body, q->ret, q->e) : 0;
	else
		q->code = err_set(q->e, r->reason == KUBE_NOT_FOUND ? -ENOENT : -EIO, "%s", r->err.msg);
	loop_stop(q->loop);
}

static int ask(const char *kubeconfig, const struct kube_request *rq, struct question *q)
{
	struct kube_config config = {0};
	struct kube_client *client;
	int r = kube_config_load(kubeconfig, &config, q->e);

	if (r < 0)
		return r;
	q->loop = loop_new();
	client = q->loop ? kube_client_new(q->loop, &config, q->e) : NULL;
	kube_config_done(&config);
	if (client) {
		kube_call_start(client, rq, on_answer, q);
		loop_run(q->loop);
		kube_client_free(client);
	}
	loop_free(q->loop);
	if (q->done)
		return q->code;
	return q->e->code ? q->e->code : err_set(q->e, -EMFILE, "no event loop");
}

static int get_pod(void *arg, const char *kubeconfig, const char *ns, const char *name, struct api_object **ret,
		   struct err *e)
{
	const struct kube_request rq = {
		.verb = KUBE_GET, .kind = &api_kind_pod, .ns = ns, .name = name, .timeout_ms = CNI_ASK_MS};
	struct question q = {.kind = &api_kind_pod, .ret = ret, .e = e};

	(void)arg;
	return ask(kubeconfig, &rq, &q);
}

static int ready(void *arg, const char *kubeconfig, struct err *e)
{
	const struct kube_request rq = {.verb = KUBE_GET, .path = "/version", .timeout_ms = CNI_ASK_MS};
	struct question q = {.e = e};
	int r = ask(kubeconfig, &rq, &q);

	(void)arg;
	return r < 0 ? r : capture_tools_check(e);
}

/* --- the pod's network --- */

typedef int rules_fn(const struct capture_settings *s, struct err *e);

/* What the child found out, through a pipe. */
struct report {
	int code;
	struct err e;
};

static void in_child(const char *netns, rules_fn *fn, const struct capture_settings *s, int out)
{
	struct report r = {0, ERR_INIT};
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		r.code = err_errno(&r.e, errno, "network namespace %s", netns);
	else
		r.code = fn(s, &r.e);
	if (write(out, &r, sizeof(r)) != (ssize_t)sizeof(r))
		_exit(1);
	_exit(0);
}

static int in_netns(const char *netns, rules_fn *fn, const struct capture_settings *s, struct err *e)
{
	struct report r = {-EIO, ERR_INIT};
	int pipe_fd[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	pid = fork();
	if (pid == 0)
		in_child(netns, fn, s, pipe_fd[1]);
	close(pipe_fd[1]);
	n = pid > 0 ? read(pipe_fd[0], &r, sizeof(r)) : -1;
	close(pipe_fd[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (n != (ssize_t)sizeof(r))
		return err_set(e, -EIO, "rules: the process that sets them has died");
	if (r.code < 0)
		return err_set(e, r.code, "%s", r.e.msg);
	return 0;
}

static int apply(void *arg, const char *netns, const struct capture_settings *s, struct err *e)
{
	(void)arg;
	return in_netns(netns, capture_apply, s, e);
}

static int verify(void *arg, const char *netns, const struct capture_settings *s, struct err *e)
{
	(void)arg;
	return in_netns(netns, capture_verify, s, e);
}

const struct cni_ops cni_node_ops = {.get_pod = get_pod, .apply = apply, .verify = verify, .ready = ready};
