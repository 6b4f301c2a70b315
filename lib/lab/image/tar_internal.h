/* Between the files about tars. */
#ifndef LAB_IMAGE_TAR_INTERNAL_H
#define LAB_IMAGE_TAR_INTERNAL_H

#include <archive.h>
#include <archive_entry.h>

#include "base/err.h"
#include "lab/image/tar.h"

/* Opens the tar at fd from its beginning. */
int tar_open(int fd, struct archive **ret, struct err *e);

static inline void tar_closep(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
}

/* The next header: 1, 0 at the end, or an error. Counts entries. */
int tar_next(struct archive *a, struct archive_entry **ret, struct tar_limits *limits, struct err *e);

/* The names of an entry and of what it links to, whatever the locale; NULL when there is none. */
const char *tar_name(struct archive_entry *entry);
const char *tar_hardlink(struct archive_entry *entry);
const char *tar_symlink(struct archive_entry *entry);

/* Carries out the whiteouts of a layer, before anything of it is unpacked. */
int tar_whiteouts(int root, int fd, struct err *e);

/* Whether the last name of a path is a whiteout, or another of the names that are reserved for such. */
bool tar_is_whiteout(const char *path);

#endif
