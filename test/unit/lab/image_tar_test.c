/* Layers of strangers: what they say is done, and nothing outside of the image's folder is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/slice.h"
#include "lab/image/tar.h"
#include "lab/sys/inside.h"
#include "tar_bytes.h"

struct place {
	char dir[256]; /* holds "root", and "outside" beside it, which nobody may touch */
	int root;
};

struct entry {
	const char *name;
	char type; /* '0' file, '1' hard link, '2' link, '3' device, '5' folder, '6' pipe */
	unsigned mode;
	const char *link, *data;
};

static int setup(void **state)
{
	struct place *p = NEW(struct place);

	snprintf(p->dir, sizeof(p->dir), "%s/weft-tar-XXXXXX", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	CLEANUP(freep) char *root = mem_printf("%s/root", p->dir);
	CLEANUP(freep) char *outside = mem_printf("%s/outside", p->dir);

	assert_int_equal(mkdir(root, 0755), 0);
	assert_int_equal(file_put(outside, SLICE("untouched"), 0644, NULL), 0);
	p->root = open(root, O_RDONLY | O_DIRECTORY);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	CLEANUP(freep) char *outside = mem_printf("%s/outside", p->dir);
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	assert_int_equal(file_read(outside, 100, &text, NULL), 0);
	assert_string_equal(buf_str(&text), "untouched");
	close(p->root);
	file_remove_tree(p->dir, NULL);
	free(p);
	return 0;
}

static int unpack_within(struct place *p, const struct entry *v, size_t n, struct tar_limits limits, struct err *e)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	CLEANUP(closep) int fd = -1;

	for (size_t i = 0; i < n; i++)
		tar_bytes_add(&b, v[i].name, v[i].type, v[i].mode, v[i].link, v[i].data);
	tar_bytes_end(&b);
	fd = tar_bytes_file(&b);
	*e = (struct err)ERR_INIT;
	return tar_unpack(p->root, fd, true, &limits, e);
}

#define UNPACK(p, e, ...)                                                                                              \
	unpack_within((p), (const struct entry[]){__VA_ARGS__}, ARRAY_LEN(((const struct entry[]){__VA_ARGS__})),      \
		      (struct tar_limits)TAR_LIMITS, (e))
#define UNPACKED(p, ...)                                                                                               \
	do {                                                                                                           \
		struct err e_;                                                                                         \
		if (UNPACK((p), &e_, __VA_ARGS__) != 0)                                                                \
			fail_msg("%s", e_.msg);                                                                        \
	} while (0)

/* What a file holds, as containers see it; "-" when there is none. */
static const char *holds(struct place *p, const char *path)
{
	static char text[256];
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (inside_read(p->root, path, sizeof(text) - 1, &b, &e) < 0)
		return "-";
	snprintf(text, sizeof(text), "%s", buf_str(&b));
	return text;
}

static struct stat stat_of(struct place *p, const char *path)
{
	struct stat st = {0};

	fstatat(p->root, path, &st, AT_SYMLINK_NOFOLLOW);
	return st;
}

static void files_folders_links_are_made(void **state)
{
	struct place *p = *state;

	UNPACKED(p, {"./", '5', 0755}, {"bin/", '5', 0750}, {"bin/tool", '0', 04755, NULL, "#!"},
		 {"bin/same", '1', 0, "bin/tool"}, {"bin/name", '2', 0777, "tool"},
		 {"deep/er/file", '0', 0600, NULL, "x"}, {"pipe", '6', 0640},
		 {"caf\xc3\xa9", '0', 0644, NULL, "utf-8"});
	assert_string_equal(holds(p, "bin/name"), "#!");
	assert_string_equal(holds(p, "deep/er/file"), "x");
	assert_string_equal(holds(p, "caf\xc3\xa9"), "utf-8");
	assert_int_equal(stat_of(p, "bin").st_mode, S_IFDIR | 0750);
	assert_int_equal(stat_of(p, "bin/tool").st_mode, S_IFREG | 04755);
	assert_int_equal(stat_of(p, "bin/tool").st_mtime, 1700000000);
	assert_int_equal(stat_of(p, "bin/tool").st_ino, stat_of(p, "bin/same").st_ino);
	assert_int_equal(stat_of(p, "pipe").st_mode, S_IFIFO | 0640);
}

static void a_layer_replaces_what_was_below(void **state)
{
	struct place *p = *state;

	UNPACKED(p, {"file", '0', 0644, NULL, "long old text"}, {"dir/a", '0', 0644, NULL, "a"},
		 {"link", '2', 0777, "dir"}, {"twin", '0', 0644, NULL, "one"}, {"twin2", '1', 0, "twin"});
	UNPACKED(p, {"file", '0', 0644, NULL, "new"}, {"link", '5', 0700}, {"dir", '0', 0644, NULL, "a file now"},
		 {"twin", '0', 0644, NULL, "two"});
	assert_string_equal(holds(p, "file"), "new");
	assert_string_equal(holds(p, "dir"), "a file now");
	assert_int_equal(stat_of(p, "link").st_mode, S_IFDIR | 0700);
	assert_string_equal(holds(p, "twin2"), "one"); /* the other name keeps what it had */
}

static void whiteouts_take_from_below_only(void **state)
{
	struct place *p = *state;

	UNPACKED(p, {"a/old", '0', 0644, NULL, "1"}, {"a/tree/x/y", '0', 0644, NULL, "1"},
		 {"b/old", '0', 0644, NULL, "1"}, {"b/sub/old", '0', 0644, NULL, "1"},
		 {"c/same", '0', 0644, NULL, "below"}, {"l", '2', 0777, "a"});
	UNPACKED(p, {"c/same", '0', 0644, NULL, "above"}, {"c/.wh.same", '0', 0}, {"a/.wh.old", '0', 0},
		 {"a/.wh.tree", '0', 0}, {"b/new", '0', 0644, NULL, "2"}, {"b/.wh..wh..opq", '0', 0},
		 {"none/.wh.thing", '0', 0}, {".wh..wh.plnk", '0', 0}, {".wh.l", '0', 0});
	assert_string_equal(holds(p, "a/old"), "-");
	assert_int_equal(stat_of(p, "a/tree").st_mode, 0);
	assert_int_equal(stat_of(p, "b/old").st_mode, 0);
	assert_int_equal(stat_of(p, "b/sub").st_mode, 0);
	assert_string_equal(holds(p, "b/new"), "2");
	assert_string_equal(holds(p, "c/same"), "above"); /* its own layer's, whatever the order */
	assert_int_equal(stat_of(p, "l").st_mode, 0);     /* the link, not where it leads */
	assert_int_equal(stat_of(p, "a").st_mode & S_IFMT, S_IFDIR);
	assert_int_equal(stat_of(p, "none").st_mode, 0);
	assert_int_equal(stat_of(p, ".wh..wh.plnk").st_mode, 0);
}

static void no_path_climbs(void **state)
{
	static const struct entry bad[] = {
		{"../outside", '0', 0644, NULL, "evil"},
		{"a/../../outside", '0', 0644, NULL, "evil"},
		{"..", '5', 0777},
		{"hard", '1', 0, "../outside"},
		{"hard", '1', 0, "no/such/file"},
		{".wh..", '0', 0},
		{".wh...", '0', 0},
		{"../.wh.outside", '0', 0},
		{".", '0', 0644, NULL, "the root is no file"},
	};
	struct place *p = *state;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (UNPACK(p, &e, bad[i]) >= 0)
			fail_msg("%s was taken", bad[i].name);
		assert_non_null(strstr(e.msg, bad[i].name));
	}
}

/* Links may say what they like: for the image they lead to the image's own root. */
static void links_lead_nowhere_else(void **state)
{
	struct place *p = *state;
	CLEANUP(freep) char *absolute = mem_printf("%s", p->dir);

	UNPACKED(p, {"up", '2', 0777, "../../../../../../.."}, {"abs", '2', 0777, absolute}, {"self", '2', 0777, "/"});
	UNPACKED(p, {"up/outside", '0', 0644, NULL, "inside"}, {"/rooted", '0', 0644, NULL, "too"},
		 {"self/.wh.rooted", '0', 0}, {"h", '1', 0, "up/outside"});
	assert_string_equal(holds(p, "outside"), "inside");
	assert_string_equal(holds(p, "h"), "inside");
	assert_string_equal(holds(p, "rooted"), "too"); /* of this layer */
	struct err e;
	assert_true(UNPACK(p, &e, {"abs/outside", '0', 0644, NULL, "evil"}) <
		    0); /* leads to a folder that is not there */
	UNPACKED(p, {"outside", '2', 0777, "/outside"});
	UNPACKED(p, {"outside", '0', 0644, NULL, "replaced, not followed"});
	assert_int_equal(stat_of(p, "outside").st_mode & S_IFMT, S_IFREG);
}

static void devices_are_refused(void **state)
{
	struct place *p = *state;
	struct err e;

	assert_int_equal(UNPACK(p, &e, {"disk", '4', 0666}), -EINVAL);
	assert_int_equal(UNPACK(p, &e, {"zero", '3', 0666}), -EINVAL);
	UNPACKED(p, {"dev/null", '3', 0666}); /* a container has its own there */
	assert_int_equal(stat_of(p, "dev/null").st_mode, 0);
}

static void limits_hold(void **state)
{
	const struct entry two[] = {{"a", '0', 0644, NULL, "12345"}, {"b", '0', 0644, NULL, "12345"}};
	struct place *p = *state;
	struct err e;

	assert_int_equal(unpack_within(p, two, 2, (struct tar_limits){.bytes = 10, .entries = 2}, &e), 0);
	assert_int_equal(unpack_within(p, two, 2, (struct tar_limits){.bytes = 9, .entries = 2}, &e), -EMSGSIZE);
	assert_non_null(strstr(e.msg, "\"b\""));
	assert_int_equal(unpack_within(p, two, 2, (struct tar_limits){.bytes = 10, .entries = 1}, &e), -EMSGSIZE);
}

static void paths_are_cleaned(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {{"", "."},      {"./", "."},      {"/", "."},     {"./a//b/", "a/b"}, {"/a/./b", "a/b"},
		     {"...", "..."}, {"a..b", "a..b"}, {"../a", NULL}, {"a/..", NULL},     {"a/../b", NULL}};
	char out[INSIDE_PATH_MAX];
	CLEANUP(buf_done) struct buf deep = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(inside_clean(cases[i].in, out), cases[i].out ? 0 : -EINVAL);
		if (cases[i].out)
			assert_string_equal(out, cases[i].out);
	}
	for (int i = 0; i <= INSIDE_DEPTH_MAX; i++)
		buf_append_str(&deep, "d/");
	assert_int_equal(inside_clean(buf_str(&deep), out), -ENAMETOOLONG);
	buf_clear(&deep);
	for (int i = 0; i < INSIDE_NAME_MAX; i++)
		buf_append_char(&deep, 'n');
	assert_int_equal(inside_clean(buf_str(&deep), out), -EINVAL);
}

/* Cut anywhere, broken anywhere: an error or fewer files, nothing else. */
static void malformed_archives_are_refused(void **state)
{
	struct place *p = *state;
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	tar_bytes_add(&b, "a", '0', 0644, NULL, "some text that fills");
	tar_bytes_add(&b, "b", '0', 0644, NULL, "and more");
	for (size_t i = 0; i < b.len; i += 7) {
		struct buf cut = {.ptr = b.ptr, .len = i};
		CLEANUP(closep) int fd = tar_bytes_file(&cut);
		struct tar_limits limits = TAR_LIMITS;
		struct err e = ERR_INIT;
		int r = tar_unpack(p->root, fd, true, &limits, &e);

		assert_true(r <= 0);
		assert_int_equal(r < 0, e.code != 0);
		if (i > 0 && i < 1024)
			assert_true(r < 0);
	}
}

static void digests_are_compared(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	CLEANUP(closep) int fd = -1;
	struct err e = ERR_INIT;
	char digest[TAR_DIGEST_MAX];

	(void)state;
	buf_append_str(&b, "abc"); /* FIPS 180-4, appendix */
	fd = tar_bytes_file(&b);
	assert_int_equal(tar_digest(fd, digest), 0);
	assert_string_equal(digest, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(tar_verify(fd, "x", digest, &e), 0);
	assert_int_equal(tar_verify(fd, "x",
				    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
				    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
				    &e),
			 0);
	digest[10] ^= 1;
	assert_int_equal(tar_verify(fd, "layer 1", digest, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "layer 1: its digest is sha256:ba78"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(files_folders_links_are_made),
		CASE(a_layer_replaces_what_was_below),
		CASE(whiteouts_take_from_below_only),
		CASE(no_path_climbs),
		CASE(links_lead_nowhere_else),
		CASE(devices_are_refused),
		CASE(limits_hold),
		CASE(malformed_archives_are_refused),
		cmocka_unit_test(paths_are_cleaned),
		cmocka_unit_test(digests_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
