/* Label and field selectors, as Kubernetes writes and explains them. */
#ifndef MSG_SELECTOR_H
#define MSG_SELECTOR_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"

enum label_op { LABEL_EXISTS, LABEL_NOT_EXISTS, LABEL_IN, LABEL_NOT_IN, LABEL_GT, LABEL_LT };

struct label_term {
	const char *key;
	enum label_op op;
	const char **values;
	size_t n;
};

struct label_selector {
	struct label_term *terms;
	size_t n;
};

/* "a=b,c!=d,e in (f,g),!h". Empty or NULL matches all. Memory of the arena. -EINVAL with Kubernetes' sentence. */
int label_selector_parse(struct arena *a, const char *text, struct label_selector *ret, struct err *e);

/* {"matchLabels": {}, "matchExpressions": []}; NULL or {} matches all. */
int label_selector_from_json(struct arena *a, const cJSON *json, struct label_selector *ret, struct err *e);

/* labels is an object of strings or NULL. */
bool label_selector_matches(const struct label_selector *s, const cJSON *labels);

struct field_term {
	const char *path, *value;
	bool negate;
};

struct field_selector {
	struct field_term *terms;
	size_t n;
};

/* "metadata.name=x,status.phase!=Running". -EINVAL. */
int field_selector_parse(struct arena *a, const char *text, struct field_selector *ret, struct err *e);

bool field_selector_matches(const struct field_selector *s, const cJSON *object);

#endif
