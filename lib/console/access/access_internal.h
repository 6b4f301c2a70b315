/* The users that are known, and the questions under way. */
#ifndef CONSOLE_ACCESS_INTERNAL_H
#define CONSOLE_ACCESS_INTERNAL_H

#include "base/clock.h"
#include "base/list.h"
#include "base/map.h"
#include "base/vec.h"
#include "console/access/access.h"

enum user_state {
	USER_NEW,      /* nothing was asked */
	USER_REVIEWED, /* the token is good; what it may see is asked */
	USER_KNOWN,
	USER_REFUSED, /* the token is nobody's, or nothing could be asked: why says it */
};

struct waiter {
	struct list link; /* in user->waiters */
	struct exchange *x;
	access_fn *fn;
	void *arg;
};

struct access_user {
	struct list link; /* in access->users, the last one used first */
	struct access *access;
	unsigned refs;
	char *token;   /* secret; NULL = anonymous */
	bool by_oauth; /* the token was made for us: it ends with the session */
	char session[65];
	int64_t session_until_ns;
	char *name;
	struct kube_client *client;
	enum user_state state;
	int status; /* USER_REFUSED: of HTTP */
	char *why;
	int64_t asked_ns;
	bool all;
	VEC(char *) seen;
	struct list waiters;
	struct kube_call *review, *ending;
	size_t pending; /* SelfSubjectAccessReviews under way */
	struct list reviews;
};

struct access {
	struct loop *loop;
	struct kube_config config;
	struct kube_client *client;
	struct access_params params;
	char *router;
	struct list users;
	size_t n_users;
	struct access_user *anonymous;
	struct oauth *oauth; /* NULL = without */
};

/* Begins to find out what the user may see; state, waiters and all are the user's. */
void access_ask(struct access_user *u);
/* All is known, or nothing will be: whoever waits is told. */
void access_settle(struct access_user *u, enum user_state state, int status, const char *why);
void access_forget_seen(struct access_user *u);
/* Gives up the questions under way. */
void access_cancel(struct access_user *u);

/* The cookie of the user's session, which is begun where there is none; the caller frees it. */
char *access_session_cookie(struct access_user *u, const struct exchange *x);

/* login.c: logins by OAuth that are under way. NULL without dir. */
struct oauth *oauth_new(struct access *a, const char *dir);
/* NULL is fine. */
void oauth_free(struct oauth *o);
/* Has the API server delete the user's token; whether it did is nobody's matter: the session is over. */
void oauth_end_token(struct access_user *u);

#endif
