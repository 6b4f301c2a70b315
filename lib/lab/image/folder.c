/*
 * Archives in a folder as the place that images are pulled from. What each has is remembered by its size and time, so
 * that a look costs a listing of the folder.
 */
#include "lab/image/image_internal.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slice.h"
#include "lab/image/load.h"

#define ARCHIVES_MAX 1000

/* Two pods that want the same image load it once. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static bool offers(const struct image_offer *o, const struct image_reference *ref)
{
	struct slice rest = slice_str(o->names);

	while (rest.len)
		if (slice_eq_str(slice_split(&rest, '\n'), ref->text))
			return true;
	return false;
}

/* What the archive has, from memory or by a look. An archive that cannot be read has nothing, and that is told once. */
static int look(struct image_store *s, const char *path, struct arena *a, struct image_offer *ret, struct err *e)
{
	CLEANUP(freep) char *names = NULL;
	struct err why = ERR_INIT;
	struct stat st;
	int r;

	if (stat(path, &st) < 0)
		return err_errno(e, errno, "%s", path);
	*ret = (struct image_offer){
		.path = path, .size = st.st_size, .mtime_ns = st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec};
	r = image_store_offer_find(s, ret, a, ret, e);
	if (r)
		return r < 0 ? r : 0;
	if (image_archive_names(path, &names, &why) < 0)
		log_warn("images", "%s", why.msg);
	ret->names = arena_strdup(a, names ? names : "");
	return image_store_offer_put(s, ret, e);
}

static int pull_from(struct image_store *s, const char *path, const struct image_reference *ref, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct image_load load = {.store = s};
	struct image_offer o;
	int r = look(s, path, &a, &o, e);

	if (r < 0 || !offers(&o, ref) || o.loaded)
		return r;
	r = image_load(&load, path, e);
	o.loaded = true;
	if (r == 0)
		r = image_store_offer_put(s, &o, e);
	return r < 0 ? r : 1;
}

int folder_pull(struct image_store *s, const char *folder, const struct image_reference *ref, struct err *e)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_errno(e, errno, "%s", folder);
	pthread_mutex_lock(&one_at_a_time);
	for (int n = 0; r == 0 && n < ARCHIVES_MAX && (entry = readdir(d)); n++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", folder, entry->d_name);

		if (slice_ends(slice_str(entry->d_name), SLICE(".tar")))
			r = pull_from(s, path, ref, e);
	}
	pthread_mutex_unlock(&one_at_a_time);
	closedir(d);
	return r;
}
