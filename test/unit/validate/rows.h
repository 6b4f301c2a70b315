/* Tables of objects and what validation says of each. */
#ifndef VALIDATE_ROWS_H
#define VALIDATE_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "validate/validate.h"
#include "msg/json.h"
#include "msg/yaml.h"

#define OBJECT(group, kind, meta, spec)                                                                                \
	"{apiVersion: " group ", kind: " kind ", metadata: {name: x, namespace: stock" meta "}, spec: " spec "}"
#define NET(kind, spec) OBJECT("networking.istio.io/v1beta1", kind, "", spec)
#define SEC(kind, spec) OBJECT("security.istio.io/v1beta1", kind, "", spec)

enum row_want {
	FINE,    /* neither errors nor warnings */
	REFUSED, /* the first error is at this path and has this text in it */
	WARNED,  /* no error; the first warning is at this path and has this text in it */
};

struct row {
	const char *yaml;
	enum row_want want;
	const char *path, *text;
};

struct row_found {
	char path[300], text[700];
	int n;
};

static void row_note(void *arg, const char *path, const char *text)
{
	struct row_found *f = arg;

	if (f->n++)
		return;
	snprintf(f->path, sizeof(f->path), "%s", path);
	snprintf(f->text, sizeof(f->text), "%s", text);
}

static struct api_object *row_object(const char *yaml)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (yaml_parse(slice_str(yaml), &json, &e) < 0 || api_object_decode(json, NULL, NULL, &o, &e) < 0)
		fail_msg("%s: %s", yaml, e.msg);
	return o;
}

static void check_row(const struct row *r)
{
	struct api_object *o = row_object(r->yaml);
	struct row_found errors = {.n = 0}, warnings = {.n = 0};
	const struct row_found *said = r->want == WARNED ? &warnings : &errors;

	validate_object(o, row_note, NULL, &errors);
	validate_object(o, NULL, row_note, &warnings);
	api_object_unref(o);
	if (r->want != REFUSED && errors.n)
		fail_msg("%s: refused: %s: %s", r->yaml, errors.path, errors.text);
	if (r->want == FINE && warnings.n)
		fail_msg("%s: warned of: %s: %s", r->yaml, warnings.path, warnings.text);
	if (r->want == FINE)
		return;
	if (!said->n)
		fail_msg("%s: expected: %s: %s", r->yaml, r->path, r->text);
	if (strcmp(said->path, r->path) != 0 || !strstr(said->text, r->text))
		fail_msg("%s: expected: %s: %s: got: %s: %s", r->yaml, r->path, r->text, said->path, said->text);
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(&rows[i]);
}

/* A test of a whole table. */
#define TEST_ROWS(table)                                                                                               \
	static void test_##table(void **state)                                                                         \
	{                                                                                                              \
		(void)state;                                                                                           \
		check_rows(table, sizeof(table) / sizeof(table[0]));                                                   \
	}

#endif
