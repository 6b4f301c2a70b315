/*
 * dashboard: a port of the user's own loopback that leads to a pod, until it is interrupted. Each connection is relayed
 * by a thread of its own, as a port-forward of its own.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/live/live.h"
#include "kube/config.h"
#include "kube/forward.h"
#include "msg/json.h"

#define CONNECTIONS_MAX 64

const char *const ctl_dashboard_words[] = {"kiali", "jaeger",   "grafana", "prometheus",
					   "proxy", "controlz", "debug",   NULL};

/* What each word opens. */
static const struct board {
	const char *name;
	const char *app; /* label of its pods; NULL: the pod is named */
	uint16_t port;
	const char *path;
} boards[] = {
	{"kiali", "kiali", 20001, "/"},       {"jaeger", "jaeger", 16686, "/"},
	{"grafana", "grafana", 3000, "/"},    {"prometheus", "prometheus", 9090, "/"},
	{"proxy", NULL, 15000, "/"},          {"controlz", "istiod", 15014, "/debug"},
	{"debug", "istiod", 15014, "/debug"},
};

struct dashboard {
	struct ctl *c;
	const struct board *board;
	struct kube_config cfg;
	struct arena a;
	struct forward_request rq;
	int listener, stop, signals;
	atomic_int running;
	uint16_t port;
};

struct connection {
	struct dashboard *d;
	int fd;
};

/* --- finding the pod --- */

static bool is_ready(const cJSON *pod)
{
	JSON_EACH(x, json_at(pod, "status.conditions"))
	if (!strcmp(json_str_or_empty(x, "type"), "Ready"))
		return !strcmp(json_str_or_empty(x, "status"), "True");
	return false;
}

static int find_pod(struct dashboard *d, struct err *e)
{
	const char *selector = arena_printf(&d->a, "app=%s", d->board->app);
	CLEANUP(json_freep) cJSON *pods = NULL;

	if (ctl_list(d->c, &api_kind_pod, selector, &pods, e) != KUBE_OK)
		return -EIO;
	JSON_EACH(p, pods)
	{
		const char *ns = json_str_or_empty(p, "metadata.namespace");

		if ((d->c->o.plane_ns && strcmp(d->c->o.plane_ns, ns) != 0) || !is_ready(p))
			continue;
		d->rq.ns = arena_strdup(&d->a, ns);
		d->rq.pod = arena_strdup(&d->a, json_str_or_empty(p, "metadata.name"));
		return 0;
	}
	return err_set(e, -ENOENT, "no pod with label %s is ready: is %s installed?", selector, d->board->name);
}

/* --- connections --- */

static void *relay(void *arg)
{
	struct connection *k = arg;
	struct dashboard *d = k->d;
	struct err e = ERR_INIT;

	if (kube_forward_relay(&d->cfg, &d->rq, k->fd, d->stop, &e) < 0)
		fprintf(d->c->err, "%s\n", e.msg);
	close(k->fd);
	free(k);
	atomic_fetch_sub(&d->running, 1);
	return NULL;
}

static void take_connection(struct dashboard *d)
{
	const int fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
	struct connection *k;
	pthread_t thread;

	if (fd < 0)
		return;
	if (atomic_load(&d->running) >= CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	k = NEW(struct connection);
	*k = (struct connection){d, fd};
	atomic_fetch_add(&d->running, 1);
	if (pthread_create(&thread, NULL, relay, k) != 0) {
		atomic_fetch_sub(&d->running, 1);
		close(fd);
		free(k);
		return;
	}
	pthread_detach(thread);
}

/* The wanted port of 127.0.0.1, or any when the usual one is taken and none was asked for. */
static int listen_on(struct dashboard *d, struct err *e)
{
	const uint16_t wanted = (uint16_t)(d->c->o.port ? d->c->o.port : d->board->port);
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(wanted), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int r;

	d->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = d->listener < 0 ? -1 : bind(d->listener, (struct sockaddr *)&at, sizeof(at));
	if (r < 0 && !d->c->o.port) {
		at.sin_port = 0;
		r = bind(d->listener, (struct sockaddr *)&at, sizeof(at));
	}
	if (r < 0 || listen(d->listener, CONNECTIONS_MAX) < 0 ||
	    getsockname(d->listener, (struct sockaddr *)&at, &len) < 0)
		return err_errno(e, errno, "port %u of 127.0.0.1", wanted);
	d->port = ntohs(at.sin_port);
	return 0;
}

/* --- until it is interrupted --- */

static void serve(struct dashboard *d)
{
	struct pollfd p[2] = {{.fd = d->signals, .events = POLLIN}, {.fd = d->listener, .events = POLLIN}};

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[0].revents)
			return;
		if (p[1].revents)
			take_connection(d);
	}
}

static void end(struct dashboard *d)
{
	const uint64_t one = 1;

	if (d->stop >= 0 && write(d->stop, &one, sizeof(one)) < 0)
		fprintf(d->c->err, "%s: connections are not told to end\n", d->c->name);
	while (atomic_load(&d->running))
		ctl_pause(d->c, 10);
	for (size_t i = 0; i < 3; i++)
		if ((int[]){d->listener, d->stop, d->signals}[i] >= 0)
			close((int[]){d->listener, d->stop, d->signals}[i]);
	kube_config_done(&d->cfg);
	arena_done(&d->a);
}

static int begin(struct dashboard *d, struct err *e)
{
	struct ctl *c = d->c;
	sigset_t set;
	int r = ctl_connect(c, e);

	if (r == 0)
		r = kube_config_load(c->o.kubeconfig, &d->cfg, e);
	d->rq.port = d->board->port;
	if (r == 0 && d->board->app)
		r = find_pod(d, e);
	else if (r == 0)
		r = ctl_split_name(c->o.arguments[1], c->o.ns, &d->a, &d->rq.ns, &d->rq.pod, e);
	if (r == 0)
		r = listen_on(d, e);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* threads have it, too */
	d->stop = eventfd(0, EFD_CLOEXEC);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return r == 0 && (d->stop < 0 || d->signals < 0) ? err_errno(e, errno, "no descriptors") : r;
}

static const struct board *find_board(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(boards); i++)
		if (!strcmp(boards[i].name, name))
			return &boards[i];
	return NULL;
}

enum ctl_status ctl_dashboard(struct ctl *c)
{
	struct dashboard d = {.c = c, .listener = -1, .stop = -1, .signals = -1};
	struct err e = ERR_INIT;
	int r;

	d.board = c->o.n_arguments ? find_board(c->o.arguments[0]) : NULL;
	if (!d.board || c->o.n_arguments != (d.board->app ? 1 : 2)) {
		fprintf(c->err, "%s dashboard: it wants kiali|jaeger|grafana|prometheus|controlz|debug, or proxy POD\n",
			c->name);
		return CTL_USAGE;
	}
	r = begin(&d, &e);
	if (r < 0)
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
	else
		fprintf(c->out, "http://localhost:%u%s leads to %s/%s until this is interrupted\n", d.port,
			d.board->path, d.rq.ns, d.rq.pod);
	fflush(c->out);
	if (r == 0)
		serve(&d);
	end(&d);
	return r == 0 ? CTL_OK : CTL_FAILED;
}
