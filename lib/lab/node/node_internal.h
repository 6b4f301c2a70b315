/*
 * Inside the node: pods and their containers.
 *
 *   NEW -> SETUP (network, a worker) -> ACTIVE (volumes, init containers, containers) -> STOPPING -> FINISHED
 *       -> CLEANUP (directories and network removed, a worker) -> freed
 *
 * pod_sync() is the one function that moves a pod on: it looks at what is and does the next steps; every event (a
 * change of the object, a container's start or end, a probe's verdict, a timer) only defers a call of it. On disk:
 *   DATA/pods/UID/{pod.json, hosts, resolv.conf, volumes/NAME/, logs/CONTAINER/N.log, containers/CONTAINER/N/}
 */
#ifndef LAB_NODE_NODE_INTERNAL_H
#define LAB_NODE_NODE_INTERNAL_H

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/map.h"
#include "lab/api/api.h"
#include "lab/container/container.h"
#include "lab/image/image.h"
#include "lab/net/pod_net.h"
#include "lab/sys/netns.h"
#include "lab/node/node.h"
#include "lab/sys/job.h"
#include "lab/node/probe.h"
#include "lab/net/service.h"

struct cluster_dns;

/* CLEANUP(json_free) */
static inline void json_free(cJSON **o)
{
	cJSON_Delete(*o);
}

struct node {
	struct loop *loop;
	struct lab_api *api;
	struct lab_client client, scheduler;
	char *data_dir, *bin_dir, *images_dir, *shim;
	char lab[NETNS_NAME_MAX];
	int netns_fd;
	struct jobs *jobs;
	struct service_watch *services;
	struct cluster_dns *dns;
	struct net_pool pool;
	struct map pods; /* uid -> struct pod, owned */
	struct lab_watch *pods_watch, *configs_watch, *secrets_watch;
	struct timer heartbeat;
	bool synced, registered;
};

enum pod_stage { POD_NEW, POD_SETUP, POD_ACTIVE, POD_STOPPING, POD_FINISHED, POD_CLEANUP };

/* One container of a pod; init containers too. */
struct pod_container {
	struct pod *pod;
	const char *name;   /* owned by the pod's first object */
	bool init, sidecar; /* a sidecar is an init container that goes on running (restartPolicy Always) */
	size_t index;       /* in spec.containers or spec.initContainers */
	struct container c;
	unsigned attempt;       /* restartCount */
	cJSON *last;            /* owned: how the attempt before ended, or NULL */
	char *reason, *message; /* owned: why it waits; NULL = nothing special */
	char *image_id;         /* owned */
	int64_t backoff_ms;     /* next one */
	int64_t not_before_ns;  /* monotonic; no start before */
	int64_t retry_ms;       /* after a failed preparation */

	/* preparation on a worker */
	bool preparing;
	struct job job;
	char *wanted_image; /* owned */
	enum image_pull pull;
	struct image image; /* of the attempt that was prepared last; all zero before */
	char *dir, *config_text;
	struct image_root root;
	struct err job_error;

	/* once it runs */
	int stop_signal;
	bool adopted, hooked, started, ready;
	struct action_place place;
	struct probe probes[PROBE_KIND_COUNT];
	struct action hook; /* postStart, then preStop */
	bool stopping, termed;
	int64_t stop_ns; /* monotonic: SIGKILL then */
	struct timer kill;
};

struct pod {
	struct node *node;
	char *uid, *ns, *name; /* owned */
	cJSON *object;         /* owned: the newest */
	cJSON *first;          /* owned: the one it was made from; names live there */
	char *dir, *netns;
	char ip[NET_POD_IP_TEXT];
	enum pod_stage stage;
	bool removed; /* the API object is gone */
	bool volumes_ok;
	int64_t stop_by_ns; /* monotonic: the end of the grace period, once it has begun; 0 = not yet */
	char start_time[CLOCK_TEXT_MAX];
	char *fail_reason, *fail_message; /* owned: the whole pod failed (deadline, image policy) */
	struct pod_container *containers; /* init ones first */
	size_t init_n, n;
	struct task sync;
	struct timer wake; /* next sync by time */
	struct timer refresh;
	struct job job;
	struct err job_error;
	int64_t retry_ms;
	bool writing, deleting;
	cJSON *written; /* owned: status last sent */
};

/* ---- pod.c ---- */

/* The pod's object is new or changed; makes the pod when it is unknown. */
void pod_update(struct node *n, const cJSON *object);
void pod_object_removed(struct node *n, const cJSON *object);
/* Stage NEW, known to the node, nothing begun. */
struct pod *pod_new(struct node *n, const cJSON *object);
/* The object's phase is Succeeded or Failed. */
bool pod_is_terminal(const cJSON *object);
void pod_defer_sync(struct pod *p);
/* The next sync in at most delay_ms. */
void pod_wake_in(struct pod *p, int64_t delay_ms);
void pod_free(struct pod *p);
struct pod *pod_find(const struct node *n, const char *ns, const char *name);
bool pod_is_stopping(const struct pod *p);
/* A ConfigMap ("configMap") or Secret ("secret") changed: pods that wait for it or mount it go on. */
void pod_sources_changed(struct node *n, const char *kind, const cJSON *object);
void pod_event(const struct pod *p, const char *type, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- container.c ---- */

/* The container's part of the pod's newest spec. */
const cJSON *pod_container_spec(const struct pod_container *c);
/* Does what is next to have it running; honours back-off. */
void pod_container_run(struct pod_container *c);
/* preStop, SIGTERM, SIGKILL after grace_ms; idempotent, a shorter grace counts. why: for the event, or NULL. */
void pod_container_stop(struct pod_container *c, int64_t grace_ms, const char *why);
/* No process of it exists. */
bool pod_container_is_down(const struct pod_container *c);
/* It ended well, for good. */
bool pod_container_succeeded(const struct pod_container *c);
/* An init container does not hold back those behind it any more: it succeeded, or is a sidecar and has started. */
bool pod_container_init_done(const struct pod_container *c);
/* A container that is no init container was begun: what comes before them is over for good. */
bool pod_is_initialized(const struct pod *p);
bool pod_container_will_restart(const struct pod_container *c);
void pod_container_adopt(struct pod_container *c);
void pod_container_done(struct pod_container *c);
/* Why it waits, for the status; NULL = nothing special. */
void pod_container_set_waiting(struct pod_container *c, const char *reason, const char *message);
/* For container_start: it runs, or it ended. */
void pod_container_on_change(struct container *inner);
/* The directory of an attempt; owned by the caller. */
char *pod_container_dir(const struct pod_container *c, unsigned attempt);
char *pod_container_log_path(const struct pod *p, const char *container, unsigned attempt);
/* The state "terminated" of a container that ended; owned by the caller. */
cJSON *container_terminated(const struct container *c);

/* ---- prepare.c ---- */

/* Prepares and starts the container's attempt; nothing of it may run. */
void pod_container_prepare(struct pod_container *c);

/* ---- config.c ---- */

/*
 * The config.json of a container, and its user. Reasons for failure: CreateContainerConfigError (e tells). Owned by the
 * caller.
 */
cJSON *pod_container_config(struct pod_container *c, struct err *e);
/* Writes the pod's hosts and resolv.conf. */
int pod_write_files(const struct pod *p, struct err *e);

/* ---- env.c ---- */

/* Environment of a container as an array of "NAME=value"; expansion of $(NAME) for command and args uses it. */
cJSON *pod_env(const struct pod_container *c, struct err *e);
/* Expands $(NAME) by the environment; owned by the caller. */
char *env_expand(const char *text, const cJSON *env);
/* A downward API field ("metadata.labels['app']", "status.podIP"); owned by the caller, NULL when unknown. */
char *pod_field(const struct pod *p, const char *path);
/* A resourceFieldRef of this container ("limits.memory"). */
char *pod_resource(const cJSON *container, const char *resource, const char *divisor);

/* ---- status.c ---- */

/* Computes the status and sends it when it changed. */
void pod_write_status(struct pod *p);
const char *pod_phase(const struct pod *p);

/* ---- adopt.c ---- */

/* Finds what an earlier daemon left in DATA/pods. */
void pods_adopt(struct node *n);

/* ---- unsupported.c ---- */

/* An event that names each field of the spec that the lab does not honour. */
void pod_tell_unsupported(const struct pod *p);

/* ---- schedule.c ---- */

/* Binds a pod that has no node yet. */
void node_schedule(struct node *n, const cJSON *pod);
/* Registers the Node and keeps its Lease and heartbeat. */
void node_register(struct node *n);

/* ---- purge.c ---- */

/* Kills what runs in a pod's directory of containers. Blocking. */
void node_purge_containers(const char *dir);

/* ---- volume.c ---- */

/* Makes or updates all volumes of the pod. Returns 0, or -EAGAIN with e saying what is waited for (FailedMount). */
int pod_volumes_make(struct pod *p, struct err *e);
/* Where a volume's files are on the host; owned by the caller. NULL when the pod has no such volume. */
char *pod_volume_path(const struct pod *p, const char *volume);
/* A ConfigMap or Secret of the pod's namespace changed: does the pod mount it? */
bool pod_mounts_source(const struct pod *p, const char *kind, const char *name);
/* Milliseconds until a token must be made anew; -1 = never. */
int64_t pod_tokens_due_ms(const struct pod *p);

#endif
