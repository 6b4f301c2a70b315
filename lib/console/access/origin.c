/* Where a request comes from. */
#include "console/access/access.h"
#include "net/socket.h"

bool access_same_origin(const struct exchange *x)
{
	struct slice rest = x->origin;

	if (!rest.len)
		return true;
	if (slice_starts(rest, SLICE("https://")))
		rest = slice_from(rest, 8);
	else if (slice_starts(rest, SLICE("http://")))
		rest = slice_from(rest, 7);
	else
		return false;
	return slice_eq_nocase(rest, x->host);
}

static bool is_loopback(struct slice text)
{
	struct addr a;

	return addr_parse(text, 0, &a) == 0 && addr_is_loopback(&a);
}

/*
 * The router says whom it serves in the last element of X-Forwarded-For; it is believed only when the connection is the
 * router's, as a pod may write there what it likes.
 */
bool access_from_here(const struct exchange *x, const char *router)
{
	const ptrdiff_t comma = slice_rfind(x->forwarded_for, ',');
	const struct slice last = slice_trim(slice_from(x->forwarded_for, (size_t)(comma + 1)));

	if (x->forwarded_for.len)
		return (is_loopback(x->peer) || (router && slice_eq_str(x->peer, router))) && is_loopback(last);
	return is_loopback(x->peer);
}
