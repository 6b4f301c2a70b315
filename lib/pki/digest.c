/* Digests by the TLS library. */
#include <openssl/sha.h>

#include "pki/digest.h"

void pki_sha256(struct slice bytes, uint8_t out[PKI_SHA256_BYTES])
{
	SHA256((const unsigned char *)bytes.ptr, bytes.len, out);
}
