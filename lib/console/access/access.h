/*
 * Who asks, and what they may see. A bearer token (in the Authorization field, or behind a session's cookie after a
 * login, by that very token or by OpenShift's OAuth, which gives one) is checked by TokenReview; what its user sees are
 * the namespaces in which SelfSubjectAccessReviews, made with that very token, let them get pods. Both answers are kept
 * for half a minute. Without a token nobody sees anything, unless the program was told to let in whoever comes from
 * this machine, which the embedded cluster does. Tokens are never logged.
 *
 * One thread: the loop's.
 */
#ifndef CONSOLE_ACCESS_H
#define CONSOLE_ACCESS_H

#include "base/buf.h"
#include "console/server/server.h"
#include "kube/client.h"

#define ACCESS_USERS_MAX 64
#define ACCESS_KEEP_NS (30 * (int64_t)NS_PER_S)
#define ACCESS_SESSION_NS (8 * 3600 * (int64_t)NS_PER_S)
#define ACCESS_NAMESPACES_MAX 2000
#define ACCESS_TOKEN_MAX_BYTES 12000
#define ACCESS_COOKIE "weft-console"

struct access;
struct access_user;

struct access_params {
	const struct kube_config *config; /* the server and its authority; copied without credentials */
	struct kube_client *client;       /* the program's own, for TokenReviews; borrowed */
	/* Let in, to look, who comes from this machine: by loopback, or through the router of the embedded cluster. */
	bool anonymous;
	/* The address of that router as pods see it, NULL = none; copied. */
	const char *router;
	/* Where the operator puts the OAuth client: the files client-id, client-secret and redirect-uris (one a line).
	 * Read anew for each login, as they may come later; without them logins are by token alone. NULL = none;
	 * copied. */
	const char *oauth_dir;
	/* Appends the namespaces that there are to see, for those who may not see all of them. */
	void (*namespaces)(void *arg, void (*each)(void *to, const char *ns), void *to);
	void *arg;
};

struct access *access_new(struct loop *l, const struct access_params *p);
/* NULL is fine. */
void access_free(struct access *a);

/*
 * Finds out who asks, then calls fn, inside or later. user NULL: the exchange was answered (401, 403, 502) and is gone.
 * The user is valid as long as the turn; access_user_ref keeps it.
 */
typedef void access_fn(void *arg, struct exchange *x, struct access_user *user);
void access_begin(struct access *a, struct exchange *x, access_fn *fn, void *arg);

/* POST {"token"}: checks it, makes a session and sets its cookie. Answers the exchange. */
void access_login(struct access *a, struct exchange *x);
/*
 * By OAuth: GET /oauth/login?then=PATH leads to the cluster's server, and that back to GET /oauth/callback, which makes
 * a session and leads to PATH. What goes wrong is told as a page with a sentence. false: no such path, not answered.
 */
bool access_oauth(struct access *a, struct exchange *x);
/* Answers {"oauth": whether there is a login by OAuth}. */
void access_ways(struct access *a, struct exchange *x);
/* Ends the session, and the token, too, where OAuth gave it; answers the exchange. */
void access_logout(struct access *a, struct exchange *x);

/* "kubeadmin", "system:serviceaccount:a:b", or "anonymous". */
const char *access_name(const struct access_user *u);
bool access_is_anonymous(const struct access_user *u);
bool access_sees_all(const struct access_user *u);
bool access_sees(const struct access_user *u, const char *ns);
/* A client with the user's own token; NULL for anonymous, who has none. */
struct kube_client *access_client(const struct access_user *u);
struct access_user *access_user_ref(struct access_user *u);
void access_user_unref(struct access_user *u);

/* Whether a request that changes something comes from our own pages: its Origin, when there is one, is its Host. */
bool access_same_origin(const struct exchange *x);
/* Whether it comes from this machine, see access_params. */
bool access_from_here(const struct exchange *x, const char *router);

#endif
