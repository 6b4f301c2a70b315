/* The reference of a workload's image: what the installer says, and what the spec puts in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/slice.h"
#include "operator/render/values.h"
#include "operator/render/workload.h"

#define DIGEST "@sha256:00ff"

static void each_part_is_replaced_by_what_is_said(void **state)
{
	static const struct {
		const char *image, *registry, *name, *tag;  /* what the container says */
		const char *default_registry, *default_tag; /* what the defaults say */
		bool apart;
		const char *want;
	} cases[] = {
		{"quay.io/weft/proxy:v1", .want = "quay.io/weft/proxy:v1"},
		{"quay.io/weft/proxy" DIGEST, .want = "quay.io/weft/proxy" DIGEST},
		{"quay.io/weft/proxy:v1" DIGEST, .want = "quay.io/weft/proxy:v1" DIGEST},
		{"host:5000/proxy", .want = "host:5000/proxy"},
		{"host:5000/proxy", .tag = "2", .want = "host:5000/proxy:2"},
		{"proxy:v1", .registry = "r.example", .want = "r.example/proxy:v1"},
		{"quay.io/weft/proxy:v1", .registry = "r.example/a", .want = "r.example/a/proxy:v1"},
		{"quay.io/weft/proxy" DIGEST, .registry = "mirror:5000", .want = "mirror:5000/proxy" DIGEST},
		{"quay.io/weft/proxy" DIGEST, .tag = "2", .want = "quay.io/weft/proxy:2"},
		{"quay.io/weft/proxy:v1", .name = "mine", .want = "quay.io/weft/mine:v1"},
		{"quay.io/weft/proxy" DIGEST, .name = "mine", .want = "quay.io/weft/mine"},
		{"quay.io/weft/proxy:v1", .name = "mine:3", .tag = "2", .want = "quay.io/weft/mine:3"},
		{"quay.io/weft/proxy:v1", .name = "a.example/mine:3", .registry = "r", .want = "a.example/mine:3"},
		{"quay.io/weft/proxy:v1", .default_registry = "d", .default_tag = "4", .want = "d/proxy:4"},
		{"quay.io/weft/proxy:v1", .registry = "r", .default_registry = "d", .want = "r/proxy:v1"},
		{"quay.io/weft/proxy:v1", .tag = "2", .default_tag = "4", .want = "quay.io/weft/proxy:2"},
		{"docker.io/prom/prometheus:v2", .default_registry = "d", .apart = true,
		 .want = "docker.io/prom/prometheus:v2"},
		{"docker.io/prom/prometheus:v2", .default_registry = "d", .tag = "3", .apart = true,
		 .want = "d/prometheus:3"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct maistra_common_container_config common = {.image_registry = (char *)cases[i].default_registry,
								 .image_tag = (char *)cases[i].default_tag};
		struct maistra_default_runtime_config defaults = {.container = &common};
		struct maistra_container_config own = {.image_registry = (char *)cases[i].registry,
						       .image_name = (char *)cases[i].name,
						       .image_tag = (char *)cases[i].tag};
		CLEANUP(freep) char *got = workload_image(&defaults, &own, cases[i].image, cases[i].apart);

		assert_string_equal(got, cases[i].want);
	}
}

static void nothing_said_at_all(void **state)
{
	CLEANUP(freep) char *got = workload_image(NULL, NULL, "a/b:c", false);

	(void)state;
	assert_string_equal(got, "a/b:c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_replaced_by_what_is_said),
		cmocka_unit_test(nothing_said_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
