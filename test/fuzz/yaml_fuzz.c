/* YAML of anybody: what was read is printed and reads the same again. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json_freep) cJSON *json = NULL, *again = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (yaml_parse(slice_make(data, size), &json, NULL) < 0)
		return 0;
	yaml_print(json, &text);
	if (yaml_parse(buf_slice(&text), &again, NULL) < 0 || !json_equal(json, again))
		abort();
	return 0;
}
