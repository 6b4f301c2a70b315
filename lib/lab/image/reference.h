/* Names of images ("postgres:15", "quay.io/weft/proxy@sha256:..."), as container runtimes read them. Pure. */
#ifndef LAB_IMAGE_REFERENCE_H
#define LAB_IMAGE_REFERENCE_H

#include "base/err.h"
#include "base/slice.h"

#define IMAGE_REFERENCE_MAX 512

struct image_reference {
	char text[IMAGE_REFERENCE_MAX]; /* whole: "docker.io/library/postgres:15", "HOST/NAME@DIGEST" */
	size_t name_len;                /* of it, up to the tag or digest */
};

/*
 * Fills in what is left out (docker.io, library, latest); a tag beside a digest does not count. -EINVAL with the
 * reason. Grammar: distribution/reference.
 */
int image_reference_parse(const char *text, struct image_reference *ret, struct err *e);

/* "sha256:<64 digits>" or "sha512:<128 digits>". */
bool image_is_digest(struct slice text);

#endif
