/* The columns of built-in kinds, as kubectl users know them. One small function a cell, one row a column. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cleanup.h"
#include "lab/object/object.h"
#include "lab/view/table.h"
#include "lab/view/table_internal.h"

static cJSON *str(const char *s)
{
	return cJSON_CreateString(s ? s : "");
}

static cJSON *str_or_none(const char *s)
{
	return cJSON_CreateString(s && *s ? s : "<none>");
}

static cJSON *number(int64_t n)
{
	return cJSON_CreateNumber((double)n);
}

static cJSON *take_text(struct buf *b)
{
	cJSON *o = cJSON_CreateString(b->len ? b->ptr : "<none>");

	buf_done(b);
	return o;
}

/* Appends s after a comma when something stands before. */
static void join(struct buf *b, const char *s)
{
	if (b->len)
		buf_append_char(b, ',');
	buf_append_str(b, s);
}

static cJSON *name_cell(const cJSON *o, int64_t now_s)
{
	(void)now_s;
	return str(object_name(o));
}

static cJSON *since(const char *timestamp, int64_t now_s)
{
	char text[TABLE_AGE_MAX];
	int64_t ns;

	if (!timestamp || clock_parse(slice_str(timestamp), &ns) < 0)
		return str("<unknown>");
	return str(table_age(now_s - ns / NS_PER_S, text));
}

static cJSON *age_cell(const cJSON *o, int64_t now_s)
{
	return since(json_str(o, "metadata.creationTimestamp"), now_s);
}

#define NAME                                                                                                           \
	{                                                                                                              \
		"Name", "string", "name", "The object's name.", 0, NULL, name_cell                                     \
	}
#define AGE                                                                                                            \
	{                                                                                                              \
		"Age", "string", "", "Time since the object was created.", 0, NULL, age_cell                           \
	}
#define COL(title, type, priority, fn, doc)                                                                            \
	{                                                                                                              \
		title, type, "", doc, priority, NULL, fn                                                               \
	}
#define TEXT(title, fn, doc) COL(title, "string", 0, fn, doc)
#define WIDE(title, fn, doc) COL(title, "string", 1, fn, doc)
/* A cell of one field. */
#define FIELD_CELL(fn, make, expr)                                                                                     \
	static cJSON *fn(const cJSON *o, int64_t now_s)                                                                \
	{                                                                                                              \
		(void)now_s;                                                                                           \
		return make(expr);                                                                                     \
	}

static cJSON *label_selector(const cJSON *pairs)
{
	struct buf b = BUF_INIT;
	const cJSON *p;

	cJSON_ArrayForEach(p, pairs)
	{
		char text[600];

		snprintf(text, sizeof(text), "%s=%s", p->string, cJSON_IsString(p) ? p->valuestring : "");
		join(&b, text);
	}
	return take_text(&b);
}

static cJSON *fields_of(const cJSON *list, const char *field)
{
	struct buf b = BUF_INIT;
	const cJSON *e;

	cJSON_ArrayForEach(e, list)
	{
		join(&b, json_str_or_empty(e, field));
	}
	return take_text(&b);
}

FIELD_CELL(containers_cell, , fields_of(json_at(o, "spec.template.spec.containers"), "name"))
FIELD_CELL(images_cell, , fields_of(json_at(o, "spec.template.spec.containers"), "image"))
FIELD_CELL(template_selector_cell, , label_selector(json_at(o, "spec.selector.matchLabels")))

/* ---- namespaces, nodes ---- */

FIELD_CELL(phase_cell, str, json_str(o, "status.phase"))
static const struct table_column namespaces[] = {NAME, TEXT("Status", phase_cell, "Active or Terminating."), AGE};

static cJSON *node_status(const cJSON *o, int64_t now_s)
{
	struct buf b = BUF_INIT;

	(void)now_s;
	join(&b, object_condition_true(o, "Ready") ? "Ready" : object_condition(o, "Ready") ? "NotReady" : "Unknown");
	if (json_true(o, "spec.unschedulable"))
		join(&b, "SchedulingDisabled");
	return take_text(&b);
}

static cJSON *node_roles(const cJSON *o, int64_t now_s)
{
	static const char prefix[] = "node-role.kubernetes.io/";
	struct buf b = BUF_INIT;
	const cJSON *l;

	(void)now_s;
	cJSON_ArrayForEach(l, json_at(o, "metadata.labels"))
	{
		if (strncmp(l->string, prefix, sizeof(prefix) - 1) == 0)
			join(&b, l->string + sizeof(prefix) - 1);
	}
	return take_text(&b);
}

static cJSON *node_address(const cJSON *o, const char *type)
{
	const cJSON *a;

	cJSON_ArrayForEach(a, json_at(o, "status.addresses"))
	{
		if (strcmp(json_str_or_empty(a, "type"), type) == 0)
			return str(json_str(a, "address"));
	}
	return str("<none>");
}

FIELD_CELL(node_version, str, json_str(o, "status.nodeInfo.kubeletVersion"))
FIELD_CELL(node_internal_ip, , node_address(o, "InternalIP"))
FIELD_CELL(node_external_ip, , node_address(o, "ExternalIP"))
FIELD_CELL(node_os, str_or_none, json_str(o, "status.nodeInfo.osImage"))
FIELD_CELL(node_kernel, str_or_none, json_str(o, "status.nodeInfo.kernelVersion"))
FIELD_CELL(node_runtime, str_or_none, json_str(o, "status.nodeInfo.containerRuntimeVersion"))
static const struct table_column nodes[] = {
	NAME,
	TEXT("Status", node_status, "Whether the node is ready for pods."),
	TEXT("Roles", node_roles, "Roles, from the node's labels."),
	AGE,
	TEXT("Version", node_version, "Version of the node's agent."),
	WIDE("Internal-IP", node_internal_ip, "Address inside the cluster."),
	WIDE("External-IP", node_external_ip, "Address from outside."),
	WIDE("OS-Image", node_os, "Operating system."),
	WIDE("Kernel-Version", node_kernel, "Kernel."),
	WIDE("Container-Runtime", node_runtime, "What runs containers."),
};

/* ---- services, endpoints ---- */

static cJSON *external_ip(const cJSON *o, int64_t now_s)
{
	const char *type = json_str_or_empty(o, "spec.type");
	const cJSON *ingress = json_at(o, "status.loadBalancer.ingress");

	(void)now_s;
	if (strcmp(type, "ExternalName") == 0)
		return str(json_str(o, "spec.externalName"));
	if (strcmp(type, "LoadBalancer") == 0)
		return cJSON_GetArraySize(ingress) ? fields_of(ingress, "ip") : str("<pending>");
	return str("<none>");
}

static cJSON *service_ports(const cJSON *o, int64_t now_s)
{
	struct buf b = BUF_INIT;
	const cJSON *p;

	(void)now_s;
	cJSON_ArrayForEach(p, json_at(o, "spec.ports"))
	{
		int64_t port = json_int(p, "port", 0), node = json_int(p, "nodePort", 0);
		const char *protocol = json_str(p, "protocol");
		char text[64];

		if (node)
			snprintf(text, sizeof(text), "%d:%d/%s", (int)port, (int)node, protocol ? protocol : "TCP");
		else
			snprintf(text, sizeof(text), "%d/%s", (int)port, protocol ? protocol : "TCP");
		join(&b, text);
	}
	return take_text(&b);
}

FIELD_CELL(service_type, str, json_str(o, "spec.type"))
FIELD_CELL(cluster_ip, str_or_none, json_str(o, "spec.clusterIP"))
FIELD_CELL(service_selector, , label_selector(json_at(o, "spec.selector")))
static const struct table_column services[] = {
	NAME,
	TEXT("Type", service_type, "How the service is exposed."),
	TEXT("Cluster-IP", cluster_ip, "Its virtual address."),
	TEXT("External-IP", external_ip, "Address from outside the cluster."),
	TEXT("Port(s)", service_ports, "Its ports."),
	AGE,
	WIDE("Selector", service_selector, "Labels of its pods."),
};

/* Up to three addresses, then how many more. */
static cJSON *endpoints_cell(const cJSON *o, int64_t now_s)
{
	struct buf b = BUF_INIT;
	const cJSON *subset, *port, *a;
	int count = 0;

	(void)now_s;
	cJSON_ArrayForEach(subset, json_at(o, "subsets"))
	{
		cJSON_ArrayForEach(port, json_at(subset, "ports"))
		{
			cJSON_ArrayForEach(a, json_at(subset, "addresses"))
			{
				char text[96];

				snprintf(text, sizeof(text), "%s:%d", json_str_or_empty(a, "ip"),
					 (int)json_int(port, "port", 0));
				if (count++ < 3)
					join(&b, text);
			}
		}
	}
	if (count > 3)
		buf_printf(&b, " + %d more...", count - 3);
	return take_text(&b);
}

static const struct table_column endpoints[] = {NAME, TEXT("Endpoints", endpoints_cell, "Ready addresses."), AGE};

static cJSON *slice_ports(const cJSON *o, int64_t now_s)
{
	struct buf b = BUF_INIT;
	const cJSON *p;

	(void)now_s;
	cJSON_ArrayForEach(p, json_at(o, "ports"))
	{
		char text[24];

		snprintf(text, sizeof(text), "%d", (int)json_int(p, "port", 0));
		join(&b, text);
	}
	return b.len ? take_text(&b) : str("<unset>");
}

static cJSON *slice_endpoints(const cJSON *o, int64_t now_s)
{
	struct buf b = BUF_INIT;
	const cJSON *e;
	int count = 0;

	(void)now_s;
	cJSON_ArrayForEach(e, json_at(o, "endpoints"))
	{
		const char *address = cJSON_GetStringValue(cJSON_GetArrayItem(json_at(e, "addresses"), 0));

		if (address && count++ < 3)
			join(&b, address);
	}
	if (count > 3)
		buf_printf(&b, " + %d more...", count - 3);
	return b.len ? take_text(&b) : str("<unset>");
}

FIELD_CELL(address_type, str, json_str(o, "addressType"))
static const struct table_column endpointslices[] = {
	NAME,
	TEXT("AddressType", address_type, "Family of the addresses."),
	TEXT("Ports", slice_ports, "Ports of the endpoints."),
	TEXT("Endpoints", slice_endpoints, "Addresses, ready or not."),
	AGE,
};

/* ---- configuration ---- */

static cJSON *data_count(const cJSON *o, int64_t now_s)
{
	(void)now_s;
	return number(cJSON_GetArraySize(json_at(o, "data")) + cJSON_GetArraySize(json_at(o, "binaryData")));
}

FIELD_CELL(secret_type, str, json_str(o, "type"))
FIELD_CELL(secrets_count, number, cJSON_GetArraySize(json_at(o, "secrets")))
static const struct table_column configmaps[] = {NAME, TEXT("Data", data_count, "Number of entries."), AGE};
static const struct table_column secrets[] = {NAME, TEXT("Type", secret_type, "What the entries are for."),
					      TEXT("Data", data_count, "Number of entries."), AGE};
static const struct table_column serviceaccounts[] = {
	NAME, TEXT("Secrets", secrets_count, "Number of secrets it may use."), AGE};

/* ---- events ---- */

static cJSON *last_seen(const cJSON *o, int64_t now_s)
{
	const char *t = json_str(o, "lastTimestamp");

	return since(t ? t : json_str(o, "eventTime"), now_s);
}

static cJSON *first_seen(const cJSON *o, int64_t now_s)
{
	const char *t = json_str(o, "firstTimestamp");

	return since(t ? t : json_str(o, "eventTime"), now_s);
}

static cJSON *event_object(const cJSON *o, int64_t now_s)
{
	char text[400], *p;

	(void)now_s;
	snprintf(text, sizeof(text), "%s/%s", json_str_or_empty(o, "involvedObject.kind"),
		 json_str_or_empty(o, "involvedObject.name"));
	for (p = text; *p && *p != '/'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	return str(text);
}

static cJSON *event_source(const cJSON *o, int64_t now_s)
{
	const char *component = json_str_or_empty(o, "source.component"), *host = json_str(o, "source.host");
	char text[400];

	(void)now_s;
	snprintf(text, sizeof(text), host ? "%s, %s" : "%s%.0s", component, host ? host : "");
	return str(text);
}

FIELD_CELL(event_type, str, json_str(o, "type"))
FIELD_CELL(event_reason, str, json_str(o, "reason"))
FIELD_CELL(event_message, str, json_str(o, "message"))
FIELD_CELL(event_field, str, json_str(o, "involvedObject.fieldPath"))
FIELD_CELL(event_count, number, json_int(o, "count", 1))
static const struct table_column events[] = {
	TEXT("Last Seen", last_seen, "When it happened last."),
	TEXT("Type", event_type, "Normal or Warning."),
	TEXT("Reason", event_reason, "Why, in one word."),
	TEXT("Object", event_object, "What it is about."),
	WIDE("Subobject", event_field, "Which part of the object."),
	WIDE("Source", event_source, "Who tells it."),
	TEXT("Message", event_message, "What happened."),
	WIDE("First Seen", first_seen, "When it happened first."),
	WIDE("Count", event_count, "How often it happened."),
	{"Name", "string", "name", "The object's name.", 1, NULL, name_cell},
};

/* ---- volumes ---- */

static cJSON *access_modes(const cJSON *o, int64_t now_s)
{
	static const char *const shorts[][2] = {{"ReadWriteOnce", "RWO"},
						{"ReadOnlyMany", "ROX"},
						{"ReadWriteMany", "RWX"},
						{"ReadWriteOncePod", "RWOP"}};
	struct buf b = BUF_INIT;
	const cJSON *m;

	(void)now_s;
	cJSON_ArrayForEach(m, json_at(o, "spec.accessModes"))
	{
		for (size_t i = 0; cJSON_IsString(m) && i < ARRAY_LEN(shorts); i++)
			if (strcmp(m->valuestring, shorts[i][0]) == 0)
				join(&b, shorts[i][1]);
	}
	return b.len ? take_text(&b) : str("");
}

static cJSON *volume_claim(const cJSON *o, int64_t now_s)
{
	char text[400];

	(void)now_s;
	if (!json_at(o, "spec.claimRef"))
		return str("");
	snprintf(text, sizeof(text), "%s/%s", json_str_or_empty(o, "spec.claimRef.namespace"),
		 json_str_or_empty(o, "spec.claimRef.name"));
	return str(text);
}

static cJSON *claim_status(const cJSON *o, int64_t now_s)
{
	(void)now_s;
	return str(object_terminating(o) ? "Terminating" : json_str(o, "status.phase"));
}

static cJSON *volume_mode(const cJSON *o, int64_t now_s)
{
	const char *mode = json_str(o, "spec.volumeMode");

	(void)now_s;
	return str(mode ? mode : "Filesystem");
}

FIELD_CELL(claim_volume, str, json_str(o, "spec.volumeName"))
FIELD_CELL(claim_capacity, str, json_str(o, "status.capacity.storage"))
FIELD_CELL(volume_capacity, str, json_str(o, "spec.capacity.storage"))
FIELD_CELL(storage_class, str, json_str(o, "spec.storageClassName"))
FIELD_CELL(reclaim_policy, str, json_str(o, "spec.persistentVolumeReclaimPolicy"))
FIELD_CELL(volume_reason, str, json_str(o, "status.reason"))
static const struct table_column claims[] = {
	NAME,
	TEXT("Status", claim_status, "Whether it has a volume."),
	TEXT("Volume", claim_volume, "Its volume."),
	TEXT("Capacity", claim_capacity, "Size of the volume."),
	TEXT("Access Modes", access_modes, "How it may be mounted."),
	TEXT("StorageClass", storage_class, "Class of storage asked for."),
	AGE,
	WIDE("VolumeMode", volume_mode, "File system or block device."),
};
static const struct table_column volumes[] = {
	NAME,
	TEXT("Capacity", volume_capacity, "Size."),
	TEXT("Access Modes", access_modes, "How it may be mounted."),
	TEXT("Reclaim Policy", reclaim_policy, "What happens to it when its claim goes."),
	TEXT("Status", claim_status, "Whether it is bound."),
	TEXT("Claim", volume_claim, "Whose it is."),
	TEXT("StorageClass", storage_class, "Class of storage."),
	TEXT("Reason", volume_reason, "Why it is in this state."),
	AGE,
	WIDE("VolumeMode", volume_mode, "File system or block device."),
};

/* ---- workloads ---- */

static cJSON *ready_of_wanted(const cJSON *o, int64_t now_s)
{
	char text[64];

	(void)now_s;
	snprintf(text, sizeof(text), "%lld/%lld", (long long)json_int(o, "status.readyReplicas", 0),
		 (long long)json_int(o, "spec.replicas", 1));
	return str(text);
}

FIELD_CELL(updated_replicas, number, json_int(o, "status.updatedReplicas", 0))
FIELD_CELL(available_replicas, number, json_int(o, "status.availableReplicas", 0))
FIELD_CELL(wanted_replicas, number, json_int(o, "spec.replicas", 1))
FIELD_CELL(current_replicas, number, json_int(o, "status.replicas", 0))
FIELD_CELL(ready_replicas, number, json_int(o, "status.readyReplicas", 0))
FIELD_CELL(set_desired, number, json_int(o, "status.desiredNumberScheduled", 0))
FIELD_CELL(set_current, number, json_int(o, "status.currentNumberScheduled", 0))
FIELD_CELL(set_ready, number, json_int(o, "status.numberReady", 0))
FIELD_CELL(set_updated, number, json_int(o, "status.updatedNumberScheduled", 0))
FIELD_CELL(set_available, number, json_int(o, "status.numberAvailable", 0))
FIELD_CELL(node_selector, , label_selector(json_at(o, "spec.template.spec.nodeSelector")))
#define TEMPLATE_COLUMNS                                                                                               \
	WIDE("Containers", containers_cell, "Containers of the template."),                                            \
		WIDE("Images", images_cell, "Images of the template.")
static const struct table_column deployments[] = {
	NAME,
	TEXT("Ready", ready_of_wanted, "Ready pods of those wanted."),
	TEXT("Up-to-date", updated_replicas, "Pods of the current template."),
	TEXT("Available", available_replicas, "Pods ready for minReadySeconds."),
	AGE,
	TEMPLATE_COLUMNS,
	WIDE("Selector", template_selector_cell, "Labels of its pods."),
};
static const struct table_column replicasets[] = {
	NAME,
	COL("Desired", "integer", 0, wanted_replicas, "Pods wanted."),
	COL("Current", "integer", 0, current_replicas, "Pods that exist."),
	COL("Ready", "integer", 0, ready_replicas, "Pods that are ready."),
	AGE,
	TEMPLATE_COLUMNS,
	WIDE("Selector", template_selector_cell, "Labels of its pods."),
};
static const struct table_column statefulsets[] = {NAME, TEXT("Ready", ready_of_wanted, "Ready pods of those wanted."),
						   AGE, TEMPLATE_COLUMNS};
static const struct table_column daemonsets[] = {
	NAME,
	COL("Desired", "integer", 0, set_desired, "Nodes that should run it."),
	COL("Current", "integer", 0, set_current, "Nodes that run it."),
	COL("Ready", "integer", 0, set_ready, "Nodes where it is ready."),
	COL("Up-to-date", "integer", 0, set_updated, "Nodes with the current template."),
	COL("Available", "integer", 0, set_available, "Nodes where it is available."),
	TEXT("Node Selector", node_selector, "Labels of its nodes."),
	AGE,
	TEMPLATE_COLUMNS,
	WIDE("Selector", template_selector_cell, "Labels of its pods."),
};

static const struct table_column pods[] = {
	NAME,
	TEXT("Ready", pod_ready_cell, "Ready containers of all."),
	TEXT("Status", pod_status_cell, "State of the pod and its containers in one word."),
	COL("Restarts", "integer", 0, pod_restarts_cell, "Restarts of its containers."),
	AGE,
	WIDE("IP", pod_ip_cell, "Its address."),
	WIDE("Node", pod_node_cell, "Where it runs."),
	WIDE("Nominated Node", pod_nominated_cell, "Where it may run after preemption."),
	WIDE("Readiness Gates", pod_gates_cell, "Readiness gates that are met."),
};

/* ---- access, webhooks, leases, definitions ---- */

FIELD_CELL(created_at, str, json_str(o, "metadata.creationTimestamp"))
FIELD_CELL(webhooks_count, number, cJSON_GetArraySize(json_at(o, "webhooks")))
FIELD_CELL(lease_holder, str, json_str(o, "spec.holderIdentity"))

static cJSON *role_ref(const cJSON *o, int64_t now_s)
{
	char text[400];

	(void)now_s;
	snprintf(text, sizeof(text), "%s/%s", json_str_or_empty(o, "roleRef.kind"),
		 json_str_or_empty(o, "roleRef.name"));
	return str(text);
}

static const struct table_column created_only[] = {
	NAME, COL("Created At", "date", 0, created_at, "When the object was created.")};
static const struct table_column bindings[] = {NAME, TEXT("Role", role_ref, "What it grants."), AGE};
static const struct table_column webhook_configurations[] = {
	NAME, TEXT("Webhooks", webhooks_count, "Number of webhooks."), AGE};
static const struct table_column leases[] = {NAME, TEXT("Holder", lease_holder, "Who holds it."), AGE};

/* ---- autoscaling, policy, routes ---- */

static cJSON *hpa_reference(const cJSON *o, int64_t now_s)
{
	char text[400];

	(void)now_s;
	snprintf(text, sizeof(text), "%s/%s", json_str_or_empty(o, "spec.scaleTargetRef.kind"),
		 json_str_or_empty(o, "spec.scaleTargetRef.name"));
	return str(text);
}

FIELD_CELL(hpa_min, number, json_int(o, "spec.minReplicas", 1))
FIELD_CELL(hpa_max, number, json_int(o, "spec.maxReplicas", 0))
FIELD_CELL(hpa_current, number, json_int(o, "status.currentReplicas", 0))
static const struct table_column autoscalers[] = {
	NAME,
	TEXT("Reference", hpa_reference, "What it scales."),
	TEXT("MinPods", hpa_min, "Fewest replicas."),
	TEXT("MaxPods", hpa_max, "Most replicas."),
	TEXT("Replicas", hpa_current, "Replicas now."),
	AGE,
};

static cJSON *int_or_na(const cJSON *v)
{
	char text[32];

	if (cJSON_IsString(v))
		return str(v->valuestring);
	if (!cJSON_IsNumber(v))
		return str("N/A");
	snprintf(text, sizeof(text), "%d", v->valueint);
	return str(text);
}

FIELD_CELL(pdb_min, int_or_na, json_at(o, "spec.minAvailable"))
FIELD_CELL(pdb_max, int_or_na, json_at(o, "spec.maxUnavailable"))
FIELD_CELL(pdb_allowed, number, json_int(o, "status.disruptionsAllowed", 0))
static const struct table_column budgets[] = {
	NAME,
	TEXT("Min Available", pdb_min, "Pods that must stay."),
	TEXT("Max Unavailable", pdb_max, "Pods that may go."),
	COL("Allowed Disruptions", "integer", 0, pdb_allowed, "Pods that may go now."),
	AGE,
};

FIELD_CELL(policy_selector, , label_selector(json_at(o, "spec.podSelector.matchLabels")))
static const struct table_column network_policies[] = {
	NAME, TEXT("Pod-Selector", policy_selector, "Pods that it applies to."), AGE};

static cJSON *route_host(const cJSON *o, int64_t now_s)
{
	const cJSON *admitted = table_path_find(o, ".status.ingress[0].conditions[?(@.type==\"Admitted\")]");
	const char *reason = json_str(admitted, "reason");

	(void)now_s;
	if (admitted && strcmp(json_str_or_empty(admitted, "status"), "True") != 0)
		return str(reason ? reason : "Pending");
	return str(json_str(o, "spec.host"));
}

static cJSON *route_port(const cJSON *o, int64_t now_s)
{
	const cJSON *p = json_at(o, "spec.port.targetPort");

	(void)now_s;
	return p ? int_or_na(p) : str("<all>");
}

FIELD_CELL(route_path, str, json_str(o, "spec.path"))
FIELD_CELL(route_service, str, json_str(o, "spec.to.name"))
FIELD_CELL(route_termination, str, json_str(o, "spec.tls.termination"))

static cJSON *route_wildcard(const cJSON *o, int64_t now_s)
{
	const char *policy = json_str(o, "spec.wildcardPolicy");

	(void)now_s;
	return str(policy ? policy : "None");
}

static const struct table_column routes[] = {
	NAME,
	TEXT("Host/Port", route_host, "Host, or why there is none."),
	TEXT("Path", route_path, "Path below the host."),
	TEXT("Services", route_service, "Where it leads."),
	TEXT("Port", route_port, "Port of the service."),
	TEXT("Termination", route_termination, "Where TLS ends."),
	TEXT("Wildcard", route_wildcard, "Whether it takes all hosts below."),
};

static const struct table_column others[] = {NAME, AGE};

#define RBAC "rbac.authorization.k8s.io"
#define ROWS(group, plural, columns)                                                                                   \
	{                                                                                                              \
		group, plural,                                                                                         \
		{                                                                                                      \
			columns, ARRAY_LEN(columns)                                                                    \
		}                                                                                                      \
	}

static const struct {
	const char *group, *plural;
	struct table table;
} tables[] = {
	ROWS("", "namespaces", namespaces),
	ROWS("", "nodes", nodes),
	ROWS("", "pods", pods),
	ROWS("", "services", services),
	ROWS("", "endpoints", endpoints),
	ROWS("", "configmaps", configmaps),
	ROWS("", "secrets", secrets),
	ROWS("", "serviceaccounts", serviceaccounts),
	ROWS("", "events", events),
	ROWS("events.k8s.io", "events", events),
	ROWS("", "persistentvolumeclaims", claims),
	ROWS("", "persistentvolumes", volumes),
	ROWS("apps", "deployments", deployments),
	ROWS("apps", "replicasets", replicasets),
	ROWS("apps", "statefulsets", statefulsets),
	ROWS("apps", "daemonsets", daemonsets),
	ROWS("discovery.k8s.io", "endpointslices", endpointslices),
	ROWS("coordination.k8s.io", "leases", leases),
	ROWS(RBAC, "roles", created_only),
	ROWS(RBAC, "clusterroles", created_only),
	ROWS(RBAC, "rolebindings", bindings),
	ROWS(RBAC, "clusterrolebindings", bindings),
	ROWS("admissionregistration.k8s.io", "mutatingwebhookconfigurations", webhook_configurations),
	ROWS("admissionregistration.k8s.io", "validatingwebhookconfigurations", webhook_configurations),
	ROWS("apiextensions.k8s.io", "customresourcedefinitions", created_only),
	ROWS("autoscaling", "horizontalpodautoscalers", autoscalers),
	ROWS("policy", "poddisruptionbudgets", budgets),
	ROWS("networking.k8s.io", "networkpolicies", network_policies),
	ROWS("route.openshift.io", "routes", routes),
};

struct table table_builtin(const char *group, const char *plural)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (strcmp(tables[i].plural, plural) == 0 && strcmp(tables[i].group, group) == 0)
			return tables[i].table;
	return (struct table){others, ARRAY_LEN(others)};
}
