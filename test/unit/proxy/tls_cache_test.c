/* Secrets of session tickets: how they are replaced, and what keys are made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/proxy/upstream/tls_cache.c"

static void secrets_rotate(void **state)
{
	struct tls_cache *t = tls_cache_new();
	uint8_t first[TLS_TICKET_SECRET_BYTES], second[TLS_TICKET_SECRET_BYTES];
	int64_t start = (int64_t)t->epoch * TICKET_ROTATE_NS;

	(void)state;
	memcpy(first, t->secrets[0], sizeof(first));
	rotate(t, start + TICKET_ROTATE_NS - 1);
	assert_memory_equal(t->secrets[0], first, sizeof(first));
	rotate(t, start + TICKET_ROTATE_NS);
	assert_memory_not_equal(t->secrets[0], first, sizeof(first));
	assert_memory_equal(t->secrets[1], first, sizeof(first));
	memcpy(second, t->secrets[0], sizeof(second));
	/* after a long rest neither is kept */
	rotate(t, start + 5 * TICKET_ROTATE_NS);
	assert_memory_not_equal(t->secrets[0], second, sizeof(second));
	assert_memory_not_equal(t->secrets[1], second, sizeof(second));
	assert_memory_not_equal(t->secrets[1], first, sizeof(first));
	tls_cache_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(secrets_rotate)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
