/* The client's state and a call's, for client.c and client_watch.c. */
#ifndef KUBE_CLIENT_STATE_INTERNAL_H
#define KUBE_CLIENT_STATE_INTERNAL_H

#include "base/buf.h"
#include "base/list.h"
#include "base/vec.h"
#include "kube/away_internal.h"
#include "kube/client.h"
#include "kube/streams_internal.h"
#include "kube/transport.h"
#include "net/curl.h"

#define KUBE_LISTS_MAX 32         /* under way at a time */
#define KUBE_WATCH_GRACE_MS 30000 /* beyond what the server was asked to serve */

struct kind_version {
	const struct api_kind *kind;
	const char *version; /* one of kind->versions */
};

struct kube_client {
	struct loop *loop;
	struct kube_config config;
	struct curl_loop curl;
	struct task task; /* adds pending and frees dead calls */
	struct list pending, running, dead;
	struct list held;                 /* lists that wait for others to end */
	size_t lists;                     /* under way */
	struct kube_streams *streams;     /* NULL = not needed yet */
	bool no_http2;                    /* the server does not speak it */
	struct kube_transport *transport; /* in place of libcurl and streams; borrowed, NULL = none */
	int64_t token_read_ns;            /* when token_file was last read; 0 = never */
	struct away away;
	VEC(struct kind_version) versions; /* other than the kinds' preferred ones */
};

struct kube_call {
	struct list link;
	struct kube_client *client;
	CURL *easy; /* NULL until it runs */
	struct curl_slist *headers;
	char *url, *what;          /* what: "PATCH deployments ns/name" for messages */
	char *body;                /* NULL = none */
	const char *method;        /* static */
	const char *content;       /* static */
	char *curl_error;          /* with easy */
	struct kube_stream stream; /* of a watch over HTTP/2 */
	struct timer deadline;     /* the same */
	size_t path_at;            /* where the path begins in url */
	struct buf in;             /* answer, or the unfinished line of a watch */
	bool watch, list, text, cancelled, too_large, bad_line;
	bool counted;  /* in client->lists */
	bool carried;  /* by client->transport */
	void *carrier; /* the transport's own */
	int64_t timeout_ms;
	void (*on_event)(void *arg, const cJSON *event);
	kube_done_fn *on_done;
	void *arg;
};

/* Begins what waits, and frees what is dead. */
void kube_client_work(struct task *t);

/* ---- client_watch.c ---- */

/* Has a watch served over a shared connection; false when the call is none, or the server has no HTTP/2. */
bool kube_watch_run(struct kube_call *call);

#endif
