/* The plugin's folder on a node: what belongs to it, written beside what is there and then put in its place at once. */
#include "cni/bundle.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"
#include "cni/conf.h"

#define FILE_MAX_BYTES (64u << 20)
#define FOLDER CNI_PLUGIN ".d"
#define EXTENSIONS "/usr/lib/*/xtables/*.so"

/* One file or symbolic link below the digest's folder. */
struct item {
	char *path;   /* "lib/libc.so.6" */
	char *source; /* a file; for links what they lead to */
	bool is_link;
};

struct cni_bundle {
	VEC(struct item) items;
	char *launcher;
	char digest[20];
};

static const char *const tools[] = {"iptables-nft-save",     "iptables-nft-restore",    "ip6tables-nft-save",
				    "ip6tables-nft-restore", "iptables-legacy-save",    "iptables-legacy-restore",
				    "ip6tables-legacy-save", "ip6tables-legacy-restore"};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool has(const struct cni_bundle *b, const char *path)
{
	for (size_t i = 0; i < b->items.n; i++)
		if (strcmp(b->items.v[i].path, path) == 0)
			return true;
	return false;
}

static void add(struct cni_bundle *b, const char *folder, const char *name, const char *source, bool is_link)
{
	char path[NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!has(b, path))
		vec_push(&b->items, (struct item){mem_strdup(path), mem_strdup(source), is_link});
}

/* --- what belongs to it --- */

/* The program's dynamic loader (ELF, PT_INTERP). */
static int loader_of(const char *program, char ret[PATH_MAX], struct err *e)
{
	CLEANUP(closep) int fd = open(program, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr head;
	Elf64_Phdr segment;

	if (fd < 0 || pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return err_errno(e, fd < 0 ? errno : ENOEXEC, "%s", program);
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64)
		return err_set(e, -ENOEXEC, "%s: no ELF file of 64 bits", program);
	for (unsigned i = 0; i < head.e_phnum; i++) {
		off_t at = (off_t)(head.e_phoff + (uint64_t)i * head.e_phentsize);

		if (pread(fd, &segment, sizeof(segment), at) != (ssize_t)sizeof(segment) || segment.p_type != PT_INTERP)
			continue;
		if (segment.p_filesz < PATH_MAX &&
		    pread(fd, ret, segment.p_filesz, (off_t)segment.p_offset) == (ssize_t)segment.p_filesz)
			return 0;
	}
	return err_set(e, -ENOEXEC, "%s: it names no dynamic loader", program);
}

/* "libc.so.6 => /lib/libc.so.6 (0x...)" of the loader's own list. */
static void add_listed(struct cni_bundle *b, char *line)
{
	char *to = strstr(line, " => /"), *end = to ? strstr(to, " (0x") : NULL;

	if (!end)
		return;
	*end = 0;
	add(b, "lib", base_name(to + 4), to + 4, false);
}

/* "ld.so --list FILE" with its output in *ret; there is no shell in the image. */
static pid_t list_libraries(const char *loader, const char *file, FILE **ret)
{
	int pipe_fd[2];
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(pipe_fd[1], 1);
		execl(loader, loader, "--list", file, (char *)NULL);
		_exit(127);
	}
	close(pipe_fd[1]);
	*ret = pid > 0 ? fdopen(pipe_fd[0], "re") : NULL;
	if (!*ret)
		close(pipe_fd[0]);
	return pid;
}

static int add_libraries(struct cni_bundle *b, const char *loader, const char *file, struct err *e)
{
	CLEANUP(freep) char *line = NULL;
	size_t size = 0;
	FILE *f = NULL;
	pid_t pid = list_libraries(loader, file, &f);
	int status = -1;

	while (f && getline(&line, &size, f) > 0)
		add_listed(b, line);
	if (f)
		fclose(f);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return f && status == 0 ? 0 : err_set(e, -EIO, "%s --list %s failed", loader, file);
}

/* Where PATH leads to; false: nowhere. */
static bool on_path(const char *name, char ret[PATH_MAX])
{
	const char *path = getenv("PATH");
	struct slice rest = slice_str(path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");

	while (rest.len) {
		CLEANUP(buf_done) struct buf full = BUF_INIT;
		struct slice dir = slice_split(&rest, ':');

		buf_printf(&full, "%.*s/%s", SLICE_ARG(dir), name);
		if (access(buf_str(&full), X_OK) == 0 && realpath(buf_str(&full), ret))
			return true;
	}
	return false;
}

/* A tool is a link to the program that has them all. One flavour is enough. */
static int add_tools(struct cni_bundle *b, const char *loader, struct err *e)
{
	char real[PATH_MAX];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		if (!on_path(tools[i], real))
			continue;
		add(b, "exec", base_name(real), real, false);
		if (strcmp(base_name(real), tools[i]) != 0)
			add(b, "exec", tools[i], base_name(real), true);
		add(b, "bin", tools[i], CNI_PLUGIN "-launch", true);
		n++;
		if (add_libraries(b, loader, real, e) < 0)
			return e->code;
	}
	return n ? 0 : err_set(e, -ENOENT, "no iptables-nft-save and no iptables-legacy-save (package iptables)");
}

static int add_extensions(struct cni_bundle *b, const char *loader, struct err *e)
{
	glob_t found = {0};
	int r = glob(EXTENSIONS, 0, NULL, &found);

	if (r != 0)
		return err_set(e, -ENOENT, EXTENSIONS ": no such file (package iptables)");
	for (size_t i = 0; i < found.gl_pathc; i++)
		add(b, "xtables", base_name(found.gl_pathv[i]), found.gl_pathv[i], false);
	r = add_libraries(b, loader, found.gl_pathv[0], e);
	globfree(&found);
	return r;
}

/* Of paths and contents. */
static int make_digest(struct cni_bundle *b, struct err *e)
{
	uint64_t h = 0;

	for (size_t i = 0; i < b->items.n; i++) {
		const struct item *it = &b->items.v[i];
		CLEANUP(buf_done) struct buf content = BUF_INIT;

		h = hash_more(h, slice_str(it->path));
		if (!it->is_link && file_read(it->source, FILE_MAX_BYTES, &content, e) < 0)
			return e->code;
		h = hash_more(h, it->is_link ? slice_str(it->source) : buf_slice(&content));
	}
	snprintf(b->digest, sizeof(b->digest), "%016llx", (unsigned long long)h);
	return 0;
}

static int collect(struct cni_bundle *b, const char *program, const char *launcher, struct err *e)
{
	char loader[PATH_MAX];
	int r = loader_of(program, loader, e);

	if (r == 0)
		r = add_libraries(b, loader, program, e);
	if (r < 0)
		return r;
	add(b, "lib", "ld.so", loader, false);
	add(b, "exec", CNI_PLUGIN, program, false);
	add(b, "bin", CNI_PLUGIN "-launch", launcher, false);
	r = add_tools(b, loader, e);
	if (r == 0)
		r = add_extensions(b, loader, e);
	return r == 0 ? make_digest(b, e) : r;
}

struct cni_bundle *cni_bundle_new(const char *program, const char *launcher, struct err *e)
{
	struct cni_bundle *b = NEW(struct cni_bundle);

	b->launcher = mem_strdup(launcher);
	if (collect(b, program, launcher, e) == 0)
		return b;
	cni_bundle_free(b);
	return NULL;
}

void cni_bundle_free(struct cni_bundle *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->items.n; i++) {
		free(b->items.v[i].path);
		free(b->items.v[i].source);
	}
	vec_done(&b->items);
	free(b->launcher);
	free(b);
}

/* --- on the node --- */

static int copy(const char *from, const char *to, struct err *e)
{
	CLEANUP(buf_done) struct buf content = BUF_INIT;
	int r = file_read(from, FILE_MAX_BYTES, &content, e);

	return r < 0 ? r : file_put(to, buf_slice(&content), 0755, e);
}

static bool same_file(const char *a, const char *b)
{
	CLEANUP(buf_done) struct buf x = BUF_INIT;
	CLEANUP(buf_done) struct buf y = BUF_INIT;

	return file_read(a, FILE_MAX_BYTES, &x, NULL) == 0 && file_read(b, FILE_MAX_BYTES, &y, NULL) == 0 &&
	       slice_eq(buf_slice(&x), buf_slice(&y)) && access(b, X_OK) == 0;
}

/* A link that is made or changed at once. */
static int put_link(const char *to, const char *path, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *fresh = arena_printf(&a, "%s.new", path);

	if ((unlink(fresh) < 0 && errno != ENOENT) || symlink(to, fresh) < 0 || rename(fresh, path) < 0)
		return err_errno(e, errno, "%s", path);
	return 0;
}

/* Fills a folder, whose name is taken last: what has the digest's name is whole. */
static int fill(const struct cni_bundle *b, struct arena *a, const char *folder, struct err *e)
{
	static const char *const parts[] = {"exec", "bin", "lib", "xtables"};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts) && r == 0; i++)
		r = file_mkdirs(arena_printf(a, "%s/%s", folder, parts[i]), 0755, e);
	for (size_t i = 0; i < b->items.n && r == 0; i++) {
		const struct item *it = &b->items.v[i];
		const char *path = arena_printf(a, "%s/%s", folder, it->path);

		r = it->is_link ? put_link(it->source, path, e) : copy(it->source, path, e);
	}
	return r;
}

/* Where the link "current" leads to, "" where there is none. */
static const char *current(struct arena *a, const char *dir)
{
	char to[64];
	ssize_t n = readlink(arena_printf(a, "%s/" FOLDER "/current", dir), to, sizeof(to) - 1);

	return n < 0 ? "" : arena_printf(a, "%.*s", (int)n, to);
}

static bool is_current(const struct cni_bundle *b, struct arena *a, const char *dir)
{
	return strcmp(current(a, dir), b->digest) == 0 &&
	       access(arena_printf(a, "%s/" FOLDER "/%s", dir, b->digest), F_OK) == 0;
}

bool cni_bundle_is_installed(const struct cni_bundle *b, const char *dir)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	return is_current(b, &a, dir) && same_file(b->launcher, arena_printf(&a, "%s/" CNI_PLUGIN, dir));
}

/* What earlier versions left; the one that was current may still run. */
static void remove_others(struct arena *a, const char *folder, const char *keep, const char *keep_too)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "current") != 0 &&
		    strcmp(entry->d_name, keep) != 0 && strcmp(entry->d_name, keep_too) != 0)
			file_remove_tree(arena_printf(a, "%s/%s", folder, entry->d_name), NULL);
	if (d)
		closedir(d);
}

static int switch_to(const struct cni_bundle *b, struct arena *a, const char *dir, struct err *e)
{
	const char *folder = arena_printf(a, "%s/" FOLDER, dir), *before = current(a, dir),
		   *whole = arena_printf(a, "%s/%s", folder, b->digest), *fresh = arena_printf(a, "%s.new", whole);
	int r;

	if (access(whole, F_OK) < 0) {
		file_remove_tree(fresh, NULL);
		r = fill(b, a, fresh, e);
		if (r < 0)
			return r;
		if (rename(fresh, whole) < 0)
			return err_errno(e, errno, "%s", whole);
	}
	r = put_link(b->digest, arena_printf(a, "%s/current", folder), e);
	if (r == 0)
		remove_others(a, folder, b->digest, before);
	return r;
}

int cni_bundle_install(const struct cni_bundle *b, const char *dir, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *program = arena_printf(&a, "%s/" CNI_PLUGIN, dir);
	int r;

	if (cni_bundle_is_installed(b, dir))
		return 0;
	r = is_current(b, &a, dir) ? 0 : switch_to(b, &a, dir, e);
	if (r == 0 && !same_file(b->launcher, program))
		r = copy(b->launcher, program, e);
	return r < 0 ? r : 1;
}

int cni_bundle_remove(const char *dir, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	return file_remove_tree(arena_printf(&a, "%s/" FOLDER, dir), e);
}
