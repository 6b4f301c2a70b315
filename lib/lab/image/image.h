/*
 * Images of the lab. What was loaded (`weft-lab load`) counts first; then a small table of built-in ones, whose files
 * are this machine's own: the product's programs, PostgreSQL, Prometheus and a Debian, as the demo needs them; then the
 * archives in a folder, which are loaded when somebody wants an image of theirs. Nothing comes from a network.
 */
#ifndef LAB_IMAGE_IMAGE_H
#define LAB_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"
#include "lab/image/user.h"

/* Where images come from. Borrowed texts. */
struct image_place {
	const char *data_dir;   /* of the lab */
	const char *bin_dir;    /* the product's programs */
	const char *images_dir; /* archives; NULL: none */
};

/* What a container of the image needs to know. All texts are in arena; an image that was never got is all zero. */
struct image {
	struct arena arena;
	const char *name;                          /* "docker.io/library/postgres", for people */
	const char *id;                            /* "sha256:..." of what it consists of */
	bool pulled;                               /* it was loaded just now */
	const char **entrypoint, **command, **env; /* NULL-terminated */
	const char *cwd;                           /* "/" when the image does not say */
	int stop_signal;                           /* 0 = SIGTERM */
	const char *user;                          /* as the image says it: "", a name, a number */
	struct image_users users;

	const char *root;    /* its files, not to be written to; NULL: built-in */
	const char *bin_dir; /* built-in: what is bound to /usr/local/bin, or NULL */
};

enum image_pull { IMAGE_PULL_IF_NOT_PRESENT, IMAGE_PULL_ALWAYS, IMAGE_PULL_NEVER };

/*
 * The image that a reference names. Errors, with a sentence for the pod's status: -EINVAL (no name of an image),
 * -ENOENT (there is none), others (it is there and cannot be used). Blocking; any thread. image_done() in any case.
 */
int image_get(const struct image_place *place, const char *reference, enum image_pull pull, struct image *ret,
	      struct err *e);
void image_done(struct image *i);

/* The root of one container. dir is its writable part; for a built-in image all of it. */
struct image_root {
	const char *dir; /* to be made */
	uid_t uid;       /* the container's user: gets an entry in a built-in image's /etc/passwd when it has none */
	gid_t gid;
	const char *home;
};

/* Makes the writable root of one container of a built-in image. Blocking; any thread. */
int image_root_make(const struct image_root *root, struct err *e);

/* Appends the mounts of a built-in image (config.json's "mounts") to a list: /usr, certificates, programs. */
void image_add_mounts(const struct image *i, cJSON *mounts);

/* Copies a program whole or not at all, also over one that runs. Blocking. */
int image_copy_program(const char *from, const char *to, struct err *e);

#endif
