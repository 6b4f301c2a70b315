/* What a pod asks for and the lab does not do is told by path, never ignored in silence. */
#include "lab/node/node_internal.h"

#include "base/cleanup.h"
#include "lab/object/object.h"

static const char *const pod_fields[] = {
	"hostNetwork",
	"hostPID",
	"hostIPC",
	"hostUsers",
	"shareProcessNamespace",
	"runtimeClassName",
	"ephemeralContainers",
	"affinity",
	"topologySpreadConstraints",
	"securityContext.sysctls",
	"securityContext.seLinuxOptions",
	"securityContext.seccompProfile",
	"securityContext.appArmorProfile",
};

static const char *const container_fields[] = {
	"restartPolicy",
	"volumeDevices",
	"livenessProbe.grpc",
	"readinessProbe.grpc",
	"startupProbe.grpc",
	"lifecycle.postStart.tcpSocket",
	"lifecycle.preStop.tcpSocket",
	"resources.limits.ephemeral-storage",
	"securityContext.procMount",
	"securityContext.seLinuxOptions",
	"securityContext.seccompProfile",
	"securityContext.appArmorProfile",
	"resizePolicy",
};

static bool is_asked(const cJSON *o, const char *path)
{
	const cJSON *v = json_at(o, path);

	return v && !cJSON_IsFalse(v) && !cJSON_IsNull(v) && !(cJSON_IsArray(v) && cJSON_GetArraySize(v) == 0);
}

static void tell(struct buf *out, const char *prefix, const char *name, const char *field)
{
	buf_printf(out, "%s%s", out->len ? ", " : "", prefix);
	if (name)
		buf_printf(out, "[%s].", name);
	buf_append_str(out, field);
}

/* Named values that are what the lab does anyway: its runtime's own profile filters no system calls. */
static bool is_default(const cJSON *o, const char *path, bool init)
{
	const char *last = strrchr(path, '.'), *type = json_str(json_at(o, path), "type");

	if (last && (strcmp(last, ".seccompProfile") == 0 || strcmp(last, ".appArmorProfile") == 0))
		return type && strcmp(type, "Localhost") != 0;
	return init && strcmp(path, "restartPolicy") == 0 && strcmp(json_str_or_empty(o, path), "Always") == 0;
}

void pod_tell_unsupported(const struct pod *p)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const cJSON *spec = json_at(p->object, "spec");

	for (size_t i = 0; i < ARRAY_LEN(pod_fields); i++)
		if (is_asked(spec, pod_fields[i]) && !is_default(spec, pod_fields[i], false))
			tell(&out, "spec.", NULL, pod_fields[i]);
	for (size_t c = 0; c < p->n; c++) {
		const struct pod_container *container = &p->containers[c];
		const char *list = container->init ? "spec.initContainers" : "spec.containers";

		const cJSON *own = pod_container_spec(container);

		for (size_t i = 0; i < ARRAY_LEN(container_fields); i++)
			if (is_asked(own, container_fields[i]) &&
			    !is_default(own, container_fields[i], container->init))
				tell(&out, list, container->name, container_fields[i]);
	}
	if (out.len)
		pod_event(p, "Warning", "NotSupported", "The lab does not honour %s", buf_str(&out));
}
