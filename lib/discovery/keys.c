/*
 *   new -> fetching -> good -(refresh)-> fetching ...
 *                   -> failed -(again)-> fetching ...
 */
#include "discovery/keys.h"

#include <stdlib.h>

#include "base/clock.h"
#include "net/fetch.h"
#include "pki/jwk_set.h"

struct source {
	struct keys *keys;
	char *address;
	char *text; /* NULL = none */
	char *why;  /* of the last failure; NULL = none */
	int64_t good_ns;
	int64_t again_ms;
	struct timer timer;
	struct fetch *fetch;
	bool wanted; /* scratch of follow */
};

struct keys {
	struct discovery *d;
	struct fetcher *fetcher;
	struct map by_address; /* struct source * */
	struct mesh_keys *now;
};

static void source_free(struct source *s)
{
	fetch_stop(s->fetch);
	timer_stop(&s->timer);
	free(s->address);
	free(s->text);
	free(s->why);
	free(s);
}

/* What is known goes into the next snapshot. */
static void tell(struct keys *k)
{
	struct map_entry *e;

	mesh_keys_unref(k->now);
	k->now = mesh_keys_new();
	for (size_t i = 0; (e = map_next(&k->by_address, &i));) {
		const struct source *s = e->value;

		if (s->text || s->why)
			mesh_keys_add(k->now, s->address, s->text, s->why);
	}
	k->d->keys_changed(k->d);
}

/* ---- fetching ---- */

static void begin(struct source *s, const char *url);

static void on_timer(struct timer *t)
{
	struct source *s = CONTAINER_OF(t, struct source, timer);

	begin(s, s->address);
}

static bool replace(char **at, const char *text)
{
	if (*at && text ? strcmp(*at, text) == 0 : *at == text)
		return false;
	free(*at);
	*at = mem_strdup(text);
	return true;
}

static void failed(struct source *s, const char *why)
{
	struct loop *l = s->keys->d->loop;
	bool changed;

	log_warn("keys", "%s: %s; %s", s->address, why,
		 s->text ? "the keys fetched before are used" : "tokens of its issuer are refused");
	changed = replace(&s->why, why);
	if (s->text && loop_now_ns(l) - s->good_ns > KEYS_OLD_MS * NS_PER_MS)
		changed |= replace(&s->text, NULL);
	s->again_ms = MIN(MAX(s->again_ms * 2, KEYS_AGAIN_MS), KEYS_REFRESH_MS);
	timer_start(l, &s->timer, s->again_ms, on_timer);
	if (changed)
		tell(s->keys);
}

static void good(struct source *s, struct slice body)
{
	CLEANUP(freep) char *text = mem_printf("%.*s", SLICE_ARG(body));
	bool changed = replace(&s->text, text);

	changed |= replace(&s->why, NULL);
	s->good_ns = loop_now_ns(s->keys->d->loop);
	s->again_ms = 0;
	timer_start(s->keys->d->loop, &s->timer, KEYS_REFRESH_MS, on_timer);
	if (changed)
		tell(s->keys);
}

static void take_keys(struct source *s, struct slice body)
{
	CLEANUP(jwk_set_freep) struct jwk_set *set = NULL;
	struct err e = ERR_INIT;

	if (jwk_set_parse(body, &set, &e) < 0)
		failed(s, e.msg);
	else if (!jwk_set_size(set))
		failed(s, "the key set is empty");
	else
		good(s, body);
}

static void on_keys(void *arg, struct slice body, const char *error)
{
	struct source *s = arg;

	s->fetch = NULL;
	if (*error)
		failed(s, error);
	else
		take_keys(s, body);
}

static void on_description(void *arg, struct slice body, const char *error)
{
	struct source *s = arg;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct err e = ERR_INIT;
	const char *uri;

	s->fetch = NULL;
	if (*error) {
		failed(s, error);
		return;
	}
	if (json_parse(body, JWK_SET_MAX_BYTES, &json, &e) < 0) {
		failed(s, e.msg);
		return;
	}
	uri = json_str(json, "jwks_uri");
	if (uri && *uri && !mesh_keys_is_discovery(uri))
		begin(s, uri);
	else
		failed(s, "the issuer's description names no jwks_uri");
}

static void begin(struct source *s, const char *url)
{
	s->fetch =
		fetch_start(s->keys->fetcher, &(struct fetch_params){
						      .url = url,
						      .max_bytes = JWK_SET_MAX_BYTES,
						      .timeout_ms = KEYS_TIMEOUT_MS,
						      .may_reach = fetch_not_local,
						      .roots_file = s->keys->d->cfg.jwks_roots,
						      .on_done = mesh_keys_is_discovery(url) ? on_description : on_keys,
						      .arg = s,
					      });
}

/* ---- which ---- */

static void want(struct keys *k, const char *address)
{
	struct source *s = map_get(&k->by_address, slice_str(address));

	if (!s && k->by_address.n >= KEYS_ADDRESSES_MAX)
		return;
	if (!s) {
		s = NEW(struct source);
		s->keys = k;
		s->address = mem_strdup(address);
		map_set(&k->by_address, slice_str(s->address), s);
		begin(s, s->address);
	}
	s->wanted = true;
}

static void drop_unwanted(struct keys *k)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&k->by_address, &i));) {
		struct source *s = e->value;

		if (s->wanted) {
			s->wanted = false;
			continue;
		}
		map_remove(&k->by_address, e->key);
		source_free(s);
	}
}

void discovery_keys_follow(struct keys *k, const struct snapshot *s)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < s->policies->request_auths.n; i++) {
		const struct istio_request_authentication_spec *spec = s->policies->request_auths.v[i].spec;

		for (size_t r = 0; r < spec->jwt_rules.n; r++) {
			const char *address = mesh_keys_address(&a, &spec->jwt_rules.v[r]);

			if (address)
				want(k, address);
		}
	}
	drop_unwanted(k);
}

struct mesh_keys *discovery_keys_now(const struct keys *k)
{
	return k->now;
}

/* ---- life ---- */

struct keys *discovery_keys_new(struct discovery *d)
{
	struct keys *k = NEW(struct keys);

	k->d = d;
	k->fetcher = fetcher_new(d->loop);
	if (!k->fetcher) {
		free(k);
		return NULL;
	}
	return k;
}

void discovery_keys_free(struct keys *k)
{
	struct map_entry *e;

	if (!k)
		return;
	for (size_t i = 0; (e = map_next(&k->by_address, &i));)
		source_free(e->value);
	map_done(&k->by_address);
	fetcher_free(k->fetcher);
	mesh_keys_unref(k->now);
	free(k);
}
