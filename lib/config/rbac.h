/* Authorization policies, evaluated on what is known of a connection or a request (envoy.config.rbac.v3). Pure. */
#ifndef CONFIG_RBAC_H
#define CONFIG_RBAC_H

#include "net/tls.h"
#include "config/config.h"

struct rbac_input {
	const struct addr *destination, *direct, *remote;
	struct slice server_name;
	const struct tls_peer *peer; /* NULL = not authenticated */
	struct slice principal;      /* its URI */
	bool http;                   /* the rest is known */
	struct slice path;           /* without the query, in the form of path_fold */
	/* All values of a header joined by commas, pseudo headers too; ptr NULL = absent. */
	struct slice (*header)(const void *ctx, struct slice name);
	/* Its lines one by one, see stream_header_line; ptr NULL = no more. */
	struct slice (*header_line)(const void *ctx, struct slice name, size_t *cursor);
	const void *ctx;
	const struct metadata *metadata; /* what filters found out; NULL = nothing */
};

/*
 * Whether it is allowed; *ret_policy names the policy that decided, or NULL. Where an attribute has several values at
 * once (a header sent twice, a certificate with two names), a rule that denies matches if one of them does, and a rule
 * that allows only if all do: nobody knows which one the server will take.
 */
bool rbac_allows(const struct rbac_rules *rules, const struct rbac_input *in, const char **ret_policy);

/* Entries of rbac_shadow. */
#define RBAC_SHADOW_MAX 2

/*
 * What the shadow rules say of it, as metadata of that filter, to be added with metadata_add: which policy matched, and
 * whether it would be let through. Texts are the configuration's. Returns the number of entries; 0 without such rules.
 */
size_t rbac_shadow(const struct filter_rbac *r, const struct rbac_input *in, const char *filter,
		   struct metadata_entry ret[RBAC_SHADOW_MAX]);

#endif
