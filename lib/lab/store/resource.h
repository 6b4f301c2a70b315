/*
 * What the API serves: one struct resource per group and plural name, of built-in kinds (from the rows of lib/api) and
 * of CustomResourceDefinitions. Refcounted, as a definition may change or go while requests run.
 */
#ifndef LAB_STORE_RESOURCE_H
#define LAB_STORE_RESOURCE_H

#include "api/kind.h"
#include "base/map.h"
#include "base/vec.h"
#include "lab/cel/rules.h"
#include "lab/object/schema.h"
#include "lab/store/db.h"

struct column {
	const char *name, *type, *format, *path, *doc;
	int priority;
};

struct resource_version {
	const char *name;
	const struct schema *schema;   /* of the whole object, with Kubernetes' metadata */
	const struct cel_rules *rules; /* x-kubernetes-validations, or NULL */
	bool served, has_status, has_scale;
	const char *scale_spec, *scale_status, *scale_selector; /* ".spec.replicas"; selector may be NULL */
	const char *warning;                                    /* deprecation, or NULL */
	const struct column *columns;
	size_t n_columns;
};

struct resource {
	unsigned refs;
	char *key; /* "apps/deployments" */
	const char *group, *plural, *singular, *kind, *list_kind;
	const char *const *short_names, *const *categories; /* NULL-ended, may be NULL */
	bool namespaced, custom, virtual, established;
	const struct api_kind *api;        /* NULL for custom ones */
	const struct api_kind *view_of;    /* whose objects it shows: the bucket is theirs; or NULL */
	cJSON *conversion;                 /* of a definition whose versions a webhook converts; else NULL. Owned */
	struct resource_version *versions; /* preferred first */
	size_t n_versions, storage;        /* index of the stored version */
	struct bucket *bucket;
	struct arena arena;
};

struct resources {
	struct db *store;
	struct map by_key;
	uint64_t changed; /* counts changes, for caches of discovery and OpenAPI */
	struct arena arena;
	const struct schema *meta_schema;
};

void resources_init(struct resources *r, struct db *s);
void resources_done(struct resources *r);

struct resource *resource_ref(struct resource *r);
void resource_unref(struct resource *r);

/* Borrowed, or NULL. *ret_version is the index of the served version, -1 when this version is not served; version NULL
 * = stored. */
struct resource *resources_find(const struct resources *r, const char *group, const char *version, const char *plural,
				int *ret_version);

/* By group and kind; or NULL. */
struct resource *resources_by_kind(const struct resources *r, const char *group, const char *kind);

/* Adds, replaces or removes what a CustomResourceDefinition defines. */
void resources_set_crd(struct resources *r, const cJSON *crd);
void resources_remove_crd(struct resources *r, const cJSON *crd);

/* "v1", "apps/v1"; out holds 256 bytes. */
const char *resource_api_version(const struct resource *r, size_t version, char *out);

/* "configmaps", "deployments.apps" */
const char *resource_qualified(const struct resource *r, char *out);

/* All in a stable order: of groups, then of names. The caller frees the array. */
struct resource **resources_sorted(const struct resources *r, size_t *ret_n);

#endif
