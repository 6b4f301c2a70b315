/* What others send or say: the first byte says in which form. Spans that were read are stored and asked for again. */
#include <assert.h>
#include <stdlib.h>

#include "console/collect/collect.h"
#include "console/live/series.h"
#include "console/store/store.h"
#include "console/why/why.h"
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

static bool sees(void *arg, const char *ns)
{
	(void)arg, (void)ns;
	return true;
}

static void explain(struct slice text)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct store *store = store_new();
	struct why_line line;
	struct slice id;

	(void)why_kind_of(text, &id);
	if (why_read_line(&a, text, &line, NULL) == 0)
		cJSON_Delete(why_explain(&(struct mesh_view){store, sees, NULL}, &line));
	store_free(store);
}

static void read_metrics(struct slice text)
{
	struct series_groups *groups = series_groups_new(50);
	struct series *s = series_new(groups);
	struct graph *g = graph_new(GRAPH_WORKLOAD);

	series_read(s, slice_head(text, text.len / 2), 0);
	series_read(s, text, 1000000000);
	series_sum(s);
	series_graph(groups, g);
	cJSON_Delete(graph_json(g, NULL, NULL));
	graph_free(g);
	series_free(s);
	series_groups_free(groups);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice body = slice_make(data + 1, size ? size - 1 : 0);
	struct span_batch b = {0};
	struct buf plain = BUF_INIT;
	struct err e = ERR_INIT;

	if (!size)
		return 0;
	switch (data[0] % 6) {
	case 0:
		span_read_zipkin(body, &b, &e);
		break;
	case 1:
		span_read_otlp(body, &b, &e);
		break;
	case 2:
		span_read_otlp_json(body, &b, &e);
		break;
	case 3:
		collector_unzip(body, 1u << 20, &plain);
		break;
	case 4:
		explain(body);
		break;
	default:
		read_metrics(body);
		break;
	}
	if (b.n)
		store_and_ask(&b);
	buf_done(&plain);
	span_batch_done(&b);
	return 0;
}
