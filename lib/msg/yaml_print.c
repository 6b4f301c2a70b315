/* The YAML writer: block style, two spaces, list items not indented below their key, as kubectl prints. */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"
#include "msg/yaml.h"
#include "msg/yaml_internal.h"

static void print_value(const cJSON *json, int indent, struct buf *out);

static void print_indent(int indent, struct buf *out)
{
	for (int i = 0; i < indent; i++)
		buf_append_char(out, ' ');
}

/* Whether a plain scalar of this text would be read back as this string. */
static bool plain_is_safe(const char *s)
{
	CLEANUP(json_freep) cJSON *as = NULL;
	size_t n = strlen(s);

	if (!n || isspace((unsigned char)s[0]) || isspace((unsigned char)s[n - 1]) || s[n - 1] == ':')
		return false;
	if (strchr("-?:,[]{}#&*!|>'\"%@`=<", s[0]) || strstr(s, ": ") || strstr(s, " #") || !strcmp(s, "..."))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || (unsigned char)s[i] == 0x7f || (unsigned char)s[i] >= 0xc2)
			return false;
	as = yaml_resolve(s);
	return cJSON_IsString(as);
}

/* A literal block needs no escapes: no control characters, no space at the start or before a line's end. */
static bool block_is_safe(const char *s)
{
	if (!strchr(s, '\n') || isspace((unsigned char)s[0]))
		return false;
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 && *s != '\n' && *s != '\t')
			return false;
		if ((unsigned char)*s == 0x7f || (unsigned char)*s >= 0xc2)
			return false;
		if ((*s == ' ' || *s == '\t') && (s[1] == '\n' || !s[1]))
			return false;
	}
	return true;
}

static void print_block(const char *s, int indent, struct buf *out)
{
	size_t n = strlen(s);
	bool one = s[n - 1] == '\n', more = one && n > 1 && s[n - 2] == '\n';

	buf_append_str(out, more ? "|+\n" : one ? "|\n" : "|-\n");
	while (*s) {
		size_t line = strcspn(s, "\n");

		if (line)
			print_indent(indent, out);
		buf_append(out, s, line);
		buf_append_char(out, '\n');
		s += line + (s[line] == '\n');
	}
}

/* Characters that YAML takes for line breaks or refuses, although JSON strings may hold them. */
static const struct {
	const char *bytes, *escape;
} special[] = {
	{"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}, {"\xef\xbb\xbf", "\\ufeff"},
	{"\xef\xbf\xbe", "\\ufffe"}, {"\xef\xbf\xbf", "\\uffff"}, {"\x7f", "\\u007f"},
};

static size_t print_special(const char *s, struct buf *out)
{
	if ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0) { /* C1 controls */
		buf_printf(out, "\\u00%02x", (unsigned char)s[1]);
		return 2;
	}
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (!strncmp(s, special[i].bytes, strlen(special[i].bytes))) {
			buf_append_str(out, special[i].escape);
			return strlen(special[i].bytes);
		}
	return 0;
}

static void print_quoted(const char *text, struct buf *out)
{
	CLEANUP(buf_done) struct buf json = BUF_INIT;
	cJSON item = {.type = cJSON_String, .valuestring = (char *)text};

	json_print(&item, &json);
	for (const char *s = buf_str(&json); *s;) {
		size_t n = print_special(s, out);

		if (!n)
			buf_append_char(out, *s);
		s += n ? n : 1;
	}
}

static void print_string(const char *s, int indent, struct buf *out)
{
	if (block_is_safe(s)) {
		print_block(s, indent, out);
		return;
	}
	if (plain_is_safe(s))
		buf_append_str(out, s);
	else
		print_quoted(s, out);
	buf_append_char(out, '\n');
}

/* Readers take a plain "key:" of up to 1024 bytes only. */
#define SIMPLE_KEY_MAX_BYTES 120

/* With the colon behind it. */
static void print_key(const char *key, int indent, struct buf *out)
{
	bool simple = strlen(key) <= SIMPLE_KEY_MAX_BYTES;

	if (!simple)
		buf_append_str(out, "? ");

	if (plain_is_safe(key))
		buf_append_str(out, key);
	else
		print_quoted(key, out);
	if (!simple) {
		buf_append_char(out, '\n');
		print_indent(indent, out);
	}
	buf_append_char(out, ':');
}

static void print_object(const cJSON *json, int indent, bool first_inline, struct buf *out)
{
	const cJSON *it;

	cJSON_ArrayForEach(it, json)
	{
		if (it != json->child || !first_inline)
			print_indent(indent, out);
		print_key(it->string, indent, out);
		print_value(it, indent, out);
	}
}

static void print_array(const cJSON *json, int indent, struct buf *out)
{
	const cJSON *it;

	cJSON_ArrayForEach(it, json)
	{
		print_indent(indent, out);
		buf_append_char(out, '-');
		if (cJSON_IsObject(it) && it->child) {
			buf_append_char(out, ' ');
			print_object(it, indent + 2, true, out);
		} else if (cJSON_IsArray(it) && it->child) {
			buf_append_char(out, '\n');
			print_array(it, indent + 2, out);
		} else {
			print_value(it, indent, out);
		}
	}
}

/* What stands behind a key or a dash, with the line's end; indent is the key's. */
static void print_value(const cJSON *json, int indent, struct buf *out)
{
	if (cJSON_IsObject(json) && json->child) {
		buf_append_char(out, '\n');
		print_object(json, indent + 2, false, out);
		return;
	}
	if (cJSON_IsArray(json) && json->child) {
		buf_append_char(out, '\n');
		print_array(json, indent, out);
		return;
	}
	buf_append_char(out, ' ');
	if (cJSON_IsString(json)) {
		print_string(json->valuestring, indent + 2, out);
		return;
	}
	json_print(json, out);
	buf_append_char(out, '\n');
}

void yaml_print(const cJSON *json, struct buf *out)
{
	if (cJSON_IsObject(json) && json->child) {
		print_object(json, 0, false, out);
	} else if (cJSON_IsArray(json) && json->child) {
		print_array(json, 0, out);
	} else if (cJSON_IsString(json)) {
		print_string(json->valuestring, 2, out);
	} else {
		json_print(json, out);
		buf_append_char(out, '\n');
	}
}
