/* The conditions in an object's status: reading them, comparing, and the patch that changes them. */
#include <stdlib.h>

#include "api/networking/networking.h"
#include "base/clock.h"
#include "discovery/status_internal.h"

/* Every kind of networking and security begins alike; WorkloadEntry and the rest too. */
struct any_istio {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	void *spec;
	struct istio_status *status;
};

static const struct istio_condition *written(const struct api_object *o, const char *type)
{
	const struct istio_status *s = ((const struct any_istio *)o->value)->status;

	for (size_t i = 0; s && i < s->conditions.n; i++)
		if (s->conditions.v[i].type && strcmp(s->conditions.v[i].type, type) == 0)
			return &s->conditions.v[i];
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_written(const struct api_object *o, const struct condition *c)
{
	const struct istio_condition *w = written(o, c->type);

	return w && same_text(w->status, c->ok ? "True" : "False") && same_text(w->reason, c->reason) &&
	       same_text(w->message, c->message) && w->observed_generation == o->meta->generation;
}

static void add_condition(cJSON *list, const struct api_object *o, const struct condition *c)
{
	const struct istio_condition *w = written(o, c->type);
	const char *status = c->ok ? "True" : "False";
	cJSON *x = cJSON_CreateObject();
	char at[CLOCK_TEXT_MAX];

	clock_now_text(at);
	cJSON_AddStringToObject(x, "type", c->type);
	cJSON_AddStringToObject(x, "status", status);
	cJSON_AddStringToObject(x, "reason", c->reason);
	cJSON_AddStringToObject(x, "message", c->message);
	cJSON_AddItemToObject(x, "observedGeneration", json_new_int64(o->meta->generation));
	cJSON_AddStringToObject(x, "lastTransitionTime",
				w && same_text(w->status, status) && w->last_transition_time ? w->last_transition_time
											     : at);
	cJSON_AddItemToArray(list, x);
}

/* Conditions of others stay. */
static void keep_others(cJSON *list, const struct api_object *o, const struct condition *c)
{
	const struct istio_status *s = ((const struct any_istio *)o->value)->status;

	for (size_t i = 0; s && i < s->conditions.n; i++) {
		bool ours = false;

		for (int k = 0; k < CONDITIONS; k++)
			ours |= same_text(s->conditions.v[i].type, c[k].type);
		if (!ours)
			cJSON_AddItemToArray(list, msg_to_json(&istio_condition_desc, &s->conditions.v[i]));
	}
}

bool status_differs(const struct api_object *o, const struct condition c[CONDITIONS])
{
	for (int i = 0; i < CONDITIONS; i++)
		if (!is_written(o, &c[i]))
			return true;
	return false;
}

cJSON *status_patch(const struct api_object *o, const struct condition c[CONDITIONS])
{
	cJSON *body = cJSON_CreateObject(), *status = cJSON_AddObjectToObject(body, "status");
	cJSON *list = cJSON_AddArrayToObject(status, "conditions");

	keep_others(list, o, c);
	for (int i = 0; i < CONDITIONS; i++)
		add_condition(list, o, &c[i]);
	cJSON_AddItemToObject(status, "observedGeneration", json_new_int64(o->meta->generation));
	return body;
}
