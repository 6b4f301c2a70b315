/*
 * Names of spec.security.controlPlane.tls, which are those of Go's crypto/tls, as the TLS library has them. Pure.
 */
#ifndef OPERATOR_TLS_NAMES_H
#define OPERATOR_TLS_NAMES_H

#include "base/slice.h"

/* "TLS_AUTO" is 0, "TLSv1_0" 1 ... "TLSv1_3" 4; anything else -EINVAL. */
int spec_tls_version(const char *name);

/* OpenSSL's name of a cipher suite, "" for those of TLS 1.3, which are always allowed; NULL: none that is known.
 * Static. */
const char *spec_tls_cipher(struct slice name);

/* OpenSSL's name of a curve; NULL: none that is known. Static. */
const char *spec_tls_group(struct slice name);

#endif
