/*
 * A reflector keeps one kind (in one namespace or in all) of the store equal to the API server: list, then watch with
 * bookmarks from the list's resourceVersion; list again when a watch ended in any other way than in order, with a
 * back-off of 0.8 to 5 s and jitter; up to 30 s while the server is away, whose return is told (kube/away.h). An object
 * that cannot be decoded is left out and logged; the rest is served.
 */
#ifndef KUBE_REFLECTOR_H
#define KUBE_REFLECTOR_H

#include <stdbool.h>

#define REFLECTOR_BACKOFF_MIN_MS 800
#define REFLECTOR_BACKOFF_MAX_MS 5000
#define REFLECTOR_AWAY_MAX_MS 30000
#define REFLECTOR_BACK_SPREAD_MS 500       /* not all at once when the server is back */
#define REFLECTOR_JOINS_MAX 8              /* namespaces that are listed by themselves */
#define REFLECTOR_WATCH_MS (8 * 60 * 1000) /* how long one watch is served; plus up to a quarter of jitter */

struct loop;
struct store;
struct served;
struct api_kind;
struct kube_client;
struct msg_desc;
struct reflector;

struct reflector_options {
	const struct api_kind *kind;
	const char *ns; /* NULL = all namespaces; copied */
	const char *label_selector, *field_selector;
	/*
	 * The kind may not exist here (a CRD that is not installed): while it does not, that counts as an empty list,
	 * so that the store gets synced. NULL: every cluster has it.
	 */
	struct served *served;
	/*
	 * Whether objects of a namespace are kept; of others nothing is. Asked for each object, while it is read. NULL:
	 * all are.
	 */
	bool (*wanted)(void *arg, const char *ns);
	void *arg;
	/*
	 * Fields of these types are not kept, NULL ends: what nobody reads of large objects. Managed fields are to be
	 * among them. NULL: only these are not.
	 */
	const struct msg_desc *const *without;
	bool spare;   /* may be refused, or not be there: that counts as an empty list, until it no longer does */
	bool inherit; /* what the store holds of it already is this reflector's: its first list says what stays */
};

/* Starts at once. Everything must outlive the reflector. */
struct reflector *reflector_new(struct loop *l, struct kube_client *c, struct store *s,
				const struct reflector_options *o);

/* Stops watching. With forget, the objects that it brought are removed from the store. NULL is fine. */
void reflector_free(struct reflector *r, bool forget);

/*
 * wanted says now yes to a namespace: its objects are fetched, each namespace by itself while there are few, all by a
 * new list when there are more than REFLECTOR_JOINS_MAX at a time. Not for reflectors of one namespace.
 */
void reflector_join(struct reflector *r, const char *ns);

/* wanted says now no to namespaces: what was brought of them is removed from the store. */
void reflector_refilter(struct reflector *r);

/* Whether the API server refused the last list for want of rights. */
bool reflector_forbidden(const struct reflector *r);

/* Whether it has listed once. */
bool reflector_synced(const struct reflector *r);

#endif
