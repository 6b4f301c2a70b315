/* The matches of one listener: what is taken is taken once, in every combination of their lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "compile/gen.h"

struct chain_text {
	const char *names, *ranges, *sources, *alpn, *transport;
	const char *kept; /* names, or ranges where there are no names; NULL: nothing was left */
};

static char **split(struct arena *a, const char *text, size_t *n)
{
	struct slice rest = slice_str(text);
	char **v = ARENA_NEW_N(a, char *, rest.len + 1);

	for (*n = 0; rest.len;)
		v[(*n)++] = arena_slicedup(a, slice_split(&rest, ','));
	return v;
}

static pb_cidr **ranges(struct arena *a, const char *text, size_t *n)
{
	char **words = split(a, text, n);
	pb_cidr **v = ARENA_NEW_N(a, pb_cidr *, *n + 1);

	for (size_t i = 0; i < *n; i++) {
		struct slice bits = slice_str(words[i]), ip = slice_split(&bits, '/');
		uint64_t len = 0;

		slice_to_u64(bits, 999, &len);
		v[i] = pb_cidr_new(a);
		v[i]->address_prefix = arena_slicedup(a, ip);
		v[i]->prefix_len = pb_u32(a, (uint32_t)len);
	}
	return v;
}

static pb_chain *chain_of(struct arena *a, const struct chain_text *t)
{
	pb_chain *c = pb_chain_new(a);
	pb_chain_match *m = pb_chain_match_new(a);

	m->server_names = split(a, t->names, &m->n_server_names);
	m->prefix_ranges = ranges(a, t->ranges, &m->n_prefix_ranges);
	m->source_prefix_ranges = ranges(a, t->sources, &m->n_source_prefix_ranges);
	m->application_protocols = split(a, t->alpn, &m->n_application_protocols);
	m->transport_protocol = pb_str(t->transport);
	if (t->names || t->ranges || t->sources || t->alpn || t->transport)
		c->filter_chain_match = m;
	return c;
}

static const char *left_of(struct arena *a, const pb_chain *c)
{
	const pb_chain_match *m = c->filter_chain_match;
	const char *text = "";

	for (size_t i = 0; m && i < m->n_server_names; i++)
		text = arena_printf(a, "%s%s%s", text, i ? "," : "", m->server_names[i]);
	for (size_t i = 0; m && !m->n_server_names && i < m->n_prefix_ranges; i++)
		text = arena_printf(a, "%s%s%s/%u", text, i ? "," : "", m->prefix_ranges[i]->address_prefix,
				    m->prefix_ranges[i]->prefix_len->value);
	return text;
}

/* Each row is a listener: its chains one after the other. */
static const struct chain_text rows[][4] = {
	{{"a.com", .kept = "a.com"}, {"a.com"}},
	{{"a.com", .kept = "a.com"}, {"A.com,b.com", .kept = "b.com"}, {"b.com,*.b.com", .kept = "*.b.com"}},
	{{"a.com,a.com", .kept = "a.com"}, {"*a.com"}, {"a*b,", .kept = NULL}, {"*.com", .kept = "*.com"}},
	{{.transport = "", .kept = ""}, {.transport = ""}, {"a.com", .kept = "a.com"}},
	{{.ranges = "10.0.0.0/8,192.0.2.1/32", .kept = "10.0.0.0/8,192.0.2.1/32"},
	 {.ranges = "10.1.2.3/8,192.0.2.0/24", .kept = "192.0.2.0/24"},
	 {.kept = ""}},
	{{.ranges = "2001:db8::1/64", .kept = "2001:db8::1/64"}, {.ranges = "2001:db8::2/64"}},
	{{.ranges = "x/8", .kept = "x/8"}, {.ranges = "x/8"}},
	{{"a.com", "10.0.0.0/8", .kept = "a.com"}, {"a.com", "11.0.0.0/8", .kept = "a.com"}, {"a.com", "11.0.0.0/8"}},
	{{"a.com", .sources = "10.0.0.0/8", .kept = "a.com"}, {"a.com", .kept = "a.com"}},
	{{.alpn = "h2,http/1.1", .kept = ""}, {.alpn = "http/1.1,x"}, {.alpn = "x", .kept = ""}},
	{{.transport = "tls", .kept = ""}, {.transport = "raw_buffer", .kept = ""}, {.transport = "tls"}},
};

static void chains(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct gen g = {.arena = &a, .keep = &a};
		struct gen_chains all;
		size_t kept = 0;

		gen_chains_init(&all, &g, pb_listener_new(&a));
		for (size_t k = 0; k < 4; k++) {
			const struct chain_text *t = &rows[i][k];
			pb_chain *c = chain_of(&a, t);

			if (!c->filter_chain_match && !t->kept)
				break;
			if (gen_chains_add(&all, c, &(struct gen_owner){NULL, ""}) != (t->kept != NULL))
				fail_msg("row %zu, chain %zu: %s", i, k, t->kept ? "left out" : "added");
			if (t->kept && strcmp(left_of(&a, c), t->kept) != 0)
				fail_msg("row %zu, chain %zu: left %s", i, k, left_of(&a, c));
			kept += t->kept != NULL;
		}
		assert_int_equal(all.l->n_filter_chains, kept);
		gen_chains_done(&all);
	}
}

/* A product of lists that would not end is left out. */
static void too_many(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf names = BUF_INIT;
	CLEANUP(buf_done) struct buf nets = BUF_INIT;
	struct gen g = {.arena = &a, .keep = &a};
	struct gen_chains all;
	struct chain_text t;

	(void)state;
	for (int i = 0; i < 300; i++) {
		buf_printf(&names, "%sh%d.com", i ? "," : "", i);
		buf_printf(&nets, "%s10.%d.%d.0/24", i ? "," : "", i / 200, i % 200);
	}
	gen_chains_init(&all, &g, pb_listener_new(&a));
	t = (struct chain_text){buf_str(&names), buf_str(&nets)};
	assert_false(gen_chains_add(&all, chain_of(&a, &t), &(struct gen_owner){NULL, ""}));
	t = (struct chain_text){buf_str(&names), "10.0.0.0/8"};
	assert_true(gen_chains_add(&all, chain_of(&a, &t), &(struct gen_owner){NULL, ""}));
	gen_chains_done(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(chains), cmocka_unit_test(too_many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
