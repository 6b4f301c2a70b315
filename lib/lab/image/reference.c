/* Names of images. */
#include "lab/image/reference.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 255
#define TAG_MAX_BYTES 128

bool image_is_digest(struct slice text)
{
	struct slice algorithm = slice_split(&text, ':');
	size_t want = slice_eq_str(algorithm, "sha256") ? 64 : slice_eq_str(algorithm, "sha512") ? 128 : 0;

	for (size_t i = 0; i < text.len; i++)
		if (!strchr("0123456789abcdef", text.ptr[i]))
			return false;
	return want && text.len == want;
}

static bool is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* [a-z0-9]+ with separators between: one '.', one or two '_', any number of '-'. */
static bool is_component(struct slice s)
{
	if (!s.len || !is_lower(s.ptr[0]) || !is_lower(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 1; i < s.len; i++) {
		char c = s.ptr[i], before = s.ptr[i - 1];

		if (is_lower(c) || (c == '-' && (is_lower(before) || before == '-')) || (c == '.' && is_lower(before)))
			continue;
		if (c == '_' && (is_lower(before) || (before == '_' && is_lower(s.ptr[i - 2]))))
			continue;
		return false;
	}
	return true;
}

static bool is_path(struct slice path)
{
	for (bool more = true; more;) {
		more = slice_find(path, '/') >= 0;
		if (!is_component(slice_split(&path, '/')))
			return false;
	}
	return true;
}

/* A host, with a port or not: letters, digits, dots and dashes; [IPv6]. */
static bool is_domain(struct slice s)
{
	struct slice host = s, port;
	ptrdiff_t colon = slice_rfind(s, ':');
	bool v6 = s.len && s.ptr[0] == '[';

	if (colon >= 0 && !(v6 && s.ptr[s.len - 1] == ']')) {
		uint64_t n;

		host = slice_head(s, (size_t)colon);
		port = slice_from(s, (size_t)colon + 1);
		if (slice_to_u64(port, 65535, &n) < 0)
			return false;
	}
	for (size_t i = 0; i < host.len; i++)
		if (!isalnum((unsigned char)host.ptr[i]) && !strchr(v6 ? "[]:" : ".-", host.ptr[i]))
			return false;
	return host.len && host.ptr[0] != '.' && host.ptr[0] != '-' && host.ptr[host.len - 1] != '-';
}

static bool is_tag(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.ptr[i]) && s.ptr[i] != '_' && (i == 0 || !strchr(".-", s.ptr[i])))
			return false;
	return s.len && s.len <= TAG_MAX_BYTES;
}

/* The host in front, if there is one: what has a dot, a colon or capitals, or is "localhost". */
static struct slice split_domain(struct slice *name)
{
	ptrdiff_t slash = slice_find(*name, '/');
	struct slice first = slice_head(*name, slash < 0 ? 0 : (size_t)slash);
	bool host = slice_find(first, '.') >= 0 || slice_find(first, ':') >= 0 || slice_eq_str(first, "localhost");

	for (size_t i = 0; i < first.len; i++)
		host |= isupper((unsigned char)first.ptr[i]) != 0;
	if (!host)
		return SLICE("docker.io");
	*name = slice_from(*name, first.len + 1);
	return slice_eq_str(first, "index.docker.io") ? SLICE("docker.io") : first;
}

int image_reference_parse(const char *text, struct image_reference *ret, struct err *e)
{
	struct slice name = slice_str(text), digest = SLICE(""), tag = SLICE("latest"), domain;
	ptrdiff_t at = slice_find(name, '@'), colon;
	bool library;

	if (at >= 0) {
		digest = slice_from(name, (size_t)at + 1);
		name = slice_head(name, (size_t)at);
		if (!image_is_digest(digest))
			return err_set(e, -EINVAL, "image name \"%.256s\": behind the '@' stands no digest", text);
	}
	colon = slice_rfind(name, ':');
	if (colon > slice_rfind(name, '/')) {
		tag = slice_from(name, (size_t)colon + 1);
		name = slice_head(name, (size_t)colon);
	}
	domain = split_domain(&name);
	library = slice_eq_str(domain, "docker.io") && slice_find(name, '/') < 0;
	if (!is_tag(tag) || !is_domain(domain) || !is_path(name) ||
	    domain.len + 1 + (library ? strlen("library/") : 0) + name.len > NAME_MAX_BYTES)
		return err_set(e, -EINVAL, "image name \"%.256s\": couldn't parse it: invalid reference format", text);
	ret->name_len = (size_t)snprintf(ret->text, sizeof(ret->text), "%.*s/%s%.*s", SLICE_ARG(domain),
					 library ? "library/" : "", SLICE_ARG(name));
	snprintf(ret->text + ret->name_len, sizeof(ret->text) - ret->name_len, "%s%.*s", digest.len ? "@" : ":",
		 SLICE_ARG(digest.len ? digest : tag));
	return 0;
}
