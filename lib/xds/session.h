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
#include "xds/names.h"
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
	bool same;         /* SotW: it names the same as the request before; then `subscribe` is not given */
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

/*
 * One subscription. Zeroed but for type and pool = none yet. It holds references alone: of the names, which other
 * sessions share, and of the set that the peer holds. A peer holds of each name what `held` has of it, but for those
 * that are fresh; of names that `held` lacks it holds nothing that counts.
 */
struct ads_sub {
	enum xds_type type;
	bool active;             /* something is subscribed to */
	bool wildcard;           /* everything of the type */
	bool always;             /* the next answer is sent even when nothing differs (first one, warming) */
	bool dirty;              /* the names changed since the last comparison */
	bool waiting;            /* the last response is neither acknowledged nor refused yet */
	struct xds_names *names; /* explicit ones; reference, NULL = none */
	struct xds_set *held;    /* NULL = nothing; reference */
	uint8_t *fresh;          /* a bit for each of names that must be answered, whatever is held; NULL = none */
	uint64_t seen_hash;      /* of the set that was last compared */
	char *error;             /* of the last NACK, NULL = none; owned */
	uint32_t n_sent, n_acked, n_nacked; /* counters */
	char nonce[17];                     /* of the last response, "" = none sent */
	char acked_nonce[17];
	struct xds_names_pool *pool; /* of names; NULL = they are not shared */
	uint64_t asked_hash;         /* the owner's, of the last request's names; 0 = none */
};

/* Frees names and what was sent; type and pool stay, so the subscription can begin anew. */
void ads_sub_done(struct ads_sub *s);

/* Applies a request to the subscription. Names are copied. */
enum ads_action ads_request(struct ads_sub *s, const struct ads_request *r);
/* "ack", "nack" and so on, for logs; static. */
const char *ads_action_str(enum ads_action a);

/* What a push has to carry. Resources are borrowed from the set given, names from it, the one before, or the names. */
struct ads_answer {
	bool send;               /* false: nothing differs */
	struct xds_resource **v; /* SotW: everything subscribed to; delta: what differs */
	size_t n;
	struct slice *removed; /* delta: names that are gone */
	size_t n_removed;
};

/* Whether there is anything to compare with the set. */
bool ads_due(const struct ads_sub *s, const struct xds_set *set);

/*
 * Compares what the peer should have (set: everything that exists for it) with what it was sent. SotW for named types
 * sends only what differs or was newly subscribed (a response need not repeat the rest); for wildcard types all.
 * Memory from the arena. Where nothing is fresh, equal held, set, names and flags give equal answers.
 */
void ads_compare(const struct ads_sub *s, bool delta, const struct xds_set *set, struct arena *a,
		 struct ads_answer *ret);

/* The comparison with the set gave nothing to send: remember it. */
void ads_unchanged(struct ads_sub *s, struct xds_set *set);

/* The answer that came of the set was sent with this nonce: remember it. */
void ads_sent(struct ads_sub *s, struct xds_set *set, const char *nonce);

/* The peer does not count on what it holds of the name any more: it is answered again. */
void ads_renew(struct ads_sub *s, struct slice name);

/* True when nothing that was sent waits for an answer. */
bool ads_synced(const struct ads_sub *s);

/* True when the peer wants this name. */
bool ads_wants(const struct ads_sub *s, struct slice name);

#endif
