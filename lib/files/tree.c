/*
 * The folder as a list of files, each read again when it changed. A file counts by what it held when it was good last:
 * whole while it is broken, and object by object where one is refused.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "files/internal.h"
#include "msg/yaml.h"

#define YOUNG_NS (100ll * NS_PER_MS) /* whoever writes a file in place is given that long after each write */

struct looking {
	struct tree *t;
	int64_t now_ns;
	void (*last_good)(void *arg, struct file *f);
	void *arg;
	bool changed;
};

static void faults_done(struct file *f)
{
	for (size_t i = 0; i < f->faults.n; i++) {
		free(f->faults.v[i].object);
		free(f->faults.v[i].text);
	}
	vec_done(&f->faults);
}

static void file_free(struct file *f)
{
	for (size_t i = 0; i < f->objects.n; i++)
		said_done(&f->objects.v[i]);
	vec_done(&f->objects);
	faults_done(f);
	free(f->path);
	free(f);
}

static void folders_done(struct tree *t)
{
	for (size_t i = 0; i < t->folders.n; i++)
		free(t->folders.v[i]);
	vec_done(&t->folders);
}

void tree_done(struct tree *t)
{
	for (size_t i = 0; i < t->files.n; i++)
		file_free(t->files.v[i]);
	vec_done(&t->files);
	map_done(&t->by_path);
	folders_done(t);
	free(t->problem);
}

/* --- one file --- */

static struct said *said_before(struct file *f, const struct said *s)
{
	for (size_t i = 0; i < f->objects.n; i++) {
		struct said *x = &f->objects.v[i];

		if (x->json && x->kind == s->kind && !strcmp(x->ns, s->ns) && !strcmp(x->name, s->name))
			return x;
	}
	return NULL;
}

/* What the text says now takes the place of what it said; of what is refused, what was good last stays. */
static void take_over(struct file *f, struct reading *r)
{
	for (size_t i = 0; i < r->refused.n; i++) {
		struct said *old = said_before(f, &r->refused.v[i]);

		if (!old)
			continue;
		vec_push(&r->objects, (struct said){old->kind, old->ns, old->name, old->json, r->refused.v[i].line});
		old->json = NULL;
	}
	for (size_t i = 0; i < f->objects.n; i++)
		said_done(&f->objects.v[i]);
	vec_done(&f->objects);
	for (size_t i = 0; i < r->objects.n; i++)
		vec_push(&f->objects, r->objects.v[i]);
	r->objects.n = 0;
}

static void fail(struct file *f, struct reading *r, const char *why)
{
	reading_done(r);
	*r = (struct reading){.broken = true};
	reading_tell(r, 0, true, "", "%s", why);
	f->hash = 0;
}

static void read_file(struct looking *l, struct file *f, const char *path)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct reading r = {0};
	struct err e = ERR_INIT;
	uint64_t hash;

	if (file_read(path, YAML_MAX_BYTES, &text, &e) < 0) {
		fail(f, &r, e.msg);
	} else {
		hash = hash_bytes(buf_slice(&text)) | 1;
		if (hash == f->hash)
			return;
		f->hash = hash;
		reading_of(buf_slice(&text), l->t->ns, &r);
	}
	l->changed = true;
	f->fresh |= !r.broken;
	if (!r.broken)
		take_over(f, &r);
	faults_done(f);
	for (size_t i = 0; i < r.faults.n; i++)
		vec_push(&f->faults, r.faults.v[i]);
	r.faults.n = 0;
	reading_done(&r);
}

static int64_t ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static bool is_new(struct looking *l, struct file *f, const struct stat *st)
{
	const struct stamp now = {st->st_dev, st->st_ino, (uint64_t)st->st_size, ns_of(st->st_ctim),
				  ns_of(st->st_mtim)};

	if (f->hash && !memcmp(&now, &f->stamp, sizeof(now)))
		return false;
	if (now.modified_ns <= l->now_ns && l->now_ns - now.modified_ns < YOUNG_NS) {
		l->t->young = true;
		return false;
	}
	f->stamp = now;
	return true;
}

static void look_at(struct looking *l, const char *below, const char *path, const struct stat *st)
{
	struct file *f = map_get(&l->t->by_path, slice_str(below));

	if (!f && l->t->files.n >= FILES_MAX) {
		free(l->t->problem);
		l->t->problem = mem_printf("there are more than %d files", FILES_MAX);
		return;
	}
	if (!f) {
		f = NEW(struct file);
		f->path = mem_strdup(below);
		if (l->last_good)
			l->last_good(l->arg, f);
		vec_push(&l->t->files, f);
		map_set(&l->t->by_path, slice_str(f->path), f);
	}
	f->seen = true;
	if (is_new(l, f, st))
		read_file(l, f, path);
}

/* --- the folder --- */

static bool is_manifest(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml") || !strcmp(dot, ".json"));
}

static void walk(struct looking *l, const char *below, int deep);

static void enter(struct looking *l, const char *below, const char *name, int deep)
{
	CLEANUP(freep) char *there = mem_printf("%s%s%s", below, *below ? "/" : "", name);
	CLEANUP(freep) char *path = mem_printf("%s/%s", l->t->dir, there);
	struct stat st;

	if (stat(path, &st) < 0)
		return; /* it went, or is a link to nothing */
	if (S_ISDIR(st.st_mode) && deep < FILES_FOLDERS_DEEP_MAX)
		walk(l, there, deep + 1);
	else if (S_ISREG(st.st_mode) && is_manifest(name))
		look_at(l, there, path, &st);
}

/* A folder that cannot be read keeps what it had: that is told, and is not as if it were empty. */
static void keep_all(struct looking *l, const char *below)
{
	const size_t n = strlen(below);

	for (size_t i = 0; i < l->t->files.n; i++)
		if (!strncmp(l->t->files.v[i]->path, below, n))
			l->t->files.v[i]->seen = true;
}

static void walk(struct looking *l, const char *below, int deep)
{
	char *path = mem_printf("%s%s%s", l->t->dir, *below ? "/" : "", below);
	struct dirent **entries;
	const int n = scandir(path, &entries, NULL, alphasort);

	vec_push(&l->t->folders, path);
	if (n < 0) {
		free(l->t->problem);
		l->t->problem = mem_printf("%s: %s", path, strerror(errno));
		keep_all(l, below);
		return;
	}
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.')
			enter(l, below, entries[i]->d_name, deep);
		free(entries[i]);
	}
	free(entries);
}

static int cmp_path(const void *a, const void *b)
{
	return strcmp((*(struct file *const *)a)->path, (*(struct file *const *)b)->path);
}

bool tree_look(struct tree *t, int64_t now_ns, void (*last_good)(void *arg, struct file *f), void *arg)
{
	CLEANUP(freep) char *before = take(t->problem);
	struct looking l = {t, now_ns, last_good, arg, false};

	t->young = false;
	folders_done(t);
	for (size_t i = 0; i < t->files.n; i++)
		t->files.v[i]->seen = false;
	walk(&l, "", 0);
	for (size_t i = t->files.n; i-- > 0;) {
		if (t->files.v[i]->seen)
			continue;
		map_remove(&t->by_path, slice_str(t->files.v[i]->path));
		file_free(t->files.v[i]);
		vec_remove(&t->files, i);
		l.changed = true;
	}
	if (l.changed && t->files.n)
		qsort(t->files.v, t->files.n, sizeof(t->files.v[0]), cmp_path);
	return l.changed || strcmp(before ? before : "", t->problem ? t->problem : "") != 0;
}
