/*
 * Notes: where an object would come back different. A list of
 *
 *   {"at": ["spec", "istio", "pilot"], "derived": 1, "said": 2}
 *
 * of which "derived" or "said" is missing where there is no value. Objects are compared member by member, everything
 * else whole; an object that is there for what is in it alone is not said.
 */
#include "base/cleanup.h"
#include "operator/convert/convert_internal.h"

static void note_add(cJSON *note, const cJSON *at, const cJSON *derived, const cJSON *said)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "at", cJSON_Duplicate(at, true));
	if (derived)
		cJSON_AddItemToObject(o, "derived", cJSON_Duplicate(derived, true));
	if (said)
		cJSON_AddItemToObject(o, "said", cJSON_Duplicate(said, true));
	cJSON_AddItemToArray(note, o);
}

static void compare(cJSON *note, cJSON *at, const cJSON *derived, const cJSON *said);

static void compare_member(cJSON *note, cJSON *at, const char *name, const cJSON *derived, const cJSON *said)
{
	cJSON_AddItemToArray(at, cJSON_CreateString(name));
	compare(note, at, derived, said);
	cJSON_DeleteItemFromArray(at, cJSON_GetArraySize(at) - 1);
}

static bool is_object_or_none(const cJSON *v)
{
	return !v || cJSON_IsObject(v);
}

/* Absent is as good as empty here, so that a note is of values, not of all that stands around them. Bounded by the
 * depth of what was parsed. */
static void compare(cJSON *note, cJSON *at, const cJSON *derived, const cJSON *said)
{
	const bool had = derived && derived->child, has = said && said->child;

	if (!is_object_or_none(derived) || !is_object_or_none(said)) {
		if (!derived || !said || !json_equal(derived, said))
			note_add(note, at, derived, said);
		return;
	}
	JSON_EACH(m, derived)
	compare_member(note, at, m->string, m, json_get(said, m->string));
	JSON_EACH(m, said)
	if (!json_get(derived, m->string))
		compare_member(note, at, m->string, NULL, m);
	if (said && !has && (!derived || had))
		note_add(note, at, NULL, said); /* what was in it has taken it along */
	else if (derived && !had && !said)
		note_add(note, at, derived, NULL);
}

cJSON *convert_note_new(const cJSON *derived, const cJSON *said)
{
	CLEANUP(json_freep) cJSON *note = cJSON_CreateArray();
	CLEANUP(json_freep) cJSON *at = cJSON_CreateArray();

	compare(note, at, derived, said);
	return note->child ? take(note) : NULL;
}

/* From the element of "at" on. What is taken out takes the objects around it along that are empty then. */
static void apply_at(const cJSON *name, const cJSON *derived, const cJSON *said, cJSON *o)
{
	cJSON *have;

	if (!cJSON_IsString(name) || !cJSON_IsObject(o))
		return;
	have = json_get(o, name->valuestring);
	if (name->next) {
		if (!have && !derived)
			have = json_set(o, name->valuestring, cJSON_CreateObject());
		apply_at(name->next, derived, said, have);
		if (!said && cJSON_IsObject(have) && !have->child)
			json_remove(o, name->valuestring);
		return;
	}
	if (!have != !derived || (have && !json_equal(have, derived)))
		return;
	if (said)
		json_set(o, name->valuestring, cJSON_Duplicate(said, true));
	else
		json_remove(o, name->valuestring);
}

void convert_note_apply(const cJSON *note, cJSON *derived)
{
	JSON_EACH(entry, cJSON_IsArray(note) ? note : NULL)
	apply_at(cJSON_IsArray(json_get(entry, "at")) ? json_get(entry, "at")->child : NULL, json_get(entry, "derived"),
		 json_get(entry, "said"), derived);
}
