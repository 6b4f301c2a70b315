/*
 * The embedded cluster's API server alone, without a node and without controllers: what the operator and weftd are
 * measured against.   api_server DIR   writes DIR/kubeconfig and DIR/port, and ends on SIGTERM or with its parent.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/rest/server.h"
#include "net/loop.h"
#include "net/signal.h"

struct server {
	struct loop *loop;
	struct signal_watch signals;
};

static void on_signal(struct signal_watch *w, int signo)
{
	(void)signo;
	loop_stop(CONTAINER_OF(w, struct server, signals)->loop);
}

static int write_port(const char *dir, const struct lab_api *api, struct err *e)
{
	CLEANUP(freep) char *path = mem_printf("%s/port", dir);
	CLEANUP(freep) char *text = mem_printf("%d\n", lab_api_port(api));

	return file_write(path, slice_str(text), 0644, e);
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGTERM, SIGINT, 0};
	struct server s = {.loop = loop_new()};
	struct err e = ERR_INIT;
	struct lab_api *api;

	if (argc != 2) {
		fprintf(stderr, "usage: api_server DIR\n");
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	signal_start(s.loop, &s.signals, signals, on_signal);
	api = lab_api_start(&(struct lab_api_config){.loop = s.loop, .data_dir = argv[1], .netns_fd = -1}, &e);
	if (!api || write_port(argv[1], api, &e) < 0) {
		fprintf(stderr, "api_server: %s\n", e.msg);
		return 1;
	}
	loop_run(s.loop);
	lab_api_stop(api);
	signal_stop(&s.signals);
	loop_free(s.loop);
	return 0;
}
