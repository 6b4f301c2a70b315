/*
 * Each wanted kind is a row. A row that asks waits for the resource list of one of its versions; kinds of the same
 * group and version share one call.
 *
 *   want --> asking versions[0] --lists it--> SERVED_YES <--doubt-- (asks again from versions[0])
 *               |  ^                             |
 *               |  '--- versions[n+1] <--404, or not in the list
 *               '--------- no version left --> SERVED_NO --SERVED_LOOK_MS--> asks again
 */
#include "kube/served.h"

#include "api/kind.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "kube/away.h"
#include "kube/client.h"
#include "msg/json.h"
#include "net/loop.h"

struct row {
	const struct api_kind *kind;
	enum served_state state;
	const char *version; /* SERVED_YES: in which it is served */
	bool asking;
	unsigned at; /* the version that is asked for */
};

/* A resource list that is being fetched. */
struct ask {
	struct list link;
	struct served *served;
	struct kube_call *call;
	const char *group, *version; /* of a kind */
};

struct served {
	struct loop *loop;
	struct kube_client *client;
	VEC(struct row) rows;
	struct list asks, watches;
	struct task task;   /* starts calls for the rows that ask */
	struct timer timer; /* asks again for what is absent, or had no answer */
	struct kube_back back;
};

static struct row *row_of(const struct served *s, const struct api_kind *kind)
{
	for (size_t i = 0; i < s->rows.n; i++)
		if (s->rows.v[i].kind == kind)
			return &s->rows.v[i];
	return NULL;
}

static bool same_list(const struct row *r, const struct ask *a)
{
	return !strcmp(r->kind->group, a->group) && !strcmp(r->kind->versions[r->at], a->version);
}

static void tell(struct served *s, const struct api_kind *kind)
{
	struct served_watch *w, *tmp;

	LIST_EACH_SAFE (w, tmp, &s->watches, link)
		if (!w->kind || w->kind == kind)
			w->fn(w, kind);
}

/* version NULL: in none. Rows may move while it is told. */
static void settle(struct served *s, struct row *r, const char *version)
{
	const struct api_kind *kind = r->kind;
	const enum served_state state = version ? SERVED_YES : SERVED_NO;
	const bool same = r->state == state && (!version || !strcmp(r->version, version));
	const bool usual = r->state == SERVED_UNKNOWN && version == kind->versions[0];

	r->asking = false;
	r->state = state;
	r->version = version;
	if (same)
		return;
	if (version)
		kube_client_set_version(s->client, kind, version);
	log_write(usual ? LOG_DEBUG : LOG_INFO, "kube", "%s (%s) is %s%s", kind->kind,
		  *kind->group ? kind->group : "core", version ? "served in " : "not served by this cluster",
		  version ? version : "");
	tell(s, kind);
}

/* Looks again some time for what has no answer, or is absent. */
static void look_later(struct served *s, int64_t after_ms);

static bool listed(const cJSON *resources, const struct api_kind *kind)
{
	const cJSON *r;

	cJSON_ArrayForEach(r, json_get(resources, "resources"))
	{
		const char *name = json_str(r, "name");

		if (name && !strcmp(name, kind->plural))
			return true;
	}
	return false;
}

/* resources NULL: nobody serves that group in that version. */
static void take_list(struct served *s, const struct ask *a, const cJSON *resources)
{
	for (size_t i = 0; i < s->rows.n; i++) {
		struct row *r = &s->rows.v[i];

		if (!r->asking || !same_list(r, a))
			continue;
		if (listed(resources, r->kind))
			settle(s, r, r->kind->versions[r->at]);
		else if (!r->kind->versions[r->at + 1])
			settle(s, r, NULL);
		else
			r->at++;
	}
}

static void start(struct task *t);

static void on_list(void *arg, struct kube_result *res)
{
	struct ask *a = arg;
	struct served *s = a->served;

	list_remove(&a->link);
	if (res->reason == KUBE_OK || res->reason == KUBE_NOT_FOUND) {
		take_list(s, a, res->reason == KUBE_OK ? res->body : NULL);
		task_defer(s->loop, &s->task, start);
		look_later(s, SERVED_LOOK_MS);
	} else {
		log_debug("kube", "%s; trying again", res->err.msg);
		look_later(s, SERVED_RETRY_MS);
	}
	free(a);
}

static bool under_way(const struct served *s, const struct row *r)
{
	const struct ask *a;

	LIST_EACH (a, &s->asks, link)
		if (same_list(r, a))
			return true;
	return false;
}

static void start_ask(struct served *s, const struct row *r)
{
	struct ask *a = NEW(struct ask);
	CLEANUP(freep)
	char *path = mem_printf("/api%s/%s%s%s", *r->kind->group ? "s" : "", r->kind->group, *r->kind->group ? "/" : "",
				r->kind->versions[r->at]);
	const struct kube_request req = {.verb = KUBE_GET, .path = path};

	*a = (struct ask){.served = s, .group = r->kind->group, .version = r->kind->versions[r->at]};
	list_append(&s->asks, &a->link);
	a->call = kube_call_start(s->client, &req, on_list, a);
}

static void start(struct task *t)
{
	struct served *s = CONTAINER_OF(t, struct served, task);

	for (size_t i = 0; i < s->rows.n; i++)
		if (s->rows.v[i].asking && !under_way(s, &s->rows.v[i]))
			start_ask(s, &s->rows.v[i]);
}

static void ask_for(struct served *s, struct row *r)
{
	if (!r->asking) {
		r->asking = true;
		r->at = 0;
	}
	task_defer(s->loop, &s->task, start);
}

static void on_look(struct timer *t)
{
	struct served *s = CONTAINER_OF(t, struct served, timer);

	for (size_t i = 0; i < s->rows.n; i++)
		if (s->rows.v[i].asking || s->rows.v[i].state == SERVED_NO)
			ask_for(s, &s->rows.v[i]);
}

static void look_later(struct served *s, int64_t after_ms)
{
	bool any = false;

	for (size_t i = 0; i < s->rows.n; i++)
		any |= s->rows.v[i].asking || s->rows.v[i].state == SERVED_NO;
	if (any && !timer_active(&s->timer))
		timer_start(s->loop, &s->timer, after_ms, on_look);
}

static void on_back(struct kube_back *b)
{
	struct served *s = CONTAINER_OF(b, struct served, back);

	timer_start(s->loop, &s->timer, 0, on_look);
}

struct served *served_new(struct loop *l, struct kube_client *c)
{
	struct served *s = NEW(struct served);

	s->loop = l;
	s->client = c;
	list_init(&s->asks);
	list_init(&s->watches);
	s->back.fn = on_back;
	kube_back_start(c, &s->back);
	return s;
}

void served_free(struct served *s)
{
	if (!s)
		return;
	kube_back_stop(&s->back);
	while (!list_empty(&s->asks)) {
		struct ask *a = LIST_FIRST(&s->asks, struct ask, link);

		kube_call_cancel(a->call);
		list_remove(&a->link);
		free(a);
	}
	while (!list_empty(&s->watches))
		served_unsubscribe(LIST_FIRST(&s->watches, struct served_watch, link));
	task_cancel(&s->task);
	timer_stop(&s->timer);
	vec_done(&s->rows);
	free(s);
}

void served_want(struct served *s, const struct api_kind *kind)
{
	if (row_of(s, kind))
		return;
	vec_push(&s->rows, (struct row){.kind = kind});
	ask_for(s, &s->rows.v[s->rows.n - 1]);
}

void served_doubt(struct served *s, const struct api_kind *kind)
{
	struct row *r = row_of(s, kind);

	if (r)
		ask_for(s, r);
}

enum served_state served_state(const struct served *s, const struct api_kind *kind)
{
	const struct row *r = row_of(s, kind);

	return r ? r->state : SERVED_UNKNOWN;
}

bool served_settled(const struct served *s)
{
	for (size_t i = 0; i < s->rows.n; i++)
		if (s->rows.v[i].state == SERVED_UNKNOWN)
			return false;
	return true;
}

size_t served_absent_count(const struct served *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rows.n; i++)
		n += s->rows.v[i].state == SERVED_NO;
	return n;
}

const struct api_kind *served_absent_at(const struct served *s, size_t at)
{
	for (size_t i = 0; i < s->rows.n; i++)
		if (s->rows.v[i].state == SERVED_NO && at-- == 0)
			return s->rows.v[i].kind;
	return NULL;
}

void served_subscribe(struct served *s, struct served_watch *w)
{
	served_unsubscribe(w);
	list_append(&s->watches, &w->link);
}

void served_unsubscribe(struct served_watch *w)
{
	list_remove(&w->link);
}
