/*
 * Calls to the Kubernetes API on the program's own loop (libcurl multi). Every call ends with exactly one callback,
 * from the loop, never from inside kube_call_start(); a cancelled call never calls back. Bodies are cJSON here: this is
 * the edge. Objects become typed in the reflector (api_object_from_json).
 */
#ifndef KUBE_CLIENT_H
#define KUBE_CLIENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "kube/config.h"

#define KUBE_BODY_MAX_BYTES (64u << 20)      /* of one answer: a list page of 500 large objects */
#define KUBE_WATCH_LINE_MAX_BYTES (8u << 20) /* of one watch event */
#define KUBE_CALL_TIMEOUT_MS 30000
#define KUBE_CONNECT_TIMEOUT_MS 3000
#define KUBE_LIST_LIMIT 500

struct loop;
struct api_kind;
struct kube_client;
struct kube_call;

enum kube_verb {
	KUBE_GET,         /* one object */
	KUBE_LIST,        /* a collection; limit and continue_token page it */
	KUBE_WATCH,       /* a collection from resource_version on; on_event per line, then done */
	KUBE_CREATE,      /* POST body */
	KUBE_UPDATE,      /* PUT body */
	KUBE_APPLY,       /* server-side apply of body with field_manager */
	KUBE_MERGE_PATCH, /* RFC 7386 */
	KUBE_JSON_PATCH,  /* RFC 6902 */
	KUBE_DELETE,
	KUBE_VERB_COUNT
};

/* What to call. Everything is copied by kube_call_start(). Unset = absent. */
struct kube_request {
	enum kube_verb verb;
	const struct api_kind *kind; /* or path */
	const char *path;            /* a raw path ("/version") instead of kind, ns, name */
	const char *ns;              /* NULL: cluster scope, or for lists all namespaces */
	const char *name;
	const char *subresource; /* "status", "token" ... */
	const cJSON *body;
	const char *field_manager; /* default "weft" */
	bool force;                /* APPLY: take over fields of other managers */
	bool dry_run;
	const char *label_selector, *field_selector;
	const char *resource_version; /* opaque */
	const char *continue_token;
	int limit;                    /* LIST: page size, 0 = KUBE_LIST_LIMIT */
	const char *precondition_uid; /* DELETE: only this very object */
	bool text;                    /* GET: the answer is text, not JSON (pods/log) */
	const char *propagation;      /* DELETE: "Background", "Foreground", "Orphan" */
	int64_t timeout_ms;           /* 0 = KUBE_CALL_TIMEOUT_MS; WATCH: how long the server shall serve it */
	/* WATCH: one decoded event line, borrowed. {"type","object"}; the call may be cancelled inside. */
	void (*on_event)(void *arg, const cJSON *event);
};

/* Reasons of a metav1.Status that callers tell apart; everything else is KUBE_REASON_OTHER. */
enum kube_reason {
	KUBE_OK,
	KUBE_NETWORK, /* no answer: refused, reset, TLS, timeout */
	KUBE_NOT_FOUND,
	KUBE_ALREADY_EXISTS,
	KUBE_CONFLICT,
	KUBE_INVALID, /* 422 */
	KUBE_FORBIDDEN,
	KUBE_UNAUTHORIZED,
	KUBE_GONE, /* 410: Expired or Gone */
	KUBE_TOO_MANY_REQUESTS,
	KUBE_BAD_ANSWER, /* too large or not JSON */
	KUBE_REASON_OTHER,
	KUBE_REASON_COUNT
};

/* How a call ended. Everything is borrowed for the time of the callback; take(body) moves the body out. */
struct kube_result {
	enum kube_reason reason; /* KUBE_OK for 2xx */
	int status;              /* HTTP status, 0 without an answer */
	cJSON *body;             /* the object, list or Status; NULL when none */
	struct slice text;       /* what was asked for as text */
	int64_t retry_after_ms;  /* from Retry-After, else 0 */
	struct err err;          /* code 0 when KUBE_OK; else "PATCH deployments ns/name: message (reason)" */
};

typedef void kube_done_fn(void *arg, struct kube_result *r);

/* Copies the configuration. NULL and a message on failure. */
struct kube_client *kube_client_new(struct loop *l, const struct kube_config *c, struct err *e);

/* A client of the cluster that the kubeconfig at path says, NULL: see kube_config_load. NULL and a message on failure.
 */
struct kube_client *kube_client_connect(struct loop *l, const char *path, struct err *e);

/* Cancels all calls. NULL is fine. */
void kube_client_free(struct kube_client *c);

/* Default namespace of the configuration, or "default". */
const char *kube_client_namespace(const struct kube_client *c);

/*
 * The version, one of the kind's, in which the cluster serves it; calls that start later use it. Until it is set the
 * kind's preferred one is used.
 */
void kube_client_set_version(struct kube_client *c, const struct api_kind *kind, const char *version);
/* The version that calls use; NULL for no kind. */
const char *kube_client_version(const struct kube_client *c, const struct api_kind *kind);

/* Starts a call; never fails at once: every failure comes through on_done. The call is owned by the client until
 * on_done was called or it was cancelled. */
struct kube_call *kube_call_start(struct kube_client *c, const struct kube_request *req, kube_done_fn *on_done,
				  void *arg);

/* Ends a call without a callback. NULL is fine. */
void kube_call_cancel(struct kube_call *call);

/* "NotFound" and so on, as in metav1.Status; "NetworkError" where no answer came. Static. */
const char *kube_reason_str(enum kube_reason r);

#endif
