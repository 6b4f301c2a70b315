/* Command line, environment and PROXY_CONFIG to struct bootstrap. */
#include "proxy/boot/bootstrap.h"
#include "proxy/boot/config_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/flags.h"
#include "base/log.h"
#include "base/mem.h"
#include "dns/resolv.h"

#define ROOTS_SPREAD_MS 30000
#define CONCURRENCY_MAX 128
#define TOKEN_THIRD_PARTY "/var/run/secrets/tokens/istio-token"
#define TOKEN_FIRST_PARTY "/var/run/secrets/kubernetes.io/serviceaccount/token"

enum {
	OPT_DOMAIN = 256,
	OPT_CONCURRENCY,
	OPT_LOG,
	OPT_PROXY_LOG,
	OPT_PROXY_SCOPES,
	OPT_LOG_JSON,
	OPT_CLUSTER,
	OPT_CONFIG,
	OPT_STATE,
	OPT_ADMIN,
	OPT_STATUS,
	OPT_IGNORED
};

static const struct flag options[] = {
	{OPT_DOMAIN, "domain", "NAME", "DNS domain of the pod's services"},
	{OPT_CONCURRENCY, "concurrency", "N", "worker threads"},
	{OPT_CLUSTER, "serviceCluster", "NAME", "cluster of the xDS node"},
	LOG_FLAG_LEVEL(OPT_LOG),
	{OPT_PROXY_LOG, "proxyLogLevel", "LEVEL", "the same in Envoy's words; the chattier of both counts"},
	LOG_FLAG_JSON(OPT_LOG_JSON),
	{OPT_CONFIG, "config", "FILE", "YAML or JSON with static_resources, instead of a control plane"},
	{OPT_STATE, "state-dir", "DIR", "where the last good state is kept (/etc/istio/proxy)"},
	{OPT_ADMIN, "admin-port", "N", "administration on 127.0.0.1 (15000; 0 = off)"},
	{OPT_STATUS, "status-port", "N", "readiness, probes, merged metrics (15020; 0 = off, with 15021 and 15090)"},
	{OPT_PROXY_SCOPES, "proxyComponentLogLevel", "LEVELS", "levels by component, xds:debug,dns:error"},
	{OPT_IGNORED, "meshConfig", "FILE", NULL},
	{OPT_IGNORED, "stsPort", "PORT", NULL},
	{OPT_IGNORED, "tokenManagerPlugin", "NAME", NULL},
	{OPT_IGNORED, "templateFile", "FILE", NULL},
};
static const struct flags_program program = {
	"weft-proxy",
	"proxy sidecar|router [flags]\n--config FILE [flags]\nwait [flags]\nrequest METHOD PATH",
	"The data plane of a pod: a sidecar or a gateway.",
	options,
	ARRAY_LEN(options),
};

struct args {
	const char *domain, *service_cluster, *concurrency, *admin_port, *status_port;
	enum log_level agent_level, proxy_level;
};

static const char *env(const char *name, const char *when_unset)
{
	const char *v = getenv(name);

	return v && v[0] ? v : when_unset;
}

static bool env_bool(const char *name, bool when_unset)
{
	const char *v = env(name, NULL);

	return v ? strcmp(v, "true") == 0 || strcmp(v, "1") == 0 : when_unset;
}

static int parse_number(const char *what, const char *text, uint64_t max, uint64_t *ret, struct err *e)
{
	if (slice_to_u64(slice_str(text), max, ret) < 0)
		return err_set(e, -EINVAL, "%s: '%s' is not a number up to %llu", what, text, (unsigned long long)max);
	return 0;
}

/* Envoy's words for levels. */
static void set(struct bootstrap *b, struct args *a, int id, const char *value)
{
	switch (id) {
	case OPT_DOMAIN:
		a->domain = value;
		break;
	case OPT_CONCURRENCY:
		a->concurrency = value;
		break;
	case OPT_CLUSTER:
		a->service_cluster = value;
		break;
	case OPT_LOG:
		log_levels_parse(slice_str(value), &a->agent_level);
		log_set_scopes(slice_str(value));
		break;
	case OPT_PROXY_SCOPES:
		log_set_scopes(slice_str(value));
		break;
	case OPT_PROXY_LOG:
		(void)log_level_parse(slice_str(value), &a->proxy_level);
		break;
	case OPT_LOG_JSON:
		log_set_json(true);
		break;
	case OPT_CONFIG:
		b->config_file = value;
		break;
	case OPT_STATE:
		b->state_dir = value;
		break;
	case OPT_ADMIN:
		a->admin_port = value;
		break;
	case OPT_STATUS:
		a->status_port = value;
		break;
	}
}

/* 0, 1 (all was said: end with f->status) or a negative code. */
static int parse_args(struct bootstrap *b, struct args *a, struct flags *f, struct err *e)
{
	int id;

	while ((id = flags_next(f)) > 0)
		set(b, a, id, f->value);
	if (id == FLAGS_EXIT)
		return f->status ? err_set(e, -EINVAL, "it cannot start with such flags") : 1;
	log_set_level(MAX(a->agent_level, a->proxy_level)); /* agent and proxy are one program */
	return 0;
}

/* "proxy sidecar|router" */
static int parse_type(const struct bootstrap *b, const struct flags *f, enum node_type *ret, struct err *e)
{
	*ret = NODE_SIDECAR;
	if (b->config_file && !f->n_arguments)
		return 0;
	if (!f->n_arguments || strcmp(f->arguments[0], "proxy") != 0)
		return err_set(e, -EINVAL, "expected 'proxy sidecar', 'proxy router' or --config FILE");
	if (f->n_arguments > 1 && strcmp(f->arguments[1], "router") == 0)
		*ret = NODE_ROUTER;
	else if (f->n_arguments > 1 && strcmp(f->arguments[1], "sidecar") != 0)
		return err_set(e, -EINVAL, "'%s' is neither sidecar nor router", f->arguments[1]);
	return 0;
}

/* ---- PROXY_CONFIG ---- */

static void json_free(void *j)
{
	cJSON_Delete(j);
}

static int json_env(struct bootstrap *b, const char *name, cJSON **ret, struct err *e)
{
	const char *text = env(name, NULL);

	*ret = NULL;
	if (!text)
		return 0;
	*ret = cJSON_Parse(text);
	if (!*ret)
		return err_set(e, -EINVAL, "%s: is not JSON", name);
	arena_on_done(&b->arena, json_free, *ret);
	return 0;
}

static const char *json_text(const cJSON *j, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, key);

	return cJSON_IsString(v) && v->valuestring[0] ? v->valuestring : NULL;
}

static void merge_objects(cJSON *to, const cJSON *from)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, from)
	{
		cJSON *old = cJSON_GetObjectItemCaseSensitive(to, m->string);

		if (cJSON_IsObject(old) && cJSON_IsObject(m)) {
			merge_objects(old, m);
			continue;
		}
		cJSON_DeleteItemFromObjectCaseSensitive(to, m->string);
		cJSON_AddItemToObject(to, m->string, cJSON_Duplicate(m, true));
	}
}

/* The pod's own annotation goes over what its template said: gateways are not injected, but may have one as well. */
static int apply_annotation(struct bootstrap *b, cJSON **pc, struct err *e)
{
	cJSON *notes = bootstrap_podinfo("annotations"), *own;
	const char *text = json_text(notes, "proxy.istio.io/config");
	int r = 0;

	own = text ? config_yaml_parse(slice_str(text), e) : NULL;
	if (text && !own)
		r = err_wrap(e, -EINVAL, "annotation proxy.istio.io/config");
	else if (own && !cJSON_IsObject(own))
		r = err_set(e, -EINVAL, "annotation proxy.istio.io/config: is no object");
	if (r == 0 && own && !*pc) {
		*pc = cJSON_CreateObject();
		arena_on_done(&b->arena, json_free, *pc);
	}
	if (r == 0 && own)
		merge_objects(*pc, own);
	cJSON_Delete(own);
	cJSON_Delete(notes);
	return r;
}

static int duration_ms(const char *what, const char *text, int64_t *ret_ms, struct err *e)
{
	int64_t ns;

	if (!text)
		return 0;
	if (duration_parse(slice_str(text), &ns) < 0 || ns < 0)
		return err_set(e, -EINVAL, "%s: '%s' is not a duration", what, text);
	*ret_ms = ns / NS_PER_MS;
	return 0;
}

/* proxyMetadata stands for environment variables. */
static void export_metadata(const cJSON *proxy_config)
{
	const cJSON *item, *meta = cJSON_GetObjectItemCaseSensitive(proxy_config, "proxyMetadata");

	cJSON_ArrayForEach(item, meta) if (cJSON_IsString(item)) setenv(item->string, item->valuestring, 0);
}

static int split_address(struct bootstrap *b, const char *what, const char *address, const char **ret_host,
			 uint16_t *ret_port, struct err *e)
{
	struct slice s = slice_str(address);
	ptrdiff_t colon = slice_rfind(s, ':');
	uint64_t port;

	if (colon <= 0 || slice_to_u64(slice_from(s, (size_t)colon + 1), 65535, &port) < 0 || !port)
		return err_set(e, -EINVAL, "%s: '%s' is not host:port", what, address);
	*ret_host = arena_slicedup(&b->arena, slice_head(s, (size_t)colon));
	*ret_port = (uint16_t)port;
	return 0;
}

static int set_addresses(struct bootstrap *b, const cJSON *pc, struct err *e)
{
	const char *discovery = json_text(pc, "discoveryAddress");
	const char *ca = env("CA_ADDR", NULL);
	int r;

	if (!discovery)
		discovery = env("DISCOVERY_ADDRESS", ca ? ca : "istiod.istio-system.svc:15012");
	r = split_address(b, "discoveryAddress", discovery, &b->discovery_host, &b->discovery_port, e);
	if (r == 0)
		r = split_address(b, "CA_ADDR", ca ? ca : discovery, &b->ca_host, &b->ca_port, e);
	b->discovery_tls = b->discovery_port != 15010;
	return r;
}

static int set_concurrency(struct bootstrap *b, const cJSON *pc, const char *flag, struct err *e)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(pc, "concurrency");
	const char *limit = env("ISTIO_CPU_LIMIT", NULL);
	uint64_t n = 2;
	int r;

	if (flag) {
		r = parse_number("--concurrency", flag, CONCURRENCY_MAX, &n, e);
		if (r < 0)
			return r;
	} else if (cJSON_IsNumber(given)) {
		n = given->valueint > 0 ? (uint64_t)given->valueint : 0;
	} else if (limit && slice_to_u64(slice_str(limit), CONCURRENCY_MAX, &n) < 0) {
		n = 2;
	}
	if (!n)
		n = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	b->concurrency = (unsigned)MIN(MAX(n, (uint64_t)1), (uint64_t)CONCURRENCY_MAX);
	return 0;
}

static int set_ports(struct bootstrap *b, const cJSON *pc, const struct args *a, struct err *e)
{
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(pc, "statusPort");
	const cJSON *admin = cJSON_GetObjectItemCaseSensitive(pc, "proxyAdminPort");
	uint64_t n;
	int r = 0;

	b->admin_port = cJSON_IsNumber(admin) ? (uint16_t)admin->valueint : 15000;
	b->status_port = cJSON_IsNumber(status) ? (uint16_t)status->valueint : 15020;
	b->health_port = 15021;
	b->metrics_port = 15090;
	b->status_host = "0.0.0.0";
	if (b->config_file && !a->status_port)
		b->status_port = b->health_port = b->metrics_port = 0;
	if (a->admin_port) {
		r = parse_number("--admin-port", a->admin_port, 65535, &n, e);
		b->admin_port = r == 0 ? (uint16_t)n : 0;
	}
	if (r == 0 && a->status_port) {
		r = parse_number("--status-port", a->status_port, 65535, &n, e);
		b->status_port = r == 0 ? (uint16_t)n : 0;
		if (!b->status_port)
			b->health_port = b->metrics_port = 0;
	}
	return r;
}

static int set_durations(struct bootstrap *b, const cJSON *pc, struct err *e)
{
	int64_t ttl_ms = 24 * 3600 * 1000LL;
	int r = duration_ms("terminationDrainDuration", json_text(pc, "terminationDrainDuration"), &b->drain_ms, e);

	if (r == 0 && env("TERMINATION_DRAIN_DURATION_SECONDS", NULL)) {
		uint64_t seconds;
		r = parse_number("TERMINATION_DRAIN_DURATION_SECONDS", getenv("TERMINATION_DRAIN_DURATION_SECONDS"),
				 86400, &seconds, e);
		b->drain_ms = r == 0 ? (int64_t)seconds * MS_PER_S : b->drain_ms;
	}
	if (r == 0)
		r = duration_ms("MINIMUM_DRAIN_DURATION", env("MINIMUM_DRAIN_DURATION", NULL), &b->min_drain_ms, e);
	if (r == 0)
		r = duration_ms("SECRET_TTL", env("SECRET_TTL", NULL), &ttl_ms, e);
	b->cert_ttl_s = ttl_ms / MS_PER_S;
	b->roots_spread_ms = ROOTS_SPREAD_MS;
	b->rotation_ratio = atof(env("SECRET_GRACE_PERIOD_RATIO", "0.5"));
	if (b->rotation_ratio <= 0 || b->rotation_ratio >= 1)
		b->rotation_ratio = 0.5;
	b->exit_on_zero = env_bool("EXIT_ON_ZERO_ACTIVE_CONNECTIONS", false);
	return r;
}

static int set_app(struct bootstrap *b, struct err *e)
{
	const char *port;
	cJSON *prom;
	uint64_t n;
	int r = json_env(b, "ISTIO_KUBE_APP_PROBERS", &b->probers, e);

	if (r == 0)
		r = json_env(b, "ISTIO_PROMETHEUS_ANNOTATIONS", &prom, e);
	if (r < 0)
		return r;
	port = json_text(prom, "port");
	b->app_metrics_path = json_text(prom, "path") ? json_text(prom, "path") : "/metrics";
	b->app_metrics = prom && json_text(prom, "scrape") && strcmp(json_text(prom, "scrape"), "true") == 0;
	if (!b->app_metrics)
		return 0;
	r = parse_number("ISTIO_PROMETHEUS_ANNOTATIONS: port", port ? port : "80", 65535, &n, e);
	b->app_metrics_port = r == 0 ? (uint16_t)n : 0;
	if (b->app_metrics_port ==
	    b->status_port) /* the annotation was rewritten before: not to be asked of ourselves */
		b->app_metrics = false;
	return r;
}

static void set_paths(struct bootstrap *b)
{
	const char *policy = env("JWT_POLICY", "third-party-jwt");

	b->token_path =
		env("WEFT_TOKEN_PATH", strcmp(policy, "first-party-jwt") == 0 ? TOKEN_FIRST_PARTY : TOKEN_THIRD_PARTY);
	b->root_path = env("XDS_ROOT_CA", "/var/run/secrets/istio/root-cert.pem");
	if (!b->state_dir && !b->config_file)
		b->state_dir = env("WEFT_STATE_DIR", "/etc/istio/proxy");
	b->delta_xds = env_bool("ISTIO_DELTA_XDS", true);
}

/* Of a sidecar alone: nothing is redirected to a gateway. */
static void set_dns(struct bootstrap *b, const char *domain, enum node_type type)
{
	const char *ns = env("POD_NAMESPACE", "default");
	const size_t len = strlen(ns);

	b->dns_capture = type == NODE_SIDECAR && env_bool("ISTIO_META_DNS_CAPTURE", false);
	b->dns_port = DNS_REDIRECT_PORT;
	b->resolv_path = DNS_RESOLV_PATH;
	b->domain = domain && *domain ? domain : "svc.cluster.local";
	if (strncmp(b->domain, ns, len) == 0 && b->domain[len] == '.')
		b->domain += len + 1;
}

static int from_environment(struct bootstrap *b, const struct args *a, enum node_type type, struct err *e)
{
	cJSON *pc;
	int r = json_env(b, "PROXY_CONFIG", &pc, e);

	if (r == 0)
		r = apply_annotation(b, &pc, e);
	if (r < 0)
		return r;
	export_metadata(pc);
	b->drain_ms = b->min_drain_ms = 5000;
	set_paths(b);
	set_dns(b, a->domain, type);
	r = set_addresses(b, pc, e);
	if (r == 0)
		r = set_concurrency(b, pc, a->concurrency, e);
	if (r == 0)
		r = set_ports(b, pc, a, e);
	if (r == 0)
		r = set_durations(b, pc, e);
	if (r == 0)
		r = set_app(b, e);
	if (env("ISTIO_META_AUTO_REGISTER_GROUP", NULL)) /* elsewhere the kubelet probes */
		b->health_probe = cJSON_GetObjectItemCaseSensitive(pc, "readinessProbe");
	const char *cluster = a->service_cluster ? a->service_cluster : json_text(pc, "serviceCluster");
	return r < 0 ? r : bootstrap_identify(b, type, a->domain, cluster, pc, e);
}

int bootstrap_init(struct bootstrap *b, int argc, char **argv, struct err *e)
{
	struct args a = {.agent_level = log_get_level(), .proxy_level = LOG_NONE};
	struct flags f = flags_begin(&program, argc, argv);
	enum node_type type;
	int r;

	*b = (struct bootstrap){0};
	r = parse_args(b, &a, &f, e);
	if (r)
		return r;
	r = parse_type(b, &f, &type, e);
	return r < 0 ? r : from_environment(b, &a, type, e);
}

void bootstrap_done(struct bootstrap *b)
{
	config_node_unref(b->node);
	arena_done(&b->arena);
	*b = (struct bootstrap){0};
}
