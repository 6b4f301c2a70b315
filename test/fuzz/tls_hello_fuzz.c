/* ClientHellos, also seen in pieces: what is decided early must stay decided. */
#include <stdlib.h>

#include "net/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_hello part, whole;
	int decided = 0;

	for (size_t n = 0; n <= size && !decided; n++)
		decided = tls_hello_parse(slice_make(data, n), &part);
	if (decided) {
		tls_hello_parse(slice_make(data, size), &whole);
		if (part.is_tls != whole.is_tls)
			abort();
	}
	return 0;
}
