/* Patches and selectors by anybody: the first line is the selector, then the document, then the patch, a line each. */
#include "base/cleanup.h"
#include "msg/json.h"
#include "lab/object/patch.h"
#include "msg/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema_text[] =
	"{\"type\":\"object\",\"properties\":{\"l\":{\"type\":\"array\",\"x-kubernetes-patch-strategy\":\"merge\","
	"\"x-kubernetes-patch-merge-key\":\"name\",\"items\":{\"type\":\"object\"}},\"p\":{\"type\":\"array\","
	"\"x-kubernetes-patch-strategy\":\"merge\"}}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *doc = NULL, *patch = NULL, *schema_json = json_literal(schema_text);
	struct slice rest = slice_make(data, size), selector = slice_split(&rest, '\n');
	struct slice doc_text = slice_split(&rest, '\n');
	const struct schema *s = schema_compile(&a, schema_json);
	struct label_selector labels;

	label_selector_parse(&a, arena_slicedup(&a, selector), &labels, NULL);
	if (json_parse(doc_text, 65536, &doc, NULL) < 0 || json_parse(rest, 65536, &patch, NULL) < 0)
		return 0;
	cJSON *copy = cJSON_Duplicate(doc, true);

	if (cJSON_IsArray(patch))
		patch_json(&copy, patch, NULL);
	cJSON_Delete(copy);
	cJSON_Delete(patch_merge(cJSON_Duplicate(doc, true), patch));
	if (cJSON_IsObject(doc))
		cJSON_Delete(patch_strategic(s, cJSON_Duplicate(doc, true), patch, NULL));
	return 0;
}
