/* weft-operator: reconciles ServiceMeshControlPlane, ServiceMeshMemberRoll and ServiceMeshMember. Flags, wiring,
 * signals. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/flags.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "kube/client.h"
#include "kube/config.h"
#include "net/loop.h"
#include "net/signal.h"
#include "operator/run/operator.h"
#include "operator/scrape/reloader.h"
#include "operator/render/render.h"
#include "operator/render/values.h"

#define CERT_DIR "/tmp/k8s-webhook-server/serving-certs" /* where OLM mounts one */
#define STOP_MS 2000                                     /* for giving the lease back */

struct settings {
	const char *kubeconfig, *ns, *cert_dir;
	bool no_leader_election, no_webhooks;
	struct reloader_options reloader;
};

enum option_id {
	OPTION_KUBECONFIG = 1,
	OPTION_NAMESPACE,
	OPTION_NO_LEADER_ELECTION,
	OPTION_NO_WEBHOOKS,
	OPTION_CERT_DIR,
	OPTION_LOG_LEVEL,
	OPTION_CONFIGMAP,
	OPTION_KEY,
	OPTION_OUT,
	OPTION_TARGETS,
	OPTION_RELOAD,
	OPTION_ONCE,
};

static const struct flag options[] = {
	KUBE_FLAG_CONFIG(OPTION_KUBECONFIG),
	{OPTION_NAMESPACE, "namespace", "NS", "its own namespace; POD_NAMESPACE, or that of the pod"},
	{OPTION_NO_LEADER_ELECTION, "no-leader-election", NULL, "reconciles without asking for the lease"},
	{OPTION_NO_WEBHOOKS, "no-webhooks", NULL, "serves neither admission webhooks nor probes"},
	{OPTION_CERT_DIR, "webhook-cert-dir", "DIR", "tls.crt and tls.key of the webhooks, if there; " CERT_DIR},
	LOG_FLAG_LEVEL(OPTION_LOG_LEVEL),
	{OPTION_CONFIGMAP, "configmap", "NAME", "config-reloader: what to write into a file"},
	{OPTION_KEY, "key", "KEY", "config-reloader: which of its keys"},
	{OPTION_OUT, "out", "FILE", "config-reloader: into which file"},
	{OPTION_TARGETS, "targets", "FILE", "config-reloader: where to write the scrape targets"},
	{OPTION_RELOAD, "reload", "URL", "config-reloader: what to call after a change"},
	{OPTION_ONCE, "once", NULL, "config-reloader: ends when the file is written"},
};
static const struct flags_program program = {
	"weft-operator",
	"[flags]\nconfig-reloader --configmap NAME --key KEY --out FILE [flags]",
	"Reconciles ServiceMeshControlPlane, ServiceMeshMemberRoll and ServiceMeshMember.",
	options,
	ARRAY_LEN(options),
};

static int set_option(struct settings *s, int option, const char *value)
{
	switch (option) {
	case OPTION_KUBECONFIG:
		s->kubeconfig = value;
		return 0;
	case OPTION_NAMESPACE:
		s->ns = value;
		return 0;
	case OPTION_NO_LEADER_ELECTION:
		s->no_leader_election = true;
		return 0;
	case OPTION_NO_WEBHOOKS:
		s->no_webhooks = true;
		return 0;
	case OPTION_CERT_DIR:
		s->cert_dir = value;
		return 0;
	case OPTION_LOG_LEVEL:
		return log_set_levels(slice_str(value));
	case OPTION_CONFIGMAP:
		s->reloader.config_map = value;
		return 0;
	case OPTION_KEY:
		s->reloader.key = value;
		return 0;
	case OPTION_OUT:
		s->reloader.file = value;
		return 0;
	case OPTION_TARGETS:
		s->reloader.targets_file = value;
		return 0;
	case OPTION_RELOAD:
		s->reloader.reload_url = value;
		return 0;
	case OPTION_ONCE:
		s->reloader.once = true;
		return 0;
	default:
		return -1;
	}
}

/* What runs, and how it ends. */
struct program {
	struct signal_watch signals;
	struct timer deadline;
	struct loop *loop;
	struct mesh_operator *op; /* NULL for the config-reloader */
};

static void on_stopped(void *arg)
{
	loop_stop(((struct program *)arg)->loop);
}

static void on_deadline(struct timer *t)
{
	loop_stop(CONTAINER_OF(t, struct program, deadline)->loop);
}

static void on_signal(struct signal_watch *w, int signo)
{
	struct program *p = CONTAINER_OF(w, struct program, signals);

	log_info("main", "stopping on signal %d", signo);
	if (!p->op) {
		loop_stop(p->loop);
		return;
	}
	timer_start(p->loop, &p->deadline, STOP_MS, on_deadline);
	operator_stop(p->op, on_stopped, p);
}

/* What the cluster's installer (OLM, kustomize) says; a variable that is not set leaves the default. */
static struct operator_images images_from_environment(void)
{
	struct operator_images images = operator_images_default;
	const struct {
		const char *variable, **image;
	} rows[] = {
#define X(name, variable, reference) {variable, &images.name},
		OPERATOR_IMAGES(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *v = getenv(rows[i].variable);

		if (v && *v)
			*rows[i].image = v;
	}
	return images;
}

static bool says(const char *variable, const char *value)
{
	const char *v = getenv(variable);

	return v && !strcmp(v, value);
}

static enum addons_from addons_from(void)
{
	return says("WEFT_STOCK_ADDONS", "false")  ? ADDONS_OWN
	       : says("WEFT_STOCK_ADDONS", "true") ? ADDONS_STOCK
						   : ADDONS_BY_CLUSTER;
}

static void run_operator(struct program *p, struct kube_client *c, const struct settings *s)
{
	char host[256] = "weft-operator";
	const struct operator_images images = images_from_environment();
	/* where the CNI plugin goes, where it is not as the platform has it */
	const struct render_cni cni = {.ns = getenv("CNI_NAMESPACE"),
				       .bin_dir = getenv("CNI_BIN_DIR"),
				       .conf_dir = getenv("CNI_CONF_DIR"),
				       .no_multus = says("CNI_MULTUS", "false")};
	struct operator_options o = {.ns = s->ns,
				     .pod = getenv("POD_NAME"),
				     .leader_election = !s->no_leader_election,
				     .webhooks = !s->no_webhooks,
				     .cert_dir = s->cert_dir ? s->cert_dir : CERT_DIR,
				     .images = &images,
				     .cni = &cni,
				     .addons = addons_from()};

	gethostname(host, sizeof(host) - 1);
	o.identity = o.pod ? o.pod : host;
	log_info("main", "weft-operator %s (commit %s), namespace %s", weft_version, weft_commit, s->ns);
	p->op = operator_new(p->loop, c, &o);
	loop_run(p->loop);
	operator_free(p->op);
}

static void run_reloader(struct loop *l, struct kube_client *c, const struct settings *s)
{
	struct reloader_options o = s->reloader;
	struct reloader *r;

	o.ns = s->ns;
	r = reloader_new(l, c, &o);
	loop_run(l);
	reloader_free(r);
}

static int run(struct settings *s, bool reloader)
{
	static const int signals[] = {SIGTERM, SIGINT, 0};
	struct program p = {0};
	struct err e = ERR_INIT;
	struct kube_client *client = NULL;
	struct loop *l = loop_new();

	if (l && signal_start(l, &p.signals, signals, on_signal) == 0)
		client = kube_client_connect(l, s->kubeconfig, &e);
	if (!client) {
		log_error("main", "%s", e.code ? e.msg : "no event loop");
		return 1;
	}
	p.loop = l;
	if (!s->ns)
		s->ns = getenv("POD_NAMESPACE") ? getenv("POD_NAMESPACE") : kube_client_namespace(client);
	if (reloader)
		run_reloader(l, client, s);
	else
		run_operator(&p, client, s);
	kube_client_free(client);
	timer_stop(&p.deadline);
	signal_stop(&p.signals);
	loop_free(l);
	return 0;
}

int main(int argc, char **argv)
{
	struct flags f = flags_begin(&program, argc, argv);
	struct settings s = {0};
	bool reloader;
	int option;

	while ((option = flags_next(&f)) > 0)
		if (set_option(&s, option, f.value) < 0)
			return flags_wrong(&f, "--%s: '%s' is none of its values", f.name, f.value);
	if (option == FLAGS_EXIT)
		return f.status;
	reloader = f.n_arguments && !strcmp(f.arguments[0], "config-reloader");
	if (f.n_arguments > (reloader ? 1 : 0))
		return flags_wrong(&f, "unexpected argument '%s'", f.arguments[reloader]);
	if (reloader && !(s.reloader.config_map && s.reloader.key && s.reloader.file))
		return flags_wrong(&f, "config-reloader wants --configmap, --key and --out");
	signal(SIGPIPE, SIG_IGN);
	return run(&s, reloader);
}
