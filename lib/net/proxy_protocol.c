/* Version 1 is a line of text, version 2 a block with a length. */
#include "net/proxy_protocol.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static const char signature[12] = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
static const char word[6] = {'P', 'R', 'O', 'X', 'Y', ' '};

#define V2_HEAD_BYTES 16
#define V2_TCP4_BYTES 12
#define V2_TCP6_BYTES 36

enum { V2_LOCAL = 0x20, V2_PROXY = 0x21 };
enum { V2_UNSPEC = 0, V2_TCP4 = 0x11, V2_TCP6 = 0x21 };

/* ---- version 1 ---- */

static bool address(struct slice text, int family, uint16_t port, struct addr *ret)
{
	return text.len && addr_parse(text, port, ret) == 0 && ret->sa.sa_family == family;
}

/* Without leading zeros or signs. */
static bool port_of(struct slice text, uint16_t *ret)
{
	uint64_t n;

	if (!text.len || text.len > 5 || (text.len > 1 && text.ptr[0] == '0') || slice_to_u64(text, 65535, &n) < 0)
		return false;
	*ret = (uint16_t)n;
	return true;
}

/* "TCP4 a b 1 2" or "UNKNOWN ..." */
static bool take_line(struct slice line, struct proxy_header *h)
{
	const struct slice kind = slice_split(&line, ' ');
	const int family = slice_eq_str(kind, "TCP4") ? AF_INET : slice_eq_str(kind, "TCP6") ? AF_INET6 : 0;
	struct slice v[4];
	uint16_t ports[2];

	if (slice_eq_str(kind, "UNKNOWN"))
		return true;
	if (!family)
		return false;
	for (int i = 0; i < 3; i++)
		v[i] = slice_split(&line, ' ');
	v[3] = line;
	if (!port_of(v[2], &ports[0]) || !port_of(v[3], &ports[1]))
		return false;
	h->known = true;
	return address(v[0], family, ports[0], &h->source) && address(v[1], family, ports[1], &h->destination);
}

static enum proxy_parse parse_v1(struct slice bytes, struct proxy_header *ret)
{
	const struct slice seen = slice_head(bytes, MIN(bytes.len, (size_t)PROXY_V1_MAX_BYTES));
	const ptrdiff_t end = slice_find(seen, '\n');
	struct proxy_header h = {.version = 1};

	if (end < 0)
		return bytes.len < PROXY_V1_MAX_BYTES ? PROXY_MORE : PROXY_BAD;
	if (end < (ptrdiff_t)sizeof(word) + 1 || seen.ptr[end - 1] != '\r')
		return PROXY_BAD;
	h.len = (size_t)end + 1;
	if (!take_line(slice_make(seen.ptr + sizeof(word), (size_t)end - 1 - sizeof(word)), &h))
		return PROXY_BAD;
	*ret = h;
	return PROXY_OK;
}

/* ---- version 2 ---- */

static void take_v4(const char *at, struct addr *ret, const char *port)
{
	*ret = (struct addr){.len = sizeof(ret->in4)};
	ret->in4.sin_family = AF_INET;
	memcpy(&ret->in4.sin_addr, at, sizeof(ret->in4.sin_addr));
	memcpy(&ret->in4.sin_port, port, sizeof(ret->in4.sin_port));
}

static void take_v6(const char *at, struct addr *ret, const char *port)
{
	*ret = (struct addr){.len = sizeof(ret->in6)};
	ret->in6.sin6_family = AF_INET6;
	memcpy(&ret->in6.sin6_addr, at, sizeof(ret->in6.sin6_addr));
	memcpy(&ret->in6.sin6_port, port, sizeof(ret->in6.sin6_port));
}

static bool take_block(const char *at, size_t len, unsigned family, struct proxy_header *h)
{
	switch (family) {
	case V2_UNSPEC:
		return true;
	case V2_TCP4:
		if (len < V2_TCP4_BYTES)
			return false;
		take_v4(at, &h->source, at + 8);
		take_v4(at + 4, &h->destination, at + 10);
		h->known = true;
		return true;
	case V2_TCP6:
		if (len < V2_TCP6_BYTES)
			return false;
		take_v6(at, &h->source, at + 32);
		take_v6(at + 16, &h->destination, at + 34);
		h->known = true;
		return true;
	default:
		return false; /* datagrams and Unix sockets come over no TCP connection */
	}
}

static enum proxy_parse parse_v2(struct slice bytes, struct proxy_header *ret)
{
	struct proxy_header h = {.version = 2};
	unsigned command, family;
	size_t len;

	if (bytes.len < V2_HEAD_BYTES)
		return PROXY_MORE;
	command = (unsigned char)bytes.ptr[12];
	family = (unsigned char)bytes.ptr[13];
	len = (size_t)((unsigned char)bytes.ptr[14] << 8 | (unsigned char)bytes.ptr[15]);
	if (command != V2_LOCAL && command != V2_PROXY)
		return PROXY_BAD;
	if (bytes.len < V2_HEAD_BYTES + len)
		return PROXY_MORE;
	h.len = V2_HEAD_BYTES + len;
	if (command == V2_PROXY && !take_block(bytes.ptr + V2_HEAD_BYTES, len, family, &h))
		return PROXY_BAD;
	*ret = h;
	return PROXY_OK;
}

static bool begins(struct slice bytes, const char *with, size_t n)
{
	return memcmp(bytes.ptr, with, MIN(bytes.len, n)) == 0;
}

enum proxy_parse proxy_parse(struct slice bytes, struct proxy_header *ret)
{
	if (!bytes.len)
		return PROXY_MORE;
	if (begins(bytes, word, sizeof(word)))
		return bytes.len < sizeof(word) ? PROXY_MORE : parse_v1(bytes, ret);
	if (begins(bytes, signature, sizeof(signature)))
		return bytes.len < sizeof(signature) ? PROXY_MORE : parse_v2(bytes, ret);
	return PROXY_NONE;
}

/* ---- writing ---- */

static size_t write_v1(const struct addr *from, const struct addr *to, char *out)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];
	int n;

	if (!from)
		return (size_t)(stpcpy(out, "PROXY UNKNOWN\r\n") - out);
	n = snprintf(out, PROXY_OUT_MAX_BYTES, "PROXY TCP%d %s %s %u %u\r\n", from->sa.sa_family == AF_INET ? 4 : 6,
		     addr_format_host(from, a), addr_format_host(to, b), addr_port(from), addr_port(to));
	return n > 0 && n < PROXY_OUT_MAX_BYTES ? (size_t)n : 0;
}

static char *put(char *out, const void *bytes, size_t n)
{
	memcpy(out, bytes, n);
	return out + n;
}

static size_t write_v2(const struct addr *from, const struct addr *to, char *out)
{
	const bool v4 = from && from->sa.sa_family == AF_INET;
	char *p = put(out, signature, sizeof(signature));

	*p++ = (char)(from ? V2_PROXY : V2_LOCAL);
	*p++ = (char)(!from ? V2_UNSPEC : v4 ? V2_TCP4 : V2_TCP6);
	*p++ = 0;
	*p++ = (char)(!from ? 0 : v4 ? V2_TCP4_BYTES : V2_TCP6_BYTES);
	if (v4) {
		p = put(p, &from->in4.sin_addr, 4);
		p = put(p, &to->in4.sin_addr, 4);
		p = put(p, &from->in4.sin_port, 2);
		p = put(p, &to->in4.sin_port, 2);
	} else if (from) {
		p = put(p, &from->in6.sin6_addr, 16);
		p = put(p, &to->in6.sin6_addr, 16);
		p = put(p, &from->in6.sin6_port, 2);
		p = put(p, &to->in6.sin6_port, 2);
	}
	return (size_t)(p - out);
}

size_t proxy_write(unsigned version, const struct addr *source, const struct addr *destination, char *out)
{
	if (!source || !destination || !source->len || source->sa.sa_family != destination->sa.sa_family ||
	    (source->sa.sa_family != AF_INET && source->sa.sa_family != AF_INET6))
		source = NULL;
	return version == 1 ? write_v1(source, destination, out) : write_v2(source, destination, out);
}
