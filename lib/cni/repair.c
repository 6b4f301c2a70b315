/* Deleting pods without redirection. */
#include "cni/repair.h"

#include <string.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "cni/pod.h"
#include "kube/client.h"
#include "msg/json.h"
#include "net/loop.h"

#define NOT_REDIRECTED 126 /* how weft-init --run-validation ends */

struct cni_repair {
	struct loop *loop;
	struct kube_client *client;
	char *selector;
	struct timer timer;
	struct kube_call *list;
	int64_t until_ns;
};

static bool failed(const struct core_container_state *s)
{
	return s && s->terminated && s->terminated->exit_code == NOT_REDIRECTED;
}

static bool has_controller(const struct meta_object *m)
{
	for (size_t i = 0; i < m->owner_references.n; i++)
		if (m->owner_references.v[i].controller && *m->owner_references.v[i].controller)
			return true;
	return false;
}

bool cni_repair_wanted(const struct core_pod *pod)
{
	if (!pod->metadata || pod->metadata->deletion_timestamp || !has_controller(pod->metadata) || !pod->status ||
	    !str_map_get(&pod->metadata->annotations, CNI_STATUS_ANNOTATION))
		return false;
	for (size_t i = 0; i < pod->status->init_container_statuses.n; i++) {
		const struct core_container_status *c = &pod->status->init_container_statuses.v[i];

		if (c->name && strcmp(c->name, CNI_VALIDATION_CONTAINER) == 0)
			return !c->ready && (failed(c->state) || failed(c->last_state));
	}
	return false;
}

static void on_deleted(void *arg, struct kube_result *r)
{
	(void)arg;
	if (r->reason != KUBE_OK && r->reason != KUBE_NOT_FOUND && r->reason != KUBE_CONFLICT)
		log_warn("repair", "%s; tried again", r->err.msg);
}

static void judge(struct cni_repair *r, const cJSON *json)
{
	CLEANUP(api_object_unrefp) struct api_object *o = NULL;

	if (api_object_from_json(&api_kind_pod, json, &o, NULL) < 0 || !cni_repair_wanted(API_VALUE(o, pod, core_pod)))
		return;
	log_info("repair", "pod %s/%s has no redirection: it was started without the plugin; deleted",
		 api_object_namespace(o), api_object_name(o));
	kube_call_start(r->client,
			&(struct kube_request){.verb = KUBE_DELETE,
					       .kind = &api_kind_pod,
					       .ns = api_object_namespace(o),
					       .name = api_object_name(o),
					       .precondition_uid = o->meta->uid},
			on_deleted, r);
}

static void on_timer(struct timer *t);

static void on_listed(void *arg, struct kube_result *result)
{
	struct cni_repair *r = arg;

	r->list = NULL;
	if (result->reason != KUBE_OK)
		log_warn("repair", "%s; tried again", result->err.msg);
	JSON_EACH(pod, json_get(result->body, "items"))
	judge(r, pod);
	if (loop_now_ns(r->loop) < r->until_ns)
		timer_start(r->loop, &r->timer, CNI_REPAIR_EVERY_MS, on_timer);
}

static void on_timer(struct timer *t)
{
	struct cni_repair *r = CONTAINER_OF(t, struct cni_repair, timer);

	r->list = kube_call_start(r->client,
				  &(struct kube_request){.verb = KUBE_LIST,
							 .kind = &api_kind_pod,
							 .field_selector = r->selector,
							 .limit = KUBE_LIST_LIMIT},
				  on_listed, r);
}

struct cni_repair *cni_repair_new(struct loop *l, struct kube_client *client, const char *node)
{
	struct cni_repair *r = NEW(struct cni_repair);
	CLEANUP(buf_done) struct buf selector = BUF_INIT;

	buf_printf(&selector, "spec.nodeName=%s", node);
	*r = (struct cni_repair){.loop = l, .client = client, .selector = buf_take_str(&selector)};
	return r;
}

void cni_repair_start(struct cni_repair *r)
{
	r->until_ns = loop_now_ns(r->loop) + CNI_REPAIR_FOR_MS * INT64_C(1000000);
	if (!r->list)
		timer_start(r->loop, &r->timer, 0, on_timer);
}

void cni_repair_free(struct cni_repair *r)
{
	if (!r)
		return;
	timer_stop(&r->timer);
	kube_call_cancel(r->list);
	free(r->selector);
	free(r);
}
