/*
 * explain: what becomes of one request, step by step, each with the object and line that decided it. It is decided by
 * what proxies decide with: the compiled resources, decoded by lib/config, chains and routes found by lib/config and
 * lib/route, policies by config/rbac.h.
 */
#ifndef CTL_EXPLAIN_EXPLAIN_H
#define CTL_EXPLAIN_EXPLAIN_H

#include "ctl/core/core.h"

/* Explains a request before it is made, or (--log) a line of an access log. */
enum ctl_status ctl_explain(struct ctl *c);

#endif
