/* Resources by name: equal versions are equal bytes. */
#include <string.h>

#include "ctl/diff/diff_internal.h"

static const struct xds_resource *find(const struct xds_set *s, struct slice name)
{
	return s ? xds_set_find(s, name) : NULL;
}

void diff_resources(struct comparison *k)
{
	for (size_t i = 0; mesh_view_types[i] != XDS_TYPE_NONE; i++) {
		const enum xds_type t = mesh_view_types[i];
		const struct xds_set *old = k->old->result.sets[t], *now = k->now->result.sets[t];

		for (size_t n = 0; now && n < now->n; n++) {
			const struct xds_resource *was = find(old, now->v[n]->name);

			if (!was)
				diff_say(k, "sent", "+ %s %.*s", mesh_type_name(t), SLICE_ARG(now->v[n]->name));
			else if (strcmp(was->version, now->v[n]->version) != 0)
				diff_say(k, "sent", "~ %s %.*s", mesh_type_name(t), SLICE_ARG(now->v[n]->name));
		}
		for (size_t n = 0; old && n < old->n; n++)
			if (!find(now, old->v[n]->name))
				diff_say(k, "sent", "- %s %.*s", mesh_type_name(t), SLICE_ARG(old->v[n]->name));
	}
}
