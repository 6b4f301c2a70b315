/* TLS that DestinationRules ask for: Secrets at gateways, names of servers, for the whole host and for single ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define SE                                                                                                             \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, namespace: shop}, spec: "   \
	"{hosts: "                                                                                                     \
	"[api.example.org], ports: [{number: 443, name: http, protocol: HTTP}, {number: 444, name: tcp, protocol: "    \
	"TCP}], "                                                                                                      \
	"resolution: DNS, endpoints: [{address: 192.0.2.7}]}}"
#define DR(policy)                                                                                                     \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: shop}, "      \
	"spec: "                                                                                                       \
	"{host: api.example.org, trafficPolicy: {" policy "}}}"
#define PORT(tls) "portLevelSettings: [{port: {number: 443}, tls: " tls "}]"
#define API "outbound|443||api.example.org"
#define API_TCP "outbound|444||api.example.org"

static const struct {
	const char *rule, *type;
	const char *cluster;
	bool exists, tls;
	const char *cert, *roots, *san; /* NULL: none */
	const char *told;               /* path of a note, or NULL */
} rows[] = {
	{DR("tls: {mode: MUTUAL, credentialName: c, subjectAltNames: [api.example.org]}"), "router", API, true, true,
	 "kubernetes://c", "kubernetes://c-cacert", "api.example.org", NULL},
	{DR("tls: {mode: SIMPLE, credentialName: c}"), "router", API, true, true, NULL, "kubernetes://c-cacert", NULL,
	 NULL},
	{DR("tls: {mode: SIMPLE, credentialName: c, insecureSkipVerify: true}"), "router", API, true, true, NULL, NULL,
	 NULL, NULL},
	{DR(PORT("{mode: MUTUAL, credentialName: c, subjectAltNames: ['spiffe://x/y']}")), "router", API, true, true,
	 "kubernetes://c", "kubernetes://c-cacert", "spiffe://x/y", NULL},
	{DR(PORT("{mode: MUTUAL, credentialName: c}")), "router", API_TCP, true, false, NULL, NULL, NULL, NULL},
	{DR("tls: {mode: MUTUAL, credentialName: c}"), "sidecar", API, false, false, NULL, NULL, NULL,
	 "spec.trafficPolicy.tls.credentialName"},
	{DR(PORT("{mode: SIMPLE, credentialName: c}")), "sidecar", API, false, false, NULL, NULL, NULL,
	 "spec.trafficPolicy.portLevelSettings[0].tls.credentialName"},
	{DR(PORT("{mode: SIMPLE, credentialName: c}")), "sidecar", API_TCP, true, false, NULL, NULL, NULL, NULL},
	{DR(PORT("{mode: ISTIO_MUTUAL, subjectAltNames: ['spiffe://x/y']}")), "sidecar", API, true, true, "default",
	 "ROOTCA", "spiffe://x/y", NULL},
	{DR("tls: {mode: SIMPLE, subjectAltNames: [a.b]}"), "sidecar", API, true, true, NULL, NULL, NULL,
	 "spec.trafficPolicy.tls.subjectAltNames"},
	{DR("tls: {mode: DISABLE}"), "sidecar", API, true, false, NULL, NULL, NULL, NULL},
};

static void check_ref(size_t row, const char *what, const char *got, const char *want)
{
	if (strcmp(got ? got : "(none)", want ? want : "(none)") != 0)
		fail_msg("row %zu: %s is %s, not %s", row, what, got ? got : "(none)", want ? want : "(none)");
}

static void settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, SE, rows[i].rule, NULL};
		const struct proxy p = world_proxy(&a, rows[i].type, "shop", "app=catalog");
		const struct config_tls *t;
		struct config_cluster c;
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		c = decide_cluster(&d, rows[i].cluster);
		assert_int_equal(c.spec != NULL, rows[i].exists);
		t = c.spec ? c.spec->transports[0].tls : NULL;
		assert_int_equal(t != NULL, rows[i].tls);
		check_ref(i, "certificate", t ? t->cert.name : NULL, rows[i].cert);
		check_ref(i, "validation", t ? t->validation.name : NULL, rows[i].roots);
		assert_int_equal(t ? t->n_sans : 0, rows[i].san != NULL);
		if (rows[i].san)
			assert_true(slice_eq_str(t->sans[0].name.text, rows[i].san));
		if (rows[i].told && !decide_note(&d, "d", rows[i].told))
			fail_msg("row %zu: nothing is told at %s", i, rows[i].told);
		if (!rows[i].told)
			assert_int_equal(d.result.n_notes,
					 strcmp(rows[i].cluster, API_TCP) == 0 && *rows[i].type == 's');
		decide_done(&d);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(settings)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
