/* What fset.c shares with the walks over objects. */
#ifndef LAB_OBJECT_FSET_INTERNAL_H
#define LAB_OBJECT_FSET_INTERNAL_H

#include "lab/object/fields.h"

/* The child, or NULL. s may be NULL. */
struct fset *fset_find(const struct fset *s, const char *key);

/* The child, made when absent (not yet a member). */
struct fset *fset_child(struct arena *a, struct fset *s, const char *key);

/* The element of a list's item: "k:{...}" of its keys or "v:..."; NULL when the item lacks a key. */
const char *fields_item_key(struct arena *a, const struct schema *list, const cJSON *item);

/* True for a list that is merged item by item. */
bool fields_is_associative(const struct schema *s);

#endif
