/* Decoding by the wire format: nothing of a large table is there twice. */
#include "proxy/dns/table.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/vec.h"
#include "xds/wire.h"

/* Field numbers of istio.networking.nds.v1. */
enum { TABLE_ENTRIES = 1, ENTRY_KEY = 1, ENTRY_VALUE = 2, INFO_IPS = 1, INFO_REGISTRY = 2, INFO_NAME = 3, INFO_NS = 4 };

#define KUBERNETES SLICE("Kubernetes")

/* ---- decoding ---- */

struct bytes {
	VEC(uint8_t) v;
};

struct reading {
	struct name_table *t;
	struct bytes v4, v6; /* of the entry being read */
};

static struct slice lower(struct arena *a, struct slice text)
{
	char *copy;

	if (text.len && text.ptr[text.len - 1] == '.')
		text.len--;
	copy = arena_slicedup(a, text);
	for (size_t i = 0; i < text.len; i++)
		copy[i] = (char)tolower((unsigned char)copy[i]);
	return slice_make(copy, text.len);
}

static const uint8_t *keep(struct arena *a, const struct bytes *b)
{
	uint8_t *v = arena_alloc(a, b->v.n ? b->v.n : 1);

	if (b->v.n)
		memcpy(v, b->v.v, b->v.n);
	return v;
}

static int add_address(struct reading *x, struct slice text, struct err *e)
{
	struct ip_range ip;
	struct bytes *to;

	if (ip_range_parse(text, &ip, NULL) < 0 || ip.bits != (ip.v6 ? 128 : 32) || ip.address.len != text.len)
		return err_set(e, -EINVAL, "ips: '%.*s' is no address", (int)MIN(text.len, (size_t)64), text.ptr);
	to = ip.v6 ? &x->v6 : &x->v4;
	if (to->v.n / 4 >= NAME_TABLE_ADDRESSES_MAX)
		return err_set(e, -EINVAL, "ips: more than %d", NAME_TABLE_ADDRESSES_MAX);
	for (size_t i = 0; i < (ip.v6 ? 16u : 4u); i++)
		vec_push(&to->v, ip.bytes[i]);
	return 0;
}

static int read_info(struct reading *x, struct slice bytes, struct name_entry *out, struct err *e)
{
	struct arena *a = &x->t->arena;
	struct slice name = SLICE(""), ns = SLICE("");
	struct wire_field f;
	bool kubernetes = false;
	int r;

	while ((r = wire_next(&bytes, &f)) == 1) {
		if (f.type != WIRE_BYTES)
			continue;
		if (f.number == INFO_IPS && (r = add_address(x, f.bytes, e)) < 0)
			return r;
		kubernetes |= f.number == INFO_REGISTRY && slice_eq(f.bytes, KUBERNETES);
		name = f.number == INFO_NAME ? f.bytes : name;
		ns = f.number == INFO_NS ? f.bytes : ns;
	}
	if (r < 0)
		return err_set(e, -EINVAL, "cannot be read");
	out->name = kubernetes ? lower(a, name) : SLICE("");
	out->ns = kubernetes ? lower(a, ns) : SLICE("");
	out->v4 = keep(a, &x->v4);
	out->n4 = x->v4.v.n / 4;
	out->v6 = keep(a, &x->v6);
	out->n6 = x->v6.v.n / 16;
	return 0;
}

static bool is_host(struct slice host)
{
	return host.len && host.len <= NAME_TABLE_HOST_MAX_BYTES && *host.ptr != '.' && !memchr(host.ptr, 0, host.len);
}

static int read_entry(struct reading *x, struct slice bytes, struct err *e)
{
	struct name_entry *out = ARENA_NEW(&x->t->arena, struct name_entry);
	struct slice key = SLICE(""), value = SLICE("");
	struct wire_field f;
	int r;

	while ((r = wire_next(&bytes, &f)) == 1) {
		key = f.number == ENTRY_KEY && f.type == WIRE_BYTES ? f.bytes : key;
		value = f.number == ENTRY_VALUE && f.type == WIRE_BYTES ? f.bytes : value;
	}
	if (r < 0 || !is_host(key))
		return err_set(e, -EINVAL, "table: entry %zu has no host name", x->t->by_host.n);
	x->v4.v.n = x->v6.v.n = 0;
	r = read_info(x, value, out, e);
	if (r < 0)
		return err_wrap(e, r, "table: %.*s", SLICE_ARG(key));
	out->host = lower(&x->t->arena, key);
	if (out->n4 || out->n6)
		map_set(&x->t->by_host, out->host, out);
	return 0;
}

static int read_table(struct reading *x, struct slice bytes, struct err *e)
{
	struct wire_field f;
	int r;

	while ((r = wire_next(&bytes, &f)) == 1) {
		if (f.number != TABLE_ENTRIES || f.type != WIRE_BYTES)
			continue;
		if (x->t->by_host.n >= NAME_TABLE_ENTRIES_MAX)
			return err_set(e, -EINVAL, "table: more than %d names", NAME_TABLE_ENTRIES_MAX);
		r = read_entry(x, f.bytes, e);
		if (r < 0)
			return r;
	}
	return r < 0 ? err_set(e, -EINVAL, "cannot be read") : 0;
}

struct name_table *name_table_decode(struct slice bytes, struct err *e)
{
	struct reading x = {.t = NEW(struct name_table)};
	const int r = read_table(&x, bytes, e);

	vec_done(&x.v4.v);
	vec_done(&x.v6.v);
	if (r == 0)
		return x.t;
	name_table_free(x.t);
	return NULL;
}

void name_table_free(struct name_table *t)
{
	if (!t)
		return;
	map_done(&t->by_host);
	arena_done(&t->arena);
	free(t);
}

/* ---- finding ---- */

static const struct name_entry *get(const struct name_table *t, struct slice host)
{
	return map_get(&t->by_host, host);
}

/* The Service whose whole name is this; NULL where it is not the one of that short name and namespace. */
static const struct name_entry *service(const struct name_table *t, const char *host, struct slice name,
					struct slice ns)
{
	const struct name_entry *e = get(t, slice_str(host));

	return e && slice_eq(e->name, name) && slice_eq(e->ns, ns) ? e : NULL;
}

/* "svc" of "svc.cluster.local" */
static struct slice first_label(const char *domain)
{
	struct slice rest = slice_str(domain);

	return slice_split(&rest, '.');
}

static const struct name_entry *find_short(const struct name_table *t, const struct name_scope *s, struct slice name)
{
	char host[2 * NAME_TABLE_HOST_MAX_BYTES + 512];
	const struct slice svc = first_label(s->domain);
	const struct name_entry *e;
	struct slice ns, at = name;
	ptrdiff_t dot;

	if (!*s->domain || name.len > NAME_TABLE_HOST_MAX_BYTES)
		return NULL;
	snprintf(host, sizeof(host), "%.*s.%s.%s", SLICE_ARG(name), s->ns, s->domain);
	e = service(t, host, name, slice_str(s->ns));
	if (e)
		return e;
	if (slice_ends(at, svc) && at.len > svc.len + 1 && at.ptr[at.len - svc.len - 1] == '.')
		at.len -= svc.len + 1;
	dot = slice_rfind(at, '.');
	if (dot <= 0)
		return NULL;
	ns = slice_from(at, (size_t)dot + 1);
	snprintf(host, sizeof(host), "%.*s.%s", SLICE_ARG(at), s->domain);
	return service(t, host, slice_head(at, (size_t)dot), ns);
}

static const struct name_entry *find_plain(const struct name_table *t, const struct name_scope *s, struct slice name)
{
	const struct name_entry *e = get(t, name);

	return e ? e : find_short(t, s, name);
}

static const struct name_entry *find_wildcard(const struct name_table *t, struct slice name)
{
	char host[NAME_TABLE_HOST_MAX_BYTES + 3];
	const struct name_entry *e = NULL;

	if (name.len > NAME_TABLE_HOST_MAX_BYTES)
		return NULL;
	while (!e && slice_find(name, '.') >= 0) {
		slice_split(&name, '.');
		e = get(t, slice_make(host, (size_t)snprintf(host, sizeof(host), "*.%.*s", SLICE_ARG(name))));
	}
	return e;
}

/* Without the search domain behind it; empty where it has none. */
static struct slice without_search(const struct name_scope *s, struct slice name)
{
	const struct slice search = slice_str(s->search);

	if (!search.len || !slice_ends(name, search) || name.len < search.len + 2 ||
	    name.ptr[name.len - search.len - 1] != '.')
		return SLICE("");
	return slice_head(name, name.len - search.len - 1);
}

bool name_table_find(const struct name_table *t, const struct name_scope *s, struct slice name, struct name_found *ret)
{
	const struct slice rest = without_search(s, name);

	*ret = (struct name_found){find_plain(t, s, name), SLICE("")};
	if (ret->entry)
		return true;
	ret->entry = rest.len ? find_plain(t, s, rest) : NULL;
	if (rest.len && !ret->entry)
		ret->entry = find_wildcard(t, rest);
	if (ret->entry)
		ret->alias_of = rest;
	else
		ret->entry = find_wildcard(t, name);
	return ret->entry != NULL;
}
