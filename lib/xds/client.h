/*
 * The consuming side of ADS over gRPC: one stream, made again with back-off when it breaks. What arrives is handed
 * over per type as differences; an error from the owner becomes a NACK and the old state stays. On reconnection the
 * subscriptions are sent again and (delta) the versions that are held, so only what changed travels.
 */
#ifndef XDS_CLIENT_H
#define XDS_CLIENT_H

#include "base/err.h"
#include "envoy/config/core/v3/base.pb-c.h"
#include "grpc/channel.h"
#include "xds/resource.h"

struct xds_client;

struct xds_update {
	enum xds_type type;
	struct xds_resource *const *changed; /* new or different; borrowed, take references to keep them */
	size_t n_changed;
	const struct slice *removed; /* names that are gone (wildcard types, and delta) */
	size_t n_removed;
	const struct xds_set *all; /* what is held after this update, when nothing is refused; borrowed */
	bool *refused;             /* beside changed, false: the owner marks what it does not take */
};

struct xds_client_ops {
	/*
	 * A response arrived. The bytes of a resource are what the server sent under its name: decode with pb_unpack
	 * and check. Return 0 to accept the response whole, or a negative code with the reason: NACK. Of a response
	 * that was refused, what is marked in u->refused stays as it was and the rest counts as taken, removals too;
	 * with nothing marked all stays as it was. So what is held is always what the owner has, whatever comes next.
	 * It may be called with nothing changed: what was asked for is complete.
	 */
	int (*on_update)(void *user, const struct xds_update *u, struct err *e);
	/*
	 * A resource that was held is not wanted any more and is forgotten: asked for again, it comes again. Called at
	 * the end of the turn. May be NULL.
	 */
	void (*on_drop)(void *user, enum xds_type type, struct slice name);
	/* The stream is up (first response of the server arrived), or broke (why: status and text). May be NULL. */
	void (*on_state)(void *user, bool connected, int status, const char *text);
	/*
	 * The token for the authorization header, read anew for every stream. Appends to out; returns 0, or negative to
	 * try again later. May be NULL: none is sent.
	 */
	int (*token)(void *user, struct buf *out, struct err *e);
};

/* Zeroed fields take the default in brackets. */
struct xds_client_params {
	struct grpc_channel *channel;              /* borrowed */
	const Envoy__Config__Core__V3__Node *node; /* copied */
	bool delta;
	const struct xds_client_ops *ops;
	void *user;
	int64_t backoff_min_ms; /* [500 ms] doubled up to */
	int64_t backoff_max_ms; /* [30 s]; each with jitter */
};

/* Copies the node; the channel, the callbacks and user must outlive it. Connects with the first subscription;
 * times that are zero get defaults. */
struct xds_client *xds_client_new(struct loop *l, const struct xds_client_params *p);
/* Ends the stream without further callbacks. NULL is fine. */
void xds_client_free(struct xds_client *c);

/* Connects. Subscriptions may be made before and after. */
void xds_client_start(struct xds_client *c);

/* Everything of a wildcard type. */
void xds_client_subscribe_all(struct xds_client *c, enum xds_type type);

/* Exactly these names (copied) from now on; at the end of this turn the difference is sent, and names that are no more
 * wanted then are dropped from what is held. */
void xds_client_subscribe(struct xds_client *c, enum xds_type type, const char *const *names, size_t n);

/* Seeds what is held (from saved state) before the start; takes a reference. */
void xds_client_restore(struct xds_client *c, enum xds_type type, struct xds_set *set);

/*
 * Tells the control plane something that is no subscription, by a request of that type: error (copied; NULL = none) is
 * its error_detail. Said at the end of this turn, and on each new stream again. One report of each type: the last.
 */
void xds_client_report(struct xds_client *c, const char *type_url, const char *error);

/* What is held of a type; borrowed; NULL = nothing was ever received. */
struct xds_set *xds_client_set(const struct xds_client *c, enum xds_type type);

/* The version_info of the last accepted response of a type; "" = none. */
const char *xds_client_version(const struct xds_client *c, enum xds_type type);

/* Whether the stream is up, that is, the server has answered on it. */
bool xds_client_connected(const struct xds_client *c);

#endif
