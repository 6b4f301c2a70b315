/*
 * Pod Security Standards (latest) as a namespace's labels ask for them: pods that break the level of "enforce" are
 * refused, of those that break that of "warn", and of templates of such pods, it is said. In the words of Kubernetes'
 * own admission.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "lab/api/kinds_internal.h"

enum level { LEVEL_PRIVILEGED, LEVEL_BASELINE, LEVEL_RESTRICTED };

#define LABEL "pod-security.kubernetes.io/"

/* A pod that is judged, and what was found wrong. */
struct judge {
	const cJSON *spec;
	struct buf found; /* "privileged (container ...), ..." */
};

static void found(struct judge *j, const char *reason, const char *detail)
{
	buf_printf(&j->found, "%s%s (%s)", j->found.len ? ", " : "", reason, detail);
}

/* --- those of a pod's containers, or volumes, for which something holds: "container \"a\"", "containers \"a\", \"b\""
 * --- */

typedef bool (*holds_fn)(const struct judge *j, const cJSON *item);

static void add_names(const struct judge *j, const cJSON *list, holds_fn holds, struct buf *names, int *n)
{
	JSON_EACH(item, list)
	{
		const char *name = json_str(item, "name");

		if (!holds(j, item))
			continue;
		buf_printf(names, "%s\"%s\"", *n ? ", " : "", name ? name : "");
		++*n;
	}
}

/* Appends them with their noun; how many there are. */
static int containers(const struct judge *j, holds_fn holds, struct buf *out)
{
	static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
	CLEANUP(buf_done) struct buf names = BUF_INIT;
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		add_names(j, json_get(j->spec, lists[i]), holds, &names, &n);
	if (n)
		buf_printf(out, "container%s %s", n > 1 ? "s" : "", buf_str(&names));
	return n;
}

static int volumes(const struct judge *j, holds_fn holds, struct buf *out)
{
	CLEANUP(buf_done) struct buf names = BUF_INIT;
	int n = 0;

	add_names(j, json_get(j->spec, "volumes"), holds, &names, &n);
	if (n)
		buf_printf(out, "volume%s %s", n > 1 ? "s" : "", buf_str(&names));
	return n;
}

static void check_containers(struct judge *j, const char *reason, holds_fn holds, const char *what)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT;

	if (!containers(j, holds, &detail))
		return;
	buf_printf(&detail, " %s", what);
	found(j, reason, buf_str(&detail));
}

/* --- baseline --- */

static void check_host_namespaces(struct judge *j)
{
	static const char *const fields[] = {"hostNetwork", "hostPID", "hostIPC"};
	CLEANUP(buf_done) struct buf detail = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (json_true(j->spec, fields[i]))
			buf_printf(&detail, "%s%s=true", detail.len ? ", " : "", fields[i]);
	if (detail.len)
		found(j, "host namespaces", buf_str(&detail));
}

static bool is_host_path(const struct judge *j, const cJSON *volume)
{
	(void)j;
	return json_get(volume, "hostPath");
}

static void check_host_paths(struct judge *j)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT;

	if (volumes(j, is_host_path, &detail))
		found(j, "hostPath volumes", buf_str(&detail));
}

static bool has_host_port(const struct judge *j, const cJSON *container)
{
	(void)j;
	JSON_EACH(p, json_get(container, "ports"))
	if (json_int(p, "hostPort", 0))
		return true;
	return false;
}

static void check_host_ports(struct judge *j)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT, ports = BUF_INIT;
	int n = containers(j, has_host_port, &detail), n_ports = 0;

	if (!n)
		return;
	JSON_EACH(c, json_get(j->spec, "containers"))
	JSON_EACH(p, json_get(c, "ports"))
	if (json_int(p, "hostPort", 0)) {
		buf_printf(&ports, "%s%lld", n_ports ? ", " : "", (long long)json_int(p, "hostPort", 0));
		n_ports++;
	}
	buf_printf(&detail, " use%s hostPort%s %s", n > 1 ? "" : "s", n_ports > 1 ? "s" : "", buf_str(&ports));
	found(j, "hostPort", buf_str(&detail));
}

static bool is_privileged(const struct judge *j, const cJSON *container)
{
	(void)j;
	return json_true(container, "securityContext.privileged");
}

static bool unmasks_proc(const struct judge *j, const cJSON *container)
{
	const char *mount = json_str(container, "securityContext.procMount");

	(void)j;
	return mount && strcmp(mount, "Default") != 0;
}

static bool adds_capability(const struct judge *j, const cJSON *container)
{
	static const char safe[] =
		" AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID "
		"SETPCAP SETUID SYS_CHROOT ";
	char word[64];

	(void)j;
	JSON_EACH(c, json_at(container, "securityContext.capabilities.add"))
	{
		snprintf(word, sizeof(word), " %s ", cJSON_IsString(c) ? c->valuestring : "");
		if (!strstr(safe, word))
			return true;
	}
	return false;
}

static void check_added_capabilities(struct judge *j)
{
	check_containers(j, "non-default capabilities", adds_capability,
			 "must not include others than the default ones in securityContext.capabilities.add");
}

static const char *seccomp_of(const cJSON *part)
{
	return json_str(part, "securityContext.seccompProfile.type");
}

static bool is_unconfined(const struct judge *j, const cJSON *container)
{
	const char *type = seccomp_of(container);

	(void)j;
	return type && strcmp(type, "Unconfined") == 0;
}

static void check_unconfined(struct judge *j)
{
	static const char what[] = "must not set securityContext.seccompProfile.type to \"Unconfined\"";
	CLEANUP(buf_done) struct buf detail = BUF_INIT;

	if (is_unconfined(j, j->spec))
		buf_append_str(&detail, "pod");
	else if (!containers(j, is_unconfined, &detail))
		return;
	buf_printf(&detail, " %s", what);
	found(j, "seccompProfile", buf_str(&detail));
}

static void check_sysctls(struct judge *j)
{
	static const char safe[] =
		" kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start "
		"net.ipv4.tcp_syncookies "
		"net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time "
		"net.ipv4.tcp_fin_timeout "
		"net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem ";
	CLEANUP(buf_done) struct buf detail = BUF_INIT;
	char word[128];

	JSON_EACH(s, json_at(j->spec, "securityContext.sysctls"))
	{
		const char *name = json_str(s, "name");

		snprintf(word, sizeof(word), " %s ", name ? name : "");
		if (!strstr(safe, word))
			buf_printf(&detail, "%s%s", detail.len ? ", " : "", name ? name : "");
	}
	if (detail.len)
		found(j, "forbidden sysctls", buf_str(&detail));
}

/* --- restricted --- */

static bool may_escalate(const struct judge *j, const cJSON *container)
{
	(void)j;
	return !cJSON_IsFalse(json_at(container, "securityContext.allowPrivilegeEscalation"));
}

static bool keeps_capabilities(const struct judge *j, const cJSON *container)
{
	(void)j;
	return !json_has_str(json_at(container, "securityContext.capabilities.drop"), "ALL");
}

static bool adds_any_capability(const struct judge *j, const cJSON *container)
{
	(void)j;
	JSON_EACH(c, json_at(container, "securityContext.capabilities.add"))
	if (!cJSON_IsString(c) || strcmp(c->valuestring, "NET_BIND_SERVICE") != 0)
		return true;
	return false;
}

static void check_capabilities(struct judge *j)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT, adding = BUF_INIT;

	if (containers(j, keeps_capabilities, &detail))
		buf_append_str(&detail, " must set securityContext.capabilities.drop=[\"ALL\"]");
	if (containers(j, adds_any_capability, &adding))
		buf_printf(&detail,
			   "%s%s must not include others than \"NET_BIND_SERVICE\" in securityContext.capabilities.add",
			   detail.len ? "; " : "", buf_str(&adding));
	if (detail.len)
		found(j, "unrestricted capabilities", buf_str(&detail));
}

/* The member of a volume that says what it is, when it is none of those that are let in; else NULL. */
static const char *restricted_type(const cJSON *volume)
{
	static const char free_types[] =
		" name configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret ";
	char word[64];

	JSON_EACH(m, volume)
	{
		snprintf(word, sizeof(word), " %s ", m->string);
		if (!strstr(free_types, word))
			return m->string;
	}
	return NULL;
}

static bool is_restricted(const struct judge *j, const cJSON *volume)
{
	(void)j;
	return restricted_type(volume);
}

static void check_volumes(struct judge *j)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT, types = BUF_INIT;
	int n = volumes(j, is_restricted, &detail), n_types = 0;

	if (!n)
		return;
	JSON_EACH(v, json_get(j->spec, "volumes"))
	if (restricted_type(v))
		buf_printf(&types, "%s\"%s\"", n_types++ ? ", " : "", restricted_type(v));
	buf_printf(&detail, " use%s restricted volume type%s %s", n > 1 ? "" : "s", n_types > 1 ? "s" : "",
		   buf_str(&types));
	found(j, "restricted volume types", buf_str(&detail));
}

static bool sets_root(const struct judge *j, const cJSON *part)
{
	(void)j;
	return cJSON_IsFalse(json_at(part, "securityContext.runAsNonRoot"));
}

static bool may_be_root(const struct judge *j, const cJSON *container)
{
	return !json_true(j->spec, "securityContext.runAsNonRoot") &&
	       !json_true(container, "securityContext.runAsNonRoot");
}

static void check_non_root(struct judge *j)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT;

	if (sets_root(j, j->spec))
		buf_append_str(&detail, "pod must not set securityContext.runAsNonRoot=false");
	else if (containers(j, sets_root, &detail))
		buf_append_str(&detail, " must not set securityContext.runAsNonRoot=false");
	else if (buf_append_str(&detail, "pod or "), containers(j, may_be_root, &detail))
		buf_append_str(&detail, " must set securityContext.runAsNonRoot=true");
	else
		return;
	found(j, "runAsNonRoot != true", buf_str(&detail));
}

static bool is_root(const struct judge *j, const cJSON *part)
{
	const cJSON *user = json_at(part, "securityContext.runAsUser");

	(void)j;
	return user && json_int(part, "securityContext.runAsUser", 1) == 0;
}

static void check_user(struct judge *j)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT;

	if (is_root(j, j->spec))
		buf_append_str(&detail, "pod");
	else if (!containers(j, is_root, &detail))
		return;
	buf_append_str(&detail, " must not set runAsUser=0");
	found(j, "runAsUser=0", buf_str(&detail));
}

static bool has_no_seccomp(const struct judge *j, const cJSON *container)
{
	return !seccomp_of(container) && !seccomp_of(j->spec);
}

static void check_seccomp(struct judge *j)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT;

	check_unconfined(j);
	buf_append_str(&detail, "pod or ");
	if (!containers(j, has_no_seccomp, &detail))
		return;
	buf_append_str(&detail, " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
	found(j, "seccompProfile", buf_str(&detail));
}

/* --- levels --- */

/* In the order of Kubernetes' own checks; what is restricted takes the place of its milder form. */
static void judge(struct judge *j, enum level level)
{
	if (level == LEVEL_PRIVILEGED)
		return;
	if (level == LEVEL_BASELINE)
		check_added_capabilities(j);
	check_host_namespaces(j);
	if (level == LEVEL_BASELINE)
		check_host_paths(j);
	check_host_ports(j);
	check_containers(j, "privileged", is_privileged, "must not set securityContext.privileged=true");
	check_containers(j, "procMount", unmasks_proc, "must not set securityContext.procMount to \"Unmasked\"");
	if (level == LEVEL_BASELINE)
		check_unconfined(j);
	check_sysctls(j);
	if (level == LEVEL_BASELINE)
		return;
	check_containers(j, "allowPrivilegeEscalation != false", may_escalate,
			 "must set securityContext.allowPrivilegeEscalation=false");
	check_capabilities(j);
	check_volumes(j);
	check_non_root(j);
	check_user(j);
	check_seccomp(j);
}

static const char *const level_names[] = {"privileged", "baseline", "restricted"};

/* A level that nobody knows is the strictest. */
static enum level level_of(const cJSON *ns, const char *mode)
{
	char key[64];

	snprintf(key, sizeof(key), LABEL "%s", mode);
	const cJSON *label = json_get(json_at(ns, "metadata.labels"), key);
	const char *name = cJSON_IsString(label) ? label->valuestring : NULL;

	if (!name || !*name || strcmp(name, "privileged") == 0)
		return LEVEL_PRIVILEGED;
	return strcmp(name, "baseline") == 0 ? LEVEL_BASELINE : LEVEL_RESTRICTED;
}

/* The specification of a pod, or of a template of pods; NULL for other kinds. */
static const cJSON *spec_of(const struct resource *r, const cJSON *obj)
{
	static const char *const with_template[] = {"deployments",  "replicasets", "daemonsets",
						    "statefulsets", "jobs",        "replicationcontrollers"};

	if (kind_is(r, "", "pods"))
		return json_get(obj, "spec");
	for (size_t i = 0; i < ARRAY_LEN(with_template); i++)
		if (strcmp(r->plural, with_template[i]) == 0)
			return json_at(obj, "spec.template.spec");
	return strcmp(r->plural, "cronjobs") == 0 ? json_at(obj, "spec.jobTemplate.spec.template.spec") : NULL;
}

static char *broken(const cJSON *spec, enum level level)
{
	struct judge j = {.spec = spec, .found = BUF_INIT};

	judge(&j, level);
	if (j.found.len)
		return buf_take_str(&j.found);
	buf_done(&j.found);
	return NULL;
}

cJSON *pod_security_check(struct op *op, const cJSON *obj)
{
	const cJSON *spec = op->res->custom || op->sub ? NULL : spec_of(op->res, obj);
	bool is_pod = kind_is(op->res, "", "pods");
	const struct object *ns;
	int v;

	if (!spec || (is_pod && !op->creating))
		return NULL;
	ns = db_get(resources_find(&op->api->resources, "", "v1", "namespaces", &v)->bucket, "", op->ns);
	if (!ns)
		return NULL;
	enum level enforced = is_pod ? level_of(ns->json, "enforce") : LEVEL_PRIVILEGED,
		   warned = level_of(ns->json, "warn");
	CLEANUP(freep) char *refused = broken(spec, enforced);
	CLEANUP(freep) char *warning = broken(spec, warned);

	if (refused)
		return status_details(status_new(403, "Forbidden",
						 "pods \"%s\" is forbidden: violates PodSecurity \"%s:latest\": %s",
						 json_str(obj, "metadata.name"), level_names[enforced], refused),
				      json_str(obj, "metadata.name"), NULL, "pods");
	if (warning)
		vec_push(&op->warnings, arena_printf(&op->arena, "would violate PodSecurity \"%s:latest\": %s",
						     level_names[warned], warning));
	return NULL;
}
