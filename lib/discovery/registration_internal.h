/*
 * Workloads outside of Kubernetes that register themselves: what a proxy asks for, what it gets, and what is to be done
 * for an entry. Pure; registration.c carries it out. Internal to this folder.
 */
#ifndef DISCOVERY_REGISTRATION_INTERNAL_H
#define DISCOVERY_REGISTRATION_INTERNAL_H

#include "discovery/internal.h"

#define REGISTRATION_GROUP "istio.io/autoRegistrationGroup"
#define REGISTRATION_CONTROLLER "istio.io/workloadController"
#define REGISTRATION_CONNECTED "istio.io/connectedAt"
#define REGISTRATION_DISCONNECTED "istio.io/disconnectedAt"
#define REGISTRATION_PROBED "proxy.istio.io/health-checks-enabled"

#define REGISTRATION_NAME_MAX 253         /* of an object; what is longer loses its beginning, as in Istio */
#define REGISTRATION_HEALTH_TEXT_MAX 1024 /* bytes of what a proxy says about a failed probe */
#define REGISTRATION_GRACE_MS 10000       /* from the end of the connection until the entry is taken away */
/* An entry whose replica is gone: its proxy has that long to come to another one. */
#define REGISTRATION_ORPHAN_MS 60000

/* Who asks to be registered; strings in the arena that they were read into. */
struct registrant {
	const char *group; /* WorkloadGroup of its namespace; "" = it does not ask */
	const char *ns, *ip, *service_account;
	const char *network, *locality; /* "" = not said */
	struct str_map labels;          /* of its node; sorted */
	bool probed;                    /* it will report its health */
};

/* Whether the node names a group. */
bool registrant_asks(const Envoy__Config__Core__V3__Node *node);
/* Reads the node's metadata (AUTO_REGISTER_GROUP, NETWORK, PROXY_CONFIG.readinessProbe) and locality. Copies. */
void registrant_read(const Envoy__Config__Core__V3__Node *node, const struct proxy *p, struct arena *a,
		     struct registrant *ret);

/* "<group>-<address>[-<network>]", colons as dashes; the text is in the arena. */
const char *registrant_entry_name(const struct registrant *r, struct arena *a);

/*
 * Whether it may be registered from this group (a WorkloadGroup, NULL = there is none) under entry (what has that name
 * now, NULL = nothing). Its proven service account must be the template's ("default" where that names none), its
 * address one that others can reach. 0, -ENOENT (no group), -EACCES (identity, or the entry is somebody else's),
 * -EINVAL (address, network), with the reason.
 */
int registrant_check(const struct registrant *r, const struct api_object *group, const struct api_object *entry,
		     struct err *e);

/* The template's labels, over them those of the group's metadata, over them the node's; sorted. */
struct str_map registrant_labels(const struct registrant *r, const struct api_object *group, struct arena *a);

/* The WorkloadEntry to create, connected since that wall clock time to the replica of this name. The caller frees it.
 */
cJSON *registrant_entry(const struct registrant *r, const struct api_object *group, const char *controller,
			int64_t connected_ns);

/* What is to be done for an entry. */
enum registration_step {
	REGISTRATION_NOTHING,
	REGISTRATION_CREATE,
	REGISTRATION_CONNECT,    /* say that it is connected, here */
	REGISTRATION_DISCONNECT, /* say that it is connected no more */
	REGISTRATION_REMOVE,
	REGISTRATION_HEALTH, /* write what the proxy reported */
	REGISTRATION_STEP_COUNT
};

/* What the decision stands on. */
struct registration_view {
	const struct api_object *entry; /* as it is in the cluster, NULL = not there */
	const char *self;               /* name of this replica */
	bool controller_lives;          /* the replica that the entry names is there */
	bool connected;                 /* its proxy is connected here */
	int64_t connected_ns;           /* since; wall clock */
	bool reported, healthy;         /* what its proxy said last, here */
	const char *health_text;
	int64_t now_ns;   /* wall clock */
	int64_t ready_ns; /* since when this replica serves */
};

/* *ret_wait_ms: look again after that time, 0 = when something changes. */
enum registration_step registration_next(const struct registration_view *v, int64_t *ret_wait_ms);

/* Whether the entry was made by a registration. */
bool registration_made(const struct api_object *entry);

/* The merge patches of the steps; each names the version of the entry that it is made for. The caller frees them. */
cJSON *registration_connect_patch(const struct api_object *entry, const char *controller, int64_t connected_ns);
cJSON *registration_disconnect_patch(const struct api_object *entry, int64_t now_ns);
cJSON *registration_health_patch(const struct api_object *entry, bool healthy, const char *text, int64_t now_ns);

#endif
