/*
 * Strategic merge of two JSON objects of one message, by its rows: objects are merged member by member, lists of
 * messages with a merge key element by element, lists of scalars with an empty one as sets; everything else is taken
 * over whole. A null takes the member away. Directives ($patch and the like) have no meaning here.
 */
#include <string.h>

#include "msg/json.h"
#include "msg/msg_internal.h"

static void set_member(cJSON *into, const char *name, const cJSON *value)
{
	cJSON *copy = cJSON_Duplicate(value, true);

	if (json_get(into, name))
		cJSON_ReplaceItemInObjectCaseSensitive(into, name, copy);
	else
		cJSON_AddItemToObject(into, name, copy);
}

static cJSON *element(cJSON *list, const char *key, const cJSON *like)
{
	const cJSON *want = *key ? json_get(like, key) : like;
	cJSON *one;

	cJSON_ArrayForEach(one, list)
	{
		const cJSON *have = *key ? json_get(one, key) : one;

		if (want && have && json_equal(have, want))
			return one;
	}
	return NULL;
}

static void merge_list(const struct msg_field *f, cJSON *list, const cJSON *from)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, from)
	{
		cJSON *have = element(list, f->merge_key, one);

		if (!have)
			cJSON_AddItemToArray(list, cJSON_Duplicate(one, true));
		else if (f->desc && cJSON_IsObject(have))
			msg_merge_json(f->desc, have, one);
	}
}

static void merge_member(const struct msg_desc *desc, cJSON *into, const cJSON *m)
{
	const struct msg_field *f = desc ? msg_field_find(desc, m->string) : NULL;
	cJSON *have = json_get(into, m->string);

	if (cJSON_IsNull(m))
		cJSON_DeleteItemFromObjectCaseSensitive(into, m->string);
	else if (cJSON_IsObject(m) && cJSON_IsObject(have))
		msg_merge_json(f && f->type == MSG_MESSAGE ? f->desc : NULL, have, m);
	else if (cJSON_IsArray(m) && cJSON_IsArray(have) && f && f->merge_key)
		merge_list(f, have, m);
	else
		set_member(into, m->string, m);
}

void msg_merge_json(const struct msg_desc *desc, cJSON *into, const cJSON *from)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, from) merge_member(desc, into, m);
}
