/*
 *   nothing -> fetching -> kept -(keep_ns)-> fetching, while the old ones still serve where that is allowed
 *                       -> failed -(again_ns)-> nothing
 */
#include "proxy/filter/jwt_keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "proxy/upstream/side_call.h"

struct source {
	uint8_t id[JWK_SET_ID_BYTES];
	struct worker *worker;
	struct jwk_set *keys; /* NULL = none */
	struct side_call *call;
	struct list waiting;
	int64_t fetched_ns, failed_ns; /* failed_ns 0 = the last time went well */
};

struct jwt_keys {
	struct map by_id;
};

static void source_free(struct source *s)
{
	side_call_cancel(s->call);
	jwk_set_free(s->keys);
	free(s);
}

void jwt_keys_free(struct jwt_keys *k)
{
	struct map_entry *e;

	if (!k)
		return;
	for (size_t i = 0; (e = map_next(&k->by_id, &i));)
		source_free(e->value);
	map_done(&k->by_id);
	free(k);
}

void jwt_wait_cancel(struct jwt_wait *w)
{
	list_remove(&w->link);
}

/* ---- fetching ---- */

static void wake_all(struct source *s)
{
	struct list woken;

	/* Who asks again inside is not woken twice. */
	list_init(&woken);
	while (!list_empty(&s->waiting)) {
		struct jwt_wait *w = LIST_FIRST(&s->waiting, struct jwt_wait, link);

		list_remove(&w->link);
		list_append(&woken, &w->link);
	}
	while (!list_empty(&woken)) {
		struct jwt_wait *w = LIST_FIRST(&woken, struct jwt_wait, link);

		list_remove(&w->link);
		w->fn(w);
	}
}

static void on_answer(void *arg, const struct side_answer *a)
{
	struct source *s = arg;
	struct jwk_set *keys = NULL;

	s->call = NULL;
	if (a->outcome == OUTCOME_OK && a->head->status == 200)
		(void)jwk_set_parse(a->body, &keys, NULL);
	s->failed_ns = keys ? 0 : loop_now_ns(s->worker->loop);
	if (keys) {
		jwk_set_free(s->keys);
		s->keys = keys;
		s->fetched_ns = loop_now_ns(s->worker->loop);
	}
	wake_all(s);
}

static void fetch(struct source *s, struct worker_config *wc, const struct jwt_remote *from)
{
	const struct side_params p = {.timeout_ns = from->timeout_ns,
				      .max_answer_bytes = JWK_SET_MAX_BYTES,
				      .on_answer = on_answer,
				      .arg = s};
	struct http_head *h;

	s->call = side_call_new(s->worker, wc, from->cluster.slot);
	h = side_call_head(s->call);
	h->method = SLICE("GET");
	h->method_id = HTTP_GET;
	h->target = side_call_copy(s->call, from->path);
	http_add(h, SLICE("host"), side_call_copy(s->call, from->host));
	side_call_send(s->call, slice_make("", 0), &p);
}

/* ---- finding ---- */

static void forget_idle(struct jwt_keys *k)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&k->by_id, &i));) {
		struct source *s = e->value;

		if (s->call)
			continue;
		map_remove(&k->by_id, e->key);
		source_free(s);
	}
}

static struct source *source_of(struct worker *w, const struct jwt_remote *from)
{
	const struct slice id = slice_make((const char *)from->id, sizeof(from->id));
	struct source *s;

	if (!w->keys)
		w->keys = NEW(struct jwt_keys);
	s = map_get(&w->keys->by_id, id);
	if (s)
		return s;
	if (w->keys->by_id.n >= JWT_KEYS_SOURCES)
		forget_idle(w->keys);
	s = NEW(struct source);
	s->worker = w;
	list_init(&s->waiting);
	memcpy(s->id, from->id, sizeof(s->id));
	map_set(&w->keys->by_id, slice_make((const char *)s->id, sizeof(s->id)), s);
	return s;
}

const struct jwk_set *jwt_keys_get(struct worker *w, struct worker_config *wc, const struct jwt_remote *from,
				   struct jwt_wait *wait, bool *ret_failed)
{
	struct source *s = source_of(w, from);
	const int64_t now = loop_now_ns(w->loop);
	const bool old = !s->keys || now - s->fetched_ns >= from->keep_ns;
	const bool again = !s->failed_ns || now - s->failed_ns >= from->again_ns;

	if (old && again && !s->call)
		fetch(s, wc, from);
	/* Old ones serve only where a fetch in the background was asked for. */
	if (s->keys && (!old || (from->early && now - s->fetched_ns < from->keep_ns + JWT_KEYS_OLD_NS)))
		return s->keys;
	*ret_failed = !s->call;
	if (s->call) {
		assert(!list_linked(&wait->link));
		list_append(&s->waiting, &wait->link);
	}
	return NULL;
}
