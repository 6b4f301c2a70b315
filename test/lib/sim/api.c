/*
 * The API server: objects and their history are cluster_objects.h's; here they are served to the clients of replicas,
 * call by call and byte by byte, and here it goes wrong.
 *
 *   ARRIVING --(carried out)--> ANSWERING --(bytes)--> over         a watch stays ANSWERING, behind the history
 *
 * As an API server does it: versions are one counter; a watch from a version before the oldest known one gets 410; one
 * from a version that is not reached yet (the past came back) is silent until it is.
 */
#include "sim.h"

#include "base/clock.h"
#include "base/vec.h"
#include "cluster_objects.h"
#include "kube/client_internal.h"
#include "kube/client_state_internal.h"

#define SILENCE_MS 15000 /* of a broken connection, until it is noticed */
#define BOOKMARK_PERCENT 5

struct sim_api_faults sim_api_faults;

enum call_state { CALL_ARRIVING, CALL_ANSWERING };

struct sim_call {
	struct list link;
	struct kube_call *call;
	int replica;           /* whose it is */
	struct timer timer;    /* the next thing that happens to it */
	struct timer deadline; /* its client's patience */
	enum call_state state;
	bool lost;   /* the answer is */
	bool unsaid; /* it never arrives */
	int status;
	struct buf answer;
	/* of a watch */
	const struct api_kind *kind;
	char ns[64];
	int version;    /* what it was told */
	int64_t lag_ms; /* more than usual */
};

static struct carrier {
	struct kube_transport t;
	int replica;
	bool cut;
	struct list calls;
} carriers[SIM_REPLICAS];

static struct {
	int compacted; /* watches begin behind it */
	int64_t away_until_ns;
	unsigned writes;
} api;

/* ---- ends of calls ---- */

static void finish(struct sim_call *c, int status, const char *why)
{
	kube_call_finish(c->call, status, 0, why); /* stop() frees c */
}

static void on_patience(struct timer *t)
{
	finish(CONTAINER_OF(t, struct sim_call, deadline), 0, "Timeout was reached");
}

static void on_broken(struct timer *t)
{
	struct sim_call *c = CONTAINER_OF(t, struct sim_call, timer);

	finish(c, c->state == CALL_ANSWERING ? c->status : 0, "Recv failure: Connection reset by peer");
}

static void break_after(struct sim_call *c, int64_t ms)
{
	timer_start(sim_loop, &c->timer, ms, on_broken);
}

/* Gives the first n bytes; false: the client does not want more and the call is gone, or is to be ended. */
static bool give(struct sim_call *c, size_t n)
{
	struct kube_call *call = c->call;
	char *bytes = mem_alloc(n + 1);
	bool wanted;

	memcpy(bytes, c->answer.ptr, n);
	buf_consume(&c->answer, n);
	wanted = kube_call_take(call, c->status, slice_make(bytes, n));
	free(bytes);
	if (!wanted && !call->cancelled)
		finish(c, c->status, "the answer is no good");
	return wanted;
}

/* ---- what is asked ---- */

static void read_call(const struct kube_call *call, struct kube_asked *a)
{
	assert_int_equal(0, kube_call_asked(call, a, NULL));
	if (a->req.field_manager)
		a->req.field_manager = "istiod";
}

/* ---- what is answered ---- */

static const struct {
	enum kube_reason reason;
	int status;
	const char *name;
} statuses[] = {
	{KUBE_OK, 200, "OK"},
	{KUBE_NOT_FOUND, 404, "NotFound"},
	{KUBE_ALREADY_EXISTS, 409, "AlreadyExists"},
	{KUBE_CONFLICT, 409, "Conflict"},
	{KUBE_INVALID, 422, "Invalid"},
	{KUBE_GONE, 410, "Expired"},
	{KUBE_TOO_MANY_REQUESTS, 429, "TooManyRequests"},
	{KUBE_REASON_OTHER, 500, "InternalError"},
	{KUBE_NETWORK, 503, "ServiceUnavailable"},
};

static void print(struct buf *out, const cJSON *j)
{
	char *text = cJSON_PrintUnformatted(j);

	buf_append_str(out, text);
	cJSON_free(text);
}

static cJSON *status_object(size_t i)
{
	cJSON *s = cJSON_CreateObject();

	cJSON_AddStringToObject(s, "kind", "Status");
	cJSON_AddStringToObject(s, "apiVersion", "v1");
	cJSON_AddStringToObject(s, "status", "Failure");
	cJSON_AddStringToObject(s, "reason", statuses[i].name);
	cJSON_AddStringToObject(s, "message", "it is so");
	cJSON_AddNumberToObject(s, "code", statuses[i].status);
	return s;
}

/* Body (taken over) with KUBE_OK, else a Status. */
static void answer(struct sim_call *c, enum kube_reason reason, cJSON *body)
{
	CLEANUP(json_freep) cJSON *own = body;
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(statuses) && statuses[i].reason != reason)
		i++;
	c->status = statuses[i].status;
	if (reason != KUBE_OK) {
		cJSON_Delete(own);
		own = status_object(i);
	}
	if (own)
		print(&c->answer, own);
}

/* A token "ns/sa" is that service account's. */
static cJSON *token_review(const cJSON *body)
{
	const char *token = json_str(body, "spec.token"), *slash = token ? strchr(token, '/') : NULL;
	CLEANUP(freep) char *text = NULL;

	text = slash ? mem_printf("{\"status\":{\"authenticated\":true,\"audiences\":[\"istio-ca\"],\"user\":{"
				  "\"username\":\"system:serviceaccount:%.*s:%s\"}}}",
				  (int)(slash - token), token, slash + 1)
		     : mem_strdup("{\"status\":{\"authenticated\":false}}");
	return cJSON_Parse(text);
}

/* Rights of gateways: all may read secrets but those called "poor". */
static cJSON *access_review(const cJSON *body)
{
	const char *user = json_str(body, "spec.user");

	return cJSON_Parse(user && strstr(user, ":poor") ? "{\"status\":{\"allowed\":false}}"
							 : "{\"status\":{\"allowed\":true}}");
}

static int cmp_item(const void *a, const void *b)
{
	const cJSON *x = *(cJSON *const *)a, *y = *(cJSON *const *)b;
	const int c = strcmp(json_str_or_empty(x, "metadata.namespace"), json_str_or_empty(y, "metadata.namespace"));

	return c ? c : strcmp(json_str_or_empty(x, "metadata.name"), json_str_or_empty(y, "metadata.name"));
}

/* So many of the items from one on, in the order of names; true when there are more. */
static bool cut_page(cJSON *list, int from, int page)
{
	cJSON *items = cJSON_DetachItemFromObject(list, "items"), *kept = cJSON_AddArrayToObject(list, "items"), *one;
	VEC(cJSON *) all = {0};
	bool more;

	while ((one = items->child))
		vec_push(&all, cJSON_DetachItemViaPointer(items, one));
	cJSON_Delete(items);
	if (all.n)
		qsort(all.v, all.n, sizeof(all.v[0]), cmp_item);
	for (int i = 0; i < (int)all.n; i++)
		if (i >= from && i < from + page)
			cJSON_AddItemToArray(kept, all.v[i]);
		else
			cJSON_Delete(all.v[i]);
	more = (int)all.n > from + page;
	vec_done(&all);
	return more;
}

/* A page of a list as it was at one version: "VERSION.AT" goes on. */
static void answer_list(struct sim_call *c, const struct kube_asked *a)
{
	const int page = (int)sim_between(1, 12),
		  top = a->req.continue_token ? atoi(a->req.continue_token) : fake_kube.version;
	const int from = a->req.continue_token ? atoi(strchr(a->req.continue_token, '.') + 1) : 0;
	CLEANUP(json_freep) cJSON *list = NULL;

	if (a->req.continue_token && (top <= api.compacted || top > fake_kube.version)) {
		answer(c, KUBE_GONE, NULL);
		return;
	}
	cluster.shown = top == fake_kube.version ? 0 : top;
	list = cluster_list(&a->req);
	cluster.shown = 0;
	if (cut_page(list, from, page)) {
		char text[32];

		snprintf(text, sizeof(text), "%d.%d", top, from + page);
		cJSON_AddStringToObject(json_get(list, "metadata"), "continue", text);
	}
	answer(c, KUBE_OK, take(list));
}

static const char *name_asked(const struct kube_request *req)
{
	return cluster_name(req);
}

static void answer_write(struct sim_call *c, const struct kube_asked *a)
{
	const int before = fake_kube.version;

	enum kube_reason reason = cluster_write(&a->req);
	const cJSON *have = reason == KUBE_OK ? cluster_get(a->req.kind, a->req.ns, name_asked(&a->req)) : NULL;

	sim_note("api: replica %d: %s %s %s/%s%s%s: %s", c->replica, kube_verb_method(a->req.verb), a->req.kind->plural,
		 a->req.ns ? a->req.ns : "", name_asked(&a->req), a->req.subresource ? "/" : "",
		 a->req.subresource ? a->req.subresource : "", kube_reason_str(reason));
	api.writes += fake_kube.version != before && a->req.kind != &api_kind_lease;
	answer(c, reason, have ? cJSON_Duplicate((cJSON *)have, true) : NULL);
	sim_api_changed();
}

static void answer_asked(struct sim_call *c, const struct kube_asked *a)
{
	const struct kube_request *req = &a->req;

	if (!req->kind && !strcmp(req->path, "/readyz"))
		answer(c, KUBE_OK, NULL);
	else if (!req->kind)
		answer(c, KUBE_OK, fake_resources(req->path));
	else if (req->kind == &api_kind_token_review)
		answer(c, KUBE_OK, token_review(a->body));
	else if (req->kind == &api_kind_subject_access_review)
		answer(c, KUBE_OK, access_review(a->body));
	else if (req->kind == &api_kind_self_subject_access_review)
		answer(c, KUBE_OK, cJSON_Parse("{\"status\":{\"allowed\":true}}"));
	else if (req->verb == KUBE_LIST)
		answer_list(c, a);
	else if (req->verb == KUBE_GET) {
		const cJSON *have = cluster_get(req->kind, req->ns, req->name);

		answer(c, have ? KUBE_OK : KUBE_NOT_FOUND, have ? cJSON_Duplicate((cJSON *)have, true) : NULL);
	} else {
		answer_write(c, a);
	}
}

/* ---- answers on their way ---- */

static void on_answer(struct timer *t)
{
	struct sim_call *c = CONTAINER_OF(t, struct sim_call, timer);
	const size_t n = c->answer.len;

	if (n > 1 && sim_chance(10)) {
		if (give(c, (size_t)sim_between(1, (int64_t)n - 1)))
			timer_start(sim_loop, t, sim_between(0, 30), on_answer);
		return;
	}
	if (!n || give(c, n))
		finish(c, c->status, NULL);
}

static void on_watch(struct timer *t);

/* Changes that the watch has not been told. */
static const struct cluster_change *next_change(const struct sim_call *w)
{
	for (size_t i = cluster.log.n; i-- > 0;)
		if (cluster.log.v[i].version <= w->version) {
			for (i++; i < cluster.log.n; i++) {
				const struct cluster_change *c = &cluster.log.v[i];

				if (c->kind == w->kind && fake_is(c->object, c->kind, w->ns, NULL))
					return c;
			}
			return NULL;
		}
	return NULL;
}

static void add_event(struct sim_call *w, const char *type, const cJSON *object)
{
	buf_printf(&w->answer, "{\"type\":\"%s\",\"object\":", type);
	print(&w->answer, object);
	buf_append_str(&w->answer, "}\n");
}

static void add_bookmark(struct sim_call *w)
{
	CLEANUP(freep)
	char *text = mem_printf("{\"metadata\":{\"resourceVersion\":\"%d\"}}", fake_kube.version);
	CLEANUP(json_freep) cJSON *o = cJSON_Parse(text);

	w->version = fake_kube.version;
	add_event(w, "BOOKMARK", o);
}

/* What becomes of a watch when there is something to tell: true when that was its end. */
static bool watch_goes_wrong(struct sim_call *w)
{
	const struct sim_api_faults *f = &sim_api_faults;
	CLEANUP(json_freep) cJSON *gone = NULL;

	if (sim_chance(f->hush)) {
		sim_note("api: replica %d: watch of %s falls silent", w->replica, w->kind->plural);
		break_after(w, SILENCE_MS);
		return true;
	}
	if (sim_chance(f->gone)) {
		sim_note("api: replica %d: watch of %s is too old", w->replica, w->kind->plural);
		gone = status_object(5);
		buf_clear(&w->answer);
		add_event(w, "ERROR", gone);
		if (give(w, w->answer.len))
			finish(w, w->status, NULL);
		return true;
	}
	if (sim_chance(f->cut)) {
		const size_t n = (size_t)sim_between(1, (int64_t)w->answer.len);

		sim_note("api: replica %d: watch of %s ends after %zu of %zu bytes", w->replica, w->kind->plural, n,
			 w->answer.len);
		if (give(w, n))
			finish(w, w->status, sim_chance(50) ? NULL : "Recv failure: Connection reset by peer");
		return true;
	}
	return false;
}

/* Tells the watch what it was not told; events may come again, with those before them. */
static void on_watch(struct timer *t)
{
	struct sim_call *w = CONTAINER_OF(t, struct sim_call, timer);
	const struct cluster_change *c;

	if (sim_chance(sim_api_faults.repeats) && w->version > api.compacted)
		w->version = MAX(api.compacted, w->version - (int)sim_between(1, 20));
	while ((c = next_change(w))) {
		w->version = c->version;
		add_event(w, c->deleted ? "DELETED" : sim_chance(50) ? "ADDED" : "MODIFIED", c->object);
	}
	if (w->version < fake_kube.version && sim_chance(BOOKMARK_PERCENT))
		add_bookmark(w);
	if (!w->answer.len || watch_goes_wrong(w))
		return;
	if (sim_chance(20)) { /* in two pieces */
		if (give(w, (size_t)sim_between(1, (int64_t)w->answer.len)))
			timer_start(sim_loop, t, sim_between(1, 200), on_watch);
		return;
	}
	(void)give(w, w->answer.len);
}

static void tell_soon(struct sim_call *w)
{
	if (timer_active(&w->timer))
		return;
	if (!w->lag_ms && sim_chance(sim_api_faults.lags)) {
		w->lag_ms = sim_between(500, 20000);
		sim_note("api: replica %d: watch of %s is late by %lld ms", w->replica, w->kind->plural,
			 (long long)w->lag_ms);
	}
	timer_start(sim_loop, &w->timer, sim_between(0, 10) + w->lag_ms, on_watch);
}

static void begin_watch(struct sim_call *c, const struct kube_asked *a)
{
	const int from = atoi(a->req.resource_version);

	if (from < api.compacted) {
		answer(c, KUBE_GONE, NULL);
		timer_start(sim_loop, &c->timer, 1, on_answer);
		return;
	}
	c->status = 200;
	c->version = from;
	c->kind = a->req.kind;
	snprintf(c->ns, sizeof(c->ns), "%.60s", a->req.ns ? a->req.ns : "");
	tell_soon(c);
}

void sim_api_changed(void)
{
	cluster.age_s = 1 + loopback_now_ns() / NS_PER_S;
	for (size_t i = 0; i < SIM_REPLICAS; i++) {
		struct sim_call *c;

		LIST_EACH (c, &carriers[i].calls, link)
			if (c->state == CALL_ANSWERING && c->kind && next_change(c))
				tell_soon(c);
	}
}

/* ---- calls arrive ---- */

static bool is_write(const struct kube_asked *a)
{
	return a->req.kind && a->req.verb >= KUBE_CREATE && !(a->req.kind->flags & API_VIRTUAL);
}

/* A write that is refused for a while; KUBE_OK: it is not. */
static enum kube_reason refusal(const struct kube_asked *a)
{
	static const enum kube_reason reasons[] = {KUBE_CONFLICT, KUBE_REASON_OTHER, KUBE_NETWORK,
						   KUBE_TOO_MANY_REQUESTS};

	return is_write(a) && sim_chance(sim_api_faults.refused) ? reasons[sim_between(0, 3)] : KUBE_OK;
}

static void on_arrival(struct timer *t)
{
	struct sim_call *c = CONTAINER_OF(t, struct sim_call, timer);
	enum kube_reason reason;
	struct kube_asked a;

	if (c->unsaid)
		return;
	read_call(c->call, &a);
	c->state = CALL_ANSWERING;
	reason = refusal(&a);
	if (a.req.verb == KUBE_WATCH) {
		begin_watch(c, &a);
	} else {
		if (reason != KUBE_OK) {
			sim_note("api: replica %d: %s %s refused: %s", c->replica, c->call->method, a.req.path,
				 kube_reason_str(reason));
			answer(c, reason, NULL);
		} else {
			answer_asked(c, &a);
		}
		if (c->lost)
			sim_note("api: replica %d: the answer to %s %s is lost", c->replica, c->call->method,
				 a.req.path);
		timer_start(sim_loop, &c->timer,
			    sim_chance(sim_api_faults.slow) ? sim_between(1000, 40000) : sim_between(0, 8),
			    c->lost ? on_broken : on_answer);
	}
	kube_asked_done(&a);
}

static void on_call(struct kube_transport *t, struct kube_call *call)
{
	struct carrier *x = CONTAINER_OF(t, struct carrier, t);
	struct sim_call *c = NEW(struct sim_call);

	c->call = call;
	c->replica = x->replica;
	call->carrier = c;
	list_append(&x->calls, &c->link);
	timer_start(sim_loop, &c->deadline, call->timeout_ms + (call->watch ? KUBE_WATCH_GRACE_MS : 0), on_patience);
	if (x->cut) {
		timer_start(sim_loop, &c->deadline, KUBE_CONNECT_TIMEOUT_MS, on_patience);
		return;
	}
	if (loopback_now_ns() < api.away_until_ns) {
		break_after(c, sim_between(0, 5));
		return;
	}
	c->lost = sim_chance(sim_api_faults.lost);
	c->unsaid = sim_chance(sim_api_faults.silent) || (c->lost && sim_chance(30));
	if (c->unsaid && call->watch)
		break_after(c, SILENCE_MS);
	else if (c->lost && c->unsaid)
		break_after(c, sim_between(0, 3000));
	else
		timer_start(sim_loop, &c->timer, sim_between(0, 8), on_arrival);
}

static void on_stop(struct kube_transport *t, struct kube_call *call)
{
	struct sim_call *c = call->carrier;

	(void)t;
	timer_stop(&c->timer);
	timer_stop(&c->deadline);
	list_remove(&c->link);
	buf_done(&c->answer);
	free(c);
}

/* ---- from outside ---- */

struct kube_transport *sim_api_transport(int replica)
{
	return &carriers[replica].t;
}

void sim_api_start(void)
{
	memset(&api, 0, sizeof(api));
	memset(&sim_api_faults, 0, sizeof(sim_api_faults));
	for (int i = 0; i < SIM_REPLICAS; i++) {
		carriers[i] = (struct carrier){.t = {on_call, on_stop}, .replica = i};
		list_init(&carriers[i].calls);
	}
	cluster.age_s = 1;
}

void sim_api_stop(void)
{
	for (int i = 0; i < SIM_REPLICAS; i++)
		assert_true(list_empty(&carriers[i].calls));
}

/* Whoever is under way is cut off, soon. */
static void cut_off(struct carrier *x)
{
	struct sim_call *c;

	LIST_EACH (c, &x->calls, link)
		if (!x->cut)
			break_after(c, sim_between(0, 20));
		else
			break_after(c, SILENCE_MS);
}

void sim_api_away(int64_t ms)
{
	sim_note("api: nobody answers for %lld ms", (long long)ms);
	api.away_until_ns = MAX(api.away_until_ns, loopback_now_ns() + ms * NS_PER_MS);
	for (int i = 0; i < SIM_REPLICAS; i++)
		cut_off(&carriers[i]);
}

void sim_api_restore(int versions)
{
	const int to = MAX(fake_kube.version - versions, sim_mesh_first_version());

	sim_note("api: version %d is back, it was %d", to, fake_kube.version);
	cluster_rewind(to);
	api.compacted = to;
	sim_api_away(sim_between(1500, 8000));
}

void sim_api_compact(void)
{
	sim_note("api: what was before version %d is forgotten", fake_kube.version);
	api.compacted = fake_kube.version;
}

void sim_api_cut(int replica, bool cut)
{
	sim_note("api: replica %d %s", replica, cut ? "is cut off from it" : "reaches it");
	carriers[replica].cut = cut;
	if (cut)
		cut_off(&carriers[replica]);
}

void sim_api_heal(void)
{
	memset(&sim_api_faults, 0, sizeof(sim_api_faults));
	api.away_until_ns = 0;
	for (int i = 0; i < SIM_REPLICAS; i++) {
		struct sim_call *c;

		carriers[i].cut = false;
		LIST_EACH (c, &carriers[i].calls, link)
			c->lag_ms = 0;
	}
}

unsigned sim_api_writes(void)
{
	return api.writes;
}
