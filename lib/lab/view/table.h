/*
 * Objects as rows of a meta.k8s.io Table, as `kubectl get` asks for them: columns of built-in kinds, and the
 * additionalPrinterColumns of CustomResourceDefinitions. Pure; the current time is an argument.
 */
#ifndef LAB_VIEW_TABLE_H
#define LAB_VIEW_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct table_column {
	const char *name;
	const char *type;   /* string, integer, number, boolean, date */
	const char *format; /* "" or "name" */
	const char *doc;
	int priority;     /* 0 = always shown, 1 = with -o wide */
	const char *path; /* JSONPath of custom kinds: ".spec.size"; NULL in built-in kinds */
	/* Built-in kinds: a new value. */
	cJSON *(*cell)(const cJSON *object, int64_t now_s);
};

struct table {
	const struct table_column *columns; /* Name first */
	size_t n;
};

/* The columns of a built-in resource ("apps", "deployments"); of others Name and Age. Never fails. */
struct table table_builtin(const char *group, const char *plural);

/* A new array of TableColumnDefinitions. */
cJSON *table_definitions(const struct table *t);

/* A new array of cells, one per column. now_s: seconds since the epoch. */
cJSON *table_cells(const struct table *t, const cJSON *object, int64_t now_s);

/* The first value that a JSONPath (the subset of CRD columns: fields, ['x'], [n], [*], [?(@.a=="b")]) finds, or NULL.
 * Borrowed. */
const cJSON *table_path_find(const cJSON *object, const char *path);

#define TABLE_AGE_MAX 24

/* A duration as kubectl prints ages: "12s", "3m5s", "2d4h". Returns out, TABLE_AGE_MAX bytes. */
const char *table_age(int64_t seconds, char *out);

#endif
