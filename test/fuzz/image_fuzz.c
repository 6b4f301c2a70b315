/* Images of strangers: names, documents, users, and layers as they are unpacked, which must touch nothing outside. */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "lab/image/document.h"
#include "lab/image/load.h"
#include "lab/image/reference.h"
#include "lab/image/tar.h"
#include "lab/image/user.h"
#include "lab/sys/inside.h"
#include "tar_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char outer[] = "/tmp/weft-fuzz-XXXXXX";

static void leave(void)
{
	file_remove_tree(outer, NULL);
}

/* A folder for layers; nothing may ever appear beside it. */
static int root_folder(void)
{
	static int root = -1, above = -1;
	struct stat st;

	if (root < 0) {
		assert(mkdtemp(outer) && atexit(leave) == 0);
		above = open(outer, O_RDONLY | O_DIRECTORY);
		assert(mkdirat(above, "root", 0755) == 0);
		root = openat(above, "root", O_RDONLY | O_DIRECTORY);
	}
	assert(fstat(above, &st) == 0 && st.st_nlink == 3);
	return root;
}

static void fuzz_layer(int fd, bool layer)
{
	struct tar_limits limits = {.bytes = 1 << 20, .entries = 64};
	struct err e = ERR_INIT;
	int root = root_folder();

	(void)tar_unpack(root, fd, layer, &limits, &e);
	assert(inside_clear(root) == 0);
	(void)fchmod(root, 0755);
	(void)root_folder();
}

static void fuzz_documents(struct slice text, uint8_t which)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct image_manifest m = {0}, *docker;
	struct image_entry *entries;
	struct image_config c;
	struct err e = ERR_INIT;
	size_t n;

	if (which == 0 && image_config_parse(text, &a, &c, &e) == 0)
		assert(c.entrypoint && c.command && c.env && c.n_layers <= IMAGE_LAYERS_MAX);
	if (which == 1 && image_manifest_parse(text, &a, &m, &e) == 0)
		assert(!strstr(m.config.path, ".."));
	if (which == 2)
		(void)image_index_parse(text, &a, &entries, &n, &e);
	if (which == 3)
		(void)image_docker_parse(text, &a, &docker, &n, &e);
}

static void fuzz_names(const char *text)
{
	struct image_reference ref, again;
	struct err e = ERR_INIT;
	char path[INSIDE_PATH_MAX], twice[INSIDE_PATH_MAX];

	if (image_reference_parse(text, &ref, &e) == 0) {
		assert(image_reference_parse(ref.text, &again, &e) == 0);
		assert(strcmp(ref.text, again.text) == 0 && ref.name_len == again.name_len);
	}
	if (inside_clean(text, path) == 0) {
		assert(inside_clean(path, twice) == 0 && strcmp(path, twice) == 0);
		assert(path[0] != '/' && strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0);
	}
}

/* "user\0passwd\0group" */
static void fuzz_users(const char *text, size_t size)
{
	const char *passwd = text + strlen(text) + 1, *end = text + size;
	struct slice rest = passwd < end ? slice_make(passwd, (size_t)(end - passwd)) : SLICE("");
	struct image_users in = {.passwd = slice_split(&rest, '\0'), .group = rest};
	struct image_user u;
	struct err e = ERR_INIT;

	if (image_user_find(&in, text, &u, &e) == 0)
		assert(u.n_groups <= IMAGE_GROUPS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(freep) char *text = NULL;
	uint8_t which;

	if (!size || size > 1 << 16)
		return -1;
	which = *data++ % 8;
	size--;
	text = calloc(size + 1, 1);
	assert(text);
	memcpy(text, data, size);
	if (which < 4)
		fuzz_documents(slice_make(text, size), which);
	else if (which == 4)
		fuzz_names(text);
	else if (which == 5)
		fuzz_users(text, size);
	else {
		struct buf b = {.ptr = text, .len = size};
		CLEANUP(closep) int fd = tar_bytes_file(&b);

		fuzz_layer(fd, which == 6);
	}
	return 0;
}
