/*
 * Where a scenario happens: one worker of the proxy in memory under a given clock, or a running program with real
 * sockets in a network namespace of its own. Peers use the same system calls in both. One place per process.
 */
#ifndef SCENARIO_PLACE_H
#define SCENARIO_PLACE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "mesh.h"

/* What the proxy is to be. */
struct setup {
	const char *yaml;  /* static configuration; NULL = of the mesh */
	struct mesh *mesh; /* NULL = none */
	struct mesh_proxy proxy;
	const char *credentials[16]; /* "name=host,host": secrets of gateways */
	size_t n_credentials;
	const char *log; /* where the access log is written */
};

/* Moves the peers; true when something moved. */
typedef bool place_step(void *arg);

struct place {
	const char *name;
	bool in_memory;
	/* The peers' side of it, before the proxy is there. */
	int (*begin)(place_step *step, void *arg, struct setup *s, struct err *e);
	/* Gives the proxy this configuration, the first or another: -EINVAL when it is refused. */
	int (*apply)(const struct setup *s, struct err *e);
	/* Descriptors; -1 with a reason. from, via (the port that takes redirected connections) may be NULL. */
	int (*listen)(const char *at, struct err *e);
	int (*connect)(const char *to, const char *from, const char *via, struct err *e);
	/* Until nothing moves. */
	void (*settle)(void);
	/* The same while time passes. */
	void (*advance)(int64_t ms);
	/* How long a peer waits for what it expects, in steps of so many ms. */
	int patience_steps, step_ms;
	/* Connections to there are neither taken nor refused. */
	void (*hang)(const char *at);
	/* What a name resolves to. */
	void (*resolve)(const char *host, uint16_t port, const char *ip);
	/* Prometheus' text; empty when there is none. */
	void (*counters)(struct buf *out);
	/* Ends the proxy; tells what it left behind. */
	int (*end)(struct err *e);
};

extern const struct place place_memory, place_process;

/* For place_process: the program and its arguments, where @CONFIG@ stands for the file. */
extern const char *place_program;

#endif
