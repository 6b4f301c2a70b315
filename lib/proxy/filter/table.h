/* The HTTP filters: small, one file each; what one keeps of an exchange is its own. */
#ifndef PROXY_FILTER_TABLE_H
#define PROXY_FILTER_TABLE_H

#include "proxy/stream/filter.h"

extern const struct filter_ops filter_local_rate_ops, filter_global_rate_ops;
extern const struct filter_ops filter_fault_ops, filter_cors_ops, filter_rbac_ops, filter_peer_ops, filter_alpn_ops,
	filter_stats_ops, filter_tracing_ops, filter_jwt_ops, filter_ext_authz_ops;

/* By enum filter_kind; NULL = nothing to do. What worker.filters points to. */
extern const struct filter_ops *const filter_table[FILTER_KIND_COUNT];

#endif
