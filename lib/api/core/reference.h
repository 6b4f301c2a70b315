/* What several kinds of the core group name others by: references to objects, and selectors of nodes. */
#ifndef API_CORE_REFERENCE_H
#define API_CORE_REFERENCE_H

#include "api/meta.h"

/* Reference: local object. */
struct core_local_object_reference {
	const char *name;
};

/* Reference: secret. */
struct core_secret_reference {
	const char *name;
	const char *namespace;
};

/* Reference: object. */
struct core_object_reference {
	const char *kind;
	const char *namespace;
	const char *name;
	const char *uid;
	const char *api_version;
	const char *resource_version;
	const char *field_path;
};

/* Reference: typed local object. */
struct core_typed_local_object_reference {
	const char *api_group;
	const char *kind;
	const char *name;
};

/* Reference: typed object. */
struct core_typed_object_reference {
	const char *api_group;
	const char *kind;
	const char *name;
	const char *namespace;
};

/* Node selector requirement. */
struct core_node_selector_requirement {
	const char *key;
	const char *operator;
	LIST(const char *) values;
};

/* Node selector term. */
struct core_node_selector_term {
	LIST(struct core_node_selector_requirement) match_expressions;
	LIST(struct core_node_selector_requirement) match_fields;
};

/* Selector: node. */
struct core_node_selector {
	LIST(struct core_node_selector_term) node_selector_terms;
};

extern const struct msg_desc core_local_object_reference_desc;
extern const struct msg_desc core_secret_reference_desc;
extern const struct msg_desc core_object_reference_desc;
extern const struct msg_desc core_typed_local_object_reference_desc;
extern const struct msg_desc core_typed_object_reference_desc;
extern const struct msg_desc core_node_selector_requirement_desc;
extern const struct msg_desc core_node_selector_term_desc;
extern const struct msg_desc core_node_selector_desc;

#endif
