/* Bodies in Kubernetes' protobuf form by anybody: the envelope, and a Pod. */
#include <stdlib.h>

#include "api/core/pod.h"
#include "api/proto.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json_freep) cJSON *object = NULL, *pod = NULL;

	if (api_proto_decode(slice_make(data, size), &object, NULL) == 0 && !json_str(object, "kind"))
		abort();
	msg_proto_to_json(&core_pod_desc, slice_make(data, size), &pod, NULL);
	return 0;
}
