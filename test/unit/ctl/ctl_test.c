/* The program without a cluster: help, mistakes, completions, the forms of output, precheck of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pty.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "ctl/core/report.h"
#include "ctl/front/commands.h"
#include "ctl/front/ctl.h"
#include "ctl/install/manifests.h"
#include "ctl/install/operator.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "ran.h"

static const struct {
	const char *line;
	int status;
	const char *out, *err; /* what they hold; NULL: nothing */
} rows[] = {
	{"/usr/bin/weftctl --help", CTL_OK, "usage: weftctl COMMAND", NULL},
	{"kubectl-weft --help", CTL_OK, "usage: kubectl weft COMMAND", NULL},
	{"weftctl", CTL_USAGE, "usage: weftctl", NULL},
	{"weftctl --version", CTL_OK, "weftctl ", NULL},
	{"weftctl --nothing", CTL_USAGE, NULL, "weftctl: there is no flag --nothing; see weftctl --help\n"},
	{"weftctl nothing", CTL_USAGE, NULL, "weftctl: there is no command nothing"},
	{"weftctl install --help", CTL_OK, "usage: weftctl install [flags]", NULL},
	{"kubectl-weft install --help", CTL_OK, "  kubectl weft install --overlay production", NULL},
	{"weftctl precheck --help", CTL_OK, "exit status: 0 all is well", NULL},
	{"weftctl install --overlay none", CTL_USAGE, NULL, "--overlay: 'none' is none of its values"},
	{"weftctl install --control-plane none", CTL_USAGE, NULL, "--control-plane: 'none'"},
	{"weftctl install --timeout 0", CTL_USAGE, NULL, "--timeout: '0'"},
	{"weftctl install --registry a;b", CTL_USAGE, NULL, "--registry: 'a;b'"},
	{"weftctl install more", CTL_USAGE, NULL, "unexpected argument 'more'"},
	{"weftctl precheck -o xml", CTL_USAGE, NULL, "--output: 'xml'"},
	{"weftctl precheck -f /nowhere/at/all", CTL_FAILED, NULL, "/nowhere/at/all"},
	{"weftctl precheck --kubeconfig /nowhere/at/all", CTL_FAILED, NULL, "/nowhere/at/all"},
	{"weftctl compile -f x.yaml", CTL_USAGE, NULL, "it wants --proxy"},
	{"weftctl compile --proxy a.b", CTL_USAGE, NULL, "it wants --proxy"},
	{"weftctl compile --proxy a.b -f /nowhere/at/all", CTL_FAILED, NULL, "/nowhere/at/all"},
	{"weftctl compile --proxy a.b --type all", CTL_USAGE, NULL, "--type: 'all'"},
	{"weftctl compile --proxy a.b -n A", CTL_USAGE, NULL, "--namespace: 'A'"},
	{"weftctl completion", CTL_USAGE, NULL, "it wants bash|zsh|fish"},
	{"weftctl completion tcsh", CTL_USAGE, NULL, "no completion for tcsh"},
	{"weftctl completion bash", CTL_OK, "complete -F _weftctl weftctl", NULL},
	{"weftctl completion zsh", CTL_OK, "#compdef weftctl", NULL},
	{"weftctl completion fish", CTL_OK,
	 "complete -c weftctl -n '__fish_seen_subcommand_from install' -l overlay -x -a 'openshift kubernetes "
	 "production "
	 "minimal'",
	 NULL},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(ran_done) struct ran r = run(rows[i].line);

		if (r.status != rows[i].status)
			fail_msg("%s: status %d, wanted %d", rows[i].line, r.status, rows[i].status);
		if (rows[i].out ? !strstr(r.out, rows[i].out) : *r.out)
			fail_msg("%s: out: %s", rows[i].line, r.out);
		if (rows[i].err ? !strstr(r.err, rows[i].err) : *r.err)
			fail_msg("%s: err: %s", rows[i].line, r.err);
	}
}

/* Every command and flag is in every completion. */
static void test_completions(void **state)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(shells); s++) {
		CLEANUP(freep) char *line = mem_printf("weftctl completion %s", shells[s]);
		CLEANUP(ran_done) struct ran r = run(line);

		for (size_t i = 0; i < ctl_commands_count; i++) {
			const struct ctl_command *cmd = &ctl_commands[i];

			assert_non_null(strstr(r.out, cmd->name));
			for (size_t k = 0; k < cmd->n_flags; k++)
				if (!strstr(r.out, cmd->flags[k].name))
					fail_msg("%s: no --%s", shells[s], cmd->flags[k].name);
		}
	}
}

/* Every command has examples, and each of them is one that the parser takes. */
static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < ctl_commands_count; i++) {
		CLEANUP(freep) char *line = mem_printf("weftctl %s --help", ctl_commands[i].name);
		CLEANUP(ran_done) struct ran r = run(line);

		assert_int_equal(r.status, CTL_OK);
		assert_non_null(strstr(r.out, "examples:\n"));
		assert_null(strstr(r.out, "%s"));
	}
}

#define TMP (getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp")

static const char manifest[] =
	"apiVersion: networking.istio.io/v1alpha3\nkind: VirtualService\nmetadata: {name: good}\n"
	"spec: {hosts: [x], http: [{route: [{destination: {host: x}}]}]}\n---\n"
	"apiVersion: networking.istio.io/v1alpha3\nkind: VirtualService\nmetadata: {name: bad}\n"
	"spec: {hosts: [x], http: [{}]}\n---\nkind: Service\nmetadata: {name: not-of-a-mesh}\n";

static void test_precheck(void **state)
{
	CLEANUP(freep) char *path = mem_printf("%s/objects-%d.yaml", TMP, (int)getpid());
	CLEANUP(freep) char *table = mem_printf("weftctl precheck -f %s", path);
	CLEANUP(freep) char *json = mem_printf("weftctl precheck -f %s -o json", path);
	CLEANUP(freep) char *yaml = mem_printf("weftctl precheck -f %s -o yaml", path);
	CLEANUP(json_freep) cJSON *a = NULL, *b = NULL;

	(void)state;
	assert_int_equal(file_put(path, slice_str(manifest), 0644, NULL), 0);
	CLEANUP(ran_done) struct ran as_table = run(table);
	CLEANUP(ran_done) struct ran as_json = run(json);
	CLEANUP(ran_done) struct ran as_yaml = run(yaml);

	unlink(path);
	assert_int_equal(as_table.status, CTL_REFUSED);
	assert_non_null(strstr(as_table.out, "VirtualService good"));
	assert_non_null(strstr(as_table.out, "spec.http[0]"));
	assert_null(strstr(as_table.out, "not-of-a-mesh"));
	assert_non_null(
		strstr(as_table.out, "2 objects of a mesh: 1 carried out, 0 differ, 1 refused; 0 files not read."));
	assert_int_equal(json_parse(slice_str(as_json.out), 1 << 20, &a, NULL), 0);
	assert_int_equal(yaml_parse(slice_str(as_yaml.out), &b, NULL), 0);
	assert_true(json_equal(a, b));
	assert_int_equal(cJSON_GetArraySize(json_get(a, "items")), 2);
	assert_string_equal(json_str(json_get(a, "items")->child->next, "verdict"), "refused");
}

/* How an object is called in the report. */
static void test_precheck_names(void **state)
{
	static const struct {
		const char *metadata, *wanted;
	} cases[] = {
		{"{name: a, namespace: shop}", "IstioOperator shop/a "},
		{"{name: a}", "IstioOperator a "},
		{"{generateName: a-, namespace: shop}", "IstioOperator shop/a- "},
		{"{namespace: istio-system}", "IstioOperator istio-system/(no name) "},
		{"{name: '', namespace: ''}", "IstioOperator (no name) "},
		{"null", "IstioOperator (no name) "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(freep)
		char *text = mem_printf("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: %s\n",
					cases[i].metadata);
		CLEANUP(freep) char *path = mem_printf("%s/named-%d.yaml", TMP, (int)getpid());
		CLEANUP(freep) char *line = mem_printf("weftctl precheck -f %s", path);

		assert_int_equal(file_put(path, slice_str(text), 0644, NULL), 0);
		CLEANUP(ran_done) struct ran r = run(line);

		unlink(path);
		if (!strstr(r.out, cases[i].wanted))
			fail_msg("metadata %s: no '%s' in:\n%s", cases[i].metadata, cases[i].wanted, r.out);
	}
}

static void test_images(void **state)
{
	static const struct {
		const char *image;
		struct manifests_images images;
		const char *wanted;
	} cases[] = {
		{MANIFESTS_REGISTRY "/proxy:latest", {NULL, NULL}, MANIFESTS_REGISTRY "/proxy:latest"},
		{MANIFESTS_REGISTRY "/proxy:latest", {"here:5000/x", NULL}, "here:5000/x/proxy:latest"},
		{MANIFESTS_REGISTRY "/proxy:latest", {NULL, "v1"}, MANIFESTS_REGISTRY "/proxy:v1"},
		{MANIFESTS_REGISTRY "/proxy", {"here", "v1"}, "here/proxy:v1"},
		{"docker.io/prom/prometheus:v2", {"here", "v1"}, "docker.io/prom/prometheus:v2"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(freep) char *have = manifests_image(cases[i].image, &cases[i].images);

		assert_string_equal(have, cases[i].wanted);
	}
}

/* Each overlay is there, is Weft's, and names the images that were asked for. */
static void test_overlays(void **state)
{
	const struct manifests_images images = {"here/weft", "v7"};

	(void)state;
	for (const char *const *name = ctl_operator_overlays; *name; name++) {
		CLEANUP(json_freep) cJSON *objects = NULL;
		size_t ours = 0;

		assert_int_equal(manifests_operator(*name, &images, &objects, NULL), 0);
		JSON_EACH(o, objects)
		{
			if (strcmp(json_str_or_empty(o, "kind"), "Deployment") != 0)
				continue;
			ours++;
			assert_true(operator_is_ours(o));
			assert_string_equal(operator_image(o), "here/weft/operator:v7");
			assert_false(operator_overlay_elsewhere(*name, json_str_or_empty(o, "metadata.namespace")));
		}
		assert_int_equal(ours, 1);
	}
	for (const char *const *name = ctl_instance_overlays; *name; name++) {
		CLEANUP(json_freep) cJSON *objects = NULL;

		assert_int_equal(manifests_instance(*name, &objects, NULL), 0);
		assert_int_equal(cJSON_GetArraySize(objects), 2);
	}
	cJSON *none = NULL;

	assert_int_equal(manifests_operator("none", &images, &none, NULL), -ENOENT);
	assert_true(operator_overlay_elsewhere("kubernetes", "openshift-operators"));
}

/* Others' texts do nothing to a terminal. */
static void test_control_characters(void **state)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);
	struct ctl_report *r = ctl_report_steps(f, CTL_TABLE);

	(void)state;
	ctl_report_step(r, "a\x1b[2J", "ok", "b\nc\x7f");
	ctl_report_free(r);
	fclose(f);
	assert_null(strchr(out, '\x1b'));
	assert_non_null(strstr(out, "b c \n"));
	free(out);
}

/* Colour is for terminals, and not for those who do not want it. */
static size_t coloured(void)
{
	char text[512];
	size_t len = 0;
	int master, slave;
	ssize_t n;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	FILE *f = fdopen(slave, "w");
	struct ctl_report *r = ctl_report_steps(f, CTL_TABLE);

	ctl_report_step(r, "a", "FAILED", "b");
	ctl_report_free(r);
	fflush(f);
	*text = 0; /* a terminal may give it in pieces */
	while (len + 1 < sizeof(text) && !strstr(text, "b\r\n") &&
	       (n = read(master, text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
		text[len] = 0;
	}
	fclose(f);
	close(master);
	assert_non_null(strstr(text, "FAILED"));
	return strstr(text, "\x1b[31mFAILED\x1b[0m") != NULL;
}

static void test_colour(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	assert_true(coloured());
	setenv("NO_COLOR", "1", 1);
	assert_false(coloured());
	unsetenv("NO_COLOR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),          cmocka_unit_test(test_completions),
		cmocka_unit_test(test_examples),       cmocka_unit_test(test_precheck),
		cmocka_unit_test(test_precheck_names), cmocka_unit_test(test_images),
		cmocka_unit_test(test_overlays),       cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_colour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
