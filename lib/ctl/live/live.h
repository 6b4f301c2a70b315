/* What runs: the control plane's debug pages and the proxies' administration, through the API server's port-forward. */
#ifndef CTL_LIVE_LIVE_H
#define CTL_LIVE_LIVE_H

#include <cjson/cJSON.h>

#include "ctl/core/core.h"

/* Which proxies are connected, and whether they have what they were sent. */
enum ctl_status ctl_proxy_status(struct ctl *c);
/* What one proxy has: listeners, routes, clusters, endpoints, secrets, log, bootstrap. */
enum ctl_status ctl_proxy_config(struct ctl *c);

/* The words that proxy-config takes, NULL-terminated. */
extern const char *const ctl_proxy_config_words[];

/* What all replicas of all control planes (-i: of one) say together. */
struct live_sync {
	size_t proxies, stale, planes;
};
/* Counts without a word; 0 or a negative code with the reason. */
int live_sync_count(struct ctl *c, struct live_sync *ret, struct err *e);

/* --- pure --- */

/* A row of the table for one entry of /debug/syncz; the caller owns it. */
cJSON *live_sync_row(const cJSON *entry, const char *istiod);

/* The resources of a type ("listeners" ...) in a configuration dump as Envoy writes it; a list that the caller frees.
 */
cJSON *live_dump_resources(const cJSON *dump, const char *type);
/* A row of the table for one of them. */
cJSON *live_resource_row(const cJSON *resource, const char *type);

#endif
