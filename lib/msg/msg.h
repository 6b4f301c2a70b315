/*
 * Typed messages. One table of rows describes a C struct and its JSON form; the same rows decode, encode, validate,
 * compare and generate the OpenAPI schema. Memory comes from an arena and is freed whole with it.
 *
 * In C:  strings      const char *, NULL = absent
 *        numbers      by value, zero = absent; with MSG_OPTIONAL a pointer, NULL = absent
 *        durations    int64_t nanoseconds, by value or pointer as numbers
 *        enums        int, by value or pointer as numbers
 *        messages     pointer to the struct, NULL = absent
 *        lists        LIST(T), elements inline
 *        maps         struct str_map of strings, MAP(struct x) of messages; sorted by key
 *        int-or-string  struct int_or_str by value
 *        free values  cJSON *, owned by the arena
 * A JSON null is the same as an absent field everywhere but inside free values.
 */
#ifndef MSG_MSG_H
#define MSG_MSG_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/* Nesting of a decoded message, a JSON text or a YAML text; deeper input is an error. */
#define MSG_DEPTH_MAX 96
/* Longest field path that is reported; longer ones are cut. */
#define MSG_PATH_MAX 320

#define LIST(T)                                                                                                        \
	struct {                                                                                                       \
		T *v;                                                                                                  \
		size_t n;                                                                                              \
	}

/* Values are inline; T must be a struct described by a message descriptor. */
#define MAP(T)                                                                                                         \
	struct {                                                                                                       \
		struct {                                                                                               \
			const char *key;                                                                               \
			T value;                                                                                       \
		} * v;                                                                                                 \
		size_t n;                                                                                              \
	}

struct str_pair {
	const char *key, *value; /* never NULL */
};

struct str_map {
	struct str_pair *v; /* sorted by key */
	size_t n;
};

/* The value of a key, or NULL. */
const char *str_map_get(const struct str_map *m, const char *key);

enum int_or_str_kind {
	INT_OR_STR_NONE, /* absent */
	INT_OR_STR_INT,
	INT_OR_STR_STR,
};

struct int_or_str {
	enum int_or_str_kind kind;
	int32_t i;
	const char *s; /* set for INT_OR_STR_STR only */
};

enum msg_type {
	MSG_BOOL,       /* bool */
	MSG_INT32,      /* int32_t */
	MSG_UINT32,     /* uint32_t */
	MSG_INT64,      /* int64_t; JSON numbers, or strings of digits */
	MSG_DOUBLE,     /* double */
	MSG_STRING,     /* const char * */
	MSG_QUANTITY,   /* const char *; JSON string or number, "100m" */
	MSG_ENUM,       /* int; JSON name of the value */
	MSG_DURATION,   /* int64_t ns; JSON "1.5s", "250ms" or "1h30m" */
	MSG_INT_OR_STR, /* struct int_or_str */
	MSG_MESSAGE,    /* pointer to a struct */
	MSG_STR_MAP,    /* struct str_map; .elem tells MSG_STRING or MSG_QUANTITY */
	MSG_MAP,        /* MAP(struct) */
	MSG_JSON,       /* cJSON *; any value, an object when in a schema it says so */
	MSG_TYPE_COUNT,
};

enum msg_flag {
	MSG_LIST = 1 << 0,      /* the member is a LIST(T) */
	MSG_OPTIONAL = 1 << 1,  /* the member is a pointer to the number, bool, enum or duration */
	MSG_REQUIRED = 1 << 2,  /* must be present */
	MSG_NULLABLE = 1 << 3,  /* the schema allows null */
	MSG_SET = 1 << 4,       /* list of scalars without duplicates (x-kubernetes-list-type: set) */
	MSG_ATOMIC = 1 << 5,    /* list or map replaced as a whole by server-side apply */
	MSG_KEEP_ZERO = 1 << 6, /* encode also false, 0 and empty (Kubernetes' status counters) */
	MSG_OBJECT = 1 << 7,    /* MSG_JSON: only an object is allowed */
	MSG_ANY_FORM = 1 << 8,  /* MSG_JSON: the schema preserves unknown fields and checks no type */
	MSG_NON_NEGATIVE = 1 << 9,
	MSG_RETAIN_KEYS = 1 << 10, /* x-kubernetes-patch-strategy retainKeys */
	MSG_KEEP_EMPTY = 1 << 11,  /* string: an empty one in protobuf was set, it is no absent one */
};

/* What becomes of what a user writes in a field. Rows of kinds that users write say it; test/lint/ledger.py sees to it.
 */
enum msg_fate {
	MSG_UNSAID, /* no user's field, or one of Kubernetes' own kinds */
	MSG_DONE,   /* carried out */
	MSG_TOLD,   /* not carried out: who wrote it is told so, by path, with the row's note as the reason */
	MSG_MOOT,   /* nothing to carry out here; the note says why */
};

struct msg_enum_value {
	const char *name;
	int value;
};

struct msg_enum {
	const struct msg_enum_value *values;
	size_t n;
};

struct msg_desc;

struct msg_field {
	const char *name;             /* in JSON */
	const char *doc;              /* one sentence, for `kubectl explain` */
	const struct msg_desc *desc;  /* MSG_MESSAGE, MSG_MAP */
	const struct msg_enum *enums; /* MSG_ENUM: by value; MSG_STRING: the allowed words, values unused */
	const char *dflt;             /* JSON text of the default the API server fills in, or NULL */
	const char *pattern;          /* MSG_STRING: RE2 pattern of the schema, or NULL */
	const char *format;           /* "date-time", "byte"; MSG_JSON: "string-lists", "date-times"; or NULL */
	const char *keys;             /* list of messages: comma-separated x-kubernetes-list-map-keys, or NULL */
	const char *merge_key;        /* list: x-kubernetes-patch-merge-key; "" = merge a list of scalars */
	int64_t min, max;             /* bounds of numbers; both 0 = none */
	uint32_t offset;              /* in the struct, bytes */
	uint16_t flags;               /* enum msg_flag */
	uint8_t type;                 /* enum msg_type */
	uint8_t elem;                 /* MSG_STR_MAP: type of the values; 0 = MSG_STRING */
	uint16_t pb;                  /* field number in Kubernetes' protobuf form; 0 = none */
	uint16_t pb_in;               /* number of the message around it there, where JSON has it inline; 0 = none */
	uint8_t oneof;                /* rows of the same number exclude each other; 0 = none */
	uint8_t fate;                 /* enum msg_fate */
	const char *note;             /* MSG_TOLD, MSG_MOOT: why, to follow "field: " */
	const char *const
		*unless; /* MSG_TOLD: values of a bool, string or enum, keys of a map, that are not told; or NULL */
};

/* A check that rows cannot express; reports through msg_problem(). path is the path of the message itself. */
struct msg_check;
typedef void (*msg_check_fn)(struct msg_check *c, const void *msg);

struct msg_desc {
	const char *name; /* as Kubernetes calls the type, "PodSpec" */
	const char *doc;
	const struct msg_field *fields;
	size_t n_fields;
	size_t size;           /* of the struct, bytes */
	msg_check_fn check;    /* or NULL */
	bool preserve_unknown; /* the schema keeps fields that are not in the rows */
};

/* A row: MSG_ROW(struct x, member, "jsonName", MSG_STRING, .flags = MSG_REQUIRED, .doc = "...") */
#define MSG_ROW(T, member, json, kind, ...)                                                                            \
	{                                                                                                              \
		.name = (json), .offset = offsetof(T, member), .type = (kind), __VA_ARGS__                             \
	}

/*
 * Called with the path and the row's note of a field that is not carried out, for a map with exceptions with that of
 * the entry. The path lives during the call only.
 */
typedef void (*msg_told_fn)(void *arg, const char *path, const char *note);

/*
 * Finds the fields of a decoded message that are present and marked MSG_TOLD, with no value that the row excepts; what
 * lies below such a field is not told again. prefix ("spec") is the path of the message itself, "" for none. Returns
 * how many; pure.
 */
int msg_told(const struct msg_desc *desc, const void *msg, const char *prefix, msg_told_fn fn, void *arg);

/* Called with the path ("spec.http[0].foo") of each field that no row knows. The path lives during the call only. */
typedef void (*msg_unknown_fn)(void *arg, const char *path);

/*
 * Decodes an object into *msg (desc->size bytes, zeroed by the caller). Strings and lists are copied into the arena.
 * on_unknown may be NULL: unknown fields are skipped. Returns 0, or -EINVAL with the path and the reason in e.
 */
int msg_from_json(const struct msg_desc *desc, void *msg, const cJSON *json, struct arena *arena, struct err *e);

/* As msg_from_json, and reports unknown fields. */
int msg_from_json_report(const struct msg_desc *desc, void *msg, const cJSON *json, struct arena *arena,
			 msg_unknown_fn on_unknown, void *arg, struct err *e);

/* As msg_from_json, but fields of the types of `skip`, which NULL ends, are left out, at any depth. */
int msg_from_json_without(const struct msg_desc *desc, void *msg, const cJSON *json, struct arena *arena,
			  const struct msg_desc *const *skip, struct err *e);

/* Allocates the struct in the arena and decodes into it. NULL on error. */
void *msg_new_from_json(const struct msg_desc *desc, const cJSON *json, struct arena *arena, struct err *e);

/* Parses a text of at most max_bytes and decodes it; as msg_from_json. */
int msg_from_text(const struct msg_desc *desc, void *msg, struct slice json, struct arena *arena, struct err *e);

/* The first document of a YAML text; as msg_from_json. */
int msg_from_yaml(const struct msg_desc *desc, void *msg, struct slice yaml, struct arena *arena, struct err *e);

/* Encodes; absent fields are left out. The caller frees the result with cJSON_Delete. Never NULL. */
cJSON *msg_to_json(const struct msg_desc *desc, const void *msg) __attribute__((returns_nonnull));

/*
 * Kubernetes' protobuf form of a built-in type as the JSON it stands for; absent and zero values are left out. Returns
 * 0, -EINVAL, or -EPROTONOSUPPORT for a field that no row knows and that is not zero or empty; then e names message and
 * number. The caller frees *ret with cJSON_Delete.
 */
int msg_proto_to_json(const struct msg_desc *desc, struct slice bytes, cJSON **ret, struct err *e);

/* Same content. Lists are ordered, maps are not. */
bool msg_equal(const struct msg_desc *desc, const void *a, const void *b);

/* A number for the content: the same for the same, in this process and others; not for tables that a peer fills.
 * without: names of fields of the message itself that do not count, ended by NULL; NULL for none. */
uint64_t msg_hash(const struct msg_desc *desc, const void *msg, const char *const *without);

/*
 * Whether everything that `want` says is so in `have`: fields of `have` alone are fine, absent and zero values are
 * alike, quantities compare by value; maps that are not MSG_ATOMIC may have more members and keyed lists more
 * elements, other lists must be equal.
 */
bool msg_covers(const struct msg_desc *desc, const void *want, const void *have);

/*
 * Merges `from` into `into`, both JSON objects of the message, as a strategic merge patch does: lists with a merge key
 * element by element, other lists whole; null removes. desc NULL: maps without rows. `from` is copied.
 */
void msg_merge_json(const struct msg_desc *desc, cJSON *into, const cJSON *from);

/*
 * Makes of an object's JSON what an API server keeps of it: empty texts, lists and maps, zeros and falses go where they
 * say no more than their absence, nulls go, and quantities get their canonical form ("1000m" is "1", "1024Mi" is
 * "1Gi").
 * For Kubernetes' own kinds; custom resources are kept as they are.
 */
void msg_keep_json(const struct msg_desc *desc, cJSON *o);

/* What is wrong with a field, as in the causes of a Kubernetes Status. */
enum msg_cause {
	MSG_CAUSE_REQUIRED,    /* "Required value" */
	MSG_CAUSE_INVALID,     /* "Invalid value: ..." */
	MSG_CAUSE_UNSUPPORTED, /* "Unsupported value: ..." */
	MSG_CAUSE_DUPLICATE,   /* "Duplicate value: ..." */
	MSG_CAUSE_FORBIDDEN,   /* "Forbidden: ..." */
	MSG_CAUSE_TOO_MANY,    /* "Too many: ..." */
	MSG_CAUSE_COUNT,
};

/* path and text live during the call only; text begins with the cause's words as above. */
typedef void (*msg_problem_fn)(void *arg, const char *path, enum msg_cause cause, const char *text);

/* Checks required fields, bounds, allowed words, oneofs, sets and the messages' own checks. Returns how many
 * problems were reported. on_problem may be NULL. */
int msg_validate(const struct msg_desc *desc, const void *msg, msg_problem_fn on_problem, void *arg);

/* As msg_validate, but leaves the first problem as "path: text" in e. Returns 0 or -EINVAL. */
int msg_check(const struct msg_desc *desc, const void *msg, struct err *e);

/* For msg_check_fn: reports a problem at path of the message + "." + field (field may be NULL, or hold "a.b[1]"). */
void msg_problem(struct msg_check *c, const char *field, enum msg_cause cause, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The name of MSG_CAUSE_* as Status causes carry it: "FieldValueRequired", ... */
const char *msg_cause_str(enum msg_cause cause);

/* OpenAPI v3 structural schema of the message, descriptions and x-kubernetes-* included. Freed with cJSON_Delete. */
cJSON *msg_schema(const struct msg_desc *desc) __attribute__((returns_nonnull));

/* The row of a JSON field name, or NULL. */
const struct msg_field *msg_field_find(const struct msg_desc *desc, const char *name);

/* Name of an enum's value, or NULL; value of a name, or -1 where there is none (values are never negative). */
const char *msg_enum_name(const struct msg_enum *en, int value);
/* The value of a name, compared exactly, or -1; values are never negative. */
int msg_enum_value(const struct msg_enum *en, const char *name);

/* Parses "300ms", "1.5h", "1h30m", "-1s" into ns. Returns 0, or -EINVAL, -ERANGE. */
int msg_duration_parse(const char *text, int64_t *ret_ns);

#define MSG_DURATION_TEXT_MAX 32
/* Writes the shortest form that protobuf's JSON accepts ("1.5s"); returns out (MSG_DURATION_TEXT_MAX bytes). */
const char *msg_duration_format(int64_t ns, char *out);

/* Parses a Kubernetes quantity ("100m", "1.5Gi", "2e3") into thousandths, saturating. Returns 0 or -EINVAL. */
int msg_quantity_parse(const char *text, int64_t *ret_milli);

#endif
