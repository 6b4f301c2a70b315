/*
 * Who asks: service-account tokens, signed by an authority whose key is kept in a file, and client certificates. On the
 * loop.
 */
#ifndef LAB_API_AUTH_H
#define LAB_API_AUTH_H

#include "lab/api/op.h"

/* Reads the key, or makes one and writes it. NULL with e set. */
struct token_authority *token_authority_open(const char *path, struct err *e);
/* NULL is fine. */
void token_authority_free(struct token_authority *t);
/* Checks a token; fills in u from the arena. audiences NULL-ended or NULL = the API's. ret_audiences (may be NULL): a
 * cJSON array of those that fit, the caller's. */
int token_authenticate(struct lab_api *api, struct arena *a, struct slice token, const char *const *audiences,
		       struct user *u, cJSON **ret_audiences, struct err *e);
/* The JSON of a POST serviceaccounts/x/token, in place. NULL or a failure. */
cJSON *token_request(struct lab_api *api, const char *ns, const char *name, cJSON *request);
/* Who made the request: NULL with u filled in, or a failure. */
cJSON *auth_identify(struct lab_api *api, struct web_request *r, struct user *u);
/* As authentication.k8s.io's UserInfo; the caller frees it. */
cJSON *user_to_json(const struct user *u);
/* Public keys and issuer for /openid. */
cJSON *token_jwks(struct lab_api *api);

#endif
