/* The program: finds the command, reads its flags, runs it. */
#include "ctl/front/ctl.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/version.h"
#include "ctl/front/options.h"
#include "ctl/core/report.h"
#include "net/loop.h"

#define EXIT_LINES                                                                                                     \
	"exit status: 0 all is well, 1 it did not come about, 2 a wrong call, 3 a check found what will not work,\n"   \
	"79 analyze found something\n"

/* Under the name "kubectl-weft" kubectl finds it as "kubectl weft". */
static const char *called_as(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const char *name = slash ? slash + 1 : argv0;

	return !strcmp(name, "kubectl-weft") ? "kubectl weft" : "weftctl";
}

static const struct ctl_command *find(const char *name)
{
	for (size_t i = 0; i < ctl_commands_count; i++)
		if (!strcmp(ctl_commands[i].name, name))
			return &ctl_commands[i];
	return NULL;
}

static void print_help(const struct ctl *c)
{
	fprintf(c->out,
		"usage: %s COMMAND [flags]\nInstalls Weft, keeps it up to date, and says what a mesh does, and why.\n",
		c->name);
	for (size_t i = 0; i < ctl_commands_count; i++)
		fprintf(c->out, "  %-12s %s\n", ctl_commands[i].name, ctl_commands[i].about);
	fprintf(c->out, "%s COMMAND --help says more.\n%s", c->name, EXIT_LINES);
}

/* The examples with the program's name in them. */
static char *examples_of(const struct ctl *c, const struct ctl_command *cmd)
{
	struct buf out = BUF_INIT;

	buf_append_str(&out, "examples:\n");
	for (const char *line = cmd->examples; line;) {
		const char *end = strchr(line, '\n'), *mark = strstr(line, "%s");
		const size_t len = end ? (size_t)(end - line) : strlen(line);

		buf_printf(&out, "  %.*s%s%.*s\n", (int)(mark - line), line, c->name,
			   (int)(len - (size_t)(mark - line) - 2), mark + 2);
		line = end ? end + 1 : NULL;
	}
	buf_append_str(&out, EXIT_LINES);
	return buf_take_str(&out);
}

static int run(struct ctl *c, const struct ctl_command *cmd, int argc, char **argv)
{
	CLEANUP(freep) char *name = mem_printf("%s %s", c->name, cmd->name);
	CLEANUP(freep) char *examples = examples_of(c, cmd);
	const struct flags_program program = {name, cmd->usage, cmd->about, cmd->flags, cmd->n_flags, examples};
	struct flags f = flags_begin(&program, argc, argv);
	int id;

	f.out = c->out;
	f.err = c->err;
	while ((id = flags_next(&f)) > 0)
		if (ctl_option_set(&c->o, id, f.name, f.value) < 0)
			return flags_wrong(&f, "--%s: '%s' is none of its values", f.name, f.value);
	if (id == FLAGS_EXIT)
		return f.status;
	if (cmd->words && f.n_arguments != 1)
		return flags_wrong(&f, "it wants %s", cmd->usage);
	if (!cmd->words && !cmd->arguments && f.n_arguments)
		return flags_wrong(&f, "unexpected argument '%s'", f.arguments[0]);
	c->o.arguments = f.arguments;
	c->o.n_arguments = f.n_arguments;
	return (int)cmd->run(c);
}

static int wrong(const struct ctl *c, const char *what, const char *word)
{
	fprintf(c->err, "%s: %s %s; see %s --help\n", c->name, what, word, c->name);
	return CTL_USAGE;
}

static int dispatch(struct ctl *c, int argc, char **argv)
{
	const struct ctl_command *cmd;

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(c);
		return argc < 2 ? CTL_USAGE : CTL_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		fprintf(c->out, "%s %s (commit %s)\n", c->name, weft_version, weft_commit);
		return CTL_OK;
	}
	if (argv[1][0] == '-')
		return wrong(c, "there is no flag", argv[1]);
	cmd = find(argv[1]);
	return cmd ? run(c, cmd, argc - 1, argv + 1) : wrong(c, "there is no command", argv[1]);
}

int ctl_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct ctl c = {.name = called_as(argv[0]),
			.out = out,
			.err = err,
			.o = {.timeout_s = CTL_TIMEOUT_S, .failure_level = 2}};
	const int status = dispatch(&c, argc, argv);

	ctl_report_free(c.report);
	kube_client_free(c.client);
	loop_free(c.loop);
	return status;
}
