/*
 * The images that were loaded: DATA/oci/index.db (SQLite) says which there are, DATA/oci/roots/ID holds the files of
 * one, all its layers together, which containers see read-only below a writable layer of their own. Readable by root
 * alone: the images' set-uid programs are not this machine's. Several processes may have it open; each call is whole or
 * not at all. Blocking; a store is one thread's.
 */
#ifndef LAB_IMAGE_STORE_H
#define LAB_IMAGE_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "lab/image/reference.h"

struct image_store;

struct image_record {
	const char *reference, *id; /* id: "sha256:..." of the configuration */
	const char *digest;         /* of the manifest; NULL: it has none */
	const char *config;         /* JSON */
	uint64_t bytes;             /* of its files */
};

/* Opens or makes the store. 0 and *ret, or a negative code with the reason. */
int image_store_open(const char *data_dir, struct image_store **ret, struct err *e);
/* NULL is fine. */
void image_store_close(struct image_store *s);
static inline void image_store_closep(struct image_store **s)
{
	image_store_close(*s);
}

/* DATA/oci. Borrowed. */
const char *image_store_dir(const struct image_store *s);
/* The folder of an image's files. Texts in a. */
const char *image_store_root(const struct image_store *s, const char *id, struct arena *a);

/* The image that a reference names: 1 and *ret (texts in a), 0, or a negative code. */
int image_store_find(struct image_store *s, const struct image_reference *ref, struct arena *a,
		     struct image_record *ret, struct err *e);
/* Names an image, instead of what had that name. Its files must be in place. */
int image_store_put(struct image_store *s, const struct image_reference *ref, const struct image_record *r,
		    struct err *e);

/* All of them, by name. */
int image_store_each(struct image_store *s, void (*fn)(void *arg, const struct image_record *r), void *arg,
		     struct err *e);

/* Removes the files of images that have no name any more. No container may run. */
int image_store_collect(struct image_store *s, struct err *e);

/* What an archive on this machine offers, as it was when it had this size and time. */
struct image_offer {
	const char *path;
	int64_t size, mtime_ns;
	const char *names; /* references, a line each */
	bool loaded;       /* it has been, as it is now */
};

/* 1 and *ret (texts in a) when the archive is known as it is now (o->path, size, mtime_ns), 0, or a negative code. */
int image_store_offer_find(struct image_store *s, const struct image_offer *o, struct arena *a, struct image_offer *ret,
			   struct err *e);
/* Remembers what an archive offers. */
int image_store_offer_put(struct image_store *s, const struct image_offer *o, struct err *e);

#endif
