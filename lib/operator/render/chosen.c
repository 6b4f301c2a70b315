#include "api/core/core.h"
#include "base/base64.h"
#include "operator/render/addons.h"

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
