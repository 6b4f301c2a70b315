/* What the files of the HTTP front share. */
#ifndef LAB_REST_REST_INTERNAL_H
#define LAB_REST_REST_INTERNAL_H

#include "lab/api/op.h"

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

/* --- options.c --- */

/* What is wrong with a request's options: a failure, or NULL. propagation may be NULL. */
cJSON *options_check_write(struct web_request *r, enum verb verb);
cJSON *options_check_delete(struct web_request *r, const char *propagation);
cJSON *options_check_list(struct web_request *r, bool watch);

/* --- review.c --- */

/* Reviews (TokenReview, SubjectAccessReview...): answers in place. NULL or a failure. */
cJSON *review_answer(struct lab_api *api, const struct user *u, const struct resource *r, const char *ns, cJSON *obj);

/* --- output.c --- */

enum form { FORM_OBJECT, FORM_TABLE, FORM_PARTIAL };

struct output {
	enum form form;
	const char *api_version;                             /* of Table or PartialObjectMetadata: "meta.k8s.io/v1" */
	enum { ROW_METADATA, ROW_OBJECT, ROW_NONE } include; /* what a row carries */
	bool no_headers;                                     /* watches after the first event */
};

/* From the Accept header and includeObject. False: nothing that we can speak. */
bool output_choose(struct web_request *r, struct output *o);
/* Appends one object in the wanted form. */
void output_object(const struct lab_api *api, const struct output *o, const struct resource *r, size_t version,
		   const cJSON *obj, struct buf *out);
/* A Table without rows; and one more row. */
cJSON *output_table(const struct resource *r, size_t version, bool headers);
void output_table_add(cJSON *table, const struct output *o, const struct resource *r, size_t version, const cJSON *obj);

/* --- read.c, watch.c --- */

struct list_query {
	const char *ns; /* "" or NULL = all */
	struct label_selector labels;
	struct field_selector fields;
	int64_t limit;
	const char *continue_token;
	const char *resource_version;
	const char *name; /* one object only, or NULL */
};

/* Parses the query's parameters; NULL or a failure. */
cJSON *list_query_parse(struct web_request *r, const struct resource *res, struct list_query *q);
bool list_query_matches(const struct list_query *q, const struct object *o);
void read_list(struct lab_api *api, struct web_request *r, struct resource *res, size_t version,
	       const struct list_query *q, const struct output *o);
/* Replies with one object. */
void read_one(struct lab_api *api, struct web_request *r, struct resource *res, size_t version,
	      const struct object *obj, const struct output *o);
void watch_begin(struct lab_api *api, struct web_request *r, struct resource *res, size_t version,
		 const struct list_query *q, const struct output *o);
void watch_end_all(struct lab_api *api);

/* --- discovery.c, openapi.c --- */

/* Answers when the path is one of discovery's; else false. */
bool discovery_answer(struct lab_api *api, struct web_request *r);
bool openapi_answer(struct lab_api *api, struct web_request *r);

/* --- rest.c --- */

void rest_handle(void *api, struct web_request *r);
void rest_reply_json(struct web_request *r, int status, const cJSON *json);
void rest_reply_status(struct web_request *r, cJSON *status); /* takes it */
/* Adds a header Warning (RFC 7234, as Kubernetes uses it: code 299). */
void rest_warn(struct web_request *r, const char *text);

/* --- rest_write.c --- */

/* Creates (POST) and updates (PUT) with the body. Writes to a kind through which another is seen are that one's. */
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

/* The body as JSON, the caller's; kind is what it should hold, for words. NULL or a failure. */
cJSON *rest_body(struct web_request *r, const char *kind, cJSON **ret);
/* An op for the request, without body and done; it outlives the request when the client goes away. */
struct op *rest_op(struct lab_api *api, struct web_request *r, const struct route *t, enum verb verb);

/* --- project.c --- */

/* Makes the namespace that a ProjectRequest asks for, with its asker as administrator; the answer is the Project. */
void project_request(struct lab_api *api, struct web_request *r, const struct route *t);
/* Answers a list of ProjectRequests, which says only that its asker may make some. */
void project_may_request(struct web_request *r);

/* --- podlog.c, podexec.c, portforward.c, proxy.c --- */

/* log, exec, attach, portforward, proxy: answer or take over the request. rest is what follows the subresource in the
 * path. */
void pod_log(struct lab_api *api, struct web_request *r, const char *ns, const char *name);
void pod_exec(struct lab_api *api, struct web_request *r, const char *ns, const char *name);
void pod_portforward(struct lab_api *api, struct web_request *r, const char *ns, const char *name);
void proxy_request(struct lab_api *api, struct web_request *r, const char *ns, const char *resource, const char *name,
		   struct slice rest);

#endif
