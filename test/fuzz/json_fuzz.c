/* JSON of anybody: parse, print, parse again; decode it as a VirtualService and as a Pod. */
#include <stdlib.h>

#include "api/networking/networking.h"
#include "api/core/pod.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct msg_desc *desc, const cJSON *json)
{
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	CLEANUP(json_freep) cJSON *back = NULL;
	void *msg = msg_new_from_json(desc, json, &arena, NULL), *again;

	if (!msg)
		return;
	msg_validate(desc, msg, NULL, NULL);
	back = msg_to_json(desc, msg);
	again = msg_new_from_json(desc, back, &arena, NULL);
	if (!again)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json_freep) cJSON *json = NULL, *again = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (json_parse(slice_make(data, size), 1 << 16, &json, NULL) < 0)
		return 0;
	json_print(json, &text);
	if (json_parse(buf_slice(&text), 1 << 20, &again, NULL) < 0 || !json_equal(json, again))
		abort();
	walk(&istio_virtual_service_desc, json);
	walk(&core_pod_desc, json);
	return 0;
}
