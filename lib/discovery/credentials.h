/* Secrets that configuration objects name by credentialName. Internal to this folder. */
#ifndef DISCOVERY_CREDENTIALS_H
#define DISCOVERY_CREDENTIALS_H

#include "discovery/internal.h"
#include "validate/validate.h"

/* One secret as it was last read. */
struct credential {
	char *version;                /* resourceVersion that this was read from */
	struct buf chain, key, roots; /* decoded, empty when missing */
	char pair_problem[160];       /* why chain and key are no good; "" = they are */
	char roots_problem[160];
	int64_t pair_from_s, pair_until_s, roots_from_s, roots_until_s;
	char name[]; /* "ns/name" */
};

/* Reads secrets of the store; looks every minute whether one ran out, for status. */
struct credentials *discovery_credentials_new(struct discovery *d);
/* NULL is fine. */
void discovery_credentials_free(struct credentials *c);

/* What a secret of the store holds; borrowed until the next change of that secret. */
const struct credential *discovery_credential(struct credentials *c, const struct api_object *secret);

/* The secret changed or went away. */
void discovery_credentials_forget(struct credentials *c, const char *ns, const char *name);

/* Whether the object names a secret anywhere. */
bool discovery_credentials_named(const struct api_object *o);
/* Calls fn for each secret that an object names and that is missing or no good, with the field's path. */
void discovery_credentials_check(struct credentials *c, const struct api_object *o, validate_fn fn, void *arg);

#endif
