/* The scheduler, trivial with one node, and the Node object with its heartbeat and Lease. */
#include "lab/node/node_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/object/object.h"
#include "lab/object/version.h"

#define HEARTBEAT_MS 10000
#define LEASE_SECONDS 40
#define MAX_PODS "110"

/* ---- scheduling ---- */

static cJSON *node_labels(void)
{
	cJSON *labels = cJSON_CreateObject();

	cJSON_AddStringToObject(labels, "kubernetes.io/hostname", NODE_NAME);
	cJSON_AddStringToObject(labels, "kubernetes.io/os", "linux");
	cJSON_AddStringToObject(labels, "kubernetes.io/arch",
#if defined(__aarch64__)
				"arm64"
#else
				"amd64"
#endif
	);
	cJSON_AddStringToObject(labels, "node-role.kubernetes.io/control-plane", "");
	cJSON_AddStringToObject(labels, "node-role.kubernetes.io/worker", "");
	return labels;
}

static bool selector_fits(const cJSON *pod)
{
	const cJSON *want = json_at(pod, "spec.nodeSelector");
	cJSON *labels = node_labels();
	bool fits = cJSON_GetArraySize(want) == 0 || object_labels_match(labels, want);

	cJSON_Delete(labels);
	return fits;
}

static void on_bound(void *arg, int status, const cJSON *object)
{
	struct node *n = ((void **)arg)[0];
	CLEANUP(json_free) cJSON *pod = ((void **)arg)[1];

	free(arg);
	if (status < 300)
		lab_event_record(&n->scheduler, pod, "Normal", "Scheduled", "default-scheduler",
				 "Successfully assigned %s/%s to " NODE_NAME, object_ns(pod), object_name(pod));
	else if (status != 404 && status != 409)
		log_warn("node", "pod %s/%s not bound: %s", object_ns(pod), object_name(pod),
			 json_str_or_empty(object, "message"));
}

static void refuse(struct node *n, const cJSON *pod)
{
	const char *why = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
	cJSON *patch, *list, *c;
	char now[CLOCK_TEXT_MAX];

	if (object_condition(pod, "PodScheduled"))
		return;
	patch = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(cJSON_AddObjectToObject(patch, "status"), "conditions");
	c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, "type", "PodScheduled");
	cJSON_AddStringToObject(c, "status", "False");
	cJSON_AddStringToObject(c, "reason", "Unschedulable");
	cJSON_AddStringToObject(c, "message", why);
	cJSON_AddStringToObject(c, "lastTransitionTime", clock_now_text(now));
	cJSON_AddItemToArray(list, c);
	lab_patch(&n->scheduler, GVR(pod), object_ns(pod), object_name(pod), "status", LAB_PATCH_MERGE, patch, NULL,
		  NULL);
	lab_event_record(&n->scheduler, pod, "Warning", "FailedScheduling", "default-scheduler", "%s", why);
}

void node_schedule(struct node *n, const cJSON *pod)
{
	const char *by = json_str(pod, "spec.schedulerName");
	cJSON *binding, *meta, *target;
	void **arg;

	if (by && *by && strcmp(by, "default-scheduler") != 0)
		return;
	if (object_terminating(pod) || cJSON_GetArraySize(json_at(pod, "spec.schedulingGates")) > 0)
		return;
	if (!selector_fits(pod)) {
		refuse(n, pod);
		return;
	}
	binding = cJSON_CreateObject();
	cJSON_AddStringToObject(binding, "apiVersion", "v1");
	cJSON_AddStringToObject(binding, "kind", "Binding");
	meta = cJSON_AddObjectToObject(binding, "metadata");
	cJSON_AddStringToObject(meta, "name", object_name(pod));
	cJSON_AddStringToObject(meta, "namespace", object_ns(pod));
	target = cJSON_AddObjectToObject(binding, "target");
	cJSON_AddStringToObject(target, "apiVersion", "v1");
	cJSON_AddStringToObject(target, "kind", "Node");
	cJSON_AddStringToObject(target, "name", NODE_NAME);
	arg = mem_calloc(2, sizeof(*arg));
	arg[0] = n;
	arg[1] = cJSON_Duplicate(pod, true);
	lab_update(&n->scheduler, GVR(pod), object_ns(pod), object_name(pod), "binding", binding, on_bound, arg);
}

/* ---- the Node ---- */

static void add_condition(cJSON *list, const char *type, const char *status, const char *reason, const char *message)
{
	cJSON *c = cJSON_CreateObject();
	char now[CLOCK_TEXT_MAX];

	clock_now_text(now);
	cJSON_AddStringToObject(c, "type", type);
	cJSON_AddStringToObject(c, "status", status);
	cJSON_AddStringToObject(c, "lastHeartbeatTime", now);
	cJSON_AddStringToObject(c, "lastTransitionTime", now);
	cJSON_AddStringToObject(c, "reason", reason);
	cJSON_AddStringToObject(c, "message", message);
	cJSON_AddItemToArray(list, c);
}

static cJSON *address(const char *type, const char *value)
{
	cJSON *a = cJSON_CreateObject();

	cJSON_AddStringToObject(a, "type", type);
	cJSON_AddStringToObject(a, "address", value);
	return a;
}

static void add_resources(cJSON *status, const char *name)
{
	cJSON *r = cJSON_AddObjectToObject(status, name);
	char text[32];

	snprintf(text, sizeof(text), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	cJSON_AddStringToObject(r, "cpu", text);
	snprintf(text, sizeof(text), "%ldKi", sysconf(_SC_PHYS_PAGES) / 1024 * sysconf(_SC_PAGESIZE));
	cJSON_AddStringToObject(r, "memory", text);
	cJSON_AddStringToObject(r, "pods", MAX_PODS);
}

static void add_info(cJSON *status)
{
	cJSON *info = cJSON_AddObjectToObject(status, "nodeInfo");
	struct utsname u;

	uname(&u);
	cJSON_AddStringToObject(info, "machineID", "");
	cJSON_AddStringToObject(info, "systemUUID", "");
	cJSON_AddStringToObject(info, "bootID", "");
	cJSON_AddStringToObject(info, "kernelVersion", u.release);
	cJSON_AddStringToObject(info, "osImage", "Weft lab");
	cJSON_AddStringToObject(info, "containerRuntimeVersion", "weft://1");
	cJSON_AddStringToObject(info, "kubeletVersion", LAB_KUBERNETES_VERSION);
	cJSON_AddStringToObject(info, "kubeProxyVersion", LAB_KUBERNETES_VERSION);
	cJSON_AddStringToObject(info, "operatingSystem", "linux");
	cJSON_AddStringToObject(info, "architecture",
#if defined(__aarch64__)
				"arm64"
#else
				"amd64"
#endif
	);
}

static cJSON *node_status(void)
{
	cJSON *status = cJSON_CreateObject(), *list;

	list = cJSON_AddArrayToObject(status, "addresses");
	cJSON_AddItemToArray(list, address("InternalIP", NETNS_NODE_IP));
	cJSON_AddItemToArray(list, address("Hostname", NODE_NAME));
	add_resources(status, "capacity");
	add_resources(status, "allocatable");
	list = cJSON_AddArrayToObject(status, "conditions");
	add_condition(list, "MemoryPressure", "False", "KubeletHasSufficientMemory",
		      "kubelet has sufficient memory available");
	add_condition(list, "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure");
	add_condition(list, "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available");
	add_condition(list, "Ready", "True", "KubeletReady", "kubelet is posting ready status");
	add_info(status);
	return status;
}

static void write_status(struct node *n)
{
	cJSON *patch = cJSON_CreateObject();

	cJSON_AddItemToObject(patch, "status", node_status());
	lab_patch(&n->client, GVR(node), NULL, NODE_NAME, "status", LAB_PATCH_MERGE, patch, NULL, NULL);
}

static cJSON *lease_spec(void)
{
	cJSON *spec = cJSON_CreateObject();
	char now[CLOCK_TEXT_MAX];

	cJSON_AddStringToObject(spec, "holderIdentity", NODE_NAME);
	cJSON_AddNumberToObject(spec, "leaseDurationSeconds", LEASE_SECONDS);
	cJSON_AddStringToObject(spec, "renewTime", clock_format_us(clock_wall_ns() / 1000, now));
	return spec;
}

static void write_lease(struct node *n)
{
	cJSON *lease = cJSON_CreateObject(), *meta;

	if (lab_get(n->api, GVR(lease), "kube-node-lease", NODE_NAME)) {
		cJSON_AddItemToObject(lease, "spec", lease_spec());
		lab_patch(&n->client, GVR(lease), "kube-node-lease", NODE_NAME, NULL, LAB_PATCH_MERGE, lease, NULL,
			  NULL);
		return;
	}
	if (!lab_get(n->api, GVR(namespace), NULL, "kube-node-lease")) {
		cJSON_Delete(lease);
		return;
	}
	cJSON_AddStringToObject(lease, "apiVersion", "coordination.k8s.io/v1");
	cJSON_AddStringToObject(lease, "kind", "Lease");
	meta = cJSON_AddObjectToObject(lease, "metadata");
	cJSON_AddStringToObject(meta, "name", NODE_NAME);
	cJSON_AddStringToObject(meta, "namespace", "kube-node-lease");
	cJSON_AddItemToObject(lease, "spec", lease_spec());
	lab_create(&n->client, GVR(lease), "kube-node-lease", lease, NULL, NULL);
}

static void on_heartbeat(struct timer *t)
{
	struct node *n = CONTAINER_OF(t, struct node, heartbeat);

	if (!lab_get(n->api, GVR(node), NULL, NODE_NAME)) {
		node_register(n);
		return;
	}
	write_lease(n);
	timer_start(n->loop, &n->heartbeat, HEARTBEAT_MS, on_heartbeat);
}

static void on_created(void *arg, int status, const cJSON *object)
{
	struct node *n = arg;

	if (status >= 300 && status != 409)
		log_warn("node", "the Node object was not made: %s", json_str_or_empty(object, "message"));
	write_status(n);
	write_lease(n);
	timer_start(n->loop, &n->heartbeat, HEARTBEAT_MS, on_heartbeat);
}

void node_register(struct node *n)
{
	cJSON *o = cJSON_CreateObject(), *meta;

	cJSON_AddStringToObject(o, "apiVersion", "v1");
	cJSON_AddStringToObject(o, "kind", "Node");
	meta = cJSON_AddObjectToObject(o, "metadata");
	cJSON_AddStringToObject(meta, "name", NODE_NAME);
	cJSON_AddItemToObject(meta, "labels", node_labels());
	cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "spec"), "podCIDR", NETNS_POD_CIDR);
	lab_create(&n->client, GVR(node), NULL, o, on_created, n);
}
