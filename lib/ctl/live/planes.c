/* The replicas of control planes, and what their pages say. */
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "ctl/live/live.h"
#include "kube/config.h"
#include "kube/forward.h"
#include "msg/json.h"

#define MONITORING_PORT 15014
#define CONTROL_PLANES "app=istiod"

struct asking {
	const struct kube_config *cfg;
	const char *path;
	live_plane_fn *fn;
	void *arg;
};

static int ask(const struct asking *k, const cJSON *pod, struct err *e)
{
	const struct forward_request rq = {.ns = json_str_or_empty(pod, "metadata.namespace"),
					   .pod = json_str_or_empty(pod, "metadata.name"),
					   .port = MONITORING_PORT,
					   .path = k->path};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(json_freep) cJSON *answer = NULL;
	int r = kube_forward_http(k->cfg, &rq, &text, e);

	if (r >= 0 && r != 200)
		return err_set(e, -EIO, "%s answers %d: %.200s", rq.pod, r, buf_str(&text));
	if (r >= 0)
		r = json_parse(buf_slice(&text), FORWARD_ANSWER_MAX_BYTES, &answer, e);
	return r < 0 ? r : k->fn(k->arg, pod, answer, e);
}

int live_planes_ask(struct ctl *c, const char *path, live_plane_fn *fn, void *arg, struct err *e)
{
	CLEANUP(kube_config_done) struct kube_config cfg = {0};
	CLEANUP(json_freep) cJSON *pods = NULL;
	const struct asking k = {&cfg, path, fn, arg};
	int r = ctl_connect(c, e);

	if (r == 0)
		r = kube_config_load(c->o.kubeconfig, &cfg, e);
	if (r == 0 && ctl_list(c, &api_kind_pod, CONTROL_PLANES, &pods, e) != KUBE_OK)
		r = -EIO;
	for (const cJSON *p = pods ? pods->child : NULL; r == 0 && p; p = p->next) {
		const char *ns = json_str_or_empty(p, "metadata.namespace");

		if (!strcmp(json_str_or_empty(p, "status.phase"), "Running") &&
		    (!c->o.plane_ns || !strcmp(c->o.plane_ns, ns)))
			r = ask(&k, p, e);
	}
	return r;
}
