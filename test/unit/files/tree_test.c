/* The folder: which files are read, and what counts of one that is no good any more. */
#include "folder.h"

#define LATER_NS INT64_MAX

static struct tree tree;

static int setup(void **state)
{
	folder_setup(state);
	tree = (struct tree){.dir = config, .ns = "mesh"};
	return 0;
}

static int teardown(void **state)
{
	tree_done(&tree);
	return folder_teardown(state);
}

static bool look(void)
{
	return tree_look(&tree, LATER_NS, NULL, NULL);
}

/* "a.yaml=a,b;" for each file, "!" where something is refused. */
static void shows(const char *want)
{
	CLEANUP(buf_done) struct buf got = BUF_INIT;

	for (size_t i = 0; i < tree.files.n; i++) {
		const struct file *f = tree.files.v[i];

		buf_printf(&got, "%s=", f->path);
		for (size_t k = 0; k < f->objects.n; k++)
			buf_printf(&got, "%s%s", k ? "," : "", f->objects.v[k].name);
		buf_append_str(&got, f->faults.n ? "!;" : ";");
	}
	assert_string_equal(want, buf_str(&got));
}

static void files_below_the_folder_are_read(void **state)
{
	(void)state;
	put_file("b/two.yml", ENTRY("b", "b.example"));
	put_file("a.yaml", ENTRY("a", "a.example"));
	put_file("c.json", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"c\"}}");
	put_file("notes.txt", "a: [");
	put_file(".hidden.yaml", "a: [");
	put_file("..data/x.yaml", "a: [");
	assert_true(look());
	shows("a.yaml=a;b/two.yml=b;c.json=c;");
	assert_false(look());
	drop_file("b/two.yml");
	assert_true(look());
	shows("a.yaml=a;c.json=c;");
}

static void links_are_followed(void **state)
{
	CLEANUP(freep) char *link = mem_printf("%s/linked", config);

	(void)state;
	put_file("../there/a.yaml", ENTRY("a", "a.example"));
	assert_int_equal(0, symlink("../there", link));
	assert_true(look());
	shows("linked/a.yaml=a;");
	put_file("../other/a.yaml", ENTRY("b", "b.example"));
	unlink(link);
	assert_int_equal(0, symlink("../other", link));
	assert_true(look());
	shows("linked/a.yaml=b;");
}

static void a_loop_of_links_ends(void **state)
{
	CLEANUP(freep) char *link = mem_printf("%s/again", config);

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	assert_int_equal(0, symlink(".", link));
	assert_true(look());
	assert_int_equal(FILES_FOLDERS_DEEP_MAX + 1, tree.files.n);
}

static void a_broken_file_counts_as_it_was(void **state)
{
	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example") "---\n" ENTRY("b", "b.example"));
	look();
	put_file("a.yaml", ENTRY("a", "a.example") "---\na: [");
	assert_true(look());
	shows("a.yaml=a,b!;");
	put_file("a.yaml", ENTRY("b", "b.example"));
	assert_true(look());
	shows("a.yaml=b;");
}

static void a_refused_object_counts_as_it_was(void **state)
{
	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example") "---\n" ENTRY("b", "b.example"));
	look();
	put_file("a.yaml", ENTRY("a", "'*'") "---\n" ENTRY("c", "c.example"));
	assert_true(look());
	shows("a.yaml=c,a!;");
	assert_string_equal("a.example", json_at(tree.files.v[0]->objects.v[1].json, "spec.hosts")->child->valuestring);
	put_file("a.yaml", ENTRY("d", "'*'"));
	assert_true(look());
	shows("a.yaml=!;");
}

static void what_was_good_before_the_start_counts_too(void *arg, struct file *f)
{
	cJSON *json = json_literal("{\"metadata\":{\"namespace\":\"shop\",\"name\":\"old\"}}");

	(void)arg;
	vec_push(&f->objects, (struct said){&api_kind_service_entry, json_str(json, "metadata.namespace"),
					    json_str(json, "metadata.name"), json, 0});
}

static void a_file_that_is_broken_at_the_start(void **state)
{
	(void)state;
	put_file("a.yaml", "a: [");
	put_file("b.yaml", ENTRY("b", "b.example"));
	assert_true(tree_look(&tree, LATER_NS, what_was_good_before_the_start_counts_too, NULL));
	shows("a.yaml=old!;b.yaml=b;");
}

static void a_file_that_is_being_written_waits(void **state)
{
	CLEANUP(freep) char *path = mem_printf("%s/a.yaml", config);
	struct stat st;
	int64_t written_ns;

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	assert_int_equal(0, stat(path, &st));
	written_ns = st.st_mtim.tv_sec * 1000000000ll + st.st_mtim.tv_nsec;
	tree_look(&tree, written_ns + 1000000, NULL, NULL);
	shows("a.yaml=;");
	assert_true(tree.young);
	assert_true(tree_look(&tree, written_ns + 200000000, NULL, NULL));
	shows("a.yaml=a;");
	assert_false(tree.young);
}

static void a_folder_that_cannot_be_read_is_not_empty(void **state)
{
	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	look();
	tree.dir = "/nonexistent";
	assert_true(look());
	assert_non_null(tree.problem);
	shows("a.yaml=a;");
	tree.dir = config;
	assert_true(look());
	assert_null(tree.problem);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(files_below_the_folder_are_read),
		CASE(links_are_followed),
		CASE(a_loop_of_links_ends),
		CASE(a_broken_file_counts_as_it_was),
		CASE(a_refused_object_counts_as_it_was),
		CASE(a_file_that_is_broken_at_the_start),
		CASE(a_file_that_is_being_written_waits),
		CASE(a_folder_that_cannot_be_read_is_not_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
