/*
 * What is pure of a login by OAuth 2.0's authorization code (RFC 6749, section 4.1) with PKCE (RFC 7636), as
 * OpenShift's server has it: what is asked of it, and what binds its answer to the browser that began. Nothing is kept
 * here for a login that has begun: all of it is in that browser's cookie, sealed with a key of this process. Any
 * thread.
 */
#ifndef CONSOLE_OAUTH_H
#define CONSOLE_OAUTH_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#define OAUTH_LOGIN_NS (600 * (int64_t)NS_PER_S) /* from the first page to the last */
#define OAUTH_KEY_BYTES 32
#define OAUTH_SECRET_LEN 64 /* digits of a verifier, a state and a seal */
#define OAUTH_THEN_MAX_BYTES 1024
#define OAUTH_URL_MAX_BYTES 2048
#define OAUTH_TOKEN_NAME_MAX 64

/* Where the server's two halves are. Owned texts. */
struct oauth_server {
	char *authorize, *token;
	bool s256; /* it takes the challenge of PKCE */
};

/* Of the document /.well-known/oauth-authorization-server (RFC 8414); -EINVAL when an end is missing or has no TLS. */
int oauth_server_read(const cJSON *said, struct oauth_server *ret, struct err *e);
void oauth_server_done(struct oauth_server *s);

/* Who we are for the server. Borrowed texts. */
struct oauth_client {
	const char *id, *secret;
	const char *redirects; /* the URIs that lead back to us, one a line */
};

/* The one whose host (with its port) a browser sees, among our own; empty: it is none of ours. */
struct slice oauth_redirect_of(const char *redirects, struct slice host);

/* Whether it is a path of this site that no browser takes for another site's. */
bool oauth_is_local(struct slice path);

/* A login that has begun. */
struct oauth_login {
	char verifier[OAUTH_SECRET_LEN + 1]; /* secret: of PKCE, and what the state is made of */
	char then[OAUTH_THEN_MAX_BYTES + 1]; /* the page that is shown afterwards */
	int64_t until_ns;
};

/* With a verifier that nobody can guess; then is a path that is local. */
void oauth_login_begin(struct oauth_login *l, struct slice then, int64_t now_ns);

/* As a cookie's value, which nobody without the key can make. Appends. */
void oauth_seal(const uint8_t *key, const struct oauth_login *l, struct buf *out);
enum oauth_opened { OAUTH_GOOD, OAUTH_FORGED, OAUTH_LATE };
enum oauth_opened oauth_open(const uint8_t *key, struct slice text, int64_t now_ns, struct oauth_login *ret);

/* The state that the server hands back, which tells nothing of the verifier. */
void oauth_state(const uint8_t *key, const struct oauth_login *l, char *out);
bool oauth_state_is(const uint8_t *key, const struct oauth_login *l, struct slice given);

/* Where the browser is sent, for a token with all rights of its user (user:full). Appends. */
void oauth_authorize_url(const struct oauth_server *s, const struct oauth_client *c, struct slice redirect,
			 const uint8_t *key, const struct oauth_login *l, struct buf *out);
/* The field that proves who we are, and the form that a code is exchanged with. Append; secret. */
void oauth_token_field(const struct oauth_client *c, struct buf *out);
void oauth_token_form(const struct oauth_server *s, struct slice redirect, struct slice code,
		      const struct oauth_login *l, struct buf *out);

/* The name of the object that stands for an access token: a hash, no secret. Appends. */
void oauth_token_name(struct slice token, struct buf *out);

#endif
