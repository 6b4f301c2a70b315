/*
 * x-kubernetes-validations: the rules of a schema, compiled as a tree beside it, and checked over an object and the one
 * it replaces. What is not compiled is a problem of the definition, so that no rule is ever passed over. Pure.
 */
#ifndef LAB_CEL_RULES_H
#define LAB_CEL_RULES_H

#include "cel/cel.h"
#include "lab/object/schema.h"

/* What a rule may name, and how its schema is asked. */
enum cel_rule_variable { CEL_SELF, CEL_OLD_SELF };
extern const struct cel_names cel_rule_variables;
extern const struct cel_schema_ops cel_rule_schema;

#define CEL_BUDGET_STEPS 10000000 /* of all rules over one object */

struct cel_rules;

/* Compiles the rules of a schema and all below it; NULL: there are none. path is the schema's in the definition; what
 * is wrong with a rule is added to p, which may be NULL. The schema must live as long as the arena. */
const struct cel_rules *cel_rules_new(struct arena *a, const struct schema *s, const char *path, struct problems *p);

/* Checks value (at path) against rules, which may be NULL. old: what it replaces, or NULL; rules over oldSelf hold
 * then. An object with problems that its schema found may not fit the rules: then they are not checked, and that is
 * said. */
void cel_rules_check(const struct cel_rules *r, const cJSON *value, const cJSON *old, struct problems *p);

#endif
