/*
 * The last good resources on disk, so that a restart serves at once when the control plane is away. There is a file for
 * each type, written whole and renamed when the type changed; a broken one is ignored.
 *
 *   "WEFTSTATE1\n"  { type u8, name length u32, bytes length u32, name, bytes }...  hash u64 of all before
 */
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "proxy/agent/agent_internal.h"

#define MAGIC "WEFTSTATE1\n"
#define STATE_MAX_BYTES (256u << 20)
#define SAVE_DELAY_MS 1000

/* In this order they are restored: what is referred to comes first. */
static const enum xds_type saved_types[] = {XDS_SECRET,   XDS_POD_BLOCK, XDS_NAME_TABLE, XDS_CLUSTER,
					    XDS_ENDPOINT, XDS_LISTENER,  XDS_ROUTE};

struct resources {
	VEC(struct xds_resource *) list;
	bool found; /* there is a file, which may say that there are none */
};

static void resources_done(struct resources *r)
{
	for (size_t i = 0; i < r->list.n; i++)
		xds_resource_unref(r->list.v[i]);
	vec_done(&r->list);
}

static void state_path(const struct agent *a, enum xds_type type, struct buf *out)
{
	buf_printf(out, "%s/weft-state-%s.bin", a->boot->state_dir, xds_type_short(type));
}

static void put_u32(struct buf *b, size_t v)
{
	uint32_t n = (uint32_t)v;

	buf_append(b, &n, sizeof(n));
}

static void put_set(struct buf *b, enum xds_type type, const struct xds_set *set)
{
	for (size_t i = 0; set && i < set->n; i++) {
		const struct xds_resource *r = set->v[i];
		buf_append_char(b, (char)type);
		put_u32(b, r->name.len);
		put_u32(b, r->bytes.len);
		buf_append_slice(b, r->name);
		buf_append_slice(b, r->bytes);
	}
}

static void save_type(struct agent *a, enum xds_type type, const struct xds_set *set)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT, path = BUF_INIT;
	struct err e = ERR_INIT;
	uint64_t h;

	if (!set || a->saved_hash[type] == set->hash)
		return;
	buf_append_str(&text, MAGIC);
	put_set(&text, type, set);
	h = hash_bytes(buf_slice(&text));
	buf_append(&text, &h, sizeof(h));
	state_path(a, type, &path);
	if (file_write(buf_str(&path), buf_slice(&text), 0600, &e) < 0)
		log_warn("agent", "state is not saved: %s; a restart will need the control plane", e.msg);
	else
		a->saved_hash[type] = set->hash;
}

static void save_now(struct agent *a)
{
	if (!a->xds || !xds_client_set(a->xds, XDS_CLUSTER) || !xds_client_set(a->xds, XDS_LISTENER))
		return;
	for (size_t i = 0; i < ARRAY_LEN(saved_types); i++)
		save_type(a, saved_types[i], xds_client_set(a->xds, saved_types[i]));
}

static void on_save(struct timer *t)
{
	save_now(CONTAINER_OF(t, struct agent, save));
}

void agent_state_save_later(struct agent *a)
{
	if (!timer_active(&a->save))
		timer_start(a->loop, &a->save, SAVE_DELAY_MS, on_save);
}

void agent_state_flush(struct agent *a)
{
	if (!timer_active(&a->save))
		return;
	timer_stop(&a->save);
	save_now(a);
}

/* Cuts n bytes off the front; false when there are fewer. */
static bool take_bytes(struct slice *rest, size_t n, struct slice *ret)
{
	if (rest->len < n)
		return false;
	*ret = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return true;
}

static bool take_u32(struct slice *rest, uint32_t *ret)
{
	struct slice s;

	if (!take_bytes(rest, sizeof(*ret), &s))
		return false;
	memcpy(ret, s.ptr, sizeof(*ret));
	return true;
}

static bool take_resource(struct slice *rest, struct resources *by_type)
{
	struct slice type, name, bytes;
	uint32_t n_name, n_bytes;

	if (!take_bytes(rest, 1, &type) || (unsigned char)type.ptr[0] >= XDS_TYPE_COUNT)
		return false;
	if (!take_u32(rest, &n_name) || !take_u32(rest, &n_bytes) || !take_bytes(rest, n_name, &name) ||
	    !take_bytes(rest, n_bytes, &bytes))
		return false;
	enum xds_type t = (enum xds_type)type.ptr[0];
	vec_push(&by_type[t].list, xds_resource_new(t, name, bytes));
	return true;
}

static bool parse(struct slice text, struct resources *by_type)
{
	struct slice magic = SLICE(MAGIC), rest;
	uint64_t h;

	if (text.len < magic.len + sizeof(h) || !slice_starts(text, magic))
		return false;
	memcpy(&h, text.ptr + text.len - sizeof(h), sizeof(h));
	text.len -= sizeof(h);
	if (hash_bytes(text) != h)
		return false;
	rest = slice_from(text, magic.len);
	while (rest.len)
		if (!take_resource(&rest, by_type))
			return false;
	return true;
}

/* What is refused is not held: the control plane sends it again. */
static void restore_type(struct agent *a, enum xds_type type, struct resources *r)
{
	CLEANUP(freep) bool *refused = mem_calloc(r->list.n + 1, sizeof(*refused));
	struct build_update u = {.type = type, .changed = r->list.v, .n_changed = r->list.n, .refused = refused};
	struct err e = ERR_INIT;
	size_t kept = 0;

	if (!r->found)
		return;
	if (agent_xds_apply(a, &u, &e) < 0)
		log_warn("agent", "saved state: %s; left out", e.msg);
	for (size_t i = 0; i < r->list.n; i++) {
		if (refused[i])
			xds_resource_unref(r->list.v[i]);
		else
			r->list.v[kept++] = r->list.v[i];
	}
	r->list.n = 0; /* the set has the references now */
	a->saved[type] = kept ? xds_set_new(r->list.v, kept) : NULL;
}

static size_t restore(struct agent *a, struct resources *by_type)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(saved_types); i++) {
		restore_type(a, saved_types[i], &by_type[saved_types[i]]);
		n += a->saved[saved_types[i]] ? a->saved[saved_types[i]]->n : 0;
	}
	a->restored = n > 0;
	return n;
}

static void load_type(struct agent *a, enum xds_type type, struct resources *by_type)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT, path = BUF_INIT;

	state_path(a, type, &path);
	if (file_read(buf_str(&path), STATE_MAX_BYTES, &text, NULL) < 0)
		return;
	by_type[type].found = parse(buf_slice(&text), by_type);
	if (by_type[type].found)
		return;
	log_warn("agent", "%s is broken; waiting for the control plane instead", buf_str(&path));
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		resources_done(&by_type[i]);
	memset(by_type, 0, XDS_TYPE_COUNT * sizeof(*by_type));
}

size_t agent_state_load(struct agent *a)
{
	struct resources by_type[XDS_TYPE_COUNT] = {0};
	size_t n;

	if (!a->boot->state_dir)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(saved_types); i++)
		load_type(a, saved_types[i], by_type);
	n = restore(a, by_type);
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		resources_done(&by_type[i]);
	return n;
}
