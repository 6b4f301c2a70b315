/*
 * JSON texts to cJSON trees, with limits. Integers that a double cannot hold exactly (beyond 2^53) become cJSON_Raw
 * items of their digits, which print as they were; msg and json_int64() read them.
 */
#ifndef MSG_JSON_H
#define MSG_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Largest request body that the Kubernetes API takes; a good default limit for one object. */
#define JSON_OBJECT_MAX_BYTES (3u << 20)

/*
 * Parses one JSON value; white space around it is allowed, nothing else. Errors, with the offset in e: -EMSGSIZE
 * (longer than max_bytes), -ELOOP (deeper than MSG_DEPTH_MAX), -EINVAL (not JSON, invalid UTF-8, duplicate key).
 * The caller frees *ret with cJSON_Delete.
 */
int json_parse(struct slice text, size_t max_bytes, cJSON **ret, struct err *e);

/* Whether these bytes are well-formed UTF-8. */
bool json_is_utf8(struct slice text);

/* Appends the value unformatted. NULL appends "null". */
void json_print(const cJSON *json, struct buf *out);

/* The integer value of a number or raw item. Returns 0, -EINVAL (no integer) or -ERANGE. */
int json_int64(const cJSON *json, int64_t *ret);

/* An item that prints as this integer, exactly. */
cJSON *json_new_int64(int64_t value) __attribute__((returns_nonnull));

/* Deep equality; the order of members does not matter; 1 and 1.0 are equal. */
bool json_equal(const cJSON *a, const cJSON *b);

/*
 * Members. All are case-sensitive, and take NULL and values of other types for "nothing there". A path is field names
 * with dots between them ("metadata.name"); it never indexes lists. Names that may hold a dot (labels, annotations,
 * data) are keys. What is returned is borrowed from the tree.
 */

/* The member of this name, or NULL. */
cJSON *json_get(const cJSON *o, const char *key);
/* The value at a path, or NULL. */
cJSON *json_at(const cJSON *o, const char *path);

/* The string member of this name, or NULL. */
const char *json_get_str(const cJSON *o, const char *key);
/* The string at a path; NULL, or "", where there is none. */
const char *json_str(const cJSON *o, const char *path);
const char *json_str_or_empty(const cJSON *o, const char *path);

/* The integer at a path, or fallback where there is none (1.5 is none). */
int64_t json_int(const cJSON *o, const char *path, int64_t fallback);

/* Whether the value at a path is true. */
bool json_true(const cJSON *o, const char *path);

/* Whether an array of strings holds s. */
bool json_has_str(const cJSON *array, const char *s);

/* True for NULL, null, {} and []. */
bool json_is_empty(const cJSON *v);

/* For each element of a list, or member of an object; none for NULL. */
#define JSON_EACH(var, list) for (const cJSON *var = (list) ? (list)->child : NULL; var; var = var->next)

/* Sets a member, in its place where there is one; takes the value and returns it. */
cJSON *json_set(cJSON *o, const char *key, cJSON *value);
/* The same with a copy of a text; a whole number, exactly; a boolean. */
void json_set_str(cJSON *o, const char *key, const char *value);
void json_set_int(cJSON *o, const char *key, int64_t value);
void json_set_bool(cJSON *o, const char *key, bool value);

/* Sets only what is absent. */
void json_default_str(cJSON *o, const char *key, const char *value);
void json_default_int(cJSON *o, const char *key, int64_t value);

/* Makes a new value the first member. */
void json_set_first(cJSON *o, const char *key, cJSON *value);

/* Removes and frees a member, if there. */
void json_remove(cJSON *o, const char *key);

/* The object or array of this name, made when absent or of another type. */
cJSON *json_object(cJSON *o, const char *key);
cJSON *json_array(cJSON *o, const char *key);

/* Copies a member from one object to another; removes it there when the source has none. */
void json_copy_member(cJSON *to, const cJSON *from, const char *key);

/* The tree of a text of our own; aborts on a bad one. The caller frees it. */
cJSON *json_literal(const char *text) __attribute__((returns_nonnull));

/* The value unformatted, malloc'ed. */
char *json_to_text(const cJSON *json);

static inline void json_freep(cJSON **p)
{
	cJSON_Delete(*p);
}

#endif
