/* YAML to cJSON through libyaml's events: one recursive function per kind of node, depth bounded. */
#include <stdio.h>
#include <stdlib.h>

#include <yaml.h>

#include "proxy/boot/config_file.h"

#define DEPTH_MAX 64

struct reader {
	yaml_parser_t parser;
	struct err *e;
	unsigned depth;
};

static cJSON *read_node(struct reader *r, yaml_event_t *ev);

static int fail(struct reader *r, const char *why, const yaml_mark_t *at)
{
	return err_set(r->e, -EINVAL, "line %zu: %s", at->line + 1, why);
}

static bool next(struct reader *r, yaml_event_t *ev)
{
	if (yaml_parser_parse(&r->parser, ev))
		return true;
	fail(r, r->parser.problem ? r->parser.problem : "not YAML", &r->parser.problem_mark);
	return false;
}

static cJSON *plain_scalar(const char *s)
{
	char *end;

	if (!s[0] || strcmp(s, "~") == 0 || strcmp(s, "null") == 0)
		return cJSON_CreateNull();
	if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0)
		return cJSON_CreateBool(s[0] == 't');
	if (strspn(s, "0123456789+-.eE") == strlen(s) && strpbrk(s, "0123456789")) {
		double v = strtod(s, &end);
		if (!*end)
			return cJSON_CreateNumber(v);
	}
	return cJSON_CreateString(s);
}

static cJSON *scalar(const yaml_event_t *ev)
{
	const char *s = (const char *)ev->data.scalar.value;

	return ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_scalar(s) : cJSON_CreateString(s);
}

static cJSON *sequence(struct reader *r)
{
	cJSON *list = cJSON_CreateArray();
	yaml_event_t ev;

	while (next(r, &ev)) {
		bool end = ev.type == YAML_SEQUENCE_END_EVENT;
		cJSON *item = end ? NULL : read_node(r, &ev);
		yaml_event_delete(&ev);
		if (end)
			return list;
		if (!item)
			break;
		cJSON_AddItemToArray(list, item);
	}
	cJSON_Delete(list);
	return NULL;
}

/* One "key: value"; 1 = added, 0 = end of the mapping, -1 = error. */
static int pair(struct reader *r, cJSON *map)
{
	yaml_event_t key, ev;
	cJSON *value = NULL;
	int result = -1;

	if (!next(r, &key))
		return -1;
	if (key.type == YAML_MAPPING_END_EVENT) {
		result = 0;
	} else if (key.type != YAML_SCALAR_EVENT) {
		fail(r, "a key must be a plain value", &key.start_mark);
	} else if (cJSON_GetObjectItemCaseSensitive(map, (char *)key.data.scalar.value)) {
		fail(r, "duplicate key", &key.start_mark);
	} else if (next(r, &ev)) {
		value = read_node(r, &ev);
		yaml_event_delete(&ev);
	}
	if (value) {
		cJSON_AddItemToObject(map, (char *)key.data.scalar.value, value);
		result = 1;
	}
	yaml_event_delete(&key);
	return result;
}

static cJSON *mapping(struct reader *r)
{
	cJSON *map = cJSON_CreateObject();
	int more;

	while ((more = pair(r, map)) > 0)
		;
	if (more == 0)
		return map;
	cJSON_Delete(map);
	return NULL;
}

static cJSON *read_node(struct reader *r, yaml_event_t *ev)
{
	cJSON *j = NULL;

	if (r->depth == DEPTH_MAX) {
		fail(r, "nested too deeply", &ev->start_mark);
		return NULL;
	}
	r->depth++;
	if (ev->type == YAML_SCALAR_EVENT)
		j = scalar(ev);
	else if (ev->type == YAML_SEQUENCE_START_EVENT)
		j = sequence(r);
	else if (ev->type == YAML_MAPPING_START_EVENT)
		j = mapping(r);
	else
		fail(r, "aliases are not supported", &ev->start_mark);
	r->depth--;
	return j;
}

cJSON *config_yaml_parse(struct slice text, struct err *e)
{
	struct reader r = {.e = e};
	yaml_event_t ev;
	cJSON *j = NULL;

	if (!yaml_parser_initialize(&r.parser)) {
		err_set(e, -ENOMEM, "out of memory");
		return NULL;
	}
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.ptr, text.len);
	for (bool going = true; going && next(&r, &ev);) {
		if (ev.type == YAML_STREAM_END_EVENT) {
			err_set(e, -EINVAL, "no document");
			going = false;
		} else if (ev.type != YAML_STREAM_START_EVENT && ev.type != YAML_DOCUMENT_START_EVENT) {
			j = read_node(&r, &ev);
			going = false;
		}
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&r.parser);
	return j;
}
