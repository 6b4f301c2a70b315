/*
 * Probes and lifecycle hooks. An action is one look: a command in the container, an HTTP GET, or a TCP connection, with
 * a deadline. A probe repeats one by its timings and tells when its verdict changes.
 */
#ifndef LAB_NODE_PROBE_H
#define LAB_NODE_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "h1/message.h"
#include "net/loop.h"

#define ACTION_OUTPUT_MAX_BYTES 4096

/* Where actions happen. Strings are borrowed for the lifetime of the action. */
struct action_place {
	struct loop *loop;
	int netns_fd;      /* the cluster's namespace: HTTP and TCP come from the node */
	const char *netns; /* its name */
	const char *ip;    /* the pod */
	const char *shim;  /* path of weft-shim */
	const char *container_dir;
	const cJSON *container; /* its spec: names of ports */
};

struct action {
	const struct action_place *place;
	bool running, ok;
	void (*on_done)(struct action *a); /* ok and output tell; never called from inside action_start */
	struct buf output;                 /* what the command printed, or why it failed */

	/* private */
	struct timer deadline;
	struct task finish;
	struct io io, exit_io;
	int fd, pid_fd;
	pid_t pid;
	bool https;
	int64_t timeout_ms;
	struct buf request;
	struct h1_message *answer; /* HTTP; owned */
	size_t sent;
};

/* Starts what spec ({exec}, {httpGet}, {tcpSocket}) says. Always ends with on_done, unless action_stop comes first. */
void action_start(struct action *a, const struct action_place *place, const cJSON *spec, int64_t timeout_ms,
		  void (*on_done)(struct action *a));

/* Gives up without on_done and frees what it held. Idempotent; fine on a zeroed one. */
void action_stop(struct action *a);

enum probe_kind { PROBE_STARTUP, PROBE_READINESS, PROBE_LIVENESS, PROBE_KIND_COUNT };

struct probe {
	enum probe_kind kind;
	bool verdict; /* last one reported */
	bool running;
	/* The verdict was reached (first time or changed), or, for liveness and startup, failed again. */
	void (*on_verdict)(struct probe *p);
	/* One look failed: for the Unhealthy event. */
	void (*on_failure)(struct probe *p, const char *message);

	/* private */
	const struct action_place *place;
	cJSON *spec; /* owned copy */
	struct action action;
	struct timer timer;
	bool told;
	int64_t period_ms, timeout_ms, successes, failures, need_successes, need_failures;
};

/* Starts probing; spec is the probe of the container's spec, copied. started_ago_ms: how long the container runs
 * already (counts towards initialDelaySeconds). */
void probe_start(struct probe *p, enum probe_kind kind, const struct action_place *place, const cJSON *spec,
		 int64_t started_ago_ms);
/* No callback follows; nothing when it is not running. */
void probe_stop(struct probe *p);

/* "Startup", "Readiness" or "Liveness"; static. */
const char *probe_kind_str(enum probe_kind kind);

#endif
