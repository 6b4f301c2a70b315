/* Notes by the object's key; a key has one at most. */
#include "kube/written_internal.h"

#include "api/kind.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/mem.h"

struct written_note {
	uint64_t hash;
	char *version; /* "" = none */
	size_t key_len;
	char key[];
};

static void note_free(struct written_note *n)
{
	free(n->version);
	free(n);
}

void written_done(struct written *w)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&w->notes, &i));)
		note_free(e->value);
	map_done(&w->notes);
}

uint64_t written_hash(const cJSON *status)
{
	CLEANUP(freep) char *text = cJSON_PrintUnformatted(status);

	return hash_bytes(slice_str(text));
}

static void key_text(const struct store_key *key, struct buf *out)
{
	buf_printf(out, "%s.%s %s/%s", key->kind->plural, key->kind->group, key->ns ? key->ns : "", key->name);
}

void written_set(struct written *w, const struct store_key *key, uint64_t hash, const char *version)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct written_note *n, *old;

	key_text(key, &text);
	n = mem_alloc(sizeof(*n) + text.len);
	n->hash = hash;
	n->version = mem_strdup(version ? version : "");
	n->key_len = text.len;
	memcpy(n->key, text.ptr, text.len);
	old = map_set(&w->notes, slice_make(n->key, n->key_len), n);
	if (old)
		note_free(old);
}

bool written_has(struct written *w, const struct store_key *key, uint64_t hash, const char *version)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct written_note *n;

	key_text(key, &text);
	n = map_get(&w->notes, buf_slice(&text));
	if (!n)
		return false;
	if (!strcmp(n->version, version ? version : ""))
		return n->hash == hash;
	note_free(map_remove(&w->notes, buf_slice(&text)));
	return false;
}
