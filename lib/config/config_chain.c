/*
 * The choice of a filter chain. Envoy looks at the criteria in a fixed order, each time keeping only the chains of the
 * most specific value that fits: destination port, destination address (longest prefix), server name (exact, longest
 * suffix, any), transport protocol, ALPN, source type, source address, source port. There is no way back: when a later
 * criterion fits no chain of those kept, the default chain is taken.
 *
 * The same result by scores: each criterion gives a chain a rank (0 = does not fit), and the chains are compared rank
 * by rank, after each step only the best remain. Chains per listener are few (a gateway's hosts are the most), so the
 * walk starts from an index by destination port.
 */
#include "base/ip.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "config/config_parts.h"

struct port_chains {
	VEC(uint32_t) chains; /* those of one port, or without one */
};

struct chain_index {
	uint32_t n_ports;
	uint32_t *ports; /* sorted */
	struct port_chains *of_port;
	struct port_chains any;
};

static const uint8_t *address_bytes(const struct addr *a, unsigned *ret_bits)
{
	if (a->sa.sa_family == AF_INET) {
		*ret_bits = 32;
		return (const uint8_t *)&a->in4.sin_addr;
	}
	if (a->sa.sa_family != AF_INET6)
		return NULL;
	if (ip_is_mapped(a->in6.sin6_addr.s6_addr)) {
		*ret_bits = 32;
		return (const uint8_t *)&a->in6.sin6_addr + IP_MAPPED_BYTES;
	}
	*ret_bits = 128;
	return (const uint8_t *)&a->in6.sin6_addr;
}

bool config_cidr_has(const struct config_cidr *cidr, const struct addr *a)
{
	unsigned bits_a = 0, bits_c = 0, n = cidr->prefix_bits;
	const uint8_t *x = address_bytes(a, &bits_a), *y = address_bytes(&cidr->address, &bits_c);

	if (!x || !y || bits_a != bits_c)
		return false;
	/* IPv4 written as IPv6: the first 96 bits are the same for all. */
	if (bits_c == 32 && cidr->address.sa.sa_family == AF_INET6)
		n = n > 96 ? n - 96 : 0;
	if (n > bits_c)
		n = bits_c;
	if (memcmp(x, y, n / 8) != 0)
		return false;
	unsigned rest = n % 8;
	return !rest || (x[n / 8] >> (8 - rest)) == (y[n / 8] >> (8 - rest));
}

static unsigned rank_cidrs(const struct config_cidr *v, size_t n, const struct addr *a)
{
	unsigned best = 0;

	if (!n)
		return 1;
	for (size_t i = 0; a && i < n; i++)
		if (config_cidr_has(&v[i], a))
			best = MAX(best, v[i].prefix_bits + 2);
	return best;
}

static unsigned rank_port(const struct config_chain_match *m, const struct chain_input *in)
{
	if (!m->port)
		return 1;
	return in->destination && addr_port(in->destination) == m->port ? 2 : 0;
}

static unsigned rank_destination(const struct config_chain_match *m, const struct chain_input *in)
{
	return rank_cidrs(m->prefixes, m->n_prefixes, in->destination);
}

static unsigned rank_server_name(const struct config_chain_match *m, const struct chain_input *in)
{
	unsigned best = 0;

	if (!m->n_server_names)
		return 1;
	for (size_t i = 0; in->server_name.len && i < m->n_server_names; i++) {
		struct slice name = m->server_names[i];
		if (slice_eq(name, in->server_name))
			return 2 + 1024;
		if (slice_starts(name, SLICE("*.")) && in->server_name.len >= name.len &&
		    slice_ends(in->server_name, slice_from(name, 1)))
			best = MAX(best, 2 + (unsigned)MIN(name.len, (size_t)1000));
	}
	return best;
}

static unsigned rank_transport(const struct config_chain_match *m, const struct chain_input *in)
{
	if (!m->transport.len)
		return 1;
	return slice_eq(m->transport, in->tls ? SLICE("tls") : SLICE("raw_buffer")) ? 2 : 0;
}

static unsigned rank_alpn(const struct config_chain_match *m, const struct chain_input *in)
{
	if (!m->n_alpn)
		return 1;
	for (size_t i = 0; i < in->n_alpn; i++)
		for (size_t k = 0; k < m->n_alpn; k++)
			if (slice_eq(in->alpn[i], m->alpn[k])) /* the client's first known name wins */
				return 2 + (unsigned)(in->n_alpn - i);
	return 0;
}

static bool is_local(const struct chain_input *in)
{
	unsigned bits = 0;
	const uint8_t *b = in->source ? address_bytes(in->source, &bits) : NULL;
	struct config_cidr same = {.prefix_bits = 128};

	if (!b)
		return true; /* Unix sockets */
	if (bits == 32 ? b[0] == 127 : IN6_IS_ADDR_LOOPBACK(&in->source->in6.sin6_addr))
		return true;
	if (!in->destination)
		return false;
	same.address = *in->destination;
	return config_cidr_has(&same, in->source);
}

static unsigned rank_source_type(const struct config_chain_match *m, const struct chain_input *in)
{
	if (m->source_type == CONFIG_SOURCE_ANY)
		return 1;
	return is_local(in) == (m->source_type == CONFIG_SOURCE_SAME_IP_OR_LOOPBACK) ? 2 : 0;
}

static unsigned rank_source(const struct config_chain_match *m, const struct chain_input *in)
{
	return rank_cidrs(m->source_prefixes, m->n_source_prefixes, in->source);
}

static unsigned rank_source_port(const struct config_chain_match *m, const struct chain_input *in)
{
	if (!m->n_source_ports)
		return 1;
	for (size_t i = 0; in->source && i < m->n_source_ports; i++)
		if (m->source_ports[i] == addr_port(in->source))
			return 2;
	return 0;
}

static unsigned (*const ranks[])(const struct config_chain_match *m, const struct chain_input *in) = {
	rank_port, rank_destination, rank_server_name, rank_transport,
	rank_alpn, rank_source_type, rank_source,      rank_source_port,
};

static const struct port_chains *chains_for(const struct chain_index *x, const struct chain_input *in)
{
	uint32_t port = in->destination ? addr_port(in->destination) : 0;
	size_t low = 0, high = x->n_ports;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (x->ports[middle] < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low < x->n_ports && x->ports[low] == port ? &x->of_port[low] : &x->any;
}

/* Compares rank by rank: >0 when a is the better one. At the first criterion that tells them apart it is decided. */
static int compare(const struct config_chain *a, const struct config_chain *b, const struct chain_input *in)
{
	for (size_t i = 0; i < ARRAY_LEN(ranks); i++) {
		unsigned x = ranks[i](&a->match, in), y = ranks[i](&b->match, in);
		if (x != y)
			return x > y ? 1 : -1;
		if (!x)
			return 0;
	}
	return 0;
}

static bool fits(const struct config_chain *c, const struct chain_input *in)
{
	for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
		if (!ranks[i](&c->match, in))
			return false;
	return true;
}

const struct config_chain *config_chain_find(const struct config_listener *l, const struct chain_input *in)
{
	const struct port_chains *p = chains_for(l->chain_index, in);
	const struct config_chain *best = NULL;

	for (size_t i = 0; i < p->chains.n; i++) {
		const struct config_chain *c = &l->chains[p->chains.v[i]];
		if (!best || compare(c, best, in) > 0)
			best = c;
	}
	return best && fits(best, in) ? best : l->default_chain;
}

/* ---- the index ---- */

static void index_free(void *arg)
{
	struct chain_index *x = arg;

	for (size_t i = 0; i < x->n_ports; i++)
		vec_done(&x->of_port[i].chains);
	vec_done(&x->any.chains);
	free(x->ports);
	free(x->of_port);
	free(x);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void collect_ports(struct chain_index *x, const struct config_listener *l)
{
	size_t n = 0;

	x->ports = mem_calloc(l->n_chains + 1, sizeof(*x->ports));
	for (size_t i = 0; i < l->n_chains; i++)
		if (l->chains[i].match.port)
			x->ports[n++] = l->chains[i].match.port;
	qsort(x->ports, n, sizeof(*x->ports), by_number);
	for (size_t i = 0; i < n; i++)
		if (!x->n_ports || x->ports[x->n_ports - 1] != x->ports[i])
			x->ports[x->n_ports++] = x->ports[i];
	x->of_port = mem_calloc(x->n_ports + 1, sizeof(*x->of_port));
}

static bool same_slices(const struct slice *a, size_t n, const struct slice *b, size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!slice_eq(a[i], b[i]))
			return false;
	return true;
}

static bool same_cidrs(const struct config_cidr *a, size_t n, const struct config_cidr *b, size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (a[i].prefix_bits != b[i].prefix_bits || !addr_eq(&a[i].address, &b[i].address))
			return false;
	return true;
}

static bool same_match(const struct config_chain_match *a, const struct config_chain_match *b)
{
	return a->port == b->port && a->source_type == b->source_type && slice_eq(a->transport, b->transport) &&
	       same_slices(a->server_names, a->n_server_names, b->server_names, b->n_server_names) &&
	       same_slices(a->alpn, a->n_alpn, b->alpn, b->n_alpn) &&
	       same_cidrs(a->prefixes, a->n_prefixes, b->prefixes, b->n_prefixes) &&
	       same_cidrs(a->source_prefixes, a->n_source_prefixes, b->source_prefixes, b->n_source_prefixes) &&
	       a->n_source_ports == b->n_source_ports && !a->n_source_ports;
}

static int check_unique(const struct config_listener *l, const struct port_chains *p, struct err *e)
{
	for (size_t i = 0; i < p->chains.n; i++)
		for (size_t k = i + 1; k < p->chains.n; k++) {
			const struct config_chain *a = &l->chains[p->chains.v[i]], *b = &l->chains[p->chains.v[k]];
			if (same_match(&a->match, &b->match))
				return err_set(e, -EINVAL, "filter chains '%s' and '%s' have the same matching rules",
					       a->name, b->name);
		}
	return 0;
}

int config_chain_index(struct config_listener *l, struct err *e)
{
	struct chain_index *x = NEW(struct chain_index);
	int r = 0;

	arena_on_done(&l->arena, index_free, x);
	collect_ports(x, l);
	/* A port's own chains win over those without a port as soon as there is one; no way back. */
	for (uint32_t i = 0; i < l->n_chains; i++) {
		if (!l->chains[i].match.port)
			vec_push(&x->any.chains, i);
		for (size_t k = 0; k < x->n_ports; k++)
			if (l->chains[i].match.port == x->ports[k])
				vec_push(&x->of_port[k].chains, i);
	}
	l->chain_index = x;
	for (size_t k = 0; !r && k < x->n_ports; k++)
		r = check_unique(l, &x->of_port[k], e);
	return r ? r : check_unique(l, &x->any, e);
}

/* ---- listeners ---- */

bool config_sniff_applies(const struct config_sniff *s, uint16_t port)
{
	for (size_t i = 0; s->on && i < s->n_off_ports; i++)
		if (port >= s->off_ports[i].from && port < s->off_ports[i].to)
			return false;
	return s->on;
}

static bool is_wildcard(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == INADDR_ANY;
	return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
}

struct config_listener *config_listener_named(const struct config *c, const char *name)
{
	size_t low = 0, high = c->n_listeners;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(c->by_name[middle]->name, name);
		if (order == 0)
			return c->by_name[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct config_listener *config_listener_for(const struct config *c, const struct addr *original_dst)
{
	struct config_cidr exact = {*original_dst, 128};
	struct config_listener *wildcard = NULL;
	size_t low = 0, high = c->n_listeners;
	uint16_t port = addr_port(original_dst);

	while (low < high) { /* they are sorted by port */
		size_t middle = low + (high - low) / 2;
		if (addr_port(&c->listeners[middle]->address) < port)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->n_listeners && addr_port(&c->listeners[low]->address) == port; low++) {
		struct config_listener *l = c->listeners[low];
		if (is_wildcard(&l->address))
			wildcard = l;
		else if (config_cidr_has(&exact, &l->address))
			return l;
	}
	return wildcard;
}
