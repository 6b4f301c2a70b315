/* The workload index: pods of the mesh's namespaces with what generators need of them. */
#include <stdio.h>
#include <stdlib.h>

#include "mesh/snapshot_internal.h"

static bool ends_with(const char *s, const char *suffix, size_t *ret_len)
{
	const size_t n = strlen(s), m = strlen(suffix);

	if (n <= m + 1 || strcmp(s + n - m, suffix) != 0 || s[n - m - 1] != '-')
		return false;
	*ret_len = n - m - 1;
	return true;
}

/* A CronJob's Job ends in "-" and at least ten digits. */
static bool ends_with_time(const char *s, size_t *ret_len)
{
	size_t n = strlen(s), digits = 0;

	while (digits < n && s[n - digits - 1] >= '0' && s[n - digits - 1] <= '9')
		digits++;
	if (digits < 8 || digits + 1 >= n || s[n - digits - 1] != '-')
		return false;
	*ret_len = n - digits - 1;
	return true;
}

static const struct meta_owner_reference *controller_of(const struct meta_object *m)
{
	for (size_t i = 0; m && i < m->owner_references.n; i++) {
		const struct meta_owner_reference *o = &m->owner_references.v[i];

		if (o->controller && *o->controller)
			return o;
	}
	return NULL;
}

/* OpenShift's DeploymentConfig makes ReplicationControllers, which give its name to their pods. */
#define CONFIG_LABEL "deploymentconfig"

static bool owned_by_config(const struct meta_object *m, const struct meta_owner_reference *o)
{
	const char *name = m ? str_map_get(&m->labels, CONFIG_LABEL) : NULL;

	return o && o->kind && strcmp(o->kind, "ReplicationController") == 0 && name && *name;
}

const char *pod_workload(struct arena *a, const struct core_pod *pod)
{
	const struct meta_object *m = pod->metadata;
	const struct meta_owner_reference *o = controller_of(m);
	const char *hash = str_map_get(&m->labels, "pod-template-hash");
	size_t n;

	if (owned_by_config(m, o))
		return str_map_get(&m->labels, CONFIG_LABEL);
	if (!o || !o->name)
		return m->name ? m->name : m->generate_name ? m->generate_name : "";
	if (o->kind && strcmp(o->kind, "ReplicaSet") == 0 && hash && ends_with(o->name, hash, &n))
		return arena_slicedup(a, slice_make(o->name, n));
	if (o->kind && strcmp(o->kind, "Job") == 0 && ends_with_time(o->name, &n))
		return arena_slicedup(a, slice_make(o->name, n));
	return o->name;
}

void pod_workload_kind(const struct core_pod *pod, const char **ret_plural, const char **ret_api_version)
{
	static const struct {
		const char *kind, *plural, *api_version;
	} kinds[] = {
		{"ReplicaSet", "deployments", "apps/v1"},
		{"StatefulSet", "statefulsets", "apps/v1"},
		{"DaemonSet", "daemonsets", "apps/v1"},
		{"Job", "jobs", "batch/v1"},
		{"ReplicationController", "replicationcontrollers", "v1"},
	};
	const struct meta_owner_reference *o = controller_of(pod->metadata);

	*ret_plural = owned_by_config(pod->metadata, o) ? "deploymentconfigs" : "pods";
	*ret_api_version = "v1";
	if (owned_by_config(pod->metadata, o))
		return;
	for (size_t i = 0; o && o->kind && i < ARRAY_LEN(kinds); i++) {
		if (strcmp(o->kind, kinds[i].kind) != 0)
			continue;
		*ret_plural = kinds[i].plural;
		*ret_api_version = kinds[i].api_version;
	}
}

static const char *first_label(const struct str_map *labels, const char *const *keys, const char *fallback)
{
	for (; *keys; keys++) {
		const char *v = str_map_get(labels, *keys);

		if (v && *v)
			return v;
	}
	return fallback;
}

static const char *label_or_empty(const struct str_map *labels, const char *key)
{
	const char *v = str_map_get(labels, key);

	return v ? v : "";
}

struct locality labels_locality(struct arena *a, const struct str_map *labels)
{
	const char *text = label_or_empty(labels, "istio-locality");
	const char separator = strchr(text, '/') ? '/' : '.';
	struct slice rest = slice_str(text);

	if (!*text)
		return (struct locality){label_or_empty(labels, "topology.kubernetes.io/region"),
					 label_or_empty(labels, "topology.kubernetes.io/zone"),
					 label_or_empty(labels, "topology.istio.io/subzone")};
	const char *region = arena_slicedup(a, slice_split(&rest, separator));
	const char *zone = arena_slicedup(a, slice_split(&rest, separator));

	return (struct locality){region, zone, arena_slicedup(a, rest)};
}

static const char *node_label(struct arena *a, const struct api_object *node, const char *key, const char *old)
{
	const char *v = api_object_label(node, key);

	return arena_strdup(a, v && *v ? v : old ? label_or_empty(&node->meta->labels, old) : "");
}

struct locality node_locality(struct arena *a, const struct store *s, const char *node)
{
	const struct api_object *o = node && *node ? store_get(s, &api_kind_node, NULL, node) : NULL;

	if (!o)
		return (struct locality){"", "", ""};
	return (struct locality){
		node_label(a, o, "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
		node_label(a, o, "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
		node_label(a, o, "topology.istio.io/subzone", NULL),
	};
}

struct locality workload_place(struct arena *a, const struct store *s, const struct str_map *labels, const char *node,
			       const char *zone)
{
	struct locality l = labels_locality(a, labels);

	if (!*l.region && !*l.zone && !*l.subzone)
		l = node_locality(a, s, node);
	if (!*l.zone && zone)
		l.zone = zone;
	return l;
}

const char *labels_canonical_name(const struct str_map *labels, const char *workload)
{
	static const char *const keys[] = {"service.istio.io/canonical-name", "app.kubernetes.io/name", "app", NULL};

	return first_label(labels, keys, workload);
}

const char *labels_canonical_revision(const struct str_map *labels)
{
	static const char *const keys[] = {"service.istio.io/canonical-revision", "app.kubernetes.io/version",
					   "version", NULL};

	return first_label(labels, keys, "latest");
}

static void set_ports(struct workload *w, struct arena *a, const struct core_pod_spec *spec)
{
	size_t n = 0;

	for (size_t i = 0; i < spec->containers.n; i++)
		n += spec->containers.v[i].ports.n;
	w->ports = ARENA_NEW_N(a, struct workload_port, n);
	for (size_t i = 0; i < spec->containers.n; i++) {
		const struct core_container *c = &spec->containers.v[i];

		for (size_t j = 0; j < c->ports.n; j++)
			w->ports[w->n_ports++] = (struct workload_port){
				.name = c->ports.v[j].name ? c->ports.v[j].name : "",
				.port = (uint16_t)c->ports.v[j].container_port,
			};
	}
}

static bool pod_ready(const struct core_pod *p)
{
	for (size_t i = 0; p->status && i < p->status->conditions.n; i++) {
		const struct core_pod_condition *c = &p->status->conditions.v[i];

		if (c->type && c->status && strcmp(c->type, "Ready") == 0)
			return strcmp(c->status, "True") == 0;
	}
	return false;
}

static void set_ips(struct workload *w, struct arena *a, const struct core_pod *p)
{
	const size_t n = p->status ? p->status->pod_ips.n : 0;

	w->ips = ARENA_NEW_N(a, const char *, n + 1);
	for (size_t i = 0; i < n; i++)
		if (p->status->pod_ips.v[i].ip)
			w->ips[w->n_ips++] = p->status->pod_ips.v[i].ip;
	if (!w->n_ips && *w->ip)
		w->ips[w->n_ips++] = w->ip;
}

static void add_pod(struct workload_index *x, const struct api_object *o)
{
	const struct core_pod *p = API_VALUE(o, pod, core_pod);
	const char *tls = str_map_get(&o->meta->labels, "security.istio.io/tlsMode");
	const char *phase = p->status && p->status->phase ? p->status->phase : "";
	struct workload w = {
		.obj = o, .name = api_object_name(o), .ns = api_object_namespace(o), .labels = o->meta->labels};

	if (!p->spec || strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0)
		return;
	index_hold(&x->head, o);
	w.ip = p->status && p->status->pod_ip ? p->status->pod_ip : "";
	w.service_account = p->spec->service_account_name ? p->spec->service_account_name : "default";
	w.node = p->spec->node_name ? p->spec->node_name : "";
	w.workload = pod_workload(&x->head.arena, p);
	w.proxied = tls && strcmp(tls, "istio") == 0;
	w.ready = pod_ready(p);
	w.created = o->meta->creation_timestamp ? o->meta->creation_timestamp : "";
	set_ips(&w, &x->head.arena, p);
	if (w.proxied)
		w.inbound = pod_inbound(&x->head.arena, p);
	set_ports(&w, &x->head.arena, p->spec);
	vec_push(&x->v, w);
}

struct workload_index *build_workloads(const struct build *b)
{
	struct workload_index *x = NEW(struct workload_index);
	struct store_range r = store_list(b->store, &api_kind_pod, NULL);

	x->head.refs = 1;
	for (size_t i = 0; i < r.n; i++)
		if (build_member(b, r.v[i]))
			add_pod(x, r.v[i]);
	return x;
}

static int cmp_name(const struct workload *w, const char *ns, const char *name)
{
	const int r = strcmp(w->ns, ns);

	return r ? r : strcmp(w->name, name);
}

const struct workload *snapshot_workload(const struct snapshot *s, const char *ns, const char *name)
{
	size_t lo = 0, hi = s->workloads->v.n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const int r = cmp_name(&s->workloads->v.v[mid], ns, name);

		if (r == 0)
			return &s->workloads->v.v[mid];
		if (r < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
