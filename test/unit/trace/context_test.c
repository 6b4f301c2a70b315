/* Trace contexts: what is read of each form, what follows from it, and how it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/buf.h"
#include "base/rand.h"
#include "trace/context.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define PARENT "05e3ac9a4f6e3b90"
#define SHORT "8448eb211c80319c"

/* A context as text: trace span parent decision, "-" for what is not there. */
static const char *text_of(const struct trace_context *c)
{
	static const char *const decisions[] = {"undecided", "dropped", "sampled", "debug"};
	static char out[160];
	char trace[TRACE_ID_BYTES], span[TRACE_SPAN_BYTES], parent[TRACE_SPAN_BYTES];

	if (!c->known) {
		snprintf(out, sizeof out, "%s", decisions[c->sampled]);
		return out;
	}
	snprintf(out, sizeof out, "%.*s %.*s %.*s %s", SLICE_ARG(trace_write_id(c, trace)),
		 SLICE_ARG(trace_write_span(c->span_id, span)),
		 SLICE_ARG(c->has_parent ? trace_write_span(c->parent_id, parent) : SLICE("-")), decisions[c->sampled]);
	return out;
}

static const struct {
	const char *in, *out; /* NULL = none */
} w3c[] = {
	{"00-" TRACE "-" SPAN "-01", TRACE " " SPAN " - sampled"},
	{"00-" TRACE "-" SPAN "-00", TRACE " " SPAN " - dropped"},
	{"00-" TRACE "-" SPAN "-03", TRACE " " SPAN " - sampled"},
	{" 00-" TRACE "-" SPAN "-01\t", TRACE " " SPAN " - sampled"},
	{"cc-" TRACE "-" SPAN "-01-more", TRACE " " SPAN " - sampled"},
	{"00-" TRACE "-" SPAN "-01-more", NULL},
	{"cc-" TRACE "-" SPAN "-01x", NULL},
	{"ff-" TRACE "-" SPAN "-01", NULL},
	{"0x-" TRACE "-" SPAN "-01", NULL},
	{"00-00000000000000000000000000000000-" SPAN "-01", NULL},
	{"00-" TRACE "-0000000000000000-01", NULL},
	{"00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01", NULL},
	{"00-" TRACE "-" SPAN "-0g", NULL},
	{"00_" TRACE "-" SPAN "-01", NULL},
	{"00-" TRACE "_" SPAN "-01", NULL},
	{"00-" TRACE "-" SPAN "_01", NULL},
	{"00-" TRACE "-" SPAN "-0", NULL},
	{"", NULL},
};

static void w3c_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof w3c / sizeof w3c[0]; i++) {
		struct trace_context c = {0};

		if (trace_read_w3c(slice_str(w3c[i].in), &c) != (w3c[i].out != NULL))
			fail_msg("%s: %s", w3c[i].in, w3c[i].out ? "not read" : "read");
		if (w3c[i].out)
			assert_string_equal(text_of(&c), w3c[i].out);
	}
}

static const struct {
	const char *in, *out;
} b3[] = {
	{TRACE "-" SPAN "-1-" PARENT, TRACE " " SPAN " " PARENT " sampled"},
	{TRACE "-" SPAN "-0", TRACE " " SPAN " - dropped"},
	{TRACE "-" SPAN "-d", TRACE " " SPAN " - debug"},
	{TRACE "-" SPAN, TRACE " " SPAN " - undecided"},
	{SHORT "-" SPAN "-1", SHORT " " SPAN " - sampled"},
	{"0AF7651916CD43DD8448EB211C80319C-" SPAN "-1", TRACE " " SPAN " - sampled"},
	{"0", "dropped"},
	{"1", "sampled"},
	{"d", "debug"},
	{"x", NULL},
	{TRACE, NULL},
	{TRACE "-" SPAN "-2", NULL},
	{TRACE "-" SPAN "-1-short", NULL},
	{"0000000000000000-" SPAN "-1", NULL},
	{TRACE "x-" SPAN "-1", NULL},
	{"", NULL},
};

static void b3_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof b3 / sizeof b3[0]; i++) {
		struct trace_context c = {0};

		if (trace_read_b3(slice_str(b3[i].in), &c) != (b3[i].out != NULL))
			fail_msg("%s: %s", b3[i].in, b3[i].out ? "not read" : "read");
		if (b3[i].out)
			assert_string_equal(text_of(&c), b3[i].out);
	}
}

static const struct {
	const char *trace, *span, *parent, *sampled, *flags, *out;
} multi[] = {
	{TRACE, SPAN, PARENT, "1", "", TRACE " " SPAN " " PARENT " sampled"},
	{TRACE, SPAN, "", "true", "", TRACE " " SPAN " - sampled"},
	{TRACE, SPAN, "", "false", "", TRACE " " SPAN " - dropped"},
	{TRACE, SPAN, "", "", "", TRACE " " SPAN " - undecided"},
	{TRACE, SPAN, "", "0", "1", TRACE " " SPAN " - debug"},
	{TRACE, SPAN, "broken", "1", "0", TRACE " " SPAN " - sampled"},
	{SHORT, SPAN, "", "1", "", SHORT " " SPAN " - sampled"},
	{"", "", "", "0", "", "dropped"},
	{"", "", "", "", "1", "debug"},
	{"broken", SPAN, "", "1", "", "sampled"},
	{TRACE, "broken", "", "", "", NULL},
	{"", "", "", "", "", NULL},
};

static void b3_in_several_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof multi / sizeof multi[0]; i++) {
		struct trace_context c = {0};
		struct trace_b3 in = {slice_str(multi[i].trace), slice_str(multi[i].span), slice_str(multi[i].parent),
				      slice_str(multi[i].sampled), slice_str(multi[i].flags)};

		if (trace_read_b3_multi(&in, &c) != (multi[i].out != NULL))
			fail_msg("row %zu: %s", i, multi[i].out ? "not read" : "read");
		if (multi[i].out)
			assert_string_equal(text_of(&c), multi[i].out);
	}
}

/* A child is in its parent's trace, bears its decision, and has a span of its own. */
static void a_child_follows(void **state)
{
	struct rand r = {7};
	struct trace_context parent, child;
	char out[TRACE_B3_BYTES];

	(void)state;
	assert_true(trace_read_b3(SLICE(SHORT "-" SPAN "-d-" PARENT), &parent));
	trace_child(&parent, false, &r, &child);
	assert_memory_equal(child.trace_id, parent.trace_id, 16);
	assert_memory_equal(child.parent_id, parent.span_id, 8);
	assert_memory_not_equal(child.span_id, parent.span_id, 8);
	assert_true(child.short_id && child.has_parent);
	assert_int_equal(child.sampled, TRACE_DEBUG);
	assert_int_equal(trace_write_id(&child, out).len, 16);
}

/* Without identifiers a new trace begins; a decision alone is kept. */
static void a_trace_begins(void **state)
{
	struct rand r = {7};
	struct trace_context alone = {.sampled = TRACE_DROPPED}, a, b;
	static const uint8_t zeros[8];

	(void)state;
	trace_child(&alone, false, &r, &a);
	trace_child(NULL, true, &r, &b);
	assert_true(a.known && !a.has_parent && !a.short_id);
	assert_int_equal(a.sampled, TRACE_DROPPED);
	assert_memory_not_equal(a.trace_id, zeros, 8);
	assert_memory_not_equal(a.trace_id, a.trace_id + 8, 8);
	assert_true(b.short_id);
	assert_int_equal(b.sampled, TRACE_UNDECIDED);
	assert_memory_equal(b.trace_id, zeros, 8);
	assert_memory_not_equal(b.trace_id + 8, zeros, 8);
}

static void they_are_written(void **state)
{
	struct trace_context c, back;
	char out[TRACE_B3_BYTES], head[TRACE_W3C_BYTES];
	struct slice text;

	(void)state;
	assert_true(trace_read_b3(SLICE(TRACE "-" SPAN "-1-" PARENT), &c));
	text = trace_write_w3c(&c, head);
	assert_true(slice_eq(text, SLICE("00-" TRACE "-" SPAN "-01")));
	assert_true(trace_read_w3c(text, &back));
	text = trace_write_b3(&c, out);
	assert_true(slice_eq(text, SLICE(TRACE "-" SPAN "-1-" PARENT)));
	c.sampled = TRACE_DROPPED;
	c.has_parent = false;
	assert_true(slice_eq(trace_write_w3c(&c, head), SLICE("00-" TRACE "-" SPAN "-00")));
	assert_true(slice_eq(trace_write_b3(&c, out), SLICE(TRACE "-" SPAN "-0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(w3c_is_read),           cmocka_unit_test(b3_is_read),
		cmocka_unit_test(b3_in_several_is_read), cmocka_unit_test(a_child_follows),
		cmocka_unit_test(a_trace_begins),        cmocka_unit_test(they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
