/* Values of a mesh with several control planes. */
#include "api/object.h"
#include "base/cleanup.h"
#include "operator/render/values.h"

void values_set_revisions(cJSON *to, const struct values_input *in)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT;
	cJSON *o, *names, *namespaces;

	/* An annotation says it: what goes with another revision is noticed by that. */
	for (size_t i = 0; i < in->n_revisions; i++)
		buf_printf(&all, "%s%s", i ? "," : "", api_object_name(in->revisions[i]));
	cJSON_AddStringToObject(to, "revisionNames", all.len ? buf_str(&all) : in->name);
	if (in->revision_of)
		cJSON_AddStringToObject(to, "revisionOf", in->revision_of);
	if (in->n_revisions < 2)
		return;
	o = cJSON_AddObjectToObject(to, "revisions");
	names = cJSON_AddArrayToObject(o, "names");
	namespaces = cJSON_AddArrayToObject(o, "namespaces");
	for (size_t i = 0; i < in->n_revisions; i++) {
		cJSON_AddItemToArray(names, cJSON_CreateString(api_object_name(in->revisions[i])));
		cJSON_AddItemToArray(namespaces, cJSON_CreateString(api_object_namespace(in->revisions[i])));
	}
}
