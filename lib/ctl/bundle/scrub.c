/* What is known to be secret, and what looks like it. */
#include "ctl/bundle/scrub.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "msg/json.h"

#define PEM_BEGIN "-----BEGIN "
#define PEM_END "-----END "
#define BASE64_PEM "LS0tLS1CRUdJTi" /* "-----BEGIN" */
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"
#define TOKEN_MIN_BYTES 20
#define DEPTH_MAX 64

/* Members whose texts are secret whatever they look like; any case, "_" and "-" do not count. */
static const char *const secret_names[] = {
	"privatekey",  "password",     "passwd",      "token",         "accesstoken",
	"bearertoken", "clientsecret", "secretkey",   "authorization", "apikey",
	"jwks",        "cookie",       "inlinebytes", "stringsecret",  "sessionticketkeys",
};

/* --- texts --- */

static bool is_token_byte(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static bool is_base64_byte(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

/* The length of a private key in PEM that begins here, 0 for none. One without an end is one to the text's end. */
static size_t pem_key(struct slice s)
{
	const char *line, *end;

	if (!slice_starts(s, SLICE(PEM_BEGIN)))
		return 0;
	line = memmem(s.ptr + strlen(PEM_BEGIN), s.len - strlen(PEM_BEGIN), "-----", 5);
	if (!line || !memmem(s.ptr, (size_t)(line - s.ptr), "PRIVATE KEY", 11))
		return 0;
	end = memmem(line, s.len - (size_t)(line - s.ptr), PEM_END, strlen(PEM_END));
	end = end ? memmem(end + strlen(PEM_END), s.len - (size_t)(end + strlen(PEM_END) - s.ptr), "-----", 5) : NULL;
	return end ? (size_t)(end + 5 - s.ptr) : s.len;
}

/* The same in base64. */
static size_t base64_key(struct slice s)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	size_t n = 0;

	if (!slice_starts(s, SLICE(BASE64_PEM)))
		return 0;
	while (n < s.len && is_base64_byte(s.ptr[n]))
		n++;
	/* cut to whole groups: what is cut off says nothing about the rest */
	if (base64_decode(slice_head(s, n / 4 * 4), &out) < 0)
		return n;
	return memmem(out.ptr, out.len, "PRIVATE KEY", 11) ? n : 0;
}

/* "eyJ....eyJ....sig" */
static size_t web_token(struct slice s)
{
	size_t n = 0, dots = 0;

	if (!slice_starts(s, SLICE("eyJ")))
		return 0;
	for (; n < s.len && (is_token_byte(s.ptr[n]) || s.ptr[n] == '.'); n++)
		dots += s.ptr[n] == '.';
	return dots >= 2 && n >= TOKEN_MIN_BYTES ? n : 0;
}

/* What stands behind "Bearer " or "Basic ", any case; *ret_keep is the length of that word. */
static size_t credential(struct slice s, size_t *ret_keep)
{
	static const char *const words[] = {"bearer ", "basic "};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if (s.len < n || strncasecmp(s.ptr, words[i], n) != 0)
			continue;
		*ret_keep = n;
		while (n < s.len && (is_token_byte(s.ptr[n]) || strchr("+/=.~", s.ptr[n])))
			n++;
		return n - *ret_keep >= 8 ? n : 0;
	}
	return 0;
}

/* The value in "password=...", up to what ends a word; *ret_keep is the length of what stands before it. */
static size_t assigned(struct slice s, size_t *ret_keep)
{
	static const char *const words[] = {"password=", "passwd=", "secret=", "token=", "api_key=", "apikey="};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if (s.len < n || strncasecmp(s.ptr, words[i], n) != 0)
			continue;
		*ret_keep = n;
		while (n < s.len && !isspace((unsigned char)s.ptr[n]) && !strchr("&\"',;", s.ptr[n]))
			n++;
		return n > *ret_keep ? n : 0;
	}
	return 0;
}

/* "user:password" in "://user:password@host". */
static size_t user_of_url(struct slice s, size_t *ret_keep)
{
	size_t n = 3;
	bool colon = false;

	if (!slice_starts(s, SLICE("://")))
		return 0;
	for (; n < s.len && !isspace((unsigned char)s.ptr[n]) && !strchr("/@\"'", s.ptr[n]); n++)
		colon |= s.ptr[n] == ':';
	*ret_keep = 3;
	return colon && n < s.len && s.ptr[n] == '@' ? n : 0;
}

/* How much at this place is secret, and how much of it stays. */
static size_t secret_at(struct slice s, size_t *ret_keep)
{
	*ret_keep = 0;
	switch (tolower((unsigned char)s.ptr[0])) {
	case '-':
		return pem_key(s);
	case 'l':
		return base64_key(s);
	case 'e':
		return web_token(s);
	case 'b':
		return credential(s, ret_keep);
	case ':':
		return user_of_url(s, ret_keep);
	case 'p':
	case 's':
	case 't':
	case 'a':
		return assigned(s, ret_keep);
	default:
		return 0;
	}
}

void scrub_text(struct slice text, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len;) {
		size_t keep;
		const size_t n = secret_at(slice_from(text, i), &keep);

		if (!n) {
			i++;
			continue;
		}
		buf_append(out, text.ptr + from, i + keep - from);
		buf_append_str(out, SCRUBBED);
		i += n;
		from = i;
	}
	buf_append(out, text.ptr + from, text.len - from);
}

/* --- objects --- */

static bool is_secret_name(const char *name)
{
	char plain[64];
	size_t n = 0;

	for (; name && *name && n + 1 < sizeof(plain); name++)
		if (*name != '_' && *name != '-')
			plain[n++] = (char)tolower((unsigned char)*name);
	plain[n] = 0;
	for (size_t i = 0; i < ARRAY_LEN(secret_names); i++)
		if (!strcmp(plain, secret_names[i]))
			return true;
	return false;
}

static void scrub_string(cJSON *v)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (is_secret_name(v->string)) {
		cJSON_SetValuestring(v, SCRUBBED);
		return;
	}
	scrub_text(slice_str(v->valuestring), &out);
	if (strcmp(buf_str(&out), v->valuestring) != 0)
		cJSON_SetValuestring(v, buf_str(&out));
}

/* Applications keep passwords in variables; a proxy's say how it was set up. */
static void scrub_variables(cJSON *container)
{
	const bool proxy = !strcmp(json_str_or_empty(container, "name"), "istio-proxy");

	for (cJSON *x = json_array(container, "env")->child; x && !proxy; x = x->next)
		if (json_get(x, "value"))
			json_set_str(x, "value", SCRUBBED);
}

static void scrub_value(cJSON *v, int depth)
{
	if (cJSON_IsString(v))
		scrub_string(v);
	if (depth == DEPTH_MAX)
		return;
	if (cJSON_IsObject(v)) {
		cJSON_DeleteItemFromObjectCaseSensitive(v, LAST_APPLIED);
		if (json_get(v, "env") && json_get(v, "name"))
			scrub_variables(v);
	}
	for (cJSON *x = v->child; x; x = x->next)
		scrub_value(x, depth + 1);
}

void scrub_json(cJSON *o)
{
	/* what is nested deeper than objects are is no object */
	scrub_value(o, 0);
}
