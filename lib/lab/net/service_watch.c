/*
 * The live table of services. A change marks it dirty; one nft run at a time applies the newest state, so that a burst
 * of changes costs one or two runs.
 */
#include "lab/net/service.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "msg/json.h"

#define QUIET_MS 5
#define RETRY_MS 1000

struct service_watch {
	struct loop *loop;
	struct lab_api *api;
	struct jobs *jobs;
	char *netns;
	struct services table;
	struct lab_watch *services, *slices;
	struct timer apply;
	bool running, dirty;

	struct job job; /* with script and result, the worker's while running */
	struct buf script;
	struct err result;
};

static void on_apply(struct timer *t);

static void run_nft(struct job *j)
{
	struct service_watch *w = CONTAINER_OF(j, struct service_watch, job);
	const char *argv[] = {"ip", "netns", "exec", w->netns, "nft", "-f", "-", NULL};

	w->result.code = tool_run(argv, buf_slice(&w->script), &w->result);
}

static void on_nft_done(struct job *j)
{
	struct service_watch *w = CONTAINER_OF(j, struct service_watch, job);

	w->running = false;
	if (w->result.code < 0) {
		log_warn("node", "cluster addresses not updated, trying again: %s", w->result.msg);
		timer_start(w->loop, &w->apply, RETRY_MS, on_apply);
		return;
	}
	if (w->dirty)
		on_apply(&w->apply);
}

static void on_apply(struct timer *t)
{
	struct service_watch *w = CONTAINER_OF(t, struct service_watch, apply);

	w->dirty = w->running;
	if (w->running)
		return;
	w->running = true;
	buf_clear(&w->script);
	services_write_nft(&w->table, &w->script);
	job_start(w->jobs, &w->job, run_nft, on_nft_done);
}

#define SERVICE_LABEL "kubernetes.io/service-name"

struct gathered {
	const char *service;
	cJSON *endpoints;
};

static void gather(void *arg, const cJSON *slice)
{
	struct gathered *g = arg;
	const char *service = json_get_str(json_at(slice, "metadata.labels"), SERVICE_LABEL);

	if (service && strcmp(service, g->service) == 0)
		svc_add_slice(g->endpoints, slice);
}

static void rebuild(struct service_watch *w, const char *ns, const char *name)
{
	CLEANUP(json_freep) cJSON *endpoints = cJSON_CreateObject();
	struct gathered g = {name, endpoints};
	const cJSON *service;

	if (!ns || !name)
		return;
	service = lab_get(w->api, GVR(service), ns, name);
	if (service) {
		lab_list(w->api, GVR(endpoint_slice), ns, NULL, gather, &g);
		services_put(&w->table, svc_new(service, endpoints));
	} else {
		char *key = mem_printf("%s/%s", ns, name);

		services_remove(&w->table, key);
		free(key);
	}
	if (w->netns && !timer_active(&w->apply))
		timer_start(w->loop, &w->apply, QUIET_MS, on_apply);
}

static void on_service(void *arg, enum lab_event event, const cJSON *object)
{
	if (event != LAB_SYNCED)
		rebuild(arg, json_str(object, "metadata.namespace"), json_str(object, "metadata.name"));
}

static void on_slice(void *arg, enum lab_event event, const cJSON *slice)
{
	if (event != LAB_SYNCED)
		rebuild(arg, json_str(slice, "metadata.namespace"),
			json_get_str(json_at(slice, "metadata.labels"), SERVICE_LABEL));
}

struct service_watch *service_watch_start(struct loop *loop, struct lab_api *api, struct jobs *jobs, const char *netns)
{
	struct service_watch *w = NEW(struct service_watch);

	w->loop = loop;
	w->api = api;
	w->jobs = jobs;
	w->netns = mem_strdup(netns);
	w->services = lab_watch_start(api, GVR(service), NULL, NULL, NULL, on_service, w, NULL);
	w->slices = lab_watch_start(api, GVR(endpoint_slice), NULL, NULL, NULL, on_slice, w, NULL);
	if (netns)
		timer_start(loop, &w->apply, 0, on_apply);
	return w;
}

/* The worker threads have ended by then. */
void service_watch_free(struct service_watch *w)
{
	if (!w)
		return;
	lab_watch_stop(w->services);
	lab_watch_stop(w->slices);
	timer_stop(&w->apply);
	services_done(&w->table);
	buf_done(&w->script);
	free(w->netns);
	free(w);
}

const struct services *service_watch_table(const struct service_watch *w)
{
	return &w->table;
}
