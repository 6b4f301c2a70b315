/* Wiring of the node: watches of pods and of what they mount; services, DNS; the order of start and stop. */
#include "lab/node/node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/net/dns.h"
#include "lab/node/node_internal.h"
#include "lab/object/object.h"

#define JOB_THREADS 3

static void on_pod(void *arg, enum lab_event event, const cJSON *object)
{
	struct node *n = arg;
	const char *where = json_str(object, "spec.nodeName");

	if (event == LAB_SYNCED)
		return;
	if (event == LAB_DELETED)
		pod_object_removed(n, object);
	else if (!where || !*where)
		node_schedule(n, object);
	else if (strcmp(where, NODE_NAME) == 0)
		pod_update(n, object);
}

static void on_configmap(void *arg, enum lab_event event, const cJSON *object)
{
	if (event != LAB_SYNCED)
		pod_sources_changed(arg, "configMap", object);
}

static void on_secret(void *arg, enum lab_event event, const cJSON *object)
{
	if (event != LAB_SYNCED)
		pod_sources_changed(arg, "secret", object);
}

static int make_dirs(const struct node *n, struct err *e)
{
	static const char *const names[] = {"pods", "images", "volumes"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", n->data_dir, names[i]);
		int r = file_mkdirs(path, 0711, e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A copy: a build that replaces the program must not disturb probes and starts meanwhile. */
static int copy_shim(const struct node *n, struct err *e)
{
	CLEANUP(freep) char *from = mem_printf("%s/weft-shim", n->bin_dir);

	return image_copy_program(from, n->shim, e);
}

static int start(struct node *n, struct err *e)
{
	int r = make_dirs(n, e);

	if (r < 0)
		return r;
	r = copy_shim(n, e);
	if (r < 0)
		return r;
	n->jobs = jobs_new(n->loop, JOB_THREADS);
	if (!n->jobs)
		return err_set(e, -EAGAIN, "no thread can be started");
	n->services = service_watch_start(n->loop, n->api, n->jobs, n->lab);
	r = cluster_dns_start(n->loop, n->netns_fd, service_watch_table(n->services), &n->dns, e);
	if (r < 0)
		return r;
	node_register(n);
	pods_adopt(n);
	n->configs_watch = lab_watch_start(n->api, GVR(config_map), NULL, NULL, NULL, on_configmap, n, e);
	n->secrets_watch = lab_watch_start(n->api, GVR(secret), NULL, NULL, NULL, on_secret, n, e);
	n->pods_watch = lab_watch_start(n->api, GVR(pod), NULL, NULL, NULL, on_pod, n, e);
	return n->pods_watch && n->configs_watch && n->secrets_watch ? 0 : -EINVAL;
}

int node_start(const struct node_config *config, struct node **ret, struct err *e)
{
	struct node *n = NEW(struct node);
	int r;

	n->loop = config->loop;
	n->api = config->api;
	n->client = (struct lab_client){config->api, "system:node:" NODE_NAME, "kubelet"};
	n->scheduler = (struct lab_client){config->api, "system:kube-scheduler", "kube-scheduler"};
	n->data_dir = realpath(config->data_dir, NULL);
	if (!n->data_dir)
		n->data_dir = mem_strdup(config->data_dir);
	n->bin_dir = mem_strdup(config->bin_dir);
	n->images_dir = mem_strdup(config->images_dir);
	n->shim = mem_printf("%s/weft-shim", n->data_dir);
	n->netns_fd = config->netns_fd;
	netns_lab_name(n->data_dir, n->lab);
	r = start(n, e);
	if (r < 0) {
		node_free(n);
		return err_wrap(e, r, "node");
	}
	*ret = n;
	return 0;
}

static void stop_watch(struct lab_watch **w)
{
	if (*w)
		lab_watch_stop(*w);
	*w = NULL;
}

void node_free(struct node *n)
{
	if (!n)
		return;
	stop_watch(&n->pods_watch);
	stop_watch(&n->configs_watch);
	stop_watch(&n->secrets_watch);
	timer_stop(&n->heartbeat);
	jobs_free(n->jobs);
	while (n->pods.n) {
		size_t i = 0;

		pod_free(map_next(&n->pods, &i)->value);
	}
	map_done(&n->pods);
	cluster_dns_free(n->dns);
	service_watch_free(n->services);
	free(n->data_dir);
	free(n->bin_dir);
	free(n->images_dir);
	free(n->shim);
	free(n);
}
