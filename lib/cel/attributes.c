#include "cel/attributes.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"

static const char *const names[] = {
	[CEL_REQUEST] = "request",
	[CEL_RESPONSE] = "response",
	[CEL_SOURCE] = "source",
	[CEL_DESTINATION] = "destination",
	[CEL_CONNECTION] = "connection",
	[CEL_UPSTREAM] = "upstream",
	[CEL_XDS] = "xds",
};

const struct cel_names cel_attributes = {names, ARRAY_LEN(names)};

/* ---- what is no plain JSON ---- */

struct shape {
	const char *member;
	enum cel_json_type type;
};

static const struct shape root;
static const struct shape shapes[] = {
	{"headers", CEL_JSON_FIELDS},
	{"trailers", CEL_JSON_FIELDS},
	{"time", CEL_JSON_TIMESTAMP},
	{"duration", CEL_JSON_DURATION},
};

static enum cel_json_type shape_type(const void *schema)
{
	return ((const struct shape *)schema)->type;
}

static const void *shape_items(const void *schema)
{
	(void)schema;
	return NULL;
}

static const void *shape_member(const void *schema, const char *name)
{
	for (size_t i = 0; schema == &root && i < ARRAY_LEN(shapes); i++)
		if (strcmp(shapes[i].member, name) == 0)
			return &shapes[i];
	return NULL;
}

const struct cel_schema_ops cel_attribute_ops = {shape_type, shape_items, shape_member};
const void *const cel_attribute_schema = &root;

/* ---- labels ---- */

bool cel_is_label(const char *name)
{
	bool ok = *name && !isdigit((unsigned char)*name);

	for (; *name && ok; name++)
		ok = isalnum((unsigned char)*name) || *name == '_';
	return ok;
}

const struct cel_program *cel_label_value(struct arena *a, const char *text, struct err *e)
{
	return cel_compile(a, &cel_attributes, slice_str(arena_printf(a, "string(%s)", text)), e);
}
