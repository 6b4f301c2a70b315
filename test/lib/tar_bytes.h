/* Tars of any kind in memory, byte by byte (POSIX.1-1988 ustar), also such as no tool would write. */
#ifndef TEST_TAR_BYTES_H
#define TEST_TAR_BYTES_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"

static inline void tar_bytes_add(struct buf *to, const char *name, char type, unsigned mode, const char *link,
				 const char *data)
{
	char h[512] = {0};
	size_t n = data ? strlen(data) : 0;
	unsigned sum = 0;

	snprintf(h, 100, "%s", name);
	snprintf(h + 100, 8, "%07o", mode);
	snprintf(h + 108, 8, "%07o", (unsigned)getuid());
	snprintf(h + 116, 8, "%07o", (unsigned)getgid());
	snprintf(h + 124, 12, "%011o", (unsigned)n);
	snprintf(h + 136, 12, "%011o", 1700000000u);
	memset(h + 148, ' ', 8);
	h[156] = type;
	snprintf(h + 157, 100, "%s", link ? link : "");
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(h); i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
	buf_append(to, h, sizeof(h));
	buf_append(to, data ? data : "", n);
	memset(h, 0, sizeof(h));
	buf_append(to, h, (512 - n % 512) % 512);
}

static inline void tar_bytes_end(struct buf *to)
{
	static const char zeros[1024];

	buf_append(to, zeros, sizeof(zeros));
}

/* The bytes as a file without a name. */
static inline int tar_bytes_file(const struct buf *b)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, b->ptr, b->len) != (ssize_t)b->len)
		return -1;
	return fd;
}

#endif
