/* Maps of messages whose size is no multiple of a pointer's: every entry is where the compiler looks for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api/istio/security.h"
#include "base/cleanup.h"

static void entries(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct istio_peer_authentication_spec spec = {0}, same = {0};
	struct err e = ERR_INIT;
	cJSON *json;

	(void)state;
	assert_int_equal(msg_from_text(&istio_peer_authentication_spec_desc, &spec,
				       SLICE("{\"portLevelMtls\": {\"8080\": {\"mode\": \"DISABLE\"}, \"9000\": "
					     "{\"mode\": \"STRICT\"}, \"5432\": {\"mode\": \"PERMISSIVE\"}}}"),
				       &a, &e),
			 0);
	assert_int_equal(spec.port_level_mtls.n, 3);
	assert_string_equal(spec.port_level_mtls.v[0].key, "5432");
	assert_string_equal(spec.port_level_mtls.v[1].key, "8080");
	assert_string_equal(spec.port_level_mtls.v[2].key, "9000");
	assert_int_equal(spec.port_level_mtls.v[0].value.mode, ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_PERMISSIVE);
	assert_int_equal(spec.port_level_mtls.v[1].value.mode, ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_DISABLE);
	assert_int_equal(spec.port_level_mtls.v[2].value.mode, ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_STRICT);
	json = msg_to_json(&istio_peer_authentication_spec_desc, &spec);
	assert_int_equal(msg_from_json(&istio_peer_authentication_spec_desc, &same, json, &a, &e), 0);
	assert_true(msg_equal(&istio_peer_authentication_spec_desc, &spec, &same));
	cJSON_Delete(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(entries)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
