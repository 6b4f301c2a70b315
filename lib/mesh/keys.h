/* Key sets for tokens that were fetched for the mesh: text by address. Refcounted; immutable once in a snapshot. */
#ifndef MESH_KEYS_H
#define MESH_KEYS_H

#include "api/istio/security.h"
#include "base/arena.h"

struct mesh_keys;

/* None yet; one reference. */
struct mesh_keys *mesh_keys_new(void);
/* Adds what was fetched, or (text NULL) why there is nothing; copied. Before anybody else has it. */
void mesh_keys_add(struct mesh_keys *k, const char *address, const char *text, const char *why);
/* The text, NULL = there is none: then *ret_why says why, as far as it is known. k may be NULL. */
const char *mesh_keys_get(const struct mesh_keys *k, const char *address, const char **ret_why);

/* NULL is fine for both. Main loop only. */
struct mesh_keys *mesh_keys_ref(struct mesh_keys *k);
void mesh_keys_unref(struct mesh_keys *k);

/* Where the keys of a rule without any in place are: its jwksUri, or what its issuer says (OpenID Connect Discovery 4);
 * in the arena. NULL when the rule has keys or no issuer. */
const char *mesh_keys_address(struct arena *a, const struct istio_jwt_rule *r);

/* Whether the address is that of an issuer's description, which names the address of the keys. */
bool mesh_keys_is_discovery(const char *address);

#endif
