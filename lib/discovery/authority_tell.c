/* A problem of the authority as an event of the ServiceMeshControlPlane: that is where its owner looks first. */
#include <stdio.h>
#include <stdlib.h>

#include "api/maistra/smcp.h"
#include "api/object.h"
#include "discovery/authority_internal.h"
#include "discovery/internal.h"
#include "kube/plan.h"

struct teller {
	struct discovery *d;
	struct executor *executor;
	struct kube_call *call; /* for the object that the event is about */
	bool running;
	char text[ERR_MSG_MAX]; /* what is to be told; "" = nothing */
	const char *reason;
	bool warning;
};

static void fetch(struct teller *t);

static void on_written(void *arg, const struct err *e, bool retry)
{
	struct teller *t = arg;

	(void)retry;
	t->running = false;
	if (e->code)
		log_warn("ca", "%s", e->msg);
	if (*t->text)
		fetch(t);
}

static void on_fetched(void *arg, struct kube_result *res)
{
	struct teller *t = arg;
	struct api_object *o = NULL;
	struct plan p;

	t->call = NULL;
	if (res->reason != KUBE_OK || api_object_from_json(&api_kind_smcp, res->body, &o, NULL) < 0) {
		log_info("ca", "no event was written: %s", res->err.msg);
		t->text[0] = 0;
		return;
	}
	plan_init(&p);
	plan_event(&p, o, t->warning, t->reason, "%s", t->text);
	api_object_unref(o);
	t->text[0] = 0;
	t->running = true;
	executor_run(t->executor, &p, on_written, t);
	plan_done(&p);
}

static void fetch(struct teller *t)
{
	const struct kube_request req = {
		.verb = KUBE_GET, .kind = &api_kind_smcp, .ns = t->d->cfg.ns, .name = t->d->cfg.revision};

	t->call = kube_call_start(t->d->kube, &req, on_fetched, t);
}

void authority_tell(struct teller *t, const char *text)
{
	authority_tell_event(t, true, "CertificateAuthorityRefused", text);
}

void authority_tell_event(struct teller *t, bool warning, const char *reason, const char *text)
{
	t->warning = warning;
	t->reason = reason;
	snprintf(t->text, sizeof(t->text), "%s", text);
	if (*text && !t->call && !t->running)
		fetch(t);
}

struct teller *authority_teller_new(struct discovery *d)
{
	struct teller *t = NEW(struct teller);

	t->d = d;
	t->executor = executor_new(d->kube, d->store, "istiod");
	return t;
}

void authority_teller_free(struct teller *t)
{
	if (!t)
		return;
	kube_call_cancel(t->call);
	executor_free(t->executor);
	free(t);
}
