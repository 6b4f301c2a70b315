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

/* The member at a path of member names, NULL where one is missing: json_at(obj, "status", "replicas", NULL). */
cJSON *json_at(const cJSON *json, ...) __attribute__((sentinel));

/* The string member at a path, or NULL. */
const char *json_str(const cJSON *json, ...) __attribute__((sentinel));

/* Deep equality; the order of members does not matter; 1 and 1.0 are equal. */
bool json_equal(const cJSON *a, const cJSON *b);

static inline void json_freep(cJSON **p)
{
	cJSON_Delete(*p);
}

#endif
