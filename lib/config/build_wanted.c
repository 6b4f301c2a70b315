/* What the parts of a build refer to: to be subscribed to and waited for, or not any more. */
#include <stdlib.h>

#include "config/build_state_internal.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_unique(const char **v, size_t *n)
{
	size_t out = 0;

	if (*n)
		qsort(v, *n, sizeof(*v), by_text);
	for (size_t i = 0; i < *n; i++)
		if (!out || strcmp(v[out - 1], v[i]) != 0)
			v[out++] = v[i];
	*n = out;
}

static bool is_local(const char *name)
{
	return strcmp(name, "default") == 0 || strcmp(name, "ROOTCA") == 0 || strncmp(name, "file-", 5) == 0;
}

static void want_secret(struct build *b, struct config_ref ref)
{
	if (ref.slot == CONFIG_NO_SLOT || build_is_inline(ref.name))
		return;
	if (is_local(ref.name))
		vec_push(&b->local, ref.name);
	else
		vec_push(&b->wanted, ref.name);
}

static void want_tls(struct build *b, const struct config_tls *t)
{
	if (!t)
		return;
	want_secret(b, t->cert);
	want_secret(b, t->validation);
}

static void want_chain(struct build *b, const struct config_chain *c, enum xds_type type)
{
	if (type == XDS_SECRET)
		want_tls(b, c->tls);
	else if (c->hcm && c->hcm->rds.slot != CONFIG_NO_SLOT)
		vec_push(&b->wanted, c->hcm->rds.name);
}

static void want_of_listeners(struct build *b, enum xds_type type)
{
	for (size_t i = 0; i < b->listeners.n; i++) {
		const struct config_listener *l = b->listeners.v[i]->l;
		for (size_t k = 0; k < l->n_chains; k++)
			want_chain(b, &l->chains[k], type);
		if (l->default_chain)
			want_chain(b, l->default_chain, type);
	}
}

static void want_of_clusters(struct build *b, enum xds_type type)
{
	for (size_t i = 0; i < b->clusters.n; i++) {
		const struct config_cluster_spec *s = b->clusters.v[i].spec;
		if (!s)
			continue;
		if (type == XDS_ENDPOINT && s->type == CONFIG_CLUSTER_EDS)
			vec_push(&b->wanted, s->eds_name);
		for (size_t k = 0; type == XDS_SECRET && k < s->n_transports; k++)
			want_tls(b, s->transports[k].tls);
	}
}

const char *const *build_wanted(struct build *b, enum xds_type type, size_t *ret_n)
{
	b->wanted.n = b->local.n = 0;
	if (type == XDS_ROUTE || type == XDS_SECRET)
		want_of_listeners(b, type);
	if (type == XDS_ENDPOINT || type == XDS_SECRET)
		want_of_clusters(b, type);
	sort_unique(b->wanted.v, &b->wanted.n);
	sort_unique(b->local.v, &b->local.n);
	*ret_n = b->wanted.n;
	return b->wanted.v;
}

const char *const *build_local_secrets(struct build *b, size_t *ret_n)
{
	size_t n;

	build_wanted(b, XDS_SECRET, &n);
	*ret_n = b->local.n;
	return b->local.v;
}

bool build_wants_pods(const struct build *b)
{
	for (size_t i = 0; i < b->clusters.n; i++)
		if (b->clusters.v[i].spec && b->clusters.v[i].spec->to_pods)
			return true;
	return false;
}

/* They come all at once, and there may be none: until then what is a pod's would be spoken to in plain text. */
static const char *const pods_all[] = {"*"};

static bool is_there(struct build *b, enum xds_type type, const char *name)
{
	uint32_t slot;

	if (type == XDS_POD_BLOCK)
		return build_has(b, type);
	if (type == XDS_ENDPOINT)
		return map_get(&b->assignments, slice_str(name)) != NULL;
	slot = config_names_find(b->names, type == XDS_ROUTE ? CONFIG_NAME_ROUTE : CONFIG_NAME_SECRET, slice_str(name));
	if (type == XDS_ROUTE)
		return slot < b->routes.n && b->routes.v[slot].table;
	return slot < b->secrets.n && b->secrets.v[slot];
}

/* Names that are not waited for any more, per type. */
static bool given_up(struct build *b, enum xds_type type, const char *name)
{
	return map_get(&b->given_up[type], slice_str(name)) != NULL;
}

static size_t count_missing(struct build *b, enum xds_type type, const char *const *v, size_t n,
			    enum xds_type *ret_type, const char **ret_name)
{
	size_t missing = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_there(b, type, v[i]) || given_up(b, type, v[i]))
			continue;
		if (!*ret_name) {
			*ret_name = v[i];
			*ret_type = type;
		}
		missing++;
	}
	return missing;
}

size_t build_missing(struct build *b, enum xds_type *ret_type, const char **ret_name)
{
	static const enum xds_type wanted[] = {XDS_ENDPOINT, XDS_ROUTE, XDS_SECRET};
	size_t missing = 0, n;

	*ret_name = NULL;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const char *const *v = build_wanted(b, wanted[i], &n);
		missing += count_missing(b, wanted[i], v, n, ret_type, ret_name);
	}
	missing += count_missing(b, XDS_SECRET, b->local.v, b->local.n, ret_type, ret_name);
	if (build_wants_pods(b))
		missing += count_missing(b, XDS_POD_BLOCK, pods_all, 1, ret_type, ret_name);
	return missing;
}

static void give_up(struct build *b, enum xds_type type, const char *const *v, size_t n, struct map *into,
		    struct arena *names)
{
	for (size_t i = 0; i < n; i++) {
		if (is_there(b, type, v[i]))
			continue;
		char *name = arena_strdup(names, v[i]);
		map_set(into, slice_str(name), name);
	}
}

/* All that is missing now, and nothing else any more. */
void build_give_up(struct build *b)
{
	static const enum xds_type wanted[] = {XDS_ENDPOINT, XDS_ROUTE, XDS_SECRET};
	struct arena names = ARENA_INIT;
	size_t n;

	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		map_done(&b->given_up[i]);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const char *const *v = build_wanted(b, wanted[i], &n);
		give_up(b, wanted[i], v, n, &b->given_up[wanted[i]], &names);
	}
	give_up(b, XDS_SECRET, b->local.v, b->local.n, &b->given_up[XDS_SECRET], &names);
	if (build_wants_pods(b))
		give_up(b, XDS_POD_BLOCK, pods_all, 1, &b->given_up[XDS_POD_BLOCK], &names);
	arena_done(&b->given_up_names);
	b->given_up_names = names;
}
