/* Who asks: the xDS node of a proxy, as Istio's bootstrap fills it in. */
#include "discovery/internal.h"
#include "xds/pb.h"

#define NODE_LABELS_MAX 256

static const char *field(struct arena *a, const Google__Protobuf__Struct *m, const char *key, const char *fallback)
{
	const char *s = pb_struct_get_string(m, key);

	return arena_strdup(a, s ? s : fallback);
}

static bool flag(const Google__Protobuf__Struct *m, const char *key)
{
	const Google__Protobuf__Value *v = pb_struct_get(m, key);
	const char *s = pb_struct_get_string(m, key);

	if (v && v->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE)
		return v->bool_value;
	return s && strcmp(s, "true") == 0;
}

static int cmp_pair(const void *a, const void *b)
{
	return strcmp(((const struct str_pair *)a)->key, ((const struct str_pair *)b)->key);
}

static void read_labels(struct arena *a, const Google__Protobuf__Struct *m, struct str_map *ret)
{
	const size_t max = m ? MIN(m->n_fields, NODE_LABELS_MAX) : 0;

	ret->v = ARENA_NEW_N(a, struct str_pair, max);
	for (size_t i = 0; i < max; i++) {
		const Google__Protobuf__Value *v = m->fields[i]->value;

		if (!v || v->kind_case != GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE)
			continue;
		ret->v[ret->n++] =
			(struct str_pair){arena_strdup(a, m->fields[i]->key), arena_strdup(a, v->string_value)};
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(ret->v[0]), cmp_pair);
}

/* "<type>~<ip>~<pod>.<ns>~<ns>.svc.<domain>" */
static int parse_id(const char *id, struct arena *a, struct proxy *ret, struct err *e)
{
	struct slice rest = slice_str(id), type = slice_split(&rest, '~'), ip, name;
	ptrdiff_t dot;

	ip = slice_split(&rest, '~');
	name = slice_split(&rest, '~');
	dot = slice_rfind(name, '.');
	if (!rest.len || !ip.len || dot <= 0)
		return err_set(e, -EINVAL, "node id %.100s is not <type>~<ip>~<pod>.<namespace>~<domain>", id);
	if (!slice_eq_str(type, "sidecar") && !slice_eq_str(type, "router"))
		return err_set(e, -EINVAL, "node type %.*s is not served: sidecar and router are", SLICE_ARG(type));
	ret->type = slice_eq_str(type, "router") ? PROXY_ROUTER : PROXY_SIDECAR;
	ret->ip = arena_slicedup(a, ip);
	ret->id = arena_slicedup(a, name);
	ret->name = arena_slicedup(a, slice_head(name, (size_t)dot));
	ret->ns = arena_slicedup(a, slice_from(name, (size_t)dot + 1));
	return 0;
}

/* gatewayTopology of the ProxyConfig that the proxy was started with. */
static void read_topology(const Google__Protobuf__Struct *m, struct proxy_topology *ret)
{
	const Google__Protobuf__Struct *config = pb_struct_get_struct(m, "PROXY_CONFIG");
	const Google__Protobuf__Struct *t = pb_struct_get_struct(config, "gatewayTopology");
	const Google__Protobuf__Value *hops = pb_struct_get(t, "numTrustedProxies");
	const char *text = pb_struct_get_string(t, "numTrustedProxies"), *forward;
	uint64_t n;

	if (!t)
		return;
	ret->set = true;
	forward = pb_struct_get_string(t, "forwardClientCertDetails");
	if (text && slice_to_u64(slice_str(text), UINT32_MAX, &n) == 0)
		ret->trusted_proxies = (uint32_t)n;
	if (hops && hops->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE && hops->number_value >= 0 &&
	    hops->number_value <= UINT32_MAX)
		ret->trusted_proxies = (uint32_t)hops->number_value;
	if (forward)
		ret->forward_client_cert =
			MAX(msg_enum_value(&istio_mesh_forward_client_cert_details_names, forward), 0);
}

int discovery_node_parse(const Envoy__Config__Core__V3__Node *node, struct arena *a, struct proxy *ret, struct err *e)
{
	const Google__Protobuf__Struct *m = node->metadata;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = parse_id(node->id ? node->id : "", a, ret, e);
	if (r < 0)
		return r;
	ret->node_id = arena_strdup(a, node->id);
	ret->ns = field(a, m, "NAMESPACE", ret->ns);
	ret->name = field(a, m, "NAME", ret->name);
	ret->service_account = field(a, m, "SERVICE_ACCOUNT", "");
	ret->cluster_id = field(a, m, "CLUSTER_ID", "Kubernetes");
	ret->workload = field(a, m, "WORKLOAD_NAME", "");
	ret->node_name = field(a, m, "NODE_NAME", "");
	ret->mesh_id = field(a, m, "MESH_ID", "");
	ret->istio_version = field(a, m, "ISTIO_VERSION", "");
	ret->interception = field(a, m, "INTERCEPTION_MODE", "REDIRECT");
	ret->user_agent = arena_strdup(a, node->user_agent_name ? node->user_agent_name : "");
	ret->unprivileged = flag(m, "UNPRIVILEGED_POD");
	ret->v6 = strchr(ret->ip, ':') != NULL;
	ret->dns_auto_allocate = flag(m, "DNS_AUTO_ALLOCATE");
	ret->weft = strncmp(ret->user_agent, "weft", 4) == 0;
	/* of ours older ones say so, too, and answer no DNS: their clients know no address that was made up */
	ret->dns_capture = flag(m, "DNS_CAPTURE") && (!ret->weft || flag(m, "WEFT_DNS"));
	ret->stats_filters = *ret->istio_version || ret->weft;
	read_labels(a, pb_struct_get_struct(m, "LABELS"), &ret->labels);
	read_topology(m, &ret->topology);
	ret->locality = (struct locality){"", "", ""};
	if (node->locality)
		ret->locality = (struct locality){arena_strdup(a, node->locality->region),
						  arena_strdup(a, node->locality->zone),
						  arena_strdup(a, node->locality->sub_zone)};
	return 0;
}
