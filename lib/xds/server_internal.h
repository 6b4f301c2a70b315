/* What the files of the ADS server share. */
#ifndef XDS_SERVER_INTERNAL_H
#define XDS_SERVER_INTERNAL_H

#include "xds/answer.h"
#include "xds/server.h"

struct xds_server {
	struct loop *loop;
	struct xds_server_params p;
	struct buf plane; /* ControlPlane, packed */
	struct buf own;   /* for what is said, one after the other */
	struct list sessions;
	size_t n;
	struct xds_names_pool names;
	struct xds_answers answers; /* of late */
	struct timer forget;        /* those answers */
};

/* Sets of types are bits, 1 << type. */
struct xds_session {
	struct list link;
	struct xds_server *server; /* NULL = the server is gone, the call is ending */
	struct grpc_call *call;
	struct task push;
	void *user;
	unsigned due;     /* types that the next push compares */
	unsigned open;    /* types that wait for an answer of the peer, or for a comparison */
	unsigned taken;   /* types of whose last response the peer said that it took it */
	unsigned refused; /* types of whose last response it said that it did not */
	bool delta;
	bool compresses;                      /* the peer takes compressed messages */
	bool connected;                       /* on_connect was called and agreed */
	bool held_back;                       /* clusters stay until nothing refers to them any more */
	struct ads_sub *subs[XDS_TYPE_COUNT]; /* NULL = never asked for; xds_sub_changed after each change */
	struct buf node;                      /* of the first request, packed */
	const char *node_id;
	struct arena arena;
	uint64_t nonce;
	int64_t connected_ns;
};

static inline unsigned xds_bit(enum xds_type type)
{
	return 1u << type;
}

/* The subscription of a type; an inactive one where nothing was ever asked for. */
const struct ads_sub *xds_sub_of(const struct xds_session *s, enum xds_type type);

/* The session's bits follow what its subscription of the type, which exists, says now. */
void xds_sub_changed(struct xds_session *s, enum xds_type type);

/* Whether a push would have to compare anything of the type, which was asked for. */
bool xds_session_due(struct xds_session *s, enum xds_type type);

/* A message of the peer, in either variant of the protocol. */
void xds_session_receive(struct xds_session *s, struct slice message);

/* Appends a field of bytes, whose number is below 16. */
void xds_put_field(struct buf *b, unsigned field, struct slice bytes);

#endif
