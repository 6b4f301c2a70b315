/*
 * The objects of a cluster in memory: a small set with versions, as an API server lists it. Include once per test
 * program; who serves it is in fake_kube.h, fake_cluster.h or sim/api.c.
 */
#ifndef TEST_FAKE_OBJECTS_H
#define TEST_FAKE_OBJECTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/kind.h"
#include "base/mem.h"
#include "base/vec.h"
#include "kube/away.h"
#include "kube/client.h"
#include "msg/json.h"

static struct {
	VEC(struct kube_call *) calls; /* not answered yet, oldest first */
	VEC(cJSON *) objects;          /* with kind, for fake_kube_serve */
	char *log;                     /* labels of all calls but watches, a line each */
	int version;
	VEC(struct kube_back *) backs;       /* who waits for the server's return */
	VEC(const struct api_kind *) absent; /* kinds that discovery does not list */
	bool wide;                           /* the one who asks may watch all namespaces */
	const char *use_version;             /* what the client was told last to use; borrowed */
	/* Asked first by fake_kube_serve: true when it has answered the call. NULL is fine. */
	bool (*hook)(struct kube_call *c);
} fake_kube;

static inline bool fake_is(const cJSON *o, const struct api_kind *kind, const char *ns, const char *name)
{
	const char *have_ns = json_str(o, "metadata.namespace");

	return strcmp(json_str(o, "kind"), kind->kind) == 0 &&
	       (!ns || !*ns || strcmp(have_ns ? have_ns : "", ns) == 0) &&
	       (!name || strcmp(json_str(o, "metadata.name"), name) == 0);
}

static inline cJSON *fake_kube_get(const struct api_kind *kind, const char *ns, const char *name)
{
	for (size_t i = 0; i < fake_kube.objects.n; i++)
		if (fake_is(fake_kube.objects.v[i], kind, ns, name))
			return fake_kube.objects.v[i];
	return NULL;
}

static inline const struct api_kind *fake_kind_of(const cJSON *o)
{
	return api_kind_find(json_str(o, "apiVersion"), json_str(o, "kind"));
}

static inline cJSON *fake_list(const struct kube_request *req)
{
	cJSON *list = cJSON_CreateObject(), *items = cJSON_AddArrayToObject(list, "items");
	char text[16];

	snprintf(text, sizeof(text), "%d", fake_kube.version);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(list, "metadata"), "resourceVersion", text);
	for (size_t i = 0; i < fake_kube.objects.n; i++)
		if (fake_is(fake_kube.objects.v[i], req->kind, req->ns, NULL))
			cJSON_AddItemToArray(items, cJSON_Duplicate(fake_kube.objects.v[i], true));
	return list;
}

/* The cluster's version at "/version"; the resource list of "/apis/GROUP/VERSION": all kinds that Weft knows there, but
 * the absent ones. */
static inline cJSON *fake_resources(const char *path)
{
	if (!strcmp(path, "/version"))
		return json_literal("{\"gitVersion\":\"v1.30.2\"}");

	cJSON *list = cJSON_CreateObject(), *items = cJSON_AddArrayToObject(list, "resources");

	for (size_t i = 0; i < api_kinds_count(); i++) {
		const struct api_kind *k = api_kind_at(i);
		bool absent = false;

		for (size_t n = 0; n < fake_kube.absent.n; n++)
			absent |= fake_kube.absent.v[n] == k;
		for (size_t v = 0; !absent && k->versions[v]; v++) {
			CLEANUP(freep) char *at = mem_printf("/apis/%s/%s", k->group, k->versions[v]);
			cJSON *one;

			if (strcmp(at, path) != 0)
				continue;
			one = cJSON_CreateObject();
			cJSON_AddStringToObject(one, "name", k->plural);
			cJSON_AddItemToArray(items, one);
		}
	}
	return list;
}

static inline void fake_objects_reset(void)
{
	vec_done(&fake_kube.calls);
	for (size_t i = 0; i < fake_kube.objects.n; i++)
		cJSON_Delete(fake_kube.objects.v[i]);
	vec_done(&fake_kube.objects);
	vec_done(&fake_kube.backs);
	vec_done(&fake_kube.absent);
	free(fake_kube.log);
	memset(&fake_kube, 0, sizeof(fake_kube));
}

#endif
