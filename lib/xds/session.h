/*
 * What one peer of an ADS stream subscribed to, was sent and acknowledged, for one type; and the decisions that follow
 * from a request. Pure: no I/O, no clock. Server side; both variants of the protocol (state of the world and delta).
 *
 * State of the world, in this order: an error is a NACK; an empty nonce, or the first request of the type, subscribes;
 * a nonce that is not the last one sent is stale; the same names acknowledge; other names change the subscription.
 */
#ifndef XDS_SESSION_H
#define XDS_SESSION_H

#include "base/arena.h"
#include "base/map.h"
#include "xds/resource.h"

#define XDS_NAMES_MAX 65536 /* names that one peer may subscribe to, of one type */

enum ads_action {
	ADS_SUBSCRIBE,   /* first request, or names added or removed: answer */
	ADS_ACK,         /* nothing to send */
	ADS_NACK,        /* the peer keeps what it has; nothing to send until something changes */
	ADS_STALE,       /* refers to an older response: ignore */
	ADS_UNSUBSCRIBE, /* the peer wants none any more: nothing to send */
	ADS_REFUSE,      /* over a limit: end the stream */
	ADS_ACTION_COUNT
};

/* A request of either variant; for state of the world `subscribe` is the whole list and `unsubscribe` is unused. */
struct ads_request {
	bool delta;
	const char *nonce; /* "" = none */
	const char *error; /* NULL = none; the text of error_detail */
	const char *const *subscribe;
	size_t n_subscribe;
	const char *const *unsubscribe;
	size_t n_unsubscribe;
	const struct ads_version { /* delta: initial_resource_versions, what the peer has from before */
		const char *name, *version;
	} * initial;
	size_t n_initial;
};

/* One subscription. Zeroed = none yet. */
struct ads_sub {
	enum xds_type type;
	bool active;              /* something is subscribed to */
	bool wildcard;            /* everything of the type */
	bool always;              /* the next answer is sent even when nothing differs (first one, warming) */
	bool dirty;               /* the names changed since the last comparison */
	bool waiting;             /* the last response is neither acknowledged nor refused yet */
	uint64_t seen_hash;       /* of the set that was last compared */
	struct xds_set *sent_set; /* SotW, wildcard: what was last sent; reference */
	struct map names;         /* -> struct ads_name: explicit names and, for delta, what the peer holds */
	char nonce[24];           /* of the last response, "" = none sent */
	char acked_nonce[24];
	char sent_version[40], acked_version[40];
	char *error;                        /* of the last NACK, NULL = none; owned */
	uint64_t n_sent, n_acked, n_nacked; /* counters */
	int64_t sent_at_ns;                 /* set by the server */
};

/* What is known of one name. */
struct ads_name {
	bool subscribed;   /* by name */
	bool held;         /* was sent, or the peer said that it has it */
	bool missing_told; /* delta: the peer was told that it does not exist */
	char version[17];  /* what it holds */
	size_t len;
	char name[];
};

/* Frees names and what was sent; the type stays, so the subscription can begin anew. */
void ads_sub_done(struct ads_sub *s);

/* Applies a request to the subscription. Names are copied. */
enum ads_action ads_request(struct ads_sub *s, const struct ads_request *r);
/* "ack", "nack" and so on, for logs; static. */
const char *ads_action_str(enum ads_action a);

/* What a push has to carry. Resources are borrowed from the set given. */
struct ads_answer {
	bool send;               /* false: nothing differs */
	struct xds_resource **v; /* SotW: everything subscribed to; delta: what differs */
	size_t n;
	struct slice *removed; /* delta: names that are gone */
	size_t n_removed;
	const struct xds_set *set; /* what was compared with */
};

/*
 * Compares what the peer should have (set: everything that exists for it) with what it was sent. SotW for named types
 * sends only what differs or was newly subscribed (a response need not repeat the rest); for wildcard types all.
 * Memory from the arena.
 */
void ads_answer(struct ads_sub *s, bool delta, const struct xds_set *set, struct arena *a, struct ads_answer *ret);

/* The answer was sent with this nonce and version: remember it. */
void ads_sent(struct ads_sub *s, bool delta, const struct ads_answer *ans, const char *nonce, const char *version);

/* True when nothing that was sent waits for an answer. */
bool ads_synced(const struct ads_sub *s);

/* True when the peer wants this name. */
bool ads_wants(const struct ads_sub *s, struct slice name);

#endif
