/* Subsets: which endpoints a route's labels choose, and what stands in when there are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "proxy/upstream/subset.h"

#define S(text)                                                                                                        \
	{                                                                                                              \
		text, sizeof(text) - 1                                                                                 \
	}

/* a: version 1; b: version 2, stage canary; c: version 2; d: version 1 and 3 (a list) */
static struct route_label a[] = {{S("version"), S("s1")}};
static struct route_label b[] = {{S("stage"), S("scanary")}, {S("version"), S("s2")}};
static struct route_label c[] = {{S("version"), S("s2")}};
static struct route_label d[] = {{S("version"), S("s1")}, {S("version"), S("s3")}};

static struct slice version_key[] = {S("version")}, both_keys[] = {S("stage"), S("version")};

static struct config_endpoint endpoints[] = {
	{.labels = {a, 1}}, {.labels = {b, 2}}, {.labels = {c, 1}}, {.labels = {d, 2}}};

static struct subsets *make(const struct config_subsets *config)
{
	static struct config_endpoints set = {.v = endpoints, .n = 4};
	const struct config_cluster_spec spec = {.subsets = config};
	struct balance_host hosts[4] = {};
	struct balance_settings settings;

	balance_settings_init(&settings);
	settings.policy = BALANCE_ROUND_ROBIN;
	for (int i = 0; i < 4; i++)
		hosts[i] = (struct balance_host){.weight = 1, .healthy = true, .key = (uint64_t)i};
	return subsets_new(&spec, &settings, &set, hosts);
}

/* The hosts that are picked, as letters; "*" = any, "" = none. */
static const char *picked(struct subsets *s, const struct route_labels *labels)
{
	static char text[8];
	bool seen[4] = {};
	struct rand rnd = {7};
	size_t n = 0;

	for (int i = 0; i < 40; i++) {
		size_t host = subsets_pick(s, labels, &(struct balance_ask){}, &rnd);

		if (host == SUBSETS_ANY)
			return "*";
		if (host != BALANCE_NONE)
			seen[host] = true;
	}
	for (int i = 0; i < 4; i++)
		if (seen[i])
			text[n++] = (char)('a' + i);
	text[n] = 0;
	return text;
}

static void choose(void **state)
{
	static struct route_label v1[] = {{S("version"), S("s1")}}, v2[] = {{S("version"), S("s2")}},
				  v3[] = {{S("version"), S("s3")}}, v9[] = {{S("version"), S("s9")}},
				  n1[] = {{S("version"), S("n1")}}, stage[] = {{S("stage"), S("scanary")}},
				  canary[] = {{S("stage"), S("scanary")}, {S("version"), S("s2")}},
				  other[] = {{S("stage"), S("sother")}, {S("version"), S("s2")}};
	static const struct {
		enum config_fallback cluster, both;
		struct route_labels labels;
		const char *picked;
	} rows[] = {
		{CONFIG_FALLBACK_NONE, 0, {v1, 1}, "ad"},
		{CONFIG_FALLBACK_NONE, 0, {v2, 1}, "bc"},
		{CONFIG_FALLBACK_NONE, 0, {v3, 1}, "d"},
		{CONFIG_FALLBACK_NONE, 0, {n1, 1}, ""},
		{CONFIG_FALLBACK_NONE, 0, {v9, 1}, ""},
		{CONFIG_FALLBACK_ANY, 0, {v9, 1}, "*"},
		{CONFIG_FALLBACK_DEFAULT, 0, {v9, 1}, "bc"},
		{CONFIG_FALLBACK_NONE, 0, {NULL, 0}, ""},
		{CONFIG_FALLBACK_ANY, 0, {NULL, 0}, "*"},
		{CONFIG_FALLBACK_ANY, 0, {stage, 1}, "*"}, /* no selector has it alone */
		{CONFIG_FALLBACK_NONE, 0, {canary, 2}, "b"},
		{CONFIG_FALLBACK_NONE, 0, {other, 2}, ""},
		{CONFIG_FALLBACK_NONE, CONFIG_FALLBACK_ANY, {other, 2}, "*"},
		{CONFIG_FALLBACK_ANY, CONFIG_FALLBACK_NONE, {other, 2}, ""},
		{CONFIG_FALLBACK_ANY, CONFIG_FALLBACK_DEFAULT, {other, 2}, "bc"},
		{CONFIG_FALLBACK_NONE, CONFIG_FALLBACK_KEYS, {other, 2}, "bc"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config_selector selectors[] = {
			{version_key, 1, CONFIG_FALLBACK_CLUSTER, NULL, 0},
			{both_keys, 2, rows[i].both, version_key, rows[i].both == CONFIG_FALLBACK_KEYS},
		};
		const struct config_subsets config = {.fallback = rows[i].cluster,
						      .default_labels = {c, 1},
						      .selectors = selectors,
						      .n_selectors = 2};
		struct subsets *s = make(&config);

		if (strcmp(picked(s, &rows[i].labels), rows[i].picked) != 0)
			fail_msg("row %zu: '%s', not '%s'", i, picked(s, &rows[i].labels), rows[i].picked);
		subsets_free(s);
	}
}

static void health_is_theirs_too(void **state)
{
	struct config_selector selector = {version_key, 1, CONFIG_FALLBACK_CLUSTER, NULL, 0};
	const struct config_subsets config = {
		.fallback = CONFIG_FALLBACK_NONE, .selectors = &selector, .n_selectors = 1};
	const struct route_labels v2 = {c, 1};
	struct subsets *s = make(&config);

	(void)state;
	subsets_set_healthy(s, 1, false);
	assert_string_equal(picked(s, &v2), "c");
	subsets_set_healthy(s, 1, true);
	assert_string_equal(picked(s, &v2), "bc");
	subsets_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(choose), cmocka_unit_test(health_is_theirs_too)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
