/* Texts of a login: URLs, forms, and the sealed cookie "verifier.until.then.seal". */
#include "console/access/oauth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/percent.h"
#include "base/rand.h"
#include "msg/json.h"

#define DIGEST_BYTES 32

static void hex(const uint8_t *bytes, char *out)
{
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* ---- the server ---- */

static bool is_https(const char *url)
{
	return url && slice_starts(slice_str(url), SLICE("https://")) && strlen(url) <= OAUTH_URL_MAX_BYTES;
}

static bool holds(const cJSON *list, const char *word)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, list) if (cJSON_IsString(one) && strcmp(one->valuestring, word) == 0) return true;
	return false;
}

int oauth_server_read(const cJSON *said, struct oauth_server *ret, struct err *e)
{
	const char *authorize = json_get_str(said, "authorization_endpoint");
	const char *token = json_get_str(said, "token_endpoint");

	if (!is_https(authorize) || !is_https(token))
		return err_set(e, -EINVAL, "the API server names no OAuth server with https");
	*ret = (struct oauth_server){
		.authorize = mem_strdup(authorize),
		.token = mem_strdup(token),
		.s256 = holds(json_get(said, "code_challenge_methods_supported"), "S256"),
	};
	return 0;
}

void oauth_server_done(struct oauth_server *s)
{
	free(s->authorize);
	free(s->token);
	*s = (struct oauth_server){0};
}

/* ---- ways back ---- */

/* "host:port" of "https://host:port/path". */
static struct slice authority(struct slice url)
{
	slice_split(&url, ':');
	if (!slice_starts(url, SLICE("//")))
		return (struct slice){NULL, 0};
	url = slice_from(url, 2);
	return slice_split(&url, '/');
}

struct slice oauth_redirect_of(const char *redirects, struct slice host)
{
	struct slice rest = slice_str(redirects);

	while (rest.len) {
		const struct slice one = slice_trim(slice_split(&rest, '\n'));

		if (host.len && slice_eq_nocase(authority(one), host))
			return one;
	}
	return (struct slice){NULL, 0};
}

/* Browsers take "//x", "/\x" and "/<tab>/x" for another site's. */
bool oauth_is_local(struct slice path)
{
	if (!path.len || path.len > OAUTH_THEN_MAX_BYTES || path.ptr[0] != '/')
		return false;
	if (path.len > 1 && path.ptr[1] == '/')
		return false;
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] <= ' ' || path.ptr[i] == '\\' || path.ptr[i] == 0x7f)
			return false;
	return true;
}

/* ---- a login that has begun ---- */

void oauth_login_begin(struct oauth_login *l, struct slice then, int64_t now_ns)
{
	uint8_t bytes[DIGEST_BYTES];

	rand_bytes(bytes, sizeof(bytes));
	hex(bytes, l->verifier);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	snprintf(l->then, sizeof(l->then), "%.*s", SLICE_ARG(then));
	l->until_ns = now_ns + OAUTH_LOGIN_NS;
}

static void sign(const uint8_t *key, const char *what, struct slice text, char *out)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT;
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	buf_printf(&all, "%s %.*s", what, SLICE_ARG(text));
	HMAC(EVP_sha256(), key, OAUTH_KEY_BYTES, (const uint8_t *)all.ptr, all.len, digest, &n);
	hex(digest, out);
	OPENSSL_cleanse(all.ptr, all.len);
}

void oauth_seal(const uint8_t *key, const struct oauth_login *l, struct buf *out)
{
	char seal[OAUTH_SECRET_LEN + 1];
	const size_t from = out->len;

	buf_printf(out, "%s.%lld.", l->verifier, (long long)l->until_ns);
	base64url_encode(slice_str(l->then), out);
	sign(key, "login", slice_from(buf_slice(out), from), seal);
	buf_printf(out, ".%s", seal);
}

static bool same(const char *have, struct slice given)
{
	return given.len == OAUTH_SECRET_LEN && CRYPTO_memcmp(have, given.ptr, OAUTH_SECRET_LEN) == 0;
}

enum oauth_opened oauth_open(const uint8_t *key, struct slice text, int64_t now_ns, struct oauth_login *ret)
{
	const ptrdiff_t dot = slice_rfind(text, '.');
	CLEANUP(buf_done) struct buf then = BUF_INIT;
	struct slice rest, verifier, until;
	char seal[OAUTH_SECRET_LEN + 1];
	uint64_t ns;

	if (dot < 0)
		return OAUTH_FORGED;
	rest = slice_head(text, (size_t)dot);
	sign(key, "login", rest, seal);
	if (!same(seal, slice_from(text, (size_t)dot + 1)))
		return OAUTH_FORGED;
	verifier = slice_split(&rest, '.');
	until = slice_split(&rest, '.');
	if (verifier.len != OAUTH_SECRET_LEN || slice_to_u64(until, INT64_MAX, &ns) < 0 ||
	    base64url_decode(rest, &then) < 0 || !oauth_is_local(buf_slice(&then)))
		return OAUTH_FORGED;
	snprintf(ret->verifier, sizeof(ret->verifier), "%.*s", SLICE_ARG(verifier));
	snprintf(ret->then, sizeof(ret->then), "%s", buf_str(&then));
	ret->until_ns = (int64_t)ns;
	return ret->until_ns > now_ns ? OAUTH_GOOD : OAUTH_LATE;
}

void oauth_state(const uint8_t *key, const struct oauth_login *l, char *out)
{
	sign(key, "state", slice_str(l->verifier), out);
}

bool oauth_state_is(const uint8_t *key, const struct oauth_login *l, struct slice given)
{
	char state[OAUTH_SECRET_LEN + 1];

	oauth_state(key, l, state);
	return same(state, given);
}

/* ---- what is asked of the server ---- */

static void add(struct buf *out, const char *name, struct slice value)
{
	buf_append_str(out, name);
	percent_encode(value, out);
}

static void add_challenge(const struct oauth_login *l, struct buf *out)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_Digest(l->verifier, OAUTH_SECRET_LEN, digest, &n, EVP_sha256(), NULL);
	buf_append_str(out, "&code_challenge_method=S256&code_challenge=");
	base64url_encode(slice_make(digest, n), out);
}

void oauth_authorize_url(const struct oauth_server *s, const struct oauth_client *c, struct slice redirect,
			 const uint8_t *key, const struct oauth_login *l, struct buf *out)
{
	char state[OAUTH_SECRET_LEN + 1];

	oauth_state(key, l, state);
	buf_printf(out, "%s%cresponse_type=code&scope=user%%3Afull", s->authorize,
		   strchr(s->authorize, '?') ? '&' : '?');
	add(out, "&client_id=", slice_str(c->id));
	add(out, "&redirect_uri=", redirect);
	add(out, "&state=", slice_str(state));
	if (s->s256)
		add_challenge(l, out);
}

/* Both are encoded before they are joined (RFC 6749, section 2.3.1). */
void oauth_token_field(const struct oauth_client *c, struct buf *out)
{
	CLEANUP(buf_done) struct buf pair = BUF_INIT;

	percent_encode(slice_str(c->id), &pair);
	add(&pair, ":", slice_str(c->secret));
	buf_append_str(out, "authorization: Basic ");
	base64_encode(buf_slice(&pair), out);
	OPENSSL_cleanse(pair.ptr, pair.len);
}

void oauth_token_form(const struct oauth_server *s, struct slice redirect, struct slice code,
		      const struct oauth_login *l, struct buf *out)
{
	buf_append_str(out, "grant_type=authorization_code");
	add(out, "&code=", code);
	add(out, "&redirect_uri=", redirect);
	if (s->s256)
		add(out, "&code_verifier=", slice_str(l->verifier));
}

/* OpenShift names tokens so since 4.6; what stands before the tilde is no part of the hash. */
void oauth_token_name(struct slice token, struct buf *out)
{
	const struct slice prefix = SLICE("sha256~");
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (slice_starts(token, prefix))
		token = slice_from(token, prefix.len);
	EVP_Digest(token.ptr, token.len, digest, &n, EVP_sha256(), NULL);
	buf_append_slice(out, prefix);
	base64url_encode(slice_make(digest, n), out);
}
