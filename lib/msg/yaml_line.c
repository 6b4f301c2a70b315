/* From a field's path to the line on which it stands. */
#include <string.h>

#include "msg/yaml.h"

/* The member whose name the path begins with; names may hold dots, so the longest one counts. Moves the path on. */
static const cJSON *step_member(const cJSON *at, struct slice *path)
{
	const cJSON *best = NULL;
	size_t best_len = 0;

	for (const cJSON *m = cJSON_IsObject(at) ? at->child : NULL; m; m = m->next) {
		const size_t len = strlen(m->string);
		const bool here = slice_starts(*path, slice_str(m->string)) &&
				  (len == path->len || path->ptr[len] == '.' || path->ptr[len] == '[');

		if (here && (!best || len > best_len)) {
			best = m;
			best_len = len;
		}
	}
	*path = slice_from(*path, best_len);
	return best;
}

/* "[3]" of a list, or "[name]" of a map. */
static const cJSON *step_index(const cJSON *at, struct slice *path)
{
	const ptrdiff_t end = slice_find(*path, ']');
	struct slice inner;
	uint64_t i;

	if (end < 0)
		return NULL;
	inner = slice_make(path->ptr + 1, (size_t)end - 1);
	*path = slice_from(*path, (size_t)end + 1);
	if (cJSON_IsArray(at) && slice_to_u64(inner, YAML_NODES_MAX, &i) == 0)
		return cJSON_GetArrayItem(at, (int)i);
	for (const cJSON *m = cJSON_IsObject(at) ? at->child : NULL; m; m = m->next)
		if (slice_eq_str(inner, m->string))
			return m;
	return NULL;
}

unsigned yaml_line_at(const struct yaml_lines *l, const cJSON *at, const char *path)
{
	struct slice rest = slice_str(path);
	unsigned line = yaml_line_of(l, at);

	while (rest.len && at) {
		if (rest.ptr[0] == '.')
			rest = slice_from(rest, 1);
		at = rest.len && rest.ptr[0] == '[' ? step_index(at, &rest) : step_member(at, &rest);
		if (at && yaml_line_of(l, at))
			line = yaml_line_of(l, at);
	}
	return line;
}
