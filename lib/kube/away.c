/* Probing: one call at a time, only after something else had no answer. */
#include "kube/away_internal.h"

#include "base/clock.h"
#include "base/log.h"

static void start_probe(struct away *a);

static void on_timer(struct timer *t)
{
	start_probe(CONTAINER_OF(t, struct away, timer));
}

/* A refusal is an answer, too: not everybody may ask for readiness. */
static bool answered(const struct kube_result *r)
{
	return r->status > 0 && r->status < 500;
}

static void came_back(struct away *a)
{
	struct kube_back *b, *tmp;

	if (!a->away)
		return;
	a->away = false;
	log_info("kube", "the API server answers again, after %lld ms",
		 (long long)((loop_now_ns(a->loop) - a->since_ns) / NS_PER_MS));
	LIST_EACH_SAFE (b, tmp, &a->waiting, link)
		b->fn(b);
}

static void on_probed(void *arg, struct kube_result *r)
{
	struct away *a = arg;

	a->probe = NULL;
	if (answered(r)) {
		came_back(a);
		return;
	}
	if (!a->away) {
		a->away = true;
		a->since_ns = loop_now_ns(a->loop);
		log_warn("kube", "the API server does not answer: %s; it is asked every %d ms", r->err.msg,
			 AWAY_PROBE_MS);
	}
	timer_start(a->loop, &a->timer, AWAY_PROBE_MS, on_timer);
}

static void start_probe(struct away *a)
{
	const struct kube_request req = {.verb = KUBE_GET, .path = "/readyz", .timeout_ms = AWAY_PROBE_TIMEOUT_MS};

	a->probe = kube_call_start(a->client, &req, on_probed, a);
}

void away_init(struct away *a, struct loop *l, struct kube_client *c)
{
	*a = (struct away){.loop = l, .client = c};
	list_init(&a->waiting);
}

void away_done(struct away *a)
{
	while (!list_empty(&a->waiting))
		list_remove(&LIST_FIRST(&a->waiting, struct kube_back, link)->link);
	kube_call_cancel(a->probe);
	a->probe = NULL;
	timer_stop(&a->timer);
}

void away_note(struct away *a, const struct kube_result *r)
{
	if (a->probe || timer_active(&a->timer))
		return;
	if (r->reason == KUBE_NETWORK || r->status > 500)
		start_probe(a);
}

void kube_back_stop(struct kube_back *b)
{
	list_remove(&b->link);
}
