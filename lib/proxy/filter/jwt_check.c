/*
 * A tree walk. The order of the checks of one token is Envoy's: form, issuer, times, audience, subject, and only then
 * the signature, which is what costs.
 */
#include "proxy/filter/jwt_check.h"

#include <time.h>

#include "proxy/filter/jwt_token.h"

static void drop_good(struct jwt_check *c, size_t down_to)
{
	while (c->n_good > down_to)
		jwt_entry_put(c->good[--c->n_good].token);
}

void jwt_check_done(struct jwt_check *c)
{
	jwt_wait_cancel(&c->wait);
	drop_good(c, 0);
}

/* ---- one token ---- */

static bool has_audience(const struct jwt *t, const struct slice *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (jwt_has_audience(t, v[i].ptr))
			return true;
	return n == 0;
}

static int64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec;
}

static enum jwt_status check_times(const struct jwt_provider *p, const struct jwt *t)
{
	const int64_t now = now_s(), since = t->nbf_s ? t->nbf_s : t->iat_s;

	if (t->nbf_s && t->nbf_s > now + p->skew_s)
		return JWT_NOT_YET_VALID;
	if (t->exp_s && now > t->exp_s + p->skew_s)
		return JWT_EXPIRED;
	if (p->require_expiration && !t->exp_s)
		return JWT_NO_EXPIRATION;
	if (p->max_lifetime_s && t->exp_s && t->exp_s - (since ? since : now) > p->max_lifetime_s)
		return JWT_LIFETIME;
	return JWT_OK;
}

static enum jwt_status check_claims(const struct jwt_need *need, const struct jwt *t)
{
	const struct jwt_provider *p = need->provider;
	enum jwt_status s;

	if (p->issuer.len && !slice_eq_str(p->issuer, t->iss))
		return JWT_UNKNOWN_ISSUER;
	s = check_times(p, t);
	if (s != JWT_OK)
		return s;
	if (!has_audience(t, need->n_audiences ? need->audiences : p->audiences,
			  need->n_audiences ? need->n_audiences : p->n_audiences))
		return JWT_AUDIENCE;
	return p->subject && !match_string_test(p->subject, slice_str(t->sub)) ? JWT_SUBJECT : JWT_OK;
}

static enum jwt_status check_signature(struct jwt_check *c, const struct jwt_provider *p, struct jwt_entry *e)
{
	struct worker *w = filter_worker(c->filter);
	const struct jwk_set *keys = p->keys;
	bool failed = false;

	if (p->remote)
		keys = jwt_keys_get(w, filter_worker_config(c->filter), p->remote, &c->wait, &failed);
	return keys ? jwt_cache_verify(w, e, keys) : JWT_FETCH_FAILED;
}

static enum jwt_status check_token(struct jwt_check *c, const struct jwt_need *need, struct slice token)
{
	struct jwt_entry *e;
	enum jwt_status s =
		c->n_good < JWT_GOOD_MAX ? jwt_cache_get(filter_worker(c->filter), token, &e) : JWT_TOO_LONG;

	if (s != JWT_OK)
		return s;
	s = check_claims(need, &e->jwt);
	if (s == JWT_OK)
		s = check_signature(c, need->provider, e);
	if (s == JWT_OK)
		c->good[c->n_good++] = (struct jwt_good){need->provider, e};
	else
		jwt_entry_put(e);
	return s;
}

/* Where there are several tokens all must be good: nobody knows which one the server takes. */
static enum jwt_status check_provider(struct jwt_check *c, const struct jwt_need *need)
{
	struct slice tokens[JWT_TOKENS_MAX + 1];
	const size_t n = jwt_tokens_find(need->provider, filter_request(c->filter), tokens);
	enum jwt_status s = n ? JWT_OK : JWT_MISSING;

	for (size_t i = 0; i < n && s == JWT_OK; i++)
		s = check_token(c, need, tokens[i]);
	return s;
}

/* ---- needs ---- */

static enum jwt_status check(struct jwt_check *c, const struct jwt_need *need);

/* Of two reasons the one that says more. */
static enum jwt_status worse(enum jwt_status a, enum jwt_status b)
{
	return a == JWT_MISSING || (a == JWT_UNKNOWN_ISSUER && b != JWT_MISSING) ? b : a;
}

static enum jwt_status check_any(struct jwt_check *c, const struct jwt_need *need)
{
	enum jwt_status all = JWT_MISSING;
	bool may_miss = false, may_fail = false;
	const size_t mark = c->n_good;

	for (size_t i = 0; i < need->n_kids && !list_linked(&c->wait.link); i++) {
		const struct jwt_need *kid = &need->kids[i];
		enum jwt_status s;

		may_miss |= kid->kind == JWT_NEED_ALLOW_MISSING;
		may_fail |= kid->kind == JWT_NEED_ALLOW_FAILED;
		if (kid->kind == JWT_NEED_ALLOW_MISSING || kid->kind == JWT_NEED_ALLOW_FAILED)
			continue;
		s = check(c, kid);
		if (s == JWT_OK)
			return JWT_OK;
		drop_good(c, mark);
		all = worse(all, s);
	}
	return may_fail || (may_miss && all == JWT_MISSING) ? JWT_OK : all;
}

static enum jwt_status check_all(struct jwt_check *c, const struct jwt_need *need)
{
	enum jwt_status s = JWT_OK;

	for (size_t i = 0; i < need->n_kids && s == JWT_OK && !list_linked(&c->wait.link); i++)
		s = check(c, &need->kids[i]);
	return s;
}

/* On its own it concerns the tokens of all providers: any of them may be there, and then one must be good. */
static enum jwt_status check_anybody(struct jwt_check *c, bool may_fail)
{
	enum jwt_status all = JWT_MISSING;
	bool good = false;

	for (size_t i = 0; i < c->config->n_providers && !list_linked(&c->wait.link); i++) {
		const struct jwt_need one = {.kind = JWT_NEED_PROVIDER, .provider = &c->config->providers[i]};
		const size_t mark = c->n_good;
		const enum jwt_status s = check_provider(c, &one);

		if (s == JWT_OK) {
			good = true;
			continue;
		}
		drop_good(c, mark);
		all = worse(all, s);
	}
	return good || may_fail || all == JWT_MISSING ? JWT_OK : all;
}

static enum jwt_status check(struct jwt_check *c, const struct jwt_need *need)
{
	switch (need->kind) {
	case JWT_NEED_PROVIDER:
		return check_provider(c, need);
	case JWT_NEED_ANY:
		return check_any(c, need);
	case JWT_NEED_ALL:
		return check_all(c, need);
	case JWT_NEED_ALLOW_MISSING:
		return check_anybody(c, false);
	case JWT_NEED_ALLOW_FAILED:
		return check_anybody(c, true);
	}
	return JWT_MISSING;
}

enum jwt_status jwt_check(struct jwt_check *c, const struct jwt_need *need)
{
	drop_good(c, 0);
	return check(c, need);
}
