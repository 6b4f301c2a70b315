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

enum { UNKNOWN_TYPE = 1, UNKNOWN_RAW = 2, UNKNOWN_ENCODING = 3, UNKNOWN_CONTENT_TYPE = 4 };

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

/* The fields of the envelope, all of them bytes. */
static int read_envelope(struct slice rest, struct slice *ret, struct err *e)
{
	while (rest.len) {
		uint64_t key, n;

		if (!read_length(&rest, &key) || (key & 7) != 2 || !read_length(&rest, &n) || n > rest.len)
			return err_set(e, -EINVAL, "invalid protobuf: envelope");
		if (key >> 3 < UNKNOWN_TYPE || key >> 3 > UNKNOWN_CONTENT_TYPE)
			return err_set(e, -EPROTONOSUPPORT, "field %u of Unknown is not known", (unsigned)(key >> 3));
		ret[key >> 3] = slice_head(rest, n);
		rest = slice_from(rest, n);
	}
	if (ret[UNKNOWN_ENCODING].len)
		return err_set(e, -EPROTONOSUPPORT, "an object in an encoding of its own");
	return 0;
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
	struct slice fields[UNKNOWN_CONTENT_TYPE + 1] = {{0}};
	CLEANUP(json_freep) cJSON *type = NULL;
	const char *api_version, *kind;
	const struct msg_desc *desc;
	int rc;

	if (body.len < MAGIC_BYTES || memcmp(body.ptr, MAGIC, MAGIC_BYTES))
		return err_set(e, -EINVAL, "invalid protobuf: no k8s prefix");
	rc = read_envelope(slice_from(body, MAGIC_BYTES), fields, e);
	if (rc == 0)
		rc = msg_proto_to_json(&type_meta_desc, fields[UNKNOWN_TYPE], &type, e);
	if (rc < 0)
		return rc;
	api_version = json_str(type, "apiVersion");
	kind = json_str(type, "kind");
	desc = desc_of(api_version, kind);
	if (!desc)
		return err_set(e, -ENOENT, "no kind \"%.100s\" in \"%.100s\"", kind ? kind : "",
			       api_version ? api_version : "");
	rc = msg_proto_to_json(desc, fields[UNKNOWN_RAW], ret, e);
	if (rc < 0)
		return rc;
	cJSON_DeleteItemFromObjectCaseSensitive(*ret, "apiVersion");
	cJSON_DeleteItemFromObjectCaseSensitive(*ret, "kind");
	cJSON_AddStringToObject(*ret, "apiVersion", api_version);
	cJSON_AddStringToObject(*ret, "kind", kind);
	return 0;
}
