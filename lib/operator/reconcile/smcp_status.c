/* Status of a ServiceMeshControlPlane: conditions, components, readiness, and the events of their transitions. */
#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/reconcile/condition.h"
#include "operator/reconcile/smcp_internal.h"

void smcp_view_done(struct smcp_view *v)
{
	cJSON_Delete(v->applied_spec);
	buf_done(&v->unsupported);
	buf_done(&v->addons);
	buf_done(&v->substituted);
	revisions_done(&v->revisions);
	vec_done(&v->smcps);
	arena_done(&v->arena);
}

static const struct maistra_smcp_status *old_status(const struct api_object *smcp)
{
	static const struct maistra_smcp_status none;
	const struct maistra_smcp *value = API_VALUE(smcp, smcp, maistra_smcp);

	return value->status ? value->status : &none;
}

#define FIND_CONDITION(list, wanted)                                                                                   \
	({                                                                                                             \
		const struct maistra_condition *found_ = NULL;                                                         \
		for (size_t i_ = 0; i_ < (list).n; i_++)                                                               \
			if ((list).v[i_].type && !strcmp((list).v[i_].type, (wanted)))                                 \
				found_ = &(list).v[i_];                                                                \
		found_;                                                                                                \
	})

static bool is_true(const struct maistra_condition *c)
{
	return c && c->status && !strcmp(c->status, "True");
}

bool smcp_is_complete(const struct api_object *smcp, const struct reconcile_env *env)
{
	const struct maistra_smcp_status *s = old_status(smcp);

	return is_true(FIND_CONDITION(s->conditions, "Reconciled")) &&
	       s->observed_generation == smcp->meta->generation && s->operator_version &&
	       !strcmp(s->operator_version, env->version);
}

/* Adds a condition, keeping the time of the old one if its status is the same. */
static void add(cJSON *list, const struct maistra_condition *old, struct condition c, int64_t now_s)
{
	if (old && old->status && !strcmp(old->status, c.status))
		c.since = old->last_transition_time;
	condition_add(list, &c, now_s);
}

enum component_state { COMPONENT_READY, COMPONENT_UNREADY, COMPONENT_PENDING };

static enum component_state component_state(const struct smcp_view *v, enum render_component c)
{
	unsigned stage = render_component_stage(c);

	if (stage > v->stage)
		return COMPONENT_PENDING;
	return v->unready[c] ? COMPONENT_UNREADY : COMPONENT_READY;
}

/* "a b", the components in that state. */
static void list_components(const struct smcp_view *v, enum component_state state, struct buf *out)
{
	for (size_t c = 0; c < RENDER_COMPONENT_COUNT; c++)
		if (v->has[c] && component_state(v, c) == state && !render_component_is_addon(c))
			buf_printf(out, "%s%s", out->len ? " " : "", render_component_str(c));
}

static void add_readiness(cJSON *status, const struct smcp_view *v)
{
	static const char *const names[] = {
		[COMPONENT_READY] = "ready", [COMPONENT_UNREADY] = "unready", [COMPONENT_PENDING] = "pending"};
	cJSON *components = cJSON_AddObjectToObject(cJSON_AddObjectToObject(status, "readiness"), "components");
	cJSON *annotations = cJSON_AddObjectToObject(status, "annotations");
	CLEANUP(buf_done) struct buf always = BUF_INIT;
	size_t ready = 0, all = 0;
	char count[48];

	for (size_t state = 0; state < ARRAY_LEN(names); state++) {
		cJSON *list = cJSON_AddArrayToObject(components, names[state]);

		for (size_t c = 0; c < RENDER_COMPONENT_COUNT; c++)
			if (v->has[c] && component_state(v, c) == state)
				cJSON_AddItemToArray(list, cJSON_CreateString(render_component_str(c)));
	}
	for (size_t c = 0; c < RENDER_COMPONENT_COUNT; c++) {
		/* Of those that Ready waits for; AddonsReady tells of the others. */
		all += v->has[c] && !render_component_is_addon(c);
		ready += v->has[c] && !render_component_is_addon(c) && component_state(v, c) == COMPONENT_READY;
		if (v->has[c] && !v->workloads[c])
			buf_printf(&always, "%s%s", always.len ? "," : "", render_component_str(c));
	}
	snprintf(count, sizeof(count), "%zu/%zu", ready, all);
	cJSON_AddStringToObject(annotations, "readyComponentCount", count);
	cJSON_AddStringToObject(annotations, "alwaysReadyComponents", buf_str(&always));
}

static void add_components(cJSON *status, const struct maistra_smcp_status *old, const struct smcp_view *v,
			   int64_t now_s)
{
	cJSON *list = cJSON_AddArrayToObject(status, "components");

	for (size_t c = 0; c < RENDER_COMPONENT_COUNT; c++) {
		static const struct maistra_component_status none;
		const struct maistra_component_status *was = &none;
		enum component_state state = component_state(v, c);
		const char *done = state == COMPONENT_PENDING ? "False" : "True";
		cJSON *o, *conditions;

		if (!v->has[c])
			continue;
		for (size_t i = 0; i < old->components.n; i++)
			if (old->components.v[i].resource &&
			    !strcmp(old->components.v[i].resource, render_component_str(c)))
				was = &old->components.v[i];
		o = cJSON_CreateObject();
		cJSON_AddItemToArray(list, o);
		cJSON_AddStringToObject(o, "resource", render_component_str(c));
		conditions = cJSON_AddArrayToObject(o, "conditions");
		add(conditions, FIND_CONDITION(was->conditions, "Installed"),
		    (struct condition){"Installed", done, state == COMPONENT_PENDING ? NULL : "InstallSuccessful",
				       state == COMPONENT_PENDING ? NULL : "Component installed successfully", NULL},
		    now_s);
		add(conditions, FIND_CONDITION(was->conditions, "Reconciled"),
		    (struct condition){"Reconciled", done, state == COMPONENT_PENDING ? NULL : "ReconcileSuccessful",
				       state == COMPONENT_PENDING ? NULL : "Successfully reconciled", NULL},
		    now_s);
		add(conditions, FIND_CONDITION(was->conditions, "Ready"),
		    (struct condition){"Ready", state == COMPONENT_READY ? "True" : "False",
				       state == COMPONENT_READY ? "ComponentsReady" : "ComponentsNotReady", NULL, NULL},
		    now_s);
	}
}

/* Whether what is going on is (or was) an update of an installed mesh. */
static bool is_update(const struct maistra_smcp_status *old, int64_t generation)
{
	const struct maistra_condition *reconciled = FIND_CONDITION(old->conditions, "Reconciled");
	static const char *const reasons[] = {"SpecUpdated", "OperatorUpdated", "PausingUpdate", "UpdateSuccessful"};

	const bool installed = is_true(FIND_CONDITION(old->conditions, "Installed"));

	if (installed && old->observed_generation != generation)
		return true;
	/* An error says nothing of what it befell. */
	if (installed && generation > 1 && reconciled && reconciled->reason &&
	    !strcmp(reconciled->reason, "ReconcileError"))
		return true;
	for (size_t i = 0; reconciled && reconciled->reason && i < ARRAY_LEN(reasons); i++)
		if (!strcmp(reconciled->reason, reasons[i]))
			return true;
	return false;
}

/* The condition Reconciled; message holds what it says. */
static struct condition reconciled(const struct api_object *smcp, const struct smcp_view *v, const char *error,
				   struct buf *message)
{
	const struct maistra_smcp_status *old = old_status(smcp);
	bool update = is_update(old, smcp->meta->generation);
	CLEANUP(buf_done) struct buf waiting = BUF_INIT;
	char chart[CHART_VERSION_MAX];
	struct condition c = {.type = "Reconciled", .status = "False"};

	if (error) {
		c.reason = "ReconcileError";
		buf_append_str(message, error);
	} else if (v->done) {
		c.status = "True";
		c.reason = update ? "UpdateSuccessful" : "InstallSuccessful";
		buf_printf(message, update ? "Successfully updated to version %s" : "Successfully installed version %s",
			   render_chart_version(json_str(v->applied_spec, "version"), chart));
	} else if (v->stage < RENDER_STAGES && !v->missing_in_stage[v->stage]) {
		list_components(v, COMPONENT_UNREADY, &waiting);
		c.reason = update ? "PausingUpdate" : "PausingInstall";
		buf_printf(message, "Paused until the following components become ready: [%s]", buf_str(&waiting));
	} else if (update) {
		c.reason = "SpecUpdated";
		buf_printf(message, "Updating mesh to generation %lld", (long long)smcp->meta->generation);
	} else {
		c.reason = "ResourceCreated";
		buf_printf(message, "Installing mesh generation %lld", (long long)smcp->meta->generation);
	}
	c.message = buf_str(message);
	return c;
}

static struct condition ready(const struct smcp_view *v, const struct condition *r, struct buf *message)
{
	struct condition c = {.type = "Ready", .status = "False", .reason = r->reason, .message = r->message};
	CLEANUP(buf_done) struct buf unready = BUF_INIT;

	if (strcmp(r->status, "True") != 0)
		return c;
	list_components(v, COMPONENT_UNREADY, &unready);
	if (!unready.len) {
		c.status = "True";
		c.reason = "ComponentsReady";
		c.message = "All component deployments are Available";
		return c;
	}
	buf_printf(message, "The following components are not fully available: [%s]", buf_str(&unready));
	c.reason = "ComponentsNotReady";
	c.message = buf_str(message);
	return c;
}

/* What the spec asks for and does not get, in one line. */
static struct condition honoured(const struct smcp_view *v, struct buf *message)
{
	struct condition c = {.type = "SpecHonored", .status = "True", .reason = "AllFieldsHonored"};
	struct slice rest = buf_slice(&v->unsupported);

	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');

		if (line.len)
			buf_printf(message, "%s%.*s", message->len ? "; " : "", SLICE_ARG(line));
	}
	if (!message->len)
		return c;
	c.status = "False";
	c.reason = v->unsupported_fields ? "UnsupportedFields" : "KindsMissing";
	c.message = buf_str(message);
	return c;
}

/* All that is wanted is there, some of it as Weft's own. */
static struct condition substituted(const struct smcp_view *v, struct buf *message)
{
	struct condition c = {.type = "AddonsReady", .status = "True", .reason = "Substituted"};
	struct slice rest = buf_slice(&v->substituted);

	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');

		if (line.len)
			buf_printf(message, "%s%.*s", message->len ? ", " : "Weft's own console answers in place of ",
				   SLICE_ARG(line));
	}
	c.message = buf_str(message);
	return c;
}

/* The add-ons: nothing waits for them, so what they lack has a condition of its own. */
static struct condition addons_ready(const struct smcp_view *v, struct buf *message)
{
	struct condition c = {.type = "AddonsReady", .status = "True", .reason = "AddonsReady"};
	struct slice rest = buf_slice(&v->addons);

	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');

		if (line.len)
			buf_printf(message, "%s%.*s", message->len ? "; " : "", SLICE_ARG(line));
	}
	if (!message->len && v->substituted.len)
		return substituted(v, message);
	if (!message->len)
		return c;
	c.status = "False";
	c.reason = "AddonsNotReady";
	c.message = buf_str(message);
	return c;
}

static bool has_addons(const struct smcp_view *v)
{
	bool any = v->addons.len > 0;

	for (size_t c = 0; c < RENDER_COMPONENT_COUNT; c++)
		any |= v->has[c] && render_component_is_addon(c);
	return any;
}

/* The kinds that Weft knows and this cluster does not serve. */
static struct condition served(const struct reconcile_env *env, struct buf *message)
{
	struct condition c = {.type = "KindsServed", .status = "True", .reason = "AllKindsServed"};

	for (size_t i = 0; i < env->n_absent; i++)
		if (!(env->absent[i]->flags & API_FOREIGN))
			buf_printf(message, "%s%s (%s)", message->len ? ", " : "This cluster does not serve ",
				   env->absent[i]->kind, env->absent[i]->group);
	if (!message->len)
		return c;
	c.status = "False";
	c.reason = "KindsMissing";
	c.message = buf_str(message);
	return c;
}

static bool turned(const struct maistra_condition *old, const struct condition *c)
{
	return !old || !old->reason || !c->reason || strcmp(old->reason, c->reason) != 0 ||
	       strcmp(text_or(old->status, ""), c->status) != 0;
}

static void events(const struct api_object *smcp, const struct condition *r, const struct condition *rd,
		   const struct condition *h, struct plan *p)
{
	static const struct {
		const char *reason, *event;
	} names[] = {
		{"ResourceCreated", "Installing"},      {"SpecUpdated", "Updating"},
		{"PausingInstall", "PausingInstall"},   {"PausingUpdate", "PausingUpdate"},
		{"InstallSuccessful", "Installed"},     {"UpdateSuccessful", "Updated"},
		{"ValidationError", "ValidationError"}, {"ReconcileError", "ReconcileError"},
	};
	const struct maistra_smcp_status *old = old_status(smcp);
	const struct maistra_condition *was = FIND_CONDITION(old->conditions, "Ready");

	if (turned(FIND_CONDITION(old->conditions, "Reconciled"), r))
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (!strcmp(names[i].reason, r->reason))
				plan_event(p, smcp, strstr(r->reason, "Error") != NULL, names[i].event, "%s",
					   r->message);
	if (!strcmp(rd->status, "True") && !is_true(was))
		plan_event(p, smcp, false, "Ready", "%s", rd->message);
	else if (is_true(was) && strcmp(rd->status, "True") != 0)
		plan_event(p, smcp, true, "NotReady", "%s", rd->message);
	if (h && h->message && turned(FIND_CONDITION(old->conditions, "SpecHonored"), h))
		plan_event(p, smcp, true, h->reason, "%s", h->message);
}

static struct store_key key_of(const struct api_object *o)
{
	return (struct store_key){o->kind, api_object_namespace(o), api_object_name(o)};
}

/* Whether it is one mesh with the control plane that it stands beside. */
static void add_revision(cJSON *conditions, const struct api_object *smcp, const struct smcp_view *v, int64_t now_s)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const enum revision_state state = v->revisions.state;
	const char *joined = state == REVISION_JOINED ? "True" : "False";

	if (state != REVISION_ALONE)
		add(conditions, FIND_CONDITION(old_status(smcp)->conditions, CONDITION_REVISION),
		    (struct condition){CONDITION_REVISION, joined, revision_reason(state),
				       revision_sentence(smcp, state, &a), NULL},
		    now_s);
}

/* The chart's is of what is installed: while something else is on its way (v NULL: refused), or not known to have
 * arrived, of what was before. */
static void add_versions(cJSON *status, const struct api_object *smcp, const struct reconcile_env *env,
			 const struct smcp_view *v)
{
	char chart[CHART_VERSION_MAX];
	const char *installed = v && v->done && !env->last_error
					? render_chart_version(json_str(v->applied_spec, "version"), chart)
					: old_status(smcp)->chart_version;

	cJSON_AddNumberToObject(status, "observedGeneration", (double)smcp->meta->generation);
	cJSON_AddStringToObject(status, "operatorVersion", env->version);
	if (installed)
		cJSON_AddStringToObject(status, "chartVersion", installed);
}

void smcp_status(const struct api_object *smcp, const struct reconcile_env *env, const struct smcp_view *v,
		 struct plan *p)
{
	const struct maistra_smcp_status *old = old_status(smcp);
	CLEANUP(buf_done) struct buf m1 = BUF_INIT;
	CLEANUP(buf_done) struct buf m2 = BUF_INIT;
	CLEANUP(buf_done) struct buf m3 = BUF_INIT;
	CLEANUP(buf_done) struct buf m4 = BUF_INIT;
	CLEANUP(buf_done) struct buf m5 = BUF_INIT;
	struct condition r = reconciled(smcp, v, env->last_error, &m1), rd = ready(v, &r, &m2), h = honoured(v, &m3);
	bool installed = v->done || is_true(FIND_CONDITION(old->conditions, "Installed"));
	struct store_key key = key_of(smcp);
	cJSON *status = cJSON_CreateObject(), *conditions;

	add_readiness(status, v);
	conditions = cJSON_AddArrayToObject(status, "conditions");
	add(conditions, FIND_CONDITION(old->conditions, "Installed"),
	    installed ? (struct condition){"Installed", "True", "InstallSuccessful",
					   "Successfully installed all mesh components", NULL}
		      : (struct condition){"Installed", "False", r.reason, r.message, NULL},
	    env->now_s);
	add(conditions, FIND_CONDITION(old->conditions, "Reconciled"), r, env->now_s);
	add(conditions, FIND_CONDITION(old->conditions, "Ready"), rd, env->now_s);
	add(conditions, FIND_CONDITION(old->conditions, "SpecHonored"), h, env->now_s);
	add(conditions, FIND_CONDITION(old->conditions, "KindsServed"), served(env, &m4), env->now_s);
	add_revision(conditions, smcp, v, env->now_s);
	if (has_addons(v))
		add(conditions, FIND_CONDITION(old->conditions, "AddonsReady"), addons_ready(v, &m5), env->now_s);
	add_versions(status, smcp, env, v);
	add_components(status, old, v, env->now_s);
	cJSON_AddItemToObject(status, "appliedSpec", cJSON_Duplicate(v->applied_spec, true));
	events(smcp, &r, &rd, &h, p);
	plan_status(p, &key, status);
}

/* The status as it is, to change a part of. */
static cJSON *status_copy(const struct api_object *smcp)
{
	cJSON *status = msg_to_json(&maistra_smcp_status_desc, old_status(smcp));

	cJSON_DeleteItemFromObjectCaseSensitive(status, "conditions");
	return status;
}

void smcp_status_refused(const struct api_object *smcp, const struct reconcile_env *env, const char *reason,
			 const char *message, struct plan *p)
{
	const struct maistra_smcp_status *old = old_status(smcp);
	const struct maistra_condition *installed = FIND_CONDITION(old->conditions, "Installed");
	struct condition r = {"Reconciled", "False", reason, message, NULL},
			 rd = {"Ready", "False", reason, message, NULL};
	struct store_key key = key_of(smcp);
	cJSON *status = status_copy(smcp), *conditions = cJSON_AddArrayToObject(status, "conditions");

	add(conditions, installed,
	    (struct condition){"Installed", is_true(installed) ? "True" : "False", reason, message, NULL}, env->now_s);
	add(conditions, FIND_CONDITION(old->conditions, "Reconciled"), r, env->now_s);
	add(conditions, FIND_CONDITION(old->conditions, "Ready"), rd, env->now_s);
	cJSON_DeleteItemFromObjectCaseSensitive(status, "observedGeneration");
	cJSON_DeleteItemFromObjectCaseSensitive(status, "operatorVersion");
	cJSON_DeleteItemFromObjectCaseSensitive(status, "chartVersion");
	add_versions(status, smcp, env, NULL);
	events(smcp, &r, &rd, NULL, p);
	plan_status(p, &key, status);
}

void smcp_status_deleting(const struct api_object *smcp, const struct reconcile_env *env, bool objects_left,
			  struct plan *p)
{
	const struct maistra_smcp_status *old = old_status(smcp);
	struct condition r = {"Reconciled", objects_left ? "False" : "True", objects_left ? "Deleting" : "Deleted",
			      objects_left ? "Deleting service mesh" : "Service mesh deleted", NULL};
	struct condition rd = {"Ready", "False", r.reason, r.message, NULL};
	struct store_key key = key_of(smcp);
	cJSON *status = status_copy(smcp), *conditions = cJSON_AddArrayToObject(status, "conditions");

	add(conditions, FIND_CONDITION(old->conditions, "Reconciled"), r, env->now_s);
	add(conditions, FIND_CONDITION(old->conditions, "Ready"), rd, env->now_s);
	if (turned(FIND_CONDITION(old->conditions, "Reconciled"), &r))
		plan_event(p, smcp, false, r.reason, "%s", r.message);
	plan_status(p, &key, status);
}
