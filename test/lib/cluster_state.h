/*
 * The state of the cluster in memory (cluster_objects.h) as text, for comparing: without what depends on when and how
 * often.
 */
#ifndef TEST_CLUSTER_STATE_H
#define TEST_CLUSTER_STATE_H

#include "cluster_objects.h"

static inline int cmp_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Without what depends on when and how often. */
static inline void strip(cJSON *o)
{
	static const char *const gone[] = {"resourceVersion",    "uid",
					   "creationTimestamp",  "generation",
					   "lastTransitionTime", "observedGeneration",
					   "meshGeneration",     "meshReconciledVersion",
					   "reconciledVersion"};
	cJSON *child;

	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(o, gone[i]);
	cJSON_ArrayForEach(child, o) strip(child);
}

/* The whole state as text; events aside. */
static inline char *state_text(void)
{
	VEC(char *) lines = {0};
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		CLEANUP(json_freep) cJSON *o = cJSON_Duplicate(fake_kube.objects.v[i], true);
		CLEANUP(freep) char *text = NULL;
		const char *ns = json_str(o, "metadata.namespace");

		if (!strcmp(json_str(o, "kind"), "Event") || !strcmp(json_str(o, "kind"), "Lease"))
			continue;
		strip(o);
		text = cJSON_PrintUnformatted(o);
		vec_push(&lines, mem_printf("%s %s/%s %s", json_str(o, "kind"), ns ? ns : "",
					    json_str(o, "metadata.name"), text));
	}
	qsort(lines.v, lines.n, sizeof(lines.v[0]), cmp_text);
	for (size_t i = 0; i < lines.n; i++) {
		buf_printf(&out, "%s\n", lines.v[i]);
		free(lines.v[i]);
	}
	vec_done(&lines);
	return buf_take_str(&out);
}

/* How it came to be, which the status says, and how often it was written. */
static inline void strip_history(cJSON *o)
{
	cJSON *child;

	cJSON_DeleteItemFromObjectCaseSensitive(o, "maistra.io/mesh-generation");
	cJSON_DeleteItemFromObjectCaseSensitive(o, "app.kubernetes.io/version");
	if (cJSON_GetObjectItemCaseSensitive(o, "reason") && json_get(o, "type") && json_get(o, "status")) {
		cJSON_DeleteItemFromObjectCaseSensitive(o, "reason");
		cJSON_DeleteItemFromObjectCaseSensitive(o, "message");
	}
	cJSON_ArrayForEach(child, o) strip_history(child);
}

/* The same, as if it had always been so. */
static inline char *state_without_history(void)
{
	CLEANUP(freep) char *text = state_text();
	struct slice rest = slice_str(text);
	struct buf out = BUF_INIT;

	while (rest.len) {
		const struct slice line = slice_split(&rest, '\n');
		const ptrdiff_t at = slice_find(line, '{');
		CLEANUP(freep) char *json = at < 0 ? NULL : mem_printf("%.*s", SLICE_ARG(line));
		CLEANUP(json_freep) cJSON *o = json ? cJSON_Parse(json + at) : NULL;
		CLEANUP(freep) char *again = NULL;

		strip_history(o);
		again = o ? cJSON_PrintUnformatted(o) : mem_strdup("");
		buf_printf(&out, "%.*s%s\n", (int)(at < 0 ? 0 : at), line.ptr, again);
	}
	return buf_take_str(&out);
}

/* The first line that differs, and where it does. */
static inline void first_difference(const char *want, const char *got, char *out, size_t size)
{
	size_t i = 0, line = 0;

	for (; want[i] && want[i] == got[i]; i++)
		if (want[i] == '\n')
			line = i + 1;
	i = i > line + 150 ? i - 150 : line;
	snprintf(out, size, "%.70s ...\n  want: %.400s\n  got:  %.400s", want + line, want + i, got + i);
}

#endif
