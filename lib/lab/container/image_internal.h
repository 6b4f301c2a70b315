/* Between the files of the images. */
#ifndef LAB_CONTAINER_IMAGE_INTERNAL_H
#define LAB_CONTAINER_IMAGE_INTERNAL_H

/* The entrypoint of postgres: same environment and effect as the official image's. */
extern const char image_postgres_script[];

/* As a constant initialiser. */
#define IMAGE_POSTGRES image_postgres_script

#endif
