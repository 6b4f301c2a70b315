#include "cel/attributes.h"

#include <ctype.h>

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
