/* A map from the text, and a list by use. Hashing is keyed: clients choose the text. */
#include "proxy/filter/jwt_cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

struct jwt_cache {
	struct map by_text; /* struct jwt_entry *, one reference each */
	struct list used;   /* most recently used first */
	size_t bytes;
};

static struct jwt_cache *cache_of(struct worker *w)
{
	if (!w->tokens) {
		w->tokens = NEW(struct jwt_cache);
		list_init(&w->tokens->used);
	}
	return w->tokens;
}

void jwt_entry_put(struct jwt_entry *e)
{
	if (!e)
		return;
	assert(e->refs > 0);
	if (--e->refs)
		return;
	assert(!list_linked(&e->link));
	jwt_done(&e->jwt);
	free((char *)e->text.ptr);
	free(e);
}

static void drop(struct jwt_cache *c, struct jwt_entry *e)
{
	assert(c->bytes >= e->text.len);
	map_remove(&c->by_text, e->text);
	list_remove(&e->link);
	c->bytes -= e->text.len;
	jwt_entry_put(e);
}

static void keep(struct jwt_cache *c, struct jwt_entry *e)
{
	if (e->text.len > JWT_CACHE_TOKEN_BYTES || list_linked(&e->link))
		return;
	while (!list_empty(&c->used) && (c->by_text.n >= JWT_CACHE_TOKENS || c->bytes + e->text.len > JWT_CACHE_BYTES))
		drop(c, CONTAINER_OF(c->used.prev, struct jwt_entry, link));
	e->refs++;
	map_set(&c->by_text, e->text, e);
	list_prepend(&c->used, &e->link);
	c->bytes += e->text.len;
}

static enum jwt_status entry_new(struct slice token, struct jwt_entry **ret)
{
	struct jwt_entry *e = NEW(struct jwt_entry);
	char *copy = mem_alloc(token.len + 1);
	enum jwt_status s;

	memcpy(copy, token.ptr, token.len);
	e->refs = 1;
	e->text = slice_make(copy, token.len);
	s = jwt_read(e->text, &e->jwt);
	if (s == JWT_OK)
		*ret = e;
	else
		jwt_entry_put(e);
	return s;
}

enum jwt_status jwt_cache_get(struct worker *w, struct slice token, struct jwt_entry **ret)
{
	struct jwt_cache *c = cache_of(w);
	struct jwt_entry *e;

	if (token.len > JWT_MAX_BYTES)
		return JWT_TOO_LONG;
	e = map_get(&c->by_text, token);
	if (!e)
		return entry_new(token, ret);
	list_remove(&e->link);
	list_prepend(&c->used, &e->link);
	e->refs++;
	*ret = e;
	return JWT_OK;
}

enum jwt_status jwt_cache_verify(struct worker *w, struct jwt_entry *e, const struct jwk_set *keys)
{
	enum jwt_status s;

	if (e->verified && memcmp(e->keys, jwk_set_id(keys), sizeof(e->keys)) == 0)
		return JWT_OK;
	s = jwk_set_verify(keys, &e->jwt);
	if (s != JWT_OK)
		return s;
	e->verified = true;
	memcpy(e->keys, jwk_set_id(keys), sizeof(e->keys));
	keep(cache_of(w), e);
	return JWT_OK;
}

void jwt_cache_free(struct jwt_cache *c)
{
	if (!c)
		return;
	while (!list_empty(&c->used))
		drop(c, CONTAINER_OF(c->used.next, struct jwt_entry, link));
	map_done(&c->by_text);
	free(c);
}
