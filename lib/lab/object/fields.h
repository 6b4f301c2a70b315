/*
 * Sets of fields (metadata.managedFields, FieldsV1) and server-side apply: who owns which field, what an update takes
 * over, what an apply may change. After the rules of Kubernetes' structured merge.
 */
#ifndef LAB_OBJECT_FIELDS_H
#define LAB_OBJECT_FIELDS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"
#include "lab/object/schema.h"

/* A node of a set; the root is never a member itself. Everything lives in an arena; sets are not changed once built. */
struct fset {
	const char *key; /* "f:data", "k:{\"name\":\"a\"}", "v:\"x\"", "i:0"; NULL for the root */
	bool member;
	struct fset **children; /* sorted by key */
	size_t n, cap;
};

/* An empty set in the arena. */
struct fset *fset_new(struct arena *a);
/* Reads fieldsV1; what is malformed is left out. */
struct fset *fset_from_json(struct arena *a, const cJSON *fields_v1);
/* As fieldsV1; the caller frees it. */
cJSON *fset_to_json(const struct fset *s);
/* NULL or without a field. */
bool fset_empty(const struct fset *s);
/* The same fields. */
bool fset_equal(const struct fset *a, const struct fset *b);
/* The fields of either; new in the arena, parts may be shared. */
struct fset *fset_union(struct arena *a, const struct fset *x, const struct fset *y);
/* The fields of x that y has not. */
struct fset *fset_difference(struct arena *a, const struct fset *x, const struct fset *y);
/* The fields of both. */
struct fset *fset_intersection(struct arena *a, const struct fset *x, const struct fset *y);

/* Calls fn with the path of each member, as ".spec.containers[name=\"a\"].image". */
void fset_each(const struct fset *s, void (*fn)(void *arg, const char *path), void *arg);

/* The set of fields that an applied configuration states. */
struct fset *fset_of_object(struct arena *a, const struct schema *s, const cJSON *object);

struct fset_change {
	struct fset *added, *modified, *removed;
};

/* What differs between two objects (either may be NULL). */
void fset_compare(struct arena *a, const struct schema *s, const cJSON *old, const cJSON *new, struct fset_change *ret);

/* A new object: live merged with config, associative lists by their keys. */
cJSON *fields_merge(const struct schema *s, const cJSON *live, const cJSON *config);

/* Removes the members of the set from the object (lists' items by key). */
void fields_remove(const struct schema *s, cJSON *object, const struct fset *set);

struct manager {
	const char *name;        /* "kubectl" */
	const char *api_version; /* "apps/v1" */
	const char *subresource; /* NULL, "status", "scale" */
	const char *now;         /* metav1.Time text */
	bool builtin;            /* kinds whose spec, status... exist always as far as the bookkeeping goes */
	bool status_apart; /* the status is the subresource's alone: nobody else gets to own it, and it owns no more */
};

/*
 * Writes obj.metadata.managedFields for an update by m from old (NULL on creation) to obj. Takes managedFields that the
 * client sent over the old ones, as the API server does.
 */
void fields_update(const struct schema *s, const struct manager *m, const cJSON *old, cJSON *obj);

/*
 * Server-side apply of config by m on live (NULL = does not exist). Returns the new object with its managedFields, or
 * NULL with *ret_conflicts = causes (a cJSON array owned by the caller) and the sentence in e.
 */
cJSON *fields_apply(const struct schema *s, const struct manager *m, const cJSON *live, const cJSON *config, bool force,
		    cJSON **ret_conflicts, struct buf *message);

#endif
