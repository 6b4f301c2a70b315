/*
 * JSON web tokens (RFC 7519) in compact form: reading, signing and checking with RS256 and ES256, and key sets
 * (RFC 7517). Tokens are secrets: nothing here puts one into an error message.
 */
#ifndef PKI_JWT_H
#define PKI_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "pki/key.h"

#define JWT_MAX_BYTES 65536

struct jwt {
	cJSON *header, *claims;      /* owned */
	const char *alg, *kid;       /* "" when absent; inside header */
	const char *iss, *sub;       /* "" when absent; inside claims */
	int64_t exp_s, nbf_s, iat_s; /* 0 when absent */
	struct slice signed_part;    /* inside the text that was parsed, which must outlive this */
	struct slice signature;      /* still base64url */
};

/* Reads a token WITHOUT checking its signature or times. -EINVAL, -EMSGSIZE. */
int jwt_parse(struct slice token, struct jwt *ret, struct err *e);
/* Frees header and claims; t is empty afterwards. */
void jwt_done(struct jwt *t);

/* True when the aud claim (a string or a list) holds the audience. */
bool jwt_has_audience(const struct jwt *t, const char *audience);

/* Checks the signature with the key; the algorithm must be the key's own (RS256, ES256). Returns 0, -EACCES, -EINVAL.
 */
int jwt_verify(const struct jwt *t, const struct pki_key *key, struct err *e);

/* exp and nbf against now_s, with leeway_s either way. Returns 0 or -EACCES. */
int jwt_check_times(const struct jwt *t, int64_t now_s, int64_t leeway_s, struct err *e);

/* Signs claims (borrowed); kid may be NULL. Appends the compact form. The key's type gives the algorithm. */
int jwt_sign(const struct pki_key *key, const char *kid, const cJSON *claims, struct buf *out, struct err *e);

/* The key id used for a key: base64url of SHA-256 of its public DER form. Appends text. */
void jwk_id(const struct pki_key *key, struct buf *out);

/* The public half as a JWK object with kid, use and alg; the caller frees it. NULL for a key of another type. */
cJSON *jwk_from_key(const struct pki_key *key);

/* Reads one JWK (kty RSA or EC P-256). -EINVAL, -ENOTSUP. */
int jwk_to_key(const cJSON *jwk, struct pki_key **ret, struct err *e);

/* Checks a token against a key set {"keys": [...]}: by kid where it names one, else every key. 0, -EACCES, -EINVAL. */
int jwks_verify(const cJSON *jwks, const struct jwt *t, struct err *e);

#endif
