/* Kubernetes' rules for names, label keys and values, with its sentences about them. Pure. */
#ifndef API_NAMES_H
#define API_NAMES_H

enum name_rule { NAME_SUBDOMAIN, NAME_LABEL, NAME_LABEL_1035, NAME_PATH_SEGMENT };

/* The rule for names of a resource. */
enum name_rule name_rule(const char *group, const char *plural);

/* NULL when fine, else what is wrong, as Kubernetes says it. */
const char *name_problem(enum name_rule rule, const char *name);
/* The same for a label's key, with or without a prefix. */
const char *label_key_problem(const char *key);
/* The same for a label's value; "" is fine. */
const char *label_value_problem(const char *value);

#endif
