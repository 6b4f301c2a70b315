/*
 * The YAML reader: libyaml's events become cJSON. Aliases are expanded by copying; the nodes of all copies count, so a
 * text that multiplies itself ends at YAML_NODES_MAX.
 */
#include "msg/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/mem.h"
#include "msg/json.h"
#include "msg/msg.h"
#include "msg/yaml_internal.h"

struct anchor {
	char *name;
	cJSON *value; /* a copy */
	size_t nodes;
	int height; /* levels of nesting */
};

struct reader {
	yaml_parser_t parser;
	struct map anchors; /* of struct anchor */
	size_t nodes;       /* of this document */
	int depth;
	bool marking; /* lines are wanted */
	struct yaml_lines lines;
	struct err *e;
};

static int read_node(struct reader *r, yaml_event_t *event, cJSON **ret);

static int fail(struct reader *r, int code, const char *what, const char *detail)
{
	return err_set(r->e, code, "YAML line %zu: %s%s", r->parser.mark.line + 1, what, detail);
}

static int next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	return err_set(r->e, -EINVAL, "YAML line %zu: %s", r->parser.problem_mark.line + 1,
		       r->parser.problem ? r->parser.problem : "not readable");
}

static void mark(struct reader *r, const cJSON *value, size_t line)
{
	if (r->marking)
		vec_push(&r->lines.v, (struct yaml_line){value, (unsigned)line + 1, (unsigned)r->lines.v.n});
}

static int count_nodes(struct reader *r, size_t n)
{
	r->nodes += n;
	return r->nodes > YAML_NODES_MAX ? fail(r, -EMSGSIZE, "too many nodes", "") : 0;
}

static void forget_anchors(struct reader *r)
{
	struct map_entry *entry;

	for (size_t i = 0; (entry = map_next(&r->anchors, &i));) {
		struct anchor *a = entry->value;

		cJSON_Delete(a->value);
		free(a->name);
		free(a);
	}
	map_done(&r->anchors);
	r->anchors = (struct map){0};
}

static int height_of(const cJSON *json)
{
	const cJSON *it;
	int max = 0;

	cJSON_ArrayForEach(it, json)
	{
		int height = height_of(it);

		max = MAX(max, height);
	}
	return max + 1;
}

static void remember(struct reader *r, const char *name, const cJSON *value, size_t nodes)
{
	struct anchor *a = map_get(&r->anchors, slice_str(name));

	if (!a) {
		a = NEW(struct anchor);
		a->name = mem_strdup(name);
		map_set(&r->anchors, slice_str(a->name), a);
	}
	cJSON_Delete(a->value);
	a->value = cJSON_Duplicate(value, true);
	a->nodes = nodes;
	a->height = height_of(value);
}

static int read_alias(struct reader *r, const char *name, cJSON **ret)
{
	const struct anchor *a = map_get(&r->anchors, slice_str(name));
	int rc;

	if (!a)
		return fail(r, -EINVAL, "unknown anchor ", name);
	if (r->depth + a->height > MSG_DEPTH_MAX)
		return fail(r, -ELOOP, "nested too deep", "");
	rc = count_nodes(r, a->nodes);
	if (rc < 0)
		return rc;
	*ret = cJSON_Duplicate(a->value, true);
	return *ret ? 0 : -ENOMEM;
}

static int read_scalar(struct reader *r, const yaml_event_t *event, cJSON **ret)
{
	const char *text = (const char *)event->data.scalar.value, *tag = (const char *)event->data.scalar.tag;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (strlen(text) != event->data.scalar.length)
		return fail(r, -EINVAL, "NUL in a scalar", "");
	if (tag && strcmp(tag, "!")) {
		if (!strcmp(tag, YAML_STR_TAG) || !strcmp(tag, "tag:yaml.org,2002:binary"))
			plain = false;
		else if (!strcmp(tag, YAML_INT_TAG) || !strcmp(tag, YAML_FLOAT_TAG) || !strcmp(tag, YAML_BOOL_TAG) ||
			 !strcmp(tag, YAML_NULL_TAG))
			plain = true;
		else
			return fail(r, -EINVAL, "unknown tag ", tag);
	} else if (tag) {
		plain = false;
	}
	*ret = plain ? yaml_resolve(text) : cJSON_CreateString(text);
	return *ret ? 0 : fail(r, -EINVAL, "no JSON has this value: ", text);
}

static int read_sequence(struct reader *r, cJSON **ret)
{
	CLEANUP(json_freep) cJSON *array = cJSON_CreateArray();
	yaml_event_t event;
	int rc;

	for (;;) {
		cJSON *item = NULL;

		rc = next_event(r, &event);
		if (rc < 0)
			return rc;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			*ret = take(array);
			return 0;
		}
		const size_t line = event.start_mark.line;
		rc = read_node(r, &event, &item);
		if (rc < 0)
			return rc;
		cJSON_AddItemToArray(array, item);
		mark(r, item, line);
	}
}

/* A key is always a string in JSON: 1 becomes "1", true "true". */
static int key_text(struct reader *r, const cJSON *key, struct buf *out)
{
	if (cJSON_IsString(key))
		buf_append_str(out, key->valuestring);
	else if (cJSON_IsObject(key) || cJSON_IsArray(key))
		return fail(r, -EINVAL, "a key must be a scalar", "");
	else
		json_print(key, out);
	return 0;
}

static int merge_one(struct reader *r, cJSON *into, const cJSON *from)
{
	const cJSON *it;

	if (!cJSON_IsObject(from))
		return fail(r, -EINVAL, "<< takes a map or a list of maps", "");
	cJSON_ArrayForEach(it, from)
	{
		if (count_nodes(r, 1) < 0)
			return -EMSGSIZE;
		if (!json_get(into, it->string))
			cJSON_AddItemToObject(into, it->string, cJSON_Duplicate(it, true));
	}
	return 0;
}

static int merge(struct reader *r, cJSON *into, const cJSON *from)
{
	const cJSON *it;
	int rc;

	if (!cJSON_IsArray(from))
		return merge_one(r, into, from);
	cJSON_ArrayForEach(it, from)
	{
		rc = merge_one(r, into, it);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* One key and its value; *merges collects what "<<" brought, to be merged when all own keys are known. */
static int read_pair(struct reader *r, yaml_event_t *event, cJSON *object, struct map *keys, cJSON *merges)
{
	CLEANUP(json_freep) cJSON *key = NULL, *value = NULL;
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	bool merging = event->type == YAML_SCALAR_EVENT && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		       !strcmp((const char *)event->data.scalar.value, "<<");
	const size_t line = event->start_mark.line;
	cJSON *item;
	int rc = read_node(r, event, &key);

	if (rc == 0)
		rc = key_text(r, key, &name);
	if (rc == 0)
		rc = next_event(r, event);
	if (rc == 0)
		rc = read_node(r, event, &value);
	if (rc < 0)
		return rc;
	if (merging) {
		cJSON_AddItemToArray(merges, take(value));
		return 0;
	}
	if (map_get(keys, slice_str(buf_str(&name))))
		return fail(r, -EINVAL, "duplicate key ", buf_str(&name));
	item = take(value);
	cJSON_AddItemToObject(object, buf_str(&name), item);
	mark(r, item, line);
	map_set(keys, slice_str(item->string), item);
	return 0;
}

static int read_mapping(struct reader *r, cJSON **ret)
{
	CLEANUP(json_freep) cJSON *object = cJSON_CreateObject(), *merges = cJSON_CreateArray();
	CLEANUP(map_done) struct map keys = {0};
	yaml_event_t event;
	const cJSON *it;
	int rc;

	for (;;) {
		rc = next_event(r, &event);
		if (rc < 0)
			return rc;
		if (event.type == YAML_MAPPING_END_EVENT)
			break;
		rc = read_pair(r, &event, object, &keys, merges);
		if (rc < 0)
			return rc;
	}
	yaml_event_delete(&event);
	cJSON_ArrayForEach(it, merges)
	{
		rc = merge(r, object, it);
		if (rc < 0)
			return rc;
	}
	*ret = take(object);
	return 0;
}

static int read_content(struct reader *r, const yaml_event_t *event, cJSON **ret)
{
	int rc = count_nodes(r, 1);

	if (rc < 0)
		return rc;
	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(r, (const char *)event->data.alias.anchor, ret);
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(r, event, ret);
	if (r->depth >= MSG_DEPTH_MAX)
		return fail(r, -ELOOP, "nested too deep", "");
	r->depth++;
	rc = event->type == YAML_SEQUENCE_START_EVENT ? read_sequence(r, ret) : read_mapping(r, ret);
	r->depth--;
	return rc;
}

static const char *event_anchor(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return (const char *)event->data.scalar.anchor;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return (const char *)event->data.sequence_start.anchor;
	return event->type == YAML_MAPPING_START_EVENT ? (const char *)event->data.mapping_start.anchor : NULL;
}

/* Consumes the event that begins the node and all that belongs to it. */
static int read_node(struct reader *r, yaml_event_t *event, cJSON **ret)
{
	yaml_event_t own = *event;
	size_t before = r->nodes;
	int rc;

	memset(event, 0, sizeof(*event));
	if (own.type != YAML_ALIAS_EVENT && own.type != YAML_SCALAR_EVENT && own.type != YAML_SEQUENCE_START_EVENT &&
	    own.type != YAML_MAPPING_START_EVENT)
		rc = fail(r, -EINVAL, "value expected", "");
	else
		rc = read_content(r, &own, ret);
	if (rc == 0 && event_anchor(&own))
		remember(r, event_anchor(&own), *ret, r->nodes - before);
	yaml_event_delete(&own);
	return rc;
}

/* After a document start: 1 with a document, 0 with an empty one. */
static int read_document(struct reader *r, cJSON **ret)
{
	CLEANUP(json_freep) cJSON *doc = NULL;
	yaml_event_t event;
	int rc;

	r->nodes = 0;
	r->lines.v.n = 0;
	forget_anchors(r);
	rc = next_event(r, &event);
	const size_t line = rc == 0 ? event.start_mark.line : 0;
	if (rc == 0)
		rc = read_node(r, &event, &doc);
	if (rc < 0)
		return rc;
	mark(r, doc, line);
	if (!doc || cJSON_IsNull(doc))
		return 0;
	*ret = take(doc);
	return 1;
}

/* Of a value that was marked twice, since its address was another's before, the last one counts. */
static int by_address(const void *a, const void *b)
{
	const struct yaml_line *x = a, *y = b;

	if (x->value != y->value)
		return (uintptr_t)x->value < (uintptr_t)y->value ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void sort_lines(struct yaml_lines *l)
{
	size_t n = 0;

	if (l->v.n)
		qsort(l->v.v, l->v.n, sizeof(l->v.v[0]), by_address);
	for (size_t i = 0; i < l->v.n; i++) {
		if (n && l->v.v[n - 1].value == l->v.v[i].value)
			n--;
		l->v.v[n++] = l->v.v[i];
	}
	l->v.n = n;
}

unsigned yaml_line_of(const struct yaml_lines *l, const cJSON *value)
{
	size_t lo = 0, hi = l->v.n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (l->v.v[mid].value == value)
			return l->v.v[mid].line;
		if ((uintptr_t)l->v.v[mid].value < (uintptr_t)value)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

void yaml_lines_done(struct yaml_lines *l)
{
	vec_done(&l->v);
}

static int each(struct reader *r, yaml_lines_fn on_doc, void *arg)
{
	yaml_event_t event;
	cJSON *doc = NULL;
	int rc;

	for (;;) {
		yaml_event_type_t type;

		rc = next_event(r, &event);
		if (rc < 0)
			return rc;
		type = event.type;
		yaml_event_delete(&event);
		if (type == YAML_STREAM_END_EVENT)
			return 0;
		if (type != YAML_DOCUMENT_START_EVENT)
			continue;
		rc = read_document(r, &doc);
		sort_lines(&r->lines);
		if (rc == 1)
			rc = on_doc(arg, doc, &r->lines, r->e);
		if (rc < 0)
			return rc;
	}
}

static int read_all(struct slice text, bool marking, yaml_lines_fn on_doc, void *arg, struct err *e)
{
	struct reader r = {.marking = marking, .e = e};
	int rc;

	if (text.len > YAML_MAX_BYTES)
		return err_set(e, -EMSGSIZE, "YAML of %zu bytes is longer than %u", text.len, YAML_MAX_BYTES);
	if (!yaml_parser_initialize(&r.parser))
		return err_set(e, -ENOMEM, "YAML: no memory");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	rc = each(&r, on_doc, arg);
	forget_anchors(&r);
	yaml_lines_done(&r.lines);
	yaml_parser_delete(&r.parser);
	return rc;
}

int yaml_each_lines(struct slice text, yaml_lines_fn on_doc, void *arg, struct err *e)
{
	return read_all(text, true, on_doc, arg, e);
}

struct without_lines {
	yaml_doc_fn fn;
	void *arg;
};

static int on_lines(void *arg, cJSON *doc, struct yaml_lines *lines, struct err *e)
{
	const struct without_lines *to = arg;

	(void)lines;
	return to->fn(to->arg, doc, e);
}

int yaml_each(struct slice text, yaml_doc_fn on_doc, void *arg, struct err *e)
{
	struct without_lines to = {on_doc, arg};

	return read_all(text, false, on_lines, &to, e);
}

#define ENOUGH (-ECANCELED)

static int keep_first(void *arg, cJSON *doc, struct err *e)
{
	(void)e;
	*(cJSON **)arg = doc;
	return ENOUGH;
}

int yaml_parse(struct slice text, cJSON **ret, struct err *e)
{
	cJSON *doc = NULL;
	int rc = yaml_each(text, keep_first, &doc, e);

	if (rc < 0 && rc != ENOUGH)
		return rc;
	if (!doc)
		return err_set(e, -ENODATA, "YAML: no document");
	*ret = doc;
	return 0;
}
