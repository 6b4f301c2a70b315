/*
 * A key set (RFC 7517 5) ready for use: keys decoded once, looked up by kid and algorithm. Immutable; any thread may
 * verify with it. Keys that are of no use here (for encryption, of unknown types, weak ones) are left out.
 */
#ifndef PKI_JWK_SET_H
#define PKI_JWK_SET_H

#include "pki/jwt.h"

/* Text of a set, keys of a set. */
#define JWK_SET_MAX_BYTES (1024 * 1024)
#define JWK_SET_MAX_KEYS 64

struct jwk_set;

/* Reads {"keys": [...]}; an empty list is a set that verifies nothing. -EINVAL, also when none of its keys is of use,
 * or -EMSGSIZE. */
int jwk_set_parse(struct slice json, struct jwk_set **ret, struct err *e);

/* NULL is fine. */
void jwk_set_free(struct jwk_set *s);
DEFINE_CLEANUP(struct jwk_set *, jwk_set_free)

/* SHA-256 of the text it was read from. */
#define JWK_SET_ID_BYTES 32
const uint8_t *jwk_set_id(const struct jwk_set *s);

/* How many keys are of use. */
size_t jwk_set_size(const struct jwk_set *s);

/* JWT_OK, JWT_NO_KEYS, JWT_NO_KEY or JWT_WRONG_SIGNATURE. A token without kid is tried with every key that fits. */
enum jwt_status jwk_set_verify(const struct jwk_set *s, const struct jwt *t);

#endif
