/* Addresses for entries without: whose they are, that they stay, and who is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/mem.h"
#include "world.h"

#define PLACES (256 * 254)
#define ENTRY(name, created, spec)                                                                                     \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: " name                         \
	", namespace: shop, creationTimestamp: '2024-02-01T00:00:0" created "Z'}, spec: {" spec "}}\n---\n"
#define TCP "ports: [{number: 9000, name: tcp, protocol: TCP}]"

static const char *address(const struct world *w, const char *host, int family)
{
	return snapshot_service(w->snap, host)->auto_vips[family];
}

static void start(struct world *w, const char *yaml)
{
	world_init(w, "", (const char *const[]){world_shop, yaml, NULL});
}

/* By the host's name alone: whatever else there is, and in whichever order it came. */
static void they_stay(void **state)
{
	static const char a[] = ENTRY("a", "1", "hosts: [a.example.com], resolution: DNS, " TCP);
	static const char b[] = ENTRY("b", "0", "hosts: [b.example.com], resolution: STATIC, " TCP);
	CLEANUP(freep) char *both = mem_printf("%s%s", a, b);
	CLEANUP(freep) char *first = NULL;
	struct world w;

	(void)state;
	start(&w, a);
	first = mem_strdup(address(&w, "a.example.com", 0));
	assert_int_equal(strncmp(first, "240.240.", 8), 0);
	assert_int_equal(strncmp(address(&w, "a.example.com", 1), "2001:2::f0f0:", 13), 0);
	world_done(&w);
	start(&w, both);
	assert_string_equal(address(&w, "a.example.com", 0), first);
	assert_string_not_equal(address(&w, "b.example.com", 0), first);
	world_done(&w);
}

static size_t place(const char *host)
{
	return hash_bytes(slice_str(host)) % PLACES;
}

/* Two hosts that want one place. */
static void find_twins(char *one, char *other, size_t size)
{
	CLEANUP(freep) int *seen = mem_calloc(PLACES, sizeof(*seen));

	for (int i = 1;; i++) {
		snprintf(other, size, "h%d.example.com", i);
		if (seen[place(other)]) {
			snprintf(one, size, "h%d.example.com", seen[place(other)]);
			return;
		}
		seen[place(other)] = i;
	}
}

/* The older one has it, the next place is the younger one's; never a network's own address or its broadcast. */
static void one_place_for_two(void **state)
{
	char one[64], other[64], want[2][32];
	CLEANUP(freep) char *yaml = NULL;
	struct world w;

	(void)state;
	find_twins(one, other, sizeof(one));
	for (size_t i = 0; i < 2; i++) {
		const size_t at = (place(one) + i) % PLACES;

		snprintf(want[i], sizeof(want[i]), "240.240.%zu.%zu", at / 254, at % 254 + 1);
	}
	yaml = mem_printf(ENTRY("younger", "1", "hosts: [%s], resolution: DNS, " TCP)
				  ENTRY("older", "0", "hosts: [%s], resolution: DNS, " TCP),
			  one, other);
	start(&w, yaml);
	assert_string_equal(address(&w, other, 0), want[0]);
	assert_string_equal(address(&w, one, 0), want[1]);
	world_done(&w);
}

static void who_has_none(void **state)
{
	static const char *const none[] = {
		"hosts: [a.example.com], resolution: NONE, " TCP,
		"hosts: ['*.example.com'], resolution: STATIC, " TCP,
		"hosts: [a.example.com], addresses: [192.0.2.1], resolution: DNS, " TCP,
		"hosts: [db.shop.svc.cluster.local], resolution: DNS, " TCP,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		CLEANUP(freep) char *yaml = mem_printf(ENTRY("a", "1", "%s"), none[i]);
		struct world w;

		start(&w, yaml);
		for (size_t k = 0; k < w.snap->services->v.n; k++)
			if (w.snap->services->v.v[k].auto_vips[0])
				fail_msg("row %zu: %s", i, w.snap->services->v.v[k].host);
		world_done(&w);
	}
}

/* Entries of one host, also of several namespaces, share one. */
static void one_for_a_host(void **state)
{
	const struct service *s;
	struct world w;

	(void)state;
	start(&w, ENTRY("a", "1", "hosts: [a.example.com], resolution: DNS, " TCP) ENTRY(
			  "b", "2",
			  "hosts: [a.example.com], resolution: DNS, ports: [{number: 1, name: t, protocol: TCP}]"));
	s = snapshot_service(w.snap, "a.example.com");
	assert_non_null(s->next);
	assert_string_equal(s->auto_vips[0], s->next->auto_vips[0]);
	world_done(&w);
}

static bool has(const struct compile_result *r, enum xds_type type, const char *fmt, const char *ip)
{
	CLEANUP(freep) char *name = mem_printf(fmt, ip);

	return xds_set_find(r->sets[type], slice_str(name)) != NULL;
}

/* Proxies that say that their clients hear of it, by the family that these speak. */
static void who_is_told(void **state)
{
	static const struct {
		bool capture, allocate, v6;
		int family; /* -1: none */
	} rows[] = {{true, true, false, 0}, {true, true, true, 1}, {true, false, false, -1}, {false, true, false, -1}};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct compile_cache cache = {0};
	struct world w;

	(void)state;
	start(&w, ENTRY("a", "1",
			"hosts: [a.example.com], resolution: DNS, ports: [{number: 9000, name: tcp, protocol: TCP}, "
			"{number: 9443, name: tls, protocol: TLS}, {number: 9080, name: http, protocol: HTTP}]"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const bool told = rows[i].family >= 0;
		const char *ip = address(&w, "a.example.com", told ? rows[i].family : 0);
		CLEANUP(freep) char *names = NULL;
		CLEANUP(freep) char *routes = NULL;
		struct compile_result r;

		p.dns_capture = rows[i].capture;
		p.dns_auto_allocate = rows[i].allocate;
		p.v6 = rows[i].v6;
		compile_view(w.snap, &p, 1u << XDS_LISTENER | 1u << XDS_NAME_TABLE | 1u << XDS_ROUTE, &w.pool, &cache,
			     &r);
		if (has(&r, XDS_LISTENER, "%s_9000", ip) != told ||
		    has(&r, XDS_LISTENER, "%s_9000", "0.0.0.0") == told ||
		    has(&r, XDS_LISTENER, "%s_9443", ip) != told || !has(&r, XDS_LISTENER, "%s_9443", "0.0.0.0") ||
		    !has(&r, XDS_LISTENER, "%s_9080", "0.0.0.0"))
			fail_msg("row %zu", i);
		names = world_json(&r, XDS_NAME_TABLE, "names");
		routes = world_json(&r, XDS_ROUTE, "9080");
		assert_int_equal(strstr(names, ip) != NULL, told);
		assert_int_equal(strstr(routes, ip) != NULL, told);
		compile_result_done(&r);
	}
	compile_cache_clear(&cache);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(they_stay), cmocka_unit_test(one_place_for_two),
					   cmocka_unit_test(who_has_none), cmocka_unit_test(one_for_a_host),
					   cmocka_unit_test(who_is_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
