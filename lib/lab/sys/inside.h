/*
 * Files below a folder whose content is somebody else's: a path never leads out of it, whatever links are on the way
 * (openat2(2), RESOLVE_IN_ROOT: a link to "/" is a link to the folder). Blocking; any thread.
 */
#ifndef LAB_SYS_INSIDE_H
#define LAB_SYS_INSIDE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define INSIDE_PATH_MAX 4096 /* bytes of a path, with the final NUL */
#define INSIDE_NAME_MAX 256  /* of one name, with the final NUL */
#define INSIDE_DEPTH_MAX 255

/* Opens path below root. flags as for open(2), O_CREAT not among them. Returns a descriptor or -errno. */
int inside_open(int root, const char *path, int flags);

/*
 * A path as archives write them, as one relative to the folder: "./a//b/" becomes "a/b", the folder itself ".".
 * Returns 0; -EINVAL: it climbs ("..") or a name is too long; -ENAMETOOLONG: it is too long or too deep.
 */
int inside_clean(const char *path, char out[INSIDE_PATH_MAX]);

/*
 * Opens the folder that holds the last name of a clean path (O_PATH), and puts that name into name. With make, missing
 * folders are made. Returns a descriptor or -errno.
 */
int inside_parent(int root, const char *path, bool make, char name[INSIDE_NAME_MAX]);

/* Removes what has that name in folder dir, a folder with all in it; follows no link. A missing one is fine. */
int inside_remove(int dir, const char *name);

/* Removes everything in folder dir. */
int inside_clear(int dir);

/* Appends the content of a regular file, at most max bytes (-EMSGSIZE). -errno with e set. */
int inside_read(int root, const char *path, size_t max, struct buf *out, struct err *e);

#endif
