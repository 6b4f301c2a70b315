/*
 * What a proxy outside of Kubernetes asks for and may have: the names, labels and annotations are those that Istio's
 * autoregistration gives, so that tools find them.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "api/networking/networking.h"
#include "base/clock.h"
#include "discovery/registration_internal.h"
#include "xds/pb.h"

static const char *text_of(const Google__Protobuf__Struct *m, const char *key, struct arena *a)
{
	const char *s = pb_struct_get_string(m, key);

	return arena_strdup(a, s ? s : "");
}

static const char *locality_of(const Envoy__Config__Core__V3__Node *node, struct arena *a)
{
	const Envoy__Config__Core__V3__Locality *l = node->locality;

	if (!l || !l->region || !*l->region)
		return "";
	if (!l->zone || !*l->zone)
		return arena_strdup(a, l->region);
	if (!l->sub_zone || !*l->sub_zone)
		return arena_printf(a, "%s/%s", l->region, l->zone);
	return arena_printf(a, "%s/%s/%s", l->region, l->zone, l->sub_zone);
}

static struct str_map copy_map(const struct str_map *m, struct arena *a)
{
	struct str_map out = {ARENA_NEW_N(a, struct str_pair, m->n), m->n};

	for (size_t i = 0; i < m->n; i++)
		out.v[i] = (struct str_pair){arena_strdup(a, m->v[i].key), arena_strdup(a, m->v[i].value)};
	return out;
}

bool registrant_asks(const Envoy__Config__Core__V3__Node *node)
{
	const char *group = pb_struct_get_string(node->metadata, "AUTO_REGISTER_GROUP");

	return group && *group;
}

void registrant_read(const Envoy__Config__Core__V3__Node *node, const struct proxy *p, struct arena *a,
		     struct registrant *ret)
{
	const Google__Protobuf__Struct *m = node->metadata;
	const Google__Protobuf__Struct *config = pb_struct_get_struct(m, "PROXY_CONFIG");

	*ret = (struct registrant){
		.group = text_of(m, "AUTO_REGISTER_GROUP", a),
		.ns = arena_strdup(a, p->ns),
		.ip = arena_strdup(a, p->ip),
		.service_account = arena_strdup(a, p->service_account),
		.network = text_of(m, "NETWORK", a),
		.locality = locality_of(node, a),
		.labels = copy_map(&p->labels, a),
		.probed = pb_struct_get_struct(config, "readinessProbe") != NULL,
	};
}

const char *registrant_entry_name(const struct registrant *r, struct arena *a)
{
	char *name = (char *)arena_printf(a, "%s-%s%s%s", r->group, r->ip, *r->network ? "-" : "", r->network);
	const size_t n = strlen(name);

	for (char *c = name; *c; c++)
		if (*c == ':')
			*c = '-';
	if (n <= REGISTRATION_NAME_MAX)
		return name;
	name += n - REGISTRATION_NAME_MAX;
	while (*name == '-' || *name == '.') /* no name of an object begins so */
		name++;
	return name;
}

/* --- who may --- */

/* Addresses that mean something else to each who asks, or that nobody answers on. */
static bool reachable4(const char *ip)
{
	struct in_addr in;
	uint32_t n;

	if (inet_pton(AF_INET, ip, &in) != 1)
		return false;
	n = ntohl(in.s_addr);
	return n >> 24 != 0 && n >> 24 != 127 && n >> 16 != 0xa9fe && n >> 28 < 14;
}

static bool reachable6(const char *ip)
{
	struct in6_addr in;

	return inet_pton(AF_INET6, ip, &in) == 1 && !IN6_IS_ADDR_UNSPECIFIED(&in) && !IN6_IS_ADDR_LOOPBACK(&in) &&
	       !IN6_IS_ADDR_LINKLOCAL(&in) && !IN6_IS_ADDR_MULTICAST(&in) && !IN6_IS_ADDR_V4MAPPED(&in) &&
	       !IN6_IS_ADDR_V4COMPAT(&in);
}

/* It becomes part of a name. */
static bool is_network(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == 0;
}

static const struct istio_workload_entry_spec *template_of(const struct api_object *group)
{
	const struct istio_workload_group *g = API_VALUE(group, workload_group, istio_workload_group);

	return g && g->spec ? g->spec->template : NULL;
}

bool registration_made(const struct api_object *entry)
{
	return api_object_annotation(entry, REGISTRATION_GROUP) != NULL;
}

int registrant_check(const struct registrant *r, const struct api_object *group, const struct api_object *entry,
		     struct err *e)
{
	const struct istio_workload_entry_spec *t = group ? template_of(group) : NULL;
	const char *account, *of = entry ? api_object_annotation(entry, REGISTRATION_GROUP) : NULL;

	if (!reachable4(r->ip) && !reachable6(r->ip))
		return err_set(e, -EINVAL, "%.100s is no address of a workload", r->ip);
	if (!is_network(r->network))
		return err_set(e, -EINVAL, "NETWORK: %.100s is no name", r->network);
	if (!t)
		return err_set(e, -ENOENT, "there is no WorkloadGroup %s/%.253s with a template", r->ns, r->group);
	account = t->service_account && *t->service_account ? t->service_account : "default";
	if (strcmp(account, r->service_account) != 0)
		return err_set(e, -EACCES,
			       "WorkloadGroup %s/%s is for service account %s (spec.template.serviceAccount), not %s",
			       r->ns, r->group, account, r->service_account);
	if (entry && (!of || strcmp(of, r->group) != 0))
		return err_set(e, -EACCES, "WorkloadEntry %s/%s is not of WorkloadGroup %s", r->ns,
			       api_object_name(entry), r->group);
	return 0;
}

/* --- the entry --- */

static int cmp_pair(const void *a, const void *b)
{
	return strcmp(((const struct str_pair *)a)->key, ((const struct str_pair *)b)->key);
}

static void put_all(struct str_map *m, const struct str_map *more)
{
	for (size_t i = 0; i < more->n; i++) {
		size_t k = 0;

		while (k < m->n && strcmp(m->v[k].key, more->v[i].key) != 0)
			k++;
		m->v[k] = more->v[i];
		m->n = k == m->n ? k + 1 : m->n;
	}
}

struct str_map registrant_labels(const struct registrant *r, const struct api_object *group, struct arena *a)
{
	static const struct str_map none;
	const struct istio_workload_group *g = API_VALUE(group, workload_group, istio_workload_group);
	const struct istio_workload_entry_spec *t = template_of(group);
	const struct str_map *first = t ? &t->labels : &none;
	const struct str_map *second = g->spec && g->spec->metadata ? &g->spec->metadata->labels : &none;
	struct str_map out = {ARENA_NEW_N(a, struct str_pair, first->n + second->n + r->labels.n), 0};

	put_all(&out, first);
	put_all(&out, second);
	put_all(&out, &r->labels);
	if (out.n)
		qsort(out.v, out.n, sizeof(out.v[0]), cmp_pair);
	return out;
}

static void add_pairs(cJSON *to, const struct str_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		json_set_str(to, m->v[i].key, m->v[i].value);
}

static void add_time(cJSON *annotations, const char *key, int64_t at_ns)
{
	char text[CLOCK_TEXT_MAX];

	json_set_str(annotations, key, clock_format_us(at_ns / 1000, text));
}

/* The group owns its entries: they go with it. */
static void add_owner(cJSON *meta, const struct api_object *group)
{
	cJSON *owner = cJSON_CreateObject();
	char *version = mem_printf("%s/%s", group->kind->group, group->kind->versions[0]);

	json_set_str(owner, "apiVersion", version);
	free(version);
	json_set_str(owner, "kind", group->kind->kind);
	json_set_str(owner, "name", api_object_name(group));
	json_set_str(owner, "uid", group->meta->uid ? group->meta->uid : "");
	json_set_bool(owner, "controller", true);
	cJSON_AddItemToArray(json_array(meta, "ownerReferences"), owner);
}

static cJSON *entry_spec(const struct registrant *r, const struct api_object *group, const struct str_map *labels)
{
	cJSON *spec = msg_to_json(&istio_workload_entry_spec_desc, template_of(group));

	json_set_str(spec, "address", r->ip);
	json_remove(spec, "labels");
	add_pairs(json_object(spec, "labels"), labels);
	if (*r->network)
		json_set_str(spec, "network", r->network);
	if (*r->locality)
		json_set_str(spec, "locality", r->locality);
	return spec;
}

cJSON *registrant_entry(const struct registrant *r, const struct api_object *group, const char *controller,
			int64_t connected_ns)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct istio_workload_group *g = API_VALUE(group, workload_group, istio_workload_group);
	const struct str_map labels = registrant_labels(r, group, &a);
	cJSON *o = cJSON_CreateObject(), *meta, *annotations;

	json_set_str(o, "apiVersion",
		     arena_printf(&a, "%s/%s", api_kind_workload_entry.group, api_kind_workload_entry.versions[0]));
	json_set_str(o, "kind", api_kind_workload_entry.kind);
	meta = json_object(o, "metadata");
	json_set_str(meta, "name", registrant_entry_name(r, &a));
	json_set_str(meta, "namespace", r->ns);
	add_pairs(json_object(meta, "labels"), &labels);
	annotations = json_object(meta, "annotations");
	if (g->spec->metadata)
		add_pairs(annotations, &g->spec->metadata->annotations);
	json_set_str(annotations, REGISTRATION_GROUP, api_object_name(group));
	json_set_str(annotations, REGISTRATION_CONTROLLER, controller);
	add_time(annotations, REGISTRATION_CONNECTED, connected_ns);
	if (r->probed)
		json_set_str(annotations, REGISTRATION_PROBED, "true");
	add_owner(meta, group);
	json_set(o, "spec", entry_spec(r, group, &labels));
	return o;
}

/* --- patches --- */

/* Made for this version of the entry: what changed meanwhile is looked at anew (409). */
static cJSON *patch_of(const struct api_object *entry)
{
	cJSON *body = cJSON_CreateObject(), *meta = json_object(body, "metadata");

	if (entry->meta->resource_version)
		json_set_str(meta, "resourceVersion", entry->meta->resource_version);
	return body;
}

cJSON *registration_connect_patch(const struct api_object *entry, const char *controller, int64_t connected_ns)
{
	cJSON *body = patch_of(entry), *annotations = json_object(json_get(body, "metadata"), "annotations");

	json_set_str(annotations, REGISTRATION_CONTROLLER, controller);
	add_time(annotations, REGISTRATION_CONNECTED, connected_ns);
	json_set(annotations, REGISTRATION_DISCONNECTED, cJSON_CreateNull());
	return body;
}

cJSON *registration_disconnect_patch(const struct api_object *entry, int64_t now_ns)
{
	cJSON *body = patch_of(entry), *annotations = json_object(json_get(body, "metadata"), "annotations");

	json_set(annotations, REGISTRATION_CONNECTED, cJSON_CreateNull());
	add_time(annotations, REGISTRATION_DISCONNECTED, now_ns);
	return body;
}

cJSON *registration_health_patch(const struct api_object *entry, bool healthy, const char *text, int64_t now_ns)
{
	const struct istio_workload_entry *w = API_VALUE(entry, workload_entry, istio_workload_entry);
	cJSON *body = patch_of(entry), *list = json_array(json_object(body, "status"), "conditions");
	cJSON *c = cJSON_CreateObject();

	for (size_t i = 0; w->status && i < w->status->conditions.n; i++)
		if (!w->status->conditions.v[i].type || strcmp(w->status->conditions.v[i].type, "Healthy") != 0)
			cJSON_AddItemToArray(list, msg_to_json(&istio_condition_desc, &w->status->conditions.v[i]));
	json_set_str(c, "type", "Healthy");
	json_set_str(c, "status", healthy ? "True" : "False");
	json_set_str(c, "message", text);
	add_time(c, "lastProbeTime", now_ns);
	add_time(c, "lastTransitionTime", now_ns);
	cJSON_AddItemToArray(list, c);
	return body;
}
