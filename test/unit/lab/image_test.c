/* Names, users and documents of images; archives from the first byte to the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/slice.h"
#include "lab/image/document.h"
#include "lab/image/image.h"
#include "lab/image/load.h"
#include "lab/image/reference.h"
#include "lab/image/tar.h"
#include "lab/image/user.h"
#include "tar_bytes.h"

#define D64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA "sha256:" D64

/* ---- names ---- */

static void names_are_filled_in(void **state)
{
	static const struct {
		const char *given, *want; /* want: NULL = refused */
	} rows[] = {
		{"postgres", "docker.io/library/postgres:latest"},
		{"postgres:15", "docker.io/library/postgres:15"},
		{"prom/prometheus:v2.42.0", "docker.io/prom/prometheus:v2.42.0"},
		{"docker.io/postgres", "docker.io/library/postgres:latest"},
		{"index.docker.io/a/b", "docker.io/a/b:latest"},
		{"quay.io/weft/proxy", "quay.io/weft/proxy:latest"},
		{"localhost/a", "localhost/a:latest"},
		{"localhost:5000/a/b:1", "localhost:5000/a/b:1"},
		{"Host/a", "Host/a:latest"},
		{"[::1]:5000/a", "[::1]:5000/a:latest"},
		{"a_b/c__d/e-f/g--h/i.j", "docker.io/a_b/c__d/e-f/g--h/i.j:latest"},
		{"a@" SHA, "docker.io/library/a@" SHA},
		{"h.example/a:1@" SHA, "h.example/a@" SHA},
		{"", NULL},
		{":1", NULL},
		{"a:", NULL},
		{"a:-1", NULL},
		{"A", NULL},
		{"a/B", NULL},
		{"a//b", NULL},
		{"/a", NULL},
		{"a/", NULL},
		{"a..b", NULL},
		{"a___b", NULL},
		{"-a", NULL},
		{"a b", NULL},
		{"a@sha256:12", NULL},
		{"a@md5:" D64, NULL},
		{"h.example:x/a", NULL},
		{"h.example:99999/a", NULL},
		{"../a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct image_reference ref;
		struct err e = ERR_INIT;
		int r = image_reference_parse(rows[i].given, &ref, &e);

		if (rows[i].want && r < 0)
			fail_msg("%s: %s", rows[i].given, e.msg);
		if (!rows[i].want && r == 0)
			fail_msg("%s is %s", rows[i].given, ref.text);
		if (rows[i].want)
			assert_string_equal(ref.text, rows[i].want);
	}
}

static void names_have_a_longest(void **state)
{
	struct image_reference ref;
	struct err e = ERR_INIT;
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[237] = '\0'; /* and "docker.io/library/" make 255 */
	assert_int_equal(image_reference_parse(name, &ref, &e), 0);
	struct image_reference again;
	assert_int_equal(image_reference_parse(ref.text, &again, &e), 0); /* the whole is as long as its parts */
	name[237] = 'a';
	name[238] = '\0';
	assert_int_equal(image_reference_parse(name, &ref, &e), -EINVAL);
}

/* ---- users ---- */

static const struct image_users users = {
	{"root:x:0:0:root:/root:/bin/sh\nweb:x:1001:1002:Web:/srv:/bin/sh\nbroken:x:abc:1\n17:x:18:19::/odd:\n", 0},
	{"root:x:0:\nweb:x:1002:\nextra:x:50:root,web\nmore:x:51:web\nmine:x:1002:web\n", 0},
};

static void users_are_those_of_the_image(void **state)
{
	static const struct {
		const char *text;
		int uid, gid, groups; /* uid -1: refused */
		const char *home;
	} rows[] = {
		{"", 0, 0, 1, "/root"},          {"root", 0, 0, 1, "/root"},
		{"web", 1001, 1002, 2, "/srv"},  {"1001", 1001, 1002, 2, "/srv"},
		{"web:50", 1001, 50, 2, "/srv"}, {"web:extra", 1001, 50, 2, "/srv"},
		{"5000", 5000, 0, 0, "/"},       {"5000:6000", 5000, 6000, 0, "/"},
		{"17", 17, 0, 0, "/"},           {"nobody", -1, 0, 0, NULL},
		{"web:nogroup", -1, 0, 0, NULL}, {"broken", -1, 0, 0, NULL},
		{"99999999999", -1, 0, 0, NULL}, {"-1", -1, 0, 0, NULL},
	};
	struct image_users in = {slice_str(users.passwd.ptr), slice_str(users.group.ptr)};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct image_user u;
		struct err e = ERR_INIT;
		int r = image_user_find(&in, rows[i].text, &u, &e);

		if ((r < 0) != (rows[i].uid < 0))
			fail_msg("user '%s': %s", rows[i].text, r < 0 ? e.msg : "taken");
		if (r < 0)
			continue;
		assert_int_equal(u.uid, rows[i].uid);
		assert_int_equal(u.gid, rows[i].gid);
		assert_int_equal(u.n_groups, rows[i].groups);
		assert_string_equal(u.home, rows[i].home);
	}
	assert_true(image_user_is_number(""));
	assert_true(image_user_is_number("0:web"));
	assert_false(image_user_is_number("web"));
}

/* ---- documents ---- */

static void configurations_are_read(void **state)
{
	static const char json[] =
		"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"User\":\"web\",\"Env\":[\"A=b=c\"],"
		"\"Entrypoint\":[\"/x\",\"y\"],\"Cmd\":null,\"WorkingDir\":\"/w\",\"StopSignal\":\"SIGRTMIN+3\"},"
		"\"rootfs\":{\"diff_ids\":[\"" SHA "\"]}}";
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct image_config c;
	struct err e = ERR_INIT;

	(void)state;
	if (image_config_parse(slice_str(json), &a, &c, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(c.user, "web");
	assert_string_equal(c.env[0], "A=b=c");
	assert_string_equal(c.entrypoint[1], "y");
	assert_null(c.entrypoint[2]);
	assert_null(c.command[0]);
	assert_string_equal(c.cwd, "/w");
	assert_int_equal(c.stop_signal, SIGRTMIN + 3);
	assert_int_equal(c.n_layers, 1);
	assert_int_equal(image_config_parse(SLICE("{}"), &a, &c, &e), 0);
	assert_string_equal(c.user, "");
	assert_int_equal(c.n_layers, 0);
}

static void malformed_configurations_are_refused(void **state)
{
	static const struct {
		const char *json, *why;
	} rows[] = {
		{"[]", "not an object"},
		{"{", "configuration"},
		{"{\"config\":{\"Env\":[\"novalue\"]}}", "Env"},
		{"{\"config\":{\"Env\":[\"=x\"]}}", "Env"},
		{"{\"config\":{\"Cmd\":\"sh\"}}", "Cmd: not a list"},
		{"{\"config\":{\"Entrypoint\":[1]}}", "Entrypoint[0]"},
		{"{\"config\":{\"StopSignal\":\"SIGNOTHING\"}}", "StopSignal"},
		{"{\"rootfs\":{\"diff_ids\":[\"sha256:1\"]}}", "diff_ids[0]"},
		{"{\"rootfs\":{\"diff_ids\":[\"sha256:../../../../../../../../../../../../../../../../etc/"
		 "passwd______________\"]}}",
		 "diff_ids[0]"},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct image_config c;
		struct err e = ERR_INIT;

		assert_true(image_config_parse(slice_str(rows[i].json), &a, &c, &e) < 0);
		if (!strstr(e.msg, rows[i].why))
			fail_msg("%s: '%s' does not say '%s'", rows[i].json, e.msg, rows[i].why);
	}
}

static void manifests_and_indexes_are_read(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct image_manifest m = {0}, *docker;
	struct image_entry *entries;
	struct err e = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(image_manifest_parse(
				 SLICE("{\"config\":{\"digest\":\"" SHA "\"},\"layers\":[{\"digest\":\"" SHA "\"}]}"),
				 &a, &m, &e),
			 0);
	assert_string_equal(m.layers[0].path, "blobs/sha256/" D64);
	assert_int_equal(image_manifest_parse(SLICE("{\"config\":{\"digest\":\"sha256:x\"}}"), &a, &m, &e), -EINVAL);
	assert_int_equal(
		image_manifest_parse(SLICE("{\"config\":{\"digest\":\"" SHA "\"},\"layers\":[{\"digest\":\"../x\"}]}"),
				     &a, &m, &e),
		-EINVAL);
	assert_int_equal(image_manifest_parse(
				 SLICE("{\"config\":{\"digest\":\"" SHA "\"},\"layers\":[{\"digest\":\"" SHA
				       "\",\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip+encrypted\"}]}"),
				 &a, &m, &e),
			 -ENOTSUP);
	assert_int_equal(
		image_index_parse(
			SLICE("{\"manifests\":[{\"digest\":\"" SHA
			      "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"},"
			      "\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}},{\"digest\":\"" SHA
			      "\",\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"annotations\":"
			      "{\"io.containerd.image.name\":\"a/"
			      "b:1\",\"org.opencontainers.image.ref.name\":\"1\"}}]}"),
			&a, &entries, &n, &e),
		0);
	assert_int_equal(n, 2);
	assert_string_equal(entries[0].architecture, "arm64");
	assert_null(entries[0].name); /* a tag alone names nothing */
	assert_true(entries[1].index);
	assert_string_equal(entries[1].name, "a/b:1");
	assert_int_equal(image_docker_parse(SLICE("[{\"Config\":\"" D64
						  ".json\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"x/layer.tar\"]}]"),
					    &a, &docker, &n, &e),
			 0);
	assert_string_equal(docker[0].config.digest, SHA);
	assert_string_equal(docker[0].layers[0].path, "x/layer.tar");
	assert_int_equal(image_docker_parse(SLICE("{}"), &a, &docker, &n, &e), -EINVAL);
}

/* ---- archives ---- */

struct place {
	char dir[256];
	struct image_store *store;
	struct image_place where;
};

static int setup(void **state)
{
	struct place *p = NEW(struct place);
	struct err e = ERR_INIT;

	snprintf(p->dir, sizeof(p->dir), "%s/weft-image-XXXXXX", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(image_store_open(p->dir, &p->store, &e), 0);
	p->where = (struct image_place){
		.data_dir = p->dir, .bin_dir = p->dir, .images_dir = mem_printf("%s/folder", p->dir)};
	assert_int_equal(mkdir(p->where.images_dir, 0755), 0);
	*state = p;
	return 0;
}

/* Whatever happened: no half of anything stays. */
static int teardown(void **state)
{
	struct place *p = *state;
	DIR *d = opendir(image_store_dir(p->store));
	const struct dirent *entry;

	while ((entry = readdir(d)))
		if (strncmp(entry->d_name, "load", 4) == 0)
			fail_msg("%s is left", entry->d_name);
	closedir(d);
	image_store_close(p->store);
	file_remove_tree(p->dir, NULL);
	free((char *)p->where.images_dir);
	free(p);
	return 0;
}

/* What an archive is made of; a NULL is what is right. */
struct parts {
	const char *tag, *architecture, *diff_id, *config_name, *layer_name, *config;
	int layers; /* how often manifest.json lists the layer; 0 = once */
	bool no_layer;
};

static char *digest_of(const struct buf *b)
{
	CLEANUP(closep) int fd = tar_bytes_file(b);
	char text[TAR_DIGEST_MAX];

	assert_int_equal(tar_digest(fd, text), 0);
	return mem_strdup(text);
}

static char *write_archive(struct place *p, const char *name, const char *motd, const struct parts *x)
{
	CLEANUP(buf_done) struct buf layer = BUF_INIT, config = BUF_INIT, archive = BUF_INIT, list = BUF_INIT;
	CLEANUP(freep) char *diff_id = NULL;
	CLEANUP(freep) char *id = NULL;
	CLEANUP(freep) char *config_name = NULL;
	char *path = mem_printf("%s/%s", p->dir, name);
	const char *layer_name = x->layer_name ? x->layer_name : "one/layer.tar";

	tar_bytes_add(&layer, "etc/motd", '0', 0644, NULL, motd);
	tar_bytes_add(&layer, "etc/passwd", '0', 0644, NULL, "web:x:7:8::/srv:\n");
	tar_bytes_end(&layer);
	diff_id = digest_of(&layer);
	buf_printf(&config,
		   "{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":%s,\"rootfs\":{\"diff_ids\":[\"%s\"]}}",
		   x->architecture ? x->architecture : image_architecture(),
		   x->config ? x->config : "{\"User\":\"web\",\"WorkingDir\":\"/work/dir\",\"Cmd\":[\"/run\"]}",
		   x->diff_id ? x->diff_id : diff_id);
	id = digest_of(&config);
	config_name = x->config_name ? mem_strdup(x->config_name) : mem_printf("%s.json", id + 7);
	buf_printf(&list, "[{\"Config\":\"%s\",\"RepoTags\":%s%s%s,\"Layers\":[\"%s\"", config_name,
		   x->tag ? "[\"" : "null", x->tag ? x->tag : "", x->tag ? "\"]" : "", layer_name);
	for (int i = 1; i < x->layers; i++)
		buf_printf(&list, ",\"%s\"", layer_name);
	buf_append_str(&list, "]}]");
	if (!x->no_layer) {
		/* As text: it has NULs, so the file is written by hand. */
		CLEANUP(buf_done) struct buf head = BUF_INIT;

		tar_bytes_add(&head, layer_name, '0', 0644, NULL, NULL);
		snprintf(head.ptr + 124, 12, "%011o", (unsigned)layer.len);
		memset(head.ptr + 148, ' ', 8);
		unsigned sum = 0;
		for (size_t i = 0; i < 512; i++)
			sum += (unsigned char)head.ptr[i];
		snprintf(head.ptr + 148, 8, "%06o", sum);
		buf_append_slice(&archive, buf_slice(&head));
		buf_append_slice(&archive, buf_slice(&layer)); /* whole blocks */
	}
	tar_bytes_add(&archive, config_name, '0', 0644, NULL, buf_str(&config));
	tar_bytes_add(&archive, "manifest.json", '0', 0644, NULL, buf_str(&list));
	tar_bytes_end(&archive);
	assert_int_equal(file_put(path, buf_slice(&archive), 0644, NULL), 0);
	return path;
}

static int load(struct place *p, const char *name, const char *motd, const struct parts *x, struct err *e)
{
	CLEANUP(freep) char *path = write_archive(p, name, motd, x);

	*e = (struct err)ERR_INIT;
	return image_load(&(struct image_load){.store = p->store}, path, e);
}

static int get(struct place *p, const char *reference, enum image_pull pull, struct image *ret, struct err *e)
{
	*e = (struct err)ERR_INIT;
	return image_get(&p->where, reference, pull, ret, e);
}

/* The image's /etc/motd. */
static void assert_motd(const struct image *i, const char *want)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(freep) char *path = mem_printf("%s/etc/motd", i->root);

	assert_int_equal(file_read(path, 100, &text, NULL), 0);
	assert_string_equal(buf_str(&text), want);
}

static void an_archive_becomes_an_image(void **state)
{
	struct place *p = *state;
	CLEANUP(image_done) struct image i = {0};
	CLEANUP(freep) char *work = NULL;
	struct err e;

	if (load(p, "x.tar", "hello", &(struct parts){.tag = "a.example/b:1"}, &e) < 0)
		fail_msg("%s", e.msg);
	if (get(p, "a.example/b:1", IMAGE_PULL_NEVER, &i, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(i.name, "a.example/b");
	assert_true(image_is_digest(slice_str(i.id)));
	assert_string_equal(i.user, "web");
	assert_string_equal(i.command[0], "/run");
	assert_motd(&i, "hello");
	assert_true(slice_starts(i.users.passwd, SLICE("web:x:7:8")));
	work = mem_printf("%s/work/dir", i.root);
	assert_int_equal(access(work, F_OK), 0);
	image_done(&i);
	assert_int_equal(get(p, "a.example/b:2", IMAGE_PULL_IF_NOT_PRESENT, &i, &e), -ENOENT);
}

static void malformed_archives_are_refused(void **state)
{
	static const struct {
		struct parts parts;
		const char *why;
	} rows[] = {
		{{.tag = "a:1", .diff_id = SHA}, "its digest is"},
		{{.tag = "a:1", .config_name = D64 ".json"}, "its digest is"},
		{{.tag = "a:1", .layers = 2}, "2 layers, and digests of 1"},
		{{.tag = "a:1", .architecture = "s390x"}, "it is for linux/s390x"},
		{{.tag = "a:1", .no_layer = true}, "is not in the archive"},
		{{.tag = "a:1", .layer_name = "../../../etc/hostname", .no_layer = true}, "is not in the archive"},
		{{.tag = "a:1", .layer_name = "../climbs"}, "climbs"},
		{{.tag = "a:1", .config = "{\"WorkingDir\":\"/../../x\"}"}, "WorkingDir"},
		{{.tag = "a:1", .config = "{\"Env\":7}"}, "Env"},
		{{.tag = "No Name"}, "image name"},
		{{.tag = NULL}, "--name"},
	};
	struct place *p = *state;
	CLEANUP(image_done) struct image i = {0};
	struct err e;

	for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
		if (load(p, "x.tar", "hello", &rows[n].parts, &e) == 0)
			fail_msg("taken: %s", rows[n].why);
		if (!strstr(e.msg, rows[n].why))
			fail_msg("'%s' does not say '%s'", e.msg, rows[n].why);
		assert_int_equal(get(p, "a:1", IMAGE_PULL_NEVER, &i, &e), -ENOENT);
		image_done(&i);
	}
}

/* A new archive of the folder counts where the policy is Always, else when the image is missing. */
static void the_folder_is_where_images_are_pulled_from(void **state)
{
	struct place *p = *state;
	CLEANUP(image_done) struct image i = {0};
	struct err e;

	free(write_archive(p, "folder/x.tar", "one", &(struct parts){.tag = "a:1"}));
	assert_int_equal(get(p, "a:1", IMAGE_PULL_NEVER, &i, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "pull policy of Never"));
	image_done(&i);
	assert_int_equal(get(p, "a:1", IMAGE_PULL_IF_NOT_PRESENT, &i, &e), 0);
	assert_true(i.pulled);
	assert_motd(&i, "one");
	image_done(&i);
	assert_int_equal(get(p, "docker.io/library/a:1", IMAGE_PULL_ALWAYS, &i, &e), 0);
	assert_false(i.pulled); /* it has not changed */
	image_done(&i);
	free(write_archive(p, "folder/x.tar", "another", &(struct parts){.tag = "a:1"}));
	assert_int_equal(get(p, "a:1", IMAGE_PULL_IF_NOT_PRESENT, &i, &e), 0);
	assert_motd(&i, "one");
	image_done(&i);
	assert_int_equal(get(p, "a:1", IMAGE_PULL_ALWAYS, &i, &e), 0);
	assert_true(i.pulled);
	assert_motd(&i, "another");
	image_done(&i);
	assert_int_equal(get(p, "b:1", IMAGE_PULL_ALWAYS, &i, &e), -ENOENT);
	assert_non_null(strstr(e.msg, p->where.images_dir));
	image_done(&i);
	assert_int_equal(get(p, "B:1", IMAGE_PULL_ALWAYS, &i, &e), -EINVAL);
}

static void a_built_in_name_stands_unless_one_is_loaded(void **state)
{
	struct place *p = *state;
	CLEANUP(image_done) struct image i = {0};
	struct err e;

	free(write_archive(p, "folder/x.tar", "folder", &(struct parts){.tag = "debian:12"}));
	assert_int_equal(get(p, "debian:12", IMAGE_PULL_ALWAYS, &i, &e), 0);
	assert_null(i.root);
	assert_string_equal(i.command[0], "bash");
	image_done(&i);
	assert_int_equal(load(p, "y.tar", "mine", &(struct parts){.tag = "debian:12"}, &e), 0);
	assert_int_equal(get(p, "debian:12", IMAGE_PULL_IF_NOT_PRESENT, &i, &e), 0);
	assert_motd(&i, "mine");
	image_done(&i);
	assert_int_equal(get(p, "evil/postgres", IMAGE_PULL_NEVER, &i, &e), -ENOENT);
}

static void names_move_and_the_rest_is_collected(void **state)
{
	struct place *p = *state;
	CLEANUP(image_done) struct image old = {0}, new = {0};
	CLEANUP(freep) char *half = mem_printf("%s/load.123456", image_store_dir(p->store));
	struct err e;

	assert_int_equal(load(p, "x.tar", "one", &(struct parts){.tag = "a:1"}, &e), 0);
	assert_int_equal(get(p, "a:1", IMAGE_PULL_NEVER, &old, &e), 0);
	assert_int_equal(load(p, "x.tar", "two", &(struct parts){.tag = "a:1"}, &e), 0);
	assert_int_equal(get(p, "a:1", IMAGE_PULL_NEVER, &new, &e), 0);
	assert_string_not_equal(old.id, new.id);
	assert_motd(&old, "one"); /* whoever runs it still has it */
	assert_int_equal(mkdir(half, 0700), 0);
	assert_int_equal(image_store_collect(p->store, &e), 0);
	assert_int_equal(access(old.root, F_OK), -1);
	assert_int_equal(access(half, F_OK), -1);
	assert_motd(&new, "two");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_filled_in),
		cmocka_unit_test(names_have_a_longest),
		cmocka_unit_test(users_are_those_of_the_image),
		cmocka_unit_test(configurations_are_read),
		cmocka_unit_test(malformed_configurations_are_refused),
		cmocka_unit_test(manifests_and_indexes_are_read),
		CASE(an_archive_becomes_an_image),
		CASE(malformed_archives_are_refused),
		CASE(the_folder_is_where_images_are_pulled_from),
		CASE(a_built_in_name_stands_unless_one_is_loaded),
		CASE(names_move_and_the_rest_is_collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
