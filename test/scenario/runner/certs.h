/* An authority of the scenario's own, and certificates by it: made when they are asked for, and kept. */
#ifndef SCENARIO_CERTS_H
#define SCENARIO_CERTS_H

#include "base/err.h"
#include "base/slice.h"

/* Chain and key, PEM; alive until certs_done. */
struct cert {
	const char *name;
	struct slice chain, key;
};

/* The roots, PEM. */
struct slice certs_roots(void);

/*
 * name is a SPIFFE identity (spiffe://...), "namespace/service-account" for one of cluster.local, or host names with
 * commas in between. Ends the process when the library cannot.
 */
const struct cert *certs_get(const char *name);

void certs_done(void);

#endif
