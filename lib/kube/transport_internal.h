/*
 * What carries the client's calls: libcurl and the shared connections (streams_internal.h), unless a client was given
 * another one. Tests have networks of their own behind it; all else of the client, from requests' URLs to the lines of
 * watches and the reasons of answers, is the same above both.
 */
#ifndef KUBE_TRANSPORT_INTERNAL_H
#define KUBE_TRANSPORT_INTERNAL_H

struct kube_call;
struct kube_client;

struct kube_transport {
	/*
	 * Begins a call: method, url, body and timeout_ms say what, and are the call's. From the loop, and never inside
	 * start, bytes are given to kube_call_take, until that says false, and the end to kube_call_finish, once. A
	 * call that takes longer than its timeout (a watch: KUBE_WATCH_GRACE_MS beyond it) is ended with the reason.
	 */
	void (*start)(struct kube_transport *t, struct kube_call *call);
	/* The call goes: it was finished or given up. Nothing of it may be touched afterwards. */
	void (*stop)(struct kube_transport *t, struct kube_call *call);
};

/* Before the first call; t must live as long as the client. */
void kube_client_carry(struct kube_client *c, struct kube_transport *t);

#endif
