/* From a reference to what a container needs. */
#include "lab/image/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "lab/image/document.h"
#include "lab/sys/inside.h"

#define USERS_MAX_BYTES (1u << 20)

/* A file of the image; one that is missing, or no file, is empty. */
static struct slice read_file(int root, const char *path, struct arena *a)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	return inside_read(root, path, USERS_MAX_BYTES, &text, &e) < 0
		       ? SLICE("")
		       : slice_make(arena_slicedup(a, buf_slice(&text)), text.len);
}

static int from_record(struct image_store *s, const struct image_record *r, struct image *ret, struct err *e)
{
	struct arena *a = &ret->arena;
	struct image_config c;
	const char *root = image_store_root(s, r->id, a);
	CLEANUP(closep) int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? err_errno(e, errno, "the files of image %s", r->reference)
			: image_config_parse(slice_str(r->config), a, &c, e);
	const char *end = strchr(r->reference, '@');

	if (rc < 0)
		return rc;
	if (!end)
		end = strrchr(r->reference, ':');
	ret->name = arena_printf(a, "%.*s", (int)(end - r->reference), r->reference);
	ret->id = r->digest ? r->digest : r->id;
	ret->root = root;
	ret->entrypoint = c.entrypoint;
	ret->command = c.command;
	ret->env = c.env;
	ret->cwd = *c.cwd ? c.cwd : "/";
	ret->stop_signal = c.stop_signal;
	ret->user = c.user;
	ret->users = (struct image_users){read_file(fd, "etc/passwd", a), read_file(fd, "etc/group", a)};
	return 0;
}

/* 1, 0 (not loaded) or an error. */
static int from_store(struct image_store *s, const struct image_reference *ref, struct image *ret, struct err *e)
{
	struct image_record record;
	int r = image_store_find(s, ref, &ret->arena, &record, e);

	if (r > 0)
		r = from_record(s, &record, ret, e);
	return r < 0 ? r : ret->root != NULL;
}

static int not_there(const struct image_place *place, const char *reference, enum image_pull pull, struct err *e)
{
	if (pull == IMAGE_PULL_NEVER)
		return err_set(e, -ENOENT, "Container image \"%.256s\" is not present with pull policy of Never",
			       reference);
	return err_set(
		e, -ENOENT,
		"the lab has no image \"%.256s\" and pulls nothing from a network: load its archive (weft-lab load "
		"FILE.tar)%s%.256s",
		reference, place->images_dir ? " or put it into " : "", place->images_dir ? place->images_dir : "");
}

static int get(const struct image_place *place, const struct image_reference *ref, enum image_pull pull,
	       struct image *ret, struct err *e)
{
	CLEANUP(image_store_closep) struct image_store *s = NULL;
	const struct builtin *b = builtin_find(ref);
	bool from_folder = place->images_dir && !b && pull != IMAGE_PULL_NEVER;
	int r = image_store_open(place->data_dir, &s, e);

	if (r == 0 && from_folder && pull == IMAGE_PULL_ALWAYS)
		r = folder_pull(s, place->images_dir, ref, e);
	if (r < 0)
		return r;
	ret->pulled = r > 0;
	r = from_store(s, ref, ret, e);
	if (r != 0)
		return r;
	if (b)
		return builtin_get(b, place, ret, e) < 0 ? e->code : 1;
	if (from_folder && pull != IMAGE_PULL_ALWAYS)
		r = folder_pull(s, place->images_dir, ref, e);
	ret->pulled = r > 0;
	return r > 0 ? from_store(s, ref, ret, e) : r;
}

int image_get(const struct image_place *place, const char *reference, enum image_pull pull, struct image *ret,
	      struct err *e)
{
	struct image_reference ref;
	int r = image_reference_parse(reference, &ref, e);

	*ret = (struct image){.arena = ARENA_INIT};
	if (r < 0)
		return r;
	r = get(place, &ref, pull, ret, e);
	if (r == 0)
		return not_there(place, reference, pull, e);
	if (r == -EINVAL) /* that is what a name without meaning is told by */
		r = e->code = -EIO;
	return r < 0 ? r : 0;
}

void image_done(struct image *i)
{
	arena_done(&i->arena);
	*i = (struct image){.arena = ARENA_INIT};
}
