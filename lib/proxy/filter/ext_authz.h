/* What the two forms of external authorization share: what is known of a request that waits, and what a service said.
 */
#ifndef PROXY_EXT_AUTHZ_H
#define PROXY_EXT_AUTHZ_H

#include "config/config_ext_authz.h"
#include "proxy/stream/filter.h"
#include "proxy/upstream/side_call.h"

/* Headers that one answer may set or remove; more are no answer. */
#define EXT_AUTHZ_FIELDS_MAX 32

struct ext_authz_fields {
	struct reply_field v[EXT_AUTHZ_FIELDS_MAX];
	size_t n;
};

struct ext_authz_own {
	struct side_call *call; /* NULL = nobody is being asked */
	const struct ext_authz_override *route;
	const struct ext_authz_fields *to_client; /* of the response; NULL = none */
};

struct ext_authz_verdict {
	enum { EXT_AUTHZ_FAILED, EXT_AUTHZ_ALLOWED, EXT_AUTHZ_DENIED } what;
	uint16_t status; /* of a denial; 0 = 403 */
	struct slice body;
	struct ext_authz_fields fields; /* for the upstream, or of the denial */
	struct ext_authz_fields *to_client;
	struct slice remove[EXT_AUTHZ_FIELDS_MAX];
	size_t n_remove;
};

/* Whether the service sees the header. */
bool ext_authz_shows(const struct filter_ext_authz *c, struct slice name);

/* Adds a copy; false when the field cannot stand in a head, or there are too many. */
bool ext_authz_add(struct ext_authz_fields *to, struct filter *f, struct slice name, struct slice value, bool append);

/* The request as a CheckRequest (envoy.service.auth.v3). */
void ext_authz_write_grpc(struct filter *f, const struct filter_ext_authz *c, const struct ext_authz_override *route,
			  struct slice body, struct buf *out);

/* What the answer to it says; EXT_AUTHZ_FAILED when it is none. */
void ext_authz_read_grpc(struct filter *f, const struct side_answer *a, struct ext_authz_verdict *v);

/* A connection of TCP as a CheckRequest; own: our principal. */
void ext_authz_write_connection(const struct down *d, const char *own, struct buf *out);
/* What the answer to that says. False: it is none. */
bool ext_authz_read_connection(const struct side_answer *a, bool *ret_allowed);

#endif
