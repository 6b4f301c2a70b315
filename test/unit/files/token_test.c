/* Tokens of proxies: whose they are, until when, and that nothing else is one. */
#include "folder.h"

#include "base/clock.h"

static char text[FILES_TOKEN_MAX_BYTES * 2];

static int setup(void **state)
{
	CLEANUP(buf_done) struct buf token = BUF_INIT;

	folder_setup(state);
	assert_int_equal(0, files_make_token(kept, "shop/web", 3600, &token, NULL));
	snprintf(text, sizeof(text), "%s", buf_str(&token));
	return 0;
}

static int64_t now_s(void)
{
	return clock_wall_ns() / NS_PER_S;
}

static const char *whose(const char *token, int64_t at_s)
{
	static char out[64];
	static struct err e;
	int64_t ends_s;

	return token_check(kept, slice_str(token), at_s, out, sizeof(out), &ends_s, &e) < 0 ? e.msg : out;
}

#define NONE "it is none that was made here, or it was taken back"

static void a_token_is_its_account_s(void **state)
{
	(void)state;
	assert_string_equal("shop/web", whose(text, now_s()));
}

static void it_ends(void **state)
{
	(void)state;
	assert_string_equal("shop/web", whose(text, now_s() + 3500));
	assert_string_equal("it has expired", whose(text, now_s() + 3601));
}

static void another_one_is_none(void **state)
{
	CLEANUP(freep) char *other = mem_strdup(text);
	CLEANUP(freep) char *shorter = mem_printf("%.*s", (int)strlen(text) - 1, text);
	CLEANUP(freep) char *longer = mem_printf("%sA", text);
	CLEANUP(freep) char *no_secret = mem_printf("%.*s.", (int)(strrchr(text, '.') - text), text);

	(void)state;
	other[strlen(other) - 2] ^= 1;
	assert_string_equal(NONE, whose(other, now_s()));
	assert_string_equal(NONE, whose(shorter, now_s()));
	assert_string_equal(NONE, whose(longer, now_s()));
	assert_string_equal(NONE, whose(no_secret, now_s()));
	assert_string_equal(NONE, whose("", now_s()));
	assert_string_equal(NONE, whose("weft.0123456789abcdef.secret", now_s()));
}

/* What the identifier leads to is a file of that folder alone. */
static void it_names_no_other_file(void **state)
{
	CLEANUP(freep) char *folder = mem_printf("%s/tokens/below", kept);
	CLEANUP(freep) char *path = mem_printf("%s/0123456789.json", folder);
	CLEANUP(freep) char *elsewhere = mem_printf("weft.below/0123456789.%s", strrchr(text, '.') + 1);
	CLEANUP(freep) char *id = mem_printf("tokens/%.16s.json", text + strlen("weft."));
	CLEANUP(freep) char *kept_json = kept_text(id);

	(void)state;
	assert_int_equal(0, file_mkdirs(folder, 0700, NULL));
	assert_int_equal(0, file_put(path, slice_str(kept_json), 0600, NULL));
	assert_string_equal(NONE, whose(elsewhere, now_s()));
}

static void what_is_kept_is_not_the_token(void **state)
{
	CLEANUP(freep) char *id = mem_printf("tokens/%.16s.json", text + strlen("weft."));
	CLEANUP(freep) char *path = mem_printf("%s/%s", kept, id);
	CLEANUP(freep) char *kept_json = kept_text(id);
	struct stat st;

	(void)state;
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 0777);
	assert_non_null(strstr(kept_json, "sha256"));
	assert_null(strstr(kept_json, strrchr(text, '.') + 1));
	assert_int_equal(0, unlink(path));
	assert_string_equal(NONE, whose(text, now_s()));
}

static void what_is_kept_badly_is_nobody_s(void **state)
{
	static const char *const rows[][2] = {
		{"{}", NONE},
		{"nothing", NONE},
		{"{\"namespace\":\"shop\",\"serviceAccount\":\"web\",\"sha256\":\"\",\"expires\":\"2999-01-01T00:00:"
		 "00Z\"}",
		 NONE},
	};
	CLEANUP(freep) char *path = mem_printf("%s/tokens/%.16s.json", kept, text + strlen("weft."));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(0, file_put(path, slice_str(rows[i][0]), 0600, NULL));
		assert_string_equal(rows[i][1], whose(text, now_s()));
	}
}

/* Each is good of its digest alone. */
static void without_an_end_or_an_owner_it_is_nobody_s(void **state)
{
	static const struct {
		const char *member, *want;
	} rows[] = {
		{"expires", "it has expired"}, {"namespace", "it is nobody's"}, {"serviceAccount", "it is nobody's"}};
	CLEANUP(freep) char *id = mem_printf("tokens/%.16s.json", text + strlen("weft."));
	CLEANUP(freep) char *path = mem_printf("%s/%s", kept, id);
	CLEANUP(freep) char *whole = kept_text(id);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = json_literal(whole);
		CLEANUP(freep) char *now = NULL;

		json_remove(json, rows[i].member);
		now = json_to_text(json);
		assert_int_equal(0, file_put(path, slice_str(now), 0600, NULL));
		assert_string_equal(rows[i].want, whose(text, now_s()));
	}
}

static void for_nobody_none_is_made(void **state)
{
	static const char *const rows[] = {"web", "shop/", "/web", "shop/web/x", "../x/web", "Shop/web", "a.b/web", ""};
	CLEANUP(buf_done) struct buf token = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(-EINVAL, files_make_token(kept, rows[i], 60, &token, NULL));
	assert_int_equal(-EINVAL, files_make_token(kept, "shop/web", 0, &token, NULL));
	assert_int_equal(0, token.len);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_token_is_its_account_s),
		CASE(it_ends),
		CASE(another_one_is_none),
		CASE(it_names_no_other_file),
		CASE(what_is_kept_is_not_the_token),
		CASE(what_is_kept_badly_is_nobody_s),
		CASE(without_an_end_or_an_owner_it_is_nobody_s),
		CASE(for_nobody_none_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
