/* The images that were loaded. */
#include "lab/image/store.h"

#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"

#define BUSY_MS 20000

struct image_store {
	sqlite3 *db;
	char *dir;
};

static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
	"CREATE TABLE IF NOT EXISTS image(reference TEXT PRIMARY KEY, name TEXT NOT NULL, id TEXT NOT NULL, digest "
	"TEXT);"
	"CREATE TABLE IF NOT EXISTS config(id TEXT PRIMARY KEY, json TEXT NOT NULL, bytes INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS offer(path TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, names TEXT, loaded "
	"INTEGER);";

static int fault(struct image_store *s, struct err *e)
{
	return err_set(e, -EIO, "%s/index.db: %s", s->dir, sqlite3_errmsg(s->db));
}

static void finalizep(sqlite3_stmt **st)
{
	sqlite3_finalize(*st);
}

static int prepare(struct image_store *s, const char *sql, sqlite3_stmt **ret, struct err *e)
{
	return sqlite3_prepare_v2(s->db, sql, -1, ret, NULL) == SQLITE_OK ? 0 : fault(s, e);
}

static void bind(sqlite3_stmt *st, int i, const char *text)
{
	sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static const char *column(sqlite3_stmt *st, int i, struct arena *a)
{
	return arena_strdup(a, (const char *)sqlite3_column_text(st, i));
}

int image_store_open(const char *data_dir, struct image_store **ret, struct err *e)
{
	CLEANUP(freep) char *dir = mem_printf("%s/oci", data_dir);
	CLEANUP(freep) char *roots = mem_printf("%s/roots", dir);
	CLEANUP(freep) char *path = mem_printf("%s/index.db", dir);
	struct image_store *s;
	int r = file_mkdirs(data_dir, 0755, e);

	if (r == 0 && ((mkdir(dir, 0700) < 0 && errno != EEXIST) || (mkdir(roots, 0700) < 0 && errno != EEXIST)))
		r = err_errno(e, errno, "%s", dir);
	if (r < 0)
		return r;
	s = NEW(struct image_store);
	s->dir = take(dir);
	if (sqlite3_open(path, &s->db) != SQLITE_OK || sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK ||
	    sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
		r = fault(s, e);
		image_store_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void image_store_close(struct image_store *s)
{
	if (!s)
		return;
	sqlite3_close(s->db);
	free(s->dir);
	free(s);
}

const char *image_store_dir(const struct image_store *s)
{
	return s->dir;
}

const char *image_store_root(const struct image_store *s, const char *id, struct arena *a)
{
	const char *colon = strchr(id, ':');

	return arena_printf(a, "%s/roots/%s", s->dir, colon ? colon + 1 : id);
}

int image_store_find(struct image_store *s, const struct image_reference *ref, struct arena *a,
		     struct image_record *ret, struct err *e)
{
	const char *digest = ref->text[ref->name_len] == '@' ? ref->text + ref->name_len + 1 : NULL;
	const char *name = arena_printf(a, "%.*s", (int)ref->name_len, ref->text);
	CLEANUP(finalizep) sqlite3_stmt *st = NULL;
	int r = prepare(s,
			digest ? "SELECT reference, id, digest, json, bytes FROM image JOIN config USING (id) "
				 "WHERE name = ?1 AND (digest = ?2 OR id = ?2)"
			       : "SELECT reference, id, digest, json, bytes FROM image JOIN config USING (id) "
				 "WHERE reference = ?1",
			&st, e);

	if (r < 0)
		return r;
	bind(st, 1, digest ? name : ref->text);
	if (digest)
		bind(st, 2, digest);
	r = sqlite3_step(st);
	if (r != SQLITE_ROW)
		return r == SQLITE_DONE ? 0 : fault(s, e);
	*ret = (struct image_record){.reference = column(st, 0, a),
				     .id = column(st, 1, a),
				     .digest = column(st, 2, a),
				     .config = column(st, 3, a),
				     .bytes = (uint64_t)sqlite3_column_int64(st, 4)};
	return 1;
}

static int run(struct image_store *s, sqlite3_stmt *st, struct err *e)
{
	return sqlite3_step(st) == SQLITE_DONE ? 0 : fault(s, e);
}

int image_store_put(struct image_store *s, const struct image_reference *ref, const struct image_record *r,
		    struct err *e)
{
	CLEANUP(freep) char *name = mem_printf("%.*s", (int)ref->name_len, ref->text);
	CLEANUP(finalizep) sqlite3_stmt *config = NULL;
	CLEANUP(finalizep) sqlite3_stmt *image = NULL;
	int rc = prepare(s, "INSERT OR REPLACE INTO config VALUES (?1, ?2, ?3)", &config, e);

	if (rc == 0)
		rc = prepare(s, "INSERT OR REPLACE INTO image VALUES (?1, ?2, ?3, ?4)", &image, e);
	if (rc < 0)
		return rc;
	bind(config, 1, r->id);
	bind(config, 2, r->config);
	sqlite3_bind_int64(config, 3, (sqlite3_int64)r->bytes);
	bind(image, 1, ref->text);
	bind(image, 2, name);
	bind(image, 3, r->id);
	if (r->digest)
		bind(image, 4, r->digest);
	rc = run(s, config, e); /* a configuration without a name is nothing yet */
	return rc < 0 ? rc : run(s, image, e);
}

int image_store_each(struct image_store *s, void (*fn)(void *arg, const struct image_record *r), void *arg,
		     struct err *e)
{
	CLEANUP(finalizep) sqlite3_stmt *st = NULL;
	int r = prepare(s, "SELECT reference, id, digest, bytes FROM image JOIN config USING (id) ORDER BY reference",
			&st, e);

	if (r < 0)
		return r;
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		const struct image_record record = {.reference = (const char *)sqlite3_column_text(st, 0),
						    .id = (const char *)sqlite3_column_text(st, 1),
						    .digest = (const char *)sqlite3_column_text(st, 2),
						    .bytes = (uint64_t)sqlite3_column_int64(st, 3)};

		fn(arg, &record);
	}
	return r == SQLITE_DONE ? 0 : fault(s, e);
}

static bool is_named(struct image_store *s, const char *folder)
{
	CLEANUP(finalizep) sqlite3_stmt *st = NULL;
	CLEANUP(freep) char *pattern = mem_printf("sha%%:%s", folder);

	if (prepare(s, "SELECT 1 FROM image WHERE id LIKE ?1", &st, NULL) < 0)
		return true;
	bind(st, 1, pattern);
	return sqlite3_step(st) != SQLITE_DONE;
}

/* Removes what is stale in a folder. */
static int clear_folder(struct image_store *s, const char *folder,
			bool (*is_stale)(struct image_store *s, const char *name), struct err *e)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	int r = 0;

	if (!d)
		return err_errno(e, errno, "%s", folder);
	while (r == 0 && (entry = readdir(d))) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", folder, entry->d_name);

		if (entry->d_name[0] != '.' && is_stale(s, entry->d_name))
			r = file_remove_tree(path, e);
	}
	closedir(d);
	return r;
}

static bool is_nameless(struct image_store *s, const char *name)
{
	return !is_named(s, name);
}

/* What a load that was killed left. */
static bool is_unfinished(struct image_store *s, const char *name)
{
	(void)s;
	return strncmp(name, "load.", 5) == 0;
}

int image_store_collect(struct image_store *s, struct err *e)
{
	CLEANUP(freep) char *roots = mem_printf("%s/roots", s->dir);
	int r = clear_folder(s, roots, is_nameless, e);

	if (r == 0)
		r = clear_folder(s, s->dir, is_unfinished, e);
	if (r == 0 && sqlite3_exec(s->db, "DELETE FROM config WHERE id NOT IN (SELECT id FROM image)", NULL, NULL,
				   NULL) != SQLITE_OK)
		r = fault(s, e);
	return r;
}

int image_store_offer_find(struct image_store *s, const struct image_offer *o, struct arena *a, struct image_offer *ret,
			   struct err *e)
{
	CLEANUP(finalizep) sqlite3_stmt *st = NULL;
	int r = prepare(s, "SELECT names, loaded FROM offer WHERE path = ?1 AND size = ?2 AND mtime = ?3", &st, e);

	if (r < 0)
		return r;
	bind(st, 1, o->path);
	sqlite3_bind_int64(st, 2, o->size);
	sqlite3_bind_int64(st, 3, o->mtime_ns);
	r = sqlite3_step(st);
	if (r != SQLITE_ROW)
		return r == SQLITE_DONE ? 0 : fault(s, e);
	*ret = *o;
	ret->names = column(st, 0, a);
	ret->loaded = sqlite3_column_int(st, 1) != 0;
	return 1;
}

int image_store_offer_put(struct image_store *s, const struct image_offer *o, struct err *e)
{
	CLEANUP(finalizep) sqlite3_stmt *st = NULL;
	int r = prepare(s, "INSERT OR REPLACE INTO offer VALUES (?1, ?2, ?3, ?4, ?5)", &st, e);

	if (r < 0)
		return r;
	bind(st, 1, o->path);
	sqlite3_bind_int64(st, 2, o->size);
	sqlite3_bind_int64(st, 3, o->mtime_ns);
	bind(st, 4, o->names);
	sqlite3_bind_int(st, 5, o->loaded);
	return run(s, st, e);
}
