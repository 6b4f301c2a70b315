/*
 * Views: proxies with equal keys share one compiled result. A new snapshot recompiles only the types whose inputs
 * changed; identical resources stay the same objects, so that sessions see at once what differs.
 */
#include <stdlib.h>

#include "discovery/internal.h"

#define TYPES_ALL ((1u << XDS_CLUSTER) | (1u << XDS_ENDPOINT) | (1u << XDS_LISTENER) | (1u << XDS_ROUTE))

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
	out->labels.v = ARENA_NEW_N(a, struct str_pair, p->labels.n);
	for (size_t i = 0; i < p->labels.n; i++)
		out->labels.v[i] = (struct str_pair){dup_str(a, p->labels.v[i].key), dup_str(a, p->labels.v[i].value)};
}

struct view *discovery_view_get(struct discovery *d, const struct proxy *p)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct view *v;

	compile_view_key(p, &key);
	buf_printf(&key, "|%.4s",
		   p->user_agent ? p->user_agent : ""); /* what is sent to ours is checked by our decoder */
	LIST_EACH (v, &d->views, link) {
		if (strcmp(v->key, buf_str(&key)) == 0) {
			v->refs++;
			return v;
		}
	}
	v = NEW(struct view);
	v->refs = 1;
	v->key = buf_take_str(&key);
	copy_proxy(&v->arena, p, &v->proxy);
	list_append(&d->views, &v->link);
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
	compile_result_done(&v->result);
	xds_set_unref(v->secrets);
	discovery_left_free(v->left);
	snapshot_unref(v->snap);
	arena_done(&v->arena);
	free(v->key);
	free(v);
}

/* What generators told that did not run again. */
static void keep_notes(struct compile_result *now, const struct compile_result *old, unsigned types)
{
	struct compile_note *v = ARENA_NEW_N(&now->arena, struct compile_note, now->n_notes + old->n_notes);

	for (size_t i = 0; i < now->n_notes; i++)
		v[i] = now->notes[i];
	for (size_t i = 0; i < old->n_notes; i++) {
		const struct compile_note *n = &old->notes[i];

		if (n->type == XDS_TYPE_NONE || types & 1u << n->type)
			continue;
		v[now->n_notes] = *n;
		v[now->n_notes].ns = arena_strdup(&now->arena, n->ns);
		v[now->n_notes].name = arena_strdup(&now->arena, n->name);
		v[now->n_notes].path = arena_strdup(&now->arena, n->path);
		v[now->n_notes++].text = arena_strdup(&now->arena, n->text);
	}
	now->notes = v;
}

/* Parts of `old` that were not made again move into `now`. The objects are those of the same index. */
static void merge(struct compile_result *now, struct compile_result *old, unsigned types, size_t n_objects)
{
	struct compile_use *uses = ARENA_NEW_N(&now->arena, struct compile_use, n_objects);
	size_t n = 0;

	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		if (!(types & 1u << i))
			now->sets[i] = take(old->sets[i]);
	for (size_t i = 0; i < old->n_uses; i++)
		uses[old->uses[i].object->number] =
			(struct compile_use){old->uses[i].object, old->uses[i].types & ~types};
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

void discovery_view_update(struct discovery *d, struct view *v)
{
	const bool fresh = !v->snap || v->again || v->snap->policies != d->snap->policies ||
			   v->snap->version + 1 != d->snap->version;
	const unsigned types = fresh ? TYPES_ALL : compile_types_of(d->snap->changed) & TYPES_ALL;
	struct compile_result now;

	if (v->snap == d->snap && !v->again)
		return;
	if (v->proxy.type == PROXY_ROUTER && (fresh || d->snap->changed & CHANGE_SECRET))
		discovery_view_secrets(d, v);
	if (types) {
		discovery_left_compile(d, v, types, fresh, &now);
		if (!fresh)
			merge(&now, &v->result, types, d->snap->policies->n_objects);
		discovery_status_view(d->status, v, types);
		compile_result_done(&v->result);
		v->result = now;
		discovery_status_view(d->status, v, types);
	}
	v->again = false;
	snapshot_unref(v->snap);
	v->snap = snapshot_ref(d->snap);
}
