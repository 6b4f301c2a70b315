/* Who asks: what a pod's proxy says of itself when it connects, read from the pod. */
#include <string.h>

#include "base/cleanup.h"
#include "ctl/mesh/mesh_internal.h"
#include "mesh/workload.h"
#include "msg/json.h"

static const struct core_container *find(const struct core_pod_spec *s)
{
	for (size_t i = 0; i < s->containers.n; i++)
		if (s->containers.v[i].name && !strcmp(s->containers.v[i].name, MESH_PROXY_CONTAINER))
			return &s->containers.v[i];
	for (size_t i = 0; i < s->init_containers.n; i++)
		if (s->init_containers.v[i].name && !strcmp(s->init_containers.v[i].name, MESH_PROXY_CONTAINER))
			return &s->init_containers.v[i];
	return NULL;
}

static const char *variable(const struct core_container *c, const char *name, const char *fallback)
{
	for (size_t i = 0; i < c->env.n; i++)
		if (c->env.v[i].name && !strcmp(c->env.v[i].name, name) && c->env.v[i].value)
			return c->env.v[i].value;
	return fallback;
}

static bool flag(const struct core_container *c, const char *name)
{
	return !strcmp(variable(c, name, ""), "true");
}

static bool is_router(const struct core_container *c)
{
	for (size_t i = 0; i < c->args.n; i++)
		if (!strcmp(c->args.v[i], "router"))
			return true;
	return false;
}

/* gatewayTopology of the ProxyConfig that it is started with. */
static void read_topology(const struct core_container *c, struct proxy_topology *ret)
{
	CLEANUP(json_freep) cJSON *config = NULL;
	const cJSON *t;
	const char *forward;

	if (json_parse(slice_str(variable(c, "PROXY_CONFIG", "{}")), JSON_OBJECT_MAX_BYTES, &config, NULL) < 0)
		return;
	t = json_get(config, "gatewayTopology");
	if (!t)
		return;
	ret->set = true;
	ret->trusted_proxies = (uint32_t)json_int(t, "numTrustedProxies", 0);
	forward = json_str(t, "forwardClientCertDetails");
	if (forward)
		ret->forward_client_cert =
			MAX(msg_enum_value(&istio_mesh_forward_client_cert_details_names, forward), 0);
}

static void describe(struct mesh *m, const struct api_object *o, const struct core_container *c, struct proxy *ret)
{
	const struct core_pod *p = API_VALUE(o, pod, core_pod);
	const bool router = is_router(c);

	*ret = (struct proxy){
		.type = router ? PROXY_ROUTER : PROXY_SIDECAR,
		.id = arena_printf(&m->arena, "%s.%s", api_object_name(o), api_object_namespace(o)),
		.name = api_object_name(o),
		.ns = api_object_namespace(o),
		.ip = p->status && p->status->pod_ip ? p->status->pod_ip : "",
		.service_account = p->spec->service_account_name ? p->spec->service_account_name : "default",
		.cluster_id = variable(c, "ISTIO_META_CLUSTER_ID", "Kubernetes"),
		.workload = pod_workload(&m->arena, p),
		.node_name = p->spec->node_name ? p->spec->node_name : "",
		.mesh_id = variable(c, "ISTIO_META_MESH_ID", ""),
		.istio_version = "",
		.labels = o->meta->labels,
		.locality = workload_place(&m->arena, m->store, &o->meta->labels, p->spec->node_name, NULL),
		.unprivileged = flag(c, "ISTIO_META_UNPRIVILEGED_POD"),
		.dns_capture = flag(c, "ISTIO_META_DNS_CAPTURE"),
		.dns_auto_allocate = flag(c, "ISTIO_META_DNS_AUTO_ALLOCATE"),
		.interception = variable(c, "ISTIO_META_INTERCEPTION_MODE", router ? "NONE" : "REDIRECT"),
	};
	ret->v6 = strchr(ret->ip, ':') != NULL;
	/* Istio's image is an Envoy; any other is taken for ours. */
	ret->weft = !c->image || !strstr(c->image, "proxyv2");
	ret->user_agent = ret->weft ? "weft-proxy" : "envoy";
	ret->stats_filters = true;
	ret->node_id = arena_printf(&m->arena, "%s~%s~%s~%s.svc.%s", router ? "router" : "sidecar", ret->ip, ret->id,
				    ret->ns, m->config->domain);
	read_topology(c, &ret->topology);
}

/* The pod of that name, else one of the workload, one with a proxy before others. */
static const struct api_object *find_pod(struct mesh *m, const char *ns, const char *name)
{
	const struct store_range all = store_list(m->store, &api_kind_pod, ns);
	const struct api_object *found = NULL;

	for (size_t i = 0; i < all.n; i++) {
		const struct core_pod *p = API_VALUE(all.v[i], pod, core_pod);

		if (!strcmp(api_object_name(all.v[i]), name))
			return all.v[i];
		if (p->spec && !strcmp(pod_workload(&m->arena, p), name) &&
		    (!found || (!find(API_VALUE(found, pod, core_pod)->spec) && find(p->spec))))
			found = all.v[i];
	}
	return found;
}

static int no_pod(const struct mesh *m, const char *ns, const char *name, struct err *e)
{
	static const struct api_kind *const kinds[] = {&api_kind_deployment, &api_kind_stateful_set,
						       &api_kind_daemon_set};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (store_get(m->store, kinds[i], ns, name))
			return err_set(e, -ENOENT, "%s %s/%s has no pods", kinds[i]->kind, ns, name);
	return err_set(e, -ENOENT, "there is no pod or workload %s in namespace %s", name, ns);
}

int mesh_pod(struct mesh *m, const char *name, const struct api_object **ret, struct err *e)
{
	const char *ns, *own;
	const int r = ctl_split_name(name, m->o.ns, &m->arena, &ns, &own, e);

	if (r < 0)
		return r;
	*ret = find_pod(m, ns, own);
	return *ret ? 0 : no_pod(m, ns, own, e);
}

int mesh_proxy(struct mesh *m, const char *name, struct proxy *ret, struct err *e)
{
	const struct api_object *o;
	const int r = mesh_pod(m, name, &o, e);

	return r == 0 ? mesh_proxy_of(m, o, ret, e) : r;
}

int mesh_proxy_of(struct mesh *m, const struct api_object *o, struct proxy *ret, struct err *e)
{
	const struct core_pod *p = API_VALUE(o, pod, core_pod);
	const struct core_container *c = p->spec ? find(p->spec) : NULL;
	const char *ns = api_object_namespace(o);

	if (!mesh_has_namespace(m, ns))
		return err_set(e, -ENOENT, "namespace %s is no member of the mesh of %s", ns, m->plane.ns);
	if (!c)
		return err_set(e, -ENOENT, "pod %s/%s has no proxy: it is not injected", ns, api_object_name(o));
	describe(m, o, c, ret);
	return 0;
}

size_t mesh_proxies(struct mesh *m, struct proxy **ret)
{
	const struct store_range all = store_list(m->store, &api_kind_pod, NULL);
	CLEANUP(map_done) struct map seen = {0};
	VEC(struct proxy) found = {0};

	for (size_t i = 0; i < all.n; i++) {
		const struct core_pod *p = API_VALUE(all.v[i], pod, core_pod);
		const struct core_container *c = p->spec ? find(p->spec) : NULL;
		struct proxy proxy;
		const char *key;

		if (!c || !mesh_has_namespace(m, api_object_namespace(all.v[i])))
			continue;
		describe(m, all.v[i], c, &proxy);
		key = arena_printf(&m->arena, "%s/%s", proxy.ns, proxy.workload);
		if (map_set(&seen, slice_str(key), (void *)key))
			continue;
		vec_push(&found, proxy);
	}
	*ret = found.v;
	return found.n;
}
