/* What a node says of itself: who answers DNS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "discovery/internal.h"
#include "xds/pb.h"

/* Of ours only those that do it themselves: older ones pass the mesh's setting on and know no address of entries. */
static void who_answers_dns(void **state)
{
	static const struct {
		const char *agent, *capture, *own, *ip;
		bool answers, v6;
	} rows[] = {
		{"envoy", "true", NULL, "10.0.0.1", true, false},
		{"envoy", "false", NULL, "10.0.0.1", false, false},
		{"envoy", NULL, NULL, "fd00::1", false, true},
		{"weft-proxy", "true", NULL, "10.0.0.1", false, false},
		{"weft-proxy", "true", "true", "fd00::1", true, true},
		{"weft-proxy", NULL, "true", "10.0.0.1", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		Envoy__Config__Core__V3__Node n = ENVOY__CONFIG__CORE__V3__NODE__INIT;
		struct proxy p;
		struct err e = ERR_INIT;

		n.id = arena_printf(&a, "sidecar~%s~web-1.shop~shop.svc.cluster.local", rows[i].ip);
		n.user_agent_name = arena_strdup(&a, rows[i].agent);
		n.metadata = pb_struct(&a);
		if (rows[i].capture)
			pb_struct_set_string(&a, n.metadata, "DNS_CAPTURE", rows[i].capture);
		if (rows[i].own)
			pb_struct_set_string(&a, n.metadata, "WEFT_DNS", rows[i].own);
		assert_int_equal(discovery_node_parse(&n, &a, &p, &e), 0);
		if (p.dns_capture != rows[i].answers || p.v6 != rows[i].v6)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(who_answers_dns)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
