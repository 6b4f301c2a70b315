/* Scrape targets. */
#include "operator/scrape/targets.h"

#include <ctype.h>

#include "api/object.h"
#include "api/core/pod.h"
#include "base/cleanup.h"
#include "msg/json.h"

#define META "__meta_kubernetes_"
#define SCRAPE "prometheus.io/scrape"
#define PORT "prometheus.io/port"

static void add(cJSON *labels, const char *name, const char *value)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (!value)
		return;
	buf_printf(&b, META "%s", name);
	cJSON_AddStringToObject(labels, b.ptr, value);
}

/* A name as a label may have it: everything but letters and digits becomes an underscore. */
static void add_sanitized(cJSON *labels, const char *prefix, const struct str_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT;

		buf_append_str(&b, prefix);
		for (const char *c = m->v[i].key; *c; c++)
			buf_append_char(&b, isalnum((unsigned char)*c) ? *c : '_');
		add(labels, b.ptr, m->v[i].value);
	}
}

static const struct meta_owner_reference *controller_of(const struct meta_object *meta)
{
	for (size_t i = 0; i < meta->owner_references.n; i++)
		if (meta->owner_references.v[i].controller && *meta->owner_references.v[i].controller)
			return &meta->owner_references.v[i];
	return NULL;
}

static cJSON *pod_target(const struct api_object *o, const struct core_pod *pod)
{
	const struct meta_owner_reference *owner = controller_of(o->meta);
	const char *port = api_object_annotation(o, PORT);
	cJSON *target = cJSON_CreateObject(), *labels;
	CLEANUP(buf_done) struct buf address = BUF_INIT;

	buf_printf(&address, "%s:%s", pod->status->pod_ip, port ? port : "80");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(target, "targets"), cJSON_CreateString(buf_str(&address)));
	labels = cJSON_AddObjectToObject(target, "labels");
	add(labels, "namespace", api_object_namespace(o));
	add(labels, "pod_name", api_object_name(o));
	add(labels, "pod_ip", pod->status->pod_ip);
	add(labels, "pod_host_ip", pod->status->host_ip);
	add(labels, "pod_phase", pod->status->phase);
	add(labels, "pod_uid", o->meta->uid);
	add(labels, "pod_node_name", pod->spec ? pod->spec->node_name : NULL);
	add(labels, "pod_controller_kind", owner ? owner->kind : NULL);
	add(labels, "pod_controller_name", owner ? owner->name : NULL);
	add_sanitized(labels, "pod_label_", &o->meta->labels);
	add_sanitized(labels, "pod_annotation_", &o->meta->annotations);
	return target;
}

void targets_print(const struct store *s, struct buf *out)
{
	struct store_range pods = store_list(s, &api_kind_pod, NULL);
	CLEANUP(json_freep) cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < pods.n; i++) {
		const struct core_pod *pod = API_VALUE(pods.v[i], pod, core_pod);
		const char *scrape = api_object_annotation(pods.v[i], SCRAPE);

		if (scrape && !strcmp(scrape, "true") && pod->status && pod->status->pod_ip)
			cJSON_AddItemToArray(list, pod_target(pods.v[i], pod));
	}
	json_print(list, out);
}
