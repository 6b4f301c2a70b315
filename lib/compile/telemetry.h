/*
 * What Telemetry objects (telemetry.istio.io) come to for one proxy: tracing, access logs and metrics of each side of
 * its traffic. Internal to this folder.
 */
#ifndef COMPILE_TELEMETRY_H
#define COMPILE_TELEMETRY_H

#include "compile/gen.h"

/* Of one entry, and of a level; more are left out. */
#define GEN_PROVIDERS_MAX 16

/* Requests that the proxy sends for its workload (and all of a gateway), or that it takes for it. */
enum gen_side { GEN_CLIENT_SIDE, GEN_SERVER_SIDE };

static inline enum gen_side gen_side_of(enum gen_direction d)
{
	return d == GEN_INBOUND ? GEN_SERVER_SIDE : GEN_CLIENT_SIDE;
}

struct gen_names {
	const char *v[GEN_PROVIDERS_MAX];
	size_t n;
};

/* Finds the objects of each level; those that lose against an older one of their level are told. */
void gen_set_telemetry(struct gen *g);
/* They took part in what is being made. */
void gen_use_telemetry(struct gen *g);

/* The extension provider of that name, or NULL. */
const struct istio_mesh_config_extension_provider *gen_provider(const struct gen *g, const char *name);

/* Members that no object sets are NULL or false: the mesh's own settings count. */
struct gen_tracing_side {
	const char *provider; /* of this object, at this path */
	const struct api_object *object;
	const char *path;
	bool off; /* no spans */
	const double *sampling;
	const struct istio_telemetry_tracing *tags;
};
struct gen_tracing_side gen_tracing_of(struct gen *g, enum gen_side side);

/* A service that proxies themselves send to. */
struct gen_collector {
	const char *host; /* as a cluster names it */
	uint16_t port;
	bool http2; /* it is spoken to in gRPC */
};

struct gen_log {
	const char *provider;
	const char *filter;              /* CEL; NULL = each exchange */
	const struct api_object *object; /* that asks for it, at this path; NULL = the mesh's settings */
	const char *path;
};
struct gen_logs {
	struct gen_log v[GEN_PROVIDERS_MAX];
	size_t n;
	bool told; /* false: the mesh's accessLogFile counts instead */
};
struct gen_logs gen_logs_of(struct gen *g, enum gen_side side);

/* Does an entry with this match (of an enum istio_telemetry_workload_mode) concern the side? */
bool gen_concerns(int mode, enum gen_side side);

/* --- metrics.c --- */

/* What the filter of the standard metrics is told, in the arena; NULL: there is to be none. */
pb_stats_config *gen_stats(struct gen *g, enum gen_direction d);

/* --- access_log.c --- */

/* The access logs of a side, in the arena. Returns their number. */
size_t gen_access_logs(struct gen *g, enum gen_side side, pb_access_log ***ret);

/* The text of a log's lines: own, or Istio's where there is none that a proxy takes. */
const char *gen_log_text(struct gen *g, const char *own);
/* Whether proxies take the format. */
bool gen_log_format_ok(const char *text);

/* --- log_service.c --- */

/* The access log of a provider for which gen_log_collector is true, in the arena. */
pb_access_log *gen_log_service(struct gen *g, const struct istio_mesh_config_extension_provider *p);
/* The service of an extension provider of access logs that go to one; false: it is none. */
bool gen_log_collector(struct gen *g, const char *provider, struct gen_collector *ret);

/* --- tracing.c --- */

/* Of custom tags; a proxy refuses many more. */
#define GEN_TRACE_TAGS_MAX 32

/* Says where spans go, and of which requests; nothing when no collector is named. */
void gen_set_tracing(struct gen *g, pb_hcm *h, enum gen_side side);
/* The collector of an extension provider of spans, or of the mesh's own settings (NULL); false: it is none. */
bool gen_tracing_collector(struct gen *g, const char *provider, struct gen_collector *ret);

/* --- collectors.c --- */

/* The collector that a setting names; false: it names none. Leaves http2 as it is. */
bool gen_collector_at(struct gen *g, const char *service, uint64_t port, struct gen_collector *ret);
/* Its cluster's name, in the arena. */
const char *gen_collector_cluster(struct gen *g, const struct gen_collector *c);
/* How it is called over gRPC. */
pb_grpc_service *gen_collector_service(struct gen *g, const struct gen_collector *c);
/* The hosts of collectors that proxies are to reach: of the mesh's settings and of all Telemetry objects. Calls fn for
 * each. */
typedef void (*gen_host_fn)(struct gen *g, const char *host);
void gen_collector_hosts(struct gen *g, gen_host_fn fn);
/* Adds a cluster for each collector that is no service of the mesh. */
void gen_collector_clusters(struct gen *g);

#endif
