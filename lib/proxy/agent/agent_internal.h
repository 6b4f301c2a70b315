/* The agent's state and what its files offer one another. */
#ifndef PROXY_AGENT_INTERNAL_H
#define PROXY_AGENT_INTERNAL_H

#include <cjson/cJSON.h>

#include "grpc/channel.h"
#include "http/server.h"
#include "net/dns.h"
#include "net/tls.h"
#include "proxy/agent/agent.h"
#include "proxy/dns/responder.h"
#include "config/build.h"
#include "proxy/threads/workers.h"
#include "xds/client.h"

struct agent_secrets;
struct agent_names;
struct agent_health;

enum agent_state {
	AGENT_WAITING,  /* nothing to serve yet */
	AGENT_SERVING,  /* the workers have a configuration */
	AGENT_DRAINING, /* the end is near: not ready any more */
	AGENT_ENDED,
};

struct agent {
	struct loop *loop;
	const struct bootstrap *boot;
	struct build *build;
	struct workers *workers;
	enum agent_state state;
	int64_t started_ns;
	void (*on_end)(void *ctx);
	void *ctx;

	/* configuration */
	struct dns *dns;
	struct tls_ctx *tls; /* towards the control plane */
	struct grpc_channel *channel;
	struct grpc_channel *ca_channel; /* the same one when the CA is at the same address */
	struct xds_client *xds;
	struct timer retry;                    /* until the root certificate is there */
	struct config *config;                 /* what the workers were given last */
	struct xds_set *saved[XDS_TYPE_COUNT]; /* until the xDS client exists */
	uint64_t saved_hash[XDS_TYPE_COUNT];   /* of what is on disk; 0 = not known */
	struct xds_set *fixed[XDS_TYPE_COUNT]; /* of the configuration file; NULL = none */
	bool restored;                         /* from saved state, the control plane has not confirmed it */
	uint64_t updates, rejects;             /* resources accepted and refused */

	/* publishing */
	struct task publish;
	struct timer patience; /* publishes although something is missing */
	struct timer save, trim;

	struct timer detection; /* looks for ports where detection timed out */
	unsigned detection_seen;

	struct agent_secrets *secrets;
	struct agent_names *names;
	struct responder *responder;     /* the pod's DNS; NULL = it is not redirected */
	char *search;                    /* of its scope */
	struct agent_health *app_health; /* NULL = it is not probed here */

	/* servers */
	struct http_server *admin, *status, *health, *metrics;
	struct list fetches;
	struct agent_scrape *scrapes[2]; /* being made: our own, and with the application's */

	/* the end */
	struct timer drain;
	int64_t drain_began_ns, idle_since_ns;
	bool closed_idle; /* connections without an exchange were closed */
};

/* ---- agent.c ---- */
/* Parts of the configuration changed: publish it when it is complete. */
void agent_changed(struct agent *a);
/* Whether we serve; if not, *ret_why is the reason (static), as /healthz/ready shows it. */
bool agent_ready(const struct agent *a, const char **ret_why);
/* The name that Envoy gives this state at /server_info; static. */
const char *agent_state_str(enum agent_state s);

/* ---- xds.c ---- */
int agent_xds_start(struct agent *a, struct err *e);
/* Ends the stream and the channels, and gives back what was saved. Idempotent. */
void agent_xds_stop(struct agent *a);
/* Subscribes to what the current parts refer to. */
void agent_xds_subscribe(struct agent *a);
/* The root certificate of the control plane changed. */
void agent_xds_reload_root(struct agent *a);
/* Gives resources of whatever type to who wants them; as build_apply. */
int agent_xds_apply(struct agent *a, const struct build_update *u, struct err *e);
/* Reads the token that names us to the control plane; appended to out. */
int agent_token(void *user, struct buf *out, struct err *e);

/* ---- detection.c ---- */
/* Reports ports where detection timed out, from now on. */
void agent_detection_start(struct agent *a);

/* ---- state.c: what survives a restart ---- */
/* Restores resources into the build, and keeps them for the xDS client. Returns how many. */
size_t agent_state_load(struct agent *a);
/* Soon, not more often than once a second. */
void agent_state_save_later(struct agent *a);
/* Writes now what waits to be written; nothing when nothing waits. */
void agent_state_flush(struct agent *a);

/* ---- dns.c: questions of the pod ---- */
/* Listens. -errno where it cannot: the pod's DNS would be dead. */
int agent_dns_start(struct agent *a, struct err *e);
/* Idempotent. */
void agent_dns_stop(struct agent *a);
/* Takes a table of names; what cannot be read is marked in u->refused, with the reason. */
int agent_dns_apply(struct agent *a, const struct build_update *u, struct err *e);

/* ---- names.c: host names of clusters ---- */
struct agent_names *agent_names_new(struct agent *a);
/* Queries under way never answer. NULL is fine. */
void agent_names_free(struct agent_names *n);
/* Resolves what is new, forgets what is gone. */
void agent_names_update(struct agent_names *n);

/* ---- secrets.c ---- */
struct agent_secrets *agent_secrets_new(struct agent *a);
/* Gives up the request for a certificate and the watch on files. NULL is fine. */
void agent_secrets_free(struct agent_secrets *s);
/* Begins asking for a certificate; call again when the channel to the CA exists. */
void agent_secrets_start(struct agent_secrets *s);
/* Provides the local secrets that the configuration refers to. */
void agent_secrets_update(struct agent_secrets *s);
/* The chain in use (PEM) and its end in seconds since the epoch; empty when there is none. */
struct slice agent_secrets_chain(const struct agent_secrets *s, int64_t *ret_not_after_s);
/* The root certificates as PEM, empty when there are none; valid until they change. */
struct slice agent_secrets_root(const struct agent_secrets *s);

/* ---- admin*.c ---- */
int agent_servers_start(struct agent *a, struct err *e);
/* Stops the servers of 15000, 15020, 15021 and 15090 and drops the fetches under way. Idempotent. */
void agent_servers_stop(struct agent *a);
/* The handler of the administration server; ctx is the agent. */
void admin_handle(void *ctx, struct http_request *rq);
/* The value of a query parameter, or empty; borrowed from the request. */
struct slice admin_query(struct http_request *rq, const char *name);
/* Answers with plain text. */
void admin_reply_text(struct http_request *rq, int status, const char *text);
/* Answers with JSON, which it takes over. */
void admin_reply_json(struct http_request *rq, cJSON *j);
/* Answers /certs: what certificates are in use. */
void admin_certs(struct agent *a, struct http_request *rq);
/* Answers /clusters, as text or with format=json. */
void admin_clusters(struct agent *a, struct http_request *rq);
/* Answers /config_dump in the shape of Envoy's. */
void admin_config_dump(struct agent *a, struct http_request *rq);

/* ---- probe.c ---- */
/* Answers /app-health/...: true when the path is one of ours. */
bool agent_probe(struct agent *a, struct http_request *rq);

/* ---- health.c: of an application that registers itself ---- */
/* Probes from now on; NULL where the bootstrap names no probe. */
struct agent_health *agent_health_new(struct agent *a);
/* The last probe: nothing is reported any more. The fetches must be stopped before it is freed. NULL is fine. */
void agent_health_stop(struct agent_health *h);

/* ---- scrape.c ---- */
/* Replies with the metrics; merge: the application's behind them. */
void agent_scrape(struct agent *a, struct http_request *rq, bool merge);

/* ---- fetch.c: one small HTTP request of our own ---- */
struct agent_fetch_request {
	struct addr to, from; /* from.len 0 = any */
	bool tls;             /* the certificate is not looked at */
	const char *method, *path, *host;
	const char *headers; /* further lines with CRLF, or "" */
	int64_t timeout_ms;
	bool connect_only; /* succeeds when connected */
	bool head_only;    /* the answer's body is of no interest */
};
/* fn is called once, not inside: status 0 with a reason on failure. */
typedef void agent_fetch_fn(void *ctx, int status, const char *why, const char *content_type, struct slice body);
/* Drops those under way; their functions hear of it. */
void agent_fetch_stop(struct agent *a);
/* One HTTP/1.1 request to a local address, or just a connection; fn is called once, also when it fails. Copies rq. */
void agent_fetch(struct agent *a, const struct agent_fetch_request *rq, agent_fetch_fn *fn, void *ctx);
/* ---- probe.c: httpGet or tcpSocket of a probe as Kubernetes writes it, to the application; fn as above. False, and fn
 * is not called, where it has neither. ---- */
bool agent_probe_start(struct agent *a, const cJSON *probe, int64_t timeout_ms, agent_fetch_fn *fn, void *ctx);

#endif
