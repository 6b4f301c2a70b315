/* What shells need to complete commands, flags and their values: made from the table of commands. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ctl/front/commands.h"

static void print_words(FILE *out, const char *const *words)
{
	for (size_t i = 0; words && words[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", words[i]);
}

static void print_names(FILE *out)
{
	for (size_t i = 0; i < ctl_commands_count; i++)
		fprintf(out, "%s%s", i ? " " : "", ctl_commands[i].name);
}

static void print_flags(FILE *out, const struct ctl_command *cmd)
{
	for (size_t i = 0; i < cmd->n_flags; i++)
		fprintf(out, "--%s ", cmd->flags[i].name);
	fputs("--help", out);
}

/* The case of one command's flags that have words, and of the files that others take. */
static void bash_values(FILE *out, const struct ctl_command *cmd)
{
	for (size_t i = 0; i < cmd->n_flags; i++) {
		const struct flag *f = &cmd->flags[i];

		if (!f->value)
			continue;
		fprintf(out, "    %s:--%s", cmd->name, f->name);
		if (f->id < 128)
			fprintf(out, "|%s:-%c", cmd->name, f->id);
		fputs(ctl_flag_words(f->name) ? ") words=\"" : ") ", out);
		print_words(out, ctl_flag_words(f->name));
		if (ctl_flag_words(f->name))
			fputs("\";;\n", out);
		else
			fprintf(out, "%s;;\n",
				strstr(f->value, "FILE") ? "COMPREPLY=($(compgen -f -- \"$cur\")); return" : "return");
	}
}

static void print_bash(FILE *out)
{
	fputs("# bash completion of weftctl\n_weftctl() {\n"
	      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
	      "  if [ \"$COMP_CWORD\" = 1 ]; then words=\"",
	      out);
	print_names(out);
	fputs(" --help --version\"\n  else case ${COMP_WORDS[1]}:$prev in\n", out);
	for (size_t i = 0; i < ctl_commands_count; i++)
		bash_values(out, &ctl_commands[i]);
	fputs("    *) case ${COMP_WORDS[1]} in\n", out);
	for (size_t i = 0; i < ctl_commands_count; i++) {
		fprintf(out, "      %s) words=\"", ctl_commands[i].name);
		print_words(out, ctl_commands[i].words);
		fputs(ctl_commands[i].words ? " " : "", out);
		print_flags(out, &ctl_commands[i]);
		fputs("\";;\n", out);
	}
	fputs("    esac;;\n  esac; fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
	      "complete -F _weftctl weftctl\n",
	      out);
}

/* In single quotes, with zsh's own letters escaped. */
static void zsh_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			fputc('\\', out);
		fputs(*text == '\'' ? "'\\''" : (char[]){*text, 0}, out);
	}
}

static void zsh_flag(FILE *out, const struct flag *f)
{
	fprintf(out, " \\\n        '*--%s[", f->name);
	zsh_text(out, f->help);
	fputc(']', out);
	if (f->value) {
		fprintf(out, ":%s:", f->value);
		if (ctl_flag_words(f->name)) {
			fputc('(', out);
			print_words(out, ctl_flag_words(f->name));
			fputc(')', out);
		} else if (strstr(f->value, "FILE")) {
			fputs("_files", out);
		}
	}
	fputc('\'', out);
}

static void print_zsh(FILE *out)
{
	fputs("#compdef weftctl\n_weftctl() {\n  local -a commands=(\n", out);
	for (size_t i = 0; i < ctl_commands_count; i++) {
		fprintf(out, "    '%s:", ctl_commands[i].name);
		zsh_text(out, ctl_commands[i].about);
		fputs("'\n", out);
	}
	fputs("  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  shift words; (( CURRENT-- "
	      "))\n"
	      "  case $words[1] in\n",
	      out);
	for (size_t i = 0; i < ctl_commands_count; i++) {
		const struct ctl_command *cmd = &ctl_commands[i];

		fprintf(out, "    %s)\n      _arguments '--help[says how it is used]'", cmd->name);
		for (size_t k = 0; k < cmd->n_flags; k++)
			zsh_flag(out, &cmd->flags[k]);
		if (cmd->words) {
			fputs(" \\\n        '1::(", out);
			print_words(out, cmd->words);
			fputs(")'", out);
		}
		fputs(";;\n", out);
	}
	fputs("  esac\n}\ncompdef _weftctl weftctl\n", out);
}

static void fish_flag(FILE *out, const struct ctl_command *cmd, const struct flag *f)
{
	fprintf(out, "complete -c weftctl -n '__fish_seen_subcommand_from %s' -l %s", cmd->name, f->name);
	if (f->id < 128)
		fprintf(out, " -s %c", f->id);
	if (f->value) {
		fputs(strstr(f->value, "FILE") ? " -r -F" : " -x", out);
		if (ctl_flag_words(f->name)) {
			fputs(" -a '", out);
			print_words(out, ctl_flag_words(f->name));
			fputc('\'', out);
		}
	}
	fprintf(out, " -d \"%s\"\n", f->help);
}

static void print_fish(FILE *out)
{
	fputs("# fish completion of weftctl\ncomplete -c weftctl -f\n", out);
	for (size_t i = 0; i < ctl_commands_count; i++) {
		const struct ctl_command *cmd = &ctl_commands[i];

		fprintf(out, "complete -c weftctl -n __fish_use_subcommand -a %s -d \"%s\"\n", cmd->name, cmd->about);
		for (size_t k = 0; k < cmd->n_flags; k++)
			fish_flag(out, cmd, &cmd->flags[k]);
		if (!cmd->words)
			continue;
		fprintf(out, "complete -c weftctl -n '__fish_seen_subcommand_from %s' -a '", cmd->name);
		print_words(out, cmd->words);
		fputs("'\n", out);
	}
}

enum ctl_status ctl_completion(struct ctl *c)
{
	static void (*const print[])(FILE * out) = {print_bash, print_zsh, print_fish};
	static const char *const shells[] = {"bash", "zsh", "fish"};

	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (!strcmp(c->o.arguments[0], shells[i])) {
			print[i](c->out);
			return CTL_OK;
		}
	}
	fprintf(c->err, "%s: no completion for %s: bash, zsh or fish\n", c->name, c->o.arguments[0]);
	return CTL_USAGE;
}
