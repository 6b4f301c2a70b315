/* Matchers of what tokens say, as the filter jwt_authn leaves it in dynamic metadata. Internal to this folder. */
#ifndef COMPILE_CLAIMS_H
#define COMPILE_CLAIMS_H

#include "compile/gen.h"
#include "mesh/authz.h"

/* Of the filter's dynamic metadata: its name, and the key of the claims. */
#define CLAIMS_FILTER "envoy.filters.http.jwt_authn"
#define CLAIMS_KEY "payload"

/* A claim by its path of n names; value is taken over. */
pb_metadata_matcher *claims_matcher(struct arena *a, const char *const *path, size_t n, pb_value_matcher *value);

/* A value that is this text. */
pb_value_matcher *claims_text(struct arena *a, pb_string_matcher *m);
/* A value that is a list with this text. */
pb_value_matcher *claims_list(struct arena *a, pb_string_matcher *m);

/* Adds principals that hold for a token with this value of the attribute (one of AUTHZ_TOKEN_*); name: the claim's. */
void claims_add_principals(struct arena *a, pb_principal_set *any, enum authz_attribute attribute, const char *name,
			   const char *v);

/* Whether a match of headers asks for a claim instead ("@request.auth.claims.a.b", "@request.auth.claims[a][b]"). */
bool claims_is_key(const char *header);
/* Adds that match to a route's. */
void claims_add_match(struct arena *a, pb_route_match *out, const char *header, const struct istio_string_match *m,
		      bool invert);

#endif
