/*
 * What carries the client's calls: libcurl and the shared connections (streams_internal.h), unless a client was given
 * another one. weftd without a cluster has one that answers from files (lib/files), tests have networks of their own
 * behind it; all else of the client, from requests' URLs to the lines of watches and the reasons of answers, is the
 * same above all of them. One thread: the loop's.
 */
#ifndef KUBE_TRANSPORT_H
#define KUBE_TRANSPORT_H

#include "base/arena.h"
#include "kube/client.h"

struct kube_transport {
	/*
	 * Begins a call: kube_call_asked says what is wanted. From the loop, and never inside start, bytes are given to
	 * kube_call_take, until that says false, and the end to kube_call_finish, once. A call that takes longer than
	 * its timeout (a watch: KUBE_WATCH_GRACE_MS beyond it) is ended with the reason.
	 */
	void (*start)(struct kube_transport *t, struct kube_call *call);
	/* The call goes: it was finished or given up. Nothing of it may be touched afterwards. */
	void (*stop)(struct kube_transport *t, struct kube_call *call);
};

/* Before the first call; t must live as long as the client. */
void kube_client_carry(struct kube_client *c, struct kube_transport *t);

/* What the transport keeps with a call, NULL at first. */
void kube_call_set_carrier(struct kube_call *call, void *carrier);
/* The same, read. */
void *kube_call_carrier(const struct kube_call *call);

/* Bytes of the answer with that status have come; false: no more are wanted. */
bool kube_call_take(struct kube_call *call, int status, struct slice bytes);

/* The call is over: tells its owner and frees it. why: what went wrong, NULL when the answer is whole. Of a call that
 * was given up meanwhile nobody is told. */
void kube_call_finish(struct kube_call *call, int status, int64_t retry_after_s, const char *why);

/* A request as its server reads it: verb, kind or path, ns, name, subresource, body, selectors, resource_version,
 * continue_token, limit, timeout_ms of a watch, precondition_uid, field_manager. Texts are the arena's. */
struct kube_asked {
	struct kube_request req;
	cJSON *body; /* NULL: none */
	struct arena arena;
};

/* Reads a request back from what goes over the wire; content is the body's media type. -EINVAL when it is no request of
 * the API. The caller ends it with kube_asked_done in both cases. */
int kube_asked_read(const char *method, const char *target, const char *content, const char *body,
		    struct kube_asked *ret, struct err *e);
/* The same of a call. */
int kube_call_asked(const struct kube_call *call, struct kube_asked *ret, struct err *e);
/* Frees body and texts. */
void kube_asked_done(struct kube_asked *a);

#endif
