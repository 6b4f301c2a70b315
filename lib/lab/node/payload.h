/*
 * Files of volumes. A payload is a directory whose content changes at once, as the kubelet does it:
 *   DIR/..data -> ..N            DIR/name -> ..data/name            DIR/..N/name
 * A reader sees the old files or the new ones, never a mixture.
 */
#ifndef LAB_NODE_PAYLOAD_H
#define LAB_NODE_PAYLOAD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

struct payload_file {
	const char *path; /* relative, may have directories */
	struct slice content;
	mode_t mode;
};

struct payload {
	struct arena arena; /* paths and contents */
	VEC(struct payload_file) files;
};

/* Frees the files' list and their texts. */
void payload_done(struct payload *p);

/* Copies path and content. A path that leaves the volume is -EINVAL. */
int payload_add(struct payload *p, const char *path, struct slice content, mode_t mode, struct err *e);

/* Makes dir hold exactly these files; does nothing when it does already. Group gid, unless it is -1. Blocking, quick.
 */
int payload_write(const struct payload *p, const char *dir, gid_t gid, struct err *e);

#endif
