/* Objects of a YAML text in a store. */
#ifndef TEST_STORED_H
#define TEST_STORED_H

#include "api/object.h"
#include "kube/store.h"
#include "msg/yaml.h"

static inline int stored_one(void *arg, cJSON *doc, struct err *e)
{
	struct api_object *o = NULL;
	int r = api_object_decode(doc, NULL, NULL, &o, e);

	cJSON_Delete(doc);
	if (r == 0)
		store_put(arg, o);
	return r;
}

/* Fails the test when one of them cannot be read. */
static inline void stored_all(struct store *s, const char *yaml)
{
	struct err e = ERR_INIT;

	if (yaml_each(slice_str(yaml), stored_one, s, &e) < 0)
		fail_msg("%s", e.msg);
}

#endif
