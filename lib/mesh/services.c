/* The service index: Kubernetes Services and ServiceEntries of the mesh's namespaces, oldest first. */
#include <stdlib.h>

#include "mesh/host.h"
#include "mesh/snapshot_internal.h"

#define EXPORT_TO_ANNOTATION "networking.istio.io/exportTo"
#define ALIASES_MAX 8 /* one after the other */

static void split_export(struct arena *a, const char *text, struct service *s)
{
	struct slice rest = slice_str(text);
	size_t n = 1;

	for (size_t i = 0; i < rest.len; i++)
		n += rest.ptr[i] == ',';
	s->export_to = ARENA_NEW_N(a, const char *, n);
	while (rest.len)
		s->export_to[s->n_export_to++] = arena_slicedup(a, slice_trim(slice_split(&rest, ',')));
}

static void add_vip(struct service *s, struct arena *a, const char *ip, size_t max)
{
	if (!ip || !*ip || strcmp(ip, "None") == 0 || s->n_vips >= max)
		return;
	if (!s->vips)
		s->vips = ARENA_NEW_N(a, const char *, max);
	s->vips[s->n_vips++] = ip;
}

static void set_vips(struct service *s, struct arena *a, const struct core_service_spec *spec)
{
	const size_t max = spec->cluster_ips.n + 1;

	for (size_t i = 0; i < spec->cluster_ips.n; i++)
		add_vip(s, a, spec->cluster_ips.v[i], max);
	if (!s->n_vips)
		add_vip(s, a, spec->cluster_ip, max);
	s->headless = spec->cluster_ip && strcmp(spec->cluster_ip, "None") == 0;
}

/* What is not declared is TCP for clients that do not look at the first bytes. */
static void set_protocol(const struct build *b, struct service_port *p, enum protocol declared)
{
	p->undeclared = declared == PROTOCOL_AUTO;
	p->protocol = p->undeclared && !b->mesh->sniff_outbound ? PROTOCOL_TCP : declared;
}

static void set_ports(const struct build *b, struct service *s, struct arena *a, const struct core_service_spec *spec)
{
	s->ports = ARENA_NEW_N(a, struct service_port, spec->ports.n);
	for (size_t i = 0; i < spec->ports.n; i++) {
		const struct core_service_port *p = &spec->ports.v[i];
		struct service_port *out = &s->ports[s->n_ports];

		set_protocol(b, out, protocol_detect(p->app_protocol, p->name, p->protocol, (uint16_t)p->port));
		if (out->protocol == PROTOCOL_UDP || (p->protocol && strcmp(p->protocol, "SCTP") == 0))
			continue;
		out->index = i;
		out->name = p->name ? p->name : "";
		out->port = (uint16_t)p->port;
		out->target_port = p->target_port.kind == INT_OR_STR_INT   ? (uint16_t)p->target_port.i
				   : p->target_port.kind == INT_OR_STR_STR ? 0
									   : (uint16_t)p->port;
		out->target_name = p->target_port.kind == INT_OR_STR_STR ? p->target_port.s : NULL;
		s->n_ports++;
	}
}

static void add_service(const struct build *b, struct service_index *x, const struct api_object *o)
{
	const struct core_service *k = API_VALUE(o, service, core_service);
	struct arena *a = &x->head.arena;
	struct service s = {.obj = o, .name = api_object_name(o), .ns = api_object_namespace(o)};

	if (!k->spec)
		return;
	index_hold(&x->head, o);
	s.host = arena_printf(a, "%s.%s.svc.%s", s.name, s.ns, b->mesh->domain);
	s.created = o->meta->creation_timestamp;
	s.labels = o->meta->labels;
	s.selector = k->spec->selector;
	set_vips(&s, a, k->spec);
	set_ports(b, &s, a, k->spec);
	if (api_object_annotation(o, EXPORT_TO_ANNOTATION))
		split_export(a, api_object_annotation(o, EXPORT_TO_ANNOTATION), &s);
	if (s.headless)
		s.resolution = RESOLUTION_PASSTHROUGH;
	if (k->spec->type && strcmp(k->spec->type, "ExternalName") == 0) {
		s.resolution = RESOLUTION_DNS;
		s.external = true;
	}
	vec_push(&x->v, s);
}

static enum resolution entry_resolution(int r)
{
	switch (r) {
	case ISTIO_SERVICE_ENTRY_RESOLUTION_STATIC:
		return RESOLUTION_EDS;
	case ISTIO_SERVICE_ENTRY_RESOLUTION_DNS:
		return RESOLUTION_DNS;
	case ISTIO_SERVICE_ENTRY_RESOLUTION_DNS_ROUND_ROBIN:
		return RESOLUTION_DNS_ROUND_ROBIN;
	default:
		return RESOLUTION_PASSTHROUGH;
	}
}

static void set_entry_ports(const struct build *b, struct service *s, struct arena *a,
			    const struct istio_service_entry_spec *spec)
{
	s->ports = ARENA_NEW_N(a, struct service_port, spec->ports.n);
	for (size_t i = 0; i < spec->ports.n; i++) {
		const struct istio_service_port *p = &spec->ports.v[i];
		struct service_port *out = &s->ports[s->n_ports];
		enum protocol declared;

		if (protocol_parse(p->protocol, &declared) < 0)
			declared = protocol_detect(NULL, p->name, NULL, (uint16_t)p->number);
		set_protocol(b, out, declared);
		if (out->protocol == PROTOCOL_UDP || !p->number || p->number > 65535 ||
		    service_port(s, (uint16_t)p->number))
			continue;
		out->index = i;
		out->name = p->name ? p->name : "";
		out->port = (uint16_t)p->number;
		out->target_port = p->target_port ? (uint16_t)p->target_port : (uint16_t)p->number;
		s->n_ports++;
	}
}

static void add_entry(const struct build *b, struct service_index *x, const struct api_object *o)
{
	const struct istio_service_entry *k = API_VALUE(o, service_entry, istio_service_entry);
	const struct istio_service_entry_spec *spec = k->spec;
	struct service s = {.obj = o, .name = api_object_name(o), .ns = api_object_namespace(o), .entry = true};

	if (!spec)
		return;
	index_hold(&x->head, o);
	s.created = o->meta->creation_timestamp;
	s.labels = o->meta->labels;
	s.vips = (const char **)spec->addresses.v;
	s.n_vips = spec->addresses.n;
	s.resolution = entry_resolution(spec->resolution);
	s.external = spec->location == ISTIO_SERVICE_ENTRY_LOCATION_MESH_EXTERNAL;
	s.export_to = (const char **)spec->export_to.v;
	s.n_export_to = spec->export_to.n;
	s.sans = (const char **)spec->subject_alt_names.v;
	s.n_sans = spec->subject_alt_names.n;
	if (spec->workload_selector)
		s.selector = spec->workload_selector->labels;
	set_entry_ports(b, &s, &x->head.arena, spec);
	for (size_t i = 0; i < spec->hosts.n; i++) {
		s.host = spec->hosts.v[i];
		if (*s.host) /* destinations that forget their host must not find it */
			vec_push(&x->v, s);
	}
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* A Kubernetes Service wins over a ServiceEntry of the same host; then the older one. */
static int cmp_service(const void *pa, const void *pb)
{
	const struct service *a = pa, *b = pb;
	int r;

	if (a->entry != b->entry)
		return a->entry ? 1 : -1;
	r = strcmp(or_empty(a->created), or_empty(b->created));
	if (r == 0)
		r = strcmp(a->ns, b->ns);
	if (r == 0)
		r = strcmp(a->name, b->name);
	return r ? r : strcmp(a->host, b->host);
}

/* The first of a host is found by it, the others behind it. */
static void link_hosts(struct service_index *x)
{
	for (size_t i = x->v.n; i-- > 0;) {
		struct service *s = &x->v.v[i];

		s->number = i;
		if (s->entry && (s->selector.n || (s->resolution == RESOLUTION_PASSTHROUGH && !s->external)))
			vec_push(&x->of_pods, i);
		s->next = map_set(&x->by_host, slice_str(s->host), s);
		if (s->next)
			x->v.v[s->next->number].behind = true;
	}
}

/* The Service of the mesh that an ExternalName stands for, by way of others; NULL: it is a name outside. */
static const struct service *named_service(const struct service_index *x, const struct service *s)
{
	const struct service *at = s;

	for (int i = 0; i < ALIASES_MAX; i++) {
		const struct core_service *k = API_VALUE(at->obj, service, core_service);
		struct slice name = slice_str(k->spec->external_name);

		if (name.len && name.ptr[name.len - 1] == '.')
			name.len--;
		at = map_get(&x->by_host, name);
		if (!at || at->entry)
			return NULL;
		if (!at->external)
			return export_visible(at->export_to, at->n_export_to, at->ns, s->ns) ? at : NULL;
	}
	return NULL;
}

static void find_aliases(struct service_index *x)
{
	for (size_t i = 0; i < x->v.n; i++) {
		struct service *s = &x->v.v[i];

		if (s->external && !s->entry)
			s->alias = named_service(x, s);
	}
	for (size_t i = 0; i < x->v.n; i++) {
		struct service *s = &x->v.v[i];

		if (!s->alias)
			continue;
		s->ports = s->alias->ports;
		s->n_ports = s->alias->n_ports;
		s->resolution = s->alias->resolution;
		s->headless = s->alias->headless;
		s->external = false;
		vec_push(&x->aliases, i);
	}
}

struct service_index *build_services(const struct build *b)
{
	struct service_index *x = NEW(struct service_index);
	struct store_range r = store_list(b->store, &api_kind_service, NULL);

	x->head.refs = 1;
	for (size_t i = 0; i < r.n; i++)
		if (build_member(b, r.v[i]))
			add_service(b, x, r.v[i]);
	r = store_list(b->store, &api_kind_service_entry, NULL);
	for (size_t i = 0; i < r.n; i++)
		if (build_member(b, r.v[i]))
			add_entry(b, x, r.v[i]);
	if (x->v.n)
		qsort(x->v.v, x->v.n, sizeof(x->v.v[0]), cmp_service);
	link_hosts(x);
	find_aliases(x);
	build_auto_addresses(x);
	return x;
}
