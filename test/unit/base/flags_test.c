/* Flags are read from the table that the help is printed from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/flags.h"

enum { FILE_ID = 256, QUIET, ACCESS, OLD };

static const struct flag table[] = {
	{'p', "port", "N", "where it listens"},     {'n', "dry-run", NULL, "changes nothing"},
	{FILE_ID, "file", "FILE", "what it reads"}, {QUIET, "quiet", NULL, "says less"},
	{ACCESS, "access", "[BOOL]", "lets in"},    {OLD, "old", "X", NULL},
};
static const struct flags_program program = {"prog", "[flags]\nrun WHAT [flags]", "Does it.", table, ARRAY_LEN(table)};

/* Everything that comes of a command line, as one text: "id=value id ... | arguments | what was said". */
struct run {
	struct flags f;
	char *said, got[512];
	size_t size;
};

static const char *run(struct run *r, const char *const *words)
{
	static char *argv[FLAGS_ARGUMENTS_MAX + 8];
	int argc = 0, id;
	FILE *to = open_memstream(&r->said, &r->size);

	argv[argc++] = (char *)"prog";
	while (words[argc - 1] && argc < FLAGS_ARGUMENTS_MAX + 7) {
		argv[argc] = (char *)words[argc - 1];
		argc++;
	}
	r->f = flags_begin(&program, argc, argv);
	r->f.out = r->f.err = to;
	r->got[0] = '\0';
	while ((id = flags_next(&r->f)) > 0)
		snprintf(r->got + strlen(r->got), sizeof(r->got) - strlen(r->got), "%s%s%s ", r->f.name,
			 r->f.value ? "=" : "", r->f.value ? r->f.value : "");
	for (size_t i = 0; i < r->f.n_arguments; i++)
		snprintf(r->got + strlen(r->got), sizeof(r->got) - strlen(r->got), "(%s)", r->f.arguments[i]);
	fclose(to);
	if (id == FLAGS_EXIT)
		snprintf(r->got + strlen(r->got), sizeof(r->got) - strlen(r->got), "exit %d", r->f.status);
	return r->got;
}

#define RUN(r, ...) run(r, (const char *const[]){__VA_ARGS__, NULL})

static void all_forms_are_read(void **state)
{
	static const struct {
		const char *words[6], *want;
	} cases[] = {
		{{"--port", "1"}, "port=1 "},
		{{"--port=1"}, "port=1 "},
		{{"--port="}, "port= "},
		{{"-p", "1"}, "port=1 "},
		{{"-p1"}, "port=1 "},
		{{"-np1"}, "dry-run port=1 "},
		{{"-n", "--quiet", "a", "--file", "-b"}, "dry-run quiet file=-b (a)"},
		{{"a", "--quiet", "--", "--port", "-n"}, "quiet (a)(--port)(-n)"},
		{{"-"}, "(-)"},
		{{"--access", "true"}, "access (true)"},
		{{"--access=true"}, "access=true "},
		{{"--old", "1"}, "old=1 "},
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_string_equal(run(&r, cases[i].words), cases[i].want);
		assert_string_equal(r.said, "");
		free(r.said);
	}
}

static void mistakes_are_named_and_end_it(void **state)
{
	static const struct {
		const char *words[10], *said;
	} cases[] = {
		{{"--prt", "1"}, "prog: there is no flag --prt; see prog --help\n"},
		{{"--por=1"}, "prog: there is no flag --por; see prog --help\n"},
		{{"-x"}, "prog: there is no flag -x; see prog --help\n"},
		{{"--port"}, "prog: --port needs a value; see prog --help\n"},
		{{"-np"}, "prog: -p needs a value; see prog --help\n"},
		{{"--quiet=1"}, "prog: --quiet takes no value; see prog --help\n"},
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_non_null(strstr(run(&r, cases[i].words), "exit 2"));
		assert_string_equal(r.said, cases[i].said);
		free(r.said);
	}
}

static void arguments_are_limited(void **state)
{
	const char *words[FLAGS_ARGUMENTS_MAX + 2] = {NULL};
	struct run r;

	(void)state;
	for (size_t i = 0; i < FLAGS_ARGUMENTS_MAX; i++)
		words[i] = "a";
	assert_null(strstr(run(&r, words), "exit"));
	assert_string_equal(r.said, "");
	free(r.said);
	words[FLAGS_ARGUMENTS_MAX] = "b";
	assert_non_null(strstr(run(&r, words), "exit 2"));
	assert_string_equal(r.said, "prog: too many arguments, from b on; see prog --help\n");
	free(r.said);
}

static void help_is_the_table(void **state)
{
	struct run r;

	(void)state;
	assert_string_equal(RUN(&r, "--quiet", "--help", "--nonsense"), "quiet exit 0");
	assert_string_equal(r.said, "usage: prog [flags]\n"
				    "       prog run WHAT [flags]\n"
				    "Does it.\n\n"
				    "  -p, --port N              where it listens\n"
				    "  -n, --dry-run             changes nothing\n"
				    "  --file FILE               what it reads\n"
				    "  --quiet                   says less\n"
				    "  --access[=BOOL]           lets in\n"
				    "  --help                    says this\n"
				    "  --version                 says which version it is\n"
				    "taken, and nothing comes of it: --old\n");
	free(r.said);
	assert_string_equal(RUN(&r, "-h"), "exit 0");
	free(r.said);
}

static void version_has_tag_and_commit(void **state)
{
	struct run r;

	(void)state;
	assert_string_equal(RUN(&r, "--version"), "exit 0");
	assert_string_equal(r.said, "prog v0.0.0 (commit unknown)\n");
	free(r.said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms_are_read),         cmocka_unit_test(mistakes_are_named_and_end_it),
		cmocka_unit_test(arguments_are_limited),      cmocka_unit_test(help_is_the_table),
		cmocka_unit_test(version_has_tag_and_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
