/* gzip, bounded by what comes out. */
#include <errno.h>
#include <zlib.h>

#include "console/collect/collect.h"

#define GZIP_WINDOW (15 + 16) /* zlib's way of saying: gzip, no zlib head */

int collector_unzip(struct slice packed, size_t max, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)packed.ptr, .avail_in = (uInt)packed.len};
	char chunk[16384];
	int r;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return -EINVAL;
	do {
		z.next_out = (Bytef *)chunk;
		z.avail_out = sizeof(chunk);
		r = inflate(&z, Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END)
			break;
		if (buf_try_append(out, chunk, sizeof(chunk) - z.avail_out, max) < 0) {
			inflateEnd(&z);
			return -EMSGSIZE;
		}
	} while (r == Z_OK);
	inflateEnd(&z);
	return r == Z_STREAM_END ? 0 : -EINVAL;
}
