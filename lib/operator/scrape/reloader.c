/* The config-reloader: a reflector of one ConfigMap, a file, and a POST that is repeated until it succeeds. */
#include "operator/scrape/reloader.h"

#include <stdlib.h>

#include "api/core/config.h"
#include "api/object.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/client.h"
#include "kube/reflector.h"
#include "kube/store.h"
#include "net/loop.h"
#include "operator/scrape/targets.h"

#define NAMESPACES_KEY "namespaces" /* one per line */
#define NAMESPACES_MAX 2000
#define TARGETS_DEBOUNCE_MS 200
#define RELOAD_RETRY_MS 1000
#define RELOAD_FILE_MAX_BYTES (4u << 20)

/* A namespace whose pods are watched. */
struct scraped {
	struct list link;
	char *ns;
	struct reflector *pods;
	bool wanted;
};

struct reloader {
	struct loop *loop;
	struct reloader_options options;
	struct store *store;
	struct store_watch watch;
	struct reflector *reflector;
	struct kube_client *server; /* whose configuration it is; NULL: none */
	struct kube_call *call;
	struct timer timer;
	bool dirty; /* written, but not yet reloaded */
	struct kube_client *api;
	struct list namespaces;
	struct timer debounce;
	struct task task;
	char *targets; /* as last written */
};

static void reload(struct reloader *r);

static void on_timer(struct timer *t)
{
	reload(CONTAINER_OF(t, struct reloader, timer));
}

static void on_reloaded(void *arg, struct kube_result *res)
{
	struct reloader *r = arg;

	r->call = NULL;
	/* The answer has no body that is JSON. */
	if (res->status >= 200 && res->status < 300) {
		log_info("reloader", "the server has read %s", r->options.file);
		if (r->dirty)
			reload(r);
		return;
	}
	log_debug("reloader", "%s; trying again", res->err.msg);
	r->dirty = true;
	timer_start(r->loop, &r->timer, RELOAD_RETRY_MS, on_timer);
}

static void reload(struct reloader *r)
{
	struct kube_request req = {.verb = KUBE_CREATE, .path = ""};

	if (!r->server || r->call)
		return;
	r->dirty = false;
	r->call = kube_call_start(r->server, &req, on_reloaded, r);
}

static bool same_file(const char *path, const char *text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	return file_read(path, RELOAD_FILE_MAX_BYTES, &b, NULL) == 0 && !strcmp(buf_str(&b), text);
}

/* Targets. */

static void on_debounced(struct timer *t)
{
	struct reloader *r = CONTAINER_OF(t, struct reloader, debounce);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	targets_print(r->store, &text);
	if (r->targets && !strcmp(r->targets, buf_str(&text)))
		return;
	if (file_write(r->options.targets_file, buf_slice(&text), 0644, &e) < 0) {
		log_error("reloader", "%s", e.msg);
		return;
	}
	free(r->targets);
	r->targets = buf_take_str(&text);
}

static void watch_namespace(struct reloader *r, struct slice ns)
{
	struct scraped *x;

	LIST_EACH (x, &r->namespaces, link) {
		if (slice_eq_str(ns, x->ns)) {
			x->wanted = true;
			return;
		}
	}
	x = NEW(struct scraped);
	x->ns = mem_printf("%.*s", SLICE_ARG(ns));
	x->wanted = true;
	x->pods = reflector_new(r->loop, r->api, r->store,
				&(struct reflector_options){.kind = &api_kind_pod, .ns = x->ns});
	list_append(&r->namespaces, &x->link);
}

static void scraped_free(struct scraped *x, bool forget)
{
	list_remove(&x->link);
	reflector_free(x->pods, forget);
	free(x->ns);
	free(x);
}

/* Runs outside of the store's announcements, because reflectors that end change the store. */
static void on_namespaces(struct task *t)
{
	struct reloader *r = CONTAINER_OF(t, struct reloader, task);
	const struct api_object *o = store_get(r->store, &api_kind_config_map, r->options.ns, r->options.config_map);
	const struct core_config_map *map = o ? API_VALUE(o, config_map, core_config_map) : NULL;
	struct slice rest = slice_str(map ? str_map_get(&map->data, NAMESPACES_KEY) : NULL);
	struct scraped *x, *tmp;
	size_t n = 0;

	LIST_EACH (x, &r->namespaces, link)
		x->wanted = false;
	while (rest.len && n++ < NAMESPACES_MAX) {
		struct slice ns = slice_trim(slice_split(&rest, '\n'));

		if (ns.len)
			watch_namespace(r, ns);
	}
	LIST_EACH_SAFE (x, tmp, &r->namespaces, link) {
		if (!x->wanted)
			scraped_free(x, true);
	}
}

static void on_change(struct store_watch *w, const struct store_key *key)
{
	struct reloader *r = CONTAINER_OF(w, struct reloader, watch);
	const struct api_object *o = store_get(r->store, &api_kind_config_map, r->options.ns, r->options.config_map);
	const struct core_config_map *map = o ? API_VALUE(o, config_map, core_config_map) : NULL;
	const char *text = map ? str_map_get(&map->data, r->options.key) : NULL;
	struct err e = ERR_INIT;

	if (key->kind == &api_kind_pod) {
		if (!timer_active(&r->debounce))
			timer_start(r->loop, &r->debounce, TARGETS_DEBOUNCE_MS, on_debounced);
		return;
	}
	if (!text)
		return;
	if (r->options.targets_file)
		task_defer(r->loop, &r->task, on_namespaces);
	if (!same_file(r->options.file, text)) {
		if (file_write(r->options.file, slice_str(text), 0644, &e) < 0) {
			log_error("reloader", "%s", e.msg);
			return;
		}
		log_info("reloader", "wrote %s", r->options.file);
		r->dirty = true;
		if (!r->call)
			timer_start(r->loop, &r->timer, 0, on_timer);
	}
	if (r->options.once)
		loop_stop(r->loop);
}

struct reloader *reloader_new(struct loop *l, struct kube_client *c, const struct reloader_options *o)
{
	struct reloader *r = NEW(struct reloader);
	CLEANUP(freep) char *selector = mem_printf("metadata.name=%s", o->config_map);
	struct reflector_options watch = {.kind = &api_kind_config_map, .ns = o->ns, .field_selector = selector};
	struct kube_config server = {.server = (char *)(uintptr_t)o->reload_url};
	struct err e = ERR_INIT;

	r->loop = l;
	r->api = c;
	r->options = *o;
	list_init(&r->namespaces);
	r->store = store_new();
	r->watch.fn = on_change;
	store_subscribe(r->store, &r->watch);
	if (o->reload_url) {
		r->server = kube_client_new(l, &server, &e);
		if (!r->server)
			log_error("reloader", "%s", e.msg);
	}
	r->reflector = reflector_new(l, c, r->store, &watch);
	return r;
}

void reloader_free(struct reloader *r)
{
	if (!r)
		return;
	kube_call_cancel(r->call);
	timer_stop(&r->timer);
	timer_stop(&r->debounce);
	task_cancel(&r->task);
	while (!list_empty(&r->namespaces))
		scraped_free(LIST_FIRST(&r->namespaces, struct scraped, link), false);
	free(r->targets);
	reflector_free(r->reflector, false);
	kube_client_free(r->server);
	store_unsubscribe(&r->watch);
	store_free(r->store);
	free(r);
}
