/*
 * The certificate authority's life: plugged in as files, or a root of our own in Secret istio-ca-secret, made when it
 * does not exist; and the serving certificate, signed by it and renewed at half its life.
 *
 * Or neither: another authority signs, and brings that certificate and its roots as files (authority_given.c).
 *
 * Every LOOK_MS both sources are looked at again. Files that are there but no good are told, and nothing else is used
 * instead: without an authority weftd does not get ready, with one it goes on with that. A change is taken over while
 * the roots that peers trust now stay among the new ones; another root needs a restart, since it splits the mesh.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/core/core.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/ip.h"
#include "discovery/authority_life_internal.h"
#include "discovery/internal.h"
#include "net/tls.h"

#define SERVING_TTL_S 86400
#define SERVING_NAMES_MAX 16
#define RENEW_RETRY_S 60
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 5000
#define LOOK_MS 10000
#define DAY_S 86400ll
#define EXPIRY_WARN_EVERY_S 86400

/* Tells a problem once, in the log and as an event, and keeps it for the readiness page. */
static void set_problem(struct authority *a, const char *text)
{
	if (strcmp(a->problem, text) == 0)
		return;
	snprintf(a->problem, sizeof(a->problem), "%s", text);
	authority_tell(a->teller, text);
	if (*text)
		log_error("ca", "%s; %s", text,
			  a->ca ? "the authority in use is kept" : "no certificate is issued until it is mended");
}

/* --- serving certificate --- */

/* Further names, NULL at their end, or none; some may be addresses. */
static void add_names(const char *const *more, const char **dns, const char **ips, struct pki_names *names)
{
	for (size_t i = 0; more && more[i] && i < SERVING_NAMES_MAX; i++)
		if (ip_is(slice_str(more[i])))
			ips[names->n_ips++] = more[i];
		else
			dns[names->n_dns++] = more[i];
}

static int issue_serving(struct authority *a, struct err *e)
{
	CLEANUP(arena_done) struct arena m = ARENA_INIT;
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	const struct discovery_config *c = &a->d->cfg;
	const char *dns[6 + SERVING_NAMES_MAX] = {
		arena_printf(&m, "istiod-%s.%s.svc", c->revision, c->ns),
		arena_printf(&m, "istiod-%s.%s", c->revision, c->ns),
		arena_printf(&m, "istiod-%s.%s.svc.%s", c->revision, c->ns, c->domain),
		arena_printf(&m, "istiod.%s.svc", c->ns),
		arena_printf(&m, "istio-pilot.%s.svc", c->ns),
		"localhost",
	};
	const char *ips[SERVING_NAMES_MAX];
	struct pki_names names = {.dns = dns, .n_dns = 6, .ips = ips};
	const int64_t ttl_s = MIN(SERVING_TTL_S, pki_ca_not_after_s(a->ca) - authority_now_s());
	const struct pki_sign how = {
		.names = &names, .now_s = authority_now_s(), .ttl_s = ttl_s, .use = PKI_USE_SERVER};
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	int r;

	add_names(c->names, dns, ips, &names);
	a->renew_s = authority_now_s() + MAX(ttl_s / 2, RENEW_RETRY_S);
	r = pki_ca_issue(a->ca, key, &how, &cert, e);
	if (r < 0)
		return err_wrap(e, r, "serving certificate");
	buf_clear(&a->cert);
	buf_append_slice(&a->cert, buf_slice(&cert));
	buf_clear(&a->key);
	pki_key_to_pem(key, &a->key);
	return 0;
}

static void renew(struct authority *a)
{
	struct err e = ERR_INIT;

	if (!a->ca || authority_now_s() < a->renew_s)
		return;
	if (issue_serving(a, &e) < 0)
		log_error("ca", "%s", e.msg);
	else
		a->on_change(a->d);
}

/* In the log once a day from 60 days on; as an event at 60, 30 and 7 days. */
static void warn_of_end(struct authority *a)
{
	static const int thresholds[] = {7, 30, 60};
	const int64_t left_s = a->ca ? pki_ca_not_after_s(a->ca) - authority_now_s() : INT64_MAX;
	char at[CLOCK_TEXT_MAX];
	struct err e = ERR_INIT;
	int days = 0;

	for (size_t i = 0; i < ARRAY_LEN(thresholds) && !days; i++)
		if (left_s <= thresholds[i] * DAY_S)
			days = thresholds[i];
	if (!days || authority_now_s() < a->warn_s)
		return;
	a->warn_s = authority_now_s() + EXPIRY_WARN_EVERY_S;
	err_set(&e, -ETIME, "the authority ends at %s, in less than %d days; nothing can be signed after that",
		clock_format_s(pki_ca_not_after_s(a->ca), at), days);
	log_warn("ca", "%s", e.msg);
	if (days != a->warned_days)
		authority_tell_event(a->teller, true, "CertificateAuthorityEnds", e.msg);
	a->warned_days = days;
}

/* --- taking over --- */

/* Whether every root in use is among the new ones (peers with either then trust each other), or is one that a rotation
 * has taken away. */
static bool keeps_roots(const struct pki_ca *old, const struct pki_ca *now, const cJSON *secret)
{
	const struct slice mine = pki_ca_roots_pem(old), theirs = pki_ca_roots_pem(now);
	const int n = pki_cert_count(mine, NULL), m = pki_cert_count(theirs, NULL);

	for (int i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf one = BUF_INIT;
		bool found = false;

		pki_cert_split(mine, i, &one, NULL);
		if (authority_has_ended(buf_slice(&one), authority_now_s()))
			continue;
		for (int k = 0; k < m && !found; k++) {
			CLEANUP(buf_done) struct buf other = BUF_INIT;

			found = pki_cert_split(theirs, k, &other, NULL) == 0 &&
				slice_eq(buf_slice(&one), buf_slice(&other));
		}
		if (!found && !authority_rotation_dropped(secret, buf_slice(&one)))
			return false;
	}
	return true;
}

/* Uses an authority (taken over) that is good, unless it would split the mesh. secret: where it came from; NULL: it is
 * plugged in. */
static void use(struct authority *a, struct pki_ca *ca, const char *from, const cJSON *secret)
{
	struct err e = ERR_INIT;

	if (a->ca && !keeps_roots(a->ca, ca, secret)) {
		pki_ca_unref(ca);
		err_set(&e, -EEXIST, "%s: its roots are not those in use; restart the control plane to change them",
			from);
		set_problem(a, e.msg);
		return;
	}
	pki_ca_unref(a->ca);
	a->ca = ca;
	a->plugged = !secret;
	a->warn_s = 0;
	a->warned_days = 0;
	set_problem(a, "");
	if (issue_serving(a, &e) < 0) {
		log_error("ca", "%s", e.msg);
		return;
	}
	log_info("ca", "authority loaded from %s", from);
	a->on_change(a->d);
}

/* --- Secret --- */

static void on_fetched(void *arg, struct kube_result *res);

static void fetch(struct authority *a)
{
	const struct kube_request req = {
		.verb = KUBE_GET, .kind = &api_kind_secret, .ns = a->d->cfg.ns, .name = ROOT_SECRET};

	a->call = kube_call_start(a->d->kube, &req, on_fetched, a);
}

static void secret_failed(struct authority *a, const char *why)
{
	struct err e = ERR_INIT;

	a->retry_ms = a->retry_ms ? MIN(2 * a->retry_ms, RETRY_MAX_MS) : RETRY_MIN_MS;
	err_set(&e, -EINVAL, "Secret %s/%s: %s", a->d->cfg.ns, ROOT_SECRET, why);
	set_problem(a, e.msg);
}

static uint64_t data_hash(const cJSON *secret)
{
	const cJSON *one;
	uint64_t h = 1;

	cJSON_ArrayForEach(one, json_get(secret, "data"))
	{
		h = hash_more(h, slice_make(one->string, strlen(one->string) + 1));
		h = hash_more(h, slice_str(cJSON_GetStringValue(one)));
	}
	return h;
}

void authority_take_secret(struct authority *a, const cJSON *secret)
{
	const uint64_t hash = data_hash(secret);
	struct pki_ca *ca = NULL;
	struct err e = ERR_INIT;

	if (a->ca && hash == a->secret_hash && !*a->problem && authority_now_s() < pki_ca_not_after_s(a->ca)) {
		a->retry_ms = 0;
		return; /* as it was, and good */
	}
	a->secret_hash = 0;
	authority_rotation_read(secret, &a->rotation);
	if (authority_secret_load(secret, authority_now_s(), &ca, &e) < 0) {
		secret_failed(a, e.msg);
		return;
	}
	a->retry_ms = 0;
	if (a->ca && slice_eq(pki_ca_cert_pem(a->ca), pki_ca_cert_pem(ca)) &&
	    slice_eq(pki_ca_roots_pem(a->ca), pki_ca_roots_pem(ca))) {
		set_problem(a, "");
		pki_ca_unref(ca);
		a->secret_hash = hash;
		return;
	}
	use(a, ca, "Secret " ROOT_SECRET, secret);
	a->secret_hash = a->ca == ca ? hash : 0;
}

static void on_created(void *arg, struct kube_result *res)
{
	struct authority *a = arg;

	a->call = NULL;
	if (res->reason == KUBE_ALREADY_EXISTS) { /* another replica was first: its root counts */
		fetch(a);
		return;
	}
	if (res->reason == KUBE_OK)
		authority_take_secret(a, res->body);
	else
		secret_failed(a, res->err.msg);
	authority_look_soon(a);
}

static struct pki_ca *new_root(struct authority *a, struct err *e)
{
	struct pki_ca *ca = NULL;

	pki_ca_new_root(a->d->mesh->trust_domain, (struct slice){NULL, 0}, PKI_KEY_RSA2048, authority_now_s(),
			authority_root_ttl_s(a), &ca, e);
	return ca;
}

/* The Secret of the root in use, when it was deleted under us: the next replica must not make another one. */
static void create(struct authority *a)
{
	struct err e = ERR_INIT;
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = a->ca ? pki_ca_ref(a->ca) : new_root(a, &e);
	CLEANUP(json_freep) cJSON *body = ca ? authority_secret_new(ca, a->d->cfg.ns) : NULL;
	const struct kube_request req = {
		.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = a->d->cfg.ns, .body = body};

	if (!ca) {
		secret_failed(a, e.msg);
		authority_look_soon(a);
		return;
	}
	a->call = kube_call_start(a->d->kube, &req, on_created, a);
}

static void on_fetched(void *arg, struct kube_result *res)
{
	struct authority *a = arg;

	a->call = NULL;
	if (res->reason == KUBE_NOT_FOUND) {
		create(a);
		return;
	}
	if (res->reason == KUBE_OK)
		authority_take_secret(a, res->body);
	else
		secret_failed(a, res->err.msg);
	if (res->reason != KUBE_OK || !authority_change(a, res->body))
		authority_look_soon(a);
}

/* --- another authority --- */

/* Roots may change as they like: whoever changes them has them in both for a while. */
static void look_at_given(struct authority *a)
{
	const struct discovery_config *c = &a->d->cfg;
	CLEANUP(authority_given_done) struct authority_given g = {0};
	struct err e = ERR_INIT;

	authority_given_read(c->given_dir, c->given_root_file, &g);
	if (a->judged && a->files_hash == g.hash)
		return;
	a->files_hash = g.hash;
	a->judged = authority_given_check(c->given_dir, &g, authority_now_s(), &e) == 0;
	if (!a->judged) {
		set_problem(a, e.msg);
		return;
	}
	if (a->key.len)
		explicit_bzero(a->key.ptr, a->key.len);
	buf_done(&a->cert);
	buf_done(&a->key);
	buf_done(&a->roots);
	a->cert = g.cert;
	a->key = g.key;
	a->roots = g.root;
	g = (struct authority_given){0};
	set_problem(a, "");
	log_info("ca", "another authority signs for the mesh; our certificate is that of %s", c->given_dir);
	a->on_change(a->d);
}

/* --- looking --- */

/* True when files are there, or must be: then the Secret is none of our business. */
static bool look_at_files(struct authority *a)
{
	const char *dir = a->d->cfg.cacerts_dir;
	CLEANUP(authority_files_done) struct authority_files f = {0};
	struct pki_ca *ca = NULL;
	struct err e = ERR_INIT;

	if (!dir)
		return false;
	authority_files_read(dir, &f);
	/* what was no good is looked at again even unchanged: its time may not have come yet */
	if (f.found && !(a->judged && a->files_hash == f.hash)) {
		a->files_hash = f.hash;
		a->judged = authority_files_load(dir, &f, authority_now_s(), &ca, &e) == 0;
		if (a->judged)
			use(a, ca, dir, NULL);
		else
			set_problem(a, e.msg);
	} else if (!f.found) {
		a->judged = false;
		if (a->plugged) {
			err_set(&e, -ENOENT, "%s: the plugged-in authority is gone", dir);
			set_problem(a, e.msg);
		} else if (a->d->cfg.cacerts_required) {
			err_set(&e, -ENOENT, "%s: there is no plugged-in authority, and none of our own is wanted",
				dir);
			set_problem(a, e.msg);
		}
	}
	return a->d->cfg.cacerts_required || f.found || a->plugged;
}

static void on_look(struct timer *t)
{
	struct authority *a = CONTAINER_OF(t, struct authority, timer);

	if (a->d->cfg.given_dir) {
		look_at_given(a);
		authority_look_soon(a);
		return;
	}
	renew(a);
	warn_of_end(a);
	if (look_at_files(a) || a->call)
		authority_look_soon(a);
	else
		fetch(a);
}

void authority_look_soon(struct authority *a)
{
	timer_start(a->d->loop, &a->timer, a->retry_ms && !a->ca ? a->retry_ms : LOOK_MS, on_look);
}

/* --- lifetime --- */

struct authority *discovery_authority_new(struct discovery *d, void (*on_change)(struct discovery *d))
{
	struct authority *a = NEW(struct authority);

	a->d = d;
	a->on_change = on_change;
	a->teller = authority_teller_new(d);
	a->wish = authority_wish_new(d);
	timer_start(d->loop, &a->timer, 0, on_look);
	return a;
}

void discovery_authority_free(struct authority *a)
{
	if (!a)
		return;
	kube_call_cancel(a->call);
	authority_teller_free(a->teller);
	authority_wish_free(a->wish);
	timer_stop(&a->timer);
	pki_ca_unref(a->ca);
	buf_done(&a->cert);
	buf_done(&a->key);
	buf_done(&a->roots);
	free(a);
}

const char *discovery_authority_problem(const struct authority *a)
{
	return a->problem;
}

bool discovery_authority_loaded(const struct authority *a)
{
	return a->cert.len && discovery_authority_roots(a).len;
}

struct pki_ca *discovery_authority_ca(const struct authority *a)
{
	return a->ca;
}

struct slice discovery_authority_roots(const struct authority *a)
{
	return a->ca ? pki_ca_roots_pem(a->ca) : buf_slice(&a->roots);
}

struct slice discovery_authority_cert(const struct authority *a)
{
	return buf_slice(&a->cert);
}

struct slice discovery_authority_key(const struct authority *a)
{
	return buf_slice(&a->key);
}
