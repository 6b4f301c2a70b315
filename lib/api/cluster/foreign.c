/* Rows of other operators' objects. */
#include "api/cluster/foreign.h"

#include "api/api_internal.h"

#define T struct foreign_object
static const struct msg_field foreign_object_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", JSON, .flags = MSG_OBJECT, .doc = "What is wanted, in the other operator's terms."),
};
DESC(foreign_object, "ForeignObject", "An object that another operator carries out.");
#undef T
