/*
 * Structural schemas (OpenAPI v3 as CRDs carry it, x-kubernetes-* included), compiled once per version of a resource.
 * One machinery for built-in kinds and CRDs: pruning, defaulting, validation; the merges of patches and of server-side
 * apply are guided by the same tree.
 */
#ifndef LAB_OBJECT_SCHEMA_H
#define LAB_OBJECT_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/buf.h"

enum schema_type {
	SCHEMA_ANY,
	SCHEMA_OBJECT,
	SCHEMA_ARRAY,
	SCHEMA_STRING,
	SCHEMA_INTEGER,
	SCHEMA_NUMBER,
	SCHEMA_BOOLEAN,
};

enum schema_list { SCHEMA_LIST_ATOMIC, SCHEMA_LIST_SET, SCHEMA_LIST_MAP };

struct schema_prop {
	const char *name;
	const struct schema *schema;
};

struct schema_refs {
	const struct schema **v;
	size_t n;
};

struct schema {
	enum schema_type type;
	const cJSON *json; /* what it was compiled from; in the same arena */
	bool nullable, preserve, int_or_string, embedded, exclusive_min, exclusive_max, unique_items, map_atomic;
	bool has_min, has_max, patch_merge, patch_retain_keys;
	double min, max, multiple_of;
	int64_t min_length, max_length, min_items, max_items, min_props, max_props; /* -1 = none */
	const char *pattern, *format;
	const cJSON *dflt, *enums;
	const struct schema_prop *props;
	size_t n_props;
	const struct schema *items, *additional;
	bool additional_any;
	const char *const *required;
	size_t n_required;
	struct schema_refs all_of, any_of, one_of;
	const struct schema *not_schema;
	enum schema_list list;
	const char *const *keys; /* of a SCHEMA_LIST_MAP */
	size_t n_keys;
	const char *patch_key; /* merge key of a strategic merge, or NULL */
};

/* Compiles a copy of json; everything lives in the arena. */
const struct schema *schema_compile(struct arena *a, const cJSON *json);

/* The schema of a member: a property, or additionalProperties; NULL = nothing known. s may be NULL. */
const struct schema *schema_member(const struct schema *s, const char *name);

/* True when name is a declared property. */
bool schema_declares(const struct schema *s, const char *name);

/* Fills in defaults. */
void schema_default(const struct schema *s, cJSON *value);

/* Removes what the schema does not know; on_unknown (may be NULL) gets each path ("spec.foo"). */
void schema_prune(const struct schema *s, cJSON *value, void (*on_unknown)(void *arg, const char *path), void *arg);

/* The problems of an object, in Kubernetes' words. */
struct problem {
	const char *field, *reason, *text; /* "spec.size", "FieldValueInvalid", "Invalid value: ..." */
};

struct problems {
	struct arena *arena;
	struct problem *v;
	size_t n, cap;
};

void problem_add(struct problems *p, const char *field, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void problem_required(struct problems *p, const char *field, const char *detail);
/* value as Go prints it after "Invalid value: ". */
void problem_invalid(struct problems *p, const char *field, const char *value, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Validates; path is "" at the root. */
void schema_validate(const struct schema *s, const cJSON *value, const char *path, struct problems *p);

#endif
