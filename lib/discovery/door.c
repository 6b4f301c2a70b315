/*
 * Who may see the debug pages, which show the configuration of the whole mesh:
 *   - who comes over the pod's own loopback: a port-forward, which the API server has authorised
 *   - who shows a bearer token whose user may `get` the path, a nonResourceURL below /debug/
 * Everybody else gets 401, whether the page exists or not. A request waits here for at most two answers of the API
 * server; the number that may wait is limited, so that strangers cannot make weftd flood it.
 */
#include <stdlib.h>

#include "discovery/internal.h"
#include "net/socket.h"

#define DOOR_WAITING_MAX 64 /* requests whose caller is being asked about */
#define TOKEN_MAX_BYTES 16384

struct door {
	struct discovery *d;
	size_t waiting;
};

struct visit {
	struct door *door;
	struct web_request *r;
	struct kube_call *call;
	void (*serve)(struct discovery *d, struct web_request *r);
};

static void refuse(struct web_request *r)
{
	web_add_header(r, "WWW-Authenticate", "Bearer");
	web_reply_text(r, 401, "the debug pages answer a port-forward, or a bearer token that may get this path\n");
}

static void end(struct visit *v)
{
	v->door->waiting--;
	free(v);
}

static void on_gone(struct web_request *r)
{
	struct visit *v = r->user;

	kube_call_cancel(v->call);
	end(v);
}

static void on_access(void *arg, struct kube_result *res)
{
	struct visit *v = arg;
	struct discovery *d = v->door->d;
	struct web_request *r = v->r;
	void (*const serve)(struct discovery * d, struct web_request * r) = v->serve;
	const bool allowed = discovery_review_allowed(res);

	if (res->reason != KUBE_OK)
		log_warn("http", "access review failed: %s; refused", res->err.msg);
	end(v);
	r->on_gone = NULL;
	if (allowed)
		serve(d, r);
	else
		refuse(r);
}

static void on_token(void *arg, struct kube_result *res)
{
	struct visit *v = arg;
	struct web_request *r = v->r;
	char text[256];
	const cJSON *user = discovery_review_user(res, NULL, text, sizeof(text));

	v->call = NULL;
	if (user) {
		v->call =
			discovery_review_access(v->door->d, user, arena_slicedup(web_arena(r), r->path), on_access, v);
		return;
	}
	log_info("http", "debug page: %s", text);
	end(v);
	r->on_gone = NULL;
	refuse(r);
}

void discovery_door_ask(struct door *x, struct web_request *r,
			void (*serve)(struct discovery *d, struct web_request *r))
{
	const struct slice token = web_header(r, "authorization");
	struct visit *v;

	if (addr_is_loopback(&r->peer)) {
		serve(x->d, r);
		return;
	}
	if (!slice_starts(token, SLICE("Bearer ")) || token.len == strlen("Bearer ") || token.len > TOKEN_MAX_BYTES) {
		refuse(r);
		return;
	}
	if (x->waiting >= DOOR_WAITING_MAX) {
		web_reply_text(r, 503, "too many callers are being asked about; try again\n");
		return;
	}
	v = NEW(struct visit);
	*v = (struct visit){.door = x, .r = r, .serve = serve};
	x->waiting++;
	r->user = v;
	r->on_gone = on_gone;
	v->call = discovery_review_token(x->d, slice_from(token, strlen("Bearer ")), NULL, on_token, v);
}

struct door *discovery_door_new(struct discovery *d)
{
	struct door *x = NEW(struct door);

	x->d = d;
	return x;
}

void discovery_door_free(struct door *x)
{
	free(x);
}
