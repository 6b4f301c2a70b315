#include "cel/attributes.h"

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
