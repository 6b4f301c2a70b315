#include "msg/reference.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/vec.h"

/* Where a message was written out first. */
struct place {
	const struct msg_desc *desc;
	char *path;
};

struct reference {
	struct buf *out;
	VEC(struct place) seen;
};

/* A text in a cell: bars would end it. */
static void cell(struct buf *out, const char *text)
{
	for (; text && *text; text++) {
		if (*text == '|')
			buf_append_char(out, '\\');
		buf_append_char(out, *text == '\n' ? ' ' : *text);
	}
}

static void words(struct buf *out, const struct msg_enum *e)
{
	for (size_t i = 0; i < e->n; i++)
		buf_printf(out, "%s`%s`", i ? ", " : "", e->values[i].name);
}

static void type_of(struct buf *out, const struct msg_field *f)
{
	static const char *const names[MSG_TYPE_COUNT] = {
		[MSG_BOOL] = "boolean",        [MSG_INT32] = "integer",
		[MSG_UINT32] = "integer",      [MSG_INT64] = "integer",
		[MSG_DOUBLE] = "number",       [MSG_STRING] = "text",
		[MSG_QUANTITY] = "quantity",   [MSG_ENUM] = "text",
		[MSG_DURATION] = "duration",   [MSG_INT_OR_STR] = "integer or text",
		[MSG_MESSAGE] = "object",      [MSG_STR_MAP] = "texts by name",
		[MSG_MAP] = "objects by name", [MSG_JSON] = "anything",
	};

	buf_append_str(out, f->flags & MSG_LIST ? "list of " : "");
	if (f->enums)
		words(out, f->enums);
	else
		buf_append_str(out, f->type == MSG_JSON && f->flags & MSG_OBJECT ? "object" : names[f->type]);
	if (f->flags & MSG_REQUIRED)
		buf_append_str(out, "; required");
	if (f->dflt) {
		buf_append_str(out, "; default `");
		cell(out, f->dflt);
		buf_append_char(out, '`');
	}
}

static void fate_of(struct buf *out, const struct msg_field *f)
{
	static const char *const names[] = {[MSG_UNSAID] = "passed on",
					    [MSG_DONE] = "carried out",
					    [MSG_TOLD] = "told",
					    [MSG_MOOT] = "nothing to do"};

	buf_append_str(out, names[f->fate]);
	for (const char *const *u = f->unless; u && *u; u++)
		buf_printf(out, "%s`%s`", u == f->unless ? ", unless " : ", ", *u);
	if (f->note && (f->fate == MSG_TOLD || f->fate == MSG_MOOT)) {
		buf_append_str(out, ": ");
		cell(out, f->note);
	}
}

static const char *seen_at(const struct reference *r, const struct msg_desc *desc)
{
	for (size_t i = 0; i < r->seen.n; i++)
		if (r->seen.v[i].desc == desc)
			return r->seen.v[i].path;
	return NULL;
}

static bool leads_on(const struct msg_field *f)
{
	return f->desc && f->desc->n_fields && (f->fate == MSG_DONE || (f->fate == MSG_TOLD && f->unless));
}

static void fields(struct reference *r, const struct msg_desc *desc, const char *path)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct msg_field *f = &desc->fields[i];
		CLEANUP(freep) char *at = mem_printf("%s%s%s", path, *path ? "." : "", f->name);
		const char *before = leads_on(f) ? seen_at(r, f->desc) : NULL;

		buf_printf(r->out, "| `%s` | ", at);
		type_of(r->out, f);
		buf_append_str(r->out, " | ");
		cell(r->out, f->doc ? f->doc : f->desc ? f->desc->doc : NULL);
		if (before)
			buf_printf(r->out, " Fields as of `%s`.", before);
		buf_append_str(r->out, " | ");
		fate_of(r->out, f);
		buf_append_str(r->out, " |\n");
		if (leads_on(f) && !before) {
			vec_push(&r->seen, (struct place){f->desc, mem_printf("%s", at)});
			fields(r, f->desc, at);
		}
	}
}

void msg_reference(const struct msg_desc *desc, struct buf *out)
{
	struct reference r = {.out = out};

	buf_append_str(out, "| field | type | what it means | what becomes of it |\n|---|---|---|---|\n");
	fields(&r, desc, "");
	for (size_t i = 0; i < r.seen.n; i++)
		free(r.seen.v[i].path);
	vec_done(&r.seen);
}
