/*
 * Proxies' tokens: "weft.ID.SECRET". The secret is 32 random bytes; what is kept in tokens/ID.json is its digest, whose
 * it is and when it ends. Whoever can read that file can be nobody by it; who removes it takes the token back.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/rand.h"
#include "files/internal.h"
#include "pki/digest.h"

#define PREFIX "weft."
#define ID_BYTES 8
#define ID_LEN (2 * ID_BYTES)
#define SECRET_BYTES 32
#define KEPT_MAX_BYTES 4096
#define TTL_MAX_S (100ll * 365 * 86400)

static void to_hex(const uint8_t *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		sprintf(out + 2 * i, "%02x", bytes[i]);
}

static bool from_hex(const char *text, uint8_t *out, size_t n)
{
	if (strlen(text) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Its identifier becomes a file's name. */
static bool split(struct slice token, struct slice *id, struct slice *secret)
{
	if (token.len > FILES_TOKEN_MAX_BYTES || !slice_starts(token, SLICE(PREFIX)))
		return false;
	*secret = slice_from(token, strlen(PREFIX));
	*id = slice_split(secret, '.');
	for (size_t i = 0; i < id->len; i++)
		if (hex_digit(id->ptr[i]) < 0)
			return false;
	return id->len == ID_LEN && secret->len;
}

static cJSON *read_kept(const char *state, struct slice id)
{
	CLEANUP(freep) char *path = mem_printf("%s/tokens/%.*s.json", state, SLICE_ARG(id));
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *json = NULL;

	if (file_read(path, KEPT_MAX_BYTES, &text, NULL) < 0)
		return NULL;
	return json_parse(buf_slice(&text), KEPT_MAX_BYTES, &json, NULL) < 0 ? NULL : json;
}

static bool is_secret(const cJSON *kept, struct slice secret)
{
	uint8_t want[PKI_SHA256_BYTES], have[PKI_SHA256_BYTES];

	pki_sha256(secret, have);
	return from_hex(json_str_or_empty(kept, "sha256"), want, sizeof(want)) &&
	       CRYPTO_memcmp(want, have, sizeof(want)) == 0;
}

int token_check(const char *state, struct slice token, int64_t now_s, char *out, size_t size, int64_t *ret_expires_s,
		struct err *e)
{
	struct slice id, secret;
	CLEANUP(json_freep) cJSON *kept = split(token, &id, &secret) ? read_kept(state, id) : NULL;
	const char *ns = json_str_or_empty(kept, "namespace"), *account = json_str_or_empty(kept, "serviceAccount");
	int64_t ends_ns = 0;
	int n;

	if (!kept || !is_secret(kept, secret))
		return err_set(e, -EACCES, "it is none that was made here, or it was taken back");
	if (clock_parse(slice_str(json_str(kept, "expires")), &ends_ns) < 0 || ends_ns / NS_PER_S <= now_s)
		return err_set(e, -EACCES, "it has expired");
	n = snprintf(out, size, "%s/%s", ns, account);
	if (!*ns || !*account || n < 0 || (size_t)n >= size)
		return err_set(e, -EACCES, "it is nobody's");
	*ret_expires_s = ends_ns / NS_PER_S;
	return 0;
}

/* --- making one --- */

/* weftd may run as somebody else than who makes the token: it belongs to whom the folder does. */
static void hand_over(const char *folder, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(folder, &st) == 0 && st.st_uid != 0 && chown(path, st.st_uid, st.st_gid) < 0)
		fprintf(stderr, "weftd: %s: %s\n", path, strerror(errno));
}

static int keep(const char *state, const char *id, const cJSON *kept, struct err *e)
{
	CLEANUP(freep) char *folder = mem_printf("%s/tokens", state);
	CLEANUP(freep) char *path = mem_printf("%s/%s.json", folder, id);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r = file_mkdirs(folder, 0700, e);

	json_print(kept, &text);
	if (r == 0)
		r = file_write(path, buf_slice(&text), 0600, e);
	if (r == 0)
		hand_over(folder, path);
	return r < 0 ? err_wrap(e, r, "state folder") : 0;
}

/* "namespace/name"; *ret_ns is the caller's to free. */
static bool split_who(const char *who, char **ret_ns, const char **ret_account)
{
	const char *slash = strchr(who, '/');

	*ret_ns = mem_printf("%.*s", slash ? (int)(slash - who) : 0, who);
	*ret_account = slash ? slash + 1 : "";
	return files_is_name(*ret_ns) && !strchr(*ret_ns, '.') && strlen(*ret_ns) <= 63 && files_is_name(*ret_account);
}

int files_make_token(const char *state, const char *who, int64_t ttl_s, struct buf *out, struct err *e)
{
	const int64_t now_s = clock_wall_ns() / NS_PER_S;
	uint8_t id_bytes[ID_BYTES], secret[SECRET_BYTES], digest[PKI_SHA256_BYTES];
	char id[ID_LEN + 1], hex[2 * PKI_SHA256_BYTES + 1], at[CLOCK_TEXT_MAX];
	CLEANUP(json_freep) cJSON *kept = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(freep) char *ns = NULL;
	const char *account;
	int r;

	if (!split_who(who, &ns, &account))
		return err_set(e, -EINVAL, "%.100s: expected NAMESPACE/SERVICEACCOUNT", who);
	if (ttl_s <= 0 || ttl_s > TTL_MAX_S)
		return err_set(e, -EINVAL, "a token lives between a second and a hundred years");
	rand_bytes(id_bytes, sizeof(id_bytes));
	rand_bytes(secret, sizeof(secret));
	to_hex(id_bytes, sizeof(id_bytes), id);
	base64url_encode(slice_make(secret, sizeof(secret)), &text);
	pki_sha256(buf_slice(&text), digest);
	to_hex(digest, sizeof(digest), hex);
	json_set_str(kept, "namespace", ns);
	json_set_str(kept, "serviceAccount", account);
	json_set_str(kept, "sha256", hex);
	json_set_str(kept, "created", clock_format_s(now_s, at));
	json_set_str(kept, "expires", clock_format_s(now_s + ttl_s, at));
	r = keep(state, id, kept, e);
	if (r == 0)
		buf_printf(out, PREFIX "%s.%s", id, buf_str(&text));
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(text.ptr, text.len);
	return r;
}
