/* Values of AuthorizationPolicies as matchers; each function was asked by authz_check before. Internal to this folder.
 */
#ifndef COMPILE_AUTHZ_VALUES_H
#define COMPILE_AUTHZ_VALUES_H

#include "compile/gen.h"
#include "mesh/authz.h"

/* Whether the attribute tells what is asked for (a permission) or who asks (a principal). */
bool authz_is_permission(enum authz_attribute a);

/* A value of a policy as a matcher: "a*" is a prefix, "*a" a suffix, "*" anything that is not empty. */
pb_string_matcher *authz_string(struct arena *a, const char *v);

/* A permission that holds for this value; strings may be borrowed. */
pb_permission *authz_permission(struct arena *a, enum authz_attribute attribute, const char *value);

/* Adds the principals that hold for this value to a list of alternatives. name: the header's. */
void authz_add_principals(const struct gen *g, pb_principal_set *any, enum authz_attribute attribute, const char *name,
			  const char *value);

/*
 * For a rule that denies: the range of addresses that the readable part of a mistyped IPv4 address stands for,
 * "10.1.2." of "10.1.2.300" being 10.1.2.0/24; NULL when nothing of it can be read.
 */
const char *authz_readable_range(struct arena *a, const char *value);

#endif
