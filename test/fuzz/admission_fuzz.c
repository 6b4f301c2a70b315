/* Admission reviews as the API server sends them: the first byte chooses the webhook, the rest is the request's body.
 */
#include <stdlib.h>

#include "inject/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct inject_config cfg = {.ns = "istio-system",
					  .revision = "basic",
					  .domain = "cluster.local",
					  .cluster_id = "Kubernetes",
					  .proxy_image = "proxy"};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct store *s = store_new();
	struct inject *i = inject_new(NULL, s, &cfg);

	if (size && data[0] & 1)
		inject_review(i, slice_make(data + 1, size - 1), &out);
	else if (size)
		inject_validate_review(i, slice_make(data + 1, size - 1), &out);
	inject_free(i);
	store_free(s);
	return 0;
}
