/* Serves the OpenAPI documents, made anew when what is served changed. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/rest/rest_internal.h"
#include "lab/view/openapi.h"

static struct openapi_kind *kinds_of(struct lab_api *api, size_t *ret_n)
{
	size_t n;
	CLEANUP(freep) struct resource **all = resources_sorted(&api->resources, &n);
	VEC(struct openapi_kind) list = {0};

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; all[i]->established && k < all[i]->n_versions; k++)
			if (all[i]->versions[k].served)
				vec_push(&list, (struct openapi_kind){.group = all[i]->group,
								      .version = all[i]->versions[k].name,
								      .kind = all[i]->kind,
								      .plural = all[i]->plural,
								      .namespaced = all[i]->namespaced,
								      .schema = all[i]->versions[k].schema->json});
	*ret_n = list.n;
	return list.v;
}

static void reply_v2(struct lab_api *api, struct web_request *r)
{
	size_t n;
	CLEANUP(freep) struct openapi_kind *kinds = kinds_of(api, &n);
	struct slice accept = web_header(r, "accept");
	CLEANUP(buf_done) struct buf wants = BUF_INIT, out = BUF_INIT;
	CLEANUP(json_freep) cJSON *doc = openapi_v2(kinds, n);

	buf_append_slice(&wants, accept);
	if (strstr(buf_str(&wants), "spec.v2@v1.0+protobuf")) {
		openapi_v2_proto(doc, &out);
		web_reply(r, 200, "application/octet-stream",
			  buf_slice(&out)); /* as the type has an @, Go cannot parse it */
	} else {
		rest_reply_json(r, 200, doc);
	}
}

static void reply_v3(struct lab_api *api, struct web_request *r, struct slice rest)
{
	size_t n;
	CLEANUP(freep) struct openapi_kind *kinds = kinds_of(api, &n);
	cJSON *doc;

	if (!rest.len) {
		doc = openapi_v3_index(kinds, n);
	} else {
		struct slice first = slice_split(&rest, '/');
		bool named = slice_eq_str(first, "apis");
		const char *group = named ? arena_slicedup(web_arena(r), slice_split(&rest, '/')) : "";

		doc = openapi_v3(kinds, n, group, arena_slicedup(web_arena(r), rest));
	}
	if (doc)
		rest_reply_json(r, 200, doc);
	else
		web_reply_text(r, 404, "404 page not found\n");
	cJSON_Delete(doc);
}

bool openapi_answer(struct lab_api *api, struct web_request *r)
{
	if (slice_eq_str(r->path, "/openapi/v2"))
		reply_v2(api, r);
	else if (slice_eq_str(r->path, "/openapi/v3"))
		reply_v3(api, r, SLICE(""));
	else if (slice_starts(r->path, SLICE("/openapi/v3/")))
		reply_v3(api, r, slice_from(r->path, 12));
	else
		return false;
	return true;
}
