/* Tars of strangers, plain or compressed (gzip, zstd, xz, bzip2), with libarchive. Blocking; any thread. */
#ifndef LAB_IMAGE_TAR_H
#define LAB_IMAGE_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define TAR_DIGEST_MAX 160               /* "sha512:" and 128 digits */
#define TAR_FILE_MAX_BYTES (16ull << 30) /* also of a sparse one */

/* How much an archive may still cost. */
struct tar_limits {
	uint64_t bytes, entries;
};

/* What an image's archives may cost: the archive itself, and each image when it is unpacked. */
#define TAR_LIMITS                                                                                                     \
	{                                                                                                              \
		.bytes = 16ull << 30, .entries = 1000000                                                               \
	}

/*
 * Unpacks the tar at fd (read from its beginning) below root: files, folders, links and pipes; no path leads out of it,
 * and what is there already is replaced. layer: as a layer of an image: owners, modes and times are kept, and whiteouts
 * (OCI image-spec, "Layer Filesystem Changeset") remove what root held before. Without, only files and links are taken.
 * Errors name the entry: -EINVAL (malformed, climbs, a device), -EMSGSIZE (a limit), -errno.
 */
int tar_unpack(int root, int fd, bool layer, struct tar_limits *limits, struct err *e);

/* Decompresses in to out (both whole files). Counts against limits->bytes. */
int tar_decompress(int in, int out, struct tar_limits *limits, struct err *e);

/* Appends what is in the tar's file of that name to out, at most max bytes. Returns 1, 0 (no such file) or an error. */
int tar_find(int fd, const char *name, size_t max, struct buf *out, struct err *e);

/* "sha256:..." of the whole file. 0 or -errno. */
int tar_digest(int fd, char out[TAR_DIGEST_MAX]);

/* Whether the whole file has the digest ("sha256:...", "sha512:..."). 0 or -EINVAL with both. */
int tar_verify(int fd, const char *what, const char *digest, struct err *e);

#endif
