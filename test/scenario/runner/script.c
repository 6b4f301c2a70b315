/* Lines to steps. */
#include "script.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define FILE_MAX_BYTES (1u << 20)
#define INCLUDE_DEPTH_MAX 8

struct lines {
	struct slice rest;
	struct slice line; /* the current one, without its end */
	int number;
	bool more;
};

static void lines_next(struct lines *l)
{
	l->more = l->rest.len > 0;
	if (!l->more)
		return;
	l->line = slice_split(&l->rest, '\n');
	l->number++;
}

static size_t indent_of(struct slice line)
{
	size_t n = 0;

	while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
		n++;
	return n;
}

static bool is_blank(struct slice line)
{
	return indent_of(line) == line.len;
}

/* Takes the indented lines that follow; empty ones belong to the block when an indented one comes after them. */
static const char *take_block(struct lines *l, struct arena *a, int *ret_line)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	size_t depth = 0, blanks = 0;

	for (; l->more; lines_next(l)) {
		if (is_blank(l->line)) {
			blanks++;
			continue;
		}
		if (!indent_of(l->line))
			break;
		if (!depth) {
			depth = indent_of(l->line);
			*ret_line = l->number;
			blanks = 0;
		}
		for (; blanks; blanks--)
			buf_append_char(&out, '\n');
		buf_append_slice(&out, slice_from(l->line, MIN(depth, indent_of(l->line))));
		buf_append_char(&out, '\n');
	}
	return depth ? arena_slicedup(a, buf_slice(&out)) : NULL;
}

static int include(struct arena *a, const struct step *at, struct step ***tail, struct err *e, int depth);

static int parse(struct arena *a, const char *file, int line, struct slice text, struct step ***tail, struct err *e,
		 int depth)
{
	struct lines l = {.rest = text, .number = line - 1};

	lines_next(&l);
	while (l.more) {
		struct step *s;
		int r;

		if (is_blank(l.line) || l.line.ptr[0] == '#') {
			lines_next(&l);
			continue;
		}
		if (indent_of(l.line))
			return err_set(e, -EINVAL, "%s:%d: indented, but it belongs to no step", file, l.number);
		s = arena_alloc(a, sizeof(*s));
		s->file = file;
		s->line = l.number;
		s->text = arena_slicedup(a, slice_trim(l.line));
		lines_next(&l);
		s->block = take_block(&l, a, &s->block_line);
		if (strncmp(s->text, "include ", 8) != 0) {
			**tail = s;
			*tail = &s->next;
			continue;
		}
		r = include(a, s, tail, e, depth + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_into(struct arena *a, const char *path, struct step ***tail, struct err *e, int depth)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r = file_read(path, FILE_MAX_BYTES, &text, e);

	if (r < 0)
		return r;
	return parse(a, arena_strdup(a, path), 1, buf_slice(&text), tail, e, depth);
}

static int include(struct arena *a, const struct step *at, struct step ***tail, struct err *e, int depth)
{
	const char *slash = strrchr(at->file, '/');
	const char *folder = slash ? arena_slicedup(a, slice_make(at->file, (size_t)(slash - at->file))) : ".";
	const char *parent = slice_ends(slice_str(folder), SLICE("/common")) ? "" : "/../common";
	int r;

	if (depth > INCLUDE_DEPTH_MAX)
		return err_set(e, -ELOOP, "%s:%d: includes itself", at->file, at->line);
	r = read_into(a, arena_printf(a, "%s%s/%s.part", folder, parent, at->text + 8), tail, e, depth);
	return r < 0 ? err_wrap(e, r, "%s:%d", at->file, at->line) : 0;
}

int script_parse(struct arena *a, const char *file, int line, struct slice text, struct step **ret, struct err *e)
{
	struct step **tail = ret;

	*ret = NULL;
	return parse(a, file, line, text, &tail, e, 0);
}

int script_read(const char *path, struct arena *a, struct step **ret, struct err *e)
{
	struct step **tail = ret;

	*ret = NULL;
	return read_into(a, path, &tail, e, 0);
}
