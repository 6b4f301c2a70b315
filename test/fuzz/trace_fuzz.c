/* Trace contexts and request identifiers as clients send them: the lines are traceparent, b3, the five fields of B3,
 * and an identifier. What is read is written again, and read as the same. */
#include <assert.h>
#include <stdlib.h>

#include "base/rand.h"
#include "trace/context.h"
#include "trace/sampling.h"
#include "trace/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void written(const struct trace_context *c)
{
	char w3c[TRACE_W3C_BYTES], b3[TRACE_B3_BYTES];
	struct trace_context back;

	if (!c->known)
		return;
	assert(trace_read_b3(trace_write_b3(c, b3), &back));
	assert(memcmp(back.trace_id, c->trace_id, 16) == 0 && memcmp(back.span_id, c->span_id, 8) == 0);
	assert(trace_read_w3c(trace_write_w3c(c, w3c), &back));
	assert(memcmp(back.trace_id, c->trace_id, 16) == 0);
}

static void span(const struct trace_context *c, struct slice text)
{
	const struct trace_tag tag = {text, text};
	const struct trace_source from = {text, text, text};
	struct buf constant = BUF_INIT, key = BUF_INIT, batch = BUF_INIT;
	struct trace_span s = {.context = *c, .name = text, .n_tags = 1};

	trace_otlp_constant(&constant, &tag, 1);
	trace_otlp_name(&key, text);
	s.constant = buf_slice(&constant);
	s.tags = &(struct trace_tag){buf_slice(&key), text};
	trace_otlp_span(&batch, &s);
	trace_otlp_request(&batch, &from);
	buf_clear(&constant);
	buf_clear(&key);
	buf_clear(&batch);
	trace_zipkin_constant(&constant, &from, &tag, 1);
	trace_zipkin_name(&key, text);
	s.constant = buf_slice(&constant);
	s.tags = &(struct trace_tag){buf_slice(&key), text};
	trace_zipkin_span(&batch, &s);
	trace_zipkin_request(&batch);
	buf_done(&constant);
	buf_done(&key);
	buf_done(&batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), lines[8] = {{0}};
	struct trace_shares shares = {5000, 5000, 10000};
	struct rand r = {size};
	struct trace_context c, child;
	char digit;

	for (size_t i = 0; i < 8 && rest.len; i++)
		lines[i] = slice_split(&rest, '\n');
	if (trace_read_w3c(lines[0], &c))
		written(&c);
	if (trace_read_b3(lines[1], &c))
		written(&c);
	if (trace_read_b3_multi(&(struct trace_b3){lines[2], lines[3], lines[4], lines[5], lines[6]}, &c)) {
		written(&c);
		trace_child(&c, false, &r, &child);
		written(&child);
		span(&child, lines[7]);
	}
	trace_decide(lines[7], &shares, size & 1, size & 2, &r);
	trace_mark(lines[7], TRACE_BY_SHARE, &digit);
	return 0;
}
