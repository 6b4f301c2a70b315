/* What the operator takes from objects that are there already. */
#include "api/cluster/route.h"
#include "api/core/core.h"
#include "base/base64.h"
#include "operator/render/addons.h"

bool route_address(const struct store *s, const char *ns, const char *name, struct buf *out)
{
	const struct api_object *o = store_get(s, &api_kind_route, ns, name);
	const struct openshift_route *route = o ? API_VALUE(o, route, openshift_route) : NULL;
	const char *host = AT2(route, spec, host);

	if (!host || !*host)
		return false;
	buf_printf(out, "%s://%s", route->spec->tls ? "https" : "http", host);
	return true;
}

void chosen_once(const struct chosen_input *in, const char *name, const char *member, struct chosen_size size,
		 struct buf *out)
{
	const struct api_object *o = store_get(in->store, &api_kind_secret, in->ns, name);
	const struct core_secret *secret = o ? API_VALUE(o, secret, core_secret) : NULL;

	for (size_t i = 0; secret && i < secret->data.n; i++)
		if (strcmp(secret->data.v[i].key, member) == 0 &&
		    base64_decode(slice_str(secret->data.v[i].value), out) == 0 && out->len >= size.least &&
		    strlen(out->ptr) == out->len)
			return;
	buf_clear(out);
	buf_append_slice(out, slice_head(slice_str(in->fresh), MIN(size.fresh, strlen(in->fresh))));
}
