/*
 * Two questions: the pod, then the ReplicaSet that controls it. References are made without blockOwnerDeletion, which
 * wants a right to the owner's finalizers, and without `controller`, which one of several owners alone may be.
 */
#include "kube/owner.h"

#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/client.h"
#include "msg/json.h"
#include "net/loop.h"

#define RETRY_MS 2000

struct owner {
	struct loop *loop;
	struct kube_client *client;
	char *ns, *pod;
	void (*on_owner)(void *arg, const cJSON *reference);
	void *arg;
	struct timer timer; /* the next question */
	struct kube_call *call;
	cJSON *between; /* the ReplicaSet that is asked about, as a reference */
	cJSON *known;   /* what was last said; NULL: nothing */
};

static cJSON *reference_of(const cJSON *controller)
{
	static const char *const members[] = {"apiVersion", "kind", "name", "uid"};
	cJSON *r = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		json_copy_member(r, controller, members[i]);
	return r;
}

static const cJSON *controller_of(const cJSON *object)
{
	JSON_EACH(ref, json_at(object, "metadata.ownerReferences"))
	{
		if (json_true(ref, "controller"))
			return ref;
	}
	return NULL;
}

static void on_timer(struct timer *t);

/* Takes the reference. */
static void found(struct owner *o, cJSON *reference)
{
	timer_start(o->loop, &o->timer, OWNER_AGAIN_MS, on_timer);
	if (json_equal(o->known, reference)) {
		cJSON_Delete(reference);
		return;
	}
	cJSON_Delete(o->known);
	o->known = reference;
	o->on_owner(o->arg, reference);
}

/* Whether the answer is none to go on with. What cannot be asked changes nothing; what is not there any more does. */
static bool failed(struct owner *o, const struct kube_result *r)
{
	if (r->reason == KUBE_OK)
		return false;
	if (r->reason == KUBE_NOT_FOUND) {
		found(o, NULL);
	} else if (r->reason == KUBE_FORBIDDEN) {
		log_info("kube", "what owns this pod may not be seen, so nothing of ours will: %s", r->err.msg);
		timer_start(o->loop, &o->timer, OWNER_AGAIN_MS, on_timer);
	} else {
		timer_start(o->loop, &o->timer, RETRY_MS, on_timer);
	}
	return true;
}

static void on_replica_set(void *arg, struct kube_result *r)
{
	struct owner *o = arg;
	CLEANUP(json_freep) cJSON *set = take(o->between);
	const cJSON *controller;

	o->call = NULL;
	if (failed(o, r))
		return;
	controller = controller_of(r->body);
	found(o, controller ? reference_of(controller) : take(set));
}

static void on_pod(void *arg, struct kube_result *r)
{
	struct owner *o = arg;
	const cJSON *controller;

	o->call = NULL;
	if (failed(o, r))
		return;
	controller = controller_of(r->body);
	if (!controller || strcmp(json_str_or_empty(controller, "kind"), "ReplicaSet") != 0) {
		found(o, controller ? reference_of(controller) : NULL);
		return;
	}
	o->between = reference_of(controller);
	o->call = kube_call_start(o->client,
				  &(struct kube_request){.verb = KUBE_GET,
							 .kind = &api_kind_replica_set,
							 .ns = o->ns,
							 .name = json_str_or_empty(controller, "name")},
				  on_replica_set, o);
}

static void on_timer(struct timer *t)
{
	struct owner *o = CONTAINER_OF(t, struct owner, timer);
	const struct kube_request req = {.verb = KUBE_GET, .kind = &api_kind_pod, .ns = o->ns, .name = o->pod};

	o->call = kube_call_start(o->client, &req, on_pod, o);
}

struct owner *owner_new(struct loop *l, struct kube_client *c, const char *ns, const char *pod,
			void (*on_owner)(void *arg, const cJSON *reference), void *arg)
{
	struct owner *o = NEW(struct owner);

	o->loop = l;
	o->client = c;
	o->ns = mem_strdup(ns);
	o->pod = mem_strdup(pod);
	o->on_owner = on_owner;
	o->arg = arg;
	on_timer(&o->timer);
	return o;
}

void owner_free(struct owner *o)
{
	if (!o)
		return;
	kube_call_cancel(o->call);
	timer_stop(&o->timer);
	cJSON_Delete(o->between);
	cJSON_Delete(o->known);
	free(o->ns);
	free(o->pod);
	free(o);
}

/* Of the same kind and name, whatever their uid. */
static bool same_name(const cJSON *a, const cJSON *b)
{
	static const char *const members[] = {"apiVersion", "kind", "name"};

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (strcmp(json_str_or_empty(a, members[i]), json_str_or_empty(b, members[i])) != 0)
			return false;
	return true;
}

bool owner_put(cJSON *metadata, const cJSON *reference)
{
	bool there = false, changed = false;
	cJSON *list, *next;

	if (!reference)
		return false;
	list = json_array(metadata, "ownerReferences");
	for (cJSON *ref = list->child; ref; ref = next) {
		next = ref->next;
		if (!same_name(ref, reference))
			continue;
		if (!strcmp(json_str_or_empty(ref, "uid"), json_str_or_empty(reference, "uid"))) {
			there = true;
			continue;
		}
		cJSON_Delete(cJSON_DetachItemViaPointer(list, ref));
		changed = true;
	}
	if (!there)
		cJSON_AddItemToArray(list, cJSON_Duplicate(reference, true));
	return changed || !there;
}
