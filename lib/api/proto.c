/* The envelope of Kubernetes' protobuf form: "k8s\0", then a message with the kind and the object's bytes. */
#include "api/proto.h"

#include <string.h>

#include "api/api_internal.h"
#include "api/kind.h"
#include "api/meta.h"
#include "base/cleanup.h"
#include "msg/json.h"

#define MAGIC "k8s"
#define MAGIC_BYTES 4 /* with its NUL */

struct type_meta {
	const char *api_version, *kind;
};

#define T struct type_meta
static const struct msg_field type_meta_rows[] = {
	F(api_version, "apiVersion", STRING, .pb = 1),
	F(kind, "kind", STRING, .pb = 2),
};
static DESC(type_meta, "TypeMeta", "Version and kind.");
#undef T

/* Without its field 2, the bytes of the object, which find_raw() takes from the wire. */
struct unknown {
	struct type_meta *type_meta;
	const char *content_encoding, *content_type;
};

#define T struct unknown
static const struct msg_field unknown_rows[] = {
	F(type_meta, "typeMeta", MESSAGE, .desc = &type_meta_desc, .pb = 1),
	F(content_encoding, "contentEncoding", STRING, .pb = 3),
	F(content_type, "contentType", STRING, .pb = 4),
};
static DESC(unknown, "Unknown", "An object of some kind.");
#undef T

static bool read_length(struct slice *rest, uint64_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; shift < 35 && rest->len; shift += 7) {
		unsigned char c = (unsigned char)rest->ptr[0];

		*rest = slice_from(*rest, 1);
		*ret |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return true;
	}
	return false;
}

/* The bytes of field 2; the envelope has fields of bytes only. */
static struct slice find_raw(struct slice rest)
{
	uint64_t key, n;

	while (rest.len && read_length(&rest, &key) && (key & 7) == 2 && read_length(&rest, &n) && n <= rest.len) {
		if (key >> 3 == 2)
			return slice_head(rest, n);
		rest = slice_from(rest, n);
	}
	return slice_make(NULL, 0);
}

static const struct msg_desc *desc_of(const char *api_version, const char *kind)
{
	const struct api_kind *k = api_kind_find(api_version, kind);

	if (kind && !strcmp(kind, "DeleteOptions"))
		return &meta_delete_options_desc;
	return k && (k->flags & API_BUILT_IN) ? k->desc : NULL;
}

int api_proto_decode(struct slice body, cJSON **ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *envelope = NULL;
	const char *api_version, *kind;
	const struct msg_desc *desc;
	int rc;

	if (body.len < MAGIC_BYTES || memcmp(body.ptr, MAGIC, MAGIC_BYTES))
		return err_set(e, -EINVAL, "invalid protobuf: no k8s prefix");
	body = slice_from(body, MAGIC_BYTES);
	rc = msg_proto_to_json(&unknown_desc, body, &envelope, e);
	if (rc < 0)
		return rc;
	api_version = json_str(envelope, "typeMeta", "apiVersion", NULL);
	kind = json_str(envelope, "typeMeta", "kind", NULL);
	desc = desc_of(api_version, kind);
	if (!desc)
		return err_set(e, -ENOENT, "no kind \"%.100s\" in \"%.100s\"", kind ? kind : "",
			       api_version ? api_version : "");
	rc = msg_proto_to_json(desc, find_raw(body), ret, e);
	if (rc < 0)
		return rc;
	cJSON_DeleteItemFromObjectCaseSensitive(*ret, "apiVersion");
	cJSON_DeleteItemFromObjectCaseSensitive(*ret, "kind");
	cJSON_AddStringToObject(*ret, "apiVersion", api_version);
	cJSON_AddStringToObject(*ret, "kind", kind);
	return 0;
}
