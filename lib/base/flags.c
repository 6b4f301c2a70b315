/* Flags and what is said about them. */
#include "base/flags.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "base/version.h"

#define COLUMN 28
#define ID_HELP (-2)
#define ID_VERSION (-3)

static const struct flag common[] = {
	{ID_HELP, "help", NULL, "says this"},
	{ID_VERSION, "version", NULL, "says which version it is"},
};

static bool is_optional(const struct flag *f)
{
	return f->value && f->value[0] == '[';
}

static void print_flag(FILE *to, const struct flag *f)
{
	int n = f->id > 0 && f->id < 128 && isalnum(f->id) ? fprintf(to, "  -%c, --%s", f->id, f->name)
							   : fprintf(to, "  --%s", f->name);

	if (is_optional(f))
		n += fprintf(to, "[=%.*s]", (int)strlen(f->value) - 2, f->value + 1);
	else if (f->value)
		n += fprintf(to, " %s", f->value);
	if (n >= COLUMN)
		n = fprintf(to, "\n") - 1;
	fprintf(to, "%*s%s\n", COLUMN - n, "", f->help);
}

static void print_help(const struct flags_program *p, FILE *to)
{
	const char *line = p->usage, *end;

	for (const char *word = "usage:"; line; word = "      ") {
		end = strchr(line, '\n');
		fprintf(to, "%s %s%s%.*s\n", word, p->name, *line ? " " : "",
			(int)(end ? (size_t)(end - line) : strlen(line)), line);
		line = end ? end + 1 : NULL;
	}
	fprintf(to, "%s%s\n", p->about ? p->about : "", p->about ? "\n" : "");
	for (size_t i = 0; i < p->n; i++)
		if (p->flags[i].help)
			print_flag(to, &p->flags[i]);
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		print_flag(to, &common[i]);
	const char *before = "taken, and nothing comes of it:";
	bool any = false;

	for (size_t i = 0; i < p->n; i++)
		if (!p->flags[i].help) {
			fprintf(to, "%s --%s", before, p->flags[i].name);
			before = "";
			any = true;
		}
	if (any)
		fputc('\n', to);
	if (p->more)
		fputs(p->more, to);
}

int flags_wrong(const struct flags *f, const char *format, ...)
{
	FILE *to = f->err ? f->err : stderr;
	va_list ap;

	fprintf(to, "%s: ", f->program->name);
	va_start(ap, format);
	vfprintf(to, format, ap);
	va_end(ap);
	fprintf(to, "; see %s --help\n", f->program->name);
	return 2;
}

static int leave(struct flags *f, int status)
{
	f->status = status;
	return FLAGS_EXIT;
}

static const struct flag *find_name(const struct flags_program *p, const char *name, size_t len)
{
	for (size_t i = 0; i < p->n; i++)
		if (strlen(p->flags[i].name) == len && memcmp(p->flags[i].name, name, len) == 0)
			return &p->flags[i];
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (strlen(common[i].name) == len && memcmp(common[i].name, name, len) == 0)
			return &common[i];
	return NULL;
}

static const struct flag *find_letter(const struct flags_program *p, char letter)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->flags[i].id == letter)
			return &p->flags[i];
	return letter == 'h' ? &common[0] : NULL;
}

static int found(struct flags *f, const struct flag *flag)
{
	FILE *to = f->out ? f->out : stdout;

	f->name = flag->name;
	if (flag->id == ID_HELP)
		print_help(f->program, to);
	else if (flag->id == ID_VERSION)
		fprintf(to, "%s %s (commit %s)\n", f->program->name, weft_version, weft_commit);
	return flag->id > 0 ? flag->id : leave(f, 0);
}

/* Takes the next word as the value of a flag that needs one. */
static bool take_value(struct flags *f, const struct flag *flag)
{
	if (!flag->value || is_optional(flag) || f->value)
		return true;
	if (f->at < f->argc)
		f->value = f->argv[f->at++];
	return f->value != NULL;
}

static int long_form(struct flags *f, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	const struct flag *flag = find_name(f->program, text, len);

	if (!flag)
		return leave(f, flags_wrong(f, "there is no flag --%.*s", (int)len, text));
	f->value = equals ? equals + 1 : NULL;
	if (f->value && !flag->value)
		return leave(f, flags_wrong(f, "--%s takes no value", flag->name));
	if (!take_value(f, flag))
		return leave(f, flags_wrong(f, "--%s needs a value", flag->name));
	return found(f, flag);
}

static int short_form(struct flags *f)
{
	char letter = *f->letters++;
	const struct flag *flag = find_letter(f->program, letter);

	if (!flag)
		return leave(f, flags_wrong(f, "there is no flag -%c", letter));
	f->value = NULL;
	if (flag->value && !is_optional(flag) && *f->letters) {
		f->value = f->letters;
		f->letters = NULL;
	}
	if (!take_value(f, flag))
		return leave(f, flags_wrong(f, "-%c needs a value", letter));
	return found(f, flag);
}

int flags_next(struct flags *f)
{
	if (f->letters && *f->letters)
		return short_form(f);
	while (f->at < f->argc) {
		const char *word = f->argv[f->at++];

		if (!f->only_arguments && strcmp(word, "--") == 0) {
			f->only_arguments = true;
		} else if (!f->only_arguments && word[0] == '-' && word[1] == '-') {
			return long_form(f, word + 2);
		} else if (!f->only_arguments && word[0] == '-' && word[1]) {
			f->letters = word + 1;
			return short_form(f);
		} else if (f->n_arguments == FLAGS_ARGUMENTS_MAX) {
			return leave(f, flags_wrong(f, "too many arguments, from %s on", word));
		} else {
			f->arguments[f->n_arguments++] = word;
		}
	}
	return FLAGS_DONE;
}
