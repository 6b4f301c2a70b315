/* Resources of any xDS server: the first byte chooses the type, the rest is the packed message. */
#include <stdlib.h>

#include "base/mem.h"
#include "config/build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum xds_type types[] = {XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE, XDS_SECRET};
	struct config_node *node = mem_alloc(sizeof(*node));
	struct xds_resource *r;
	enum xds_type missing;
	struct err e = ERR_INIT;
	const char *name;

	node->refs = 1;
	struct build *b = build_new(node);
	config_node_unref(node);
	if (size) {
		enum xds_type type = types[data[0] % (sizeof(types) / sizeof(types[0]))];
		r = xds_resource_new(type, SLICE("x"), slice_make(data + 1, size - 1));
		struct build_update u = {type, &r, 1, NULL, 0, NULL};
		(void)build_apply(b, &u, &e);
		xds_resource_unref(r);
	}
	(void)build_missing(b, &missing, &name);
	config_unref(build_config(b));
	build_free(b);
	return 0;
}
