/* Archives of images into the store. */
#include "lab/image/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/image/document.h"
#include "lab/image/tar.h"
#include "lab/sys/inside.h"

/* One archive, unpacked beside the store. */
struct loading {
	const struct image_load *o;
	struct arena arena;
	char *dir, *root_dir; /* owned, removed in the end: the archive; the image that is being made */
	int fd;               /* of dir */
	struct image_manifest *images;
	size_t n;
};

const char *image_architecture(void)
{
	static struct utsname u; /* the same for every thread */

	uname(&u);
	if (strcmp(u.machine, "x86_64") == 0)
		return "amd64";
	return strcmp(u.machine, "aarch64") == 0 ? "arm64" : u.machine;
}

/* ---- what the archive lists ---- */

static int read_document(struct loading *l, const char *path, struct buf *out, struct err *e)
{
	return inside_read(l->fd, path, IMAGE_DOCUMENT_MAX_BYTES, out, e);
}

/* Of a blob with a digest, which it must have. */
static int read_blob(struct loading *l, const char *digest, struct buf *out, struct err *e)
{
	const char *path = image_blob_path(&l->arena, digest);
	CLEANUP(closep) int fd = inside_open(l->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	int r = read_document(l, path, out, e);

	return r < 0 ? r : tar_verify(fd, path, digest, e);
}

static bool is_for_us(const struct image_entry *entry)
{
	if (entry->other)
		return false;
	return (!entry->os || strcmp(entry->os, "linux") == 0) &&
	       (!entry->architecture || strcmp(entry->architecture, image_architecture()) == 0);
}

static void add_name(struct loading *l, struct image_manifest *m, const char *name)
{
	m->names = ARENA_NEW_N(&l->arena, const char *, 2);
	m->names[0] = name;
}

static int add_entry(struct loading *l, const struct image_entry *entry, const char *name, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct image_manifest *m = &l->images[l->n];
	int r;

	if (l->n == IMAGE_LIST_MAX)
		return err_set(e, -EINVAL, "more than %d images", IMAGE_LIST_MAX);
	r = read_blob(l, entry->digest, &text, e);
	if (r == 0)
		r = image_manifest_parse(buf_slice(&text), &l->arena, m, e);
	if (r < 0)
		return r;
	m->digest = entry->digest;
	add_name(l, m, name);
	l->n++;
	return 0;
}

/* An index in the index: one image for several machines. */
static int add_nested(struct loading *l, const struct image_entry *outer, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct image_entry *entries;
	size_t n;
	int r = read_blob(l, outer->digest, &text, e);

	if (r == 0)
		r = image_index_parse(buf_slice(&text), &l->arena, &entries, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!entries[i].index && is_for_us(&entries[i]))
			return add_entry(l, &entries[i], outer->name, e);
	return r;
}

static int list_oci(struct loading *l, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct image_entry *entries;
	size_t n;
	int r = read_document(l, "index.json", &text, e);

	if (r == 0)
		r = image_index_parse(buf_slice(&text), &l->arena, &entries, &n, e);
	if (r < 0)
		return r;
	l->images = ARENA_NEW_N(&l->arena, struct image_manifest, IMAGE_LIST_MAX);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (entries[i].index)
			r = add_nested(l, &entries[i], e);
		else if (is_for_us(&entries[i]))
			r = add_entry(l, &entries[i], entries[i].name, e);
	return r;
}

static int list_docker(struct loading *l, struct image_manifest **ret, size_t *ret_n, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r = read_document(l, "manifest.json", &text, e);

	return r < 0 ? r : image_docker_parse(buf_slice(&text), &l->arena, ret, ret_n, e);
}

static bool has(const struct loading *l, const char *name)
{
	return faccessat(l->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Names that only Docker's list has. */
static void borrow_names(struct loading *l)
{
	struct image_manifest *docker;
	struct err e = ERR_INIT;
	size_t n;

	if (!has(l, "manifest.json") || list_docker(l, &docker, &n, &e) < 0)
		return;
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < n && !l->images[i].names[0]; k++)
			if (strcmp(docker[k].config.path, l->images[i].config.path) == 0)
				l->images[i].names = docker[k].names;
}

static int list_images(struct loading *l, struct err *e)
{
	int r;

	if (has(l, "index.json")) {
		r = list_oci(l, e);
		borrow_names(l);
	} else if (has(l, "manifest.json")) {
		r = list_docker(l, &l->images, &l->n, e);
	} else {
		return err_set(e, -EINVAL, "it has neither index.json nor manifest.json: it is no archive of images");
	}
	if (r == 0 && !l->n)
		r = err_set(e, -ENOENT, "it has no image for linux/%s", image_architecture());
	return r;
}

/* ---- one image ---- */

/* The layer's tar in a file without a name, as it was digested. Returns a descriptor. */
static int open_layer(struct loading *l, const struct image_blob *layer, const char *diff_id, struct tar_limits *limits,
		      struct err *e)
{
	CLEANUP(closep) int packed = inside_open(l->fd, layer->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	CLEANUP(closep) int plain = open(l->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct stat st;
	int r;

	if (packed < 0 || fstat(packed, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "layer %.80s is not in the archive", layer->path);
	if (plain < 0)
		return err_errno(e, errno, "%s", l->dir);
	r = layer->digest ? tar_verify(packed, layer->path, layer->digest, e) : 0;
	if (r == 0)
		r = tar_decompress(packed, plain, limits, e);
	if (r == 0)
		r = tar_verify(plain, layer->path, diff_id, e);
	return r < 0 ? r : take_fd(&plain);
}

static int apply_layers(struct loading *l, const struct image_manifest *m, const struct image_config *c, int root,
			uint64_t *ret_bytes, struct err *e)
{
	struct tar_limits limits = TAR_LIMITS;
	const uint64_t all = limits.bytes;

	for (size_t i = 0; i < m->n_layers; i++) {
		struct tar_limits packed = TAR_LIMITS;
		CLEANUP(closep) int fd = open_layer(l, &m->layers[i], c->diff_ids[i], &packed, e);
		int r = fd < 0 ? fd : tar_unpack(root, fd, true, &limits, e);

		if (r < 0)
			return err_wrap(e, r, "layer %zu", i + 1);
	}
	*ret_bytes = all - limits.bytes;
	return 0;
}

/* The folder in which its programs begin is there, as container runtimes see to. */
static int make_cwd(int root, const char *cwd, struct err *e)
{
	char path[INSIDE_PATH_MAX], name[INSIDE_NAME_MAX];
	int r = inside_clean(cwd, path);
	CLEANUP(closep) int dir = r < 0 ? r : inside_parent(root, path, true, name);

	if (dir < 0 || (mkdirat(dir, name, 0755) < 0 && errno != EEXIST))
		return err_errno(e, dir < 0 ? -dir : errno, "WorkingDir \"%.128s\"", cwd);
	return 0;
}

/* Under a name of its own first: a folder with the final name is complete. */
static int make_root(struct loading *l, const struct image_manifest *m, const struct image_config *c, const char *id,
		     uint64_t *ret_bytes, struct err *e)
{
	const char *final = image_store_root(l->o->store, id, &l->arena);
	CLEANUP(closep) int root = -1;
	int r;

	(void)file_remove_tree(l->root_dir, NULL);
	if (mkdir(l->root_dir, 0755) < 0)
		return err_errno(e, errno, "%s", l->root_dir);
	root = open(l->root_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = root < 0 ? err_errno(e, errno, "%s", l->root_dir) : apply_layers(l, m, c, root, ret_bytes, e);
	if (r == 0 && *c->cwd)
		r = make_cwd(root, c->cwd, e);
	if (r == 0 && rename(l->root_dir, final) < 0 && errno != EEXIST && errno != ENOTEMPTY)
		r = err_errno(e, errno, "%s", final);
	return r;
}

static int check_config(const struct image_manifest *m, const struct image_config *c, struct err *e)
{
	if (m->n_layers != c->n_layers)
		return err_set(e, -EINVAL, "%zu layers, and digests of %zu", m->n_layers, c->n_layers);
	if (strcmp(c->os, "linux") != 0 || strcmp(c->architecture, image_architecture()) != 0)
		return err_set(e, -ENOTSUP, "it is for %.32s/%.32s; this machine is linux/%s", c->os, c->architecture,
			       image_architecture());
	return 0;
}

static int name_it(struct loading *l, const struct image_manifest *m, struct image_record *record, struct err *e)
{
	const char *own[] = {l->o->name, NULL};
	const char *const *names = m->names && m->names[0] ? m->names : own;

	if (!names[0])
		return err_set(e, -EINVAL,
			       "the archive does not say what the image is called: give it a name (--name)");
	for (; *names; names++) {
		struct image_reference ref;
		int r = image_reference_parse(*names, &ref, e);

		if (r == 0)
			r = image_store_put(l->o->store, &ref, record, e);
		if (r < 0)
			return r;
		record->reference = ref.text;
		if (l->o->on_loaded)
			l->o->on_loaded(l->o->arg, record);
	}
	return 0;
}

static int load_one(struct loading *l, const struct image_manifest *m, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(closep) int fd = inside_open(l->fd, m->config.path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct image_record record = {.digest = m->digest};
	struct image_config c;
	char id[TAR_DIGEST_MAX];
	int r = read_document(l, m->config.path, &text, e);

	if (r == 0)
		r = tar_digest(fd, id);
	if (r == 0 && m->config.digest)
		r = tar_verify(fd, m->config.path, m->config.digest, e);
	if (r == 0)
		r = image_config_parse(buf_slice(&text), &l->arena, &c, e);
	if (r == 0)
		r = check_config(m, &c, e);
	if (r < 0)
		return r;
	record.id = id;
	record.config = buf_str(&text);
	r = make_root(l, m, &c, id, &record.bytes, e);
	return r < 0 ? r : name_it(l, m, &record, e);
}

int image_load(const struct image_load *o, const char *path, struct err *e)
{
	CLEANUP(closep) int in = open(path, O_RDONLY | O_CLOEXEC);
	struct loading l = {.o = o, .arena = ARENA_INIT, .fd = -1};
	struct tar_limits limits = TAR_LIMITS;
	int r = 0;

	if (in < 0)
		return err_errno(e, errno, "%s", path);
	l.dir = mem_printf("%s/load.XXXXXX", image_store_dir(o->store));
	if (!mkdtemp(l.dir))
		r = err_errno(e, errno, "%s", l.dir);
	l.root_dir = mem_printf("%s.root", l.dir);
	if (r == 0) {
		l.fd = open(l.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = tar_unpack(l.fd, in, false, &limits, e);
	}
	if (r == 0)
		r = list_images(&l, e);
	for (size_t i = 0; r == 0 && i < l.n; i++)
		r = load_one(&l, &l.images[i], e);
	(void)file_remove_tree(l.root_dir, NULL);
	(void)file_remove_tree(l.dir, NULL);
	closep(&l.fd);
	free(l.root_dir);
	free(l.dir);
	arena_done(&l.arena);
	return r < 0 ? err_wrap(e, r, "%s", path) : 0;
}

/* ---- without unpacking ---- */

static void add_reference(const char *name, struct buf *out)
{
	struct image_reference ref;
	struct err e = ERR_INIT;

	if (name && image_reference_parse(name, &ref, &e) == 0)
		buf_printf(out, "%s\n", ref.text);
}

int image_archive_names(const char *path, char **ret, struct err *e)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct image_manifest *images = NULL;
	struct image_entry *entries = NULL;
	size_t n = 0;
	int r = fd < 0 ? err_errno(e, errno, "%s", path)
		       : tar_find(fd, "index.json", IMAGE_DOCUMENT_MAX_BYTES, &text, e);

	if (r > 0)
		r = image_index_parse(buf_slice(&text), &a, &entries, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		add_reference(entries[i].name, &out);
	if (r == 0 && !out.len) {
		buf_clear(&text);
		r = tar_find(fd, "manifest.json", IMAGE_DOCUMENT_MAX_BYTES, &text, e);
		n = 0;
		if (r > 0)
			r = image_docker_parse(buf_slice(&text), &a, &images, &n, e);
		for (size_t i = 0; r == 0 && i < n; i++)
			for (const char **name = images[i].names; *name; name++)
				add_reference(*name, &out);
	}
	if (r < 0)
		return err_wrap(e, r, "%s", path);
	*ret = buf_take_str(&out);
	return 0;
}
