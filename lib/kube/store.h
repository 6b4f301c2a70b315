/*
 * The store: what is known of the cluster. (kind, namespace, name) -> immutable, refcounted, typed object. Reflectors
 * write it; everybody else only reads. A change is announced as a key, never as a value: who wants the value asks the
 * store, so lost, merged or repeated announcements cannot matter.
 *
 * Per kind the objects are sorted by namespace, then name. Borrowed pointers and ranges are valid until the next change
 * of that kind; api_object_ref() keeps an object longer. One thread.
 */
#ifndef KUBE_STORE_H
#define KUBE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

struct api_kind;
struct api_object;
struct store;

/* Names an object, or with name NULL a whole kind. Strings are borrowed; ns is "" for cluster-scoped kinds. */
struct store_key {
	const struct api_kind *kind;
	const char *ns;
	const char *name;
};

/* Objects in order, borrowed. */
struct store_range {
	struct api_object *const *v;
	size_t n;
};

/* A subscriber, embedded in its owner. Zeroed = not subscribed. */
struct store_watch {
	struct list link;
	const struct api_kind *kind; /* only this kind; NULL = all */
	/*
	 * An object appeared, changed or went away; with key->name NULL: the kind has been listed.
	 * Must not change the store; it may unsubscribe itself.
	 */
	void (*fn)(struct store_watch *w, const struct store_key *key);
};

/* An empty store; store_free frees it. One thread (the loop's) uses it. */
struct store *store_new(void);

/* Drops all references. Subscribers must be gone. NULL is fine. */
void store_free(struct store *s);

/*
 * Adds or replaces the object; takes over the caller's reference. Not announced (and the old object kept) when the
 * stored one has the same resourceVersion and uid.
 */
void store_put(struct store *s, struct api_object *obj);

/* Removes an object; false when there was none. */
bool store_remove(struct store *s, const struct api_kind *kind, const char *ns, const char *name);

/* The object, borrowed, or NULL. ns NULL means "". */
struct api_object *store_get(const struct store *s, const struct api_kind *kind, const char *ns, const char *name);

/* All objects of a kind in one namespace; ns NULL = in all. */
struct store_range store_list(const struct store *s, const struct api_kind *kind, const char *ns);

/*
 * All objects of a kind with label key=value, in all namespaces, sorted by namespace and name. The index of that label
 * key is built at the first call and kept from then on.
 */
struct store_range store_by_label(struct store *s, const struct api_kind *kind, const char *key, const char *value);

/* The same in one namespace. */
struct store_range store_by_label_in(struct store *s, const struct api_kind *kind, const char *key, const char *value,
				     const char *ns);

/* Counts every change of that kind, or of the whole store (kind NULL). Equal numbers = nothing changed. */
uint64_t store_revision(const struct store *s, const struct api_kind *kind);

/* Subscribes; the watch is embedded in the caller, w->kind and w->fn are set. */
void store_subscribe(struct store *s, struct store_watch *w);

/* Idempotent. */
void store_unsubscribe(struct store_watch *w);

/*
 * Synced before served: a reflector declares with expect() that it is going to list a kind, and with listed() that it
 * has. A kind that is expected several times (one reflector per namespace) is synced when all have listed.
 */
void store_expect(struct store *s, const struct api_kind *kind);
/* A first list of the kind is complete; when all that are expected are, the kind is in sync and subscribers hear
 * of it. */
void store_listed(struct store *s, const struct api_kind *kind);
/* A later list is complete: what came and went unseen since the one before shows nowhere else, so subscribers hear of
 * it. */
void store_relisted(struct store *s, const struct api_kind *kind);

/* Whether the kind (NULL: every expected kind) has been listed; a kind never expected is not synced. */
bool store_synced(const struct store *s, const struct api_kind *kind);

#endif
