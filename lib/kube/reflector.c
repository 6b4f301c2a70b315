/*
 * list (pages) -> replace in the store -> watch from the list's resourceVersion -> (ended in order: watch again | else:
 * list again). Objects of a list replace what this reflector brought before: it remembers the keys it brought.
 * An optional kind that is absent, or not known yet, is REFLECTOR_ABSENT until it appears; 404 casts doubt on it. What
 * namespaces that are wanted later hold is fetched by reflector_join.c.
 */
#include "api/object.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/reflector_internal.h"
#include "kube/store.h"
#include "msg/json.h"

static void start_list(struct reflector *r);
static void start_watch(struct reflector *r);

static void on_timer(struct timer *t)
{
	struct reflector *r = CONTAINER_OF(t, struct reflector, timer);

	if (r->resource_version)
		start_watch(r);
	else
		start_list(r);
}

/* Tries again after 0.8 s * 2^n up to the limit, half of it random. */
static void retry(struct reflector *r, int64_t at_least_ms)
{
	int64_t ms = (int64_t)REFLECTOR_BACKOFF_MIN_MS << MIN(r->failures, 10u);

	ms = MIN(ms, kube_client_away(r->client) ? REFLECTOR_AWAY_MAX_MS : REFLECTOR_BACKOFF_MAX_MS);
	ms = ms / 2 + rand_below(&r->rand, (uint32_t)(ms / 2) + 1);
	r->failures++;
	r->state = REFLECTOR_WAITING;
	timer_start(r->loop, &r->timer, MAX(ms, at_least_ms), on_timer);
}

void reflector_relist(struct reflector *r, int64_t at_least_ms)
{
	free(take(r->resource_version));
	free(take(r->continue_token));
	retry(r, at_least_ms);
}

static void set_text(char **to, const char *text)
{
	char *copy = mem_strdup(text);

	free(*to);
	*to = copy;
}

static void remember(struct reflector *r, const struct api_object *o)
{
	const char *ns = api_object_namespace(o), *name = api_object_name(o);
	size_t ns_len = strlen(ns) + 1, name_len = strlen(name) + 1;
	struct reflected *known, *item = mem_alloc(sizeof(*item) + ns_len + name_len);

	item->len = ns_len + name_len;
	memcpy(item->ns_name, ns, ns_len);
	memcpy(item->ns_name + ns_len, name, name_len);
	known = map_get(&r->known, slice_make(item->ns_name, item->len));
	if (known) {
		free(item);
		item = known;
	} else {
		map_set(&r->known, slice_make(item->ns_name, item->len), item);
	}
	item->seen = true;
}

static void forget(struct reflector *r, struct reflected *item)
{
	const char *name = item->ns_name + strlen(item->ns_name) + 1;

	map_remove(&r->known, slice_make(item->ns_name, item->len));
	store_remove(r->store, r->kind, item->ns_name, name);
	free(item);
}

static bool is_wanted(const struct reflector *r, const char *ns)
{
	return !r->wanted || r->wanted(r->wanted_arg, ns ? ns : "");
}

void reflector_put(struct reflector *r, const cJSON *json)
{
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (!is_wanted(r, json_str(json, "metadata.namespace")))
		return;
	if ((r->without ? api_object_from_json_without(r->kind, json, r->without, &o, &e)
			: api_object_from_json(r->kind, json, &o, &e)) < 0) {
		const char *ns = json_str(json, "metadata.namespace");
		const char *name = json_str(json, "metadata.name");

		log_warn("kube", "%s %s/%s cannot be decoded and is left out: %s", r->kind->kind, ns ? ns : "",
			 name ? name : "", e.msg);
		return;
	}
	remember(r, o);
	store_put(r->store, o);
}

static void drop(struct reflector *r, const cJSON *json)
{
	const char *ns = json_str(json, "metadata.namespace");
	const char *name = json_str(json, "metadata.name");
	CLEANUP(freep) char *text = NULL;
	struct reflected *item;
	size_t ns_len;

	if (!name)
		return;
	ns = ns ? ns : "";
	ns_len = strlen(ns) + 1;
	text = mem_alloc(ns_len + strlen(name) + 1);
	memcpy(text, ns, ns_len);
	memcpy(text + ns_len, name, strlen(name) + 1);
	item = map_get(&r->known, slice_make(text, ns_len + strlen(name) + 1));
	if (item)
		forget(r, item);
}

static void on_back(struct kube_back *b)
{
	struct reflector *r = CONTAINER_OF(b, struct reflector, back);

	r->failures = 0;
	if (r->state == REFLECTOR_WAITING)
		timer_start(r->loop, &r->timer, rand_below(&r->rand, REFLECTOR_BACK_SPREAD_MS), on_timer);
}

static void list_begin(struct reflector *r)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&r->known, &i));)
		((struct reflected *)e->value)->seen = false;
}

static void forget_unseen(struct reflector *r)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&r->known, &i));) {
		struct reflected *item = e->value;

		if (!item->seen)
			forget(r, item);
	}
}

static void set_synced(struct reflector *r)
{
	if (r->synced)
		return;
	r->synced = true;
	store_listed(r->store, r->kind);
}

static void list_end(struct reflector *r)
{
	forget_unseen(r);
	r->failures = 0;
	r->complained = r->forbidden = false;
	if (r->synced)
		store_relisted(r->store, r->kind);
	set_synced(r);
	start_watch(r);
	reflector_join_start(r);
}

static void list_failed(struct reflector *r, const struct kube_result *res)
{
	if (res->reason == KUBE_NOT_FOUND && r->served)
		served_doubt(r->served, r->kind);
	else
		log_write(r->complained || kube_client_away(r->client) ? LOG_DEBUG : LOG_WARN, "kube",
			  "cannot list %s: %s; trying again", r->kind->plural, res->err.msg);
	r->complained = true;
	r->forbidden = res->reason == KUBE_FORBIDDEN;
	if (r->spare && (r->forbidden || res->reason == KUBE_NOT_FOUND))
		set_synced(r);
	reflector_relist(r, res->retry_after_ms);
}

static void on_page(void *arg, struct kube_result *res)
{
	struct reflector *r = arg;
	const char *version = json_str(res->body, "metadata.resourceVersion");
	const char *more = json_str(res->body, "metadata.continue");
	const cJSON *item;

	r->call = NULL;
	if (res->reason != KUBE_OK || !version) {
		list_failed(r, res);
		return;
	}
	if (!r->continue_token)
		list_begin(r);
	cJSON_ArrayForEach(item, json_get(res->body, "items")) reflector_put(r, item);
	if (more && *more) {
		set_text(&r->continue_token, more);
		start_list(r);
		return;
	}
	free(take(r->continue_token));
	set_text(&r->resource_version, version);
	list_end(r);
}

static void start_list(struct reflector *r)
{
	struct kube_request req = {
		.verb = KUBE_LIST,
		.kind = r->kind,
		.ns = r->ns,
		.label_selector = r->label_selector,
		.field_selector = r->field_selector,
		.continue_token = r->continue_token,
	};

	if (!r->continue_token)
		reflector_join_stop(r); /* the list has them */
	r->state = REFLECTOR_LISTING;
	r->call = kube_call_start(r->client, &req, on_page, r);
}

static void on_event(void *arg, const cJSON *event)
{
	struct reflector *r = arg;
	const char *type = json_str(event, "type");
	const cJSON *object = json_get(event, "object");
	const char *version = json_str(object, "metadata.resourceVersion");

	if (!type || !strcmp(type, "ERROR") || !version) {
		r->watch_failed = true;
		return;
	}
	set_text(&r->resource_version, version);
	r->failures = 0;
	reflector_join_touch(r, object);
	if (!strcmp(type, "ADDED") || !strcmp(type, "MODIFIED"))
		reflector_put(r, object);
	else if (!strcmp(type, "DELETED"))
		drop(r, object);
}

static void on_watch_end(void *arg, struct kube_result *res)
{
	struct reflector *r = arg;

	r->call = NULL;
	if (res->reason != KUBE_OK)
		log_debug("kube", "watch of %s: %s", r->kind->plural, res->err.msg);
	if (r->watch_failed || res->reason != KUBE_OK) {
		/*
		 * Not where it broke off: the server may have come back from a backup, with its versions. From one that
		 * it has not reached again it would say nothing, for as long as that takes.
		 */
		reflector_relist(r, res->retry_after_ms);
		return;
	}
	if (!r->failures) {
		r->failures = 1; /* a server that ends every watch at once is not asked in a loop */
		start_watch(r);
		return;
	}
	retry(r, res->retry_after_ms);
}

static void start_watch(struct reflector *r)
{
	struct kube_request req = {
		.verb = KUBE_WATCH,
		.kind = r->kind,
		.ns = r->ns,
		.label_selector = r->label_selector,
		.field_selector = r->field_selector,
		.resource_version = r->resource_version,
		.timeout_ms = REFLECTOR_WATCH_MS + rand_below(&r->rand, REFLECTOR_WATCH_MS / 4),
		.on_event = on_event,
	};

	r->state = REFLECTOR_WATCHING;
	r->watch_failed = false;
	r->call = kube_call_start(r->client, &req, on_watch_end, r);
}

/* Optional kinds. */

static void become_absent(struct reflector *r)
{
	kube_call_cancel(take(r->call));
	reflector_join_stop(r);
	timer_stop(&r->timer);
	free(take(r->resource_version));
	free(take(r->continue_token));
	list_begin(r);
	forget_unseen(r);
	r->state = REFLECTOR_ABSENT;
	set_synced(r);
}

void reflector_list_now(struct reflector *r)
{
	kube_call_cancel(take(r->call));
	timer_stop(&r->timer);
	free(take(r->resource_version));
	free(take(r->continue_token));
	r->failures = 0;
	start_list(r);
}

static void on_presence(struct served_watch *w, const struct api_kind *kind)
{
	struct reflector *r = CONTAINER_OF(w, struct reflector, presence);

	if (served_state(r->served, kind) == SERVED_NO) {
		become_absent(r);
		return;
	}
	/* In another version, perhaps: what is under way is begun anew. */
	reflector_list_now(r);
}

static void inherit(struct reflector *r)
{
	const struct store_range all = store_list(r->store, r->kind, r->ns);

	for (size_t i = 0; i < all.n; i++)
		if (is_wanted(r, api_object_namespace(all.v[i])))
			remember(r, all.v[i]);
}

static void begin(struct reflector *r, struct served *served)
{
	r->served = served;
	if (!served) {
		start_list(r);
		return;
	}
	served_want(served, r->kind);
	r->presence = (struct served_watch){.kind = r->kind, .fn = on_presence};
	served_subscribe(served, &r->presence);
	if (served_state(served, r->kind) == SERVED_YES)
		start_list(r);
	else if (served_state(served, r->kind) == SERVED_NO)
		become_absent(r);
}

struct reflector *reflector_new(struct loop *l, struct kube_client *c, struct store *s,
				const struct reflector_options *o)
{
	struct reflector *r = NEW(struct reflector);

	r->loop = l;
	r->client = c;
	r->store = s;
	r->kind = o->kind;
	r->ns = mem_strdup(o->ns);
	r->label_selector = mem_strdup(o->label_selector);
	r->field_selector = mem_strdup(o->field_selector);
	r->wanted = o->wanted;
	r->wanted_arg = o->arg;
	r->without = o->without;
	r->spare = o->spare;
	list_init(&r->joins);
	rand_init(&r->rand);
	store_expect(s, o->kind);
	r->back.fn = on_back;
	kube_back_start(c, &r->back);
	if (o->inherit)
		inherit(r);
	begin(r, o->served);
	return r;
}

void reflector_free(struct reflector *r, bool forget_objects)
{
	struct map_entry *e;

	if (!r)
		return;
	kube_call_cancel(r->call);
	reflector_join_stop(r);
	timer_stop(&r->timer);
	kube_back_stop(&r->back);
	served_unsubscribe(&r->presence);
	if (!r->synced)
		store_listed(r->store, r->kind); /* nobody waits for it any longer */
	for (size_t i = 0; (e = map_next(&r->known, &i));) {
		struct reflected *item = e->value;

		if (forget_objects)
			forget(r, item);
		else
			free(item);
	}
	map_done(&r->known);
	free(r->ns);
	free(r->label_selector);
	free(r->field_selector);
	free(r->resource_version);
	free(r->continue_token);
	free(r);
}

void reflector_refilter(struct reflector *r)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&r->known, &i));) {
		struct reflected *item = e->value;

		if (!is_wanted(r, item->ns_name))
			forget(r, item);
	}
	reflector_join_refilter(r);
}

bool reflector_forbidden(const struct reflector *r)
{
	return r->forbidden;
}

bool reflector_synced(const struct reflector *r)
{
	return r->synced;
}
