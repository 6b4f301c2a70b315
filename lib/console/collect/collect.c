/* Spans from exporters to the store. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/collect/collect_internal.h"

#define NS_PER_US 1000
#define EXPIRE_MS 60000
#define TELL_NS (10 * (int64_t)NS_PER_S)

int64_t collector_now_us(void)
{
	return clock_wall_ns() / NS_PER_US;
}

static void on_expire(struct timer *t)
{
	struct collector *c = CONTAINER_OF(t, struct collector, expire);

	span_store_expire(c->store, collector_now_us());
	timer_start(c->loop, &c->expire, EXPIRE_MS, on_expire);
}

struct collector *collector_new(struct loop *l, struct span_store *store)
{
	struct collector *c = NEW(struct collector);

	c->loop = l;
	c->store = store;
	timer_start(l, &c->expire, EXPIRE_MS, on_expire);
	return c;
}

void collector_free(struct collector *c)
{
	if (!c)
		return;
	timer_stop(&c->expire);
	collector_close_grpc(c);
	free(c);
}

/* ---- one batch ---- */

static span_reader *const readers[COLLECT_FORMS] = {
	[COLLECT_ZIPKIN] = span_read_zipkin,
	[COLLECT_OTLP] = span_read_otlp,
	[COLLECT_OTLP_JSON] = span_read_otlp_json,
};

static void tell(struct collector *c, const char *what)
{
	unsigned more;

	if (log_limit_ok(&c->told, loop_now_ns(c->loop), TELL_NS, &more))
		log_warn("traces", "%s; those spans are lost (%u more such batches)", what, more);
}

int collector_add(struct collector *c, enum collect_form form, struct slice body, size_t *ret_refused, struct err *e)
{
	CLEANUP(span_batch_done) struct span_batch batch = {0};
	int r = readers[form](body, &batch, e);

	if (r < 0) {
		c->broken_batches++;
		tell(c, e->msg);
		return r;
	}
	c->batches[form]++;
	*ret_refused = batch.refused;
	r = span_store_add(c->store, &batch, collector_now_us(), e);
	if (r < 0)
		tell(c, e->msg);
	return r;
}

/* ---- HTTP ---- */

static bool is_json(struct slice type)
{
	return slice_eq_nocase(slice_trim(slice_split(&type, ';')), SLICE("application/json"));
}

/* ExportTraceServiceResponse: empty, or with the number of those that were refused. */
static void put_response(enum collect_form form, size_t refused, struct buf *out)
{
	if (form == COLLECT_OTLP && refused)
		collector_put_partial(refused, out);
	else if (form == COLLECT_OTLP_JSON && refused)
		buf_printf(out, "{\"partialSuccess\":{\"rejectedSpans\":\"%zu\",\"errorMessage\":\"%s\"}}", refused,
			   COLLECT_REFUSED_TEXT);
	else if (form == COLLECT_OTLP_JSON)
		buf_append_str(out, "{}");
}

static void take_body(struct collector *c, struct exchange *x, enum collect_form form, struct slice body)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	size_t refused = 0;
	int r = collector_add(c, form, body, &refused, &e);

	if (r < 0) {
		exchange_reply_error(x, r == -EIO ? 503 : r == -EMSGSIZE ? 413 : 400, "%s", e.msg);
		return;
	}
	put_response(form, refused, &out);
	exchange_reply(x, &(struct exchange_answer){
				  .status = form == COLLECT_ZIPKIN ? 202 : 200,
				  .type = form == COLLECT_OTLP ? "application/x-protobuf" : NULL,
				  .body = &out,
			  });
}

static void take_request(struct collector *c, struct exchange *x, enum collect_form form)
{
	CLEANUP(buf_done) struct buf plain = BUF_INIT;
	int r;

	if (x->method != EXCHANGE_POST) {
		exchange_reply_error(x, 405, "spans are sent with POST");
		return;
	}
	if (!x->content_encoding.len || slice_eq_nocase(x->content_encoding, SLICE("identity"))) {
		take_body(c, x, form, buf_slice(&x->body));
		return;
	}
	if (!slice_eq_nocase(x->content_encoding, SLICE("gzip"))) {
		exchange_reply_error(x, 415, "content-encoding: must be gzip or identity");
		return;
	}
	r = collector_unzip(buf_slice(&x->body), SPAN_BATCH_MAX_BYTES, &plain);
	if (r == 0) {
		take_body(c, x, form, buf_slice(&plain));
		return;
	}
	c->broken_batches++;
	exchange_reply_error(x, r == -EMSGSIZE ? 413 : 400,
			     r == -EMSGSIZE ? "the batch is larger than 2 MiB" : "the body is not gzip");
}

bool collector_take(struct collector *c, struct exchange *x)
{
	if (slice_eq_str(x->path, "/api/v2/spans"))
		take_request(c, x, COLLECT_ZIPKIN);
	else if (slice_eq_str(x->path, "/v1/traces"))
		take_request(c, x, is_json(x->content_type) ? COLLECT_OTLP_JSON : COLLECT_OTLP);
	else
		return false;
	return true;
}

/* ---- counters ---- */

void collector_metrics(const struct collector *c, struct buf *out)
{
	const struct span_counts n = span_store_counts(c->store);
	const struct {
		const char *name, *type;
		uint64_t value;
	} rows[] = {
		{"weft_console_spans_received_total", "counter", n.received},
		{"weft_console_spans_stored_total", "counter", n.stored},
		{"weft_console_spans_refused_total", "counter", n.refused},
		{"weft_console_spans_again_total", "counter", n.again},
		{"weft_console_spans_evicted_total", "counter", n.evicted},
		{"weft_console_spans_expired_total", "counter", n.expired},
		{"weft_console_spans_failed_total", "counter", n.failed},
		{"weft_console_batches_broken_total", "counter", c->broken_batches},
		{"weft_console_batches_zipkin_total", "counter", c->batches[COLLECT_ZIPKIN]},
		{"weft_console_batches_otlp_total", "counter", c->batches[COLLECT_OTLP]},
		{"weft_console_batches_otlp_json_total", "counter", c->batches[COLLECT_OTLP_JSON]},
		{"weft_console_spans", "gauge", n.spans},
		{"weft_console_span_bytes", "gauge", n.bytes},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_printf(out, "# TYPE %s %s\n%s %llu\n", rows[i].name, rows[i].type, rows[i].name,
			   (unsigned long long)rows[i].value);
}
