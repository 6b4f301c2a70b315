/*
 * Images of the lab: a name stands for a root file system made of the host's read-only /usr and a few files of our own,
 * with one of our programs, or one of Debian's, as entrypoint. Nothing is ever pulled.
 */
#ifndef LAB_CONTAINER_IMAGE_H
#define LAB_CONTAINER_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "base/err.h"

struct image {
	const char *name;          /* canonical, without a registry */
	const char *binaries[3];   /* ours, bound to /usr/local/bin; NULL-ended */
	const char *host_program;  /* a file of the host that must exist, or NULL */
	const char *install;       /* the Debian package that has it */
	const char *script;        /* entrypoint script of ours, bound to /usr/local/bin, or NULL */
	const char *entrypoint[2]; /* NULL-ended */
	const char *command[8];    /* NULL-ended */
	uid_t uid;
	gid_t gid;
	const char *path, *cwd, *home; /* defaults: Debian's PATH, "/", "/root" or "/" */
	int stop_signal;               /* 0 = SIGTERM */
	const char *env[6];            /* "NAME=value" besides PATH; NULL-ended */
};

/* The image that a reference names ("quay.io/weft/proxy:latest", "postgres:15", with digest or not), or NULL. */
const struct image *image_find(const char *reference);

/* A prepared image: where its programs are and what its content is called. */
struct image_ready {
	char *bin_dir; /* owned; to be bound read-only to /usr/local/bin; NULL when the image has none */
	char *id;      /* owned; "sha256:..." over the programs */
};

/* Copies the image's programs from bin_dir into data_dir/images, once for each build of them: a rebuilt program never
 * changes a running container. Errors: -ENOENT with a sentence for ErrImagePull. Blocking; any thread. */
int image_prepare(const struct image *image, const char *data_dir, const char *bin_dir, struct image_ready *ret,
		  struct err *e);
/* Frees the texts; r is empty afterwards. */
void image_ready_done(struct image_ready *r);

/* Copies a program whole or not at all, also over one that runs. Blocking. */
int image_copy_program(const char *from, const char *to, struct err *e);

struct image_root {
	const char *dir; /* to be made */
	uid_t uid;       /* the container's user: gets an entry in /etc/passwd when it has none */
	gid_t gid;
	const char *home;
};

/* Makes the writable root of one container. Blocking; any thread. */
int image_root_make(const struct image_root *root, struct err *e);

/* Appends the mounts of the image (config.json's "mounts") to a list: /usr, certificates, programs. */
void image_add_mounts(const struct image_ready *ready, cJSON *mounts);

#endif
