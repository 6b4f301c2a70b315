/* Small accessors and editors of cJSON trees for the API server: case-sensitive, tolerant of NULL. */
#ifndef LAB_OBJECT_JX_H
#define LAB_OBJECT_JX_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "msg/json.h"

/* The member, or NULL. */
cJSON *jx_get(const cJSON *o, const char *key);

/* The member at a dotted path ("spec.template.spec"), or NULL. */
cJSON *jx_path(const cJSON *o, const char *path);

/* The string member at a dotted path, or NULL. */
const char *jx_str(const cJSON *o, const char *path);

/* The integer at a dotted path, or dflt. */
int64_t jx_int(const cJSON *o, const char *path, int64_t dflt);

/* True when the member is there and true. */
bool jx_true(const cJSON *o, const char *path);

/* Sets (adds or replaces) a member; takes the value. */
void jx_set(cJSON *o, const char *key, cJSON *value);
/* Sets a member to a copy of the text. */
void jx_set_str(cJSON *o, const char *key, const char *value);
/* Sets a member to a number, kept whole beyond what a double can hold. */
void jx_set_int(cJSON *o, const char *key, int64_t value);
/* Sets a member to a boolean. */
void jx_set_bool(cJSON *o, const char *key, bool value);

/* Sets only what is absent. */
void jx_default_str(cJSON *o, const char *key, const char *value);
/* Sets a number only where the member is absent. */
void jx_default_int(cJSON *o, const char *key, int64_t value);

/* Makes the member the first one. */
void jx_set_first(cJSON *o, const char *key, cJSON *value);

/* Removes a member if there. */
void jx_remove(cJSON *o, const char *key);

/* The object (or array) member, created when absent or of another type. */
cJSON *jx_object(cJSON *o, const char *key);
/* The array member, created when absent or of another type. */
cJSON *jx_array(cJSON *o, const char *key);

/* Copies a member from one object to another; removes it there when the source has none. */
void jx_copy_member(cJSON *to, const cJSON *from, const char *key);

/* True for an array of strings that holds s. */
bool jx_has_str(const cJSON *array, const char *s);

/* True for NULL, null, {} and []. */
bool jx_empty(const cJSON *v);

/* Parses "{...}" texts of our own; aborts on bad ones. */
cJSON *jx_parse(const char *text);

/* A malloc'ed unformatted text. */
char *jx_text(const cJSON *v);

#define JX_EACH(var, list) for (const cJSON *var = (list) ? (list)->child : NULL; var; var = var->next)

#endif
