/* Files and folders as sets of objects, and where their values stand. */
#include "ctl/source/source.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "ctl/source/source_internal.h"
#include "msg/json.h"

void source_done(struct source_set *s)
{
	vec_done(&s->objects);
	vec_done(&s->remarks);
	arena_done(&s->arena);
}

void source_remark(struct source_set *s, const char *path, bool unread, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	vec_push(&s->remarks, (struct source_remark){arena_strdup(&s->arena, path),
						     arena_strdup(&s->arena, buf_str(&text)), unread});
}

static void delete_document(void *doc)
{
	cJSON_Delete(doc);
}

static void forget_lines(void *lines)
{
	yaml_lines_done(lines);
}

struct reading {
	struct source_set *set;
	const char *from;
	const struct yaml_lines *lines;
};

static int give(const struct reading *r, cJSON *o, struct err *e)
{
	const char *kind = json_str_or_empty(o, "kind");
	const size_t len = strlen(kind);
	int rc = 0;

	if (len >= 4 && !strcmp(kind + len - 4, "List") && cJSON_IsArray(json_get(o, "items"))) {
		for (cJSON *item = json_get(o, "items")->child; rc == 0 && item; item = item->next)
			rc = give(r, item, e);
		return rc;
	}
	if (r->set->objects.n == SOURCE_OBJECTS_MAX)
		return err_set(e, -EMSGSIZE, "more than %d objects", SOURCE_OBJECTS_MAX);
	vec_push(&r->set->objects, (struct source_object){o, r->from, r->lines});
	return 0;
}

static int on_doc(void *arg, cJSON *doc, struct yaml_lines *lines, struct err *e)
{
	struct reading *r = arg;
	struct yaml_lines *kept = ARENA_NEW(&r->set->arena, struct yaml_lines);

	*kept = *lines;
	*lines = (struct yaml_lines){0};
	arena_on_done(&r->set->arena, forget_lines, kept);
	arena_on_done(&r->set->arena, delete_document, doc);
	r->lines = kept;
	return give(r, doc, e);
}

/* JSON is YAML. */
int source_read_file(struct source_set *s, const char *path, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct reading r = {s, arena_strdup(&s->arena, path), NULL};
	int rc = file_read(strcmp(path, "-") != 0 ? path : "/dev/stdin", YAML_MAX_BYTES, &text, e);

	if (rc < 0)
		return rc;
	rc = yaml_each_lines(buf_slice(&text), on_doc, &r, e);
	return rc < 0 ? err_wrap(e, rc, "%s", path) : 0;
}

static bool is_manifest(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml") || !strcmp(dot, ".json"));
}

/* A folder may hold data and templates beside manifests: what cannot be read is told, and the others are read. */
static int read_entry(struct source_set *s, const char *path, const char *name, int deep, struct err *e)
{
	CLEANUP(freep) char *whole = mem_printf("%s/%s", path, name);
	const size_t before = s->objects.n;
	struct err bad = ERR_INIT;
	struct stat st;

	if (stat(whole, &st) < 0)
		return 0; /* a link to nothing */
	if (S_ISDIR(st.st_mode))
		return deep < SOURCE_FOLDERS_DEEP_MAX ? source_read_folder(s, whole, deep + 1, e) : 0;
	if (!S_ISREG(st.st_mode) || !is_manifest(name) || source_read_file(s, whole, &bad) == 0)
		return 0;
	s->objects.n = before; /* all of a file, or nothing */
	source_remark(s, whole, true, "%s", bad.msg);
	return 0;
}

int source_read_folder(struct source_set *s, const char *path, int deep, struct err *e)
{
	struct dirent **entries;
	const int n = scandir(path, &entries, NULL, alphasort);
	int r = 0;

	if (n < 0)
		return err_errno(e, errno, "%s", path);
	for (int i = 0; i < n; i++) {
		if (r == 0 && entries[i]->d_name[0] != '.')
			r = read_entry(s, path, entries[i]->d_name, deep, e);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* Whether it is a folder; -errno when there is nothing of that name. */
static int is_folder(const char *path, struct err *e)
{
	struct stat st;

	if (!strcmp(path, "-"))
		return 0;
	return stat(path, &st) < 0 ? err_errno(e, errno, "%s", path) : S_ISDIR(st.st_mode);
}

int source_files(struct source_set *s, const char *path, struct err *e)
{
	const int folder = is_folder(path, e);

	if (folder < 0)
		return folder;
	return folder ? source_read_folder(s, path, 0, e) : source_read_file(s, path, e);
}

int source_tree(struct source_set *s, const char *path, struct err *e)
{
	const int folder = is_folder(path, e);
	const char *kustomization = folder > 0 ? source_kustomization(s, path) : NULL;

	if (folder < 0)
		return folder;
	return kustomization ? source_read_kustomization(s, kustomization, 0, e) : source_files(s, path, e);
}

/* --- places --- */

unsigned source_line(const struct source_object *o, const char *path)
{
	return o->lines ? yaml_line_at(o->lines, o->json, path) : 0;
}

const char *source_place(const struct source_object *o, const char *path, struct arena *a)
{
	const unsigned line = source_line(o, path);

	return line ? arena_printf(a, "%s:%u", o->from, line) : o->from;
}
