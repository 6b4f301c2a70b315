/*
 * Which addresses of the mesh's pods take mutual TLS, for connections to an address that no service has: a bit for each
 * address in blocks of 256, and the ports at which it is otherwise. The same for all proxies, so it is made once for a
 * snapshot, and a pod that comes or goes changes one block.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "base/ip.h"
#include "compile/gen.h"
#include "weft/mesh/v1/pods.pb-c.h"

typedef Weft__Mesh__V1__PodBlock block_msg;
typedef Weft__Mesh__V1__PodBlock__Ports ports_msg;

#define BLOCK_BYTES 15 /* of an address of 16 bytes: what all of a block have in common */

/* One address. */
struct taker {
	uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	const struct workload *w;
	bool mutual;
	uint32_t *except; /* ascending; ports at which it is the other way round */
	size_t n_except;
};

struct takers {
	VEC(struct taker) v;
};

static bool has_port(const uint16_t *v, size_t n, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == port)
			return true;
	return false;
}

static bool takes(const struct gen *g, const struct workload *w, uint16_t port)
{
	const struct workload_inbound *in = &w->inbound;

	return has_port(in->ports, in->n, port) != in->all &&
	       snapshot_mtls_mode(g->snap, w->ns, &w->labels, port) != MTLS_DISABLE;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void add_except(struct gen *g, struct taker *t, uint16_t port)
{
	if (takes(g, t->w, port) != t->mutual)
		t->except[t->n_except++] = port;
}

/* What is so for all ports but single ones. */
static void judge(struct gen *g, struct taker *t)
{
	const struct workload_inbound *in = &t->w->inbound;
	uint16_t *own;
	const size_t n = snapshot_mtls_ports(g->snap, t->w->ns, &t->w->labels, g->arena, &own);
	size_t kept = 0;

	t->mutual = in->all && snapshot_mtls_mode(g->snap, t->w->ns, &t->w->labels, 0) != MTLS_DISABLE;
	t->except = ARENA_NEW_N(g->arena, uint32_t, n + in->n);
	for (size_t i = 0; i < n; i++)
		add_except(g, t, own[i]);
	for (size_t i = 0; i < in->n; i++)
		add_except(g, t, in->ports[i]);
	if (t->n_except)
		qsort(t->except, t->n_except, sizeof(*t->except), by_number);
	for (size_t i = 0; i < t->n_except; i++)
		if (!kept || t->except[kept - 1] != t->except[i])
			t->except[kept++] = t->except[i];
	t->n_except = kept;
}

static bool read_address(const char *text, uint8_t *out)
{
	struct ip_range ip;

	if (ip_range_parse(slice_str(text), &ip, NULL) < 0 || ip.bits != (ip.v6 ? 128 : 32))
		return false;
	ip_as_v6(ip.bytes, ip.v6, out);
	return true;
}

/* Of two pods with one address the younger has it: the other one's end has not been heard of yet. */
static int by_address(const void *a, const void *b)
{
	const struct taker *x = a, *y = b;
	int c = memcmp(x->bytes, y->bytes, sizeof(x->bytes));

	if (!c)
		c = strcmp(y->w->created, x->w->created);
	if (!c)
		c = strcmp(x->w->ns, y->w->ns);
	return c ? c : strcmp(x->w->name, y->w->name);
}

static void collect(struct gen *g, struct takers *t)
{
	const struct workload_index *x = g->snap->workloads;
	size_t kept = 0;

	for (size_t i = 0; i < x->v.n; i++)
		for (size_t k = 0; k < x->v.v[i].n_ips; k++) {
			struct taker one = {.w = &x->v.v[i]};

			if (read_address(one.w->ips[k], one.bytes))
				vec_push(&t->v, one);
		}
	if (t->v.n)
		qsort(t->v.v, t->v.n, sizeof(*t->v.v), by_address);
	for (size_t i = 0; i < t->v.n; i++)
		if (!kept || memcmp(t->v.v[kept - 1].bytes, t->v.v[i].bytes, 16) != 0)
			t->v.v[kept++] = t->v.v[i];
	t->v.n = kept;
	for (size_t i = 0; i < t->v.n; i++)
		if (t->v.v[i].w->proxied)
			judge(g, &t->v.v[i]);
}

static bool in_except(const struct taker *t, uint32_t port)
{
	for (size_t i = 0; i < t->n_except; i++)
		if (t->except[i] == port)
			return true;
	return false;
}

/* Is nobody's mutual TLS at this port, and not for the reason that nobody has any? */
static bool plain_for_all(const struct taker *v, size_t n, uint32_t port)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].mutual != in_except(&v[i], port))
			return false;
	return true;
}

/* Ports that all who take mutual TLS have left out, as proxies' own are: said once. */
static void set_plain(struct gen *g, block_msg *m, const struct taker *v, size_t n)
{
	const struct taker *first = NULL;

	for (size_t i = 0; i < n && !first; i++)
		if (v[i].mutual)
			first = &v[i];
	m->plain = ARENA_NEW_N(g->arena, uint32_t, first ? first->n_except : 0);
	for (size_t i = 0; first && i < first->n_except; i++)
		if (plain_for_all(v, n, first->except[i]))
			m->plain[m->n_plain++] = first->except[i];
}

static bool is_plain(const block_msg *m, uint32_t port)
{
	for (size_t i = 0; i < m->n_plain; i++)
		if (m->plain[i] == port)
			return true;
	return false;
}

static void add_taker(struct gen *g, block_msg *m, const struct taker *t)
{
	const uint8_t at = t->bytes[BLOCK_BYTES];
	ports_msg *p = PB_NEW(g->arena, ports_msg, weft__mesh__v1__pod_block__ports);

	if (t->mutual) {
		m->mutual.data[at / 8] |= (uint8_t)(1u << at % 8);
		m->mutual.len = at / 8 + 1u;
	}
	p->address = at;
	p->ports = ARENA_NEW_N(g->arena, uint32_t, t->n_except);
	for (size_t i = 0; i < t->n_except; i++)
		if (!t->mutual || !is_plain(m, t->except[i]))
			p->ports[p->n_ports++] = t->except[i];
	if (p->n_ports)
		m->except[m->n_except++] = p;
}

static char *block_name(struct arena *a, const uint8_t *bytes)
{
	const bool v4 = ip_is_mapped(bytes);
	uint8_t first[16] = {0};
	char text[INET6_ADDRSTRLEN];

	memcpy(first, bytes, BLOCK_BYTES);
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? first + IP_MAPPED_BYTES : first, text, sizeof(text));
	return arena_printf(a, "%s/%d", text, v4 ? 24 : 120);
}

/* NULL when nobody of the block takes mutual TLS anywhere. */
static struct xds_resource *block(struct gen *g, const struct taker *v, size_t n)
{
	block_msg *m = PB_NEW(g->arena, block_msg, weft__mesh__v1__pod_block);

	m->name = block_name(g->arena, v->bytes);
	m->mutual.data = ARENA_NEW_N(g->arena, uint8_t, 32);
	m->except = ARENA_NEW_N(g->arena, ports_msg *, n);
	set_plain(g, m, v, n);
	for (size_t i = 0; i < n; i++)
		add_taker(g, m, &v[i]);
	if (!m->mutual.len && !m->n_except)
		return NULL;
	return xds_pool_get(g->pool, XDS_POD_BLOCK, slice_str(m->name), pb_pack_arena(g->arena, &m->base));
}

static struct xds_set *blocks(struct gen *g)
{
	VEC(struct xds_resource *) made = {0};
	struct takers t = {0};
	struct xds_set *set;

	collect(g, &t);
	for (size_t i = 0, next; i < t.v.n; i = next) {
		struct xds_resource *r;

		for (next = i; next < t.v.n && memcmp(t.v.v[i].bytes, t.v.v[next].bytes, BLOCK_BYTES) == 0;)
			next++;
		r = block(g, &t.v.v[i], next - i);
		if (r)
			vec_push(&made, r);
	}
	set = xds_set_new(made.v, made.n);
	vec_done(&made);
	vec_done(&t.v);
	return set;
}

bool gen_wants_pods(const struct gen *g)
{
	return g->proxy->weft && g->proxy->type == PROXY_SIDECAR && gen_mesh(g)->auto_mtls;
}

struct xds_set *gen_pods(struct gen *g)
{
	struct xds_set *set;

	if (!gen_wants_pods(g))
		return xds_set_new(NULL, 0);
	if (g->cache && g->cache->pods)
		return xds_set_ref(g->cache->pods);
	set = blocks(g);
	if (g->cache)
		g->cache->pods = xds_set_ref(set);
	return set;
}
