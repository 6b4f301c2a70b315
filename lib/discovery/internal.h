/* What the parts of discovery share. Internal to this folder. */
#ifndef DISCOVERY_INTERNAL_H
#define DISCOVERY_INTERNAL_H

#include "api/object.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/vec.h"
#include "compile/compile.h"
#include "discovery/discovery.h"
#include "kube/away.h"
#include "kube/client.h"
#include "kube/queue.h"
#include "kube/reflector.h"
#include "kube/served.h"
#include "kube/store.h"
#include "mesh/changes.h"
#include "mesh/snapshot.h"
#include "msg/json.h"
#include "net/loop.h"
#include "pki/ca.h"
#include "web/server.h"
#include "xds/server.h"

#define DEBOUNCE_QUIET_MS 100
#define DEBOUNCE_ENDPOINTS_MS 10 /* when nothing but endpoints changed: who goes away must not be asked again */
#define DEBOUNCE_FIRST_MS 2      /* the same after a while of quiet: a change that comes alone waits for nobody */
#define DEBOUNCE_ALONE_MS 100    /* that while */
#define DEBOUNCE_MAX_MS 10000
#define PROXIES_MAX 100000 /* sessions at a time */

struct authority;
struct members;
struct watches;
struct status;
struct routes;
struct roots;
struct webhooks;
struct http;
struct door;
struct credentials;
struct registration;
struct enrolment;
struct keys;

struct delta;
struct executor;
struct view_left;

/* Counters behind /metrics. */
#define DISCOVERY_BOUNDS_MAX 8

/* A histogram; its bounds, ended by 0, are the metric's. */
struct discovery_histogram {
	uint64_t in[DISCOVERY_BOUNDS_MAX + 1]; /* up to each bound, and above */
	uint64_t count;
	double sum;
};

/* Why proxies are pushed. */
enum discovery_trigger {
	TRIGGER_CONFIG,
	TRIGGER_ENDPOINT,
	TRIGGER_SERVICE,
	TRIGGER_SECRET,
	TRIGGER_GLOBAL,
	TRIGGERS,
};

/* Objects of one kind that came, changed and went. */
struct discovery_events {
	const struct api_kind *kind;
	size_t n; /* of them now */
	uint64_t added, updated, deleted;
};

struct discovery_stats {
	uint64_t pushes[XDS_TYPE_COUNT], rejects[XDS_TYPE_COUNT];
	uint64_t triggers[TRIGGERS], updates_config, updates_eds, updates_svc;
	struct discovery_histogram push_time[XDS_TYPE_COUNT], config_bytes[XDS_TYPE_COUNT], convergence;
	VEC(struct discovery_events) events;
	uint64_t csr, csr_errors, csr_signed, auth_failures;
	uint64_t judged;     /* objects whose status was thought about */
	int64_t snapshot_ns; /* how long the last one took */
	int64_t started_ns;
};

/* One view: what proxies with the same key get. */
struct view {
	struct list link;     /* those that are not of the present snapshot come first */
	struct list sessions; /* whose view it is */
	unsigned refs;        /* those */
	char *key;
	struct arena arena;
	struct proxy proxy;    /* of the first session; only what the key covers is used */
	struct snapshot *snap; /* that the result was made of; NULL = none yet */
	struct compile_result result;
	struct xds_set *secrets; /* of gateways; NULL = none */
	struct view_left *left;  /* what it is made without; NULL = nothing yet */
	uint64_t reach;          /* compile_reach of snap */
	bool again;              /* to be made anew, though the snapshot is the same */
	bool names;              /* a session has asked for the table of names: it is made, too */
	unsigned made;           /* types that were made anew so far, not by single services; for whoever clears it */
	unsigned told;           /* types that sessions acknowledged since status looked */
	size_t number;           /* scratch of status */
};

struct session {
	struct list link;
	struct list of_view; /* in its view's list */
	struct discovery *d;
	struct xds_session *xds;
	struct view *view;
	int64_t pushed_ns; /* since when something is not acknowledged; 0 = nothing */
	struct proxy proxy;
	bool trusted;                                                      /* who it is has been proven */
	enum { SECRETS_UNKNOWN, SECRETS_ALLOWED, SECRETS_DENIED } secrets; /* of its namespace, for a gateway */
	struct kube_call *asking;                                          /* about secrets */
	struct timer ask_again;
	struct auth *auth;                                            /* while it is being proven */
	struct enrolment *enrolment;                                  /* that it is registered by; NULL = it is not */
	enum { EARLY_NOTHING, EARLY_HEALTHY, EARLY_UNHEALTHY } early; /* what it said of its health before the proof */
	char *early_text;
	struct waited_ports *waited; /* where its proxy waited for a protocol in vain; owned, NULL = nowhere */
};

/* What a set became when single resources changed: views share sets, so one application serves all of them. */
struct followed {
	struct xds_set *from, *to;          /* references; NULL = none yet */
	VEC(struct xds_resource *) changed; /* a reference each */
};

struct discovery {
	struct loop *loop;
	struct kube_client *kube;
	struct discovery_config cfg;
	struct served *served; /* kinds that a cluster may lack */
	struct served_watch presence;
	struct store *store;
	struct store_watch watch;
	struct members *members;
	struct mesh_config *mesh;
	bool revision_of; /* stands beside another control plane of the mesh, which has what no label names */
	struct snapshot *snap;
	struct delta *delta; /* from the snapshot before to snap; NULL = the configuration objects are the same */
	unsigned changed;    /* enum mesh_change bits since snap */
	int64_t changed_ns;
	int64_t built_ns;                  /* when snap was built */
	char version[CLOCK_TEXT_MAX + 24]; /* of the snapshot: when it was made, and its number */
	struct timer debounce, membership;
	struct timer refresh; /* of views that are not of the present snapshot yet */
	struct timer trim;    /* gives memory back to the system */
	void (*on_membership)(struct timer *t);
	void (*keys_changed)(struct discovery *d);
	int tls_listener;   /* -1 until it listens */
	struct map intents; /* "kind/ns/name" -> struct intent *: tells changes from those of the status alone */
	uint64_t n_changes; /* of intents so far */
	struct list views, sessions;
	struct map view_keys;        /* -> struct view */
	struct mesh_changes changes; /* since snap */
	struct xds_pool pool;
	struct compile_cache cache; /* of snap */
	struct followed followed[XDS_TYPE_COUNT];
	struct authority *ca;
	struct grpc_server *grpc;
	struct xds_server *xds;
	struct status *status;
	struct credentials *credentials;
	struct registration *registration;
	struct keys *keys; /* for tokens */
	struct routes *routes;
	struct roots *roots;
	struct webhooks *webhooks;
	struct http *http;
	struct executor *events; /* writes events; NULL = nobody does */
	struct discovery_stats stats;
	struct cached *tokens;  /* what token reviews said lately; auth.c */
	size_t reviews;         /* token reviews under way */
	size_t n_waited;        /* sessions with such ports */
	struct map waited_told; /* "host:port" -> itself: an event was written */
	bool ready;
};

/* --- discovery.c --- */
/* Memory that was freed goes back to the system a moment later: many sessions, or much configuration, came or went. */
void discovery_trim_soon(struct discovery *d);

/* --- intent.c --- */
/* What the author of an object wants, as a hash: of generation, labels and annotations, not of the status. */
uint64_t discovery_intent(const struct api_object *o);
/* Notes what the object of that name wants now. True when it wanted that before, too: only its status changed. */
bool discovery_intent_same(struct discovery *d, const struct store_key *key);
/* When the object last changed what it asks for: a number that grows; 0 = not known. */
uint64_t discovery_changed_at(const struct discovery *d, const struct api_object *o);
/* Forgets all that was noted. */
void discovery_intents_done(struct discovery *d);

/* --- members.c: which namespaces belong to the mesh --- */
struct members *discovery_members_new(struct discovery *d);
/* Stops all reflectors and leaves the store as it is. NULL is fine. */
void discovery_members_free(struct members *m);
/* Reads the member roll, or labels and selectors, again, and has watched what belongs to the mesh; true when the set
 * changed. */
bool discovery_members_update(struct members *m);
/* Whether it is the control plane's own namespace. */
bool discovery_members_own(const struct members *m, const char *ns);
/* Whether a namespace belongs to the mesh; in one of the whole cluster without selectors all do, also those to come. */
bool discovery_members_has(const struct members *m, const char *ns);
/* Whether it is this control plane that writes statuses, roots and Routes there: of those of one mesh one alone does.
 */
bool discovery_members_writes(const struct members *m, const char *ns);
/* Whether another control plane has some of the members. */
bool discovery_members_shares(const struct members *m);
/* Whether the secrets of a namespace of the mesh are known: they are followed from the first question on, because few
 * namespaces have gateways. */
bool discovery_members_secrets(struct members *m, const char *ns);
/* Whether the control plane was refused the secrets of a namespace, which it asked for. */
bool discovery_members_secrets_denied(const struct members *m, const char *ns);
/* Whether the mesh keeps objects of its own there: as has, and it is there; not the cluster's own namespaces. */
bool discovery_members_lists(const struct members *m, const char *ns);
/* Calls fn for all of these: the control plane's namespace and each member. */
void discovery_members_each(const struct members *m, void (*fn)(void *arg, const char *ns), void *arg);

/* --- watches.c: the reflectors --- */
/* Follows the ConfigMaps and Secrets of the control plane's namespace; the store is not in sync before _begin. */
struct watches *discovery_watches_new(struct discovery *d);
/* Leaves the store as it is. NULL is fine. */
void discovery_watches_free(struct watches *w);
/* The kinds that are watched in all of the mesh. */
size_t discovery_watches_kinds(const struct discovery *d);
/* The one with that number; static. */
const struct api_kind *discovery_watches_kind(size_t i);
/* Watches the namespaces that belong to the mesh: wide by one watch for each kind, else each by itself. Again with the
 * other answer: what is known stays. */
void discovery_watches_begin(struct watches *w, bool wide);
/* Whether the control plane's own ConfigMaps are known. */
bool discovery_watches_synced(const struct watches *w);
/* A namespace belongs to the mesh from now on: discovery_members_has says so. */
void discovery_watches_join(struct watches *w, const char *ns);
/* A namespace that had joined does not any more; after all that left, _left. */
void discovery_watches_leave(struct watches *w, const char *ns);
/* Forgets what is of namespaces that discovery_members_has denies. */
void discovery_watches_left(struct watches *w);
/* Whether the secrets of the namespace are known; they are followed from the first question on. */
bool discovery_watches_secrets(struct watches *w, const char *ns);
/* Whether the API server refused them. */
bool discovery_watches_secrets_denied(const struct watches *w, const char *ns);

/* --- node.c --- */
/* Reads who asks from a node; strings are copied into the arena. Returns 0, or -EINVAL with the reason. */
int discovery_node_parse(const Envoy__Config__Core__V3__Node *node, struct arena *a, struct proxy *ret, struct err *e);

/* --- auth.c: who is at the other end of a call --- */
struct auth_result {
	bool ok;
	bool member;                      /* the namespace belongs to the mesh, now */
	const char *ns, *service_account; /* "" when not ok; valid during the callback */
	const char *text;                 /* why not */
};
typedef void auth_done_fn(void *arg, const struct auth_result *r);
/* By client certificate at once, else by token review; done is called later, never from inside. Cancel with
 * discovery_auth_cancel. */
struct auth *discovery_auth_start(struct discovery *d, struct grpc_call *c, auth_done_fn *done, void *arg);
/* Gives the question up: done is never called. NULL is fine. */
void discovery_auth_cancel(struct auth *a);

/* --- review.c: questions to the API server about callers --- */
/* Asks whose token it is. audience: who it must be made for; NULL = the API server itself. The result's body is a
 * TokenReview. */
struct kube_call *discovery_review_token(struct discovery *d, struct slice token, const char *audience,
					 kube_done_fn *done, void *arg);
/* The user of an answered TokenReview, inside body: authenticated, and where an audience was asked for, for it. NULL
 * with the reason in text. */
const cJSON *discovery_review_user(const struct kube_result *res, const char *audience, char *text, size_t size);
/* Asks whether the user (of a TokenReview) may `get` a path. The result's body is a SubjectAccessReview. */
struct kube_call *discovery_review_access(struct discovery *d, const cJSON *user, const char *path, kube_done_fn *done,
					  void *arg);

/* Asks whether a service account may list the secrets of its namespace. */
struct kube_call *discovery_review_secrets(struct discovery *d, const char *ns, const char *service_account,
					   kube_done_fn *done, void *arg);
/* Asks whether the control plane itself may watch a kind in all namespaces. */
struct kube_call *discovery_review_watch(struct discovery *d, const struct api_kind *kind, kube_done_fn *done,
					 void *arg);
/* What an answered SubjectAccessReview says; false for any failure. */
bool discovery_review_allowed(const struct kube_result *res);

/* --- authority.c, issue.c: the certificate authority --- */
/* on_ready is called once it can sign, and again whenever roots or the serving certificate changed. */
struct authority *discovery_authority_new(struct discovery *d, void (*on_change)(struct discovery *d));
/* Stops a call that is under way and forgets the keys. NULL is fine. */
void discovery_authority_free(struct authority *a);
/* How long what it signs may last now: while the next root is spread, no longer than that one is waited for. */
int64_t discovery_authority_longest_s(const struct authority *a);
/* Where it comes from, and where a rotation of its root stands. Strings are the authority's, or static. */
struct authority_state {
	const char *source, *phase, *id;
	bool rotating, last;     /* last: the next step ends it */
	int64_t since_s, next_s; /* when the phase began, and when it ends at the earliest; 0 = it does not */
};
void discovery_authority_state(const struct authority *a, struct authority_state *ret);
/* What keeps the authority that is configured from being used, in words with its place; "" = nothing. */
const char *discovery_authority_problem(const struct authority *a);
/* Whether there are roots and a serving certificate. */
bool discovery_authority_loaded(const struct authority *a);
/* The authority that signs (borrowed), NULL until it is loaded, and where another one does. */
struct pki_ca *discovery_authority_ca(const struct authority *a);
/* The roots as PEM, empty until they are loaded; valid until the next on_change. */
struct slice discovery_authority_roots(const struct authority *a);
/* The serving chain as PEM, empty until it is loaded; valid until the next on_change. */
struct slice discovery_authority_cert(const struct authority *a);
/* The serving key as PEM, empty until it is loaded; a secret: never logged. Valid until the next on_change. */
struct slice discovery_authority_key(const struct authority *a);
/* Adds CreateCertificate to the gRPC server. */
void discovery_issue_serve(struct discovery *d);

/* --- delta.c --- */
/* What of the configuration objects differs; NULL where both have the same index. Asked while somebody holds `from`. */
struct delta *discovery_delta_new(const struct snapshot *from, const struct snapshot *to);
/* NULL is fine. */
void discovery_delta_free(struct delta *x);
/* What has become of an object of `from`: NULL when it is gone. */
const struct mesh_object *discovery_delta_now(const struct delta *x, const struct mesh_object *o);
/* Whether one of the VirtualServices that changed is, or was, the proxy's business. */
bool discovery_delta_concerns(const struct delta *x, const struct proxy *p);

/* --- view.c --- */
struct view *discovery_view_get(struct discovery *d, const struct proxy *p);
/* Gives a reference back; the last one frees the view and leaves the snapshot. NULL is fine. */
void discovery_view_put(struct discovery *d, struct view *v);
/* A session asks for the table of names: from now on the view, which is of the present snapshot, has it. */
void discovery_view_names(struct discovery *d, struct view *v);
/* An object's part in what the view was made of, NULL when it has none; found by going through all of them. */
const struct compile_use *discovery_view_use(const struct view *v, const struct api_object *o);
/* The session has this view from now on, NULL: none; gives its reference of the one before back. */
void discovery_view_of(struct discovery *d, struct session *s, struct view *v);
/* Brings the view to the current snapshot, and pushes its sessions where it is another then. */
void discovery_view_update(struct discovery *d, struct view *v);
/* The same for all views, some in this turn and the rest in the next ones. */
void discovery_views_refresh(struct discovery *d);

/* view_follow.c: brings the view to the current snapshot where nothing but endpoints changed since its own, and these
 * reach no further than to single services. False: it is to be made anew. */
bool discovery_view_follow(struct discovery *d, struct view *v);
void discovery_followed_done(struct followed *f);

/* view_secrets.c: brings the secrets of a gateway's view to what the store holds. */
void discovery_view_secrets(struct discovery *d, struct view *v);

/* --- detection.c: where protocols are waited for in vain --- */
/* A proxy reports its ports, "5432,3306"; what it said before counts no more. */
void discovery_detection_report(struct discovery *d, struct session *s, const char *list);
/* Tells what the session has reported, once it is known who it is. */
void discovery_detection_look(struct discovery *d, const struct session *s);
/* The session ends. */
void discovery_detection_forget(struct discovery *d, struct session *s);
/* Appends " Port 5432: ..." for each port of the service; nothing where nobody waits. */
void discovery_detection_hint(const struct discovery *d, const struct service *svc, struct buf *out);
/* Frees what was told. */
void discovery_detection_free(struct discovery *d);

/* --- left_out.c: what proxies refuse --- */
/* Makes the view's resources of these types, without the objects whose resources its proxies refuse; all: the types are
 * all there are. Those objects are told by notes, and in an event when they are new. True when they are others than
 * before: what was not made now is stale, then. */
bool discovery_left_compile(struct discovery *d, struct view *v, unsigned types, bool all, struct compile_result *ret);
/* A proxy refused the set with this hash, in these words. True: the view is to be made anew and pushed. */
bool discovery_left_refused(struct discovery *d, struct view *v, enum xds_type type, uint64_t hash, const char *error);
/* A proxy has taken the set with this hash. True: the view is to be made anew and pushed. */
bool discovery_left_taken(struct discovery *d, struct view *v, enum xds_type type, uint64_t hash);
/* Why the view is made without the object, in the proxy's words; NULL when it is made with it. */
const char *discovery_left_why(const struct view *v, const struct api_object *o);
/* Whether the view's proxies refuse the resource. */
bool discovery_left_refuses(const struct view *v, struct xds_resource *r);
/* Whether anything is left out, or was tried in vain: what changes may put it right. */
bool discovery_left_any(const struct view *v);
/* NULL is fine. */
void discovery_left_free(struct view_left *l);

/* --- ads.c --- */
int discovery_ads_serve(struct discovery *d);
/* Nodes are at other places, or other ones are asked for: who is in another view now gets that, and what differs. */
void discovery_ads_places(struct discovery *d);
/* Has the view's sessions look for what differs of these types (1 << type), at the end of this turn. */
void discovery_ads_push(struct discovery *d, struct view *v, unsigned types);

/* Ends the sessions of namespaces that do not belong to the mesh any more. */
void discovery_ads_drop_strangers(struct discovery *d);

/* --- status.c --- */
struct status *discovery_status_new(struct discovery *d);
/* Gives up the writes under way. NULL is fine. */
void discovery_status_free(struct status *s);
/* Writes nothing any more, and lets another replica do so at once. */
void discovery_status_release(struct status *s);
/* Anything may have changed: every object is judged anew. */
void discovery_status_kick(struct status *s);
/* An object came or changed. */
void discovery_status_object(struct status *s, const struct store_key *key);
/* There is a new snapshot; changed: enum mesh_change bits. */
void discovery_status_snapshot(struct status *s, unsigned changed);
/* Secrets changed, or ran out. */
void discovery_status_credentials(struct status *s);
/* What proxies report of services' ports may be other: what names a host is judged soon. */
void discovery_status_detection(struct status *s);
/* Sessions of a view came, went or answered; types: bits 1 << enum xds_type. */
void discovery_status_sessions(struct status *s, struct view *v, unsigned types);
/* The view's resources of these types are about to be replaced or have been. */
void discovery_status_view(struct status *s, const struct view *v, unsigned types);

/* --- registration.c: WorkloadEntries for proxies that name a WorkloadGroup in their node --- */
struct registration *discovery_registration_new(struct discovery *d);
/* Gives up the writes under way; entries stay. All sessions must be over. NULL is fine. */
void discovery_registration_free(struct registration *r);
/*
 * A session whose identity is proven, before it has a view. One that names a WorkloadGroup gets an entry from then on,
 * and the entry's labels. 0 also where it names none; -ENOENT, -EACCES, -EINVAL, -ENOSPC with the reason, which is told
 * in the log and in an event of the group.
 */
int discovery_registration_open(struct registration *r, struct session *s, struct err *e);
/* The session is over: its entry is taken away after a while, unless the proxy comes back. */
void discovery_registration_close(struct registration *r, struct session *s);
/* What the proxy says of its workload's health: NULL = healthy, else why not. Kept in the entry's status. */
void discovery_registration_health(struct registration *r, struct session *s, const char *error);
/* An object came, changed or went: entries, groups, pods of the control plane. */
void discovery_registration_object(struct registration *r, const struct store_key *key);

/* --- routes.c, roots.c, webhooks.c: objects that are kept in the cluster --- */
struct routes *discovery_routes_new(struct discovery *d);
/* Gives up the writes under way; Routes in the cluster stay. NULL is fine. */
void discovery_routes_free(struct routes *r);
/* Gateways or services may have changed: compares the Routes soon; several kicks make one comparison. */
void discovery_routes_kick(struct routes *r);
/* Keeps the ConfigMap with the root certificates in each member namespace, from the first kick on. */
struct roots *discovery_roots_new(struct discovery *d);
/* Gives up the writes under way; the ConfigMaps stay. NULL is fine. */
void discovery_roots_free(struct roots *r);
/* Roots or members may have changed: looks at the end of this turn. */
void discovery_roots_kick(struct roots *r);
/* Whether all members have the roots in use. */
bool discovery_roots_settled(const struct roots *r);
/* Follows the two webhook configurations, whose caBundle it keeps up to date. */
struct webhooks *discovery_webhooks_new(struct discovery *d);
/* Gives up the writes under way; the configurations stay. NULL is fine. */
void discovery_webhooks_free(struct webhooks *w);
/* Roots or configurations may have changed: looks at the end of this turn. */
void discovery_webhooks_kick(struct webhooks *w);

/* --- door.c: who may see the debug pages --- */
struct door *discovery_door_new(struct discovery *d);
/* All requests must have been answered or be gone. NULL is fine. */
void discovery_door_free(struct door *x);
/* Calls serve, at once or later, when the caller is on the pod's loopback or shows a token that may see the path;
 * else answers 401. */
void discovery_door_ask(struct door *x, struct web_request *r,
			void (*serve)(struct discovery *d, struct web_request *r));

/* --- http.c, debug.c, metrics.c --- */
/* Answers a request below /debug, 404 for pages that are not there. */
void discovery_debug_serve(struct discovery *d, struct web_request *r);
struct http *discovery_http_new(struct discovery *d, struct err *e);
/* Stops listening and ends the connections. NULL is fine. */
void discovery_http_free(struct http *h);
/* Appends the metrics of the control plane in Prometheus' text format. */
void discovery_metrics_write(struct discovery *d, struct buf *out);
/* Istio's bounds: of times in seconds, of sizes in bytes. */
extern const double discovery_push_bounds_s[], discovery_size_bounds[];
void discovery_observe(struct discovery_histogram *h, const double *bounds, double value);
/* An object of the kind came, changed or went. */
void discovery_count_event(struct discovery *d, const struct api_kind *kind);
/* Proxies are pushed because of these changes (enum mesh_change). */
void discovery_count_triggers(struct discovery *d, unsigned changed);

/* The name of the objects that Maistra calls "<what>-<revision>"; in the arena. */
static inline const char *discovery_name(struct arena *a, const struct discovery *d, const char *what)
{
	return arena_printf(a, "%s-%s", what, d->cfg.revision);
}

#endif
