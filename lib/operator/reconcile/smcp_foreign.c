/* Objects of kinds that other operators define. API servers leave out what a definition does not know, and which
 * version of it a cluster has cannot be known: so what is missing in the object that is there is told. */
#include "api/cluster/foreign.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"
#include "operator/reconcile/smcp_internal.h"

static bool says_nothing(const cJSON *v)
{
	return cJSON_IsNull(v) || ((cJSON_IsObject(v) || cJSON_IsArray(v)) && !v->child);
}

/* Lists are compared by nobody here: they are kept whole, or refused. Bounded by what templates nest. */
static void tell_missing(const struct api_object *o, const char *path, const cJSON *want, const cJSON *have,
			 struct smcp_view *v)
{
	JSON_EACH(m, want)
	{
		CLEANUP(freep) char *at = mem_printf("%s.%s", path, m->string);
		const cJSON *there = json_get(have, m->string);

		if (there && cJSON_IsObject(m)) {
			tell_missing(o, at, m, there, v);
		} else if (!there && !says_nothing(m)) {
			buf_printf(&v->unsupported, "%s %s: %s: the definition of its operator does not know it\n",
				   o->kind->kind, api_object_name(o), at);
			v->unsupported_fields++;
		}
	}
}

void smcp_tell_foreign(const struct store *s, const struct rendering *r, struct smcp_view *v)
{
	for (size_t i = 0; v->complete && i < r->objects.n; i++) {
		const struct api_object *o = r->objects.v[i].obj;
		const struct api_object *have;

		if (o->kind->desc != &foreign_object_desc)
			continue;
		have = store_get(s, o->kind, api_object_namespace(o), api_object_name(o));
		if (have)
			tell_missing(o, "spec", ((const struct foreign_object *)o->value)->spec,
				     ((const struct foreign_object *)have->value)->spec, v);
	}
}
