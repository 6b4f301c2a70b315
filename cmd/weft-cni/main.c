/*
 * weft-cni: a CNI plugin that redirects the traffic of a mesh's pods to their proxies, so that no pod needs to be
 * privileged for it. Started by a container runtime it is the plugin; "install" keeps it installed on a node, "ready"
 * tells whether it is. Flags, wiring, signals.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/flags.h"
#include "base/log.h"
#include "base/version.h"
#include "cni/bundle.h"
#include "cni/conf.h"
#include "cni/installer.h"
#include "cni/node.h"
#include "cni/repair.h"
#include "kube/client.h"
#include "net/loop.h"
#include "net/signal.h"

#define EXCLUDED_MAX 64

struct settings {
	struct cni_install_options install;
	const char *excluded[EXCLUDED_MAX];
	const char *program, *launcher, *node;
	bool no_repair;
};

enum option_id {
	OPTION_BIN_DIR = 1,
	OPTION_CONF_DIR,
	OPTION_HOST_CONF_DIR,
	OPTION_ALONE,
	OPTION_EXCLUDE,
	OPTION_NODE,
	OPTION_NO_REPAIR,
	OPTION_LAUNCHER,
	OPTION_ACCOUNT_DIR,
	OPTION_LOG_LEVEL,
};

static const struct flag options[] = {
	{OPTION_BIN_DIR, "cni-bin-dir", "DIR", "where runtimes look for plugins (/host/opt/cni/bin)"},
	{OPTION_CONF_DIR, "cni-conf-dir", "DIR", "where network configurations are (/host/etc/cni/net.d)"},
	{OPTION_HOST_CONF_DIR, "host-conf-dir", "DIR", "the same as the node sees it (/etc/cni/net.d)"},
	{OPTION_ALONE, "multus", NULL, "a configuration of its own, for Multus, in place of the chain"},
	{OPTION_EXCLUDE, "exclude-namespace", "NS", "pods there are left alone; may be repeated"},
	{OPTION_NODE, "node", "NAME", "the node, whose pods without redirection are deleted; NODE_NAME"},
	{OPTION_NO_REPAIR, "no-repair", NULL, "deletes no pods"},
	{OPTION_LAUNCHER, "launcher", "FILE", "weft-cni-launch (beside this program)"},
	{OPTION_ACCOUNT_DIR, "account-dir", "DIR", "token of the service account (" KUBE_SERVICE_ACCOUNT_DIR ")"},
	LOG_FLAG_LEVEL(OPTION_LOG_LEVEL),
};
static const struct flags_program program = {
	"weft-cni",
	"\ninstall [flags]\nready [flags]",
	"Redirects the traffic of a mesh's pods to their proxies (CNI 0.3.1 to " CNI_NEWEST ").",
	options,
	ARRAY_LEN(options),
};

static int set_option(struct settings *s, int option, const char *value)
{
	switch (option) {
	case OPTION_BIN_DIR:
		s->install.bin_dir = value;
		return 0;
	case OPTION_CONF_DIR:
		s->install.conf_dir = value;
		return 0;
	case OPTION_HOST_CONF_DIR:
		s->install.host_conf_dir = value;
		return 0;
	case OPTION_ALONE:
		s->install.alone = true;
		return 0;
	case OPTION_EXCLUDE:
		if (s->install.n_exclude == EXCLUDED_MAX)
			return -1;
		s->excluded[s->install.n_exclude++] = value;
		return 0;
	case OPTION_NODE:
		s->node = value;
		return 0;
	case OPTION_NO_REPAIR:
		s->no_repair = true;
		return 0;
	case OPTION_LAUNCHER:
		s->launcher = value;
		return 0;
	case OPTION_ACCOUNT_DIR:
		s->install.account_dir = value;
		return 0;
	case OPTION_LOG_LEVEL:
		return log_set_levels(slice_str(value));
	default:
		return -1;
	}
}

/* --- the plugin --- */

static int run_plugin(void)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct cni_request rq = {.command = getenv("CNI_COMMAND"),
				 .container = getenv("CNI_CONTAINERID"),
				 .netns = getenv("CNI_NETNS"),
				 .args = getenv("CNI_ARGS")};
	struct err e = ERR_INIT;
	ssize_t n = 1;
	int status;

	log_set_level(LOG_WARN); /* runtimes keep what is said */
	while (in.len <= CNI_CONF_MAX_BYTES && (n = read(0, buf_reserve(&in, 4096), 4096)) > 0)
		in.len += (size_t)n;
	rq.conf = buf_slice(&in);
	status = cni_run(&rq, &cni_node_ops, &out, &e);
	if (e.code)
		log_error("cni", "%s", e.msg);
	if (fwrite(out.ptr ? out.ptr : "", 1, out.len, stdout) != out.len || fflush(stdout) != 0)
		return 1;
	return status;
}

/* --- on a node --- */

struct node {
	struct loop *loop;
	struct signal_watch signals;
	struct cni_installer *installer;
	struct cni_repair *repair; /* NULL: without */
};

static void on_installed(void *arg)
{
	const struct node *n = arg;

	log_info("install", "weft-cni %s is installed", weft_version);
	if (n->repair)
		cni_repair_start(n->repair);
}

static void on_signal(struct signal_watch *w, int signo)
{
	log_info("install", "stopping on signal %d", signo);
	loop_stop(CONTAINER_OF(w, struct node, signals)->loop);
}

static struct kube_client *new_client(struct loop *l, const struct settings *s, struct err *e)
{
	CLEANUP(kube_config_done) struct kube_config config = {0};

	if (s->no_repair || !s->node)
		return NULL;
	return kube_config_in_cluster(s->install.account_dir, &config, e) < 0 ? NULL : kube_client_new(l, &config, e);
}

static int run_installer(const struct settings *s, const struct cni_bundle *b)
{
	static const int signals[] = {SIGTERM, SIGINT, 0};
	struct node n = {.loop = loop_new()};
	struct err e = ERR_INIT;
	struct kube_client *client;

	if (!n.loop || signal_start(n.loop, &n.signals, signals, on_signal) < 0)
		return 1;
	client = new_client(n.loop, s, &e);
	if (e.code)
		log_warn("install", "%s; pods without redirection stay", e.msg);
	n.repair = client ? cni_repair_new(n.loop, client, s->node) : NULL;
	n.installer = cni_installer_new(n.loop, &s->install, b, on_installed, &n);
	loop_run(n.loop);
	cni_installer_free(n.installer);
	cni_repair_free(n.repair);
	cni_uninstall(&s->install);
	kube_client_free(client);
	signal_stop(&n.signals);
	loop_free(n.loop);
	return 0;
}

/* --- */

static int run_command(struct settings *s, const char *command)
{
	struct err e = ERR_INIT;
	struct cni_bundle *b;
	int r;

	umask(022);
	s->install.exclude_namespaces = s->excluded;
	b = cni_bundle_new(s->program, s->launcher, &e);
	if (!b) {
		log_error("install", "%s", e.msg);
		return 1;
	}
	if (strcmp(command, "install") == 0) {
		r = run_installer(s, b);
	} else {
		r = cni_is_installed(&s->install, b, &e) < 0;
		if (r)
			fprintf(stderr, "%s\n", e.msg);
	}
	cni_bundle_free(b);
	return r;
}

static bool is_command(const char *s)
{
	return strcmp(s, "install") == 0 || strcmp(s, "ready") == 0;
}

int main(int argc, char **argv)
{
	struct flags f = flags_begin(&program, argc, argv);
	struct settings s = {.install = {.bin_dir = "/host/opt/cni/bin",
					 .conf_dir = "/host/etc/cni/net.d",
					 .host_conf_dir = "/etc/cni/net.d",
					 .account_dir = KUBE_SERVICE_ACCOUNT_DIR},
			     .program = "/usr/local/bin/weft-cni",
			     .launcher = "/usr/local/bin/weft-cni-launch",
			     .node = getenv("NODE_NAME")};
	char self[4096], beside[4096 + 16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int option;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 1)
		return run_plugin();
	if (n > 0) {
		self[n] = 0;
		snprintf(beside, sizeof(beside), "%.*s/weft-cni-launch", (int)(strrchr(self, '/') - self), self);
		s.program = self;
		s.launcher = beside;
	}
	while ((option = flags_next(&f)) > 0)
		if (set_option(&s, option, f.value) < 0)
			return flags_wrong(&f, "--%s: '%s' is none of its values", f.name, f.value);
	if (option == FLAGS_EXIT)
		return f.status;
	if (f.n_arguments != 1 || !is_command(f.arguments[0]))
		return flags_wrong(&f, "install or ready is wanted");
	return run_command(&s, f.arguments[0]);
}
