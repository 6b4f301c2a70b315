/* Between the files of the images. */
#ifndef LAB_IMAGE_IMAGE_INTERNAL_H
#define LAB_IMAGE_IMAGE_INTERNAL_H

#include "lab/image/image.h"
#include "lab/image/reference.h"
#include "lab/image/store.h"

/* The entrypoint of postgres: same environment and effect as the official image's. */
extern const char image_postgres_script[];

/* As a constant initialiser. */
#define IMAGE_POSTGRES image_postgres_script

/* /etc/passwd and /etc/group of the built-in images. */
extern const char image_builtin_passwd[], image_builtin_group[];

struct builtin;

/* The built-in image of that name, whatever its registry and tag ("quay.io/weft/proxy:1", "postgres"), or NULL. */
const struct builtin *builtin_find(const struct image_reference *ref);

/* Puts its programs into data_dir/images, once for each build of them: a rebuilt program never changes a running
 * container. -ENOENT with what is missing. */
int builtin_get(const struct builtin *b, const struct image_place *place, struct image *ret, struct err *e);

/* Loads the archive of the folder that has the reference, unless it is loaded as it is. Returns 1 (loaded now), 0 (none
 * has it, or nothing new) or a negative code. */
int folder_pull(struct image_store *s, const char *folder, const struct image_reference *ref, struct err *e);

#endif
