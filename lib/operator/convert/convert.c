/* Whole objects: spec, status, and the note of what would come back different. */
#include "operator/convert/convert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/maistra/smcp.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "operator/convert/convert_internal.h"

#define KIND "ServiceMeshControlPlane"

/* --- specs --- */

static const char *const same[] = {"version", "networkType"};

static cJSON *object_copy(const cJSON *v)
{
	return cJSON_IsObject(v) ? cJSON_Duplicate(v, true) : cJSON_CreateObject();
}

/* What is left of values goes to the technology previews, over what v1 itself had there. */
static void keep_rest(cJSON *v2, const cJSON *values, const cJSON *three_scale, const cJSON *network_type)
{
	cJSON *preview;

	if (!values->child && !three_scale->child && !network_type)
		return;
	preview = json_object(v2, "techPreview");
	convert_merge(preview, values);
	if (three_scale->child)
		json_set(preview, "3scale", cJSON_Duplicate(three_scale, true));
	if (network_type)
		json_set(preview, "networkType", cJSON_Duplicate(network_type, true));
}

/* Whether v2's types can hold it. */
static bool fits(const cJSON *v2, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct maistra_smcp_spec spec = {0};

	return msg_from_json(&maistra_smcp_spec_desc, &spec, v2, &a, e) == 0 &&
	       msg_check(&maistra_smcp_spec_desc, &spec, e) == 0;
}

/* Nothing of it is carried out: half a mesh would be another one than was asked for. */
static void set_errored(cJSON *v2, const cJSON *v1, const char *message)
{
	cJSON *errored;

	cJSON_DeleteItemFromObjectCaseSensitive(v2, "techPreview");
	errored = convert_object(v2, "techPreview." CONVERT_ERRORED);
	json_set_str(errored, "message", message);
	if (json_get(v1, "istio"))
		json_set(errored, "istio", cJSON_Duplicate(json_get(v1, "istio"), true));
	if (json_get(v1, "threeScale"))
		json_set(errored, "3scale", cJSON_Duplicate(json_get(v1, "threeScale"), true));
}

static cJSON *head_to_v2(const cJSON *v1)
{
	const char *template = json_get_str(v1, "template");
	cJSON *v2 = cJSON_CreateObject(), *profiles;

	if (json_get(v1, "version"))
		json_copy_member(v2, v1, "version");
	if (json_get(v1, "profiles")) {
		json_copy_member(v2, v1, "profiles");
	} else if (template && *template) {
		profiles = json_array(v2, "profiles");
		cJSON_AddItemToArray(profiles, cJSON_CreateString(template));
	}
	return v2;
}

cJSON *convert_spec_to_v2(const cJSON *v1)
{
	CLEANUP(json_freep) cJSON *values = object_copy(json_get(v1, "istio"));
	CLEANUP(json_freep) cJSON *three_scale = object_copy(json_get(v1, "threeScale"));
	cJSON *v2 = head_to_v2(v1), *preview = json_get(values, "techPreview");
	struct err e = ERR_INIT;

	if (cJSON_IsObject(preview)) {
		if (preview->child)
			json_set(v2, "techPreview", cJSON_Duplicate(preview, true));
		json_remove(values, "techPreview");
	}
	convert_parts_to_v2(values, v2);
	convert_gateways_to_v2(values, v2);
	convert_addons_to_v2(values, three_scale, v2);
	convert_components_to_v2(values, v2);
	keep_rest(v2, values, three_scale, json_get(v1, "networkType"));
	if (!fits(v2, &e)) {
		cJSON_Delete(v2);
		v2 = head_to_v2(v1);
		set_errored(v2, v1, e.msg);
	}
	return v2;
}

/* A spec that v2 could not hold, as it was. */
static void errored_to_v1(const cJSON *errored, cJSON *v1)
{
	if (json_get(errored, "istio"))
		json_set(v1, "istio", cJSON_Duplicate(json_get(errored, "istio"), true));
	if (json_get(errored, "3scale"))
		json_set(v1, "threeScale", cJSON_Duplicate(json_get(errored, "3scale"), true));
}

/* The previews are the ground, on which everything else is set; what is not Istio's leaves them. */
static void leave_previews(cJSON *values, cJSON *three_scale, cJSON *v1)
{
	const cJSON *rest = json_get(values, "3scale"), *type = json_get(values, "networkType");

	JSON_EACH(m, cJSON_IsObject(rest) ? rest : NULL)
	json_set(three_scale, m->string, cJSON_Duplicate(m, true));
	if (cJSON_IsObject(rest))
		json_remove(values, "3scale");
	if (cJSON_IsString(type)) {
		json_set(v1, "networkType", cJSON_Duplicate(type, true));
		json_remove(values, "networkType");
	}
}

cJSON *convert_spec_to_v1(const cJSON *v2)
{
	const cJSON *preview = json_get(v2, "techPreview"), *profiles = json_get(v2, "profiles");
	CLEANUP(json_freep) cJSON *values = object_copy(preview);
	CLEANUP(json_freep) cJSON *three_scale = cJSON_CreateObject();
	cJSON *v1 = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		if (json_get(v2, same[i]))
			json_copy_member(v1, v2, same[i]);
	if (profiles)
		json_copy_member(v1, v2, "profiles");
	if (cJSON_GetArraySize(profiles) == 1 && cJSON_IsString(profiles->child))
		json_set_str(v1, "template", profiles->child->valuestring);
	if (json_at(preview, CONVERT_ERRORED ".message")) {
		errored_to_v1(json_get(preview, CONVERT_ERRORED), v1);
		return v1;
	}
	leave_previews(values, three_scale, v1);
	convert_parts_to_v1(v2, values);
	convert_gateways_to_v1(v2, values);
	convert_addons_to_v1(v2, values, three_scale);
	convert_components_to_v1(v2, values);
	if (values->child)
		json_set(v1, "istio", take(values));
	if (three_scale->child)
		json_set(v1, "threeScale", take(three_scale));
	return v1;
}

/* --- statuses --- */

/* "<operator version>-<generation>" */
static cJSON *status_to_v1(const cJSON *v2)
{
	static const char *const gone[] = {"operatorVersion", "chartVersion", "readiness", "appliedSpec",
					   "appliedValues"};
	cJSON *v1 = cJSON_Duplicate(v2, true);
	const char *operator_version = json_get_str(v2, "operatorVersion");
	const cJSON *values = json_get(v2, "appliedValues"), *spec = json_get(v2, "appliedSpec");
	cJSON *applied = values ? cJSON_Duplicate(values, true) : NULL;

	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		json_remove(v1, gone[i]);
	if (operator_version) {
		CLEANUP(freep)
		char *text = mem_printf("%s-%lld", operator_version, (long long)json_int(v2, "observedGeneration", 0));

		json_set_str(v1, "reconciledVersion", text);
	}
	if (!applied && cJSON_IsObject(spec))
		applied = convert_spec_to_v1(spec);
	if (applied)
		json_set(v1, "lastAppliedConfiguration", applied);
	return v1;
}

static cJSON *status_to_v2(const cJSON *v1)
{
	cJSON *v2 = cJSON_Duplicate(v1, true);
	const char *version = json_get_str(v1, "reconciledVersion"), *dash = version ? strrchr(version, '-') : NULL;
	const cJSON *applied = json_get(v1, "lastAppliedConfiguration");

	json_remove(v2, "reconciledVersion");
	json_remove(v2, "lastAppliedConfiguration");
	if (dash) {
		CLEANUP(freep) char *text = mem_printf("%.*s", (int)(dash - version), version);

		json_set_str(v2, "operatorVersion", text);
	}
	if (cJSON_IsObject(applied))
		json_set(v2, "appliedSpec", convert_spec_to_v2(applied));
	return v2;
}

/* --- objects --- */

/* Spec and status of it in the other version, as {"spec": ..., "status": ...}. */
static cJSON *parts_of(const cJSON *object, bool to_v1)
{
	const cJSON *spec = json_get(object, "spec"), *status = json_get(object, "status");
	cJSON *parts = cJSON_CreateObject();

	if (cJSON_IsObject(spec))
		json_set(parts, "spec", to_v1 ? convert_spec_to_v1(spec) : convert_spec_to_v2(spec));
	if (cJSON_IsObject(status))
		json_set(parts, "status", to_v1 ? status_to_v1(status) : status_to_v2(status));
	return parts;
}

static const char *const part_names[] = {"spec", "status"};

/* The same two members, as they are. */
static cJSON *parts_as_said(const cJSON *object)
{
	cJSON *parts = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_LEN(part_names); i++)
		if (cJSON_IsObject(json_get(object, part_names[i])))
			json_copy_member(parts, object, part_names[i]);
	return parts;
}

static int set_note(cJSON *object, const char *name, const cJSON *note, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (!note)
		return 0;
	json_print(note, &text);
	if (text.len > CONVERT_NOTE_MAX_BYTES)
		return err_set(e, -EMSGSIZE,
			       "the object says %zu bytes that its other version cannot; at most %u can be kept",
			       text.len, CONVERT_NOTE_MAX_BYTES);
	json_set_str(json_object(json_object(object, "metadata"), "annotations"), name, buf_str(&text));
	return 0;
}

/* The note of that name, taken off the object; NULL: none, or one that is no list. */
static cJSON *take_note(cJSON *object, const char *name)
{
	cJSON *annotations = json_at(object, "metadata.annotations");
	const char *text = json_get_str(annotations, name);
	cJSON *note = NULL;

	if (!text || json_parse(slice_str(text), CONVERT_NOTE_MAX_BYTES, &note, NULL) < 0)
		note = NULL;
	json_remove(annotations, name);
	if (annotations && !annotations->child)
		json_remove(json_get(object, "metadata"), "annotations");
	return note;
}

/* What the parts become, with what was said in their version before; and the note of what they say beyond. */
static int convert_parts(const cJSON *said, bool to_v1, cJSON *to, struct err *e)
{
	CLEANUP(json_freep) cJSON *note = take_note(to, to_v1 ? CONVERT_NOTE_OF_V1 : CONVERT_NOTE_OF_V2);
	CLEANUP(json_freep) cJSON *parts = parts_of(said, to_v1);
	CLEANUP(json_freep) cJSON *back = NULL;
	CLEANUP(json_freep) cJSON *beyond = NULL;

	convert_note_apply(note, parts);
	back = parts_of(parts, !to_v1);
	beyond = convert_note_new(back, said);
	for (size_t i = 0; i < ARRAY_LEN(part_names); i++) /* whatever a note speaks of */
		if (json_get(parts, part_names[i]))
			json_copy_member(to, parts, part_names[i]);
	return set_note(to, to_v1 ? CONVERT_NOTE_OF_V2 : CONVERT_NOTE_OF_V1, beyond, e);
}

int convert_smcp(const cJSON *object, const char *api_version, cJSON **ret, struct err *e)
{
	const char *from = json_get_str(object, "apiVersion"), *kind = json_get_str(object, "kind");
	CLEANUP(json_freep) cJSON *to = cJSON_Duplicate(object, true);
	CLEANUP(json_freep) cJSON *said = parts_as_said(object);
	const bool to_v1 = !strcmp(api_version, CONVERT_V1);
	int r = 0;

	if (!from || !kind || strcmp(kind, KIND) != 0)
		return err_set(e, -EINVAL, "this converts objects of kind " KIND " only");
	if ((strcmp(from, CONVERT_V1) && strcmp(from, CONVERT_V2)) || (!to_v1 && strcmp(api_version, CONVERT_V2)))
		return err_set(e, -EINVAL, "cannot convert %s to %s; the versions are " CONVERT_V1 " and " CONVERT_V2,
			       from, api_version);
	if (strcmp(from, api_version) != 0) {
		json_set_str(to, "apiVersion", api_version);
		r = convert_parts(said, to_v1, to, e);
	}
	if (r == 0)
		*ret = take(to);
	return r;
}
