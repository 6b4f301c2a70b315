/* What deploy/ gives people to apply: objects whose every field is one of the kind's, and control planes of which
 * everything is carried out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glob.h>

#include "api/object.h"
#include "base/file.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/spec/spec.h"

struct seen {
	const char *file;
	size_t objects, meshes;
};

static void on_unknown(void *arg, const char *path)
{
	const struct seen *s = arg;

	fail_msg("%s: %s is no field", s->file, path);
}

static void check_mesh(struct seen *s, const struct api_object *o)
{
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	CLEANUP(buf_done) struct buf told = BUF_INIT;
	const struct maistra_smcp *smcp = API_VALUE(o, smcp, maistra_smcp);
	struct err e = ERR_INIT;
	const struct maistra_smcp_spec *spec = spec_resolve(smcp->spec, NULL, &arena, &json, &e);

	s->meshes++;
	assert_string_equal(api_object_namespace(o), "istio-system");
	if (!spec || spec_validate(spec, &e) < 0)
		fail_msg("%s: %s", s->file, e.msg);
	if (spec_unsupported(smcp->spec, &told))
		fail_msg("%s: %s", s->file, buf_str(&told));
}

static int on_doc(void *arg, cJSON *doc, struct err *e)
{
	struct seen *s = arg;
	struct api_object *o = NULL;
	int r = api_object_decode(doc, on_unknown, s, &o, e);

	cJSON_Delete(doc);
	if (r < 0)
		return r;
	s->objects++;
	if (msg_check(o->kind->desc, o->value, e) < 0)
		fail_msg("%s: %s %s: %s", s->file, o->kind->kind, api_object_name(o), e->msg);
	if (o->kind == &api_kind_smcp)
		check_mesh(s, o);
	api_object_unref(o);
	return 0;
}

static void check_files(const char *pattern, size_t files, size_t objects, size_t meshes)
{
	glob_t found;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, files);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		struct seen s = {.file = found.gl_pathv[i]};
		struct err e = ERR_INIT;

		assert_int_equal(file_read(s.file, YAML_MAX_BYTES, &text, &e), 0);
		if (yaml_each(buf_slice(&text), on_doc, &s, &e) < 0)
			fail_msg("%s: %s", s.file, e.msg);
		assert_true(s.objects >= objects);
		assert_int_equal(s.meshes, meshes);
	}
	globfree(&found);
}

static void test_operator(void **state)
{
	(void)state;
	check_files("deploy/operator/overlays/*/weft-operator.yaml", 5, 25, 0);
}

static void test_instance(void **state)
{
	(void)state;
	check_files("deploy/instance/overlays/*/weft-instance.yaml", 5, 2, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_operator), cmocka_unit_test(test_instance)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
