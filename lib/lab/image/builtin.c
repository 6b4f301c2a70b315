/* The built-in images: a table, and their preparation. */
#include "lab/image/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/slice.h"

#define POSTGRES_BIN "/usr/lib/postgresql/15/bin"

struct builtin {
	const char *name;          /* the last two parts of it */
	const char *binaries[3];   /* ours, bound to /usr/local/bin; NULL-ended */
	const char *host_program;  /* a file of the host that must exist, or NULL */
	const char *install;       /* the Debian package that has it */
	const char *script;        /* entrypoint script of ours, bound to /usr/local/bin, or NULL */
	const char *entrypoint[2]; /* NULL-ended */
	const char *command[8];    /* NULL-ended */
	const char *user, *cwd;    /* NULL: root, "/" */
	int stop_signal;           /* 0 = SIGTERM */
	const char *env[6];        /* "NAME=value"; NULL-ended */
};

static const struct builtin images[] = {
	{.name = "weft/operator",
	 .binaries = {"weft-operator"},
	 .entrypoint = {"/usr/local/bin/weft-operator"},
	 .user = "65532:65532"},
	{.name = "weft/weftd", .binaries = {"weftd"}, .entrypoint = {"/usr/local/bin/weftd"}, .user = "1337:1337"},
	{.name = "weft/proxy",
	 .binaries = {"weft-proxy", "weft-init"},
	 .entrypoint = {"/usr/local/bin/weft-proxy"},
	 .user = "1337:1337"},
	{.name = "weft/console",
	 .binaries = {"weft-console"},
	 .entrypoint = {"/usr/local/bin/weft-console"},
	 .user = "65532:65532"},
	{.name = "library/postgres",
	 .host_program = POSTGRES_BIN "/postgres",
	 .install = "postgresql-15",
	 .script = IMAGE_POSTGRES,
	 .entrypoint = {"/usr/local/bin/entrypoint"},
	 .command = {"postgres"},
	 .stop_signal = SIGINT,
	 .env = {"PATH=" POSTGRES_BIN ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
		 "PG_MAJOR=15", "PGDATA=/var/lib/postgresql/data"}},
	{.name = "prom/prometheus",
	 .host_program = "/usr/bin/prometheus",
	 .install = "prometheus",
	 .entrypoint = {"/usr/bin/prometheus"},
	 .command = {"--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"},
	 .user = "65534:65534",
	 .cwd = "/prometheus"},
	{.name = "library/debian", .command = {"bash"}},
};

/* "registry/a/b:tag" -> "a/b" */
static struct slice repository(const struct image_reference *ref)
{
	struct slice name = slice_make(ref->text, ref->name_len);

	for (;;) { /* keep the last two parts */
		ptrdiff_t first = slice_find(name, '/');

		if (first < 0 || first == slice_rfind(name, '/'))
			return name;
		name = slice_from(name, (size_t)first + 1);
	}
}

const struct builtin *builtin_find(const struct image_reference *ref)
{
	struct slice repo = repository(ref);

	for (size_t i = 0; i < ARRAY_LEN(images); i++)
		if (slice_eq_str(repo, images[i].name))
			return &images[i];
	return NULL;
}

static int copy_file(const char *from, const char *to, struct err *e)
{
	CLEANUP(closep) int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP(closep) int out = -1;
	struct stat st;
	off_t at = 0;

	if (in < 0 || fstat(in, &st) < 0)
		return err_errno(e, errno, "%s", from);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (out < 0)
		return err_errno(e, errno, "%s", to);
	while (at < st.st_size)
		if (sendfile(out, in, &at, (size_t)(st.st_size - at)) <= 0)
			return err_errno(e, errno, "copy %s", from);
	fchmod(out, 0755);
	return 0;
}

int image_copy_program(const char *from, const char *to, struct err *e)
{
	CLEANUP(freep) char *temp = mem_printf("%s.new", to);
	int r = copy_file(from, temp, e);

	if (r == 0 && rename(temp, to) < 0)
		r = err_errno(e, errno, "%s", to);
	return r;
}

static int digest_file(EVP_MD_CTX *md, const char *path)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[65536];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		EVP_DigestUpdate(md, chunk, (size_t)n);
	return n < 0 ? -errno : 0;
}

/* Also when there is nothing of ours in it: then the name is what makes it. */
static char *digest_image(const struct builtin *image, const char *dir)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct buf text = BUF_INIT;
	unsigned len = 0;

	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	EVP_DigestUpdate(md, image->name, strlen(image->name));
	if (image->script)
		EVP_DigestUpdate(md, image->script, strlen(image->script));
	for (size_t i = 0; dir && i < ARRAY_LEN(image->binaries) && image->binaries[i]; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", dir, image->binaries[i]);
		(void)digest_file(md, path);
	}
	EVP_DigestFinal_ex(md, sum, &len);
	EVP_MD_CTX_free(md);
	buf_append_str(&text, "sha256:");
	for (unsigned i = 0; i < len; i++)
		buf_printf(&text, "%02x", sum[i]);
	return buf_take_str(&text);
}

/* The digest is computed once for each build and kept beside its directory. */
static char *cached_digest(const struct builtin *image, const char *dir)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(freep) char *path = dir ? mem_printf("%s.id", dir) : NULL;
	char *id;

	if (!path)
		return digest_image(image, NULL);
	if (file_read(path, 256, &text, NULL) == 0 && text.len)
		return buf_take_str(&text);
	id = digest_image(image, dir);
	(void)file_put(path, slice_str(id), 0644, NULL);
	return id;
}

/* A name for this build of the programs, from their sizes and times; NULL with e set when one is missing. */
static char *build_name(const struct builtin *image, const char *bin_dir, struct err *e)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;

	buf_append_str(&name, strrchr(image->name, '/') + 1);
	for (size_t i = 0; i < ARRAY_LEN(image->binaries) && image->binaries[i]; i++) {
		char path[PATH_MAX];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", bin_dir, image->binaries[i]);
		if (stat(path, &st) < 0) {
			err_set(e, -ENOENT, "image %s: %s is missing", image->name, path);
			return NULL;
		}
		buf_printf(&name, "-%llx.%llx", (unsigned long long)st.st_size,
			   (unsigned long long)st.st_mtim.tv_sec * 1000000000ULL +
				   (unsigned long long)st.st_mtim.tv_nsec);
	}
	if (image->script)
		buf_printf(&name, "-%zx", strlen(image->script));
	return buf_take_str(&name);
}

static int fill(const struct builtin *image, const char *bin_dir, const char *to, struct err *e)
{
	int r = file_mkdirs(to, 0755, e);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(image->binaries) && image->binaries[i]; i++) {
		CLEANUP(freep) char *from = mem_printf("%s/%s", bin_dir, image->binaries[i]);
		CLEANUP(freep) char *path = mem_printf("%s/%s", to, image->binaries[i]);

		r = copy_file(from, path, e);
	}
	if (r == 0 && image->script) {
		CLEANUP(freep) char *path = mem_printf("%s/entrypoint", to);

		r = file_write(path, slice_str(image->script), 0755, e);
	}
	return r;
}

/* Under a temporary name first: a directory with the final name is complete. */
static int install(const struct builtin *image, const char *bin_dir, const char *dir, struct err *e)
{
	CLEANUP(freep) char *temp = mem_printf("%s.%lx", dir, (unsigned long)pthread_self());
	int r;

	if (access(dir, F_OK) == 0)
		return 0;
	r = fill(image, bin_dir, temp, e);
	if (r == 0 && rename(temp, dir) < 0 && errno != EEXIST && errno != ENOTEMPTY)
		r = err_errno(e, errno, "%s", dir);
	(void)file_remove_tree(temp, NULL);
	return r;
}

int builtin_get(const struct builtin *image, const struct image_place *place, struct image *ret, struct err *e)
{
	CLEANUP(freep) char *name = NULL;
	CLEANUP(freep) char *dir = NULL;
	CLEANUP(freep) char *id = NULL;
	int r;

	if (image->host_program && access(image->host_program, X_OK) < 0)
		return err_set(e, -ENOENT, "image %s: %s is missing: install %s", image->name, image->host_program,
			       image->install);
	if (image->binaries[0] || image->script) {
		name = build_name(image, place->bin_dir, e);
		if (!name)
			return -ENOENT;
		dir = mem_printf("%s/images/%s", place->data_dir, name);
		r = install(image, place->bin_dir, dir, e);
		if (r < 0)
			return r;
	}
	id = cached_digest(image, dir);
	ret->name = image->name;
	ret->id = arena_strdup(&ret->arena, id);
	ret->entrypoint = (const char **)image->entrypoint; /* neither is ever written to */
	ret->command = (const char **)image->command;
	ret->env = (const char **)image->env;
	ret->cwd = image->cwd ? image->cwd : "/";
	ret->stop_signal = image->stop_signal;
	ret->user = image->user ? image->user : "";
	ret->users = (struct image_users){slice_str(image_builtin_passwd), slice_str(image_builtin_group)};
	ret->bin_dir = dir ? arena_strdup(&ret->arena, dir) : NULL;
	return 0;
}
