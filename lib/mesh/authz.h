/*
 * Attributes that rules of AuthorizationPolicies compare: what they are called in conditions, which of them only HTTP
 * can tell, and which values can be compared at all. Validation and the generators ask the same functions, so that
 * neither believes what the other cannot do. Pure.
 */
#ifndef MESH_AUTHZ_H
#define MESH_AUTHZ_H

#include "api/object.h"
#include "base/err.h"
#include "base/slice.h"

enum authz_attribute {
	AUTHZ_UNKNOWN,
	/* who asks */
	AUTHZ_PRINCIPAL, /* "cluster.local/ns/shop/sa/a" */
	AUTHZ_NAMESPACE,
	AUTHZ_SOURCE_IP,
	AUTHZ_REMOTE_IP,
	AUTHZ_TOKEN_PRINCIPAL, /* "issuer/subject" of a token */
	AUTHZ_TOKEN_AUDIENCE,
	AUTHZ_TOKEN_PRESENTER,
	AUTHZ_TOKEN_CLAIM, /* its name, "a][b" inside another one */
	AUTHZ_HEADER,
	AUTHZ_HEADER_REGEX,
	/* what for */
	AUTHZ_HOST,
	AUTHZ_METHOD,
	AUTHZ_PATH,
	AUTHZ_PORT,
	AUTHZ_DESTINATION_IP,
	AUTHZ_SNI,
	AUTHZ_ATTRIBUTE_COUNT
};

/* The attribute that a condition's key names, and the name in brackets of the header or claim (a view of key). */
enum authz_attribute authz_attribute_of(const char *key, struct slice *ret_name);

/* The next name in the path of a claim, "a][b"; false = there is none. */
bool authz_claim_next(struct slice *rest, struct slice *ret);

/* Whether a connection of plain TCP has no such attribute. */
bool authz_needs_http(enum authz_attribute a);

/* Whether only a token says it. */
bool authz_needs_token(enum authz_attribute a);

/* 0, or -EINVAL (nothing can have this value) or -ENOTSUP (it cannot be known here) with the reason. */
int authz_check(enum authz_attribute a, const char *value, struct err *e);

/*
 * The annotation istio.io/dry-run: 1 = the policy is only tried, 0 = it is enforced (also without the annotation);
 * -EINVAL with the reason for a value that is no boolean of Istio's.
 */
int authz_dry_run(const struct api_object *o, struct err *e);

#endif
