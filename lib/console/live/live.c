/* Proxies by address; each has at most one fetch under way, and those who wait for it. */
#include "console/live/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "console/live/series.h"
#include "net/fetch.h"

struct proxy {
	struct list link; /* in live->proxies */
	struct live *live;
	char *ip;
	struct fetch *fetch;
	struct series *series;
	int64_t heard_ns, wanted_ns; /* the last answer or failure; the last question */
	char *why;                   /* the last answer was none; or NULL */
};

struct live_question {
	struct list link; /* in live->questions */
	struct live *live;
	void (*fn)(void *arg);
	void *arg;
	struct timer wait;
	size_t n;
	struct proxy *proxies[LIVE_PODS_MAX];
};

struct live {
	struct loop *loop;
	uint16_t port;
	struct fetcher *fetcher;
	struct series_groups *groups;
	struct list proxies, questions;
	size_t n_proxies;
	struct timer sweep;
};

struct live *live_new(struct loop *loop, uint16_t port)
{
	struct live *l = NEW(struct live);

	l->loop = loop;
	l->port = port;
	l->fetcher = fetcher_new(loop);
	l->groups = series_groups_new(LIVE_SERIES_MAX);
	list_init(&l->proxies);
	list_init(&l->questions);
	return l;
}

static void proxy_free(struct proxy *p)
{
	fetch_stop(p->fetch);
	series_free(p->series);
	list_remove(&p->link);
	p->live->n_proxies--;
	free(p->why);
	free(p->ip);
	free(p);
}

void live_forget(struct live_question *q)
{
	if (!q)
		return;
	timer_stop(&q->wait);
	list_remove(&q->link);
	free(q);
}

void live_free(struct live *l)
{
	if (!l)
		return;
	while (!list_empty(&l->questions))
		live_forget(LIST_FIRST(&l->questions, struct live_question, link));
	while (!list_empty(&l->proxies))
		proxy_free(LIST_FIRST(&l->proxies, struct proxy, link));
	timer_stop(&l->sweep);
	series_groups_free(l->groups);
	fetcher_free(l->fetcher);
	free(l);
}

/* ---- who is asked ---- */

static void on_sweep(struct timer *t)
{
	struct live *l = CONTAINER_OF(t, struct live, sweep);
	struct proxy *p, *next;

	LIST_EACH_SAFE (p, next, &l->proxies, link)
		if (loop_now_ns(l->loop) - p->wanted_ns >= LIVE_KEEP_MS * (int64_t)NS_PER_MS)
			proxy_free(p);
	if (!list_empty(&l->proxies))
		timer_start(l->loop, &l->sweep, LIVE_KEEP_MS, on_sweep);
}

static struct proxy *find(const struct live *l, const char *ip)
{
	struct proxy *p;

	LIST_EACH (p, &l->proxies, link)
		if (strcmp(p->ip, ip) == 0)
			return p;
	return NULL;
}

/* NULL: others look at as many as may be asked. */
static struct proxy *proxy_of(struct live *l, const char *ip)
{
	struct proxy *p = find(l, ip);

	if (p || l->n_proxies >= LIVE_PROXIES_MAX)
		return p;
	p = NEW(struct proxy);
	p->live = l;
	p->ip = mem_strdup(ip);
	p->series = series_new(l->groups);
	list_append(&l->proxies, &p->link);
	l->n_proxies++;
	if (!timer_active(&l->sweep))
		timer_start(l->loop, &l->sweep, LIVE_KEEP_MS, on_sweep);
	return p;
}

/* ---- answers ---- */

static bool is_answered(const struct live_question *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->proxies[i]->fetch)
			return false;
	return true;
}

static void tell(struct live_question *q)
{
	void (*fn)(void *arg) = q->fn;
	void *arg = q->arg;

	live_forget(q);
	fn(arg);
}

static void on_late(struct timer *t)
{
	tell(CONTAINER_OF(t, struct live_question, wait));
}

/* fn may take back other questions: after each the walk begins anew. */
static void tell_answered(struct live *l)
{
	struct live_question *q;

again:
	LIST_EACH (q, &l->questions, link)
		if (is_answered(q)) {
			tell(q);
			goto again;
		}
}

static void on_metrics(void *arg, struct slice body, const char *error)
{
	struct proxy *p = arg;

	p->fetch = NULL;
	p->heard_ns = loop_now_ns(p->live->loop);
	free(p->why);
	p->why = *error ? mem_strdup(error) : NULL;
	if (!*error)
		series_read(p->series, body, p->heard_ns);
	tell_answered(p->live);
}

/* ---- questions ---- */

static void ask(struct proxy *p)
{
	const bool v6 = strchr(p->ip, ':') != NULL;
	CLEANUP(freep)
	char *url = mem_printf("http://%s%s%s:%u/stats/prometheus", v6 ? "[" : "", p->ip, v6 ? "]" : "", p->live->port);

	p->fetch = fetch_start(p->live->fetcher, &(struct fetch_params){
							 .url = url,
							 .max_bytes = LIVE_ANSWER_MAX_BYTES,
							 .timeout_ms = LIVE_TIMEOUT_MS,
							 .may_reach = fetch_not_local,
							 .stay = true,
							 .on_done = on_metrics,
							 .arg = p,
						 });
}

struct live_question *live_ask(struct live *l, const struct live_pod *pods, size_t n, void (*fn)(void *arg), void *arg)
{
	struct live_question *q = NEW(struct live_question);

	q->live = l;
	q->fn = fn;
	q->arg = arg;
	list_append(&l->questions, &q->link);
	for (size_t i = 0; i < MIN(n, LIVE_PODS_MAX); i++) {
		struct addr a;
		struct proxy *p = addr_parse(slice_str(pods[i].ip), l->port, &a) == 0 ? proxy_of(l, pods[i].ip) : NULL;

		if (!p)
			continue;
		p->wanted_ns = loop_now_ns(l->loop);
		if (!p->fetch && (!p->heard_ns || p->wanted_ns - p->heard_ns >= LIVE_FRESH_NS))
			ask(p);
		q->proxies[q->n++] = p;
	}
	timer_start(l->loop, &q->wait, is_answered(q) ? 0 : LIVE_WAIT_MS, on_late);
	return q;
}

/* ---- what is known ---- */

enum live_state live_state_of(const struct live *l, const struct live_pod *pod, const char **ret_why)
{
	const struct proxy *p = find(l, pod->ip);

	*ret_why = p && p->why ? p->why : p ? "" : "as many proxies as may be asked are looked at by others";
	if (!p || p->why)
		return p ? LIVE_LOST : LIVE_NEW;
	return series_span_s(p->series) > 0 ? LIVE_KNOWN : LIVE_NEW;
}

bool live_certificate(const struct live *l, const struct live_pod *pod, int64_t *ret_s)
{
	const struct proxy *p = find(l, pod->ip);

	return p && series_certificate(p->series, ret_s);
}

size_t live_add(struct live *l, const struct live_pod *pods, size_t n, struct graph *g)
{
	size_t left_out;

	for (size_t i = 0; i < n; i++) {
		const struct proxy *p = find(l, pods[i].ip);

		if (p && !p->why)
			series_sum(p->series);
	}
	series_graph(l->groups, g);
	(void)series_groups_count(l->groups, &left_out);
	return left_out;
}
