/* Authorization policies, evaluated on what is known of a connection or a request (envoy.config.rbac.v3). Pure. */
#ifndef PROXY_RBAC_H
#define PROXY_RBAC_H

#include "net/tls.h"
#include "config/config.h"

struct rbac_input {
	const struct addr *destination, *direct, *remote;
	struct slice server_name;
	const struct tls_peer *peer; /* NULL = not authenticated */
	struct slice principal;      /* its URI */
	bool http;                   /* the rest is known */
	struct slice path;           /* with the query */
	struct slice (*header)(const void *ctx, struct slice name);
	const void *ctx;
};

/* Whether it is allowed; *ret_policy names the policy that decided, or NULL. */
bool rbac_allows(const struct rbac_rules *rules, const struct rbac_input *in, const char **ret_policy);

#endif
