/* What of its variables an expression reads, as far as its text tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "cel/attributes.h"

static const struct {
	const char *text;
	bool reads;
} rows[] = {
	{"response.headers['x'] == 'y'", true},
	{"response.headers.x == 'y'", true},
	{"has(response.headers)", true},
	{"'x' in response.headers", true},
	{"response.code == 200 && (request.method == 'GET' || response.headers.exists(n, n == 'x'))", true},
	{"[1, response.headers.size()][1] > 0", true},
	{"{'a': response.headers}['a'].x == 'y'", true},
	{"response['headers'].x == 'y'", true},
	{"response == null", true},
	{"(request.method == 'GET' ? response : response).headers.x == 'y'", true},
	{"response.code == 200", false},
	{"has(response.grpc_status) && response.trailers.headers == 'y'", false},
	{"request.headers['x'] == response.code_details", false},
	{"request.method == 'GET'", false},
};

static void members(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		const struct cel_program *p = cel_compile(&a, &cel_attributes, slice_str(rows[i].text), &e);

		if (!p)
			fail_msg("%s: %s", rows[i].text, e.msg);
		if (cel_reads(p, CEL_RESPONSE, "headers") != rows[i].reads)
			fail_msg("%s: it is said that it does%s read the headers", rows[i].text,
				 rows[i].reads ? " not" : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(members)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
