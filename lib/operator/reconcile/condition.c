/* Conditions. */
#include "operator/reconcile/condition.h"

#include "base/clock.h"

void condition_add(cJSON *list, const struct condition *c, int64_t now_s)
{
	cJSON *o = cJSON_CreateObject();
	char now[CLOCK_TEXT_MAX];

	cJSON_AddStringToObject(o, "type", c->type);
	cJSON_AddStringToObject(o, "status", c->status);
	if (c->reason)
		cJSON_AddStringToObject(o, "reason", c->reason);
	if (c->message)
		cJSON_AddStringToObject(o, "message", c->message);
	cJSON_AddStringToObject(o, "lastTransitionTime", c->since ? c->since : clock_format_s(now_s, now));
	cJSON_AddItemToArray(list, o);
}
