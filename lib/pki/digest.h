/* SHA-256 of bytes. */
#ifndef PKI_DIGEST_H
#define PKI_DIGEST_H

#include "base/slice.h"

#define PKI_SHA256_BYTES 32

/* The digest of the bytes (FIPS 180-4). */
void pki_sha256(struct slice bytes, uint8_t out[PKI_SHA256_BYTES]);

#endif
