/*
 * What the node knows of Services: each with its ports and, from its EndpointSlices, the addresses behind them. One
 * table feeds ClusterIPs (nftables), cluster DNS and the router. Loop only.
 */
#ifndef LAB_NET_SERVICE_H
#define LAB_NET_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "lab/api/api.h"
#include "lab/sys/job.h"

struct svc_target {
	const char *ip;
	uint16_t port;
};

struct svc_port {
	const char *name;     /* "" when unnamed */
	const char *protocol; /* "TCP", "UDP" */
	const char *target;   /* targetPort as text: a number or a name */
	uint16_t port;
	struct svc_target *targets; /* ready */
	size_t targets_n;
};

struct svc_address {
	const char *ip, *hostname; /* hostname: of a pod with one, or NULL */
	bool ready;
};

struct svc {
	struct arena arena; /* all below */
	const char *key;    /* "namespace/name" */
	const char *ns, *name;
	const char *cluster_ip;    /* NULL: headless or ExternalName */
	const char *external_name; /* NULL unless ExternalName */
	bool headless, publish_not_ready;
	struct svc_port *ports;
	size_t ports_n;
	struct svc_address *addresses;
	size_t addresses_n;
};

/* Builds one from a Service and its endpoints in the form of Endpoints (subsets), which may be NULL. Never NULL; what
 * is malformed is left out. */
struct svc *svc_new(const cJSON *service, const cJSON *endpoints);
/* Frees an entry that is in no table. NULL is fine. */
void svc_free(struct svc *s);

/* Adds what an EndpointSlice says to such endpoints; slices of other families than IPv4 say nothing. Pure. */
void svc_add_slice(cJSON *endpoints, const cJSON *slice);

/* An address that this service's DNS name shows: ready, or published without. */
bool svc_shows(const struct svc *s, const struct svc_address *a);

struct services {
	struct map by_key; /* "namespace/name" -> struct svc, owned */
};

/* Replaces the entry of the same key; takes ownership. */
void services_put(struct services *t, struct svc *s);
/* Removes and frees the entry, when there is one. */
void services_remove(struct services *t, const char *key);
/* Frees all entries. */
void services_done(struct services *t);

/* NULL when there is none. */
const struct svc *services_find(const struct services *t, struct slice ns, struct slice name);

/* Appends the nft script that replaces table `ip weft` by one for these services. Pure. */
void services_write_nft(const struct services *t, struct buf *out);

/* ---- the live table ---- */

struct service_watch;

/* Watches Services and EndpointSlices and keeps the ClusterIPs of namespace `netns` (a name) up to date; netns NULL:
 * only the table, and jobs may be NULL. */
struct service_watch *service_watch_start(struct loop *loop, struct lab_api *api, struct jobs *jobs, const char *netns);
/* Stops watching and forgets the table; rules that were written stay. NULL is fine. */
void service_watch_free(struct service_watch *w);

/* The table; owned by the watch. */
const struct services *service_watch_table(const struct service_watch *w);

#endif
