/*
 * Who is asked by AuthorizationPolicies of action CUSTOM: an extension provider of the mesh's settings as the filter
 * ext_authz. Internal to this folder.
 */
#ifndef COMPILE_CUSTOM_H
#define COMPILE_CUSTOM_H

#include "compile/gen.h"

/* Names of rules that ask begin so; ext_authz looks for it in what the rules said before it. */
#define CUSTOM_POLICY_PREFIX "istio-ext-authz"
#define CUSTOM_STAT_PREFIX "istio_ext_authz_"

struct custom {
	Google__Protobuf__Any *http; /* configuration of envoy.filters.http.ext_authz */
	Google__Protobuf__Any *tcp;  /* of envoy.filters.network.ext_authz; NULL = it only speaks HTTP */
};

/*
 * The provider that the policies (all that govern the proxy) name. False: there is none that could be asked; what is
 * wrong is told to each policy, and all that they match is to be denied. In the arena.
 */
bool custom_find(struct gen *g, const struct mesh_authz *const *v, size_t n, struct custom *ret);

/* The host that the provider's service has; NULL = it authorizes nothing. */
const char *custom_host(struct gen *g, const struct istio_mesh_config_extension_provider *p);

#endif
