/* Which filter stands behind which kind. */
#include "proxy/filter/table.h"

const struct filter_ops *const filter_table[FILTER_KIND_COUNT] = {
	[FILTER_FAULT] = &filter_fault_ops,
	[FILTER_CORS] = &filter_cors_ops,
	[FILTER_RBAC] = &filter_rbac_ops,
	[FILTER_LOCAL_RATE] = &filter_local_rate_ops,
	[FILTER_GLOBAL_RATE] = &filter_global_rate_ops,
	[FILTER_PEER_METADATA] = &filter_peer_ops,
	[FILTER_ALPN] = &filter_alpn_ops,
	[FILTER_STATS] = &filter_stats_ops,
	[FILTER_TRACING] = &filter_tracing_ops,
	[FILTER_JWT] = &filter_jwt_ops,
	[FILTER_EXT_AUTHZ] = &filter_ext_authz_ops,
};
