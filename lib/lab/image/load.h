/*
 * Archives of images into the store: OCI image layouts and what `docker save` writes, as tars. Everything in them is a
 * stranger's: digests are compared, paths stay inside, sizes have limits. Blocking; any thread.
 */
#ifndef LAB_IMAGE_LOAD_H
#define LAB_IMAGE_LOAD_H

#include "lab/image/store.h"

struct image_load {
	struct image_store *store;
	const char *name; /* what the image is called if the archive does not say; NULL: then it is refused */
	void (*on_loaded)(void *arg, const struct image_record *r); /* for each name; NULL: nobody asks */
	void *arg;
};

/* Loads all images for this machine's architecture. 0, or a negative code with the reason; those before it stay. */
int image_load(const struct image_load *o, const char *path, struct err *e);

/* The references that an archive has, a line each, without unpacking it. malloc'ed in *ret. */
int image_archive_names(const char *path, char **ret, struct err *e);

/* "amd64", "arm64": this machine, as images call it. Static. */
const char *image_architecture(void);

#endif
