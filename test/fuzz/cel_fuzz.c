/* Expressions of CEL from anybody who may write a definition: compiled, and evaluated where they compile. */
#include "base/cleanup.h"
#include "cel/cel.h"
#include "msg/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static cJSON *self;
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	static const char *const names[] = {"self", "oldSelf"};
	static const struct cel_names variables = {names, 2};
	const struct cel_program *p = cel_compile(&a, &variables, slice_make(data, size), NULL);
	int64_t budget = 20000;

	if (!self)
		self = json_literal(
			"{\"i\":3,\"d\":1.5,\"s\":\"a,b\",\"l\":[1,2,3],\"m\":{\"a\":1},\"t\":true,\"n\":null}");
	if (p)
		cel_test(p, &(struct cel_input){.values = (const cJSON *const[]){self, self}, .budget = &budget}, &a,
			 NULL);
	return 0;
}
