/* What a folder may hold, whose token a text is, and requests as a transport reads them: the first byte says which. */
#include <stdlib.h>

#include "files/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_text(struct slice text)
{
	struct reading r;

	reading_of(text, "mesh", &r);
	for (size_t i = 0; i < r.objects.n; i++)
		if (!*r.objects.v[i].name || strchr(r.objects.v[i].name, '/'))
			abort();
	if (r.broken && r.objects.n)
		abort();
	reading_done(&r);
}

static void read_token(struct slice text)
{
	char out[64];
	int64_t ends_s;

	if (token_check("/nonexistent", text, 0, out, sizeof(out), &ends_s, NULL) == 0)
		abort();
}

/* Method, target, media type and body, a line each. */
static void read_request(struct slice rest)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *method = arena_slicedup(&a, slice_split(&rest, '\n'));
	const char *target = arena_slicedup(&a, slice_split(&rest, '\n'));
	const char *content = arena_slicedup(&a, slice_split(&rest, '\n'));
	struct kube_asked asked;

	kube_asked_read(method, target, content, rest.len ? arena_slicedup(&a, rest) : NULL, &asked, NULL);
	kube_asked_done(&asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice rest = slice_make(data + 1, size ? size - 1 : 0);

	if (!size)
		return 0;
	if (data[0] == 't')
		read_token(rest);
	else if (data[0] == 'r')
		read_request(rest);
	else
		read_text(slice_make(data, size));
	return 0;
}
