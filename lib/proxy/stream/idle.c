/*
 * Exchanges in which nothing moves. Their connection has one timer for all of them, which runs on from one exchange to
 * the next: it is looked at what is over when it fires, so a request costs no timer of its own. Those whose client is
 * served, and whose upstream is not through yet, are the worker's.
 */
#include "proxy/stream/stream_internal.h"

/* The one that is given up first when nothing moves; NULL = none has a limit. */
static struct stream *first_due(const struct list *streams, int64_t now_ns, int64_t *ret_left_ns)
{
	struct stream *s, *first = NULL;

	LIST_EACH (s, streams, link) {
		const int64_t left_ns = s->active_ns + s->idle_limit_ns - now_ns;

		if (!s->idle_limit_ns || (first && left_ns >= *ret_left_ns))
			continue;
		first = s;
		*ret_left_ns = left_ns;
	}
	return first;
}

/* Its connection may be gone afterwards. */
static void give_up(struct stream *s)
{
	s->idle_limit_ns = 0;
	if (!stream_answered(s)) {
		stream_reply(s, OUTCOME_IDLE_TIMEOUT);
		return;
	}
	s->flags |= FLAG_SI;
	s->outcome = OUTCOME_IDLE_TIMEOUT;
	stream_cut(s);
}

static void look(const struct list *streams, struct timer *t, void (*on_due)(struct timer *t))
{
	struct loop *l = t->loop;
	struct stream *s;
	int64_t left_ns = 0;

	while ((s = first_due(streams, loop_now_ns(l), &left_ns)) && left_ns <= 0)
		give_up(s);
	if (s)
		timer_start_ns(l, t, left_ns, on_due);
}

static void on_due(struct timer *t)
{
	look(&CONTAINER_OF(t, struct down, idle_streams)->streams, t, on_due);
}

static void on_leaving_due(struct timer *t)
{
	look(&CONTAINER_OF(t, struct worker, idle_leaving)->leaving, t, on_leaving_due);
}

/* One that runs and fires no later does for this exchange, too. */
static void watch(const struct stream *s, struct timer *t, void (*fn)(struct timer *t))
{
	struct loop *l = s->worker->loop;

	if (s->idle_limit_ns && (!timer_active(t) || (int64_t)t->node.key > loop_now_ns(l) + s->idle_limit_ns))
		timer_start_ns(l, t, s->idle_limit_ns, fn);
}

void stream_set_idle(struct stream *s, int64_t limit_ns)
{
	s->idle_limit_ns = limit_ns;
	watch(s, &s->conn->idle_streams, on_due);
}

void stream_watch_leaving(struct stream *s)
{
	list_append(&s->worker->leaving, &s->link);
	watch(s, &s->worker->idle_leaving, on_leaving_due);
}

void stream_half_closed(struct stream *s)
{
	if (s->state != STREAM_ENDED && (!s->idle_limit_ns || s->idle_limit_ns > STREAM_HALF_CLOSED_NS))
		stream_set_idle(s, STREAM_HALF_CLOSED_NS);
}
