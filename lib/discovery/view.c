/*
 * Views: proxies with equal keys share one compiled result. A new snapshot recompiles only the types whose inputs
 * changed, and after a change of VirtualServices only in views that one of these concerns; where nothing but endpoints
 * moved, their services alone (view_follow.c). Identical resources stay the same objects, so that sessions see at once
 * what differs. Sessions are pushed by their view, when it is another than before.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "discovery/internal.h"
#include "mesh/workload.h"

#define REFRESH_NS (5 * NS_PER_MS) /* of views in one turn of the loop */

/* What compile_reach stands on. */
#define REACH (CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_VIRTUAL_SERVICE | CHANGE_SIDECAR | CHANGE_TELEMETRY)
#define TYPES_ALL                                                                                                      \
	((1u << XDS_CLUSTER) | (1u << XDS_ENDPOINT) | (1u << XDS_LISTENER) | (1u << XDS_ROUTE) | (1u << XDS_POD_BLOCK))

static const char *dup_str(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : "";
}

/* A copy that does not depend on the session. */
static void copy_proxy(struct arena *a, const struct proxy *p, struct proxy *out)
{
	*out = *p;
	out->id = dup_str(a, p->id);
	out->node_id = dup_str(a, p->node_id);
	out->name = dup_str(a, p->name);
	out->ns = dup_str(a, p->ns);
	out->ip = dup_str(a, p->ip);
	out->service_account = dup_str(a, p->service_account);
	out->cluster_id = dup_str(a, p->cluster_id);
	out->workload = dup_str(a, p->workload);
	out->node_name = dup_str(a, p->node_name);
	out->mesh_id = dup_str(a, p->mesh_id);
	out->istio_version = dup_str(a, p->istio_version);
	out->user_agent = dup_str(a, p->user_agent);
	out->interception = dup_str(a, p->interception);
	out->locality.region = dup_str(a, p->locality.region);
	out->locality.zone = dup_str(a, p->locality.zone);
	out->locality.subzone = dup_str(a, p->locality.subzone);
	out->labels.v = ARENA_NEW_N(a, struct str_pair, p->labels.n);
	for (size_t i = 0; i < p->labels.n; i++)
		out->labels.v[i] = (struct str_pair){dup_str(a, p->labels.v[i].key), dup_str(a, p->labels.v[i].value)};
}

/* Where the proxy runs: as it says itself, or its labels, or its node's. */
static struct locality place(struct discovery *d, const struct proxy *p, struct arena *a)
{
	const struct workload *w = *p->node_name ? NULL : snapshot_workload(d->snap, p->ns, p->name);
	const char *node = w ? w->node : p->node_name;

	return *p->locality.region
		       ? p->locality
		       : workload_place(a, d->store, &p->labels, node, mesh_changes_zone(&d->changes, node));
}

struct view *discovery_view_get(struct discovery *d, const struct proxy *who)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct proxy at = *who, *p = &at;
	struct view *v;

	at.locality = place(d, who, &a);
	compile_view_key(d->snap, p, &key);
	buf_printf(&key, "|%.4s",
		   p->user_agent ? p->user_agent : ""); /* what is sent to ours is checked by our decoder */
	v = map_get(&d->view_keys, buf_slice(&key));
	if (v) {
		v->refs++;
		return v;
	}
	v = NEW(struct view);
	v->refs = 1;
	list_init(&v->sessions);
	v->key = buf_take_str(&key);
	map_set(&d->view_keys, slice_str(v->key), v);
	copy_proxy(&v->arena, p, &v->proxy);
	list_prepend(&d->views, &v->link);
	if (p->type == PROXY_ROUTER)
		discovery_members_secrets(d->members, v->proxy.ns);
	return v;
}

void discovery_view_put(struct discovery *d, struct view *v)
{
	if (!v || --v->refs)
		return;
	discovery_status_view(d->status, v, ~0u);
	list_remove(&v->link);
	map_remove(&d->view_keys, slice_str(v->key));
	compile_result_done(&v->result);
	xds_set_unref(v->secrets);
	discovery_left_free(v->left);
	snapshot_unref(v->snap);
	arena_done(&v->arena);
	free(v->key);
	free(v);
}

void discovery_view_of(struct discovery *d, struct session *s, struct view *v)
{
	struct view *old = s->view;

	list_remove(&s->of_view);
	s->view = v;
	if (v)
		list_append(&v->sessions, &s->of_view);
	discovery_view_put(d, old);
}

/* What generators told that did not run again; types 0: none did. */
static void keep_notes(struct compile_result *now, const struct compile_result *old, unsigned types)
{
	struct compile_note *v = ARENA_NEW_N(&now->arena, struct compile_note, now->n_notes + old->n_notes);

	for (size_t i = 0; i < now->n_notes; i++)
		v[i] = now->notes[i];
	for (size_t i = 0; i < old->n_notes; i++) {
		const struct compile_note *n = &old->notes[i];

		if (n->type == XDS_TYPE_NONE ? types != 0 : types & 1u << n->type)
			continue;
		v[now->n_notes] = *n;
		v[now->n_notes].ns = arena_strdup(&now->arena, n->ns);
		v[now->n_notes].name = arena_strdup(&now->arena, n->name);
		v[now->n_notes].path = arena_strdup(&now->arena, n->path);
		v[now->n_notes++].text = arena_strdup(&now->arena, n->text);
	}
	now->notes = v;
}

/* Parts of `old` that were not made again move into `now`, whose objects are those of the present snapshot. */
static void merge(struct discovery *d, const struct view *v, struct compile_result *now, unsigned types)
{
	const struct delta *delta = v->snap->policies == d->snap->policies ? NULL : d->delta;
	const size_t n_objects = d->snap->policies->n_objects;
	struct compile_use *uses = ARENA_NEW_N(&now->arena, struct compile_use, n_objects);
	const struct compile_result *old = &v->result;
	size_t n = 0;

	for (size_t i = 0; i < old->n_uses; i++) {
		const struct mesh_object *o = discovery_delta_now(delta, old->uses[i].object);

		if (o)
			uses[o->number] = (struct compile_use){o, old->uses[i].types & ~types};
	}
	for (size_t i = 0; i < now->n_uses; i++) {
		struct compile_use *u = &uses[now->uses[i].object->number];

		*u = (struct compile_use){now->uses[i].object, u->types | now->uses[i].types};
	}
	for (size_t i = 0; i < n_objects; i++)
		if (uses[i].types)
			uses[n++] = uses[i];
	now->uses = uses;
	now->n_uses = n;
	keep_notes(now, old, types);
}

const struct compile_use *discovery_view_use(const struct view *v, const struct api_object *o)
{
	for (size_t i = 0; i < v->result.n_uses; i++) {
		const struct mesh_object *x = v->result.uses[i].object;

		if (x->obj->kind == o->kind && strcmp(x->name, api_object_name(o)) == 0 &&
		    strcmp(x->ns, api_object_namespace(o)) == 0)
			return &v->result.uses[i];
	}
	return NULL;
}

/* The types whose resources the new snapshot may change. */
static unsigned changed_types(const struct discovery *d, const struct view *v, uint64_t reach)
{
	const unsigned changed = d->snap->changed;
	unsigned types = compile_types_of(changed & ~(unsigned)CHANGE_VIRTUAL_SERVICE);

	if (changed & CHANGE_VIRTUAL_SERVICE && discovery_delta_concerns(d->delta, &v->proxy))
		types |= compile_types_of(CHANGE_VIRTUAL_SERVICE);
	if (reach != v->reach)
		types |= 1u << XDS_CLUSTER | 1u << XDS_ENDPOINT;
	return types & TYPES_ALL;
}

/* Makes these types anew and keeps the others; types 0: the objects are others, but none that concerns the view. */
static void make(struct discovery *d, struct view *v, unsigned types)
{
	struct compile_result now = {0};

	if (types && discovery_left_compile(d, v, types, types == TYPES_ALL, &now) && types != TYPES_ALL) {
		compile_result_done(&now);
		types = TYPES_ALL;
		discovery_left_compile(d, v, types, true, &now);
	}
	if (types != TYPES_ALL)
		merge(d, v, &now, types);
	discovery_status_view(d->status, v, types);
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		if (!now.sets[i] && !(types & 1u << i))
			now.sets[i] = take(v->result.sets[i]);
	compile_result_done(&v->result);
	v->result = now;
	discovery_status_view(d->status, v, types);
}

/* --- the table of names: most change with services alone, and where nobody asks there is none --- */

#define NAMES (CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_SIDECAR)

static void make_names(struct discovery *d, struct view *v)
{
	struct compile_result r;

	compile_view(d->snap, &v->proxy, 1u << XDS_NAME_TABLE, &d->pool, &d->cache, &r);
	xds_set_unref(v->result.sets[XDS_NAME_TABLE]);
	v->result.sets[XDS_NAME_TABLE] = take(r.sets[XDS_NAME_TABLE]);
	compile_result_done(&r);
}

static bool names_differ(const struct discovery *d, const struct view *v)
{
	const struct snapshot *to = d->snap;

	if (!v->snap || v->snap->version + 1 != to->version || to->changed & NAMES)
		return true;
	return to->changed & (CHANGE_ENDPOINT | CHANGE_POD) && compile_names_moved(to);
}

void discovery_view_names(struct discovery *d, struct view *v)
{
	if (v->names)
		return;
	v->names = true;
	make_names(d, v);
}

/* As numbers, for telling which sets are others. */
static void hashes(const struct view *v, uint64_t out[XDS_TYPE_COUNT])
{
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++) {
		const struct xds_set *set = i == XDS_SECRET ? v->secrets : v->result.sets[i];

		out[i] = set ? set->hash : 0;
	}
}

/* Makes what the new snapshot may change. */
static void remake(struct discovery *d, struct view *v)
{
	const bool moved = !v->snap || v->snap->policies != d->snap->policies;
	const bool fresh =
		!v->snap || v->again || v->snap->version + 1 != d->snap->version || (moved && discovery_left_any(v));
	const uint64_t reach = fresh || d->snap->changed & REACH ? compile_reach(d->snap, &v->proxy) : v->reach;
	const unsigned types = fresh ? TYPES_ALL : changed_types(d, v, reach);

	if (v->proxy.type == PROXY_ROUTER && (fresh || moved || d->snap->changed & CHANGE_SECRET))
		discovery_view_secrets(d, v);
	if (types || moved)
		make(d, v, types);
	v->made |= types;
	v->reach = reach;
}

void discovery_view_update(struct discovery *d, struct view *v)
{
	uint64_t before[XDS_TYPE_COUNT], now[XDS_TYPE_COUNT];
	unsigned types = 0;

	if (v->snap == d->snap && !v->again)
		return;
	hashes(v, before);
	if (!discovery_view_follow(d, v))
		remake(d, v);
	if (v->names && v->snap != d->snap && names_differ(d, v))
		make_names(d, v);
	hashes(v, now);
	v->again = false;
	snapshot_unref(v->snap);
	v->snap = snapshot_ref(d->snap);
	list_remove(&v->link);
	list_append(&d->views, &v->link);
	for (int type = 0; type < XDS_TYPE_COUNT; type++)
		types |= (unsigned)(before[type] != now[type]) << type;
	if (types)
		discovery_ads_push(d, v, types);
}

static void on_refresh(struct timer *t)
{
	discovery_views_refresh(CONTAINER_OF(t, struct discovery, refresh));
}

/* Views that are not of the snapshot come first in the list. In between the loop serves connections. */
void discovery_views_refresh(struct discovery *d)
{
	const int64_t start_ns = clock_mono_ns();

	while (d->snap && !list_empty(&d->views)) {
		struct view *v = LIST_FIRST(&d->views, struct view, link);

		if (v->snap == d->snap)
			return;
		if (clock_mono_ns() - start_ns > REFRESH_NS) {
			timer_start(d->loop, &d->refresh, 0, on_refresh);
			return;
		}
		discovery_view_update(d, v);
	}
}
