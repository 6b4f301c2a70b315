/* The HTTP filters: small, one file each, without state of their own but what struct stream has for them. */
#ifndef PROXY_FILTER_TABLE_H
#define PROXY_FILTER_TABLE_H

#include "proxy/stream/filter.h"

extern const struct filter_ops filter_fault_ops, filter_cors_ops, filter_rbac_ops, filter_peer_ops, filter_alpn_ops;

/* By enum filter_kind; NULL = nothing to do. What worker.filters points to. */
extern const struct filter_ops *const filter_table[FILTER_KIND_COUNT];

#endif
