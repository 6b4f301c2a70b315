/*
 * The JSON documents of an image: its configuration, its manifest (OCI image-spec 1.1 and Docker's schema 2, which
 * differ in nothing that is read here) and the lists that archives begin with. Pure.
 */
#ifndef LAB_IMAGE_DOCUMENT_H
#define LAB_IMAGE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

#define IMAGE_DOCUMENT_MAX_BYTES (4u << 20)
#define IMAGE_LAYERS_MAX 128
#define IMAGE_LIST_MAX 1024 /* manifests, names, words, variables */

/* What is said in the configuration. All NULL-terminated lists may be empty. */
struct image_config {
	const char *architecture, *os; /* "" when not said */
	const char *user, *cwd;        /* "" when not said */
	int stop_signal;               /* 0 = not said */
	const char **entrypoint, **command, **env;
	const char **diff_ids; /* digests of the layers' tars */
	size_t n_layers;
};

/* Texts in a. -EINVAL with what is wrong. */
int image_config_parse(struct slice json, struct arena *a, struct image_config *ret, struct err *e);

struct image_blob {
	const char *path;   /* in the archive */
	const char *digest; /* what its bytes must have; NULL: nothing is said */
};

/* One image of an archive. */
struct image_manifest {
	const char *digest; /* of the manifest itself; NULL: docker's archives have none */
	const char **names; /* NULL-terminated */
	struct image_blob config, layers[IMAGE_LAYERS_MAX];
	size_t n_layers;
};

/* An OCI manifest: fills in config and layers. */
int image_manifest_parse(struct slice json, struct arena *a, struct image_manifest *ret, struct err *e);

/* One line of an OCI index. */
struct image_entry {
	const char *digest, *name;     /* name: NULL = none */
	const char *os, *architecture; /* NULL = not said */
	bool index;                    /* another index */
	bool other;                    /* no image: a signature, an attestation */
};

/* An OCI index. */
int image_index_parse(struct slice json, struct arena *a, struct image_entry **ret, size_t *ret_n, struct err *e);

/* Docker's manifest.json. */
int image_docker_parse(struct slice json, struct arena *a, struct image_manifest **ret, size_t *ret_n, struct err *e);

/* "blobs/sha256/..." of a digest. */
const char *image_blob_path(struct arena *a, const char *digest);

#endif
