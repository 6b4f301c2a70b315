/* A scenario while it runs: its peers by name, and the steps that move them. */
#ifndef SCENARIO_RUN_H
#define SCENARIO_RUN_H

#include "base/map.h"
#include "peer.h"
#include "place.h"
#include "script.h"

/* How a name connects, or listens. */
struct options {
	const char *at, *from, *via;
	bool tls, h2, mtls;
	const char *sni, *alpn, *as, *cert;
	const char *max_version;
};

struct server {
	const char *name;
	struct options options;
	int fd; /* listening; -1 = not */
	struct tls_ctx *tls;
	VEC(struct peer *) peers;
	size_t n_announced;            /* of peers: the scenario has seen them */
	VEC(struct pattern *) answers; /* automatic: each but the last is given once */
	size_t next_answer;
	bool serves;
	uint64_t served, counted;
	struct exchange *last, *current;
	struct peer *peer; /* the one that steps are about */
};

enum who_kind { WHO_CLIENT, WHO_SERVER, WHO_EXCHANGE };

struct who {
	enum who_kind kind;
	const char *name;
	struct options options; /* WHO_CLIENT */
	struct peer *peer;      /* WHO_CLIENT; NULL = not connected yet */
	struct server *server;
	struct exchange *exchange; /* the latest of a client; the one of WHO_EXCHANGE */
};

struct run {
	struct arena arena;
	const struct place *place;
	struct setup setup;
	bool begun, dirty, refused;
	const char *mesh_settings;
	const char *refusal; /* what the last configuration was refused for */
	const char *to;      /* where clients connect to */
	struct options defaults;
	struct map names;
	VEC(struct peer *) clients;
	VEC(struct server *) servers;
	size_t log_read;
	unsigned anonymous;
	const char *differs; /* from Envoy, and why; NULL = it does not */
	bool oracle;
	struct buf failure; /* longer than struct err has room for */
	const struct step *failed_at;
};

/* Runs the steps of a file. -EINVAL and the like with "file:line: what was expected, what came". */
int run_file(const struct place *place, const char *path, struct err *e);

/* ---- peers.c: who is there ---- */

/* The name, made a client when it is new. */
struct who *run_who(struct run *r, struct slice name);
/* Only one that is there; NULL otherwise. */
struct who *run_known(struct run *r, struct slice name);
struct who *run_add_server(struct run *r, struct slice name, const struct options *o, struct err *e);
/* The client's connection, made when there is none. */
int run_connect(struct run *r, struct who *w, struct err *e);
/* Words as "from=10.0.0.1 tls h2" into options; takes them off the front of *rest as long as they are options. */
int options_parse(struct run *r, struct slice *rest, struct options *o, struct err *e);
/* The connection or the exchange that a step about this name means; NULL = none. */
struct peer *who_peer(const struct who *w);
struct exchange *who_exchange(const struct who *w);
/* All peers, once. */
bool run_step_peers(void *arg);
void run_free_peers(struct run *r);
int server_listen(struct run *r, struct server *s, struct err *e);
void server_stop(struct server *s);

/* Waits until fn says so. False when it does not in time. */
bool run_wait(struct run *r, bool (*fn)(void *arg), void *arg);

/* ---- setup.c: configuration ---- */

/* A step that says what the proxy is to be: 1 = it was one, 0 = it was none. */
int setup_step(struct run *r, const struct step *s, struct err *e);
/* Applies what has changed. */
int setup_apply(struct run *r, struct err *e);

/* ---- verbs.c: "NAME verb ..." ---- */
int verb_step(struct run *r, struct slice text, const struct step *s, struct err *e);

/* ---- expect.c: "NAME expects ..." ---- */
int expect_step(struct run *r, struct who *w, struct slice rest, struct who **ret_exchange, struct err *e);
/* A response, or "closed", "reset", "nothing", as one-line requests have them. before: what servers had served. */
int expect_outcome(struct run *r, struct who *w, struct slice rest, const uint64_t *before, struct err *e);

/* What was expected and what came; returns -EINVAL. */
int run_fail(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A pattern in the arena. */
int run_pattern(struct run *r, struct slice text, struct pattern **ret, struct err *e);

/* The first word, taken off the front. */
struct slice take_word(struct slice *rest);

#endif
