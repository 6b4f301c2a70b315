/* What the files of the HTTP front share: rest.c (paths, rights, reads) and rest_write.c (bodies, writes). */
#ifndef LAB_REST_INTERNAL_H
#define LAB_REST_INTERNAL_H

#include "lab/api_internal.h"

/* A request to a resource, taken apart. */
struct route {
	const char *group, *version, *plural, *ns, *name, *sub;
	struct slice rest; /* behind the subresource */
	struct resource *res;
	int v; /* version index */
	struct user user;
	const char *verb;
};

/* A query parameter's value, or NULL; whether it says true. */
const char *rest_query(struct web_request *r, const char *name);
bool rest_query_true(struct web_request *r, const char *name);

/* Creates (POST) and updates (PUT) with the body. */
void rest_write(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o,
		enum verb verb);
void rest_patch(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o);
void rest_delete_one(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o);
/* deletecollection: an op for each object; the list of them is the answer. */
void rest_delete_many(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o);

/* Bodies that are answered, not stored. */
void rest_review(struct lab_api *api, struct web_request *r, const struct route *t);
void rest_request_token(struct lab_api *api, struct web_request *r, const struct route *t);
void rest_evict(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o);

#endif
