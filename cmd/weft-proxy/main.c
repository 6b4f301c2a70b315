/*
 * weft-proxy: the data plane in a pod (sidecar or gateway), or from a file. Wires bootstrap, agent and signals; the
 * first SIGTERM ends gracefully, the second at once.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "base/version.h"
#include "net/loop.h"
#include "net/signal.h"
#include "proxy/agent/agent.h"
#include "proxy/boot/command.h"

struct program {
	struct loop *loop;
	struct agent *agent;
	struct signal_watch signals;
};

static void on_signal(struct signal_watch *w, int signo)
{
	struct program *p = CONTAINER_OF(w, struct program, signals);

	if (signo == SIGINT) {
		loop_stop(p->loop);
		return;
	}
	agent_stop(p->agent);
}

static void on_end(void *ctx)
{
	loop_stop(ctx);
}

static int run(struct program *p, const struct bootstrap *b, struct err *e)
{
	static const int signals[] = {SIGTERM, SIGINT, 0};
	int r;

	signal(SIGPIPE, SIG_IGN);
	p->loop = loop_new();
	if (!p->loop)
		return err_errno(e, errno, "event loop");
	r = signal_start(p->loop, &p->signals, signals, on_signal);
	if (r < 0)
		return err_errno(e, -r, "signals");
	r = agent_start(p->loop, b, on_end, p->loop, &p->agent, e);
	if (r == 0)
		loop_run(p->loop);
	agent_free(p->agent);
	signal_stop(&p->signals);
	loop_free(p->loop);
	return r;
}

int main(int argc, char **argv)
{
	struct program p = {0};
	struct bootstrap b;
	struct err e = ERR_INIT;
	int r;

	r = command_run(argc, argv, &e);
	if (r != -ENOENT) {
		if (r < 0)
			log_error("proxy", "%s", e.msg);
		return r < 0 ? 1 : r;
	}
	mallopt(M_ARENA_MAX, 2); /* few threads: memory that one frees serves the others */
	r = bootstrap_init(&b, argc, argv, &e);
	if (r == 0) {
		log_info("proxy", "weft-proxy %s (commit %s) id=%s workers=%u", weft_version, weft_commit, b.node->id,
			 b.concurrency);
		r = run(&p, &b, &e);
	}
	bootstrap_done(&b);
	if (r < 0)
		log_error("proxy", "%s", e.msg);
	return r < 0 ? 1 : 0;
}
