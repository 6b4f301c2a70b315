/* One ConversionReview (apiextensions.k8s.io/v1): objects of the other version in, objects of the wanted one out. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "operator/convert/convert.h"
#include "operator/webhook/webhook_internal.h"
#include "web/server.h"

#define REVIEW "apiextensions.k8s.io/v1"

static void set_result(cJSON *response, const struct err *e)
{
	cJSON *result = json_object(response, "result");

	json_set_str(result, "status", e->code ? "Failure" : "Success");
	if (e->code)
		json_set_str(result, "message", e->msg);
}

static int convert_all(const cJSON *request, cJSON *converted, struct err *e)
{
	const cJSON *objects = json_get(request, "objects");
	const char *want = json_get_str(request, "desiredAPIVersion");
	int i = 0;

	if (!want || cJSON_GetArraySize(objects) > WEBHOOK_OBJECTS_MAX)
		return err_set(e, -EINVAL, want ? "at most %d objects are converted at a time" : "no desiredAPIVersion",
			       WEBHOOK_OBJECTS_MAX);
	JSON_EACH(o, objects)
	{
		cJSON *to = NULL;
		int r = convert_smcp(o, want, &to, e);

		if (r < 0)
			return err_wrap(e, r, "objects[%d]: ServiceMeshControlPlane %s/%s", i,
					json_str_or_empty(o, "metadata.namespace"),
					json_str_or_empty(o, "metadata.name"));
		cJSON_AddItemToArray(converted, to);
		i++;
	}
	return 0;
}

int webhook_convert_review(struct slice body, struct buf *out, struct err *e)
{
	CLEANUP(json_freep) cJSON *review = NULL;
	CLEANUP(json_freep) cJSON *answer = cJSON_CreateObject();
	cJSON *response = json_object(answer, "response"), *converted = cJSON_CreateArray();
	struct err why = ERR_INIT;
	int r;

	json_set(response, "convertedObjects", converted);
	r = json_parse(body, WEB_BODY_MAX_BYTES, &review, e);
	if (r < 0)
		return r;
	if (!json_str(review, "request.uid") || strcmp(json_str_or_empty(review, "apiVersion"), REVIEW) != 0)
		return err_set(e, -EINVAL, "a ConversionReview of " REVIEW " is wanted");
	json_set_str(answer, "apiVersion", REVIEW);
	json_set_str(answer, "kind", "ConversionReview");
	json_set_str(response, "uid", json_str(review, "request.uid"));
	if (convert_all(json_get(review, "request"), converted, &why) < 0)
		json_set(response, "convertedObjects", cJSON_CreateArray());
	set_result(response, &why);
	json_print(answer, out);
	return 0;
}

void webhook_convert(struct webhook *w, struct web_request *request)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	struct err e = ERR_INIT;

	(void)w;
	if (webhook_convert_review(request->body, &body, &e) < 0)
		web_reply_text(request, 400, e.msg);
	else
		web_reply(request, 200, "application/json", buf_slice(&body));
}
