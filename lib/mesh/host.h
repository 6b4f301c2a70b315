/*
 * Host names of configuration: short names, wildcards ("*", "*.example.com") and how specific they are; names of
 * gateways. Pure functions over C strings.
 */
#ifndef MESH_HOST_H
#define MESH_HOST_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * The full name of a host written in an object of namespace ns: a name without a dot becomes
 * "<name>.<ns>.svc.<domain>"; anything with a dot, "*" or an address stays, NULL becomes "". Allocated in a only where
 * it changes.
 */
const char *host_resolve(struct arena *a, const char *host, const char *ns, const char *domain);

/*
 * The full name of a gateway written in an object of namespace ns: "mesh" stays, all else becomes "<ns>/<name>"; the
 * old forms are "name.ns" and "name.ns.svc.cluster.local". Allocated in a only where it changes.
 */
const char *gateway_resolve(struct arena *a, const char *gateway, const char *ns);

/* "*" or "*.example.com". */
bool host_is_wildcard(const char *host);

/* Does a name (itself perhaps a wildcard) lie within the pattern? "a.b" in "*.b", "*.c.b" in "*.b", all in "*". */
bool host_subset_of(const char *host, const char *pattern);

/* Do the two have a name in common? */
bool host_overlap(const char *a, const char *b);

/* Order for "most specific first": exact names before wildcards, longer wildcards before shorter; <0, 0, >0. */
int host_cmp_specific(const char *a, const char *b);

#endif
