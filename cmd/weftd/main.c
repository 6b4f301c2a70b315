/* weftd: the control plane (Deployment istiod-<revision>). Flags and environment are istiod's; wiring only. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/flags.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/version.h"
#include "discovery/discovery.h"
#include "files/files.h"
#include "inject/inject.h"
#include "kube/client.h"
#include "kube/config.h"
#include "msg/json.h"
#include "net/signal.h"
#include "operator/render/images.h"
#include "operator/spec/tls_names.h"

#define DRAIN_MS 500
#define NAMES_MAX 16

struct daemon {
	struct loop *loop;
	struct discovery *discovery;
	struct inject *inject; /* NULL: there is no cluster, but */
	struct files *files;   /* files; else NULL */
	struct signal_watch signals;
	struct timer drain;
};

enum option_id {
	OPT_MONITORING = 1,
	OPT_GRPC,
	OPT_TLS,
	OPT_HTTP,
	OPT_HTTPS,
	OPT_DOMAIN,
	OPT_MEMBERS,
	OPT_LOG,
	OPT_JSON,
	OPT_KUBECONFIG,
	OPT_HOST,
	OPT_AGE,
	OPT_CONFIG,
	OPT_STATE,
	OPT_NAME,
	OPT_TOKEN,
	OPT_EXPIRES,
	OPT_IGNORED
};

static const struct flag options[] = {
	{OPT_MONITORING, "monitoringAddr", ":PORT", "metrics, version and debug pages (:15014)"},
	{OPT_GRPC, "grpcAddr", ":PORT", "xDS in plain text (:15010)"},
	{OPT_TLS, "secureGRPCAddr", ":PORT", "xDS and certificates with TLS (:15012)"},
	{OPT_HTTP, "httpAddr", ":PORT", "readiness (:8080)"},
	{OPT_HTTPS, "httpsAddr", ":PORT", "webhooks (:15017)"},
	{OPT_DOMAIN, "domain", "NAME", "DNS domain of services (cluster.local)"},
	{OPT_MEMBERS, "memberRollName", "NAME", "the roll that lists the mesh's namespaces; without it all are"},
	LOG_FLAG_LEVEL(OPT_LOG),
	LOG_FLAG_JSON(OPT_JSON),
	KUBE_FLAG_CONFIG(OPT_KUBECONFIG),
	{OPT_HOST, "host", "ADDRESS", "where it listens (0.0.0.0)"},
	{OPT_AGE, "keepaliveMaxServerConnectionAge", "DURATION", "after which proxies connect anew (30m)"},
	{OPT_CONFIG, "config", "DIR",
	 "no cluster: the objects are the YAML and JSON files of this folder, which is watched"},
	{OPT_STATE, "state", "DIR",
	 "with --config, what is kept: roots, registrations, tokens, statuses (" FILES_STATE_DIR ")"},
	{OPT_NAME, "serverName", "NAME",
	 "with --config, a further DNS name or address of its certificate; may be repeated"},
	{OPT_TOKEN, "make-token", "NAMESPACE/SERVICEACCOUNT", "prints a token for a proxy of --config, and ends"},
	{OPT_EXPIRES, "expires", "DURATION", "with --make-token, how long it is good (8760h)"},
	{OPT_IGNORED, "enableNodeAccess", "[BOOL]", NULL},
	{OPT_IGNORED, "enableCRDScan", "[BOOL]", NULL},
	{OPT_IGNORED, "enableIngressClassName", "[BOOL]", NULL},
};
static const struct flags_program program = {
	"weftd", "discovery [flags]\n--config DIR [flags]\n--make-token NAMESPACE/SERVICEACCOUNT [--state DIR]",
	"The control plane: discovery, certificates, injection, validation, status.", options, ARRAY_LEN(options)};

struct settings {
	struct discovery_config d;
	uint16_t webhook_port;
	const char *kubeconfig;
	const char *dir, *state; /* without a cluster */
	const char *token_for;
	int64_t token_ttl_s;
	const char *names[NAMES_MAX + 1];
	size_t n_names;
};

static const char *env(const char *name, const char *fallback)
{
	const char *v = getenv(name);

	return v && *v ? v : fallback;
}

static bool env_true(const char *name)
{
	return strcmp(env(name, "false"), "true") == 0;
}

static bool env_false(const char *name)
{
	return strcmp(env(name, "true"), "false") == 0;
}

/* What cannot be read ends the program: a lifetime must not be a default in silence. */
static int64_t duration_of(const char *name, const char *text)
{
	int64_t ns;

	if (duration_parse(slice_str(text), &ns) == 0 && ns >= 0)
		return ns;
	fprintf(stderr, "weftd: %s: %s is no duration: write it as \"24h\"\n", name, text);
	exit(2);
}

/* A duration in whole seconds, 0 = not set. */
static int64_t env_seconds(const char *name)
{
	return duration_of(name, env(name, "0s")) / NS_PER_S;
}

/* 1 to 99, 0 = not set. */
static unsigned env_percent(const char *name)
{
	uint64_t n = 0;

	if (!getenv(name) || !*getenv(name) || (slice_to_u64(slice_str(getenv(name)), 99, &n) == 0 && n))
		return (unsigned)n;
	fprintf(stderr, "weftd: %s: %s is no percentage from 1 to 99\n", name, getenv(name));
	exit(2);
}

/* Plain tokens of service accounts are made for the API server, others for an audience of their own. */
static const char *env_audience(void)
{
	return strcmp(env("JWT_POLICY", "third-party-jwt"), "first-party-jwt") == 0 ? "" : env("TOKEN_AUDIENCES", NULL);
}

/* What cannot be read ends the program, too: TLS must not be wider than was meant. */
static enum tls_version env_tls_version(const char *name)
{
	const int v = spec_tls_version(env(name, "TLS_AUTO"));

	if (v >= 0)
		return (enum tls_version)v;
	fprintf(stderr, "weftd: %s: %s is no version of TLS: write it as \"TLSv1_2\"\n", name, getenv(name));
	exit(2);
}

/* "a:b", OpenSSL's names of a list; NULL when it is empty. */
static const char *env_tls_names(const char *name, const char *(*find)(struct slice name))
{
	static struct buf lists[2];
	struct buf *out = &lists[lists[0].len > 0];
	struct slice rest = slice_str(env(name, ""));

	while (rest.len) {
		struct slice one = slice_trim(slice_split(&rest, ','));
		const char *known = find(one);

		if (!known) {
			fprintf(stderr, "weftd: %s: %.*s is not known\n", name, SLICE_ARG(one));
			exit(2);
		}
		if (*known)
			buf_printf(out, "%s%s", out->len ? ":" : "", known);
	}
	return out->len ? buf_str(out) : NULL;
}

static struct tls_limits env_tls(void)
{
	return (struct tls_limits){.min = env_tls_version("TLS_MIN_PROTOCOL_VERSION"),
				   .max = env_tls_version("TLS_MAX_PROTOCOL_VERSION"),
				   .ciphers = env_tls_names("TLS_CIPHER_SUITES", spec_tls_cipher),
				   .groups = env_tls_names("TLS_ECDH_CURVES", spec_tls_group)};
}

/* ":15014" or "host:15014". */
static uint16_t port_of(const char *text)
{
	const char *colon = strrchr(text, ':');
	uint64_t n;

	if (slice_to_u64(slice_str(colon ? colon + 1 : text), 65535, &n) == 0 && n)
		return (uint16_t)n;
	fprintf(stderr, "weftd: %s is no port: write it as \":15014\"\n", text);
	exit(2);
}

static void from_environment(struct settings *s)
{
	*s = (struct settings){
		.webhook_port = 15017,
		.token_ttl_s = FILES_TOKEN_TTL_S,
		.d =
			{
				.ns = env("POD_NAMESPACE", "istio-system"),
				.revision = env("REVISION", "default"),
				.pod_name = env("POD_NAME", "weftd"),
				.domain = "cluster.local",
				.cluster_id = env("CLUSTER_ID", "Kubernetes"),
				.cacerts_dir = env("ROOT_CA_DIR", "/etc/cacerts"),
				.cacerts_required = env_true("WEFT_REQUIRE_CACERTS"),
				.given_dir = env_false("ENABLE_CA_SERVER") ? "/var/run/secrets/istiod/tls" : NULL,
				.given_root_file = "/var/run/secrets/istiod/ca/root-cert.pem",
				.mutating_webhook = env("INJECTION_WEBHOOK_CONFIG_NAME", NULL),
				.validating_webhook = env("VALIDATION_WEBHOOK_CONFIG_NAME", NULL),
				.host = "0.0.0.0",
				.grpc_port = 15010,
				.tls_port = 15012,
				.http_port = 8080,
				.monitoring_port = 15014,
				.routes = env_true("ENABLE_IOR"),
				.sniff_inbound = env_true("PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_INBOUND"),
				.sniff_outbound = env_true("PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_OUTBOUND"),
				.token_audience = env_audience(),
				.tls = env_tls(),
				.jwks_roots = "/cacerts/extra.pem",
				.token_issuer = env("TOKEN_ISSUER", NULL),
				.root_ttl_s = env_seconds("CITADEL_SELF_SIGNED_CA_CERT_TTL"),
				.root_check_s = env_seconds("CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL"),
				.root_grace_percent =
					env_percent("CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE"),
				.root_no_jitter = strcmp(env("CITADEL_ENABLE_JITTER_FOR_ROOT_CERT_ROTATOR", "true"),
							 "false") == 0,
				.cert_ttl_s = env_seconds("DEFAULT_WORKLOAD_CERT_TTL"),
				.rotation_wait_s = env_seconds("ROOT_ROTATION_WAIT"),
				.cert_max_ttl_s = env_seconds("MAX_WORKLOAD_CERT_TTL"),
			},
	};
}

/* What is for a control plane without a cluster. */
static void set_for_files(struct settings *s, int id, const char *value)
{
	switch (id) {
	case OPT_CONFIG:
		s->dir = value;
		break;
	case OPT_STATE:
		s->state = value;
		break;
	case OPT_TOKEN:
		s->token_for = value;
		break;
	case OPT_EXPIRES:
		s->token_ttl_s = duration_of("expires", value) / NS_PER_S;
		break;
	case OPT_NAME:
		if (s->n_names++ < NAMES_MAX)
			s->names[s->n_names - 1] = value;
		break;
	}
}

static void set(struct settings *s, int id, const char *value)
{
	uint16_t *const ports[] = {
		[OPT_MONITORING] = &s->d.monitoring_port,
		[OPT_GRPC] = &s->d.grpc_port,
		[OPT_TLS] = &s->d.tls_port,
		[OPT_HTTP] = &s->d.http_port,
		[OPT_HTTPS] = &s->webhook_port,
	};

	if ((size_t)id < ARRAY_LEN(ports)) {
		*ports[id] = port_of(value);
		return;
	}
	switch (id) {
	case OPT_DOMAIN:
		s->d.domain = value;
		break;
	case OPT_MEMBERS:
		s->d.member_roll = *value ? value : NULL;
		break;
	case OPT_LOG:
		(void)log_set_levels(slice_str(value)); /* as istiod: scopes that it has not change nothing */
		break;
	case OPT_JSON:
		log_set_json(true);
		break;
	case OPT_KUBECONFIG:
		s->kubeconfig = value;
		break;
	case OPT_HOST:
		s->d.host = value;
		break;
	case OPT_AGE:
		s->d.max_connection_age_ms = duration_of("keepaliveMaxServerConnectionAge", value) / NS_PER_MS;
		break;
	default:
		set_for_files(s, id, value);
	}
}

/* What of the flags does not go together; NULL: nothing. */
static const char *contradiction(const struct settings *s)
{
	if (s->n_names > NAMES_MAX)
		return "--serverName: there may be 16";
	if (s->dir && (s->kubeconfig || s->d.member_roll))
		return "--config is in place of a cluster: neither --kubeconfig nor --memberRollName goes with it";
	if (!s->dir && s->n_names)
		return "--serverName is for --config";
	if (!s->dir && !s->token_for && s->state)
		return "--state is for --config and --make-token";
	return NULL;
}

static void from_arguments(struct settings *s, int argc, char **argv)
{
	struct flags f = flags_begin(&program, argc, argv);
	int id;

	while ((id = flags_next(&f)) > 0)
		set(s, id, f.value);
	if (id == FLAGS_EXIT)
		exit(f.status);
	if (f.n_arguments > 1 || (f.n_arguments && strcmp(f.arguments[0], "discovery") != 0))
		exit(flags_wrong(&f, "unexpected argument '%s'", f.arguments[f.n_arguments - 1]));
	if (contradiction(s))
		exit(flags_wrong(&f, "%s", contradiction(s)));
	s->state = s->state ? s->state : FILES_STATE_DIR;
}

static void on_certificate(void *user, struct slice chain_pem, struct slice key_pem)
{
	struct daemon *w = user;
	struct err e = ERR_INIT;

	if (w->inject && inject_set_cert(w->inject, chain_pem, key_pem, &e) < 0)
		log_error("webhooks", "%s", e.msg);
}

static void on_metrics(void *user, struct buf *out)
{
	struct daemon *w = user;

	if (w->files)
		files_metrics(w->files, out);
	else
		inject_metrics(w->inject, out);
}

static void on_drained(struct timer *t)
{
	loop_stop(CONTAINER_OF(t, struct daemon, drain)->loop);
}

static void on_signal(struct signal_watch *s, int signo)
{
	struct daemon *w = CONTAINER_OF(s, struct daemon, signals);

	log_info("weftd", "ending on signal %d", signo);
	discovery_drain(w->discovery);
	timer_start(w->loop, &w->drain, DRAIN_MS, on_drained);
}

/* "1", "29+" */
static int number_of(const cJSON *version, const char *name)
{
	const cJSON *v = json_get(version, name);

	return cJSON_IsString(v) ? atoi(v->valuestring) : 0;
}

/* Until the cluster has answered, and if it never does, sidecars are ordinary containers. */
static void on_version(void *arg, struct kube_result *r)
{
	struct daemon *w = arg;

	if (r->reason == KUBE_OK)
		inject_set_cluster_version(w->inject, number_of(r->body, "major"), number_of(r->body, "minor"));
	else
		log_warn("weftd", "the cluster's version is unknown: %s", r->err.msg);
}

static void ask_version(struct daemon *w, struct kube_client *k)
{
	const struct kube_request req = {.verb = KUBE_GET, .path = "/version"};

	kube_call_start(k, &req, on_version, w);
}

static int start(struct daemon *w, struct settings *s, struct kube_client *k)
{
	const struct inject_config ic = {
		.ns = s->d.ns,
		.revision = s->d.revision,
		.domain = s->d.domain,
		.cluster_id = s->d.cluster_id,
		.proxy_image = env("WEFT_PROXY_IMAGE", IMAGE_PROXY),
		.host = s->d.host,
		.port = s->webhook_port,
		.tls = s->d.tls,
		.native_sidecars = env_true("ENABLE_NATIVE_SIDECARS"),
	};
	struct err e = ERR_INIT;

	s->d.on_certificate = on_certificate;
	s->d.on_metrics = on_metrics;
	s->d.user = w;
	w->discovery = discovery_new(w->loop, k, &s->d, &e);
	if (!w->discovery) {
		fprintf(stderr, "weftd: %s\n", e.msg);
		return -1;
	}
	if (w->files)
		return 0;
	w->inject = inject_new(w->loop, discovery_store(w->discovery), &ic);
	ask_version(w, k);
	return 0;
}

static int print_token(const struct settings *s)
{
	CLEANUP(buf_done) struct buf token = BUF_INIT;
	struct err e = ERR_INIT;

	if (files_make_token(s->state, s->token_for, s->token_ttl_s, &token, &e) < 0) {
		fprintf(stderr, "weftd: %s\n", e.msg);
		return 1;
	}
	printf("%s\n", buf_str(&token));
	explicit_bzero(token.ptr, token.len);
	return 0;
}

/* A name that no run before had: its machines are given time to come back, as in a cluster when a pod was replaced. */
static const char *name_of_run(void)
{
	static char name[16] = "weftd-";

	rand_suffix(name + strlen(name), 8);
	return name;
}

/* What of the settings is a cluster's goes; the rest is as it is there. */
static struct kube_client *client_of_files(struct daemon *w, struct settings *s, struct err *e)
{
	const char *cacerts = env("ROOT_CA_DIR", NULL);
	const struct files_config c = {.dir = s->dir, .state = s->state, .ns = s->d.ns, .has_cacerts = cacerts != NULL};

	w->files = files_new(w->loop, &c, e);
	if (!w->files)
		return NULL;
	s->d.cacerts_dir = cacerts ? cacerts : files_cacerts_dir(w->files);
	s->d.alone = true;
	s->d.pod_name = env("POD_NAME", name_of_run());
	s->d.mesh_map = "istio";
	s->d.names = s->names;
	s->d.routes = false;
	s->d.member_roll = s->d.mutating_webhook = s->d.validating_webhook = NULL;
	s->d.token_audience = s->d.token_issuer = NULL;
	return files_client(w->files);
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGTERM, SIGINT, 0};
	struct settings s;
	struct daemon w = {0};
	struct err e = ERR_INIT;
	struct kube_client *k;
	int code = 1;

	from_environment(&s);
	from_arguments(&s, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (s.token_for)
		return print_token(&s);
	w.loop = loop_new();
	k = !w.loop ? NULL : s.dir ? client_of_files(&w, &s, &e) : kube_client_connect(w.loop, s.kubeconfig, &e);
	if (!k) {
		fprintf(stderr, "weftd: %s\n", w.loop ? e.msg : "no event loop");
		return 1;
	}
	signal_start(w.loop, &w.signals, signals, on_signal);
	log_info("weftd", "weftd %s (commit %s): control plane %s in namespace %s", weft_version, weft_commit,
		 s.d.revision, s.d.ns);
	if (start(&w, &s, k) == 0) {
		loop_run(w.loop);
		code = 0;
	}
	inject_free(w.inject);
	discovery_free(w.discovery);
	if (w.files)
		files_free(w.files);
	else
		kube_client_free(k);
	signal_stop(&w.signals);
	timer_stop(&w.drain);
	loop_free(w.loop);
	return code;
}
