/* weft-lab: the embedded cluster. up, down, status, env, load, images. Flags, wiring and signals. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/flags.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "lab/api/api.h"
#include "lab/rest/server.h"
#include "lab/control/controller.h"
#include "lab/sys/daemon.h"
#include "lab/net/pod_net.h"
#include "lab/net/router.h"
#include "lab/image/load.h"
#include "lab/node/node.h"
#include "net/signal.h"

static char default_data_dir[] = "/var/lib/weft-lab";
#define DOWN_WAIT_MS 8000
#define APPS_DOMAIN "apps.localhost"

struct options {
	char *data_dir;
	const char *images_dir; /* NULL: beside the programs */
	const char *name;       /* of the image to be loaded */
	const char *const *files;
	size_t n_files;
	bool detach, keep;
	bool api_only; /* no node, no networks, no router: nothing that needs root */
	int port, router_port, router_tls_port;
};

struct lab {
	struct loop *loop;
	struct options o;
	int netns_fd, claim_fd;
	struct lab_api *api;
	struct controllers *controllers;
	struct node *node;
	struct router *router;
	struct signal_watch signals;
};

static int fail(const struct err *e)
{
	fprintf(stderr, "weft-lab: %s\n", e->msg);
	return 1;
}

static int fail_text(const char *text)
{
	fprintf(stderr, "weft-lab: %s\n", text);
	return 1;
}

static char *path_of(const struct options *o, const char *name)
{
	return mem_printf("%s/%s", o->data_dir, name);
}

/* The directory of this program: the images' binaries are beside it. */
static char *bin_dir(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
	return mem_strdup(slash ? path : ".");
}

/* --- up --- */

static int write_state(const struct lab *l, struct err *e)
{
	struct daemon_state s = {getpid(), lab_api_port(l->api), l->router ? router_port(l->router) : 0,
				 l->router ? router_tls_port(l->router) : 0};

	return daemon_state_write(l->o.data_dir, &s, e);
}

/* What runs pods and lets traffic in. */
static int start_node(struct lab *l, const struct daemon_state *before, struct err *e)
{
	CLEANUP(freep) char *bin = bin_dir(), *pki = path_of(&l->o, "pki");
	CLEANUP(freep) char *images = l->o.images_dir ? mem_strdup(l->o.images_dir) : mem_printf("%s/../images", bin);
	int r = node_start(&(struct node_config){.loop = l->loop,
						 .api = l->api,
						 .data_dir = l->o.data_dir,
						 .bin_dir = bin,
						 .images_dir = images,
						 .netns_fd = l->netns_fd},
			   &l->node, e);

	if (r < 0)
		return r;
	lab_api_set_node(l->api, l->node);
	return router_start(
		&(struct router_config){
			.loop = l->loop,
			.api = l->api,
			.netns_fd = l->netns_fd,
			.port = (uint16_t)(l->o.router_port ? l->o.router_port : before->router_port),
			.tls_port = (uint16_t)(l->o.router_tls_port ? l->o.router_tls_port : before->router_tls_port),
			.pki_dir = pki,
			.apps_domain = APPS_DOMAIN},
		&l->router, e);
}

static int start_networks(struct lab *l, struct err *e)
{
	l->netns_fd = net_up(l->o.data_dir, e);
	if (l->netns_fd < 0)
		return l->netns_fd;
	l->claim_fd = net_claim(l->netns_fd, e);
	return MIN(l->claim_fd, 0);
}

static int start_parts(struct lab *l, struct err *e)
{
	struct daemon_state before = {0};
	int r = l->o.api_only ? 0 : start_networks(l, e);

	if (r < 0)
		return r;

	/* After a crash the same ports, if they are free: kubeconfigs and URLs hold. The lock is ours, the file is not
	 * yet. */
	(void)daemon_state_read(l->o.data_dir, &before);
	l->api = lab_api_start(&(struct lab_api_config){.loop = l->loop,
							.data_dir = l->o.data_dir,
							.port = (uint16_t)(l->o.port ? l->o.port : before.api_port),
							.port_fixed = l->o.port != 0,
							.netns_fd = l->netns_fd},
			       e);
	if (!l->api)
		return -EIO;
	l->controllers = controllers_start(&(struct controllers_config){
		.loop = l->loop, .api = l->api, .data_dir = l->o.data_dir, .apps_domain = APPS_DOMAIN});
	r = l->o.api_only ? 0 : start_node(l, &before, e);
	return r < 0 ? r : write_state(l, e);
}

static void stop_parts(struct lab *l)
{
	router_free(l->router);
	lab_api_set_node(l->api, NULL);
	node_free(l->node);
	lab_api_stop(l->api);
	controllers_free(l->controllers);
	signal_stop(&l->signals);
	closep(&l->claim_fd);
	closep(&l->netns_fd);
	loop_free(l->loop);
}

static void on_signal(struct signal_watch *w, int signo)
{
	struct lab *l = CONTAINER_OF(w, struct lab, signals);

	(void)signo;
	loop_stop(l->loop);
}

/* The daemon's life. ready_fd (-1 = none) hears "" when all is up, else why not. */
static int run(const struct options *o, int ready_fd)
{
	static const int signals[] = {SIGTERM, SIGINT, 0};
	struct lab l = {.o = *o, .netns_fd = -1, .claim_fd = -1, .loop = loop_new()};
	struct err e = ERR_INIT;

	signal(SIGPIPE, SIG_IGN);
	int r = daemon_lock(o->data_dir, &e);

	if (r == 0)
		r = signal_start(l.loop, &l.signals, signals, on_signal);
	if (r == 0)
		r = start_parts(&l, &e);
	if (ready_fd >= 0) {
		ssize_t n = r < 0 ? write(ready_fd, e.msg, strlen(e.msg) + 1) : write(ready_fd, "", 1);

		(void)n;
		close(ready_fd);
	} else if (r < 0) {
		fail(&e);
	} else {
		printf("ready: export KUBECONFIG=%s/kubeconfig\n", o->data_dir);
		fflush(stdout);
	}
	if (r == 0)
		loop_run(l.loop);
	if (r != -EBUSY)
		stop_parts(&l);
	return r < 0;
}

static int detach(const struct options *o)
{
	CLEANUP(freep) char *log = path_of(o, "log");
	char why[ERR_MSG_MAX + 1] = "it ended at once; see the log";
	int fds[2];

	if (pipe(fds) < 0)
		return 1;
	pid_t child = fork();

	if (child == 0) {
		close(fds[0]);
		setsid();
		int in = open("/dev/null", O_RDONLY), out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);

		dup2(in, 0);
		dup2(out, 1);
		dup2(out, 2);
		fcntl(fds[1], F_SETFD, FD_CLOEXEC);
		_exit(run(o, fds[1]));
	}
	close(fds[1]);
	ssize_t n = child > 0 ? read(fds[0], why, ERR_MSG_MAX) : -1;

	close(fds[0]);
	if (n == 1 && !why[0])
		return 0;
	fprintf(stderr, "weft-lab: %s (%s)\n", why, log);
	return 1;
}

static int cmd_up(const struct options *o)
{
	struct err e = ERR_INIT;

	if ((o->api_only ? file_mkdirs(o->data_dir, 0755, &e) : daemon_check_ground(o->data_dir, &e)) < 0)
		return fail(&e);
	return o->detach ? detach(o) : run(o, -1);
}

/* --- down, status, env --- */

/* Nothing runs any more: images without a name are of no use. */
static int collect_images(const struct options *o)
{
	CLEANUP(image_store_closep) struct image_store *s = NULL;
	struct err e = ERR_INIT;

	return image_store_open(o->data_dir, &s, &e) < 0 || image_store_collect(s, &e) < 0 ? fail(&e) : 0;
}

static int cmd_down(const struct options *o)
{
	struct err e = ERR_INIT;
	struct daemon_state s;

	if (geteuid() != 0) {
		err_set(&e, -EPERM, "it must run as root: sudo weft-lab down");
		return fail(&e);
	}
	if (daemon_state_read(o->data_dir, &s)) {
		kill(s.pid, SIGTERM);
		for (int i = 0; i < DOWN_WAIT_MS / 20 && daemon_state_read(o->data_dir, &s); i++)
			usleep(20000);
		if (daemon_state_read(o->data_dir, &s))
			kill(s.pid, SIGKILL);
	}
	if (node_purge(o->data_dir, &e) < 0)
		return fail(&e);
	if (o->keep)
		return collect_images(o);
	return file_remove_tree(o->data_dir, &e) < 0 ? fail(&e) : 0;
}

static int cmd_status(const struct options *o)
{
	struct daemon_state s;

	if (!daemon_state_read(o->data_dir, &s)) {
		printf("not running (%s)\n", o->data_dir);
		return 1;
	}
	printf("running    pid %d\nversion    %s (commit %s)\nAPI        https://127.0.0.1:%d\nroutes     "
	       "http://NAME-NAMESPACE." APPS_DOMAIN ":%d\n           https://NAME-NAMESPACE." APPS_DOMAIN
	       ":%d, by %s/pki/" ROUTER_AUTHORITY ".crt\n"
	       "kubeconfig %s/kubeconfig\nlog        %s/log\n",
	       s.pid, weft_version, weft_commit, s.api_port, s.router_port, s.router_tls_port, o->data_dir, o->data_dir,
	       o->data_dir);
	return 0;
}

static int cmd_env(const struct options *o)
{
	struct err e = ERR_INIT;
	struct daemon_state s;

	if (!daemon_state_read(o->data_dir, &s)) {
		err_set(&e, -ENOENT, "no cluster runs on %s: weft-lab up --detach", o->data_dir);
		return fail(&e);
	}
	printf("export KUBECONFIG=%s/kubeconfig\n", o->data_dir);
	if (s.router_port != 80)
		printf("export APPS_DOMAIN_PORT=%d\n", s.router_port);
	printf("export APPS_DOMAIN_TLS_PORT=%d\nexport APPS_DOMAIN_CA=%s/pki/" ROUTER_AUTHORITY ".crt\n",
	       s.router_tls_port, o->data_dir);
	return 0;
}

/* --- load, images --- */

static void say_loaded(void *arg, const struct image_record *r)
{
	(void)arg;
	printf("loaded %s %s\n", r->reference, r->digest ? r->digest : r->id);
}

static int cmd_load(const struct options *o)
{
	CLEANUP(image_store_closep) struct image_store *s = NULL;
	struct err e = ERR_INIT;

	if (!o->n_files)
		return fail_text("load wants at least one archive");
	if (geteuid() != 0)
		return fail_text("it must run as root: sudo weft-lab load");
	if (image_store_open(o->data_dir, &s, &e) < 0)
		return fail(&e);
	for (size_t i = 0; i < o->n_files; i++)
		if (image_load(&(struct image_load){.store = s, .name = o->name, .on_loaded = say_loaded}, o->files[i],
			       &e) < 0)
			return fail(&e);
	return 0;
}

static void say_image(void *arg, const struct image_record *r)
{
	(void)arg;
	printf("%-55s %-71s %8.1f MB\n", r->reference, r->digest ? r->digest : r->id, (double)r->bytes / 1e6);
}

static int cmd_images(const struct options *o)
{
	CLEANUP(image_store_closep) struct image_store *s = NULL;
	struct err e = ERR_INIT;

	if (image_store_open(o->data_dir, &s, &e) < 0 || image_store_each(s, say_image, NULL, &e) < 0)
		return fail(&e);
	return 0;
}

enum {
	OPT_DATA = 256,
	OPT_DETACH,
	OPT_KEEP,
	OPT_PORT,
	OPT_ROUTER_PORT,
	OPT_ROUTER_TLS_PORT,
	OPT_VERBOSE,
	OPT_IMAGES,
	OPT_NAME,
	OPT_API
};

static const struct flag flags[] = {
	{OPT_DATA, "data", "DIR", "where the cluster is kept (/var/lib/weft-lab)"},
	{OPT_DETACH, "detach", NULL, "up: comes back when the cluster is ready"},
	{OPT_KEEP, "keep", NULL, "down: leaves the objects for the next time"},
	{OPT_PORT, "port", "N", "up: of the API server on 127.0.0.1"},
	{OPT_ROUTER_PORT, "router-port", "N", "up: of the routes' addresses on 127.0.0.1"},
	{OPT_ROUTER_TLS_PORT, "router-tls-port", "N", "up: of their https addresses there"},
	{OPT_IMAGES, "images", "DIR",
	 "up: archives that images are taken from when pods want them (the programs' ../images)"},
	{OPT_NAME, "name", "NAME:TAG", "load: what the image is called if the archive does not say"},
	{OPT_API, "api-only", NULL, "up: the API server and its controllers, without a node; needs no root"},
	{OPT_VERBOSE, "verbose", NULL, "says more in its log"},
};
static const struct flags_program program = {
	"weft-lab", "up [flags]\ndown [flags]\nstatus [flags]\nenv [flags]\nload [flags] FILE.tar...\nimages [flags]",
	"A Kubernetes cluster on one machine, without a container engine.", flags, ARRAY_LEN(flags)};

static void set(struct options *o, const struct flags *f, int id)
{
	if (id == OPT_DATA)
		o->data_dir = (char *)f->value;
	else if (id == OPT_DETACH)
		o->detach = true;
	else if (id == OPT_KEEP)
		o->keep = true;
	else if (id == OPT_API)
		o->api_only = true;
	else if (id == OPT_PORT)
		o->port = atoi(f->value);
	else if (id == OPT_ROUTER_PORT)
		o->router_port = atoi(f->value);
	else if (id == OPT_ROUTER_TLS_PORT)
		o->router_tls_port = atoi(f->value);
	else if (id == OPT_IMAGES)
		o->images_dir = f->value;
	else if (id == OPT_NAME)
		o->name = f->value;
	else
		log_set_level(LOG_DEBUG);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(const struct options *o);
		bool files;
	} commands[] = {{"up", cmd_up, false},   {"down", cmd_down, false}, {"status", cmd_status, false},
			{"env", cmd_env, false}, {"load", cmd_load, true},  {"images", cmd_images, false}};
	struct flags f = flags_begin(&program, argc, argv);
	struct options o = {.data_dir = default_data_dir};
	char absolute[4096];
	int id;

	while ((id = flags_next(&f)) > 0)
		set(&o, &f, id);
	if (id == FLAGS_EXIT)
		return f.status;
	if (*o.data_dir != '/' && getcwd(absolute, sizeof(absolute)))
		o.data_dir = mem_printf("%s/%s", absolute, o.data_dir);
	o.files = f.arguments + 1;
	o.n_files = f.n_arguments ? f.n_arguments - 1 : 0;
	for (size_t i = 0; f.n_arguments && i < ARRAY_LEN(commands); i++)
		if (strcmp(f.arguments[0], commands[i].name) == 0 && (commands[i].files || !o.n_files))
			return commands[i].fn(&o);
	return flags_wrong(&f, "it wants one of up, down, status, env, images, load FILE.tar...");
}
