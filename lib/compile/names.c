/*
 * The table of names that a proxy answers its pod's DNS questions from: all hosts of the mesh that the proxy may see,
 * with the addresses that lead to them. What has none (names that are aliases, services whose addresses only DNS knows)
 * is not in it: such questions are passed on. One resource, as Istio's agents know it.
 */
#include <stdlib.h>

#include "base/ip.h"
#include "compile/gen.h"
#include "istio/nds.pb-c.h"

typedef Istio__Networking__Nds__V1__NameTable table_msg;
typedef Istio__Networking__Nds__V1__NameTable__TableEntry entry_msg;
typedef Istio__Networking__Nds__V1__NameTable__NameInfo info_msg;

#define KUBERNETES "Kubernetes"
#define EXTERNAL "External"
#define RESOURCE_NAME "names" /* there is one */

struct names {
	struct gen *g;
	struct map by_host; /* in small letters -> info_msg * */
	VEC(entry_msg *) v;
};

static info_msg *info_add(struct names *x, const char *host, const char *registry)
{
	struct arena *a = x->g->arena;
	entry_msg *e = PB_NEW(a, entry_msg, istio__networking__nds__v1__name_table__table_entry);
	info_msg *i = PB_NEW(a, info_msg, istio__networking__nds__v1__name_table__name_info);

	e->key = gen_lower(a, host);
	e->value = i;
	i->registry = pb_str(registry);
	map_set(&x->by_host, slice_str(e->key), i);
	vec_push(&x->v, e);
	return i;
}

static info_msg *info_find(const struct names *x, const char *host)
{
	return map_get(&x->by_host, slice_str(gen_lower(x->g->arena, host)));
}

/* --- addresses --- */

struct addresses {
	VEC(char *) v;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_address(struct addresses *to, const char *ip)
{
	for (size_t i = 0; i < to->v.n; i++)
		if (strcmp(to->v.v[i], ip) == 0)
			return;
	vec_push(&to->v, pb_str(ip));
}

/* Both in the arena. */
static void append_address(struct gen *g, info_msg *i, const char *ip)
{
	char **v = ARENA_NEW_N(g->arena, char *, i->n_ips + 1);

	for (size_t k = 0; k < i->n_ips; k++)
		v[k] = i->ips[k];
	v[i->n_ips++] = pb_str(ip);
	i->ips = v;
}

static void set_addresses(struct gen *g, info_msg *i, const struct addresses *from)
{
	i->n_ips = from->v.n;
	i->ips = ARENA_NEW_N(g->arena, char *, from->v.n);
	if (from->v.n)
		memcpy(i->ips, from->v.v, from->v.n * sizeof(char *));
}

/* Whether its endpoints are its addresses. */
static bool by_endpoints(const struct service *svc)
{
	return svc->headless || (svc->entry && svc->resolution == RESOLUTION_PASSTHROUGH && svc->selector.n);
}

/* Those of the first port, as in Istio: the others' are the same. In order, however endpoints come and go. */
static struct endpoint_set endpoints_of(const struct gen *g, const struct service *svc)
{
	return svc->n_ports ? snapshot_endpoints(g->snap, svc, svc->ports[0].port) : (struct endpoint_set){0};
}

static void find_addresses(struct gen *g, const struct service *svc, struct addresses *ret)
{
	const char *auto_vip = compile_auto_vip(g->proxy, svc);

	for (size_t i = 0; i < svc->n_vips; i++)
		if (ip_is(slice_str(svc->vips[i])))
			add_address(ret, svc->vips[i]);
	if (auto_vip)
		add_address(ret, auto_vip);
	if (auto_vip || svc->n_vips || !by_endpoints(svc))
		return;
	const struct endpoint_set set = endpoints_of(g, svc);

	for (size_t i = 0; i < set.n; i++)
		if (set.v[i].ready && ip_is(slice_str(set.v[i].address)))
			vec_push(&ret->v, pb_str(set.v[i].address));
	if (ret->v.n)
		qsort(ret->v.v, ret->v.n, sizeof(ret->v.v[0]), by_text);
}

/* --- single pods --- */

/* "mysql-0.mysql.shop.svc.cluster.local": pods with a host name behind a headless service. */
static void add_pods(struct names *x, const struct service *svc)
{
	struct arena *a = x->g->arena;
	const struct endpoint_set set = endpoints_of(x->g, svc);

	for (size_t i = 0; i < set.n; i++) {
		const struct endpoint *e = &set.v[i];
		const char *host;
		info_msg *info;

		if (!e->hostname || !e->ready || !ip_is(slice_str(e->address)))
			continue;
		host = arena_printf(a, "%s.%s", e->hostname, svc->host);
		info = info_find(x, host);
		if (!info) {
			info = info_add(x, host, KUBERNETES);
			info->shortname = arena_printf(a, "%s.%s", e->hostname, svc->name);
			info->namespace_ = pb_str(svc->ns);
		}
		append_address(x->g, info, e->address);
	}
}

/* --- services --- */

/* Of several entries of one host all addresses count; a Service of Kubernetes has its name for itself. */
static void add_service(struct names *x, const struct service *svc)
{
	struct addresses found = {0};
	info_msg *i = info_find(x, svc->host);

	if (i && strcmp(i->registry, KUBERNETES) == 0)
		return;
	for (size_t k = 0; i && k < i->n_ips; k++)
		add_address(&found, i->ips[k]);
	find_addresses(x->g, svc, &found);
	if (found.v.n) {
		if (!i)
			i = info_add(x, svc->host, svc->entry ? EXTERNAL : KUBERNETES);
		if (!svc->entry) {
			i->shortname = pb_str(svc->name);
			i->namespace_ = pb_str(svc->ns);
		}
		set_addresses(x->g, i, &found);
	}
	vec_done(&found.v);
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(entry_msg *const *)a)->key, (*(entry_msg *const *)b)->key);
}

void gen_names(struct gen *g)
{
	struct names x = {.g = g};
	table_msg *t = PB_NEW(g->arena, table_msg, istio__networking__nds__v1__name_table);

	for (size_t i = 0; i < g->n_services; i++) {
		const struct service *svc = g->services[i];

		if (!svc->entry && (svc->external || svc->alias)) /* DNS has its CNAME */
			continue;
		add_service(&x, svc);
		if (svc->headless && !svc->entry)
			add_pods(&x, svc);
	}
	if (x.v.n)
		qsort(x.v.v, x.v.n, sizeof(x.v.v[0]), by_key);
	t->table = x.v.v;
	t->n_table = x.v.n;
	gen_add(g, RESOURCE_NAME, &t->base);
	vec_done(&x.v);
	map_done(&x.by_host);
}

bool compile_names_moved(const struct snapshot *to)
{
	if (to->moved_all)
		return true;
	for (size_t i = 0; i < to->n_moved; i++)
		if (by_endpoints(to->moved[i]))
			return true;
	return false;
}
