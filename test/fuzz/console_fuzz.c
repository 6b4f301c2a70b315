/* What exporters send to the collector: the first byte says in which form. What was read is stored and asked for again.
 */
#include <assert.h>
#include <stdlib.h>

#include "console/collect/collect.h"
#include "console/store/store.h"
#include "msg/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_US 1700000000000000

static void store_and_ask(const struct span_batch *b)
{
	struct span_store *s = span_store_new(&(struct span_store_params){.max_spans = 50}, NULL);
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	assert(span_store_add(s, b, NOW_US, &e) == 0);
	for (size_t i = 0; i < b->n && i < 3; i++) {
		const struct span_query q = {.service = b->v[i].service};
		cJSON *json = NULL;

		buf_clear(&out);
		assert(span_store_traces(s, &q, &out, &e) == 0);
		assert(json_parse(buf_slice(&out), 1u << 26, &json, &e) == 0);
		cJSON_Delete(json);
	}
	buf_done(&out);
	span_store_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice body = slice_make(data + 1, size ? size - 1 : 0);
	struct span_batch b = {0};
	struct buf plain = BUF_INIT;
	struct err e = ERR_INIT;

	if (!size)
		return 0;
	switch (data[0] % 4) {
	case 0:
		span_read_zipkin(body, &b, &e);
		break;
	case 1:
		span_read_otlp(body, &b, &e);
		break;
	case 2:
		span_read_otlp_json(body, &b, &e);
		break;
	default:
		collector_unzip(body, 1u << 20, &plain);
		break;
	}
	if (b.n)
		store_and_ask(&b);
	buf_done(&plain);
	span_batch_done(&b);
	return 0;
}
