/* The member roll that a control plane comes with. */
#include "api/maistra/maistra.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/reconcile/smcp_internal.h"

static cJSON *spec_of_roll(const struct store *s, const struct api_object *smcp)
{
	const struct api_object *roll = store_get(s, &api_kind_smmr, api_object_namespace(smcp), "default");
	const struct maistra_smmr *value = roll ? API_VALUE(roll, smmr, maistra_smmr) : NULL;

	return value && value->spec ? msg_to_json(&maistra_smmr_spec_desc, value->spec) : NULL;
}

/* What the roll of the first control plane names; by selectors, also what is labelled with the revision alone. */
static cJSON *members_of_first(const struct store *s, const struct api_object *smcp, const struct revisions *r)
{
	cJSON *spec = r->state == REVISION_JOINED ? spec_of_roll(s, r->all.v[0].smcp) : NULL;
	cJSON *selectors = json_get(spec, "memberSelectors"), *one, *labels;

	if (!cJSON_GetArraySize(selectors))
		return spec;
	cJSON_AddItemToArray(selectors, one = cJSON_CreateObject());
	labels = cJSON_AddObjectToObject(one, "matchLabels");
	cJSON_AddStringToObject(labels, LABEL_REVISION, api_object_name(smcp));
	return spec;
}

/* Whose members it will have is known. */
static bool is_settled(enum revision_state state)
{
	return state == REVISION_ALONE || state == REVISION_JOINED || state == REVISION_MISSING;
}

void smcp_create_roll(const struct store *s, const struct api_object *smcp, const struct smcp_view *v, struct plan *p)
{
	static const char text[] = "{\"apiVersion\":\"maistra.io/v1\",\"kind\":\"ServiceMeshMemberRoll\",\"metadata\":"
				   "{\"name\":\"default\"}}";
	static const char by_label[] = "{\"memberSelectors\":[{\"matchLabels\":{\"istio-injection\":\"enabled\"}}]}";
	cJSON *spec, *json;
	struct api_object *roll;

	if (store_list(s, &api_kind_smmr, api_object_namespace(smcp)).n || !is_settled(v->revisions.state))
		return;
	spec = members_of_first(s, smcp, &v->revisions);
	if (!spec && v->cluster_wide)
		spec = cJSON_Parse(by_label);
	if (!spec)
		return;
	json = cJSON_Parse(text);
	cJSON_AddItemToObject(json, "spec", spec);
	cJSON_AddStringToObject(json_get(json, "metadata"), "namespace", api_object_namespace(smcp));
	if (api_object_from_json(&api_kind_smmr, json, &roll, NULL) == 0)
		plan_create(p, roll, 0);
	cJSON_Delete(json);
}
