/* Entries count from the end: everything before those that trusted proxies wrote is the client's own invention. */
#include "proxy/stream/forwarded.h"

bool forwarded_client(struct slice list, bool own_peer, uint32_t trusted_hops, struct addr *ret)
{
	struct addr a;
	ptrdiff_t comma;

	if (own_peer && !trusted_hops)
		return false;
	for (uint32_t skip = own_peer ? trusted_hops - 1 : trusted_hops; skip; skip--) {
		comma = slice_rfind(list, ',');
		if (comma < 0)
			return false;
		list = slice_head(list, (size_t)comma);
	}
	comma = slice_rfind(list, ',');
	list = slice_trim(slice_from(list, (size_t)(comma + 1)));
	/* A path would be taken for a socket's name. */
	if (!list.len || list.ptr[0] == '/' || addr_parse(list, 0, &a) < 0)
		return false;
	*ret = a;
	return true;
}
