/* Rows of references and selectors. See the header for the structs. */
#include "api/core/reference.h"

#include "api/api_internal.h"

WORDS(words_in_not_in_exists_does_not_exist_gt_lt, {"In", 0}, {"NotIn", 0}, {"Exists", 0}, {"DoesNotExist", 0},
      {"Gt", 0}, {"Lt", 0});

#define T struct core_local_object_reference
static const struct msg_field core_local_object_reference_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
};
DESC(core_local_object_reference, "LocalObjectReference", "Reference: local object.");
#undef T

#define T struct core_secret_reference
static const struct msg_field core_secret_reference_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(namespace, "namespace", STRING, .pb = 2, .doc = "Namespace of the object."),
};
DESC(core_secret_reference, "SecretReference", "Reference: secret.");
#undef T

#define T struct core_object_reference
static const struct msg_field core_object_reference_rows[] = {
	F(kind, "kind", STRING, .pb = 1, .doc = "Kind of the object."),
	F(namespace, "namespace", STRING, .pb = 2, .doc = "Namespace of the object."),
	F(name, "name", STRING, .pb = 3, .doc = "Name, unique among its siblings."),
	F(uid, "uid", STRING, .pb = 4, .doc = "Unique identifier that is never used again."),
	F(api_version, "apiVersion", STRING, .pb = 5, .doc = "Group and version of the kind, \"group/version\"."),
	F(resource_version, "resourceVersion", STRING, .pb = 6, .doc = "Opaque version of the stored object."),
	F(field_path, "fieldPath", STRING, .pb = 7, .doc = "Path of the field, such as metadata.name."),
};
DESC(core_object_reference, "ObjectReference", "Reference: object.");
#undef T

#define T struct core_typed_local_object_reference
static const struct msg_field core_typed_local_object_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .pb = 1, .doc = "API group of the object referred to."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Name, unique among its siblings."),
};
DESC(core_typed_local_object_reference, "TypedLocalObjectReference", "Reference: typed local object.");
#undef T

#define T struct core_typed_object_reference
static const struct msg_field core_typed_object_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .pb = 1, .doc = "API group of the object referred to."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Name, unique among its siblings."),
	F(namespace, "namespace", STRING, .pb = 4, .doc = "Namespace of the object."),
};
DESC(core_typed_object_reference, "TypedObjectReference", "Reference: typed object.");
#undef T

#define T struct core_node_selector_requirement
static const struct msg_field core_node_selector_requirement_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Key."),
	F(operator, "operator", STRING, .enums = &words_in_not_in_exists_does_not_exist_gt_lt, .flags = MSG_REQUIRED,
	  .pb = 2, .doc = "Relation between the key and the values."),
	F(values, "values", STRING, .flags = MSG_LIST, .pb = 3, .doc = "Values to compare with."),
};
DESC(core_node_selector_requirement, "NodeSelectorRequirement", "Node selector requirement.");
#undef T

#define T struct core_node_selector_term
static const struct msg_field core_node_selector_term_rows[] = {
	F(match_expressions, "matchExpressions", MESSAGE, .desc = &core_node_selector_requirement_desc,
	  .flags = MSG_LIST, .pb = 1, .doc = "Conditions on labels, all of which must hold."),
	F(match_fields, "matchFields", MESSAGE, .desc = &core_node_selector_requirement_desc, .flags = MSG_LIST,
	  .pb = 2, .doc = "Conditions on fields of the node."),
};
DESC(core_node_selector_term, "NodeSelectorTerm", "Node selector term.");
#undef T

#define T struct core_node_selector
static const struct msg_field core_node_selector_rows[] = {
	F(node_selector_terms, "nodeSelectorTerms", MESSAGE, .desc = &core_node_selector_term_desc, .flags = MSG_LIST,
	  .pb = 1, .doc = "Terms, any of which must hold."),
};
DESC(core_node_selector, "NodeSelector", "Selector: node.");
#undef T
