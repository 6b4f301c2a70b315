/* The status of a Deployment, with the reasons and sentences that `kubectl rollout status` and people read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lab/control/deployment_internal.h"

bool rollout_complete(const struct rollout *r)
{
	return r->updated == r->wanted && r->replicas == r->wanted && r->available == r->wanted &&
	       json_int(r->deployment, "status.observedGeneration", 0) >=
		       json_int(r->deployment, "metadata.generation", 0);
}

struct condition {
	const char *type;
	bool on;
	const char *reason;
	char message[256];
};

static struct condition available(const struct rollout *r)
{
	if (r->available >= r->wanted - r->max_unavailable)
		return (struct condition){"Available", true, "MinimumReplicasAvailable",
					  "Deployment has minimum availability."};
	return (struct condition){"Available", false, "MinimumReplicasUnavailable",
				  "Deployment does not have minimum availability."};
}

/* Milliseconds until the rollout counts as stuck; negative when it does already. */
static int64_t deadline_ms(const struct rollout *r)
{
	int64_t seconds = json_int(r->deployment, "spec.progressDeadlineSeconds", 600), since_ns;
	const cJSON *c = object_condition(r->deployment, "Progressing");

	if (!c || clock_parse(slice_str(json_str_or_empty(c, "lastUpdateTime")), &since_ns) < 0)
		return seconds * MS_PER_S;
	return (since_ns + seconds * NS_PER_S - clock_wall_ns()) / NS_PER_MS;
}

static bool moved(const struct rollout *r)
{
	const cJSON *s = r->deployment;

	return r->updated != json_int(s, "status.updatedReplicas", 0) ||
	       r->ready != json_int(s, "status.readyReplicas", 0) ||
	       r->available != json_int(s, "status.availableReplicas", 0) ||
	       r->replicas - r->updated != json_int(s, "status.replicas", 0) - json_int(s, "status.updatedReplicas", 0);
}

static bool all_updated(const struct rollout *r)
{
	return r->updated == r->wanted && r->replicas == r->wanted && r->available == r->wanted;
}

static struct condition progressing(const struct rollout *r, bool *ret_waits)
{
	struct condition c = {.type = "Progressing", .on = true};
	const char *before = json_str_or_empty(object_condition(r->deployment, "Progressing"), "reason");
	const char *set = object_name(r->current);

	*ret_waits = false;
	if (all_updated(r)) {
		c.reason = "NewReplicaSetAvailable";
		snprintf(c.message, sizeof(c.message), "ReplicaSet \"%s\" has successfully progressed.", set);
		return c;
	}
	if (*r->created) {
		c.reason = "NewReplicaSetCreated";
		snprintf(c.message, sizeof(c.message), "Created new replica set \"%.200s\"", r->created);
		*ret_waits = true;
		return c;
	}
	if (!r->current) {
		c.reason = "ReplicaSetUpdated";
		snprintf(c.message, sizeof(c.message), "Deployment \"%s\" is progressing.", object_name(r->deployment));
		*ret_waits = true;
		return c;
	}
	/* What was too late stays so until something moves: the condition's own change is no progress. */
	bool late = !strcmp(before, "ProgressDeadlineExceeded") ||
		    (strcmp(before, "NewReplicaSetAvailable") != 0 && deadline_ms(r) <= 0);
	if (!moved(r) && late) {
		c.on = false;
		c.reason = "ProgressDeadlineExceeded";
		snprintf(c.message, sizeof(c.message), "ReplicaSet \"%s\" has timed out progressing.", set);
		return c;
	}
	*ret_waits = true;
	if (!moved(r) && !strcmp(before, "NewReplicaSetCreated")) { /* nothing came of it yet */
		c.reason = "NewReplicaSetCreated";
		snprintf(c.message, sizeof(c.message), "Created new replica set \"%s\"", set);
		return c;
	}
	c.reason = "ReplicaSetUpdated";
	snprintf(c.message, sizeof(c.message), "ReplicaSet \"%s\" is progressing.", set);
	return c;
}

static bool same_condition(const cJSON *old, const struct condition *c)
{
	return old && strcmp(json_str_or_empty(old, "status"), c->on ? "True" : "False") == 0 &&
	       strcmp(json_str_or_empty(old, "reason"), c->reason) == 0 &&
	       strcmp(json_str_or_empty(old, "message"), c->message) == 0;
}

/* Keeps the times of what did not change. */
static void put_condition(cJSON *list, const cJSON *deployment, const struct condition *c, bool touch)
{
	const cJSON *old = object_condition(deployment, c->type);
	const char *status = c->on ? "True" : "False", *transition = json_str(old, "lastTransitionTime");
	char now[CLOCK_TEXT_MAX];
	cJSON *o = cJSON_CreateObject();

	clock_now_text(now);
	if (!transition || strcmp(json_str_or_empty(old, "status"), status) != 0)
		transition = now;
	cJSON_AddStringToObject(o, "type", c->type);
	cJSON_AddStringToObject(o, "status", status);
	cJSON_AddStringToObject(o, "lastUpdateTime",
				touch || !same_condition(old, c) ? now : json_str_or_empty(old, "lastUpdateTime"));
	cJSON_AddStringToObject(o, "lastTransitionTime", transition);
	cJSON_AddStringToObject(o, "reason", c->reason);
	cJSON_AddStringToObject(o, "message", c->message);
	cJSON_AddItemToArray(list, o);
}

/* A count, absent when zero: a merge patch removes what is null. */
static void put_count(cJSON *status, const char *name, int64_t value)
{
	cJSON_AddItemToObject(status, name, value ? cJSON_CreateNumber((double)value) : cJSON_CreateNull());
}

void rollout_write_status(struct work *w, const struct rollout *r)
{
	int64_t generation = json_int(r->deployment, "metadata.generation", 0);
	bool waits, changed = moved(r);
	struct condition a = available(r), p = progressing(r, &waits);
	cJSON *patch, *status, *list;

	if (waits)
		work_after(w, MAX(deadline_ms(r), 0) + 100);
	if (!changed && r->replicas == json_int(r->deployment, "status.replicas", 0) &&
	    generation == json_int(r->deployment, "status.observedGeneration", 0) &&
	    same_condition(object_condition(r->deployment, "Available"), &a) &&
	    same_condition(object_condition(r->deployment, "Progressing"), &p))
		return;
	patch = cJSON_CreateObject();
	status = cJSON_AddObjectToObject(patch, "status");
	cJSON_AddNumberToObject(status, "observedGeneration", (double)generation);
	put_count(status, "replicas", r->replicas);
	put_count(status, "updatedReplicas", r->updated);
	put_count(status, "readyReplicas", r->ready);
	put_count(status, "availableReplicas", r->available);
	put_count(status, "unavailableReplicas", MAX(MAX(r->wanted, r->replicas) - r->available, 0));
	list = cJSON_AddArrayToObject(status, "conditions");
	put_condition(list, r->deployment, &a, false);
	put_condition(list, r->deployment, &p, changed);
	work_patch(w, GVR(deployment), w->ns, w->name, "status", patch);
}
