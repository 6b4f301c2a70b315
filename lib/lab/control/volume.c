/*
 * PersistentVolumeClaims: each gets a volume of its own, a directory below the data directory; the directory goes with
 * the claim unless the volume's reclaim policy is Retain. A claim that names a volume is bound to that one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"

#define PROVISIONER "weft-lab"

static const char *data_dir(const struct controller *c)
{
	return c->arg;
}

static cJSON *claim_ref(const cJSON *claim)
{
	cJSON *ref = cJSON_CreateObject();

	cJSON_AddStringToObject(ref, "apiVersion", "v1");
	cJSON_AddStringToObject(ref, "kind", "PersistentVolumeClaim");
	cJSON_AddStringToObject(ref, "namespace", object_ns(claim));
	cJSON_AddStringToObject(ref, "name", object_name(claim));
	cJSON_AddStringToObject(ref, "uid", object_uid(claim));
	return ref;
}

static cJSON *new_volume(const cJSON *claim, const char *name, const char *path)
{
	cJSON *v = cJSON_CreateObject(), *meta, *spec, *host;
	const cJSON *size = json_at(claim, "spec.resources.requests.storage");
	const char *class = json_str(claim, "spec.storageClassName");

	cJSON_AddStringToObject(v, "apiVersion", "v1");
	cJSON_AddStringToObject(v, "kind", "PersistentVolume");
	meta = cJSON_AddObjectToObject(v, "metadata");
	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(meta, "annotations"), "pv.kubernetes.io/provisioned-by",
				PROVISIONER);
	spec = cJSON_AddObjectToObject(v, "spec");
	cJSON_AddItemToObject(cJSON_AddObjectToObject(spec, "capacity"), "storage",
			      size ? cJSON_Duplicate(size, true) : cJSON_CreateString("1Gi"));
	cJSON_AddItemToObject(spec, "accessModes", cJSON_Duplicate(json_at(claim, "spec.accessModes"), true));
	cJSON_AddStringToObject(spec, "persistentVolumeReclaimPolicy", "Delete");
	if (class)
		cJSON_AddStringToObject(spec, "storageClassName", class);
	host = cJSON_AddObjectToObject(spec, "hostPath");
	cJSON_AddStringToObject(host, "path", path);
	cJSON_AddStringToObject(host, "type", "DirectoryOrCreate");
	cJSON_AddItemToObject(spec, "claimRef", claim_ref(claim));
	return v;
}

static void provision(struct controller *c, struct work *w, const cJSON *claim, const char *volume)
{
	char *path = mem_printf("%s/volumes/%s", data_dir(c), volume);
	struct err e = ERR_INIT;

	if (file_mkdirs(path, 0777, &e) < 0) {
		lab_event_record(&c->client, claim, "Warning", "ProvisioningFailed", "persistentvolume-controller",
				 "%s", e.msg);
		work_after(w, 5000);
	} else {
		work_create(w, GVR(persistent_volume), NULL, new_volume(claim, volume, path));
		lab_event_record(&c->client, claim, "Normal", "ProvisioningSucceeded", "persistentvolume-controller",
				 "Successfully provisioned volume %s", volume);
	}
	free(path);
}

static void set_phase(struct work *w, const struct gvr *r, const cJSON *o, cJSON *status)
{
	cJSON *patch = cJSON_CreateObject();

	cJSON_AddItemToObject(patch, "status", status);
	work_patch(w, r, object_ns(o), object_name(o), "status", patch);
}

static cJSON *phase(const char *name)
{
	cJSON *status = cJSON_CreateObject();

	cJSON_AddStringToObject(status, "phase", name);
	return status;
}

static void bind(struct work *w, const cJSON *claim, const cJSON *volume)
{
	cJSON *status;

	if (!json_str(claim, "spec.volumeName")) {
		cJSON *patch = cJSON_CreateObject(), *annotations;

		cJSON_AddStringToObject(cJSON_AddObjectToObject(patch, "spec"), "volumeName", object_name(volume));
		annotations = cJSON_AddObjectToObject(cJSON_AddObjectToObject(patch, "metadata"), "annotations");
		cJSON_AddStringToObject(annotations, "pv.kubernetes.io/bind-completed", "yes");
		work_patch(w, GVR(persistent_volume_claim), w->ns, w->name, NULL, patch);
		return;
	}
	if (strcmp(json_str_or_empty(claim, "status.phase"), "Bound") != 0) {
		status = phase("Bound");
		cJSON_AddItemToObject(status, "accessModes",
				      cJSON_Duplicate(json_at(volume, "spec.accessModes"), true));
		cJSON_AddItemToObject(status, "capacity", cJSON_Duplicate(json_at(volume, "spec.capacity"), true));
		set_phase(w, GVR(persistent_volume_claim), claim, status);
	}
	if (strcmp(json_str_or_empty(volume, "status.phase"), "Bound") != 0)
		set_phase(w, GVR(persistent_volume), volume, phase("Bound"));
}

static void reconcile_claim(struct controller *c, struct work *w)
{
	const cJSON *claim = lab_get(c->client.api, GVR(persistent_volume_claim), w->ns, w->name), *volume;
	const char *named;
	char *own;

	if (!claim || object_terminating(claim))
		return;
	own = mem_printf("pvc-%s", object_uid(claim));
	named = json_str(claim, "spec.volumeName");
	volume = lab_get(c->client.api, GVR(persistent_volume), NULL, named ? named : own);
	if (volume)
		bind(w, claim, volume);
	else if (!named)
		provision(c, w, claim, own);
	else if (strcmp(json_str_or_empty(claim, "status.phase"), "Bound") == 0)
		set_phase(w, GVR(persistent_volume_claim), claim, phase("Lost"));
	free(own);
}

/* The claim is gone: a volume of ours goes too, with its directory. */
static void release(struct controller *c, struct work *w, const cJSON *volume)
{
	const cJSON *annotations = json_at(volume, "metadata.annotations");
	const char *by = json_get_str(annotations, "pv.kubernetes.io/provisioned-by");
	const char *policy = json_str_or_empty(volume, "spec.persistentVolumeReclaimPolicy");
	struct err e = ERR_INIT;
	char *path;

	if (!by || strcmp(by, PROVISIONER) != 0 || strcmp(policy, "Delete") != 0) {
		if (strcmp(json_str_or_empty(volume, "status.phase"), "Released") != 0)
			set_phase(w, GVR(persistent_volume), volume, phase("Released"));
		return;
	}
	path = mem_printf("%s/volumes/%s", data_dir(c), object_name(volume));
	if (file_remove_tree(path, &e) < 0)
		log_warn(c->name, "%s; the volume's object is removed all the same", e.msg);
	free(path);
	work_delete(w, GVR(persistent_volume), NULL, w->name, NULL);
}

static void reconcile_volume(struct controller *c, struct work *w)
{
	const cJSON *volume = lab_get(c->client.api, GVR(persistent_volume), NULL, w->name), *claim;
	const char *ns, *name;

	if (!volume || object_terminating(volume))
		return;
	ns = json_str(volume, "spec.claimRef.namespace");
	name = json_str(volume, "spec.claimRef.name");
	if (!ns || !name) {
		if (strcmp(json_str_or_empty(volume, "status.phase"), "Available") != 0)
			set_phase(w, GVR(persistent_volume), volume, phase("Available"));
		return;
	}
	claim = lab_get(c->client.api, GVR(persistent_volume_claim), ns, name);
	if (!claim || strcmp(object_uid(claim), json_str_or_empty(volume, "spec.claimRef.uid")) != 0)
		release(c, w, volume);
	else
		controller_enqueue(c, ns, name);
}

/* Claims have a namespace, volumes have none. */
static void reconcile(struct controller *c, struct work *w)
{
	if (*w->ns)
		reconcile_claim(c, w);
	else
		reconcile_volume(c, w);
}

static void on_claim(struct controller *c, enum lab_event event, const cJSON *claim)
{
	const char *volume = json_str(claim, "spec.volumeName");

	controller_enqueue(c, object_ns(claim), object_name(claim));
	if (event == LAB_DELETED && volume)
		controller_enqueue(c, NULL, volume);
}

void volume_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "persistentvolume-controller", reconcile);
	c->arg = (void *)config->data_dir;
	controller_watch(c, GVR(persistent_volume_claim), on_claim);
	controller_watch(c, GVR(persistent_volume), controller_enqueue_self);
}
