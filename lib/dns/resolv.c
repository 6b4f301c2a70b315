/* Lines of resolv.conf (resolv.conf(5)): nameserver, search, domain; the rest is for the resolver in the pod. */
#include "dns/resolv.h"

#include <ctype.h>

#include "base/cleanup.h"
#include "base/file.h"

#define FILE_MAX_BYTES (64 * 1024)

/* The next word of the line, empty at its end. */
static struct slice word(struct slice *line)
{
	struct slice rest = slice_trim(*line);
	size_t n = 0;

	while (n < rest.len && rest.ptr[n] != ' ' && rest.ptr[n] != '\t')
		n++;
	*line = slice_from(rest, n);
	return slice_head(rest, n);
}

static const char *domain(struct slice text, struct arena *a)
{
	char *copy;

	while (text.len && text.ptr[text.len - 1] == '.')
		text.len--;
	copy = arena_slicedup(a, text);
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

void dns_resolv_parse(struct slice text, struct arena *a, struct dns_resolv *ret)
{
	*ret = (struct dns_resolv){.search = ""};
	while (text.len) {
		struct slice line = slice_split(&text, '\n'), key = word(&line), value = word(&line);
		struct addr server;

		if (slice_eq(key, SLICE("search")) || slice_eq(key, SLICE("domain")))
			ret->search = domain(value, a); /* the last line counts */
		if (!slice_eq(key, SLICE("nameserver")) || ret->n_servers == DNS_SERVERS_MAX)
			continue;
		if (addr_parse(value, DNS_PORT, &server) == 0 && server.sa.sa_family != AF_UNIX)
			ret->servers[ret->n_servers++] = server;
	}
}

int dns_resolv_read(const char *path, struct arena *a, struct dns_resolv *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const int r = file_read(path, FILE_MAX_BYTES, &text, e);

	if (r == 0)
		dns_resolv_parse(buf_slice(&text), a, ret);
	return r;
}
