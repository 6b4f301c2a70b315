/* The work queue: two bits and a list per key; a timer per key for delays and back-off. */
#include "kube/queue.h"

#include <assert.h>

#include "api/kind.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "kube/away.h"
#include "net/loop.h"

struct queue_item {
	struct list link; /* in queue->ready */
	struct queue *queue;
	struct store_key key; /* strings are in text */
	struct timer timer;   /* a delay or a back-off */
	int64_t due_ns;       /* when the timer fires */
	unsigned failures;
	bool running, dirty;
	size_t text_len;
	char text[]; /* "kind\0ns\0name\0": the map's key */
};

struct queue {
	struct loop *loop;
	struct task task;
	struct list ready;
	struct map items;
	size_t parallel, running;
	queue_run_fn *run;
	void *arg;
	struct kube_back back;
};

/* Uniquely names a key; kinds are static, so their address does. */
static void key_text(struct buf *b, const struct store_key *key)
{
	buf_append(b, &key->kind, sizeof(key->kind));
	buf_append(b, key->ns ? key->ns : "", (key->ns ? strlen(key->ns) : 0) + 1);
	buf_append(b, key->name, strlen(key->name) + 1);
}

static struct queue_item *item_get(struct queue *q, const struct store_key *key, bool create)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct queue_item *item;

	key_text(&b, key);
	item = map_get(&q->items, buf_slice(&b));
	if (item || !create)
		return item;
	item = mem_alloc(sizeof(*item) + b.len);
	memcpy(item->text, b.ptr, b.len);
	item->text_len = b.len;
	item->queue = q;
	item->key.kind = key->kind;
	item->key.ns = item->text + sizeof(key->kind);
	item->key.name = item->key.ns + strlen(item->key.ns) + 1;
	map_set(&q->items, slice_make(item->text, b.len), item);
	return item;
}

static void item_free(struct queue_item *item)
{
	list_remove(&item->link);
	timer_stop(&item->timer);
	map_remove(&item->queue->items, slice_make(item->text, item->text_len));
	free(item);
}

static void on_task(struct task *t)
{
	struct queue *q = CONTAINER_OF(t, struct queue, task);

	while (q->running < q->parallel && !list_empty(&q->ready)) {
		struct queue_item *item = LIST_FIRST(&q->ready, struct queue_item, link);

		assert(!item->running);
		list_remove(&item->link);
		item->running = true;
		item->dirty = false;
		q->running++;
		q->run(q->arg, &item->key);
	}
}

static void item_ready(struct queue_item *item)
{
	struct queue *q = item->queue;

	timer_stop(&item->timer);
	if (item->running)
		item->dirty = true;
	else if (!list_linked(&item->link))
		list_append(&q->ready, &item->link);
	task_defer(q->loop, &q->task, on_task);
}

static void on_timer(struct timer *t)
{
	item_ready(CONTAINER_OF(t, struct queue_item, timer));
}

static void item_delay(struct queue_item *item, int64_t delay_ms)
{
	int64_t due_ns = loop_now_ns(item->queue->loop) + delay_ms * 1000000;

	if (timer_active(&item->timer) && item->due_ns <= due_ns)
		return;
	item->due_ns = due_ns;
	timer_start(item->queue->loop, &item->timer, delay_ms, on_timer);
}

static int64_t backoff_ms(unsigned failures)
{
	int64_t ms = (int64_t)QUEUE_BACKOFF_MIN_MS << MIN(failures, 20u);

	return MIN(ms, QUEUE_BACKOFF_MAX_MS);
}

struct queue *queue_new(struct loop *l, size_t parallel, queue_run_fn *run, void *arg)
{
	struct queue *q = NEW(struct queue);

	q->loop = l;
	q->parallel = parallel ? parallel : QUEUE_PARALLEL_DEFAULT;
	q->run = run;
	q->arg = arg;
	list_init(&q->ready);
	return q;
}

void queue_free(struct queue *q)
{
	struct map_entry *e;

	if (!q)
		return;
	for (size_t i = 0; (e = map_next(&q->items, &i));)
		item_free(e->value);
	map_done(&q->items);
	kube_back_stop(&q->back);
	task_cancel(&q->task);
	free(q);
}

void queue_add(struct queue *q, const struct store_key *key)
{
	item_ready(item_get(q, key, true));
}

void queue_add_after(struct queue *q, const struct store_key *key, int64_t delay_ms)
{
	struct queue_item *item = item_get(q, key, true);

	if (!list_linked(&item->link))
		item_delay(item, delay_ms);
}

void queue_done(struct queue *q, const struct store_key *key, enum queue_outcome outcome, int64_t after_ms)
{
	struct queue_item *item = item_get(q, key, false);

	if (!item || !item->running)
		return;
	assert(q->running > 0 && !list_linked(&item->link));
	q->running--;
	item->running = false;
	item->failures = outcome == QUEUE_RETRY ? item->failures + 1 : 0;
	if (item->dirty && outcome == QUEUE_OK)
		item_ready(item);
	else if (outcome == QUEUE_RETRY)
		item_delay(item, backoff_ms(item->failures - 1));
	else if (after_ms > 0)
		item_delay(item, after_ms);
	else if (!timer_active(&item->timer))
		item_free(item);
	task_defer(q->loop, &q->task, on_task);
}

static void on_back(struct kube_back *b)
{
	struct queue *q = CONTAINER_OF(b, struct queue, back);
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&q->items, &i));) {
		struct queue_item *item = e->value;

		if (item->failures && !item->running && timer_active(&item->timer))
			item_ready(item);
	}
}

void queue_follow(struct queue *q, struct kube_client *c)
{
	q->back.fn = on_back;
	kube_back_start(c, &q->back);
}

size_t queue_length(const struct queue *q)
{
	return q->items.n;
}
