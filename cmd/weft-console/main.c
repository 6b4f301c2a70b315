/* weft-console: the mesh to be looked at, and the collector of its traces. Flags and wiring only. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/flags.h"
#include "base/log.h"
#include "base/version.h"
#include "console/run/console.h"
#include "kube/config.h"
#include "net/signal.h"

struct daemon {
	struct loop *loop;
	struct signal_watch signals;
};

enum option_id {
	OPT_HOST = 1,
	OPT_PORT,
	OPT_ZIPKIN,
	OPT_OTLP,
	OPT_GRPC,
	OPT_STORAGE,
	OPT_SPANS,
	OPT_BYTES,
	OPT_AGE,
	OPT_ANONYMOUS,
	OPT_ROUTER,
	OPT_OAUTH,
	OPT_NAMESPACE,
	OPT_PROMETHEUS,
	OPT_TRACES,
	OPT_ISTIOD,
	OPT_BY_NAMESPACE,
	OPT_LOG,
	OPT_JSON,
	OPT_KUBECONFIG,
};

static const struct flag options[] = {
	{OPT_HOST, "host", "ADDRESS", "where it listens (0.0.0.0)"},
	{OPT_PORT, "port", "PORT", "pages and APIs (20001; collector 16686, dashboards 3000)"},
	{OPT_ZIPKIN, "zipkin-port", "PORT", "collector: spans in Zipkin's JSON (9411)"},
	{OPT_OTLP, "otlp-port", "PORT", "collector: spans in OTLP over HTTP (4318)"},
	{OPT_GRPC, "grpc-port", "PORT", "collector: spans in OTLP over gRPC (4317)"},
	{OPT_STORAGE, "storage", "FILE", "collector: its database; without it in memory"},
	{OPT_SPANS, "max-spans", "NUMBER", "collector: how many spans it keeps (100000)"},
	{OPT_BYTES, "max-bytes", "NUMBER", "collector: how large they may be together (67108864)"},
	{OPT_AGE, "max-age", "DURATION", "collector: after which spans go (48h)"},
	{OPT_ANONYMOUS, "anonymous", NULL, "who comes from this machine may look without a token (embedded cluster)"},
	{OPT_ROUTER, "router", "ADDRESS",
	 "whose X-Forwarded-For is believed for --anonymous: the node's, in the embedded cluster"},
	{OPT_OAUTH, "oauth-client", "DIRECTORY",
	 "logins by OpenShift's OAuth: has client-id, client-secret and redirect-uris, or will"},
	{OPT_NAMESPACE, "namespace", "NAME", "the control plane's namespace (POD_NAMESPACE, istio-system)"},
	{OPT_PROMETHEUS, "prometheus", "URL", "where metrics are asked for such as http://prometheus:9090"},
	{OPT_TRACES, "traces", "URL", "where traces are asked for: Jaeger's query API"},
	{OPT_ISTIOD, "istiod", "URL", "the control plane's monitoring port, for what proxies have acknowledged"},
	{OPT_BY_NAMESPACE, "by-namespace", NULL, "watches each member of the mesh instead of all namespaces"},
	LOG_FLAG_LEVEL(OPT_LOG),
	LOG_FLAG_JSON(OPT_JSON),
	KUBE_FLAG_CONFIG(OPT_KUBECONFIG),
};
static const struct flags_program program = {
	"weft-console", "console|collector|dashboards [flags]",
	"Shows the mesh in a browser (console, dashboards), and collects its traces (collector).", options,
	ARRAY_LEN(options)};

struct settings {
	struct console_config c;
	const char *kubeconfig;
};

static void refuse(const char *name, const char *value, const char *rule)
{
	fprintf(stderr, "weft-console: --%s: %s: %s\n", name, value, rule);
	exit(2);
}

static uint64_t number(const struct flags *f, uint64_t max)
{
	uint64_t n;

	if (slice_to_u64(slice_str(f->value), max, &n) < 0)
		refuse(f->name, f->value, "must be a whole number that is not too large");
	return n;
}

static int64_t seconds(const struct flags *f)
{
	int64_t ns;

	if (duration_parse(slice_str(f->value), &ns) < 0 || ns < NS_PER_S)
		refuse(f->name, f->value, "must be a duration of a second or more: write it as \"48h\"");
	return ns / NS_PER_S;
}

static void set_text(struct settings *s, const struct flags *f, int id)
{
	const char **const texts[] = {
		[OPT_HOST] = &s->c.host,     [OPT_STORAGE] = &s->c.store.path,    [OPT_ROUTER] = &s->c.router,
		[OPT_NAMESPACE] = &s->c.ns,  [OPT_PROMETHEUS] = &s->c.prometheus, [OPT_TRACES] = &s->c.traces,
		[OPT_ISTIOD] = &s->c.istiod, [OPT_OAUTH] = &s->c.oauth_dir,       [OPT_KUBECONFIG] = &s->kubeconfig,
	};

	if ((size_t)id < ARRAY_LEN(texts) && texts[id])
		*texts[id] = f->value;
}

static void set(struct settings *s, const struct flags *f, int id)
{
	switch (id) {
	case OPT_PORT:
		s->c.port = (uint16_t)number(f, UINT16_MAX);
		break;
	case OPT_ZIPKIN:
		s->c.zipkin_port = (uint16_t)number(f, UINT16_MAX);
		break;
	case OPT_OTLP:
		s->c.otlp_port = (uint16_t)number(f, UINT16_MAX);
		break;
	case OPT_GRPC:
		s->c.grpc_port = (uint16_t)number(f, UINT16_MAX);
		break;
	case OPT_SPANS:
		s->c.store.max_spans = number(f, UINT32_MAX);
		break;
	case OPT_BYTES:
		s->c.store.max_bytes = number(f, (uint64_t)1 << 40);
		break;
	case OPT_AGE:
		s->c.store.max_age_s = seconds(f);
		break;
	case OPT_ANONYMOUS:
		s->c.anonymous = true;
		break;
	case OPT_BY_NAMESPACE:
		s->c.by_namespace = true;
		break;
	case OPT_LOG:
		(void)log_set_levels(slice_str(f->value));
		break;
	case OPT_JSON:
		log_set_json(true);
		break;
	default:
		set_text(s, f, id);
		break;
	}
}

static int part_of(const char *name)
{
	static const char *const parts[] = {
		[CONSOLE_MESH] = "console",
		[CONSOLE_COLLECTOR] = "collector",
		[CONSOLE_DASHBOARDS] = "dashboards",
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcmp(name, parts[i]) == 0)
			return (int)i;
	return -1;
}

static void from_arguments(struct settings *s, int argc, char **argv)
{
	static const uint16_t ports[] = {
		[CONSOLE_MESH] = 20001, [CONSOLE_COLLECTOR] = 16686, [CONSOLE_DASHBOARDS] = 3000};
	struct flags f = flags_begin(&program, argc, argv);
	int id, part;

	while ((id = flags_next(&f)) > 0)
		set(s, &f, id);
	if (id == FLAGS_EXIT)
		exit(f.status);
	part = f.n_arguments == 1 ? part_of(f.arguments[0]) : -1;
	if (part < 0)
		exit(flags_wrong(&f, "say which: console, collector or dashboards"));
	s->c.part = (enum console_part)part;
	if (!s->c.port)
		s->c.port = ports[part];
}

static void on_signal(struct signal_watch *s, int signo)
{
	log_info("console", "ending on signal %d", signo);
	loop_stop(CONTAINER_OF(s, struct daemon, signals)->loop);
}

static int run(struct daemon *d, struct settings *s)
{
	struct kube_config config = {0};
	struct console *c = NULL;
	struct err e = ERR_INIT;

	if (kube_config_load(s->kubeconfig, &config, &e) == 0)
		s->c.client = kube_client_new(d->loop, &config, &e);
	s->c.kube = &config;
	if (s->c.client)
		c = console_new(d->loop, &s->c, &e);
	if (c)
		loop_run(d->loop);
	else
		fprintf(stderr, "weft-console: %s\n", e.msg);
	console_free(c);
	kube_client_free(s->c.client);
	kube_config_done(&config);
	return c ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGTERM, SIGINT, 0};
	const char *ns = getenv("POD_NAMESPACE");
	struct settings s = {.c = {.host = "0.0.0.0",
				   .zipkin_port = 9411,
				   .otlp_port = 4318,
				   .grpc_port = 4317,
				   .ns = ns && *ns ? ns : "istio-system"}};
	struct daemon d = {0};
	int code;

	from_arguments(&s, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	d.loop = loop_new();
	if (!d.loop)
		return 1;
	signal_start(d.loop, &d.signals, signals, on_signal);
	log_info("console", "weft-console %s (commit %s)", weft_version, weft_commit);
	code = run(&d, &s);
	signal_stop(&d.signals);
	loop_free(d.loop);
	return code;
}
