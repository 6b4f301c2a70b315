/* Whole files, small ones: certificates, tokens, configuration. Blocking; not for a worker's loop. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends the file's content to out. -EMSGSIZE when it is larger than max bytes; else -errno. */
int file_read(const char *path, size_t max, struct buf *out, struct err *e);

/* Replaces the file by writing a temporary one beside it, syncing and renaming. mode holds whatever the umask. Returns
 * 0 or -errno. */
int file_write(const char *path, struct slice content, mode_t mode, struct err *e);

/* As file_write (whole or not at all), but without waiting for the disk: for what is made anew after a crash. */
int file_put(const char *path, struct slice content, mode_t mode, struct err *e);

/* Creates a directory and its parents, like mkdir -p. Returns 0 or -errno. */
int file_mkdirs(const char *path, mode_t mode, struct err *e);

/* Removes a file or a whole directory tree, without following links or crossing file systems. A missing one is fine. */
int file_remove_tree(const char *path, struct err *e);

#endif
