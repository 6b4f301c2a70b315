#include "mesh/keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

static const char discovery_path[] = "/.well-known/openid-configuration";

struct mesh_keys {
	int refs;
	struct map by_address; /* struct fetched * */
	struct arena arena;
};

struct fetched {
	const char *text, *why;
};

struct mesh_keys *mesh_keys_new(void)
{
	struct mesh_keys *k = NEW(struct mesh_keys);

	k->refs = 1;
	return k;
}

void mesh_keys_add(struct mesh_keys *k, const char *address, const char *text, const char *why)
{
	struct fetched *f = ARENA_NEW(&k->arena, struct fetched);

	f->text = arena_strdup(&k->arena, text);
	f->why = arena_strdup(&k->arena, why);
	map_set(&k->by_address, slice_str(arena_strdup(&k->arena, address)), f);
}

const char *mesh_keys_get(const struct mesh_keys *k, const char *address, const char **ret_why)
{
	const struct fetched *f = k ? map_get(&k->by_address, slice_str(address)) : NULL;

	*ret_why = f ? f->why : "they are being fetched";
	return f ? f->text : NULL;
}

struct mesh_keys *mesh_keys_ref(struct mesh_keys *k)
{
	if (k)
		k->refs++;
	return k;
}

void mesh_keys_unref(struct mesh_keys *k)
{
	assert(!k || k->refs > 0);
	if (!k || --k->refs)
		return;
	map_done(&k->by_address);
	arena_done(&k->arena);
	free(k);
}

const char *mesh_keys_address(struct arena *a, const struct istio_jwt_rule *r)
{
	size_t n;

	if (r->jwks && *r->jwks)
		return NULL;
	if (r->jwks_uri && *r->jwks_uri)
		return r->jwks_uri;
	n = r->issuer ? strlen(r->issuer) : 0;
	if (!n)
		return NULL;
	return arena_printf(a, "%.*s%s", (int)(n - (r->issuer[n - 1] == '/')), r->issuer, discovery_path);
}

bool mesh_keys_is_discovery(const char *address)
{
	return slice_ends(slice_str(address), slice_str(discovery_path));
}
