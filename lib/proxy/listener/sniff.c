/* Telling HTTP by its request line: METHOD SP target SP "HTTP/1." digit (RFC 9112 3), or by the preface of HTTP/2. */
#include "proxy/listener/sniff.h"

#include <strings.h>

#include "base/cleanup.h"

#define METHOD_MAX_BYTES 32

static const char preface[] = "PRI * HTTP/2.0\r\n";

/* Clients may send empty lines before a request (RFC 9112 2.2). */
static struct slice skip_empty_lines(struct slice s)
{
	while (s.len && (s.ptr[0] == '\r' || s.ptr[0] == '\n'))
		s = slice_from(s, 1);
	return s;
}

static size_t method_len(struct slice s)
{
	size_t n = 0;

	while (n < s.len && n <= METHOD_MAX_BYTES && ((s.ptr[n] >= 'A' && s.ptr[n] <= 'Z') || s.ptr[n] == '-'))
		n++;
	return n;
}

static bool begins(struct slice s, const char *text)
{
	const size_t n = strlen(text);

	return strncasecmp(s.ptr, text, MIN(n, s.len)) == 0;
}

/* A path, "*", an absolute URI, or what CONNECT asks for; or the beginning of one of them. */
static bool target_ok(struct slice method, struct slice target)
{
	if (!target.len || target.ptr[0] == '/' || target.ptr[0] == '*' || slice_eq(method, SLICE("CONNECT")))
		return true;
	return begins(target, "http://") || begins(target, "https://");
}

/* The end of a whole line, without its CR and LF. */
static bool has_version(struct slice line)
{
	static const char version[] = " HTTP/1.";
	const size_t n = sizeof(version) - 1;

	if (slice_ends(line, SLICE("\r")))
		line.len--;
	if (line.len < n + 1)
		return false;
	line = slice_from(line, line.len - n - 1);
	return memcmp(line.ptr, version, n) == 0 && line.ptr[n] >= '0' && line.ptr[n] <= '9';
}

enum sniff sniff_plain(struct slice bytes, bool all)
{
	const struct slice s = skip_empty_lines(bytes);
	const size_t n = method_len(s), known = MIN(s.len, sizeof(preface) - 1);
	ptrdiff_t end;

	if (s.len && memcmp(s.ptr, preface, known) == 0)
		return known == sizeof(preface) - 1 ? SNIFF_HTTP2 : all ? SNIFF_OTHER : SNIFF_MORE;
	if (n == s.len && n <= METHOD_MAX_BYTES)
		return all ? SNIFF_OTHER : SNIFF_MORE;
	if (!n || n > METHOD_MAX_BYTES || s.ptr[n] != ' ' || !target_ok(slice_head(s, n), slice_from(s, n + 1)))
		return SNIFF_OTHER;
	end = slice_find(s, '\n');
	if (end >= 0)
		return has_version(slice_head(s, (size_t)end)) ? SNIFF_HTTP1 : SNIFF_OTHER;
	return !all ? SNIFF_MORE : s.len > n + 1 ? SNIFF_HTTP1 : SNIFF_OTHER;
}
