/*
 * The names of the mesh with their addresses, as the control plane sent them (istio.networking.nds.v1.NameTable), and
 * the answer to a question about one. Immutable once made; pure.
 *
 * A name that a question asks for is found
 *   as it is;
 *   of a Service of Kubernetes short: name.namespace, name.namespace.svc, in the pod's namespace the name alone;
 *   with the pod's first search domain behind it: then it is an alias of the name without it, so that resolvers need
 *   not go through all of their list;
 *   by the wildcard that has most labels of it.
 */
#ifndef PROXY_DNS_TABLE_H
#define PROXY_DNS_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"

#define NAME_TABLE_ENTRIES_MAX 1000000
#define NAME_TABLE_HOST_MAX_BYTES 253
#define NAME_TABLE_ADDRESSES_MAX 100000 /* of one name */

struct name_entry {
	struct slice host;      /* small letters, no last dot; "*.example.com" for all below */
	struct slice name, ns;  /* of a Service of Kubernetes; else empty */
	const uint8_t *v4, *v6; /* n addresses of 4 and 16 bytes, one behind the other */
	size_t n4, n6;
};

struct name_table {
	struct arena arena;
	struct map by_host; /* -> struct name_entry * */
};

/* Who asks. Texts in small letters without a last dot; "" = none. */
struct name_scope {
	const char *ns;     /* of the pod */
	const char *domain; /* of Services: "svc.cluster.local" */
	const char *search; /* the first search domain */
};

struct name_found {
	const struct name_entry *entry;
	struct slice alias_of; /* in the question's name; empty = it is no alias */
};

/* Decodes a packed NameTable. NULL with the name at fault. */
struct name_table *name_table_decode(struct slice bytes, struct err *e);
/* NULL is fine. */
void name_table_free(struct name_table *t);

/* name: small letters, no last dot. False: the table does not know it. */
bool name_table_find(const struct name_table *t, const struct name_scope *s, struct slice name, struct name_found *ret);

#endif
