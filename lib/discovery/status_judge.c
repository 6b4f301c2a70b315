/*
 * What became of an object: valid, its references, and what proxies said. Looked up, not searched for: the object in
 * the snapshot's policies, by whose number a view's uses are sorted, and
 *   notes    key -> what generators told of it, over all views
 *   tallies  per view: how many sessions have acknowledged which types
 * Each is made when it is first asked for after what it stands on has changed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "discovery/credentials.h"
#include "discovery/status_internal.h"
#include "validate/validate.h"

/* Sessions of one view by what they have acknowledged: a bit for each type that is in sync and not refused. */
struct tally {
	const struct view *view;
	const struct session *one; /* of them */
	size_t sessions;
	VEC(struct group {
		unsigned synced;
		size_t n;
	})
	groups;
	const struct session *refused[XDS_TYPE_COUNT]; /* one that refused the type; NULL = none */
};

struct noted {
	VEC(const struct compile_note *) v;
	char key[];
};

struct judge {
	struct discovery *d;
	struct map notes; /* key -> struct noted * */
	VEC(struct tally) tallies;
	bool notes_known, tallies_known;
};

static const char *key_of(struct buf *out, const struct api_kind *kind, const char *ns, const char *name)
{
	buf_clear(out);
	buf_printf(out, "%s/%s/%s", kind->plural, ns, name);
	return buf_str(out);
}

/* --- the indexes --- */

static void forget_notes(struct judge *j)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&j->notes, &i));) {
		struct noted *n = e->value;

		vec_done(&n->v);
		free(n);
	}
	map_done(&j->notes);
	j->notes_known = false;
}

static void add_note(struct judge *j, const struct compile_note *note)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct noted *n;

	key_of(&key, note->kind, note->ns, note->name);
	n = map_get(&j->notes, buf_slice(&key));
	if (!n) {
		n = mem_alloc(sizeof(*n) + key.len + 1);
		strcpy(n->key, buf_str(&key));
		map_set(&j->notes, slice_str(n->key), n);
	}
	vec_push(&n->v, note);
	/* in the order of their texts: whose view comes first is nobody's doing */
	for (size_t i = n->v.n - 1; i > 0 && strcmp(n->v.v[i - 1]->text, note->text) > 0; i--) {
		n->v.v[i] = n->v.v[i - 1];
		n->v.v[i - 1] = note;
	}
}

static void know_notes(struct judge *j)
{
	const struct view *v;

	if (j->notes_known)
		return;
	forget_notes(j);
	LIST_EACH (v, &j->d->views, link)
		for (size_t i = 0; i < v->result.n_notes; i++)
			add_note(j, &v->result.notes[i]);
	j->notes_known = true;
}

static void forget_tallies(struct judge *j)
{
	for (size_t i = 0; i < j->tallies.n; i++)
		vec_done(&j->tallies.v[i].groups);
	vec_done(&j->tallies);
	j->tallies_known = false;
}

static void add_session(struct tally *t, const struct session *s)
{
	const unsigned synced = xds_session_taken(s->xds), refused = xds_session_refused(s->xds);

	for (int i = 0; refused >> i; i++)
		if (refused >> i & 1)
			t->refused[i] = s;
	t->one = s;
	t->sessions++;
	for (size_t i = 0; i < t->groups.n; i++) {
		if (t->groups.v[i].synced == synced) {
			t->groups.v[i].n++;
			return;
		}
	}
	vec_push(&t->groups, (struct group){synced, 1});
}

static void know_tallies(struct judge *j)
{
	struct session *s;
	struct view *v;

	if (j->tallies_known)
		return;
	forget_tallies(j);
	LIST_EACH (v, &j->d->views, link) {
		v->number = j->tallies.n;
		vec_push(&j->tallies, (struct tally){.view = v});
	}
	LIST_EACH (s, &j->d->sessions, link)
		if (s->view && s->view->snap)
			add_session(&j->tallies.v[s->view->number], s);
	j->tallies_known = true;
}

/* --- Accepted --- */

static void add_problem(void *arg, const char *path, const char *text)
{
	struct condition *c = arg;
	const size_t n = strlen(c->message);

	c->ok = false;
	snprintf(c->message + n, sizeof(c->message) - n, "%s%s%s%s", n ? "; " : "", path, *path ? ": " : "", text);
}

/* What generators could not do as written, each once. What is wrong in itself counts more than who was first. */
static void add_notes(struct judge *j, const char *key, struct condition *c)
{
	const struct noted *n;

	know_notes(j);
	n = map_get(&j->notes, slice_str(key));
	for (size_t i = 0; n && i < n->v.n; i++) {
		const struct compile_note *note = n->v.v[i];

		if (note->reason == COMPILE_INVALID)
			c->reason = "Invalid";
		else if (strcmp(c->reason, "Invalid") != 0)
			c->reason = "Conflicted";
		if (!strstr(c->message, note->text))
			add_problem(c, note->path, note->text);
		c->ok = false;
	}
}

static void judge_accepted(struct judge *j, const struct api_object *o, const char *key, struct condition *c)
{
	*c = (struct condition){.type = "Accepted", .reason = "Accepted", .ok = true};
	if (validate_object(o, add_problem, NULL, c))
		c->reason = "Invalid";
	if (validate_unsupported(o, add_problem, c) && strcmp(c->reason, "Invalid") != 0)
		c->reason = "Unsupported";
	add_notes(j, key, c);
}

/* --- ResolvedRefs --- */

/* Without a cluster gateways are no pods: whoever is connected and has the labels is one. */
static void judge_selector(const struct judge *j, const struct istio_gateway *g, struct condition *c)
{
	const struct session *s;

	LIST_EACH (s, &j->d->sessions, link)
		if (g->spec && s->trusted && meta_labels_contain(&s->proxy.labels, &g->spec->selector))
			return;
	add_problem(c, "spec.selector", "no connected proxy has these labels");
}

static void judge_resolved(struct judge *j, const struct api_object *o, struct condition *c)
{
	bool refs_ok;

	*c = (struct condition){.type = "ResolvedRefs", .reason = "ResolvedRefs", .ok = true};
	if (j->d->cfg.alone && o->kind == &api_kind_gateway)
		judge_selector(j, API_VALUE(o, gateway, istio_gateway), c);
	else if (j->d->snap)
		validate_refs(j->d->snap, o, add_problem, c);
	if (!c->ok)
		c->reason = "RefNotFound";
	refs_ok = c->ok;
	discovery_credentials_check(j->d->credentials, o, add_problem, c);
	if (!c->ok && refs_ok)
		c->reason = "InvalidCertificateRef";
}

/* --- Programmed --- */

struct sum {
	size_t concerned, current;
	const struct session *refused;
	const char *why;
};

static int cmp_use(const void *number, const void *use)
{
	const size_t a = *(const size_t *)number, b = ((const struct compile_use *)use)->object->number;

	return a < b ? -1 : a > b;
}

/* By number where the view stands on the snapshot's objects, which it does but for a moment. */
static const struct compile_use *use_in(const struct judge *j, const struct view *v, const struct mesh_object *m,
					const struct api_object *o)
{
	if (v->snap->policies == j->d->snap->policies)
		return m && v->result.n_uses ? bsearch(&m->number, v->result.uses, v->result.n_uses,
						       sizeof(v->result.uses[0]), cmp_use)
					     : NULL;
	return discovery_view_use(v, o);
}

static void add_tally(struct sum *sum, const struct tally *t, unsigned types, bool stale)
{
	sum->concerned += t->sessions;
	for (size_t i = 0; !stale && i < t->groups.n; i++)
		if ((t->groups.v[i].synced & types) == types)
			sum->current += t->groups.v[i].n;
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		if (!(types & 1u << i) || !t->refused[i])
			continue;
		sum->refused = t->refused[i];
		sum->why = xds_session_sub(t->refused[i]->xds, i)->error;
	}
}

/* A ServiceEntry makes a cluster for everybody. */
static struct sum sum_up(struct judge *j, const struct api_object *o)
{
	const unsigned entry = o->kind == &api_kind_service_entry ? 1u << XDS_CLUSTER : 0;
	const uint64_t intent = discovery_intent(o);
	const struct mesh_object *m =
		j->d->snap ? snapshot_object(j->d->snap, o->kind, api_object_namespace(o), api_object_name(o)) : NULL;
	struct sum sum = {0};

	know_tallies(j);
	for (size_t i = 0; i < j->tallies.n; i++) {
		const struct tally *t = &j->tallies.v[i];
		const struct compile_use *u = t->sessions ? use_in(j, t->view, m, o) : NULL;
		const unsigned types = (u ? u->types : 0) | entry;
		const char *why = t->sessions ? discovery_left_why(t->view, o) : NULL;

		if (why) { /* made without it */
			sum.concerned += t->sessions;
			sum.refused = t->one;
			sum.why = why;
		} else if (types && t->sessions)
			add_tally(&sum, t, types, u && discovery_intent(u->object->obj) != intent);
	}
	return sum;
}

static void judge_programmed(struct judge *j, const struct api_object *o, struct condition *c)
{
	const struct sum t = sum_up(j, o);

	*c = (struct condition){.type = "Programmed", .reason = "Programmed", .ok = true};
	c->ok = t.concerned && t.current == t.concerned;
	snprintf(c->message, sizeof(c->message), "%zu/%zu proxies up to date.", t.current, t.concerned);
	if (t.refused) {
		c->reason = "Rejected";
		snprintf(c->message, sizeof(c->message), "%zu/%zu proxies up to date. %s refused: %.600s", t.current,
			 t.concerned, t.refused->proxy.id, t.why);
	} else if (!t.concerned) {
		c->reason = "NoProxies";
		snprintf(c->message, sizeof(c->message), "No connected proxy uses it.");
	} else if (!c->ok) {
		c->reason = "Pending";
	}
}

/* What proxies have met that those who wrote about the host may want to know; it changes no verdict. */
static void add_hint(struct judge *j, const struct api_object *o, const char *host, struct condition *c)
{
	const struct service *svc = snapshot_service_seen(j->d->snap, host, api_object_namespace(o));
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const size_t n = strlen(c->message);

	if (svc)
		discovery_detection_hint(j->d, svc, &text);
	if (text.len)
		snprintf(c->message + n, sizeof(c->message) - n, "%s", buf_str(&text));
}

static void add_hints(struct judge *j, const struct api_object *o, struct condition *c)
{
	const struct mesh_object *m;

	if (!j->d->snap || !j->d->n_waited)
		return;
	m = snapshot_object(j->d->snap, o->kind, api_object_namespace(o), api_object_name(o));
	if (m && o->kind == &api_kind_virtual_service)
		for (size_t i = 0; i < ((const struct mesh_virtual_service *)m)->n_hosts; i++)
			add_hint(j, o, ((const struct mesh_virtual_service *)m)->hosts[i], c);
	if (m && o->kind == &api_kind_destination_rule)
		add_hint(j, o, ((const struct mesh_destination_rule *)m)->host, c);
	if (o->kind == &api_kind_service_entry) {
		const struct istio_service_entry_spec *s = API_VALUE(o, service_entry, istio_service_entry)->spec;

		for (size_t i = 0; s && i < s->hosts.n; i++)
			add_hint(j, o, s->hosts.v[i], c);
	}
}

/* --- all --- */

struct judge *status_judge_new(struct discovery *d)
{
	struct judge *j = NEW(struct judge);

	j->d = d;
	return j;
}

void status_judge_free(struct judge *j)
{
	if (!j)
		return;
	forget_notes(j);
	forget_tallies(j);
	free(j);
}

void status_judge_sessions_changed(struct judge *j)
{
	j->tallies_known = false;
}

void status_judge_views_changed(struct judge *j)
{
	j->notes_known = j->tallies_known = false;
}

void status_judge(struct judge *j, const struct api_object *o, struct condition c[CONDITIONS])
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const char *key = key_of(&text, o->kind, api_object_namespace(o), api_object_name(o));

	judge_accepted(j, o, key, &c[ACCEPTED]);
	judge_resolved(j, o, &c[RESOLVED]);
	judge_programmed(j, o, &c[PROGRAMMED]);
	add_hints(j, o, &c[PROGRAMMED]);
}
