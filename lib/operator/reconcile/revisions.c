/* Control planes of one mesh. */
#include "operator/reconcile/revisions.h"

#include "api/cluster/admission.h"
#include "api/maistra/smcp.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/render/render.h"
#include "operator/spec/spec.h"
#include "pki/cert.h"

/* --- trust --- */

/* The roots of a control plane, as it wrote them into its webhook; empty until it has. */
static const char *bundle_of(const struct store *s, const struct api_object *smcp)
{
	CLEANUP(freep) char *name = mem_printf("istiod-%s-%s", api_object_name(smcp), api_object_namespace(smcp));
	const struct api_object *o = store_get(s, &api_kind_mutating_webhook_configuration, "", name);
	const struct admission_mutating_webhook_configuration *m =
		o ? API_VALUE(o, mutating_webhook_configuration, admission_mutating_webhook_configuration) : NULL;

	return m && m->webhooks.n ? text_or(AT1(m->webhooks.v[0].client_config, ca_bundle), "") : "";
}

static bool has_root(struct slice roots, struct slice one)
{
	const int n = pki_cert_count(roots, NULL);

	for (int i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf other = BUF_INIT;

		if (pki_cert_split(roots, i, &other, NULL) == 0 && slice_eq(buf_slice(&other), one))
			return true;
	}
	return false;
}

/* Whether two bundles (PEM in base64) have a certificate in common. */
static bool share_root(const char *a, const char *b)
{
	CLEANUP(buf_done) struct buf mine = BUF_INIT;
	CLEANUP(buf_done) struct buf theirs = BUF_INIT;
	int n;

	if (base64_decode(slice_str(a), &mine) < 0 || base64_decode(slice_str(b), &theirs) < 0)
		return false;
	n = pki_cert_count(buf_slice(&mine), NULL);
	for (int i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf one = BUF_INIT;

		if (pki_cert_split(buf_slice(&mine), i, &one, NULL) == 0 &&
		    has_root(buf_slice(&theirs), buf_slice(&one)))
			return true;
	}
	return false;
}

/* With what its profiles say, where that was resolved before. */
static const char *trust_domain(const struct api_object *smcp)
{
	const struct maistra_smcp *v = API_VALUE(smcp, smcp, maistra_smcp);
	const struct maistra_smcp_spec *spec = AT2(v, status, applied_spec) ? v->status->applied_spec : v->spec;

	return text_or(AT3(spec, security, trust, domain), "cluster.local");
}

static bool was_joined(const struct api_object *smcp)
{
	const struct maistra_smcp *v = API_VALUE(smcp, smcp, maistra_smcp);

	for (size_t i = 0; v->status && i < v->status->conditions.n; i++)
		if (!strcmp(text_or(v->status->conditions.v[i].type, ""), CONDITION_REVISION))
			return !strcmp(text_or(v->status->conditions.v[i].status, ""), "True");
	return false;
}

/* --- one control plane --- */

static const struct api_object *named_by(const struct store *s, const struct api_object *smcp)
{
	const struct maistra_smcp *v = API_VALUE(smcp, smcp, maistra_smcp);
	struct slice ns, name;
	CLEANUP(freep) char *ns_text = NULL;
	CLEANUP(freep) char *name_text = NULL;

	if (!spec_revision_of(v->spec, &ns, &name))
		return NULL;
	ns_text = mem_printf("%.*s", SLICE_ARG(ns));
	name_text = mem_printf("%.*s", SLICE_ARG(name));
	return store_get(s, &api_kind_smcp, ns_text, name_text);
}

static enum revision_state state_of_roots(const struct store *s, const struct api_object *smcp,
					  const struct api_object *of)
{
	const char *mine = bundle_of(s, smcp), *theirs = bundle_of(s, of);

	if (!*mine || !*theirs) /* a webhook that is made anew says nothing against what was so */
		return was_joined(smcp) ? REVISION_JOINED : REVISION_WAITS;
	return share_root(mine, theirs) ? REVISION_JOINED : REVISION_ROOTS;
}

enum revision_state revision_state(const struct store *s, const struct api_object *smcp,
				   const struct api_object **ret_of)
{
	const struct maistra_smcp *v = API_VALUE(smcp, smcp, maistra_smcp);
	const struct api_object *of = named_by(s, smcp);
	struct slice ns, name;

	if (ret_of)
		*ret_of = of;
	if (!spec_revision_of(v->spec, &ns, &name))
		return REVISION_ALONE;
	if (slice_eq_str(ns, api_object_namespace(smcp)) || slice_eq_str(name, api_object_name(smcp)))
		return REVISION_NAME;
	if (!of)
		return REVISION_MISSING;
	if (named_by(s, of))
		return REVISION_CHAIN;
	if (strcmp(trust_domain(smcp), trust_domain(of)) != 0)
		return REVISION_DOMAIN;
	return state_of_roots(s, smcp, of);
}

static const struct {
	const char *reason, *sentence; /* of the control plane that is named */
} told[] = {
	[REVISION_JOINED] = {"Joined", "One mesh with %s"},
	[REVISION_MISSING] = {"NotFound", "There is no ServiceMeshControlPlane %s: a mesh of its own"},
	[REVISION_CHAIN] = {"IsRevision", "%s is itself a revision: name the one that it names"},
	[REVISION_NAME] = {"SameName", "A revision needs another name, and another namespace, than %s"},
	[REVISION_DOMAIN] = {"TrustDomainDiffers", "The trust domain is not that of %s"},
	[REVISION_ROOTS] = {"RootsDiffer", "No root certificate is that of %s: give both the same authority, and "
					   "restart this control plane"},
	[REVISION_WAITS] = {"Waiting", "The roots of this control plane, or of %s, are not known yet"},
};

const char *revision_reason(enum revision_state state)
{
	return state == REVISION_ALONE ? NULL : told[state].reason;
}

const char *revision_sentence(const struct api_object *smcp, enum revision_state state, struct arena *a)
{
	const struct maistra_smcp *v = API_VALUE(smcp, smcp, maistra_smcp);
	const char *of = json_str(v->spec ? v->spec->tech_preview : NULL, SPEC_REVISION_OF), *mark;

	if (state == REVISION_ALONE || !of)
		return NULL;
	mark = strstr(told[state].sentence, "%s");
	return arena_printf(a, "%.*s%s%s", (int)(mark - told[state].sentence), told[state].sentence, of, mark + 2);
}

/* --- those of one mesh --- */

static void add(struct revisions *r, const struct api_object *smcp)
{
	vec_push(&r->all, (struct revision){.smcp = smcp, .leaves = smcp->meta->deletion_timestamp != NULL});
}

void revisions_find(const struct store *s, const struct api_object *smcp, struct revisions *ret)
{
	const struct store_range smcps = store_list(s, &api_kind_smcp, NULL);
	const struct api_object *first = NULL, *of = NULL;

	*ret = (struct revisions){.state = revision_state(s, smcp, &first)};
	if (ret->state != REVISION_JOINED)
		first = smcp;
	add(ret, first);
	for (size_t i = 0; i < smcps.n; i++)
		if (smcps.v[i] != first && revision_state(s, smcps.v[i], &of) == REVISION_JOINED && of == first)
			add(ret, smcps.v[i]);
}

void revisions_read_rolls(const struct store *s, const char *operator_ns, struct revisions *r)
{
	for (size_t i = 0; i < r->all.n; i++) {
		const char *ns = api_object_namespace(r->all.v[i].smcp);
		const struct api_object *roll = store_get(s, &api_kind_smmr, ns, "default");
		const struct maistra_smmr *v = roll ? API_VALUE(roll, smmr, maistra_smmr) : NULL;

		if (v && v->spec && !roll->meta->deletion_timestamp &&
		    !(v->spec->members.n && v->spec->member_selectors.n))
			members_resolve(s, v->spec, ns, operator_ns, &r->all.v[i].listed);
	}
}

void revisions_done(struct revisions *r)
{
	for (size_t i = 0; i < r->all.n; i++)
		members_done(&r->all.v[i].listed);
	vec_done(&r->all);
}

bool revisions_have(const struct revisions *r, const char *mesh_ns)
{
	for (size_t i = 0; i < r->all.n; i++)
		if (!strcmp(api_object_namespace(r->all.v[i].smcp), mesh_ns))
			return true;
	return false;
}

static const char *ns_of(const struct revision *v)
{
	return api_object_namespace(v->smcp);
}

const char *revisions_home(const struct revisions *r, const struct api_object *ns)
{
	const char *rev = text_or(api_object_label(ns, LABEL_REVISION), ""), *home = NULL, *last = NULL;

	for (size_t i = 0; i < r->all.n; i++) {
		const struct revision *v = &r->all.v[i];
		const bool listed = members_have(&v->listed, api_object_name(ns));

		if (listed && !home && !v->leaves)
			home = ns_of(v);
		if (listed && !last)
			last = ns_of(v);
	}
	for (size_t i = 0; i < r->all.n && last; i++)
		if (!r->all.v[i].leaves && !strcmp(rev, api_object_name(r->all.v[i].smcp)))
			return ns_of(&r->all.v[i]);
	return home ? home : last;
}

bool revisions_take_over(const struct revisions *r, const char *mesh_ns, const char *ns)
{
	for (size_t i = 0; i < r->all.n; i++)
		if (!r->all.v[i].leaves && strcmp(ns_of(&r->all.v[i]), mesh_ns) != 0 &&
		    members_have(&r->all.v[i].listed, ns))
			return true;
	return false;
}

bool revisions_awaited(const struct store *s, const struct api_object *smcp, const char *operator_ns)
{
	const struct store_range all = store_list(s, &api_kind_namespace, NULL);
	const char *mesh_ns = api_object_namespace(smcp);
	struct revisions r;
	bool any = false;

	revisions_find(s, smcp, &r);
	revisions_read_rolls(s, operator_ns, &r);
	for (size_t i = 0; i < all.n && !any; i++)
		any = !strcmp(text_or(api_object_label(all.v[i], LABEL_MEMBER_OF), ""), mesh_ns) &&
		      !all.v[i]->meta->deletion_timestamp &&
		      revisions_take_over(&r, mesh_ns, api_object_name(all.v[i]));
	revisions_done(&r);
	return any;
}
