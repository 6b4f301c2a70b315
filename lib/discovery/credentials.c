/*
 * Secrets that Gateways and DestinationRules name (credentialName): read once per version, and told in the object's
 * status by the field's path and the secret's name when they are missing or no good. A gateway gets the secrets of its
 * own namespace.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/core/core.h"
#include "base/base64.h"
#include "base/clock.h"
#include "discovery/credentials.h"
#include "pki/cert.h"
#include "pki/key.h"

#define LOOK_MS 60000 /* certificates run out without any change */

struct credentials {
	struct discovery *d;
	struct map by_name; /* "ns/name" -> struct credential * */
	struct timer timer;
};

static int64_t now_s(void)
{
	return clock_wall_ns() / NS_PER_S;
}

/* --- one secret --- */

static const char *const chain_keys[] = {"tls.crt", "cert", NULL}, *const key_keys[] = {"tls.key", "key", NULL},
			 *const ca_keys[] = {"ca.crt", "cacert", NULL};

/* The decoded value of the first key that is there; empty when none is, or it is no base64. */
static void read_value(const struct core_secret *s, const char *const *keys, struct buf *out)
{
	for (; *keys; keys++) {
		const char *text = str_map_get(&s->data, *keys);

		if (text && *text && base64_decode(slice_str(text), out) == 0)
			return;
		buf_clear(out);
	}
}

static void read_times(struct slice pem, int64_t *from_s, int64_t *until_s)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct pki_cert_info info;

	if (pki_cert_info(pem, &a, &info, NULL) < 0)
		return;
	*from_s = MAX(*from_s, info.not_before_s);
	*until_s = MIN(*until_s, info.not_after_s);
}

static int check_pair(struct credential *c, struct err *e)
{
	CLEANUP(pki_key_freep) struct pki_key *key = NULL;
	int r;

	if (!c->chain.len)
		return err_set(e, -EINVAL, "tls.crt is missing");
	if (!c->key.len)
		return err_set(e, -EINVAL, "tls.key is missing");
	r = pki_cert_count(buf_slice(&c->chain), e);
	if (r < 0)
		return err_wrap(e, r, "tls.crt");
	r = pki_key_from_pem(buf_slice(&c->key), &key, e);
	if (r < 0)
		return err_wrap(e, r, "tls.key");
	if (!pki_key_strong(key))
		return err_set(e, -EINVAL, "tls.key is weaker than RSA of 2048 bits");
	if (pki_cert_matches_key(buf_slice(&c->chain), key, NULL) < 0)
		return err_set(e, -EINVAL, "tls.key does not fit tls.crt");
	read_times(buf_slice(&c->chain), &c->pair_from_s, &c->pair_until_s);
	return 0;
}

static int check_roots(struct credential *c, struct err *e)
{
	int r;

	if (!c->roots.len)
		return err_set(e, -ENOENT, "ca.crt is missing");
	r = pki_cert_count(buf_slice(&c->roots), e);
	if (r < 0)
		return err_wrap(e, r, "ca.crt");
	/* of several roots one that is good is enough */
	if (r == 1)
		read_times(buf_slice(&c->roots), &c->roots_from_s, &c->roots_until_s);
	return 0;
}

static void credential_free(struct credential *c)
{
	if (c->key.len)
		explicit_bzero(c->key.ptr, c->key.len);
	buf_done(&c->chain);
	buf_done(&c->key);
	buf_done(&c->roots);
	free(c->version);
	free(c);
}

static struct credential *credential_new(const struct api_object *o, const char *name)
{
	const struct core_secret *s = API_VALUE(o, secret, core_secret);
	struct credential *c = mem_alloc(sizeof(*c) + strlen(name) + 1);
	struct err e = ERR_INIT;

	strcpy(c->name, name);
	c->version = mem_strdup(o->meta->resource_version);
	c->pair_until_s = c->roots_until_s = INT64_MAX;
	read_value(s, chain_keys, &c->chain);
	read_value(s, key_keys, &c->key);
	read_value(s, ca_keys, &c->roots);
	if (check_pair(c, &e) < 0)
		snprintf(c->pair_problem, sizeof(c->pair_problem), "%.150s", e.msg);
	if (check_roots(c, &e) < 0)
		snprintf(c->roots_problem, sizeof(c->roots_problem), "%.150s", e.msg);
	return c;
}

const struct credential *discovery_credential(struct credentials *x, const struct api_object *secret)
{
	CLEANUP(freep) char *name = mem_printf("%s/%s", api_object_namespace(secret), api_object_name(secret));
	struct credential *c = map_get(&x->by_name, slice_str(name));
	const char *version = secret->meta->resource_version;

	if (c && version && c->version && strcmp(c->version, version) == 0)
		return c;
	if (c)
		credential_free(map_remove(&x->by_name, slice_str(name)));
	c = credential_new(secret, name);
	map_set(&x->by_name, slice_str(c->name), c);
	return c;
}

void discovery_credentials_forget(struct credentials *c, const char *ns, const char *name)
{
	CLEANUP(freep) char *key = mem_printf("%s/%s", ns, name);
	struct credential *old = map_remove(&c->by_name, slice_str(key));

	if (old)
		credential_free(old);
}

/* --- one use --- */

struct check {
	struct credentials *x;
	const char *ns; /* where the secret must be */
	const char *path, *name;
	validate_fn fn;
	void *arg;
};

__attribute__((format(printf, 2, 3))) static void tell(const struct check *k, const char *fmt, ...)
{
	char text[400];
	int n = snprintf(text, sizeof(text), "secret %s/%s ", k->ns, k->name);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	k->fn(k->arg, k->path, text);
}

/* The secret, or NULL after its absence was told (not while the namespace's are not listed yet). */
static const struct credential *find(const struct check *k, const char *name, bool must)
{
	const struct api_object *o = store_get(k->x->d->store, &api_kind_secret, k->ns, name);

	if (o)
		return discovery_credential(k->x, o);
	if (must && discovery_members_secrets(k->x->d->members, k->ns))
		tell(k, "does not exist");
	else if (must && discovery_members_secrets_denied(k->x->d->members, k->ns))
		tell(k, "cannot be read: the control plane may not list secrets there");
	return NULL;
}

static void tell_times(const struct check *k, const char *what, int64_t from_s, int64_t until_s)
{
	char at[CLOCK_TEXT_MAX];

	if (now_s() >= until_s)
		tell(k, "%s expired at %s", what, clock_format_s(until_s, at));
	else if (now_s() < from_s)
		tell(k, "%s is not valid before %s", what, clock_format_s(from_s, at));
}

static void check_own(const struct check *k)
{
	const struct credential *c = find(k, k->name, true);

	if (c && *c->pair_problem)
		tell(k, "is no good: %s", c->pair_problem);
	else if (c)
		tell_times(k, "is no good: tls.crt", c->pair_from_s, c->pair_until_s);
}

/* Roots are in the secret itself or in "<name>-cacert"; that the secret itself is missing has been told. */
static void check_peers(const struct check *k, bool alone)
{
	CLEANUP(freep) char *other = mem_printf("%s-cacert", k->name);
	const struct credential *c = find(k, other, false);

	if (!c || *c->roots_problem)
		c = find(k, k->name, alone);
	if (c && *c->roots_problem)
		tell(k, "is no good: %s", c->roots_problem);
	else if (c)
		tell_times(k, "is no good: ca.crt", c->roots_from_s, c->roots_until_s);
}

/* --- Gateways --- */

static bool serves_credential(const struct istio_server *s)
{
	const struct istio_server_tls_settings *t = s->tls;

	return t && t->credential_name && *t->credential_name &&
	       (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE ||
		t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL ||
		t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL);
}

/* A gateway whose service account may not read secrets gets none, however good they are. */
static void check_rights(struct check *k, const struct istio_gateway_spec *spec)
{
	const struct session *s;

	LIST_EACH (s, &k->x->d->sessions, link) {
		if (s->secrets != SECRETS_DENIED || strcmp(s->proxy.ns, k->ns) != 0 ||
		    !meta_labels_contain(&s->proxy.labels, &spec->selector))
			continue;
		tell(k, "is not sent to %s: its service account %s/%s may not list secrets", s->proxy.id, s->proxy.ns,
		     s->proxy.service_account);
		return;
	}
}

static void check_servers(struct check *k, const struct istio_gateway_spec *spec)
{
	for (size_t i = 0; i < spec->servers.n; i++) {
		CLEANUP(freep) char *path = mem_printf("spec.servers[%zu].tls.credentialName", i);

		if (!serves_credential(&spec->servers.v[i]))
			continue;
		k->path = path;
		k->name = spec->servers.v[i].tls->credential_name;
		check_own(k);
		if (spec->servers.v[i].tls->mode != ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE)
			check_peers(k, false);
		check_rights(k, spec);
	}
}

/* Once in each namespace. */
struct places {
	VEC(const char *) v;
};

static void check_there(struct check *k, const struct istio_gateway_spec *spec, struct places *seen, const char *ns)
{
	for (size_t i = 0; i < seen->v.n; i++)
		if (strcmp(seen->v.v[i], ns) == 0)
			return;
	vec_push(&seen->v, ns);
	k->ns = ns;
	check_servers(k, spec);
}

/* In each namespace that has pods of this Gateway; without a cluster, proxies. */
static void check_gateway(struct check *k, const struct istio_gateway_spec *spec)
{
	const struct snapshot *snap = k->x->d->snap;
	const struct session *s;
	struct places seen = {0};

	for (size_t i = 0; snap && i < snap->workloads->v.n; i++) {
		const struct workload *w = &snap->workloads->v.v[i];

		if (meta_labels_contain(&w->labels, &spec->selector))
			check_there(k, spec, &seen, w->ns);
	}
	LIST_EACH (s, &k->x->d->sessions, link)
		if (k->x->d->cfg.alone && s->trusted && meta_labels_contain(&s->proxy.labels, &spec->selector))
			check_there(k, spec, &seen, s->proxy.ns);
	vec_done(&seen.v);
}

/* --- DestinationRules --- */

static void check_client(struct check *k, const struct istio_client_tls_settings *t, const char *path)
{
	if (!t || !t->credential_name || !*t->credential_name)
		return;
	k->path = path;
	k->name = t->credential_name;
	if (t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_MUTUAL)
		check_own(k);
	else if (t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_SIMPLE)
		check_peers(k, true);
}

static void check_policy(struct check *k, const struct istio_traffic_policy *t, const char *path)
{
	if (!t)
		return;
	for (size_t i = 0; i <= t->port_level_settings.n; i++) {
		CLEANUP(freep)
		char *at = i ? mem_printf("%s.portLevelSettings[%zu].tls.credentialName", path, i - 1)
			     : mem_printf("%s.tls.credentialName", path);

		check_client(k, i ? t->port_level_settings.v[i - 1].tls : t->tls, at);
	}
}

static void check_policies(struct check *k, const struct istio_destination_rule_spec *spec)
{
	check_policy(k, spec->traffic_policy, "spec.trafficPolicy");
	for (size_t i = 0; i < spec->subsets.n; i++) {
		CLEANUP(freep) char *path = mem_printf("spec.subsets[%zu].trafficPolicy", i);

		check_policy(k, spec->subsets.v[i].traffic_policy, path);
	}
}

/* Where its clients are: the rule's namespace when it selects workloads there, else those of connected gateways that
 * use it, else the mesh's own, where gateways are as a rule. */
static void check_rule(struct check *k, const struct api_object *o, const struct istio_destination_rule_spec *spec)
{
	VEC(const char *) seen = {0};
	const struct view *v;

	if (spec->workload_selector) {
		k->ns = api_object_namespace(o);
		check_policies(k, spec);
		return;
	}
	LIST_EACH (v, &k->x->d->views, link) {
		bool again = v->proxy.type != PROXY_ROUTER || !discovery_view_use(v, o);

		for (size_t j = 0; j < seen.n; j++)
			again |= strcmp(seen.v[j], v->proxy.ns) == 0;
		if (!again)
			vec_push(&seen, v->proxy.ns);
	}
	if (!seen.n)
		vec_push(&seen, k->x->d->cfg.ns);
	for (size_t i = 0; i < seen.n; i++) {
		k->ns = seen.v[i];
		check_policies(k, spec);
	}
	vec_done(&seen);
}

/* --- both --- */

static bool policy_names(const struct istio_traffic_policy *t)
{
	bool any = t && t->tls && t->tls->credential_name;

	for (size_t i = 0; t && i < t->port_level_settings.n; i++)
		any |= t->port_level_settings.v[i].tls && t->port_level_settings.v[i].tls->credential_name;
	return any;
}

bool discovery_credentials_named(const struct api_object *o)
{
	const struct istio_gateway *g = API_VALUE(o, gateway, istio_gateway);
	const struct istio_destination_rule *r = API_VALUE(o, destination_rule, istio_destination_rule);
	bool any = false;

	for (size_t i = 0; g && g->spec && i < g->spec->servers.n; i++)
		any |= serves_credential(&g->spec->servers.v[i]);
	if (!r || !r->spec)
		return any;
	any |= policy_names(r->spec->traffic_policy);
	for (size_t i = 0; i < r->spec->subsets.n; i++)
		any |= policy_names(r->spec->subsets.v[i].traffic_policy);
	return any;
}

void discovery_credentials_check(struct credentials *c, const struct api_object *o, validate_fn fn, void *arg)
{
	const struct istio_gateway *g = API_VALUE(o, gateway, istio_gateway);
	const struct istio_destination_rule *r = API_VALUE(o, destination_rule, istio_destination_rule);
	struct check k = {.x = c, .fn = fn, .arg = arg};

	if (!discovery_credentials_named(o))
		return;
	if (g)
		check_gateway(&k, g->spec);
	else
		check_rule(&k, o, r->spec);
}

static void on_look(struct timer *t)
{
	struct credentials *c = CONTAINER_OF(t, struct credentials, timer);

	discovery_status_credentials(c->d->status);
	timer_start(c->d->loop, &c->timer, LOOK_MS, on_look);
}

struct credentials *discovery_credentials_new(struct discovery *d)
{
	struct credentials *c = NEW(struct credentials);

	c->d = d;
	timer_start(d->loop, &c->timer, LOOK_MS, on_look);
	return c;
}

void discovery_credentials_free(struct credentials *c)
{
	struct map_entry *e;

	if (!c)
		return;
	timer_stop(&c->timer);
	for (size_t i = 0; (e = map_next(&c->by_name, &i));)
		credential_free(e->value);
	map_done(&c->by_name);
	free(c);
}
