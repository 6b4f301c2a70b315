/*
 * Filter chains that exclude each other. A match is a product of lists (server names, ALPN names, address ranges);
 * two chains collide when one combination of values is in both. Each combination is remembered with its owner.
 */
#include "compile/gen.h"

#include <arpa/inet.h>

#define COMBINATIONS_MAX 65536 /* of one chain's match: names x ranges x ... */

/* An address range by what it covers: 10.1.2.3/8 is 10.0.0.0/8. */
static const char *range_text(struct arena *a, const pb_cidr *r)
{
	const bool v6 = strchr(r->address_prefix, ':') != NULL;
	const unsigned size = v6 ? 16 : 4;
	const unsigned bits = r->prefix_len ? r->prefix_len->value : 0;
	unsigned char ip[16] = {0};
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(v6 ? AF_INET6 : AF_INET, r->address_prefix, ip) != 1 || bits > size * 8)
		return r->address_prefix;
	for (unsigned i = bits; i < size * 8; i++)
		ip[i / 8] &= (unsigned char)~(0x80u >> i % 8);
	return arena_printf(a, "%s/%u", inet_ntop(v6 ? AF_INET6 : AF_INET, ip, text, sizeof(text)), bits);
}

/* One list of a match; an empty one counts as one empty value: "any". */
struct dimension {
	const char **v;
	size_t n;
};

enum { NAMES, RANGES, SOURCES, ALPN, DIMENSIONS };

static struct dimension of_strings(struct arena *a, char **v, size_t n, bool fold)
{
	struct dimension d = {ARENA_NEW_N(a, const char *, n + 1), n ? n : 1};

	d.v[0] = "";
	for (size_t i = 0; i < n; i++)
		d.v[i] = fold ? gen_lower(a, v[i]) : v[i];
	return d;
}

static struct dimension of_ranges(struct arena *a, pb_cidr **v, size_t n)
{
	struct dimension d = {ARENA_NEW_N(a, const char *, n + 1), n ? n : 1};

	d.v[0] = "";
	for (size_t i = 0; i < n; i++)
		d.v[i] = range_text(a, v[i]);
	return d;
}

struct product {
	const char *rest; /* what is no list */
	struct dimension d[DIMENSIONS];
};

static void product_of(struct arena *a, const pb_chain_match *m, struct product *ret)
{
	static const pb_chain_match none = ENVOY__CONFIG__LISTENER__V3__FILTER_CHAIN_MATCH__INIT;

	m = m ? m : &none;
	ret->rest = arena_printf(a, "%u|%s|%d", m->destination_port ? m->destination_port->value : 0,
				 m->transport_protocol, m->source_type);
	for (size_t i = 0; i < m->n_source_ports; i++)
		ret->rest = arena_printf(a, "%s|%u", ret->rest, m->source_ports[i]);
	ret->d[NAMES] = of_strings(a, m->server_names, m->n_server_names, true);
	ret->d[ALPN] = of_strings(a, m->application_protocols, m->n_application_protocols, false);
	ret->d[RANGES] = of_ranges(a, m->prefix_ranges, m->n_prefix_ranges);
	ret->d[SOURCES] = of_ranges(a, m->source_prefix_ranges, m->n_source_prefix_ranges);
}

typedef struct gen_owner *each_fn(struct gen_chains *c, const char *key, struct gen_owner *owner);

/* Calls fn for each combination that has value number k in dimension `fixed`; ends with the first answer. */
static struct gen_owner *each(struct gen_chains *c, const struct product *p, int fixed, size_t k, each_fn *fn,
			      struct gen_owner *owner)
{
	size_t at[DIMENSIONS] = {0};
	int i;

	at[fixed] = k;
	do {
		struct gen_owner *r = fn(c,
					 arena_printf(c->g->arena, "%s|%s|%s|%s|%s", p->rest, p->d[NAMES].v[at[NAMES]],
						      p->d[RANGES].v[at[RANGES]], p->d[SOURCES].v[at[SOURCES]],
						      p->d[ALPN].v[at[ALPN]]),
					 owner);

		if (r)
			return r;
		for (i = 0; i < DIMENSIONS; i++) {
			if (i == fixed)
				continue;
			if (++at[i] < p->d[i].n)
				break;
			at[i] = 0;
		}
	} while (i < DIMENSIONS);
	return NULL;
}

static struct gen_owner *look_up(struct gen_chains *c, const char *key, struct gen_owner *owner)
{
	(void)owner;
	return map_get(&c->taken, slice_str(key));
}

static struct gen_owner *take_it(struct gen_chains *c, const char *key, struct gen_owner *owner)
{
	map_set(&c->taken, slice_str(key), owner);
	return NULL;
}

void gen_chains_init(struct gen_chains *c, struct gen *g, pb_listener *l)
{
	*c = (struct gen_chains){.g = g, .l = l};
}

void gen_chains_done(struct gen_chains *c)
{
	map_done(&c->taken);
}

/* Tells the owner that value number k belongs to another. */
static void tell(struct gen_chains *c, const pb_chain_match *m, const struct product *p, int fixed, size_t k,
		 const struct gen_owner *owner, const struct gen_owner *winner)
{
	struct arena *a = c->g->arena;
	const bool listed = fixed == NAMES ? m && m->n_server_names : m && m->n_prefix_ranges;

	gen_conflict(c->g, owner, winner, listed ? arena_printf(a, "%s[%zu]", owner->path, k) : owner->path,
		     listed ? p->d[fixed].v[k] : arena_printf(a, "listener %s", c->l->name));
}

/* "*.example.com" is the only kind of wildcard that a proxy knows. */
static bool name_ok(const char *name)
{
	return *name && !strchr(name[0] == '*' && name[1] == '.' ? name + 1 : name, '*');
}

/* Keeps the values that nobody has, and takes them. Returns how many. */
static size_t claim(struct gen_chains *c, pb_chain_match *m, const struct product *p, int fixed,
		    const struct gen_owner *owner)
{
	struct gen_owner *own = ARENA_NEW(c->g->arena, struct gen_owner);
	size_t kept = 0;

	*own = *owner;
	for (size_t k = 0; k < p->d[fixed].n; k++) {
		const struct gen_owner *winner;

		if (fixed == NAMES && m && m->n_server_names && !name_ok(p->d[NAMES].v[k])) {
			if (owner->object)
				gen_note(c->g, owner->object, arena_printf(c->g->arena, "%s[%zu]", owner->path, k),
					 "\"%s\" is no name of a server; it is left out", p->d[NAMES].v[k]);
			continue;
		}
		winner = each(c, p, fixed, k, look_up, NULL);
		if (winner) {
			tell(c, m, p, fixed, k, owner, winner);
			continue;
		}
		each(c, p, fixed, k, take_it, own);
		if (m && fixed == NAMES && m->n_server_names)
			m->server_names[kept] = pb_str(p->d[NAMES].v[k]);
		if (m && fixed == RANGES && m->n_prefix_ranges)
			m->prefix_ranges[kept] = m->prefix_ranges[k];
		kept++;
	}
	if (m && fixed == NAMES && m->n_server_names)
		m->n_server_names = kept;
	if (m && fixed == RANGES && m->n_prefix_ranges)
		m->n_prefix_ranges = kept;
	return kept;
}

static size_t combinations(const struct product *p)
{
	size_t n = 1;

	for (int i = 0; i < DIMENSIONS && n <= COMBINATIONS_MAX; i++)
		n *= p->d[i].n;
	return n;
}

bool gen_chains_add(struct gen_chains *c, pb_chain *chain, const struct gen_owner *owner)
{
	pb_chain_match *m = chain->filter_chain_match;
	struct product p;

	product_of(c->g->arena, m, &p);
	if (combinations(&p) > COMBINATIONS_MAX) {
		if (owner->object)
			gen_note(c->g, owner->object, owner->path, "names and ranges make more than %d combinations",
				 COMBINATIONS_MAX);
		return false;
	}
	if (!claim(c, m, &p, m && m->n_server_names ? NAMES : RANGES, owner))
		return false;
	PB_ADD(c->g->arena, c->l, filter_chains, chain);
	return true;
}
