/* What the EndpointSlices of a Service say, in the form of Endpoints, which svc_new() reads. */
#include "lab/net/service.h"

#include "msg/json.h"

static void add_address(cJSON *subset, const cJSON *endpoint, const char *ip)
{
	const cJSON *ready = json_at(endpoint, "conditions.ready");
	cJSON *a = cJSON_CreateObject();

	json_set_str(a, "ip", ip);
	if (json_str(endpoint, "hostname"))
		json_set_str(a, "hostname", json_str(endpoint, "hostname"));
	/* No word on it counts as ready: discovery.k8s.io/v1, EndpointConditions. */
	cJSON_AddItemToArray(json_array(subset, cJSON_IsFalse(ready) ? "notReadyAddresses" : "addresses"), a);
}

void svc_add_slice(cJSON *endpoints, const cJSON *slice)
{
	const char *family = json_str(slice, "addressType");
	cJSON *subset;
	const cJSON *e, *first;

	if (!family || strcmp(family, "IPv4") != 0)
		return;
	subset = cJSON_CreateObject();
	cJSON_ArrayForEach(e, json_get(slice, "endpoints"))
	{
		first = cJSON_GetArrayItem(json_get(e, "addresses"), 0);
		if (cJSON_IsString(first))
			add_address(subset, e, first->valuestring);
	}
	if (cJSON_IsArray(json_get(slice, "ports")))
		json_set(subset, "ports", cJSON_Duplicate(json_get(slice, "ports"), true));
	cJSON_AddItemToArray(json_array(endpoints, "subsets"), subset);
}
