/* Mutual TLS inside the mesh: the versions, suites and groups that the installation allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compile/tls.h"

static void limits(void **state)
{
	const struct mesh_tls none = {0}, some = {4, 4, "ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256", "P-384"};
	struct tls_peers peers = {.limits = &none};
	struct arena a = ARENA_INIT;
	const pb_tls_params *p = tls_downstream_mutual(&a, false, &peers)->common_tls_context->tls_params;

	(void)state;
	assert_int_equal(p->tls_minimum_protocol_version, 3);
	assert_int_equal(p->tls_maximum_protocol_version, 4);
	assert_true(p->n_cipher_suites > 4);
	assert_int_equal(p->n_ecdh_curves, 0);
	peers.limits = &some;
	p = tls_upstream_mutual(&a, "x", false, &peers)->common_tls_context->tls_params;
	assert_int_equal(p->tls_minimum_protocol_version, 4);
	assert_int_equal(p->tls_maximum_protocol_version, 4);
	assert_int_equal(p->n_cipher_suites, 2);
	assert_string_equal(p->cipher_suites[1], "AES128-GCM-SHA256");
	assert_int_equal(p->n_ecdh_curves, 1);
	assert_string_equal(p->ecdh_curves[0], "P-384");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(limits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
