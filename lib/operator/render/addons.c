/* Which add-ons there are, what they are made of, and their values. */
#include "operator/render/addons.h"

#include "base/base64.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/render/workload.h"

const struct addon addons[ADDON_COUNT] = {
	[ADDON_JAEGER] = {RENDER_TRACING, "jaeger", "addons/jaeger.yaml", "addons/jaeger-resource.yaml",
			  &api_kind_jaeger, 16686},
	[ADDON_GRAFANA] = {RENDER_GRAFANA, "grafana", "addons/grafana.yaml", NULL, NULL, 3000},
	[ADDON_KIALI] = {RENDER_KIALI, "kiali", "addons/kiali.yaml", "addons/kiali-resource.yaml", &api_kind_kiali,
			 20001},
};

/* --- which --- */

static bool wanted(enum addon_id id, const struct maistra_smcp_spec *s)
{
	switch (id) {
	case ADDON_JAEGER: /* without settings of an installation it is somebody else's */
		return AT2(s->addons, jaeger, install) && !strcmp(text_or(AT1(s->tracing, type), "None"), "Jaeger");
	case ADDON_GRAFANA: /* with an address it is somebody else's */
		return flag(AT2(s->addons, grafana, enabled), false) && !AT2(s->addons, grafana, address);
	case ADDON_KIALI:
		return flag(AT2(s->addons, kiali, enabled), false);
	default:
		return false;
	}
}

static const char *image_of(enum addon_id id, const struct operator_images *i)
{
	return id == ADDON_JAEGER ? i->jaeger : id == ADDON_GRAFANA ? i->grafana : i->kiali;
}

enum addon_way addon_decide(enum addon_id id, const struct addon_input *in, const char **ret_reason)
{
	const struct api_kind *kind = addons[id].kind;
	const char *storage = AT4(in->spec->addons, jaeger, install, storage, type);

	if (!wanted(id, in->spec))
		return ADDON_UNWANTED;
	if (kind && !render_lacks(in->absent, in->n_absent, kind))
		return ADDON_RESOURCE;
	if (in->no_stock)
		return ADDON_SUBSTITUTE;
	if (!*text_or(image_of(id, in->images), ""))
		*ret_reason = "the operator knows no image of it";
	else if (id == ADDON_JAEGER && storage && !strcmp(storage, "Elasticsearch"))
		*ret_reason = "Elasticsearch as its storage needs Jaeger's own operator";
	else
		return ADDON_WORKLOAD;
	return ADDON_NOT_MADE;
}

/* --- their values --- */

static cJSON *add_workload(cJSON *values, const struct values_input *in, enum addon_id id, const char *runtime)
{
	struct workload_input w = {AT1(in->spec->runtime, defaults), runtime_component(in->spec, runtime),
				   image_of(id, in->images), true};
	cJSON *o;

	cJSON_DeleteItemFromObjectCaseSensitive(values, addons[id].values);
	o = cJSON_AddObjectToObject(values, addons[id].values);
	workload_values(o, &w);
	if (!in->assigned_user)
		cJSON_AddNumberToObject(o, "user", ADDON_USER);
	return o;
}

static void set_jaeger(cJSON *values, const struct values_input *in)
{
	const struct maistra_jaeger_addon_config *j = in->spec->addons->jaeger;
	const struct maistra_jaeger_storage_config *storage = AT1(j->install, storage);
	const struct maistra_jaeger_elasticsearch_storage_config *es = AT1(storage, elasticsearch);
	const struct maistra_jaeger_ingress_config *way = AT1(j->install, ingress);
	const struct maistra_component_ingress_config route = {.enabled = AT1(way, enabled),
							       .metadata = AT1(way, metadata)};
	const struct maistra_component_service_config service = {.ingress = (void *)&route};
	const int64_t *traces = AT2(storage, memory, max_traces);
	const bool in_elasticsearch = storage && !strcmp(text_or(storage->type, ""), "Elasticsearch");
	cJSON *o = add_workload(values, in, ADDON_JAEGER, "tracing.jaeger");

	values_service(o, &service);
	cJSON_AddStringToObject(o, "name", text_or(j->name, "jaeger"));
	values_printf(o, "service", "%s-query", text_or(j->name, "jaeger"));
	cJSON_AddNumberToObject(o, "maxTraces", traces ? (double)*traces : 100000);
	cJSON_AddBoolToObject(o, "elasticsearch", in_elasticsearch);
	cJSON_AddStringToObject(o, "crStrategy", in_elasticsearch ? "production" : "allInOne");
	cJSON_AddStringToObject(o, "storageType", in_elasticsearch ? "elasticsearch" : "memory");
	if (!es)
		return;
	if (es->node_count)
		cJSON_AddNumberToObject(o, "nodeCount", *es->node_count);
	if (es->storage)
		cJSON_AddItemToObject(o, "storage", cJSON_Duplicate(es->storage, true));
	values_add_text(o, "redundancyPolicy", es->redundancy_policy);
	if (es->index_cleaner)
		cJSON_AddItemToObject(o, "indexCleaner", cJSON_Duplicate(es->index_cleaner, true));
}

/* Variables whose values are in Secrets: NAME to the Secret, whose key is NAME. */
static cJSON *secret_env(const struct str_map *m)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < m->n; i++) {
		cJSON *one = cJSON_CreateObject(), *ref;

		cJSON_AddStringToObject(one, "name", m->v[i].key);
		ref = cJSON_AddObjectToObject(cJSON_AddObjectToObject(one, "valueFrom"), "secretKeyRef");
		cJSON_AddStringToObject(ref, "name", m->v[i].value);
		cJSON_AddStringToObject(ref, "key", m->v[i].key);
		cJSON_AddItemToArray(list, one);
	}
	return list;
}

static void add_persistence(cJSON *o, const struct maistra_component_persistence_config *p)
{
	cJSON *v;

	if (!p || !flag(p->enabled, false))
		return;
	v = cJSON_AddObjectToObject(o, "persistence");
	values_add_text(v, "storageClassName", p->storage_class_name);
	cJSON_AddStringToObject(v, "accessMode", text_or(p->access_mode, "ReadWriteOnce"));
	if (p->capacity) {
		cJSON *resources = msg_to_json(&core_resource_requirements_desc, p->capacity);

		cJSON_DeleteItemFromObjectCaseSensitive(resources, "claims"); /* containers have those */
		cJSON_AddItemToObject(v, "resources", resources);
		return;
	}
	cJSON_AddStringToObject(cJSON_AddObjectToObject(cJSON_AddObjectToObject(v, "resources"), "requests"), "storage",
				"5Gi");
}

static void set_grafana(cJSON *values, const struct values_input *in)
{
	const struct maistra_grafana_install_config *i = in->spec->addons->grafana->install;
	const struct maistra_grafana_security_config *security = AT1(i, security);
	cJSON *o = add_workload(values, in, ADDON_GRAFANA, "grafana"), *s;

	values_service(o, AT1(i, service));
	cJSON_AddStringToObject(o, "service", "grafana");
	if (AT1(i, config)) {
		cJSON_AddItemToObject(o, "configEnv", values_env(&i->config->env));
		cJSON_AddItemToObject(o, "secretEnv", secret_env(&i->config->env_secrets));
	}
	add_persistence(o, AT1(i, persistence));
	if (!security || !flag(security->enabled, false))
		return;
	s = cJSON_AddObjectToObject(o, "security");
	cJSON_AddStringToObject(s, "secretName", text_or(security->secret_name, "grafana"));
	cJSON_AddStringToObject(s, "usernameKey", text_or(security->username_key, "username"));
	cJSON_AddStringToObject(s, "passphraseKey", text_or(security->passphrase_key, "passphrase"));
}

/* spec.addons.kiali.install.deployment goes before spec.runtime. */
static void place_kiali(cJSON *o, const struct maistra_kiali_deployment_config *deployment)
{
	if (!deployment)
		return;
	if (deployment->resources) {
		cJSON_DeleteItemFromObjectCaseSensitive(o, "resources");
		cJSON_AddItemToObject(o, "resources",
				      msg_to_json(&core_resource_requirements_desc, deployment->resources));
	}
	if (deployment->affinity) {
		cJSON_DeleteItemFromObjectCaseSensitive(o, "affinity");
		cJSON_AddItemToObject(o, "affinity", msg_to_json(&core_affinity_desc, deployment->affinity));
	}
	if (deployment->node_selector.n) {
		cJSON_DeleteItemFromObjectCaseSensitive(o, "nodeSelector");
		cJSON_AddItemToObject(o, "nodeSelector", values_map(&deployment->node_selector));
	}
	if (deployment->tolerations.n) {
		cJSON_DeleteItemFromObjectCaseSensitive(o, "tolerations");
		cJSON_AddItemToObject(
			o, "tolerations",
			values_list(&core_toleration_desc, deployment->tolerations.v, deployment->tolerations.n));
	}
}

/* As Kiali's operator calls them. */
static cJSON *kiali_affinity(const cJSON *affinity)
{
	static const char *const names[][2] = {
		{"nodeAffinity", "node"}, {"podAffinity", "pod"}, {"podAntiAffinity", "pod_anti"}};
	cJSON *out = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (json_get(affinity, names[i][0]))
			cJSON_AddItemToObject(out, names[i][1], cJSON_Duplicate(json_get(affinity, names[i][0]), true));
	return out;
}

static void set_kiali(cJSON *values, const struct values_input *in)
{
	const struct maistra_addons_config *a = in->spec->addons;
	const struct maistra_kiali_addon_config *k = AT1(a, kiali);
	const struct maistra_kiali_install_config *i = AT1(k, install);
	const struct maistra_kiali_dashboard_config *d = AT1(i, dashboard);
	const struct maistra_kiali_deployment_config *deployment = AT1(i, deployment);
	cJSON *o = add_workload(values, in, ADDON_KIALI, "kiali"), *namespaces;
	const char *path;
	bool own_routes;

	values_service(o, AT1(i, service));
	cJSON_AddStringToObject(o, "name", text_or(AT1(k, name), "kiali"));
	cJSON_AddStringToObject(o, "service", text_or(AT1(k, name), "kiali"));
	path = json_str(o, "contextPath");
	own_routes = json_true(o, "ownRoutes") && json_true(o, "route");
	cJSON_AddBoolToObject(o, "routesToResource", own_routes);
	cJSON_AddBoolToObject(o, "operatorsRoute", json_true(o, "route") && !own_routes);
	cJSON_AddStringToObject(o, "webRoot", *path ? path : "/");
	if (json_get(cJSON_GetArrayItem(json_get(o, "routes"), 0), "host"))
		cJSON_AddItemToObject(
			o, "host",
			cJSON_Duplicate(json_get(cJSON_GetArrayItem(json_get(o, "routes"), 0), "host"), true));
	cJSON_AddStringToObject(o, "authStrategy", in->has_routes ? "openshift" : "token");
	cJSON_AddBoolToObject(o, "viewOnly", flag(AT1(d, view_only), false));
	cJSON_AddBoolToObject(o, "grafana", flag(AT1(d, enable_grafana), flag(AT2(a, grafana, enabled), false)));
	cJSON_AddBoolToObject(
		o, "tracing",
		flag(AT1(d, enable_tracing), !strcmp(text_or(AT1(in->spec->tracing, type), "None"), "Jaeger")));
	values_printf(o, "tracingUrl", "http://%s-query.%s.svc:16686", text_or(AT2(a, jaeger, name), "jaeger"), in->ns);
	if (AT2(a, grafana, address))
		cJSON_AddStringToObject(o, "grafanaUrl", a->grafana->address);
	else
		values_printf(o, "grafanaUrl", "http://grafana.%s.svc:3000", in->ns);
	if (AT2(a, prometheus, address))
		cJSON_AddStringToObject(o, "prometheusUrl", a->prometheus->address);
	else
		values_printf(o, "prometheusUrl", "http://prometheus.%s.svc:%d%s", in->ns, PROMETHEUS_PORT,
			      json_str(json_get(values, "prometheus"), "contextPath"));
	namespaces = cJSON_AddArrayToObject(o, "namespaces");
	cJSON_AddItemToArray(namespaces, cJSON_CreateString(in->ns));
	for (size_t n = 0; n < in->n_members; n++)
		cJSON_AddItemToArray(namespaces, cJSON_CreateString(in->members[n]));
	place_kiali(o, deployment);
	if (json_get(o, "affinity"))
		cJSON_AddItemToObject(o, "crAffinity", kiali_affinity(json_get(o, "affinity")));
}

static void set_link(cJSON *kiali, const char *member, const struct store *s, const char *ns, const char *route)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT;

	if (route_address(s, ns, route, &url))
		json_set_str(kiali, member, buf_str(&url));
}

void values_set_links(cJSON *kiali, const struct values_input *in, const struct store *s)
{
	set_link(kiali, "grafanaLink", s, in->ns, "grafana");
	set_link(kiali, "tracingLink", s, in->ns, text_or(AT2(in->spec->addons, jaeger, name), "jaeger"));
}

void values_set_signing_key(cJSON *kiali, const struct chosen_input *in)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	/* 16, 24 or 32 bytes: anything else is refused by Kiali at its start. */
	chosen_once(in, KIALI_SIGNING_KEY, "key", (struct chosen_size){16, 32}, &key);
	base64_encode(buf_slice(&key), &text);
	json_set_str(kiali, "signingKey", buf_str(&text));
}

void values_set_addon(cJSON *values, const struct values_input *in, enum addon_id id)
{
	if (id == ADDON_JAEGER)
		set_jaeger(values, in);
	else if (id == ADDON_GRAFANA)
		set_grafana(values, in);
	else
		set_kiali(values, in);
}
