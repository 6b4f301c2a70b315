/* Rows as a table, as JSON, as YAML. */
#include "ctl/core/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"
#include "msg/yaml.h"

struct ctl_report {
	FILE *out;
	enum ctl_format format;
	const struct ctl_column *columns;
	size_t n_columns;
	cJSON *rows;
	bool headed, coloured;
};

/* Colour is for people who see it, and want it (no-color.org). */
static bool is_terminal(FILE *out)
{
	const char *no = getenv("NO_COLOR");

	return !(no && *no) && fileno(out) >= 0 && isatty(fileno(out));
}

struct ctl_report *ctl_report_new(FILE *out, enum ctl_format format, const struct ctl_column *columns, size_t n)
{
	struct ctl_report *r = mem_calloc(1, sizeof(*r));

	*r = (struct ctl_report){.out = out,
				 .coloured = is_terminal(out),
				 .format = format,
				 .columns = columns,
				 .n_columns = n,
				 .rows = cJSON_CreateArray()};
	return r;
}

void ctl_report_free(struct ctl_report *r)
{
	if (!r)
		return;
	cJSON_Delete(r->rows);
	free(r);
}

/* What a terminal must not be told: control characters of others' texts. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, out);
}

/* How results and levels are shown: good, doubtful, bad. */
static const char *colour_of(const char *text)
{
	static const struct {
		const char *text, *colour;
	} rows[] = {{"ok", "32"},      {"carried out", "32"}, {"allowed", "33"}, {"warning", "33"},
		    {"differs", "33"}, {"Warning", "33"},     {"FAILED", "31"},  {"refused", "31"},
		    {"Error", "31"},   {"denied", "31"},      {"not read", "31"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].text, text))
			return rows[i].colour;
	return NULL;
}

static void put_cell(const struct ctl_report *r, size_t i, const char *text)
{
	const int width = r->columns[i].width;
	const int gap = width - (int)strlen(text);

	const char *colour = r->coloured ? colour_of(text) : NULL;

	if (colour)
		fprintf(r->out, "\033[%sm", colour);
	put_text(r->out, text);
	if (colour)
		fputs("\033[0m", r->out);
	if (i + 1 < r->n_columns)
		fprintf(r->out, "%*s", gap > 0 ? gap + 2 : 2, "");
}

static void put_row(struct ctl_report *r, const cJSON *row)
{
	for (size_t i = 0; !r->headed && i < r->n_columns; i++)
		put_cell(r, i, r->columns[i].title);
	if (!r->headed)
		fputc('\n', r->out);
	r->headed = true;
	for (size_t i = 0; i < r->n_columns; i++)
		put_cell(r, i, json_str_or_empty(row, r->columns[i].key));
	fputc('\n', r->out);
	fflush(r->out);
}

void ctl_report_add(struct ctl_report *r, cJSON *row)
{
	cJSON_AddItemToArray(r->rows, row);
	if (r->format == CTL_TABLE)
		put_row(r, row);
}

static void print_document(FILE *to, enum ctl_format format, const cJSON *doc)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (format == CTL_YAML)
		yaml_print(doc, &out);
	else
		json_print(doc, &out);
	fprintf(to, "%s%s", buf_str(&out), format == CTL_YAML ? "" : "\n");
}

void ctl_print(struct ctl *c, const cJSON *doc)
{
	print_document(c->out, c->o.format, doc);
}

void ctl_report_end(struct ctl_report *r, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(json_freep) cJSON *all = NULL;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (r->format == CTL_TABLE) {
		fprintf(r->out, "%s\n", buf_str(&text));
		return;
	}
	all = cJSON_CreateObject();
	cJSON_AddItemReferenceToObject(all, "items", r->rows);
	json_set_str(all, "summary", buf_str(&text));
	print_document(r->out, r->format, all);
}

void ctl_report_step(struct ctl_report *r, const char *what, const char *result, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *row = cJSON_CreateObject();
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	json_set_str(row, "what", what);
	json_set_str(row, "result", result);
	json_set_str(row, "message", buf_str(&text));
	ctl_report_add(r, row);
}

struct ctl_report *ctl_report_steps(FILE *out, enum ctl_format format)
{
	static const struct ctl_column columns[] = {{"STEP", "what", 20}, {"RESULT", "result", 7}, {"", "message", 0}};

	return ctl_report_new(out, format, columns, ARRAY_LEN(columns));
}
