/* The control plane: its objects rendered as the operator does, its members, and the settings that weftd reads. */
#include <string.h>

#include "api/apps/apps.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "ctl/mesh/mesh_internal.h"
#include "msg/json.h"
#include "operator/reconcile/members.h"
#include "operator/render/render.h"
#include "operator/spec/tls_names.h"

#define LABEL_ALL_NAMES "kubernetes.io/metadata.name"

static const char *const rolled_by_default = "istio-injection"; /* ClusterWide: the roll that the operator makes */

void mesh_plane_done(struct mesh_plane *p)
{
	map_done(&p->members);
}

/* --- which one --- */

static int choose(struct mesh *m, struct err *e)
{
	const struct store_range all = store_list(m->store, &api_kind_smcp, m->o.plane_ns);

	m->plane.ns = m->o.plane_ns ? m->o.plane_ns : "istio-system";
	m->plane.revision = "default";
	if (!all.n)
		return 0;
	for (size_t i = 1; i < all.n; i++)
		if (strcmp(api_object_namespace(all.v[i]), api_object_namespace(all.v[0])) != 0)
			return err_set(
				e, -EINVAL,
				"there are control planes in namespaces %s and %s: choose one by --istio-namespace",
				api_object_namespace(all.v[0]), api_object_namespace(all.v[i]));
	m->plane.smcp = smcp_of_namespace(m->store, api_object_namespace(all.v[0]));
	if (!m->plane.smcp)
		return 0;
	m->plane.ns = api_object_namespace(m->plane.smcp);
	m->plane.revision = api_object_name(m->plane.smcp);
	return 0;
}

/* --- members --- */

static void add_member(struct mesh *m, const char *ns)
{
	const char *name = arena_strdup(&m->arena, ns);

	map_set(&m->plane.members, slice_str(name), (void *)name);
}

/* Namespaces that ask by an object of their own. */
static void add_asking(struct mesh *m)
{
	const struct store_range all = store_list(m->store, &api_kind_smm, NULL);

	for (size_t i = 0; i < all.n; i++) {
		const struct maistra_smm *x = API_VALUE(all.v[i], smm, maistra_smm);
		const char *to = x->spec ? AT1(x->spec->control_plane_ref, namespace) : NULL;

		if (to && !strcmp(to, m->plane.ns))
			add_member(m, api_object_namespace(all.v[i]));
	}
}

static void add_rolled(struct mesh *m, const struct maistra_smmr_spec *spec)
{
	struct members found = {0};

	members_resolve(m->store, spec, m->plane.ns, "", &found);
	for (size_t i = 0; i < found.names.n; i++)
		add_member(m, found.names.v[i]);
	members_done(&found);
}

static void find_members(struct mesh *m, bool cluster_wide)
{
	const struct api_object *roll = store_get(m->store, &api_kind_smmr, m->plane.ns, "default");
	const struct maistra_smmr *value = roll ? API_VALUE(roll, smmr, maistra_smmr) : NULL;
	struct str_pair pair = {rolled_by_default, "enabled"};
	struct meta_label_selector by_label = {.match_labels = {&pair, 1}};
	const struct maistra_smmr_spec by_default = {.member_selectors = {&by_label, 1}};

	m->plane.roll = !cluster_wide;
	if (value && value->spec)
		add_rolled(m, value->spec);
	else if (!roll && cluster_wide)
		add_rolled(m, &by_default);
	add_asking(m);
}

static cJSON *namespace_json(struct mesh *m, const char *name)
{
	const struct api_object *have = store_get(m->store, &api_kind_namespace, "", name);
	cJSON *o = have ? api_object_to_json(have) : cJSON_CreateObject();

	json_default_str(o, "apiVersion", "v1");
	json_default_str(o, "kind", "Namespace");
	json_default_str(json_object(o, "metadata"), "name", name);
	return o;
}

/* What Kubernetes and the operator write on namespaces, by which webhooks and selectors find them. */
static int label_namespace(struct mesh *m, const char *name, bool member, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = namespace_json(m, name);
	cJSON *labels = json_object(json_object(o, "metadata"), "labels");

	json_default_str(labels, LABEL_ALL_NAMES, name);
	if (member)
		json_default_str(labels, LABEL_MEMBER_OF, m->plane.ns);
	return mesh_put(m, o, e);
}

static int label_namespaces(struct mesh *m, struct err *e)
{
	const struct store_range all = store_list(m->store, &api_kind_namespace, NULL);
	VEC(const char *) names = {0};
	struct map_entry *x;
	int r = 0;

	for (size_t i = 0; i < all.n; i++)
		vec_push(&names, arena_strdup(&m->arena, api_object_name(all.v[i])));
	for (size_t i = 0; i < names.n && r == 0; i++)
		r = label_namespace(m, names.v[i], false, e);
	vec_done(&names);
	for (size_t i = 0; r == 0 && (x = map_next(&m->plane.members, &i));)
		r = label_namespace(m, x->value, true, e);
	return r == 0 && m->plane.smcp ? label_namespace(m, m->plane.ns, true, e) : r;
}

/* --- its objects --- */

/* What of a ServiceMeshControlPlane from a file the operator would apply. */
static int render(struct mesh *m, const struct maistra_smcp_spec *spec, struct err *e)
{
	struct rendering out = {0};
	VEC(const char *) members = {0};
	struct map_entry *x;
	struct render_input in = {.store = m->store,
				  .smcp = m->plane.smcp,
				  .operator_version = "",
				  .spec = spec,
				  .images = &operator_images_default};
	int r;

	for (size_t i = 0; (x = map_next(&m->plane.members, &i));)
		vec_push(&members, x->value);
	in.members = members.v;
	in.n_members = members.n;
	r = render_mesh(&in, &out, e);
	for (size_t i = 0; r == 0 && i < out.objects.n; i++) {
		struct api_object *o = out.objects.v[i].obj;

		if (mesh_source(m, o->kind, api_object_namespace(o), api_object_name(o)) &&
		    out.objects.v[i].create_only)
			continue;
		store_remove(m->store, o->kind, api_object_namespace(o), api_object_name(o));
		store_put(m->store, api_object_ref(o));
	}
	rendering_done(&out);
	vec_done(&members);
	return r;
}

static int install(struct mesh *m, struct err *e)
{
	static const struct maistra_smcp_spec none;
	const struct maistra_smcp *value = API_VALUE(m->plane.smcp, smcp, maistra_smcp);
	const struct maistra_smcp_spec *spec;
	CLEANUP(json_freep) cJSON *json = NULL;
	int r;

	spec = spec_resolve(value->spec ? value->spec : &none, NULL, &m->arena, &json, e);
	if (!spec)
		return err_wrap(e, -EINVAL, "ServiceMeshControlPlane %s/%s", m->plane.ns, m->plane.revision);
	r = spec_validate(spec, e);
	if (r < 0)
		return err_wrap(e, r, "ServiceMeshControlPlane %s/%s", m->plane.ns, m->plane.revision);
	find_members(m, spec->mode && !strcmp(spec->mode, "ClusterWide"));
	r = label_namespaces(m, e);
	return r == 0 && mesh_from_file(m, m->plane.smcp) ? render(m, spec, e) : r;
}

/* --- settings --- */

/* The text of the mesh's configuration: a file's, else the ConfigMap's; "" = defaults. */
static int mesh_text(struct mesh *m, struct buf *out, struct err *e)
{
	const char *const names[] = {arena_printf(&m->arena, "istio-%s", m->plane.revision), "istio"};

	if (m->o.mesh_config)
		return file_read(m->o.mesh_config, YAML_MAX_BYTES, out, e);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct api_object *o = store_get(m->store, &api_kind_config_map, m->plane.ns, names[i]);
		const struct core_config_map *map = o ? API_VALUE(o, config_map, core_config_map) : NULL;
		const char *text = map ? str_map_get(&map->data, "mesh") : NULL;

		if (text) {
			buf_append_str(out, text);
			return 0;
		}
	}
	return 0;
}

static const struct core_container *weftd_container(const struct mesh *m, const char *name)
{
	const struct api_object *o = store_get(m->store, &api_kind_deployment, m->plane.ns, name);
	const struct apps_deployment *d = o ? API_VALUE(o, deployment, apps_deployment) : NULL;
	const struct core_pod_template_spec *t = d ? AT1(d->spec, template) : NULL;

	return t && t->spec && t->spec->containers.n ? &t->spec->containers.v[0] : NULL;
}

static const char *variable(const struct core_container *c, const char *name, const char *fallback)
{
	for (size_t i = 0; c && i < c->env.n; i++)
		if (c->env.v[i].name && !strcmp(c->env.v[i].name, name) && c->env.v[i].value && *c->env.v[i].value)
			return c->env.v[i].value;
	return fallback;
}

/* The value of "--domain x". */
static const char *argument(const struct core_container *c, const char *flag, const char *fallback)
{
	for (size_t i = 0; c && i + 1 < c->args.n; i++)
		if (!strcmp(c->args.v[i], flag))
			return c->args.v[i + 1];
	return fallback;
}

/* OpenSSL's names of a list; a name that is not known is no control plane's that runs. */
static const char *tls_names(struct mesh *m, const char *list, const char *(*find)(struct slice name))
{
	struct slice rest = slice_str(list);
	const char *out = NULL;

	while (rest.len) {
		const struct slice name = slice_split(&rest, ',');
		const char *known = find(slice_trim(name));

		if (known && *known)
			out = out ? arena_printf(&m->arena, "%s:%s", out, known) : known;
	}
	return out;
}

static struct mesh_settings settings(struct mesh *m)
{
	const struct core_container *c = weftd_container(m, arena_printf(&m->arena, "istiod-%s", m->plane.revision));

	return (struct mesh_settings){
		.root_namespace = m->plane.ns,
		.domain = argument(c, "--domain", "cluster.local"),
		.cluster_id = variable(c, "CLUSTER_ID", "Kubernetes"),
		.revision = m->plane.revision,
		.sniff_inbound = !strcmp(variable(c, "PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_INBOUND", ""), "true"),
		.sniff_outbound = !strcmp(variable(c, "PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_OUTBOUND", ""), "true"),
		.tls = {.min = MAX(spec_tls_version(variable(c, "TLS_MIN_PROTOCOL_VERSION", "TLS_AUTO")), 0),
			.max = MAX(spec_tls_version(variable(c, "TLS_MAX_PROTOCOL_VERSION", "TLS_AUTO")), 0),
			.ciphers = tls_names(m, variable(c, "TLS_CIPHER_SUITES", ""), spec_tls_cipher),
			.groups = tls_names(m, variable(c, "TLS_ECDH_CURVES", ""), spec_tls_group)},
	};
}

static void on_unknown(void *arg, const char *path)
{
	mesh_remark(arg, "mesh configuration", false, "%s is no field that the mesh knows", path);
}

static int read_settings(struct mesh *m, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct mesh_settings s = settings(m);
	int r = mesh_text(m, &text, e);

	if (r == 0)
		r = mesh_config_new(buf_slice(&text), &s, on_unknown, m, &m->config, e);
	return r < 0 ? err_wrap(e, r, "mesh configuration") : 0;
}

int mesh_plane(struct mesh *m, struct err *e)
{
	int r = choose(m, e);

	if (r == 0)
		r = m->plane.smcp ? install(m, e) : label_namespaces(m, e);
	return r == 0 ? read_settings(m, e) : r;
}

/* --- who belongs to it --- */

static bool selected(const struct mesh *m, const char *ns)
{
	const struct istio_mesh_config *c = &m->config->spec;
	const struct api_object *o = store_get(m->store, &api_kind_namespace, "", ns);
	static const struct str_map none;

	for (size_t i = 0; i < c->discovery_selectors.n; i++)
		if (meta_selector_matches(&c->discovery_selectors.v[i], o ? &o->meta->labels : &none))
			return true;
	return !c->discovery_selectors.n;
}

bool mesh_has_namespace(const struct mesh *m, const char *ns)
{
	if (!strcmp(ns, m->plane.ns))
		return true;
	return m->plane.roll ? map_get(&m->plane.members, slice_str(ns)) != NULL : selected(m, ns);
}
