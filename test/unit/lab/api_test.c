/* The API server and its controllers without a node, in one process: what writes make of objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/api/api.h"
#include "lab/control/controller.h"
#include "lab/rest/server.h"
#include "msg/json.h"

#define PATIENCE_NS (300LL * NS_PER_S)

static struct {
	char dir[256];
	struct loop *loop;
	struct lab_api *api;
	struct controllers *controllers;
	struct lab_client client;
} lab;

static int setup(void **state)
{
	const char *tmp = getenv("TEST_TMP");
	struct err e = ERR_INIT;

	(void)state;
	snprintf(lab.dir, sizeof(lab.dir), "%s/api_test.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(lab.dir))
		return -1;
	lab.loop = loop_new();
	lab.api = lab_api_start(
		&(struct lab_api_config){.loop = lab.loop, .data_dir = lab.dir, .port = 31443, .netns_fd = -1}, &e);
	if (!lab.api)
		print_error("%s\n", e.msg);
	lab.controllers = controllers_start(&(struct controllers_config){
		.loop = lab.loop, .api = lab.api, .data_dir = lab.dir, .apps_domain = "apps.localhost"});
	lab.client = (struct lab_client){.api = lab.api, .user = "system:apiserver", .manager = "test"};
	return lab.api ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	lab_api_stop(lab.api);
	controllers_free(lab.controllers);
	loop_free(lab.loop);
	return file_remove_tree(lab.dir, NULL);
}

/* JSON with ' for ". */
static cJSON *json(const char *text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (; *text; text++)
		buf_append_char(&b, *text == '\'' ? '"' : *text);
	return json_literal(buf_str(&b));
}

/* ---- writes, and waiting for what they make ---- */

struct answer {
	int status;
	cJSON *body;
};

static void on_done(void *arg, int status, const cJSON *result)
{
	struct answer *a = arg;

	a->status = status;
	a->body = cJSON_Duplicate(result, true);
}

static cJSON *answered(struct answer *a, int want)
{
	while (!a->status)
		loop_turn(lab.loop, 1000);
	if (a->status != want) {
		CLEANUP(freep) char *text = json_to_text(a->body);

		fail_msg("%d, want %d: %s", a->status, want, text);
	}
	return a->body;
}

static void create(const struct gvr *r, const char *ns, const char *text, int want, const char *message)
{
	struct answer a = {0};

	lab_create(&lab.client, r, ns, json(text), on_done, &a);
	CLEANUP(json_freep) cJSON *body = answered(&a, want);

	if (message && !strstr(json_str_or_empty(body, "message"), message))
		fail_msg("%s", json_str_or_empty(body, "message"));
}

static void patch(const struct gvr *r, const char *ns, const char *name, const char *text, int want,
		  const char *message)
{
	struct answer a = {0};

	lab_patch(&lab.client, r, ns, name, NULL, LAB_PATCH_MERGE, json(text), on_done, &a);
	CLEANUP(json_freep) cJSON *body = answered(&a, want);

	if (message && !strstr(json_str_or_empty(body, "message"), message))
		fail_msg("%s", json_str_or_empty(body, "message"));
}

static void delete (const struct gvr *r, const char *ns, const char *name)
{
	struct answer a = {0};

	lab_delete(&lab.client, r, ns, name, NULL, on_done, &a);
	CLEANUP(json_freep) cJSON *body = answered(&a, 200);

	(void)body;
}

static void wait_until(bool (*holds)(void), const char *what)
{
	const int64_t end_ns = clock_mono_ns() + PATIENCE_NS;

	while (!holds()) {
		if (clock_mono_ns() > end_ns)
			fail_msg("not within five minutes: %s", what);
		loop_turn(lab.loop, 100);
	}
}

/* ---- mirrored Endpoints ---- */

struct slices {
	const char *service;
	size_t n;
	cJSON *texts; /* of endpoints and ports */
};

static void see_slice(void *arg, const cJSON *slice)
{
	struct slices *s = arg;
	const char *service = json_get_str(json_at(slice, "metadata.labels"), "kubernetes.io/service-name");
	cJSON *both = cJSON_CreateArray();

	if (service && strcmp(service, s->service) == 0) {
		cJSON_AddItemToArray(both, cJSON_Duplicate(json_get(slice, "endpoints"), true));
		cJSON_AddItemToArray(both, cJSON_Duplicate(json_get(slice, "ports"), true));
		cJSON_AddItemToArray(s->texts, both);
		s->n++;
	} else {
		cJSON_Delete(both);
	}
}

static cJSON *slices_of(const char *service)
{
	struct slices s = {service, 0, cJSON_CreateArray()};

	lab_list(lab.api, GVR(endpoint_slice), "default", NULL, see_slice, &s);
	return s.texts;
}

static const cJSON *wanted_slices;

static bool slices_are_as_wanted(void)
{
	CLEANUP(json_freep) cJSON *have = slices_of("hand");

	return json_equal(have, wanted_slices);
}

static void expect_slices(const char *want)
{
	CLEANUP(json_freep) cJSON *j = json(want);

	wanted_slices = j;
	wait_until(slices_are_as_wanted, want);
}

static void endpoints_made_by_hand_are_mirrored(void **state)
{
	(void)state;
	create(GVR(endpoints), "default",
	       "{'metadata':{'name':'hand'},'subsets':[{'addresses':[{'ip':'10.1.0.1','hostname':'h'}],"
	       "'notReadyAddresses':[{'ip':'10.1.0.2'}],'ports':[{'name':'http','port':80}]}]}",
	       201, NULL);
	create(GVR(service), "default", "{'metadata':{'name':'hand'},'spec':{'ports':[{'name':'http','port':80}]}}",
	       201, NULL);
	expect_slices(
		"[[[{'addresses':['10.1.0.1'],'conditions':{'ready':true},'hostname':'h'},{'addresses':['10.1.0.2'],"
		"'conditions':{'ready':false}}],[{'name':'http','port':80,'protocol':'TCP'}]]]");
	patch(GVR(endpoints), "default", "hand",
	      "{'subsets':[{'addresses':[{'ip':'10.1.0.3'}],'ports':[{'port':81}]}]}", 200, NULL);
	expect_slices("[[[{'addresses':['10.1.0.3'],'conditions':{'ready':true}}],[{'port':81,'protocol':'TCP'}]]]");
	/* With a selector the Service has slices of its own. */
	patch(GVR(service), "default", "hand", "{'spec':{'selector':{'app':'x'}}}", 200, NULL);
	expect_slices("[[]]");
	patch(GVR(service), "default", "hand", "{'spec':{'selector':null}}", 200, NULL);
	patch(GVR(endpoints), "default", "hand",
	      "{'metadata':{'labels':{'endpointslice.kubernetes.io/skip-mirror':'true'}}}", 200, NULL);
	delete (GVR(service), "default", "hand");
	expect_slices("[]");
}

/* ---- rules of definitions ---- */

#define DEFINITION(rules)                                                                                              \
	"{'metadata':{'name':'widgets.example.com'},'spec':{'group':'example.com','scope':'Namespaced','names':{'"     \
	"plural':"                                                                                                     \
	"'widgets','kind':'Widget'},'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema'" \
	":{"                                                                                                           \
	"'type':'object','properties':{'spec':{'type':'object','properties':{'min':{'type':'integer'},'max':{'type':"  \
	"'integer'}},'x-kubernetes-validations':[" rules "]}}}}}]}}"

static bool widgets_are_served(void)
{
	struct lab_resource r;
	const cJSON *crd = lab_get(lab.api, GVR(custom_resource_definition), NULL, "widgets.example.com");

	return lab_resource_find(lab.api, "example.com/v1", "Widget", &r) && json_at(crd, "status.acceptedNames.kind");
}

static void rules_decide_what_is_stored(void **state)
{
	static const struct gvr widgets = {"example.com", "v1", "widgets"};

	(void)state;
	create(GVR(custom_resource_definition), NULL, DEFINITION("{'rule':'quantity(self.min).sign() > 0'}"), 422,
	       "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid "
	       "value: "
	       "\"quantity(self.min).sign() > 0\": compilation failed: at 18: function 'quantity' with 1 arguments is "
	       "not "
	       "evaluated by this cluster");
	create(GVR(custom_resource_definition), NULL,
	       DEFINITION("{'rule':'self.min <= self.max','message':'min must not exceed max'},{'rule':'self.max >= "
			  "oldSelf.max'}"),
	       201, NULL);
	wait_until(widgets_are_served, "the definition is established");
	create(&widgets, "default", "{'metadata':{'name':'a'},'spec':{'min':3,'max':2}}", 422,
	       "spec: Invalid value: min must not exceed max");
	create(&widgets, "default", "{'metadata':{'name':'a'},'spec':{'min':1,'max':2}}", 201, NULL);
	patch(&widgets, "default", "a", "{'spec':{'max':1}}", 422, "failed rule: self.max >= oldSelf.max");
	patch(&widgets, "default", "a", "{'spec':{'max':3}}", 200, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(endpoints_made_by_hand_are_mirrored, setup, teardown),
		cmocka_unit_test_setup_teardown(rules_decide_what_is_stored, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
