/* SPIFFE identities of workloads: spiffe://<trust domain>/ns/<namespace>/sa/<service account>. */
#ifndef PKI_SPIFFE_H
#define PKI_SPIFFE_H

#include "base/err.h"
#include "base/slice.h"

#define SPIFFE_MAX 2048 /* bytes, SPIFFE-ID 2.3 */

struct spiffe {
	struct slice trust_domain, ns, sa;
};

/* Writes the identity and a NUL to out. Returns its length, or -EMSGSIZE / -EINVAL. */
int spiffe_format(char *out, size_t size, struct slice trust_domain, struct slice ns, struct slice sa);

/* Splits an identity; the slices are parts of uri. -EINVAL when it is not of this form. */
int spiffe_parse(struct slice uri, struct spiffe *ret);

#endif
