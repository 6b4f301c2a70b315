/* Certificate authorities of the lab, each kept as two files of a directory: NAME.crt, and NAME.key for root alone. */
#ifndef LAB_SYS_AUTHORITY_H
#define LAB_SYS_AUTHORITY_H

#include "pki/ca.h"

#define AUTHORITY_CERT_TTL_S (365 * 24 * 3600)

/* Opens the authority, or makes a new root for this organisation where there is none. The directory must exist. Returns
 * 0 with a reference in *ret, or a negative code. */
int authority_open(const char *dir, const char *name, const char *organisation, struct pki_ca **ret, struct err *e);

/* Issues a certificate of AUTHORITY_CERT_TTL_S for a new key: appends both as PEM. use: PKI_USE_*. */
int authority_issue(const struct pki_ca *ca, const struct pki_names *names, unsigned use, struct buf *cert,
		    struct buf *key, struct err *e);

#endif
