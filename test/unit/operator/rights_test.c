/*
 * What each service account of the operator, the control plane and the gateways may do, as one list in
 * golden/rights.txt: a right that is not in it fails, and so does a line that nobody has any more. RIGHTS_WRITE=1
 * writes the list anew, for a change that was meant. And the operator holds every right that it hands on: Kubernetes
 * lets nobody grant others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/cluster/rbac.h"
#include "base/file.h"
#include "base/vec.h"
#include "rendered.h"

#define LIST_FILE "test/unit/operator/golden/rights.txt"
#define OPERATOR_FILE "deploy/operator/base/rbac.yaml"

struct objects {
	VEC(struct api_object *) v;
};

static void objects_done(struct objects *o)
{
	for (size_t i = 0; i < o->v.n; i++)
		api_object_unref(o->v.v[i]);
	vec_done(&o->v);
}

static int on_doc(void *arg, cJSON *doc, struct err *e)
{
	struct objects *all = arg;
	struct api_object *o = NULL;
	const int r = api_object_decode(doc, NULL, NULL, &o, e);

	cJSON_Delete(doc);
	if (r == 0)
		vec_push(&all->v, o);
	return r;
}

static struct objects operator_objects(void)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct objects all = {0};
	struct err e = ERR_INIT;

	if (file_read(OPERATOR_FILE, 1 << 20, &text, &e) < 0 || yaml_each(buf_slice(&text), on_doc, &all, &e) < 0)
		fail_msg("%s", e.msg);
	return all;
}

/* What installs the CNI plugin, which no mesh owns. */
static void add_cni(struct objects *all)
{
	const struct render_cni in = {.ns = "openshift-operators"};
	struct rendering r;

	assert_int_equal(render_cni(&in, true, false, "i", &r, NULL), 0);
	for (size_t i = 0; i < r.objects.n; i++)
		vec_push(&all->v, api_object_ref(r.objects.v[i].obj));
	rendering_done(&r);
}

static struct objects rendered_objects(const char *spec)
{
	struct rendered_mesh m = rendered_mesh(spec, false); /* add-ons have more rights without operators of theirs */
	struct objects all = {0};

	for (size_t i = 0; i < m.out.objects.n; i++)
		vec_push(&all.v, api_object_ref(m.out.objects.v[i].obj));
	rendered_mesh_done(&m);
	add_cni(&all);
	return all;
}

/* --- rules --- */

struct rules {
	const struct rbac_policy_rule *v;
	size_t n;
};

static struct rules rules_of(const struct api_object *o)
{
	const struct rbac_role *role = API_VALUE(o, role, rbac_role);
	const struct rbac_cluster_role *wide = API_VALUE(o, cluster_role, rbac_cluster_role);

	if (role)
		return (struct rules){role->rules.v, role->rules.n};
	return wide ? (struct rules){wide->rules.v, wide->rules.n} : (struct rules){0};
}

static struct rules rules_named(const struct objects *all, const struct rbac_role_ref *ref, const char *ns)
{
	const bool wide = !strcmp(ref->kind, "ClusterRole");

	for (size_t i = 0; i < all->v.n; i++) {
		const struct api_object *o = all->v.v[i];

		if (o->kind == (wide ? &api_kind_cluster_role : &api_kind_role) &&
		    !strcmp(api_object_name(o), ref->name) && (wide || !strcmp(api_object_namespace(o), ns)))
			return rules_of(o);
	}
	fail_msg("%s %s is bound and is not there", ref->kind, ref->name);
	return (struct rules){0};
}

/* --- the list --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct lines {
	VEC(char *) v;
};

static void lines_done(struct lines *l)
{
	for (size_t i = 0; i < l->v.n; i++)
		free(l->v.v[i]);
	vec_done(&l->v);
}

/* "WHO: RESOURCE: VERB VERB" for each resource of the rule. */
static void add_line(struct lines *out, const char *who, const char *what, const struct rbac_policy_rule *r)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s: %s", who, what);
	for (size_t i = 0; i < r->resource_names.n; i++)
		buf_printf(&line, " named %s", r->resource_names.v[i]);
	buf_append_char(&line, ':');
	for (size_t i = 0; i < r->verbs.n; i++)
		buf_printf(&line, " %s", r->verbs.v[i]);
	vec_push(&out->v, buf_take_str(&line));
}

static void add_rule(struct lines *out, const char *who, const struct rbac_policy_rule *r)
{
	for (size_t g = 0; g < r->api_groups.n; g++)
		for (size_t i = 0; i < r->resources.n; i++) {
			CLEANUP(freep)
			char *what = mem_printf("%s%s%s", r->resources.v[i], *r->api_groups.v[g] ? "." : "",
						r->api_groups.v[g]);

			add_line(out, who, what, r);
		}
	for (size_t i = 0; i < r->non_resource_ur_ls.n; i++)
		add_line(out, who, r->non_resource_ur_ls.v[i], r);
}

static void add_binding(struct lines *out, const struct objects *all, const struct api_object *o, const char *mode)
{
	const struct rbac_role_binding *b = API_VALUE(o, role_binding, rbac_role_binding);
	const struct rbac_cluster_role_binding *w = API_VALUE(o, cluster_role_binding, rbac_cluster_role_binding);
	const struct rbac_role_ref *ref = b ? b->role_ref : w ? w->role_ref : NULL;
	const struct rbac_subject *subjects = b ? b->subjects.v : w ? w->subjects.v : NULL;
	const size_t n = b ? b->subjects.n : w ? w->subjects.n : 0;

	for (size_t i = 0; i < n; i++) {
		const struct rules rules = rules_named(all, ref, api_object_namespace(o));
		CLEANUP(freep)
		char *who = mem_printf("%s%s %s %s", mode, subjects[i].name, b ? "in" : "everywhere",
				       b ? api_object_namespace(o) : "");

		for (size_t k = 0; k < rules.n; k++)
			add_rule(out, who, &rules.v[k]);
	}
}

static void add_objects(struct lines *out, const struct objects *all, const char *mode)
{
	for (size_t i = 0; i < all->v.n; i++)
		add_binding(out, all, all->v.v[i], mode);
}

static void unique(struct lines *l, struct buf *out)
{
	if (l->v.n)
		qsort(l->v.v, l->v.n, sizeof(*l->v.v), by_text);
	for (size_t i = 0; i < l->v.n; i++)
		if (i == 0 || strcmp(l->v.v[i - 1], l->v.v[i]) != 0)
			buf_printf(out, "%s\n", l->v.v[i]);
}

static bool has_line(struct slice text, struct slice line)
{
	while (text.len)
		if (slice_eq(slice_split(&text, '\n'), line))
			return true;
	return false;
}

/* Lines of a that b lacks. */
static size_t print_missing(const char *what, struct slice a, struct slice b)
{
	size_t n = 0;

	while (a.len) {
		const struct slice line = slice_split(&a, '\n');

		if (has_line(b, line))
			continue;
		print_error("%s%.*s\n", what, SLICE_ARG(line));
		n++;
	}
	return n;
}

static void test_list(void **state)
{
	CLEANUP(objects_done) struct objects own = operator_objects();
	CLEANUP(objects_done) struct objects tenant = rendered_objects(RENDERED_PLAIN);
	CLEANUP(objects_done) struct objects wide = rendered_objects(RENDERED_EVERYTHING);
	CLEANUP(lines_done) struct lines lines = {0};
	CLEANUP(buf_done) struct buf have = BUF_INIT, listed = BUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	add_objects(&lines, &own, "");
	add_objects(&lines, &tenant, "MultiTenant ");
	add_objects(&lines, &wide, "ClusterWide ");
	unique(&lines, &have);
	if (getenv("RIGHTS_WRITE"))
		assert_int_equal(file_write(LIST_FILE, buf_slice(&have), 0644, &e), 0);
	assert_int_equal(file_read(LIST_FILE, 1 << 20, &listed, &e), 0);
	assert_int_equal(print_missing("not listed: ", buf_slice(&have), buf_slice(&listed)), 0);
	assert_int_equal(print_missing("listed, and nobody has it: ", buf_slice(&listed), buf_slice(&have)), 0);
	assert_true(lines.v.n > 50);
}

/* --- what is handed on --- */

static bool word_covers(const char *const *v, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i], "*") || !strcmp(v[i], word))
			return true;
	return false;
}

/* A rule for names covers what is for the same names; one without covers all. */
static bool names_cover(const struct rbac_policy_rule *own, const struct rbac_policy_rule *r)
{
	for (size_t i = 0; own->resource_names.n && i < r->resource_names.n; i++)
		if (!word_covers(own->resource_names.v, own->resource_names.n, r->resource_names.v[i]))
			return false;
	return !own->resource_names.n || r->resource_names.n;
}

static bool covered(const struct rules *own, const struct rbac_policy_rule *wanted, const char *group,
		    const char *resource, const char *verb)
{
	for (size_t i = 0; i < own->n; i++) {
		const struct rbac_policy_rule *r = &own->v[i];

		if (names_cover(r, wanted) && word_covers(r->api_groups.v, r->api_groups.n, group) &&
		    word_covers(r->resources.v, r->resources.n, resource) && word_covers(r->verbs.v, r->verbs.n, verb))
			return true;
	}
	return false;
}

static void check_rule(const struct rules *own, const char *role, const struct rbac_policy_rule *r)
{
	for (size_t g = 0; g < r->api_groups.n; g++)
		for (size_t i = 0; i < r->resources.n; i++)
			for (size_t v = 0; v < r->verbs.n; v++)
				if (!covered(own, r, r->api_groups.v[g], r->resources.v[i], r->verbs.v[v]))
					fail_msg("%s: the operator may not %s %s.%s itself", role, r->verbs.v[v],
						 r->resources.v[i], r->api_groups.v[g]);
}

static void test_handed_on(void **state)
{
	static const char *const specs[] = {RENDERED_PLAIN, RENDERED_EVERYTHING};
	CLEANUP(objects_done) struct objects own_objects = operator_objects();
	const struct rbac_role_ref ref = {.kind = "ClusterRole", .name = "istio-operator"};
	const struct rules own = rules_named(&own_objects, &ref, "");
	size_t n = 0;

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(specs); s++) {
		CLEANUP(objects_done) struct objects all = rendered_objects(specs[s]);

		for (size_t i = 0; i < all.v.n; i++) {
			const struct rules rules = rules_of(all.v.v[i]);

			for (size_t k = 0; k < rules.n; k++, n++)
				check_rule(&own, api_object_name(all.v.v[i]), &rules.v[k]);
		}
	}
	assert_true(n > 20);
}

static void check_verbs(struct slice line)
{
	static const char *const never[] = {"*", "escalate", "bind", "impersonate", "deletecollection"};
	struct slice verbs = slice_from(line, (size_t)slice_rfind(line, ':') + 1);

	assert_true(verbs.len);
	while (verbs.len) {
		const struct slice verb = slice_split(&verbs, ' ');

		for (size_t i = 0; i < ARRAY_LEN(never); i++)
			if (slice_eq_str(verb, never[i]))
				fail_msg("%.*s", SLICE_ARG(line));
	}
}

/* Nobody may hand on what they do not hold, or act as somebody else. */
static void test_no_escalation(void **state)
{
	CLEANUP(buf_done) struct buf listed = BUF_INIT;

	(void)state;
	assert_int_equal(file_read(LIST_FILE, 1 << 20, &listed, NULL), 0);
	for (struct slice rest = buf_slice(&listed); rest.len;)
		check_verbs(slice_split(&rest, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_list), cmocka_unit_test(test_handed_on),
					   cmocka_unit_test(test_no_escalation)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
