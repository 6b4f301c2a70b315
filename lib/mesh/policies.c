/* The policy index: configuration objects of the mesh's namespaces, oldest first, names resolved. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "mesh/host.h"
#include "mesh/snapshot_internal.h"

static struct mesh_object head_of(struct policy_index *x, const struct api_object *o)
{
	index_hold(&x->head, o);
	return (struct mesh_object){
		.obj = o,
		.ns = api_object_namespace(o),
		.name = api_object_name(o),
		.created = o->meta->creation_timestamp ? o->meta->creation_timestamp : "",
	};
}

static bool asks_client_labels(const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i < spec->http.n; i++)
		for (size_t j = 0; j < spec->http.v[i].match.n; j++)
			if (spec->http.v[i].match.v[j].source_labels.n)
				return true;
	for (size_t i = 0; i < spec->tcp.n; i++)
		for (size_t j = 0; j < spec->tcp.v[i].match.n; j++)
			if (spec->tcp.v[i].match.v[j].source_labels.n)
				return true;
	for (size_t i = 0; i < spec->tls.n; i++)
		for (size_t j = 0; j < spec->tls.v[i].match.n; j++)
			if (spec->tls.v[i].match.v[j].source_labels.n)
				return true;
	return false;
}

static void add_virtual_service(const struct build *b, struct policy_index *x, const struct api_object *o)
{
	static const char *const only_mesh[] = {"mesh"};
	const struct istio_virtual_service *k = API_VALUE(o, virtual_service, istio_virtual_service);
	struct arena *a = &x->head.arena;
	struct mesh_virtual_service v = {.spec = k->spec};

	if (!k->spec)
		return;
	v.o = head_of(x, o);
	v.n_hosts = k->spec->hosts.n;
	v.hosts = ARENA_NEW_N(a, const char *, v.n_hosts);
	for (size_t i = 0; i < v.n_hosts; i++)
		v.hosts[i] = host_resolve(a, k->spec->hosts.v[i], v.o.ns, b->mesh->domain);
	v.n_gateways = k->spec->gateways.n;
	v.gateways = v.n_gateways ? ARENA_NEW_N(a, const char *, v.n_gateways) : (const char **)only_mesh;
	for (size_t i = 0; i < v.n_gateways; i++)
		v.gateways[i] = gateway_resolve(a, k->spec->gateways.v[i], v.o.ns);
	if (!v.n_gateways)
		v.n_gateways = 1;
	x->asks_client_labels |= asks_client_labels(k->spec);
	vec_push(&x->virtual_services, v);
}

/* Labels whose value is the client's; others have theirs in the setting. */
static void note_near(struct policy_index *x, const struct istio_locality_load_balancer_setting *s)
{
	x->asks_place |= s && s->distribute.n;
	for (size_t i = 0; s && i < s->failover_priority.n; i++) {
		const char *label = s->failover_priority.v[i];
		bool known = strchr(label, '=') != NULL;

		for (size_t k = 0; !known && k < x->near_labels.n; k++)
			known = strcmp(x->near_labels.v[k], label) == 0;
		if (known)
			continue;
		vec_push(&x->near_labels, arena_strdup(&x->head.arena, label));
		x->asks_node |= strcmp(label, MESH_NODE_LABEL) == 0;
	}
}

static void note_near_of(struct policy_index *x, const struct istio_traffic_policy *t)
{
	if (!t)
		return;
	note_near(x, t->load_balancer ? t->load_balancer->locality_lb_setting : NULL);
	x->asks_place |= t->outlier_detection != NULL;
	for (size_t i = 0; i < t->port_level_settings.n; i++) {
		const struct istio_load_balancer_settings *lb = t->port_level_settings.v[i].load_balancer;

		note_near(x, lb ? lb->locality_lb_setting : NULL);
		x->asks_place |= t->port_level_settings.v[i].outlier_detection != NULL;
	}
}

static void add_destination_rule(const struct build *b, struct policy_index *x, const struct api_object *o)
{
	const struct istio_destination_rule *k = API_VALUE(o, destination_rule, istio_destination_rule);
	struct mesh_destination_rule d = {.spec = k->spec};

	if (!k->spec || !k->spec->host)
		return;
	d.o = head_of(x, o);
	d.host = host_resolve(&x->head.arena, k->spec->host, d.o.ns, b->mesh->domain);
	note_near_of(x, k->spec->traffic_policy);
	for (size_t i = 0; i < k->spec->subsets.n; i++)
		note_near_of(x, k->spec->subsets.v[i].traffic_policy);
	vec_push(&x->destination_rules, d);
}

static void add_gateway(struct policy_index *x, const struct api_object *o)
{
	const struct istio_gateway *k = API_VALUE(o, gateway, istio_gateway);
	struct mesh_gateway g = {.spec = k->spec};

	if (!k->spec)
		return;
	g.o = head_of(x, o);
	g.full = arena_printf(&x->head.arena, "%s/%s", g.o.ns, g.o.name);
	vec_push(&x->gateways, g);
}

static void add_sidecar(struct policy_index *x, const struct api_object *o)
{
	const struct istio_sidecar *k = API_VALUE(o, sidecar, istio_sidecar);
	struct mesh_sidecar s = {.spec = k->spec};

	if (!k->spec)
		return;
	s.o = head_of(x, o);
	vec_push(&x->sidecars, s);
}

static void add_peer_auth(struct policy_index *x, const struct api_object *o)
{
	const struct istio_peer_authentication *k = API_VALUE(o, peer_authentication, istio_peer_authentication);
	struct mesh_peer_auth p = {.spec = k->spec};

	if (!k->spec)
		return;
	p.o = head_of(x, o);
	vec_push(&x->peer_auths, p);
}

static void add_authz(struct policy_index *x, const struct api_object *o)
{
	static const struct istio_authorization_policy_spec empty;
	const struct istio_authorization_policy *k = API_VALUE(o, authorization_policy, istio_authorization_policy);
	struct mesh_authz z = {.spec = k->spec ? k->spec : &empty};

	z.o = head_of(x, o);
	vec_push(&x->authz, z);
}

static void add_request_auth(struct policy_index *x, const struct api_object *o)
{
	const struct istio_request_authentication *k =
		API_VALUE(o, request_authentication, istio_request_authentication);
	struct mesh_request_auth r = {.spec = k->spec};

	if (!k->spec)
		return;
	r.o = head_of(x, o);
	vec_push(&x->request_auths, r);
}

static void add_envoy_filter(struct policy_index *x, const struct api_object *o)
{
	const struct istio_envoy_filter *k = API_VALUE(o, envoy_filter, istio_envoy_filter);
	struct mesh_envoy_filter f = {.spec = k->spec};

	if (!k->spec)
		return;
	f.o = head_of(x, o);
	x->asks_client_labels |= k->spec->workload_selector && k->spec->workload_selector->labels.n;
	vec_push(&x->envoy_filters, f);
}

static void add_telemetry(struct policy_index *x, const struct api_object *o)
{
	const struct istio_telemetry *k = API_VALUE(o, telemetry, istio_telemetry);
	struct mesh_telemetry t = {.spec = k->spec};

	if (!k->spec)
		return;
	t.o = head_of(x, o);
	vec_push(&x->telemetries, t);
}

static int cmp_object(const void *pa, const void *pb)
{
	const struct mesh_object *a = pa, *b = pb;
	int r = strcmp(a->created, b->created);

	if (r == 0)
		r = strcmp(a->ns, b->ns);
	return r ? r : strcmp(a->name, b->name);
}

#define EACH_OF(b, kind_row, call)                                                                                     \
	do {                                                                                                           \
		struct store_range r_ = store_list((b)->store, &(kind_row), NULL);                                     \
		for (size_t i_ = 0; i_ < r_.n; i_++) {                                                                 \
			const struct api_object *o = r_.v[i_];                                                         \
			if (build_member((b), o))                                                                      \
				call;                                                                                  \
		}                                                                                                      \
	} while (0)

/* Sorts a list by age and numbers its objects. The objects' head is the first member of the elements. */
#define SORT_AND_NUMBER(x, list)                                                                                       \
	do {                                                                                                           \
		if ((list)->n)                                                                                         \
			qsort((list)->v, (list)->n, sizeof((list)->v[0]), cmp_object);                                 \
		for (size_t i_ = 0; i_ < (list)->n; i_++)                                                              \
			(list)->v[i_].o.number = (x)->n_objects++;                                                     \
	} while (0)

#define NAME_ALL(x, list)                                                                                              \
	do {                                                                                                           \
		for (size_t i_ = 0; i_ < (list)->n; i_++)                                                              \
			add_name((x), &(list)->v[i_].o);                                                               \
	} while (0)

static void add_name(struct policy_index *x, struct mesh_object *o)
{
	const char *key = arena_printf(&x->head.arena, "%s/%s/%s", o->obj->kind->plural, o->ns, o->name);

	map_set(&x->by_name, slice_str(key), o);
}

const struct mesh_object *policies_find(const struct policy_index *x, const struct api_kind *kind, const char *ns,
					const char *name)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;

	buf_printf(&key, "%s/%s/%s", kind->plural, ns, name);
	return map_get(&x->by_name, buf_slice(&key));
}

void policies_index_peer_auths(struct policy_index *x)
{
	for (size_t i = x->peer_auths.n; i > 0; i--) {
		struct mesh_peer_auth *p = &x->peer_auths.v[i - 1];

		p->next = map_set(&x->peer_auths_in, slice_str(p->o.ns), p);
	}
}

struct policy_index *build_policies(const struct build *b)
{
	struct policy_index *x = NEW(struct policy_index);

	x->head.refs = 1;
	note_near(x, b->mesh->spec.locality_lb_setting);
	EACH_OF(b, api_kind_virtual_service, add_virtual_service(b, x, o));
	EACH_OF(b, api_kind_destination_rule, add_destination_rule(b, x, o));
	EACH_OF(b, api_kind_gateway, add_gateway(x, o));
	EACH_OF(b, api_kind_sidecar, add_sidecar(x, o));
	EACH_OF(b, api_kind_peer_authentication, add_peer_auth(x, o));
	EACH_OF(b, api_kind_authorization_policy, add_authz(x, o));
	EACH_OF(b, api_kind_request_authentication, add_request_auth(x, o));
	EACH_OF(b, api_kind_envoy_filter, add_envoy_filter(x, o));
	EACH_OF(b, api_kind_telemetry, add_telemetry(x, o));
	SORT_AND_NUMBER(x, &x->virtual_services);
	SORT_AND_NUMBER(x, &x->destination_rules);
	SORT_AND_NUMBER(x, &x->gateways);
	SORT_AND_NUMBER(x, &x->sidecars);
	SORT_AND_NUMBER(x, &x->peer_auths);
	SORT_AND_NUMBER(x, &x->authz);
	SORT_AND_NUMBER(x, &x->request_auths);
	SORT_AND_NUMBER(x, &x->envoy_filters);
	SORT_AND_NUMBER(x, &x->telemetries);
	NAME_ALL(x, &x->virtual_services);
	NAME_ALL(x, &x->destination_rules);
	NAME_ALL(x, &x->gateways);
	NAME_ALL(x, &x->sidecars);
	NAME_ALL(x, &x->peer_auths);
	policies_index_peer_auths(x);
	NAME_ALL(x, &x->authz);
	NAME_ALL(x, &x->request_auths);
	NAME_ALL(x, &x->envoy_filters);
	NAME_ALL(x, &x->telemetries);
	delegates_merge(b, x);
	return x;
}

bool export_visible(const char *const *list, size_t n, const char *ns, const char *to)
{
	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], "*") == 0)
			return true;
		if (strcmp(list[i], ".") == 0 ? strcmp(ns, to) == 0 : strcmp(list[i], to) == 0)
			return true;
	}
	return false;
}

static bool rule_applies(const struct mesh_destination_rule *d, const struct service *svc)
{
	return !d->spec->workload_selector && host_subset_of(svc->host, d->host);
}

static bool only_private(const struct mesh_destination_rule *d)
{
	return d->spec->export_to.n == 1 && strcmp(d->spec->export_to.v[0], ".") == 0;
}

/* All rules of a namespace for the most specific host that covers the service. */
static size_t rules_of(const struct snapshot *s, const char *ns, const char *client_ns, bool private_only,
		       const struct service *svc, const struct mesh_destination_rule **out, size_t max)
{
	const char *best = NULL;
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < s->policies->destination_rules.n && n < max; i++) {
			const struct mesh_destination_rule *d = &s->policies->destination_rules.v[i];

			if (strcmp(d->o.ns, ns) != 0 || !rule_applies(d, svc) || (private_only && !only_private(d)) ||
			    !export_visible(d->spec->export_to.v, d->spec->export_to.n, d->o.ns, client_ns))
				continue;
			if (pass == 0 && (!best || host_cmp_specific(d->host, best) < 0))
				best = d->host;
			if (pass == 1 && strcmp(d->host, best) == 0)
				out[n++] = d;
		}
		if (!best)
			return 0;
	}
	return n;
}

size_t snapshot_destination_rules(const struct snapshot *s, const char *client_ns, const struct service *svc,
				  const struct mesh_destination_rule **out, size_t max)
{
	const char *root = s->mesh->root_namespace;
	size_t n = rules_of(s, client_ns, client_ns, strcmp(client_ns, root) == 0, svc, out, max);

	if (!n)
		n = rules_of(s, svc->ns, client_ns, false, svc, out, max);
	if (!n && svc->alias)
		return snapshot_destination_rules(s, client_ns, svc->alias, out, max);
	if (!n)
		n = rules_of(s, root, client_ns, false, svc, out, max);
	return n;
}

static bool selects(const struct istio_workload_selector *sel, const struct str_map *labels)
{
	return sel && sel->match_labels.n && meta_labels_contain(labels, &sel->match_labels);
}

static const struct mesh_peer_auth *find_peer_auth(const struct snapshot *s, const char *ns,
						   const struct str_map *labels)
{
	const struct mesh_peer_auth *p = map_get(&s->policies->peer_auths_in, slice_str(ns));

	for (; p; p = p->next) {
		const bool any = !p->spec->selector || !p->spec->selector->match_labels.n;

		if (labels ? selects(p->spec->selector, labels) : any)
			return p;
	}
	return NULL;
}

static enum mtls_mode mode_of(const struct istio_peer_authentication_mutual_tls *m)
{
	return m ? (enum mtls_mode)m->mode : MTLS_UNSET;
}

/* The port that a key of portLevelMtls names, 0 for none. */
static uint16_t port_of(const char *key)
{
	uint64_t port;

	return slice_to_u64(slice_str(key), 65535, &port) < 0 ? 0 : (uint16_t)port;
}

enum mtls_mode snapshot_mtls_source(const struct snapshot *s, const char *ns, const struct str_map *labels,
				    uint16_t port, const struct mesh_peer_auth **ret_by, bool *ret_port)
{
	const struct mesh_peer_auth *levels[] = {
		find_peer_auth(s, ns, labels),
		find_peer_auth(s, ns, NULL),
		find_peer_auth(s, s->mesh->root_namespace, NULL),
	};

	*ret_by = levels[0];
	*ret_port = true;
	for (size_t i = 0; port && levels[0] && i < levels[0]->spec->port_level_mtls.n; i++) {
		const enum mtls_mode m = mode_of(&levels[0]->spec->port_level_mtls.v[i].value);

		if (port_of(levels[0]->spec->port_level_mtls.v[i].key) == port && m != MTLS_UNSET)
			return m;
	}
	*ret_port = false;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		*ret_by = levels[i];
		if (levels[i] && mode_of(levels[i]->spec->mtls) != MTLS_UNSET)
			return mode_of(levels[i]->spec->mtls);
	}
	*ret_by = NULL;
	return MTLS_PERMISSIVE;
}

enum mtls_mode snapshot_mtls_mode(const struct snapshot *s, const char *ns, const struct str_map *labels, uint16_t port)
{
	const struct mesh_peer_auth *by;
	bool of_port;

	return snapshot_mtls_source(s, ns, labels, port, &by, &of_port);
}

size_t snapshot_mtls_ports(const struct snapshot *s, const char *ns, const struct str_map *labels, struct arena *a,
			   uint16_t **ret)
{
	const struct mesh_peer_auth *p = find_peer_auth(s, ns, labels);
	const size_t max = p ? p->spec->port_level_mtls.n : 0;
	size_t n = 0;

	*ret = ARENA_NEW_N(a, uint16_t, max);
	for (size_t i = 0; i < max; i++) {
		const uint16_t port = port_of(p->spec->port_level_mtls.v[i].key);

		if (port)
			(*ret)[n++] = port;
	}
	return n;
}

static const struct mesh_sidecar *find_sidecar(const struct snapshot *s, const char *ns, const struct str_map *labels)
{
	for (size_t i = 0; i < s->policies->sidecars.n; i++) {
		const struct mesh_sidecar *c = &s->policies->sidecars.v[i];
		const struct istio_workload_labels *sel = c->spec->workload_selector;
		const bool any = !sel || !sel->labels.n;

		if (strcmp(c->o.ns, ns) == 0 && (labels ? !any && meta_labels_contain(labels, &sel->labels) : any))
			return c;
	}
	return NULL;
}

const struct mesh_sidecar *snapshot_sidecar(const struct snapshot *s, const char *ns, const struct str_map *labels)
{
	const struct mesh_sidecar *c = find_sidecar(s, ns, labels);

	if (!c)
		c = find_sidecar(s, ns, NULL);
	return c ? c : find_sidecar(s, s->mesh->root_namespace, NULL);
}
