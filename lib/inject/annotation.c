/*
 * The annotations of pods that Istio 1.20 and Maistra 2.5 document, one row each: what becomes of it. An annotation
 * that is carried out has its value checked; of any other the user is told by name, in the answer to the API server.
 */
#include <stdio.h>

#include "inject/internal.h"
#include "net/socket.h"

static bool is_port(struct slice s)
{
	uint64_t n;

	return slice_to_u64(s, 65535, &n) == 0;
}

static bool is_mode(struct slice s)
{
	return slice_eq_str(s, "REDIRECT") || slice_eq_str(s, "NONE");
}

static bool is_bool(struct slice s)
{
	return slice_eq_nocase(s, SLICE("true")) || slice_eq_nocase(s, SLICE("false"));
}

static bool is_u32(struct slice s)
{
	uint64_t n;

	return slice_to_u64(s, UINT32_MAX, &n) == 0;
}

static bool is_uid(struct slice s)
{
	uint64_t n;

	return slice_to_u64(s, INT32_MAX, &n) == 0 && n > 0;
}

static bool each(struct slice list, bool (*ok)(struct slice s))
{
	while (list.len)
		if (!ok(slice_trim(slice_split(&list, ','))))
			return false;
	return true;
}

static bool is_ports(struct slice s)
{
	return slice_eq_str(s, "*") || each(s, is_port);
}

static bool is_cidr(struct slice s)
{
	struct slice rest = s, ip = slice_split(&rest, '/');
	struct addr a;
	uint64_t bits;

	return addr_parse(ip, 0, &a) == 0 && slice_to_u64(rest, a.sa.sa_family == AF_INET6 ? 128 : 32, &bits) == 0;
}

static bool is_cidrs(struct slice s)
{
	return slice_eq_str(s, "*") || each(s, is_cidr);
}

static bool is_interface(struct slice s)
{
	if (!s.len || s.len > 15)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] == '/' || s.ptr[i] == 0x7f)
			return false;
	return true;
}

static bool is_interfaces(struct slice s)
{
	return each(s, is_interface);
}

static bool is_quantity(struct slice s)
{
	char text[64];
	int64_t n;

	if (s.len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(s));
	return msg_quantity_parse(text, &n) == 0 && n >= 0;
}

static bool is_level(struct slice s)
{
	static const char *const levels[] = {"trace", "debug", "info", "warning", "warn", "error", "critical", "off"};

	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (slice_eq_str(s, levels[i]))
			return true;
	return false;
}

static bool is_image(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] == '"')
			return false;
	return s.len > 0;
}

static bool is_policy(struct slice s)
{
	return slice_eq_str(s, "MUTUAL_TLS");
}

static bool is_false(struct slice s)
{
	return slice_eq_nocase(s, SLICE("false"));
}

#define MODES                                                                                                          \
	"use REDIRECT or NONE (TPROXY is not supported: the proxy cannot keep the client's address on inbound "        \
	"connections)"
#define NO_STATS "the proxy always reports Istio's standard metrics and no others"

/*
 * ok: the values that are carried out. refuse: why others are refused. ignored: why others, or with ok NULL all, have
 * no effect; the user is warned of them. Neither: any value is carried out.
 */
static const struct {
	const char *name;
	bool (*ok)(struct slice s);
	const char *refuse, *ignored;
} rows[] = {
	{INJECT_KEY, NULL, NULL, NULL},
	{STATUS_ANNOTATION, NULL, NULL, NULL},
	{OVERRIDES_ANNOTATION, NULL, NULL, NULL},
	{TEMPLATES_ANNOTATION, NULL, NULL, NULL},
	{CONFIG_ANNOTATION, NULL, NULL, NULL}, /* checked where it is read */
	{"sidecar.istio.io/interceptionMode", is_mode, MODES, NULL},
	{"sidecar.istio.io/proxyImage", is_image, "not an image", NULL},
	{"sidecar.istio.io/proxyImageType", is_image, "not a suffix of an image's tag", NULL},
	{"sidecar.istio.io/proxyCPU", is_quantity, "not a quantity", NULL},
	{"sidecar.istio.io/proxyCPULimit", is_quantity, "not a quantity", NULL},
	{"sidecar.istio.io/proxyMemory", is_quantity, "not a quantity", NULL},
	{"sidecar.istio.io/proxyMemoryLimit", is_quantity, "not a quantity", NULL},
	{"sidecar.istio.io/proxyUID", is_uid, "not the number of a user other than root", NULL},
	{"sidecar.istio.io/logLevel", is_level, "not one of trace, debug, info, warning, error, critical, off", NULL},
	{"sidecar.istio.io/agentLogLevel", NULL, NULL, NULL},
	{"sidecar.istio.io/componentLogLevel", NULL, NULL,
	 "the proxy has one level for all components: sidecar.istio.io/logLevel"},
	{"sidecar.istio.io/discoveryAddress", NULL, NULL, NULL},
	{"sidecar.istio.io/controlPlaneAuthPolicy", is_policy, NULL, "the control plane always speaks mutual TLS"},
	{"sidecar.istio.io/rewriteAppHTTPProbers", is_bool, "not a bool", NULL},
	{"sidecar.istio.io/nativeSidecar", is_bool, "not a bool", NULL},
	{"sidecar.istio.io/capNetBindService", is_bool, "not a bool", NULL},
	{"sidecar.istio.io/userVolume", NULL, NULL, NULL},      /* checked where it is read */
	{"sidecar.istio.io/userVolumeMount", NULL, NULL, NULL}, /* the same */
	{"sidecar.maistra.io/proxyEnv", NULL, NULL, NULL},      /* the same */
	{"sidecar.istio.io/bootstrapOverride", NULL, NULL, "the proxy reads no bootstrap of Envoy"},
	{"sidecar.istio.io/enableCoreDump", is_false, NULL, "core dumps are the node's setting"},
	{"sidecar.istio.io/statsInclusionPrefixes", NULL, NULL, NO_STATS},
	{"sidecar.istio.io/statsInclusionSuffixes", NULL, NULL, NO_STATS},
	{"sidecar.istio.io/statsInclusionRegexps", NULL, NULL, NO_STATS},
	{"sidecar.istio.io/statsHistogramBuckets", NULL, NULL, "the buckets are Istio's defaults"},
	{"sidecar.istio.io/extraStatTags", NULL, NULL, NO_STATS},
	{"sidecar.istio.io/statsCompression", NULL, NULL, "metrics are served as they are"},
	{"status.sidecar.istio.io/port", is_port, "not a port", NULL},
	{"readiness.status.sidecar.istio.io/initialDelaySeconds", is_u32, "not an unsigned number", NULL},
	{"readiness.status.sidecar.istio.io/periodSeconds", is_u32, "not an unsigned number", NULL},
	{"readiness.status.sidecar.istio.io/failureThreshold", is_u32, "not an unsigned number", NULL},
	{"readiness.status.sidecar.istio.io/applicationPorts", NULL, NULL,
	 "the proxy is ready when it has its configuration, whatever the application listens on"},
	{"traffic.sidecar.istio.io/includeOutboundIPRanges", is_cidrs, "not a list of CIDR blocks", NULL},
	{"traffic.sidecar.istio.io/excludeOutboundIPRanges", is_cidrs, "not a list of CIDR blocks", NULL},
	{"traffic.sidecar.istio.io/includeInboundPorts", is_ports, "not a list of ports", NULL},
	{"traffic.sidecar.istio.io/excludeInboundPorts", is_ports, "not a list of ports", NULL},
	{"traffic.sidecar.istio.io/includeOutboundPorts", is_ports, "not a list of ports", NULL},
	{"traffic.sidecar.istio.io/excludeOutboundPorts", is_ports, "not a list of ports", NULL},
	{"traffic.sidecar.istio.io/kubevirtInterfaces", is_interfaces, "not a list of interfaces", NULL},
	{"traffic.sidecar.istio.io/excludeInterfaces", is_interfaces, "not a list of interfaces", NULL},
	{"prometheus.istio.io/merge-metrics", is_bool, "not a bool", NULL},
};

const char *inject_annotation_problem(const char *name, const char *value)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].ok && !rows[i].ok(slice_str(value)) ? rows[i].refuse : NULL;
	return NULL;
}

int inject_check_annotations(struct injection *x, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *v = inject_annotation(x, rows[i].name);

		if (!v || (rows[i].ok && rows[i].ok(slice_str(v))))
			continue;
		if (rows[i].refuse)
			return err_set(e, -EINVAL, "invalid value '%s' for annotation '%s': %s", v, rows[i].name,
				       rows[i].refuse);
		if (rows[i].ignored)
			inject_warn(x, "annotation '%s' has no effect: %s", rows[i].name, rows[i].ignored);
	}
	return 0;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return true;
	return false;
}

void inject_warn_unknown_annotations(struct injection *x)
{
	static const char *const families[] = {"sidecar.istio.io/",        "traffic.sidecar.istio.io/",
					       "proxy.istio.io/",          "sidecar.maistra.io/",
					       "inject.istio.io/",         "prometheus.istio.io/",
					       "status.sidecar.istio.io/", "readiness.status.sidecar.istio.io/"};
	const struct str_map *have = &x->pod->metadata->annotations;

	for (size_t i = 0; i < have->n; i++)
		for (size_t k = 0; k < ARRAY_LEN(families); k++)
			if (strncmp(have->v[i].key, families[k], strlen(families[k])) == 0 && !is_known(have->v[i].key))
				inject_warn(x, "annotation '%s' is unknown and has no effect", have->v[i].key);
}
