/* The rows that say what is the same in both versions, and who walks them. Internal to this folder. */
#ifndef OPERATOR_CONVERT_INTERNAL_H
#define OPERATOR_CONVERT_INTERNAL_H

#include <stddef.h>

#include "msg/json.h"
#include "operator/convert/convert.h"

/* How v2 and v1 write one and the same value. */
enum convert_form {
	FORM_TEXT,
	FORM_FLAG,
	FORM_NOT, /* the opposite */
	FORM_INT,
	FORM_INT_OR_TEXT,
	FORM_TREE,        /* an object, merged into what is there, or a list */
	FORM_JOINED,      /* a list of texts; "a,b" */
	FORM_JOINED_KEEP, /* the same; a list of one empty text is "" and means nothing at all */
	FORM_JOINED_INTS, /* a list of numbers; "1,2" */
	FORM_LEVELS,      /* {a: b, c: d}; "a:b,c:d" */
	FORM_NAMES,       /* [{name: a}]; ["a"] */
	FORM_HUNDREDTHS,  /* hundredths of a percent; percent */
	FORM_TAG,         /* a text; a text or a number */
	FORM_FLAG_TEXT,   /* a boolean; "true" */
	FORM_TERMS,       /* terms whose values are a list; "a,b" */
};

/* Paths are below the two objects that the rows are for. */
struct convert_row {
	const char *v2, *v1;
	enum convert_form form;
	const char *also;              /* v1 has it here, too, and what it says here counts; or NULL */
	const char *if_path, *if_word; /* only where v2 says this word there; NULL: always */
};

/* A word of v2 that follows from values of v1, of which the first with `decides` counts. Literals: a text, or true or
 * false. */
struct convert_choice {
	const char *v2, *word, *v1, *value;
	bool decides;
};

/* Sets in v1 what v2 says. */
void convert_rows_to_v1(const struct convert_row *rows, size_t n, const cJSON *v2, cJSON *v1);
void convert_choices_to_v1(const struct convert_choice *rows, size_t n, const cJSON *v2, cJSON *v1);

/* Sets in v2 what v1 says, and takes it out of v1; what has another form stays there. */
void convert_rows_to_v2(const struct convert_row *rows, size_t n, cJSON *v1, cJSON *v2);
void convert_choices_to_v2(const struct convert_choice *rows, size_t n, cJSON *v1, cJSON *v2);

/* Sets a value (taken) at a path; objects are merged. What stands in the way goes. */
void convert_set(cJSON *o, const char *path, cJSON *value);
/* Sets all that `from` has, objects member by member. */
void convert_merge(cJSON *into, const cJSON *from);
/* Removes the value at a path, and the objects around it that are empty then. */
void convert_take(cJSON *o, const char *path);
/* The object at a path, made when absent. "" is o itself. */
cJSON *convert_object(cJSON *o, const char *path);
/* Removes the object at the path, and those around it, while empty. */
void convert_prune(cJSON *o, const char *path);

/* --- convert_spec.c: the rows of each part. Values are spec.istio of v1 --- */

void convert_parts_to_v1(const cJSON *v2, cJSON *values);
void convert_parts_to_v2(cJSON *values, cJSON *v2);

/* --- convert_gateways.c --- */

void convert_gateways_to_v1(const cJSON *v2, cJSON *values);
void convert_gateways_to_v2(cJSON *values, cJSON *v2);

/* --- convert_runtime.c --- */

/* Of one component: v2 is its ComponentRuntimeConfig. */
void convert_runtime_to_v1(const cJSON *v2, cJSON *values);
void convert_runtime_to_v2(cJSON *values, cJSON *v2);
/* Of a container alone. */
void convert_container_to_v1(const cJSON *v2, cJSON *values);
void convert_container_to_v2(cJSON *values, cJSON *v2);
/* spec.runtime.components. */
void convert_components_to_v1(const cJSON *v2, cJSON *values);
void convert_components_to_v2(cJSON *values, cJSON *v2);

/* --- convert_addons.c --- */

/* three_scale: spec.threeScale of v1. */
void convert_addons_to_v1(const cJSON *v2, cJSON *values, cJSON *three_scale);
void convert_addons_to_v2(cJSON *values, cJSON *three_scale, cJSON *v2);

/* --- convert_note.c --- */

/* The differences that make `derived` what was `said`, as a list; NULL: there are none. */
cJSON *convert_note_new(const cJSON *derived, const cJSON *said);
/* Makes of what is derived what was said, where it is still derived as it was. */
void convert_note_apply(const cJSON *note, cJSON *derived);

#endif
