/*
 * After a restart of the daemon: what runs is adopted, from DATA/pods and the API's objects; what belongs to no object
 * any more is ended and cleaned up.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/node/node_internal.h"
#include "lab/object/object.h"

/* What is on disk without an object was deleted while no daemon was there. */
static void adopt_orphan(struct node *n, const cJSON *saved, const char *uid)
{
	cJSON *object = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(object, "metadata");
	CLEANUP(freep) char *containers = mem_printf("%s/pods/%s/containers", n->data_dir, uid);
	struct pod *p;

	node_purge_containers(containers);
	cJSON_AddStringToObject(meta, "uid", uid);
	cJSON_AddStringToObject(meta, "name", json_str_or_empty(saved, "name"));
	cJSON_AddStringToObject(meta, "namespace", json_str_or_empty(saved, "namespace"));
	p = pod_new(n, object);
	cJSON_Delete(object);
	p->removed = true;
	p->stage = POD_FINISHED;
	pod_defer_sync(p);
}

static void adopt_pod(struct node *n, const cJSON *saved, const char *uid)
{
	const cJSON *object =
		lab_get(n->api, GVR(pod), json_str_or_empty(saved, "namespace"), json_str_or_empty(saved, "name"));
	struct pod *p;

	net_pool_reserve(&n->pool, json_str(saved, "ip"));
	if (!object || strcmp(object_uid(object), uid) != 0) {
		adopt_orphan(n, saved, uid);
		return;
	}
	p = pod_new(n, object);
	snprintf(p->ip, sizeof(p->ip), "%s", json_str_or_empty(saved, "ip"));
	snprintf(p->start_time, sizeof(p->start_time), "%s", json_str_or_empty(saved, "startTime"));
	for (size_t i = 0; i < p->n; i++)
		pod_container_adopt(&p->containers[i]);
	if (pod_is_terminal(object))
		p->stage = POD_FINISHED;
	pod_defer_sync(p);
}

void pods_adopt(struct node *n)
{
	CLEANUP(freep) char *dir = mem_printf("%s/pods", n->data_dir);
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		CLEANUP(freep) char *path = mem_printf("%s/%s/pod.json", dir, entry->d_name);
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		cJSON *saved;

		if (entry->d_name[0] == '.')
			continue;
		saved = file_read(path, 65536, &text, NULL) < 0 ? NULL
								: cJSON_ParseWithLength(buf_str(&text), text.len);
		adopt_pod(n, saved, entry->d_name);
		cJSON_Delete(saved);
	}
	if (d)
		closedir(d);
}
