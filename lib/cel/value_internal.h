/* Values of CEL: small, by value; what they point to is in an arena or in the JSON that they were made of. */
#ifndef CEL_VALUE_INTERNAL_H
#define CEL_VALUE_INTERNAL_H

#include <stdint.h>

#include "cel/cel.h"

enum cel_kind {
	CEL_NULL,
	CEL_BOOL,
	CEL_INT,
	CEL_UINT,
	CEL_DOUBLE,
	CEL_STRING,
	CEL_BYTES,
	CEL_LIST,
	CEL_MAP,
	CEL_DURATION,
	CEL_TIMESTAMP,
	CEL_URL,
	CEL_TYPE,
	CEL_ERROR,
	CEL_KIND_COUNT,
};

struct cel_map;

struct cel_value {
	enum cel_kind kind;
	union {
		bool b;
		int64_t i; /* of a duration or timestamp: nanoseconds */
		uint64_t u;
		double d;
		struct slice s; /* of a type its name, of an error its text, of a URL the whole */
		struct {
			const struct cel_value *v;
			size_t n;
		} list;
		const struct cel_map *map;
	};
};

/* Of JSON (members become values when they are asked for), or made by an expression. */
struct cel_map {
	const cJSON *json; /* NULL: keys and values are used */
	const void *schema;
	const struct cel_value *keys, *values;
	size_t n;
};

/* One evaluation. */
struct cel_run {
	struct arena *a;
	int64_t steps_left;
	struct cel_scope *scope; /* the innermost variable */
	const struct cel_schema_ops *ops;
};

struct cel_scope {
	const char *name;
	struct cel_value value;
	struct cel_scope *outer;
};

static inline struct cel_value cel_bool(bool b)
{
	return (struct cel_value){.kind = CEL_BOOL, .b = b};
}

static inline struct cel_value cel_int(int64_t i)
{
	return (struct cel_value){.kind = CEL_INT, .i = i};
}

static inline struct cel_value cel_double(double d)
{
	return (struct cel_value){.kind = CEL_DOUBLE, .d = d};
}

static inline struct cel_value cel_string(struct slice s)
{
	return (struct cel_value){.kind = CEL_STRING, .s = s.ptr ? s : SLICE("")};
}

static inline struct cel_value cel_list(const struct cel_value *v, size_t n)
{
	return (struct cel_value){.kind = CEL_LIST, .list = {v, n}};
}

static inline bool cel_is_error(struct cel_value v)
{
	return v.kind == CEL_ERROR;
}

/* "int", "list"... as type() says. */
const char *cel_kind_str(enum cel_kind k);

/* An error value. */
struct cel_value cel_error(struct cel_run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Takes n steps; false when there are no more of them. */
bool cel_spend(struct cel_run *r, size_t n);

/* A value of JSON; schema may be NULL. */
struct cel_value cel_of_json(struct cel_run *r, const cJSON *json, const void *schema);

/* Equality of the language: numbers across their types, values of different kinds are unequal. */
bool cel_equal(struct cel_run *r, struct cel_value a, struct cel_value b);

/* -1, 0, 1; 2 when they have no order (NaN); 3 when such kinds are never compared. */
int cel_order(struct cel_value a, struct cel_value b);

/* Looks a key up. False when there is none. */
bool cel_map_get(struct cel_run *r, const struct cel_map *m, struct cel_value key, struct cel_value *ret);
/* The number of entries, and the keys as a list. */
size_t cel_map_size(const struct cel_map *m);
struct cel_value cel_map_keys(struct cel_run *r, const struct cel_map *m);

#endif
