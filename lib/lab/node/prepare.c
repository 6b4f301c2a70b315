/*
 * Preparation of a container on a worker: the image's programs, then config.json (on the loop, as it reads the API),
 * then the root file system; then it is started. What fails is tried again, less and less often.
 */
#include "lab/node/node_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/object/object.h"

#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS 20000

static void preparation_failed(struct pod_container *c, const char *reason, const char *message)
{
	bool repeated = c->reason && strcmp(c->reason, reason) == 0;

	pod_container_set_waiting(c, reason, message);
	if (!repeated)
		pod_event(c->pod, "Warning", "Failed", "Error: %s", message);
	c->retry_ms = c->retry_ms ? MIN(c->retry_ms * 2, RETRY_MAX_MS) : RETRY_FIRST_MS;
	c->not_before_ns = loop_now_ns(c->pod->node->loop) + c->retry_ms * NS_PER_MS;
	pod_defer_sync(c->pod);
}

/* The kubelet's words for it, by what image_get() said. */
static const char *pull_reason(const struct pod_container *c, bool again)
{
	if (c->job_error.code == -EINVAL)
		return "InvalidImageName";
	if (c->job_error.code == -ENOENT && c->pull == IMAGE_PULL_NEVER)
		return "ErrImageNeverPull";
	return again ? "ImagePullBackOff" : "ErrImagePull";
}

static void pull_failed(struct pod_container *c)
{
	const char *why = c->job_error.msg, *reason = pull_reason(c, false);
	bool again = c->reason && (strcmp(c->reason, reason) == 0 || strcmp(c->reason, "ImagePullBackOff") == 0);
	CLEANUP(freep)
	char *back_off = mem_printf("Back-off pulling image \"%s\": %s: %s", c->wanted_image, reason, why);

	reason = pull_reason(c, again);
	if (!again)
		pod_event(c->pod, "Warning", "Failed", "Failed to pull image \"%s\": %s", c->wanted_image, why);
	else if (strcmp(reason, "ImagePullBackOff") == 0)
		pod_event(c->pod, "Normal", "BackOff", "Back-off pulling image \"%s\"", c->wanted_image);
	pod_container_set_waiting(c, reason, strcmp(reason, "ImagePullBackOff") == 0 ? back_off : why);
	c->retry_ms = c->retry_ms ? MIN(c->retry_ms * 2, RETRY_MAX_MS) : RETRY_FIRST_MS;
	c->not_before_ns = loop_now_ns(c->pod->node->loop) + c->retry_ms * NS_PER_MS;
	pod_defer_sync(c->pod);
}

static int write_config(struct pod_container *c)
{
	CLEANUP(freep) char *path = mem_printf("%s/config.json", c->dir);
	CLEANUP(freep) char *message = mem_printf("%s/termination-log", c->dir);
	CLEANUP(freep) char *logs = mem_printf("%s/logs/%s", c->pod->dir, c->name);
	int r = file_mkdirs(logs, 0755, &c->job_error);

	if (r == 0)
		r = file_put(message, SLICE(""), 0666, &c->job_error);
	return r < 0 ? r : file_put(path, slice_str(c->config_text), 0600, &c->job_error);
}

/* Old roots are dropped; the state of the last attempt stays. */
static void drop_old(const struct pod_container *c)
{
	CLEANUP(freep) char *root = c->attempt >= 1 ? pod_container_dir(c, c->attempt - 1) : NULL;
	CLEANUP(freep) char *before = c->attempt >= 2 ? pod_container_dir(c, c->attempt - 2) : NULL;
	CLEANUP(freep) char *log = c->attempt >= 2 ? pod_container_log_path(c->pod, c->name, c->attempt - 2) : NULL;

	if (root) {
		CLEANUP(freep) char *files = mem_printf("%s/root", root);

		(void)file_remove_tree(files, NULL);
	}
	if (before) {
		(void)file_remove_tree(before, NULL);
		(void)unlink(log);
	}
}

/* Where the layers of a loaded image come together; weft-shim mounts them, in the container's own namespace. */
static int make_layer(const struct pod_container *c, struct err *e)
{
	static const char *const names[] = {"merged", "upper", "work"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", c->root.dir, names[i]);

		r = file_mkdirs(path, 0755, e);
	}
	return r;
}

static void run_root(struct job *j)
{
	struct pod_container *c = CONTAINER_OF(j, struct pod_container, job);
	CLEANUP(freep) char *root = mem_printf("%s/root", c->dir);

	c->root.dir = root;
	drop_old(c);
	c->job_error.code = c->image.root ? make_layer(c, &c->job_error) : image_root_make(&c->root, &c->job_error);
	if (c->job_error.code == 0)
		c->job_error.code = write_config(c);
	c->root.dir = NULL;
}

static void on_root_made(struct job *j)
{
	struct pod_container *c = CONTAINER_OF(j, struct pod_container, job);
	struct node *n = c->pod->node;
	struct err e = c->job_error;

	c->preparing = false;
	pod_defer_sync(c->pod);
	if (pod_is_stopping(c->pod))
		return;
	if (e.code == 0) {
		container_done(&c->c);
		e.code = container_start(&c->c, n->loop, n->shim, c->dir, pod_container_on_change, &e);
	}
	if (e.code < 0) {
		preparation_failed(c, "CreateContainerError", e.msg);
		return;
	}
	c->retry_ms = 0;
	pod_event(c->pod, "Normal", "Created", "Created container %s", c->name);
}

static void run_image(struct job *j)
{
	struct pod_container *c = CONTAINER_OF(j, struct pod_container, job);
	const struct node *n = c->pod->node;
	const struct image_place place = {n->data_dir, n->bin_dir, n->images_dir};

	c->job_error.code = image_get(&place, c->wanted_image, c->pull, &c->image, &c->job_error);
}

static void configure(struct pod_container *c)
{
	struct err e = ERR_INIT;
	cJSON *config = pod_container_config(c, &e);

	if (!config) {
		c->preparing = false;
		preparation_failed(c, "CreateContainerConfigError", e.msg);
		return;
	}
	free(c->config_text);
	c->config_text = cJSON_PrintUnformatted(config);
	cJSON_Delete(config);
	job_start(c->pod->node->jobs, &c->job, run_root, on_root_made);
}

static void on_image_ready(struct job *j)
{
	struct pod_container *c = CONTAINER_OF(j, struct pod_container, job);

	if (c->job_error.code < 0 || pod_is_stopping(c->pod)) {
		c->preparing = false;
		if (c->job_error.code < 0)
			pull_failed(c);
		pod_defer_sync(c->pod);
		return;
	}
	free(c->image_id);
	c->image_id = mem_printf("%s@%s", c->image.name, c->image.id);
	c->stop_signal = c->image.stop_signal;
	if (c->image.pulled)
		pod_event(c->pod, "Normal", "Pulled", "Successfully pulled image \"%s\"", c->wanted_image);
	else if (c->attempt == 0 || !c->c.dir)
		pod_event(c->pod, "Normal", "Pulled", "Container image \"%s\" already present on machine",
			  c->wanted_image);
	configure(c);
}

static enum image_pull pull_policy(const cJSON *container)
{
	const char *policy = json_str_or_empty(container, "imagePullPolicy");

	if (strcmp(policy, "Always") == 0)
		return IMAGE_PULL_ALWAYS;
	return strcmp(policy, "Never") == 0 ? IMAGE_PULL_NEVER : IMAGE_PULL_IF_NOT_PRESENT;
}

void pod_container_prepare(struct pod_container *c)
{
	free(c->wanted_image);
	c->wanted_image = mem_strdup(json_str_or_empty(pod_container_spec(c), "image"));
	c->pull = pull_policy(pod_container_spec(c));
	c->preparing = true;
	c->job_error = (struct err)ERR_INIT;
	free(c->dir);
	c->dir = pod_container_dir(c, c->attempt);
	image_done(&c->image);
	job_start(c->pod->node->jobs, &c->job, run_image, on_image_ready);
}
