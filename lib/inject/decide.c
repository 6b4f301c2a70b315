/* Whether a pod gets a proxy, and whether its annotations make sense. */
#include <stdio.h>
#include <stdlib.h>

#include "inject/internal.h"
#include "net/socket.h"

static const char *const never_namespaces[] = {"kube-system", "kube-public", "kube-node-lease", "local-path-storage"};

static bool says_yes(const char *s)
{
	return strcasecmp(s, "y") == 0 || strcasecmp(s, "yes") == 0 || strcasecmp(s, "true") == 0 ||
	       strcasecmp(s, "on") == 0;
}

/* Any selector of the list matches the pod's labels. */
static bool selected(const struct injection *x, const char *name)
{
	const cJSON *list = x->config ? cJSON_GetObjectItemCaseSensitive(x->config, name) : NULL, *one;

	cJSON_ArrayForEach(one, list)
	{
		struct meta_label_selector s = {0};

		if (msg_from_json(&meta_label_selector_desc, &s, one, x->a, NULL) == 0 &&
		    (s.match_labels.n || s.match_expressions.n) && meta_selector_matches(&s, &x->pod->metadata->labels))
			return true;
	}
	return false;
}

bool inject_wanted(const struct injection *x)
{
	const char *label = str_map_get(&x->pod->metadata->labels, INJECT_KEY);
	const char *said = label ? label : inject_annotation(x, INJECT_KEY);
	const char *policy = json_str(x->config, "policy", NULL);

	if (x->pod->spec->host_network)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(never_namespaces); i++)
		if (strcmp(x->ns, never_namespaces[i]) == 0)
			return false;
	if (said && *said)
		return says_yes(said);
	if (selected(x, "neverInjectSelector"))
		return false;
	if (selected(x, "alwaysInjectSelector"))
		return true;
	return policy && strcmp(policy, "enabled") == 0;
}

const char *inject_annotation(const struct injection *x, const char *name)
{
	return str_map_get(&x->pod->metadata->annotations, name);
}

const char *inject_value(const struct injection *x, const char *section, const char *name, const char *fallback)
{
	const cJSON *global = x->values ? cJSON_GetObjectItemCaseSensitive(x->values, "global") : NULL;
	const cJSON *at = section ? cJSON_GetObjectItemCaseSensitive(global, section) : global;
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(at, name);

	if (cJSON_IsString(v) && *v->valuestring)
		return v->valuestring;
	return cJSON_IsNumber(v) ? arena_printf(x->a, "%d", v->valueint) : fallback;
}

/* --- annotations --- */

static bool is_port(struct slice s)
{
	uint64_t n;

	return slice_to_u64(s, 65535, &n) == 0;
}

static bool is_mode(struct slice s)
{
	return slice_eq_str(s, "REDIRECT") || slice_eq_str(s, "TPROXY") || slice_eq_str(s, "NONE");
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

	return addr_parse(ip, 0, &a) == 0 && slice_to_u64(rest, 128, &bits) == 0;
}

static bool is_cidrs(struct slice s)
{
	return slice_eq_str(s, "*") || each(s, is_cidr);
}

static const struct {
	const char *name, *why;
	bool (*ok)(struct slice s);
} rules[] = {
	{"sidecar.istio.io/interceptionMode", "interceptionMode invalid, use REDIRECT,TPROXY,NONE", is_mode},
	{"sidecar.istio.io/enableCoreDump", "not a bool", is_bool},
	{"status.sidecar.istio.io/port", "not a port", is_port},
	{"readiness.status.sidecar.istio.io/initialDelaySeconds", "not an unsigned number", is_u32},
	{"readiness.status.sidecar.istio.io/periodSeconds", "not an unsigned number", is_u32},
	{"readiness.status.sidecar.istio.io/failureThreshold", "not an unsigned number", is_u32},
	{"traffic.sidecar.istio.io/includeOutboundIPRanges", "not a list of CIDR blocks", is_cidrs},
	{"traffic.sidecar.istio.io/excludeOutboundIPRanges", "not a list of CIDR blocks", is_cidrs},
	{"traffic.sidecar.istio.io/includeInboundPorts", "not a list of ports", is_ports},
	{"traffic.sidecar.istio.io/excludeInboundPorts", "not a list of ports", is_ports},
	{"traffic.sidecar.istio.io/includeOutboundPorts", "not a list of ports", is_ports},
	{"traffic.sidecar.istio.io/excludeOutboundPorts", "not a list of ports", is_ports},
	{"prometheus.istio.io/merge-metrics", "not a bool", is_bool},
};

int inject_check_annotations(const struct injection *x, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const char *v = inject_annotation(x, rules[i].name);

		if (v && !rules[i].ok(slice_str(v)))
			return err_set(e, -EINVAL, "invalid value '%s' for annotation '%s': %s", v, rules[i].name,
				       rules[i].why);
	}
	return 0;
}
