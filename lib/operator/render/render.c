/* Rendering of a control plane: a table of components, and what every object carries. */
#include "operator/render/render.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/render/addons.h"
#include "operator/template/template.h"

static const struct {
	const char *name;
	unsigned stage;
	const char *files[6]; /* gateways are rendered once per gateway instead */
} components[RENDER_COMPONENT_COUNT] = {
	[RENDER_DISCOVERY] = {"istio-discovery",
			      0,
			      {"control-plane/network-policies.yaml", "control-plane/istiod-rbac.yaml",
			       "control-plane/config.yaml", "control-plane/istiod.yaml",
			       "control-plane/webhooks.yaml"}},
	[RENDER_MESH_CONFIG] = {"mesh-config",
				1,
				{"control-plane/mesh-config.yaml", "control-plane/mesh-expansion.yaml"}},
	[RENDER_PROMETHEUS] = {"prometheus", 2, {"control-plane/prometheus.yaml"}},
	[RENDER_INGRESS] = {"istio-ingress", 2, {NULL}},
	[RENDER_EGRESS] = {"istio-egress", 2, {NULL}},
	[RENDER_TRACING] = {"tracing", 2, {NULL}},
	[RENDER_GRAFANA] = {"grafana", 2, {NULL}},
	[RENDER_KIALI] = {"kiali", 2, {NULL}},
};

#define GATEWAY_FILE "control-plane/gateway.yaml"
#define ROUTE_FILE "control-plane/route.yaml"

const char *render_component_str(enum render_component c)
{
	return components[c].name;
}

unsigned render_component_stage(enum render_component c)
{
	return components[c].stage;
}

bool render_component_is_addon(enum render_component c)
{
	return c >= RENDER_TRACING;
}

struct render_run {
	const struct render_input *in;
	struct rendering *out;
	enum render_component component;
};

static unsigned order_of(const struct api_kind *k)
{
	if (k == &api_kind_role_binding || k == &api_kind_cluster_role_binding)
		return 1;
	if (k == &api_kind_service)
		return 2;
	if (k == &api_kind_deployment)
		return 3;
	if (k == &api_kind_kiali || k == &api_kind_jaeger)
		return 3;
	if (k == &api_kind_horizontal_pod_autoscaler || k == &api_kind_route ||
	    k == &api_kind_mutating_webhook_configuration || k == &api_kind_validating_webhook_configuration)
		return 4;
	return 0;
}

static void set_text(cJSON *to, const char *name, const char *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(to, name);
	cJSON_AddStringToObject(to, name, value);
}

static void add_owner(cJSON *meta, const struct api_object *smcp)
{
	const char *ns = json_str(meta, "namespace");
	char version[API_VERSION_TEXT_MAX];
	cJSON *ref;

	if (!ns || strcmp(ns, api_object_namespace(smcp)) != 0 || !smcp->meta->uid)
		return;
	ref = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(meta, "ownerReferences"), ref);
	cJSON_AddStringToObject(ref, "apiVersion", api_kind_api_version(smcp->kind, version));
	cJSON_AddStringToObject(ref, "kind", smcp->kind->kind);
	cJSON_AddStringToObject(ref, "name", api_object_name(smcp));
	cJSON_AddStringToObject(ref, "uid", smcp->meta->uid);
	cJSON_AddBoolToObject(ref, "controller", true);
	cJSON_AddBoolToObject(ref, "blockOwnerDeletion", true);
}

const char *render_chart_version(const char *version, char ret[CHART_VERSION_MAX])
{
	version = text_or(version, SPEC_DEFAULT_VERSION);
	snprintf(ret, CHART_VERSION_MAX, "%s.0", version + (*version == 'v'));
	return ret;
}

/* The labels, annotations and owner that every object has. */
static void decorate(cJSON *doc, const struct render_run *run)
{
	const struct api_object *smcp = run->in->smcp;
	const char *component = components[run->component].name;
	cJSON *meta = json_object(doc, "metadata"), *labels = json_object(meta, "labels");
	char generation[24], chart[CHART_VERSION_MAX];
	CLEANUP(buf_done) struct buf version = BUF_INIT;

	snprintf(generation, sizeof(generation), "%lld", (long long)smcp->meta->generation);
	buf_printf(&version, "%s-%s", run->in->operator_version, generation);
	set_text(labels, "app.kubernetes.io/name", component);
	set_text(labels, LABEL_COMPONENT, component);
	set_text(labels, "app.kubernetes.io/instance", api_object_namespace(smcp));
	set_text(labels, "app.kubernetes.io/version", buf_str(&version));
	set_text(labels, "app.kubernetes.io/part-of", "istio");
	set_text(labels, LABEL_MANAGED_BY, MANAGED_BY);
	set_text(labels, LABEL_OWNER, api_object_namespace(smcp));
	set_text(labels, LABEL_OWNER_NAME, api_object_name(smcp));
	set_text(labels, "maistra-version", render_chart_version(run->in->spec->version, chart));
	set_text(json_object(meta, "annotations"), ANNOTATION_GENERATION, generation);
	if (run->in->profiles) {
		CLEANUP(buf_done) struct buf hash = BUF_INIT;

		buf_printf(&hash, "%016llx", (unsigned long long)run->in->profiles);
		set_text(json_object(meta, "annotations"), ANNOTATION_PROFILES, buf_str(&hash));
	}
	add_owner(meta, smcp);
}

static void on_unknown(void *arg, const char *path)
{
	struct buf *paths = arg;

	buf_printf(paths, "%s%s", paths->len ? ", " : "", path);
}

/* What another operator carries out may be there already, of somebody else's making: that is used and left alone. */
static bool is_others(const struct render_run *run, const struct api_object *o)
{
	return o->kind->flags & API_FOREIGN &&
	       !store_get(run->in->store, o->kind, api_object_namespace(o), api_object_name(o));
}

static int on_document(void *arg, cJSON *doc, bool create, struct err *e)
{
	struct render_run *run = arg;
	CLEANUP(json_freep) cJSON *json = doc;
	CLEANUP(buf_done) struct buf unknown = BUF_INIT;
	const char *kind = json_str(json, "kind"), *name = json_str(json, "metadata.name");
	struct api_object *obj;
	int r;

	decorate(json, run);
	r = api_object_decode(json, on_unknown, &unknown, &obj, e);
	if (r < 0)
		return err_wrap(e, r, "%s %s", kind ? kind : "", name ? name : "");
	if (unknown.len) {
		api_object_unref(obj);
		return err_set(e, -EINVAL, "%s %s: unknown fields %s", kind, name, buf_str(&unknown));
	}
	if (render_lacks(run->in->absent, run->in->n_absent, obj->kind)) {
		buf_printf(&run->out->left_out, "%s %s%s%s: " RENDER_LACKS "%s\n", obj->kind->kind,
			   api_object_namespace(obj), *api_object_namespace(obj) ? "/" : "", api_object_name(obj),
			   obj->kind->kind, obj->kind->group,
			   obj->kind == &api_kind_route ? "; its Service is the way in" : "");
		api_object_unref(obj);
		return 0;
	}
	vec_push(&run->out->objects, (struct rendered){
					     .obj = obj,
					     .component = run->component,
					     .stage = components[run->component].stage,
					     .order = order_of(obj->kind),
					     .create_only = create || is_others(run, obj),
				     });
	return 0;
}

bool render_lacks(const struct api_kind *const *absent, size_t n, const struct api_kind *kind)
{
	for (size_t i = 0; i < n; i++)
		if (absent[i] == kind)
			return true;
	return false;
}

static int render_file(struct render_run *run, const char *file, const cJSON *values, struct err *e)
{
	int r = template_render(template_file(file), values, on_document, run, e);

	return r < 0 ? err_wrap(e, r, "%s", file) : 0;
}

/* An add-on whose values have routes; the first has the Service's name. */
static int render_routes(struct render_run *run, cJSON *values, const char *section, const char *name, int port,
			 struct err *e)
{
	const cJSON *addon = json_get(values, section), *one;
	int r = 0;

	cJSON_ArrayForEach(one, json_get(addon, "routes"))
	{
		if (r < 0)
			break;
		cJSON_DeleteItemFromObjectCaseSensitive(values, "route");
		values_set_route(values, &(struct route_input){addon, one, name, port});
		r = render_file(run, ROUTE_FILE, values, e);
	}
	return r;
}

/* Gateways: the two standard ones and the additional ones become one list. */

#define GATEWAY_INPUT(g, label, is_ingress, is_additional, own_ns)                                                     \
	(struct gateway_input)                                                                                         \
	{                                                                                                              \
		.name = (label), .ns = text_or((g)->namespace, (own_ns)), .ingress = (is_ingress),                     \
		.additional = (is_additional), .enabled = flag((g)->enabled, true), .router_mode = (g)->router_mode,   \
		.service = (g)->service, .volumes = (g)->volumes.v, .n_volumes = (g)->volumes.n,                       \
		.runtime = (g)->runtime,                                                                               \
	}

struct gateways {
	struct gateway_input *v;
	size_t n, cap;
};

static void collect_ingress(const struct maistra_gateways_config *g, const char *ns, struct gateways *out)
{
	static const struct maistra_cluster_ingress_gateway_config none;
	const struct maistra_cluster_ingress_gateway_config *standard = g->ingress ? g->ingress : &none;
	struct gateway_input in = GATEWAY_INPUT(standard, "istio-ingressgateway", true, false, ns);

	in.route = flag(AT1(standard->route_config, enabled), true);
	in.more_ports = standard->mesh_expansion_ports.v;
	in.n_more_ports = standard->mesh_expansion_ports.n;
	vec_push(out, in);
	for (size_t i = 0; i < g->additional_ingress.n; i++) {
		const struct maistra_ingress_gateway_config *more = &g->additional_ingress.v[i].value;

		in = GATEWAY_INPUT(more, g->additional_ingress.v[i].key, true, true, ns);
		in.route = flag(AT1(more->route_config, enabled), true);
		vec_push(out, in);
	}
}

/* The one of mesh expansion, off unless it is asked for. */
static void collect_ilb(const struct maistra_smcp_spec *s, const char *ns, struct gateways *out)
{
	const struct maistra_gateway_config *g = AT2(s->cluster, mesh_expansion, ilb_gateway);
	struct gateway_input in;

	if (!g || !flag(g->enabled, false) || !flag(s->cluster->mesh_expansion->enabled, false))
		return;
	in = GATEWAY_INPUT(g, "istio-ilbgateway", true, true, ns);
	in.ilb = true;
	vec_push(out, in);
}

static void collect_egress(const struct maistra_gateways_config *g, const char *ns, struct gateways *out)
{
	static const struct maistra_egress_gateway_config none;
	const struct maistra_egress_gateway_config *standard = g->egress ? g->egress : &none;

	vec_push(out, GATEWAY_INPUT(standard, "istio-egressgateway", false, false, ns));
	for (size_t i = 0; i < g->additional_egress.n; i++) {
		const struct maistra_egress_gateway_config *more = &g->additional_egress.v[i].value;

		vec_push(out, GATEWAY_INPUT(more, g->additional_egress.v[i].key, false, true, ns));
	}
}

bool render_on_openshift(const struct store *s, const char *ns)
{
	const struct api_object *o = store_get(s, &api_kind_namespace, "", ns);

	return o && api_object_annotation(o, "openshift.io/sa.scc.uid-range");
}

/*
 * The way in, where the spec leaves it open. OpenShift's routers reach the gateway by a ClusterIP. Where there are no
 * Routes a load balancer is asked for, and where nobody answers that, its node ports still lead in. That is kept when
 * somebody installs Routes: a way in is not taken away.
 */
static const char *default_service_type(const struct render_run *run, const struct values_input *vi,
					const struct gateway_input *g)
{
	const struct api_object *have = store_get(run->in->store, &api_kind_service, g->ns, g->name);
	const char *given = have ? api_object_annotation(have, ANNOTATION_DEFAULT_TYPE) : NULL;

	if (!g->ingress)
		return "ClusterIP";
	return !vi->has_routes || (given && !strcmp(given, "LoadBalancer")) ? "LoadBalancer" : "ClusterIP";
}

static int render_gateways(struct render_run *run, const struct values_input *vi, cJSON *values, struct err *e)
{
	static const struct maistra_gateways_config none;
	const struct maistra_gateways_config *g = vi->spec->gateways ? vi->spec->gateways : &none;
	struct gateways all = {0};
	int r = 0;

	if (!flag(g->enabled, true))
		return 0;
	collect_ingress(g, vi->ns, &all);
	collect_egress(g, vi->ns, &all);
	collect_ilb(vi->spec, vi->ns, &all);
	for (size_t i = 0; i < all.n && r == 0; i++) {
		if (!all.v[i].enabled)
			continue;
		run->component = all.v[i].ingress ? RENDER_INGRESS : RENDER_EGRESS;
		run->out->has[run->component] = true;
		all.v[i].assigned_user = render_on_openshift(run->in->store, all.v[i].ns);
		all.v[i].default_type = default_service_type(run, vi, &all.v[i]);
		values_set_gateway(values, vi, &all.v[i]);
		r = render_file(run, GATEWAY_FILE, values, e);
		if (r < 0)
			err_wrap(e, r, "gateway %s", all.v[i].name);
	}
	vec_done(&all);
	return r;
}

static int render_component(struct render_run *run, enum render_component c, const cJSON *values, struct err *e)
{
	int r = 0;

	run->component = c;
	run->out->has[c] = true;
	for (size_t i = 0; i < ARRAY_LEN(components[c].files) && components[c].files[i] && r == 0; i++)
		r = render_file(run, components[c].files[i], values, e);
	return r;
}

static void set_addon(const struct render_run *run, const struct values_input *vi, cJSON *values, enum addon_id id,
		      enum addon_way way)
{
	const struct chosen_input chosen = {
		.store = run->in->store, .name = vi->name, .ns = vi->ns, .fresh = run->in->fresh_secret};

	if (way != ADDON_SUBSTITUTE) {
		values_set_addon(values, vi, id);
		if (id == ADDON_KIALI && way == ADDON_WORKLOAD)
			values_set_links(json_get(values, addons[id].values), vi, run->in->store);
		if (id == ADDON_KIALI && way == ADDON_WORKLOAD && chosen.fresh)
			values_set_signing_key(json_get(values, addons[id].values), &chosen);
		return;
	}
	values_set_substitute(values, vi, id, run->in->embedded);
	if (chosen.fresh && !render_lacks(run->in->absent, run->in->n_absent, &api_kind_oauth_client))
		values_set_oauth(json_get(values, "substitute"), &chosen);
}

/* Grafana, Jaeger and Kiali, each in the way that addon_decide() says. */
static int render_addons(struct render_run *run, const struct values_input *vi, cJSON *values, struct err *e)
{
	struct addon_input in = {.spec = vi->spec,
				 .images = vi->images,
				 .absent = run->in->absent,
				 .n_absent = run->in->n_absent,
				 .no_stock = run->in->addons == ADDONS_OWN ||
					     (run->in->addons == ADDONS_BY_CLUSTER && run->in->embedded)};
	int r = 0;

	for (size_t i = 0; i < ADDON_COUNT && r == 0; i++) {
		const struct addon *a = &addons[i];
		const char *reason = NULL;
		const enum addon_way way = addon_decide((enum addon_id)i, &in, &reason);

		if (way == ADDON_NOT_MADE)
			buf_printf(&run->out->addons, "%s: %s\n", components[a->component].name, reason);
		if (way == ADDON_SUBSTITUTE)
			buf_printf(&run->out->substituted, "%s\n", components[a->component].name);
		if (way == ADDON_UNWANTED || way == ADDON_NOT_MADE)
			continue;
		run->component = a->component;
		run->out->has[a->component] = true;
		set_addon(run, vi, values, (enum addon_id)i, way);
		r = render_file(run,
				way == ADDON_SUBSTITUTE ? SUBSTITUTE_FILE
				: way == ADDON_RESOURCE ? a->resource_file
							: a->file,
				values, e);
		if (r == 0 && (way != ADDON_RESOURCE || json_true(json_get(values, a->values), "routesToResource")))
			r = render_routes(run, values, a->values, json_str(json_get(values, a->values), "service"),
					  a->port, e);
	}
	return r;
}

int render_mesh(const struct render_input *in, struct rendering *ret, struct err *e)
{
	struct values_input vi = {
		.name = api_object_name(in->smcp),
		.ns = api_object_namespace(in->smcp),
		.spec = in->spec,
		.members = in->members,
		.n_members = in->n_members,
		.revisions = in->revisions,
		.n_revisions = in->n_revisions,
		.revision_of = in->revision_of ? api_object_namespace(in->revision_of) : NULL,
		.has_routes = !render_lacks(in->absent, in->n_absent, &api_kind_route),
		.by_cni = spec_by_cni(in->spec, render_on_openshift(in->store, api_object_namespace(in->smcp))),
		.images = in->images,
		.assigned_user = render_on_openshift(in->store, api_object_namespace(in->smcp)),
	};
	struct rendering out = {0};
	struct render_run run = {.in = in, .out = &out};
	CLEANUP(freep)
	char *kubeconfig = render_by_multus(in->cni, in->absent, in->n_absent) ? render_cni_kubeconfig(in->cni) : NULL;
	CLEANUP(json_freep) cJSON *values = NULL;
	int r;

	vi.cni_kubeconfig = kubeconfig;
	values = values_new(&vi);
	r = render_component(&run, RENDER_DISCOVERY, values, e);
	if (r == 0)
		r = render_component(&run, RENDER_MESH_CONFIG, values, e);
	if (r == 0 && flag(AT2(in->spec->addons, prometheus, enabled), false))
		r = render_component(&run, RENDER_PROMETHEUS, values, e);
	if (r == 0 && run.out->has[RENDER_PROMETHEUS])
		r = render_routes(&run, values, "prometheus", "prometheus", PROMETHEUS_PORT, e);
	if (r == 0)
		r = render_gateways(&run, &vi, values, e);
	if (r == 0)
		r = render_addons(&run, &vi, values, e);
	if (r < 0) {
		rendering_done(&out);
		return r;
	}
	*ret = out;
	return 0;
}

void rendering_done(struct rendering *r)
{
	for (size_t i = 0; i < r->objects.n; i++)
		api_object_unref(r->objects.v[i].obj);
	vec_done(&r->objects);
	buf_done(&r->left_out);
	buf_done(&r->addons);
	buf_done(&r->substituted);
	*r = (struct rendering){0};
}
