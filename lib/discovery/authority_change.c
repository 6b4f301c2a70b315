/* What the authority itself writes into its Secret: the same root renewed, or the next step to another one. */
#include "api/core/core.h"
#include "base/hash.h"
#include "discovery/authority_life_internal.h"

#define ROOT_TTL_S (3650ll * 86400)
#define ROOT_CHECK_S 3600
#define ROOT_GRACE_PERCENT 20
#define WORKLOAD_TTL_S 86400

static void on_written(void *arg, struct kube_result *res)
{
	struct authority *a = arg;

	a->call = NULL;
	if (res->reason == KUBE_OK)
		authority_take_secret(a, res->body);
	else /* another replica was first, or it is tried again at the next check */
		log_warn("ca", "the root was not changed: %s", res->err.msg);
	authority_look_soon(a);
}

/* Writes new contents (taken over) in place of the Secret that was read, and of no other version of it. */
static void write_secret(struct authority *a, const cJSON *secret, cJSON *body)
{
	if (json_str(secret, "metadata.resourceVersion"))
		cJSON_AddStringToObject(json_get(body, "metadata"), "resourceVersion",
					json_str(secret, "metadata.resourceVersion"));
	a->call = kube_call_start(a->d->kube,
				  &(struct kube_request){.verb = KUBE_MERGE_PATCH,
							 .kind = &api_kind_secret,
							 .ns = a->d->cfg.ns,
							 .name = ROOT_SECRET,
							 .body = body},
				  on_written, a);
	cJSON_Delete(body);
}

/* The next check; the first one is spread over the period, so that replicas do not ask at once. */
static bool check_now(struct authority *a)
{
	const struct discovery_config *c = &a->d->cfg;
	const int64_t period_s = c->root_check_s ? c->root_check_s : ROOT_CHECK_S;
	const bool first = !a->check_s;

	if (authority_now_s() < a->check_s)
		return false;
	a->check_s = authority_now_s() + period_s;
	if (!first || c->root_no_jitter)
		return true;
	a->check_s = authority_now_s() + (int64_t)(hash_keyed(slice_str(c->pod_name)) % (uint64_t)period_s);
	return false;
}

static bool is_rotating(const struct authority *a)
{
	return a->rotation.phase == ROTATION_SPREADING || a->rotation.phase == ROTATION_SIGNING;
}

int64_t authority_root_ttl_s(const struct authority *a)
{
	return a->d->cfg.root_ttl_s ? a->d->cfg.root_ttl_s : ROOT_TTL_S;
}

/* True when the Secret that was read is being written with a renewed root. */
static bool renew_root(struct authority *a, const cJSON *secret)
{
	const struct discovery_config *c = &a->d->cfg;
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	struct err e = ERR_INIT;

	if (!a->ca || a->plugged || is_rotating(a) || !check_now(a) ||
	    !authority_renewal_due(a->ca, authority_now_s(),
				   c->root_grace_percent ? c->root_grace_percent : ROOT_GRACE_PERCENT))
		return false;
	if (authority_renew(a->ca, a->d->mesh->trust_domain, authority_now_s(), authority_root_ttl_s(a), &ca, &e) < 0) {
		log_error("ca", "the root cannot be renewed: %s", e.msg);
		return false;
	}
	log_info("ca", "the root is renewed: the same key, until later");
	write_secret(a, secret, authority_secret_new(ca, c->ns));
	return true;
}

static int64_t rotation_wait_s(const struct authority *a)
{
	const struct discovery_config *c = &a->d->cfg;

	return c->rotation_wait_s ? c->rotation_wait_s : c->cert_ttl_s ? c->cert_ttl_s : WORKLOAD_TTL_S;
}

static void tell_step(struct authority *a, const cJSON *body)
{
	static const char *const texts[] = {
		"", "the next root is made: it is trusted from now on, and the present one goes on signing",
		"the next root signs from now on; the last one is still trusted",
		"the rotation of the root is over: the last one is trusted no more"};
	struct authority_rotation next;

	authority_rotation_read(body, &next);
	log_info("ca", "%s", texts[next.phase]);
	authority_tell_event(a->teller, false, "RootRotation", texts[next.phase]);
}

/* True when the Secret that was read is being written with the next step to another root. */
static bool rotate_root(struct authority *a, const cJSON *secret)
{
	const struct rotation_input in = {.wanted = authority_wish_id(a->wish),
					  .org = a->d->mesh->trust_domain,
					  .ns = a->d->cfg.ns,
					  .now_s = authority_now_s(),
					  .wait_s = rotation_wait_s(a),
					  .ttl_s = authority_root_ttl_s(a),
					  .spread = !a->d->roots || discovery_roots_settled(a->d->roots)};
	struct err e = ERR_INIT;
	cJSON *body = NULL;
	int r;

	authority_wish_look(a->wish);
	if (!a->ca || a->plugged || *a->problem)
		return false;
	r = authority_rotation_step(&in, secret, a->ca, &body, &e);
	if (r < 0)
		log_error("ca", "the root cannot be rotated: %s", e.msg);
	if (r <= 0)
		return false;
	tell_step(a, body);
	write_secret(a, secret, body);
	return true;
}

bool authority_change(struct authority *a, const cJSON *secret)
{
	return rotate_root(a, secret) || renew_root(a, secret);
}

int64_t discovery_authority_longest_s(const struct authority *a)
{
	return a->rotation.phase == ROTATION_SPREADING ? rotation_wait_s(a) : INT64_MAX;
}

void discovery_authority_state(const struct authority *a, struct authority_state *ret)
{
	*ret = (struct authority_state){.source = !a->ca       ? "another authority"
						  : a->plugged ? "files"
							       : "Secret " ROOT_SECRET,
					.phase = authority_phase_str(a->plugged ? ROTATION_NONE : a->rotation.phase),
					.rotating = is_rotating(a),
					.last = a->rotation.phase == ROTATION_SIGNING,
					.id = a->rotation.id,
					.since_s = a->rotation.since_s,
					.next_s = is_rotating(a) ? a->rotation.since_s + rotation_wait_s(a) : 0};
}
