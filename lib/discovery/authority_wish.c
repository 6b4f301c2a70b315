/* Whether somebody wants another root: an annotation of the ServiceMeshControlPlane, read from time to time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/maistra/smcp.h"
#include "discovery/authority_internal.h"
#include "discovery/internal.h"

#define WISH "maistra.io/rotate-root"
#define LOOK_MS 10000

struct wish {
	struct discovery *d;
	struct kube_call *call;
	struct timer timer;
	char id[ROTATION_ID_MAX];
};

/* What is no id is nobody's wish. */
static bool is_id(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";

	return *text && strlen(text) < ROTATION_ID_MAX && strspn(text, letters) == strlen(text);
}

static void on_look(struct timer *t);

static void on_fetched(void *arg, struct kube_result *res)
{
	struct wish *w = arg;
	const char *text = json_get_str(json_at(res->body, "metadata.annotations"), WISH);

	w->call = NULL;
	if (res->reason == KUBE_OK)
		snprintf(w->id, sizeof(w->id), "%s", text && is_id(text) ? text : "");
	timer_start(w->d->loop, &w->timer, LOOK_MS, on_look);
}

static void on_look(struct timer *t)
{
	struct wish *w = CONTAINER_OF(t, struct wish, timer);
	const struct kube_request req = {
		.verb = KUBE_GET, .kind = &api_kind_smcp, .ns = w->d->cfg.ns, .name = w->d->cfg.revision};

	w->call = kube_call_start(w->d->kube, &req, on_fetched, w);
}

void authority_wish_look(struct wish *w)
{
	if (!w->call && !timer_active(&w->timer))
		on_look(&w->timer);
}

const char *authority_wish_id(const struct wish *w)
{
	return w->id;
}

struct wish *authority_wish_new(struct discovery *d)
{
	struct wish *w = NEW(struct wish);

	w->d = d;
	return w;
}

void authority_wish_free(struct wish *w)
{
	if (!w)
		return;
	kube_call_cancel(w->call);
	timer_stop(&w->timer);
	free(w);
}
