/*
 * JSON web tokens (RFC 7519) in compact form: reading, checking and, with RS256 and ES256, signing; single keys of key
 * sets (RFC 7517). Tokens are secrets: nothing here puts one into an error message.
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

/* What is wrong with a token; the words are Envoy's. */
enum jwt_status {
	JWT_OK,
	JWT_MISSING,
	JWT_FORM,
	JWT_TOO_LONG,
	JWT_HEADER_BASE64,
	JWT_HEADER_JSON,
	JWT_HEADER_ALG,
	JWT_ALG_UNKNOWN,
	JWT_HEADER_KID,
	JWT_HEADER_CRIT,
	JWT_PAYLOAD_BASE64,
	JWT_PAYLOAD_JSON,
	JWT_PAYLOAD_ISS,
	JWT_PAYLOAD_SUB,
	JWT_PAYLOAD_IAT,
	JWT_PAYLOAD_NBF,
	JWT_PAYLOAD_EXP,
	JWT_SIGNATURE_BASE64,
	JWT_UNKNOWN_ISSUER,
	JWT_NOT_YET_VALID,
	JWT_EXPIRED,
	JWT_AUDIENCE,
	JWT_SUBJECT,
	JWT_NO_EXPIRATION,
	JWT_LIFETIME,
	JWT_NO_KEYS,
	JWT_NO_KEY,
	JWT_WRONG_SIGNATURE,
	JWT_FETCH_FAILED,
	JWT_STATUS_COUNT
};

/* "Jwt is expired"; static. */
const char *jwt_status_str(enum jwt_status s);

struct jwt {
	cJSON *header, *claims;      /* owned */
	const char *alg, *kid;       /* "" when absent; inside header */
	const char *iss, *sub;       /* "" when absent; inside claims */
	int64_t exp_s, nbf_s, iat_s; /* 0 when absent */
	struct slice payload;        /* the claims, still base64url; as the next two */
	struct slice signed_part;    /* inside the text that was parsed, which must outlive this */
	struct slice signature;      /* still base64url */
};

/* Reads a token WITHOUT checking its signature or times. -EINVAL, -EMSGSIZE. */
int jwt_parse(struct slice token, struct jwt *ret, struct err *e);
/* The same, telling what is wrong: claims of the wrong type are an error here. JWT_OK: ret is to be freed. */
enum jwt_status jwt_read(struct slice token, struct jwt *ret);
/* Frees header and claims; t is empty afterwards. */
void jwt_done(struct jwt *t);

/* True when the aud claim (a string or a list) holds the audience. */
bool jwt_has_audience(const struct jwt *t, const char *audience);

/*
 * Checks the signature with the key; the algorithm must be one of the key's own: RS256, RS384, RS512, PS256, PS384 and
 * PS512 of RSA, ES256, ES384 and ES512 of their curves, EdDSA of Ed25519 and Ed448 (RFC 7518, RFC 8037). Returns 0,
 * -EACCES, -EINVAL.
 */
int jwt_verify(const struct jwt *t, const struct pki_key *key, struct err *e);

/* Whether a token may be signed so at all. */
bool jwt_alg_known(const char *alg);
/* Whether signatures of the key may be called so. */
bool jwt_alg_fits(const char *alg, const struct pki_key *key);

/* exp and nbf against now_s, with leeway_s either way. Returns 0 or -EACCES. */
int jwt_check_times(const struct jwt *t, int64_t now_s, int64_t leeway_s, struct err *e);

/* Signs claims (borrowed); kid may be NULL. Appends the compact form. The key's type gives the algorithm. */
int jwt_sign(const struct pki_key *key, const char *kid, const cJSON *claims, struct buf *out, struct err *e);

/* The key id used for a key: base64url of SHA-256 of its public DER form. Appends text. */
void jwk_id(const struct pki_key *key, struct buf *out);

/* The public half as a JWK object with kid, use and alg; the caller frees it. NULL for a key of another type. */
cJSON *jwk_from_key(const struct pki_key *key);

/* Reads one JWK: RSA of 2,048 bits and more, EC P-256, P-384, P-521, OKP Ed25519 and Ed448. -EINVAL, -ENOTSUP. */
int jwk_to_key(const cJSON *jwk, struct pki_key **ret, struct err *e);

/* Checks a token against a key set {"keys": [...]}: by kid where it names one, else every key. 0, -EACCES, -EINVAL. */
int jwks_verify(const cJSON *jwks, const struct jwt *t, struct err *e);

#endif
