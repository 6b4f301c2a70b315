/*
 * The serving side of ADS over gRPC: one session per stream. The owner says what exists for a session (a set per type)
 * and when something changed; the server sends what differs to those who subscribed, in an order in which nothing is
 * referred to before it is there.
 * All on the gRPC server's loop.
 */
#ifndef XDS_SERVER_H
#define XDS_SERVER_H

#include "base/list.h"
#include "envoy/config/core/v3/base.pb-c.h"
#include "grpc/server.h"
#include "xds/resource.h"
#include "xds/session.h"

struct xds_server;
struct xds_session;

struct xds_server_ops {
	/*
	 * The first request of a stream arrived; node is valid inside (xds_session_node gives it later). Who the peer
	 * is: xds_session_call. Returns GRPC_OK, or a status that ends the stream with *text (static or in the
	 * session's arena). To decide later (a token review is a network call) return GRPC_OK and let `set` give NULL
	 * until then, then call xds_session_push.
	 */
	int (*on_connect)(void *user, struct xds_session *s, const Envoy__Config__Core__V3__Node *node,
			  const char **text);
	/*
	 * Everything of a type that exists for the session, borrowed until it returns to the loop (the session takes
	 * its own references). NULL = not known yet: nothing is sent; say xds_session_push when it is. sub holds the
	 * names asked for, for types that are made on demand.
	 */
	struct xds_set *(*set)(void *user, struct xds_session *s, enum xds_type type, const struct ads_sub *sub);
	/* Resources of so many bytes were sent; took_ns: making and writing them. May be NULL. */
	void (*on_sent)(void *user, struct xds_session *s, enum xds_type type, size_t bytes, int64_t took_ns);
	/* A push has found nothing to send, and nothing waits to be acknowledged. May be NULL. */
	void (*on_settled)(void *user, struct xds_session *s);
	/* An ACK or NACK (error not NULL) arrived. May be NULL. */
	void (*on_ack)(void *user, struct xds_session *s, enum xds_type type, const char *error);
	/* A request of a type that is not served; error as in on_ack. May be NULL. */
	void (*on_other)(void *user, struct xds_session *s, const char *type_url, const char *error);
	/* The stream is over. The session is gone afterwards. May be NULL. */
	void (*on_disconnect)(void *user, struct xds_session *s);
};

struct xds_server_params {
	const struct xds_server_ops *ops;
	void *user;
	const char *identifier;             /* control_plane.identifier, copied */
	const char *(*version)(void *user); /* version_info of the next responses; NULL = the set's hash */
};

/* Adds the ADS methods (StreamAggregatedResources, DeltaAggregatedResources) to a gRPC server, which must live longer.
 */
struct xds_server *xds_server_new(struct loop *l, struct grpc_server *g, const struct xds_server_params *p);
/* Ends all streams with UNAVAILABLE, on_disconnect included. NULL is fine. */
void xds_server_free(struct xds_server *s);

/* Something may have changed for the session (for all): sends what differs, at the end of this turn. */
void xds_session_push(struct xds_session *s);
/* The same of these types alone, 1 << type. */
void xds_session_push_types(struct xds_session *s, unsigned types);
/* xds_session_push for every session. */
void xds_server_push(struct xds_server *s);

/* Walks the sessions: for (s = xds_server_next(srv, NULL); s; s = xds_server_next(srv, s)). */
struct xds_session *xds_server_next(struct xds_server *srv, struct xds_session *after);
/* How many streams are open. */
size_t xds_server_sessions(const struct xds_server *srv);

/* What the owner keeps with the session; borrowed. */
void xds_session_set_user(struct xds_session *s, void *user);
/* What xds_session_set_user stored, NULL at first. */
void *xds_session_user(const struct xds_session *s);
/* The node of the first request, decoded into the arena; NULL before it, and after xds_session_node_done. */
const Envoy__Config__Core__V3__Node *xds_session_node(const struct xds_session *s, struct arena *a);
/* The node is not needed any more, but for its id: its memory is given back. */
void xds_session_node_done(struct xds_session *s);
/* Its id, "" before the first request. */
const char *xds_session_node_id(const struct xds_session *s);
/* Memory that lives as long as the session. */
struct arena *xds_session_arena(struct xds_session *s);
/* The call under the session, for identity and address of the peer. */
struct grpc_call *xds_session_call(struct xds_session *s);
/* Whether the stream is DeltaAggregatedResources. */
bool xds_session_is_delta(const struct xds_session *s);
/* When the stream began, wall clock. */
int64_t xds_session_connected_ns(const struct xds_session *s);

/* The subscription of a type, with its counters and versions. Never NULL; inactive when not subscribed. */
const struct ads_sub *xds_session_sub(const struct xds_session *s, enum xds_type type);

/* True when everything that was sent has been acknowledged and nothing waits to be sent. */
bool xds_session_synced(const struct xds_session *s);

/*
 * Of the types that are subscribed to, 1 << type: those whose last response was taken, or that nothing was sent of, and
 * those whose last response was refused.
 */
unsigned xds_session_taken(const struct xds_session *s);
unsigned xds_session_refused(const struct xds_session *s);

/* Ends the stream. on_disconnect follows. */
void xds_session_close(struct xds_session *s, int status, const char *text);

#endif
