/* ConversionReviews as API servers send them: whatever they hold, the answer is well-formed, has an object of the
 * wanted version for each that was asked about or says why not, and what comes back from the other version is what was
 * sent. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "operator/convert/convert.h"
#include "operator/webhook/webhook_internal.h"

#define MUST(x)                                                                                                        \
	do {                                                                                                           \
		if (!(x))                                                                                              \
			abort();                                                                                       \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const cJSON *a, const cJSON *b)
{
	return !a == !b && (!a || json_equal(a, b));
}

static bool has_note(const cJSON *o)
{
	const cJSON *annotations = json_at(o, "metadata.annotations");

	return json_get(annotations, CONVERT_NOTE_OF_V1) || json_get(annotations, CONVERT_NOTE_OF_V2);
}

/* Of metadata only the note may differ. */
static void same_metadata(const cJSON *from, const cJSON *to)
{
	CLEANUP(json_freep) cJSON *a = cJSON_Duplicate(from, true);
	CLEANUP(json_freep) cJSON *b = cJSON_Duplicate(to, true);
	cJSON *both[] = {a, b};

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		cJSON *annotations = json_get(both[i], "annotations");

		json_remove(annotations, CONVERT_NOTE_OF_V1);
		json_remove(annotations, CONVERT_NOTE_OF_V2);
		if (annotations && !annotations->child)
			json_remove(both[i], "annotations");
		MUST(!both[i] || both[i]->child || cJSON_IsObject(both[i]));
	}
	MUST(same(a, b) || (!a && !b->child));
}

static void comes_back(const cJSON *sent, const cJSON *converted)
{
	CLEANUP(json_freep) cJSON *back = NULL;

	if (has_note(sent))
		return;
	if (convert_smcp(converted, json_get_str(sent, "apiVersion"), &back, NULL) < 0)
		return; /* the note is too long */
	MUST(same(json_get(sent, "spec"), json_get(back, "spec")));
	MUST(same(json_get(sent, "status"), json_get(back, "status")));
	MUST(!has_note(back));
}

static void check(const cJSON *request, const cJSON *response)
{
	const cJSON *sent = json_get(request, "objects"), *got = json_get(response, "convertedObjects");
	const char *want = json_get_str(request, "desiredAPIVersion");

	MUST(!strcmp(json_get_str(request, "uid"), json_get_str(response, "uid")));
	if (strcmp(json_str(response, "result.status"), "Success")) {
		MUST(*json_str(response, "result.message") && cJSON_GetArraySize(got) == 0);
		return;
	}
	MUST(cJSON_GetArraySize(got) == cJSON_GetArraySize(sent));
	sent = sent ? sent->child : NULL;
	for (const cJSON *o = got->child; o; o = o->next, sent = sent->next) {
		MUST(!strcmp(json_get_str(o, "apiVersion"), want));
		same_metadata(json_get(sent, "metadata"), json_get(o, "metadata"));
		comes_back(sent, o);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json_freep) cJSON *review = NULL;
	CLEANUP(json_freep) cJSON *answer = NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (webhook_convert_review(slice_make(data, size), &out, NULL) < 0) {
		MUST(out.len == 0);
		return 0;
	}
	MUST(json_is_utf8(buf_slice(&out)));
	answer = cJSON_ParseWithLength(buf_str(&out), out.len);
	MUST(json_parse(slice_make(data, size), size, &review, NULL) == 0 && answer);
	check(json_get(review, "request"), json_get(answer, "response"));
	return 0;
}
