/* What the two files of the ADS client share: its state per type, and taking in responses. */
#ifndef XDS_CLIENT_INTERNAL_H
#define XDS_CLIENT_INTERNAL_H

#include "base/arena.h"
#include "base/rand.h"
#include "base/vec.h"
#include "xds/client.h"

#define VERSION_MAX 64
#define XDS_REPORTS_MAX 4 /* types that reports are of */

/* A name that is wanted. */
struct wanted {
	bool keep; /* false: forgotten at the end of the turn, unless wanted again */
	bool told; /* delta: subscribed on this stream */
	size_t len;
	char name[];
};

/* Delta: the server's own version of what is held. */
struct held {
	char version[VERSION_MAX];
	size_t len;
	char name[];
};

struct type_state {
	bool wildcard, active;
	bool dirty;        /* a request is due */
	bool asked;        /* something was sent on this stream */
	struct map wanted; /* -> struct wanted */
	VEC(char *) leave; /* delta: names to unsubscribe; owned */
	struct xds_set *set;
	struct map held; /* -> struct held */
	char version[256], nonce[256];
	char *refused; /* the reason for the NACK that is due; owned */
};

struct xds_client {
	struct loop *loop;
	struct xds_client_params p;
	struct slice node; /* packed, in the arena */
	struct arena arena;
	struct type_state types[XDS_TYPE_COUNT];
	struct grpc_call *call; /* NULL = no stream */
	bool started;
	bool up; /* the server has answered on this stream */
	bool node_sent;
	struct report {
		char *url;  /* owned */
		char *text; /* owned; NULL = all is well */
		bool due;   /* on this stream */
	} reports[XDS_REPORTS_MAX];
	size_t n_reports;
	struct task flush;
	struct timer retry;
	unsigned failures;
	struct rand rand;
};

/* A request for the type is due at the end of the turn. */
void xds_client_mark(struct xds_client *c, struct type_state *t);

/* Delta: remembers, or forgets, the server's version of a name. */
void xds_client_held_set(struct type_state *t, struct slice name, const char *version);
/* Delta: forgets the version of a name. */
void xds_client_held_drop(struct type_state *t, struct slice name);

/* Takes in a response of the server: offers it to the owner and lets the answer follow. */
void xds_client_response(struct xds_client *c, struct slice message);

#endif
