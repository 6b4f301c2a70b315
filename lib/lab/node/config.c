/* The config.json of a container: what the pod's spec, the image and the security context make together. */
#include "lab/node/node_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/object/object.h"

#define HOSTNAME_BYTES 63

static const char *const cap_names[] = {"CHOWN",
					"DAC_OVERRIDE",
					"DAC_READ_SEARCH",
					"FOWNER",
					"FSETID",
					"KILL",
					"SETGID",
					"SETUID",
					"SETPCAP",
					"LINUX_IMMUTABLE",
					"NET_BIND_SERVICE",
					"NET_BROADCAST",
					"NET_ADMIN",
					"NET_RAW",
					"IPC_LOCK",
					"IPC_OWNER",
					"SYS_MODULE",
					"SYS_RAWIO",
					"SYS_CHROOT",
					"SYS_PTRACE",
					"SYS_PACCT",
					"SYS_ADMIN",
					"SYS_BOOT",
					"SYS_NICE",
					"SYS_RESOURCE",
					"SYS_TIME",
					"SYS_TTY_CONFIG",
					"MKNOD",
					"LEASE",
					"AUDIT_WRITE",
					"AUDIT_CONTROL",
					"SETFCAP",
					"MAC_OVERRIDE",
					"MAC_ADMIN",
					"SYSLOG",
					"WAKE_ALARM",
					"BLOCK_SUSPEND",
					"AUDIT_READ",
					"PERFMON",
					"BPF",
					"CHECKPOINT_RESTORE"};

/* What container runtimes grant by default. */
static const char *const default_caps[] = {
	"CHOWN",  "DAC_OVERRIDE", "FSETID",  "FOWNER",           "MKNOD",      "NET_RAW", "SETGID",
	"SETUID", "SETFCAP",      "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL",    "AUDIT_WRITE"};

static uint64_t cap_bit(const char *name)
{
	if (strncasecmp(name, "CAP_", 4) == 0)
		name += 4;
	for (size_t i = 0; i < ARRAY_LEN(cap_names); i++)
		if (strcasecmp(cap_names[i], name) == 0)
			return 1ULL << i;
	return 0;
}

static uint64_t cap_list(const cJSON *list)
{
	const cJSON *item;
	uint64_t caps = 0;

	cJSON_ArrayForEach(item, list)
	{
		if (cJSON_IsString(item))
			caps |= strcasecmp(item->valuestring, "ALL") == 0 ? ~0ULL : cap_bit(item->valuestring);
	}
	return caps;
}

static uint64_t caps_of(const cJSON *security)
{
	uint64_t caps = 0;

	if (json_true(security, "privileged"))
		return ~0ULL;
	for (size_t i = 0; i < ARRAY_LEN(default_caps); i++)
		caps |= cap_bit(default_caps[i]);
	caps &= ~cap_list(json_at(security, "capabilities.drop"));
	return caps | cap_list(json_at(security, "capabilities.add"));
}

/* The container's own setting, else the pod's. */
static const cJSON *security_field(const struct pod_container *c, const char *name)
{
	const cJSON *own = json_at(json_at(pod_container_spec(c), "securityContext"), name);

	return own ? own : json_at(json_at(c->pod->object, "spec.securityContext"), name);
}

/* Whether the container's user is root, as far as one can tell beforehand (kubelet, verifyRunAsNonRoot). */
static int check_not_root(const struct pod_container *c, bool given, uid_t uid, struct err *e)
{
	if (!given && !image_user_is_number(c->image.user))
		return err_set(e, -EINVAL,
			       "container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is "
			       "non-root (pod: \"%s_%s(%s)\", container: %s)",
			       c->image.user, c->pod->name, c->pod->ns, c->pod->uid, c->name);
	if (uid == 0)
		return err_set(
			e, -EINVAL,
			"container has runAsNonRoot and image will run as root (pod: \"%s_%s(%s)\", container: %s)",
			c->pod->name, c->pod->ns, c->pod->uid, c->name);
	return 0;
}

static int add_user(struct pod_container *c, cJSON *config, struct err *e)
{
	const cJSON *uid = security_field(c, "runAsUser"), *gid = security_field(c, "runAsGroup"), *g;
	const cJSON *fs_group = json_at(c->pod->object, "spec.securityContext.fsGroup");
	cJSON *groups = cJSON_AddArrayToObject(config, "groups");
	struct image_user user;
	int r = 0;

	if (cJSON_IsNumber(uid))
		image_user_by_id(&c->image.users, (uid_t)uid->valuedouble, &user);
	else
		r = image_user_find(&c->image.users, c->image.user, &user, e);
	if (r == 0 && cJSON_IsTrue(security_field(c, "runAsNonRoot")))
		r = check_not_root(c, cJSON_IsNumber(uid), user.uid, e);
	if (r < 0)
		return r;
	c->root.uid = user.uid;
	c->root.gid = cJSON_IsNumber(gid) ? (gid_t)gid->valuedouble : user.gid;
	c->root.home = arena_strdup(&c->image.arena, user.home);
	for (size_t i = 0; i < user.n_groups; i++)
		cJSON_AddItemToArray(groups, cJSON_CreateNumber(user.groups[i]));
	if (cJSON_IsNumber(fs_group))
		cJSON_AddItemToArray(groups, cJSON_Duplicate(fs_group, false));
	cJSON_ArrayForEach(g, json_at(c->pod->object, "spec.securityContext.supplementalGroups"))
		cJSON_AddItemToArray(groups, cJSON_Duplicate(g, false));
	cJSON_AddNumberToObject(config, "uid", c->root.uid);
	cJSON_AddNumberToObject(config, "gid", c->root.gid);
	return 0;
}

static void add_security(const struct pod_container *c, cJSON *config)
{
	const cJSON *security = json_at(pod_container_spec(c), "securityContext");
	char caps[24];

	snprintf(caps, sizeof(caps), "%llx", (unsigned long long)caps_of(security));
	cJSON_AddStringToObject(config, "caps", caps);
	cJSON_AddBoolToObject(config, "privileged", json_true(security, "privileged"));
	cJSON_AddBoolToObject(config, "readOnly", json_true(security, "readOnlyRootFilesystem"));
	cJSON_AddBoolToObject(config, "noNewPrivileges", cJSON_IsFalse(json_at(security, "allowPrivilegeEscalation")));
	cJSON_AddBoolToObject(config, "tty", json_true(pod_container_spec(c), "tty"));
	cJSON_AddBoolToObject(config, "stdin", json_true(pod_container_spec(c), "stdin"));
	cJSON_AddBoolToObject(config, "stdinOnce", json_true(pod_container_spec(c), "stdinOnce"));
}

static void add_words(cJSON *args, const cJSON *list, const cJSON *env)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		char *word = env_expand(cJSON_IsString(item) ? item->valuestring : "", env);

		cJSON_AddItemToArray(args, cJSON_CreateString(word));
		free(word);
	}
}

/* command replaces the entrypoint and drops the image's own arguments; args replaces those. */
static void add_args(const struct pod_container *c, cJSON *config, const cJSON *env)
{
	const cJSON *spec = pod_container_spec(c), *command = json_at(spec, "command"), *given = json_at(spec, "args");
	bool has_command = cJSON_GetArraySize(command) > 0, has_args = cJSON_GetArraySize(given) > 0;
	cJSON *args = cJSON_AddArrayToObject(config, "args");

	if (has_command)
		add_words(args, command, env);
	for (const char *const *word = c->image.entrypoint; !has_command && *word; word++)
		cJSON_AddItemToArray(args, cJSON_CreateString(*word));
	if (has_args)
		add_words(args, given, env);
	for (const char *const *word = c->image.command; !has_command && !has_args && *word; word++)
		cJSON_AddItemToArray(args, cJSON_CreateString(*word));
}

static void add_bind(cJSON *mounts, const char *source, const char *target, bool read_only)
{
	cJSON *m = cJSON_CreateObject();

	cJSON_AddStringToObject(m, "type", "bind");
	cJSON_AddStringToObject(m, "source", source);
	cJSON_AddStringToObject(m, "target", target);
	cJSON_AddBoolToObject(m, "readOnly", read_only);
	cJSON_AddItemToArray(mounts, m);
}

static bool is_inside(const char *sub)
{
	return *sub != '/' && !strstr(sub, "..");
}

static int add_volume_mount(const struct pod_container *c, cJSON *mounts, const cJSON *m, const cJSON *env,
			    struct err *e)
{
	const char *volume = json_str_or_empty(m, "name"), *sub = json_str(m, "subPath");
	CLEANUP(freep) char *base = pod_volume_path(c->pod, volume);
	CLEANUP(freep) char *expanded = NULL;
	CLEANUP(freep) char *source = NULL;
	struct stat st;

	if (!base)
		return err_set(e, -EINVAL, "no volume \"%s\" for mount %s", volume, json_str_or_empty(m, "mountPath"));
	if (json_str(m, "subPathExpr"))
		expanded = env_expand(json_str(m, "subPathExpr"), env);
	if (expanded)
		sub = expanded;
	if (sub && *sub && !is_inside(sub))
		return err_set(e, -EINVAL, "subPath \"%s\" of volume \"%s\" must stay inside it", sub, volume);
	source = sub && *sub ? mem_printf("%s/%s", base, sub) : mem_strdup(base);
	if (stat(source, &st) < 0 && file_mkdirs(source, 0777, e) < 0)
		return e->code;
	add_bind(mounts, source, json_str_or_empty(m, "mountPath"), json_true(m, "readOnly"));
	return 0;
}

static int add_mounts(struct pod_container *c, cJSON *config, const cJSON *env, struct err *e)
{
	cJSON *mounts = cJSON_AddArrayToObject(config, "mounts");
	CLEANUP(freep) char *hosts = mem_printf("%s/hosts", c->pod->dir);
	CLEANUP(freep) char *resolv = mem_printf("%s/resolv.conf", c->pod->dir);
	CLEANUP(freep) char *hostname = mem_printf("%s/hostname", c->pod->dir);
	CLEANUP(freep) char *message = mem_printf("%s/termination-log", c->dir);
	const char *message_path = json_str(pod_container_spec(c), "terminationMessagePath");
	const cJSON *m;
	int r = 0;

	if (!c->image.root)
		image_add_mounts(&c->image, mounts);
	add_bind(mounts, hosts, "/etc/hosts", false);
	add_bind(mounts, resolv, "/etc/resolv.conf", false);
	add_bind(mounts, hostname, "/etc/hostname", false);
	add_bind(mounts, message, message_path && *message_path ? message_path : "/dev/termination-log", false);
	cJSON_ArrayForEach(m, json_at(pod_container_spec(c), "volumeMounts"))
	{
		if (r == 0)
			r = add_volume_mount(c, mounts, m, env, e);
	}
	return r;
}

static void add_limit(cJSON *limits, const char *dir, const char *file, const char *value)
{
	cJSON *l = cJSON_CreateObject();

	cJSON_AddStringToObject(l, "dir", dir);
	cJSON_AddStringToObject(l, "file", file);
	cJSON_AddStringToObject(l, "value", value);
	cJSON_AddItemToArray(limits, l);
}

/* A cgroup of this container below `top`. Owned by the caller. */
static char *limit_dir(const struct pod_container *c, const char *top)
{
	return mem_printf("%s/%s/%s-%s-%u", top, c->pod->node->lab, c->pod->uid, c->name, c->attempt);
}

static void add_memory_limit(const struct pod_container *c, cJSON *limits)
{
	CLEANUP(freep) char *bytes = pod_resource(pod_container_spec(c), "limits.memory", "1");
	bool old = access("/sys/fs/cgroup/memory/cgroup.procs", F_OK) == 0;
	CLEANUP(freep) char *dir = limit_dir(c, old ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup");

	add_limit(limits, dir, old ? "memory.limit_in_bytes" : "memory.max", bytes);
}

/* A quota in each period of 100 ms. */
static void add_cpu_limit(const struct pod_container *c, cJSON *limits)
{
	CLEANUP(freep) char *milli = pod_resource(pod_container_spec(c), "limits.cpu", "1m");
	bool old = access("/sys/fs/cgroup/cpu/cgroup.procs", F_OK) == 0;
	CLEANUP(freep) char *dir = limit_dir(c, old ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup");
	CLEANUP(freep) char *quota = mem_printf("%ld%s", atol(milli) * 100, old ? "" : " 100000");

	add_limit(limits, dir, old ? "cpu.cfs_quota_us" : "cpu.max", quota);
}

/* Limits, by whichever cgroup version has the controller; a host without gives none. */
static void add_limits(const struct pod_container *c, cJSON *config)
{
	cJSON *limits = cJSON_AddArrayToObject(config, "limits");

	if (json_at(pod_container_spec(c), "resources.limits.memory"))
		add_memory_limit(c, limits);
	if (json_at(pod_container_spec(c), "resources.limits.cpu"))
		add_cpu_limit(c, limits);
}

/* Of a loaded image the files, and a layer of the container's own above them. */
static void add_root(const struct pod_container *c, cJSON *config)
{
	CLEANUP(freep) char *root = mem_printf("%s/root", c->dir);
	CLEANUP(freep) char *merged = mem_printf("%s/merged", root);

	cJSON_AddStringToObject(config, "root", c->image.root ? merged : root);
	if (c->image.root) {
		cJSON_AddStringToObject(config, "lower", c->image.root);
		cJSON_AddStringToObject(config, "layer", root);
	}
	cJSON_AddNumberToObject(config, "stopSignal", c->image.stop_signal ? c->image.stop_signal : SIGTERM);
}

cJSON *pod_container_config(struct pod_container *c, struct err *e)
{
	cJSON *config = cJSON_CreateObject(), *env = NULL;
	CLEANUP(freep) char *netns = mem_printf("/run/netns/%s", c->pod->netns);
	CLEANUP(freep) char *log = pod_container_log_path(c->pod, c->name, c->attempt);
	const char *cwd = json_str(pod_container_spec(c), "workingDir"),
		   *hostname = json_str(c->pod->object, "spec.hostname");
	char name[HOSTNAME_BYTES + 1];
	int r = add_user(c, config, e);

	if (r == 0 && !(env = pod_env(c, e)))
		r = e->code;
	if (r == 0)
		r = add_mounts(c, config, env, e);
	if (r < 0) {
		cJSON_Delete(config);
		cJSON_Delete(env);
		return NULL;
	}
	snprintf(name, sizeof(name), "%s", hostname ? hostname : c->pod->name);
	add_security(c, config);
	add_args(c, config, env);
	add_limits(c, config);
	cJSON_AddItemToObject(config, "env", env);
	add_root(c, config);
	cJSON_AddStringToObject(config, "hostname", name);
	cJSON_AddStringToObject(config, "netns", netns);
	cJSON_AddStringToObject(config, "cwd", cwd ? cwd : c->image.cwd);
	cJSON_AddStringToObject(config, "log", log);
	return config;
}

static void write_hosts(const struct pod *p, struct buf *out)
{
	const char *hostname = json_str(p->object, "spec.hostname"), *sub = json_str(p->object, "spec.subdomain");
	const cJSON *alias, *name;

	buf_append_str(out, "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
			    "ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\n"
			    "fe00::2\tip6-allrouters\n");
	if (hostname && sub)
		buf_printf(out, "%s\t%s.%s.%s.svc.cluster.local\t%s\n", p->ip, hostname, sub, p->ns, hostname);
	else
		buf_printf(out, "%s\t%s\n", p->ip, hostname ? hostname : p->name);
	cJSON_ArrayForEach(alias, json_at(p->object, "spec.hostAliases"))
	{
		buf_printf(out, "%s", json_str_or_empty(alias, "ip"));
		cJSON_ArrayForEach(name, json_at(alias, "hostnames"))
			buf_printf(out, "\t%s", cJSON_IsString(name) ? name->valuestring : "");
		buf_append_char(out, '\n');
	}
}

static void write_resolv(const struct pod *p, struct buf *out)
{
	const cJSON *dns = json_at(p->object, "spec.dnsConfig"), *item;
	bool none = strcmp(json_str_or_empty(p->object, "spec.dnsPolicy"), "None") == 0;

	buf_append_str(out, "search");
	if (!none)
		buf_printf(out, " %s.svc.cluster.local svc.cluster.local cluster.local", p->ns);
	cJSON_ArrayForEach(item, json_at(dns, "searches")) buf_printf(out, " %s", item->valuestring);
	buf_append_str(out, "\n");
	if (!none)
		buf_append_str(out, "nameserver " NETNS_DNS_IP "\n");
	cJSON_ArrayForEach(item, json_at(dns, "nameservers")) buf_printf(out, "nameserver %s\n", item->valuestring);
	buf_append_str(out, "options");
	if (!none)
		buf_append_str(out, " ndots:5");
	cJSON_ArrayForEach(item, json_at(dns, "options"))
	{
		const char *value = json_str(item, "value");

		buf_printf(out, " %s%s%s", json_str_or_empty(item, "name"), value ? ":" : "", value ? value : "");
	}
	buf_append_str(out, "\n");
}

static int write_pod_file(const struct pod *p, const char *name, struct slice text, struct err *e)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", p->dir, name);

	return file_put(path, text, 0644, e);
}

int pod_write_files(const struct pod *p, struct err *e)
{
	const char *hostname = json_str(p->object, "spec.hostname");
	CLEANUP(buf_done) struct buf hosts = BUF_INIT;
	CLEANUP(buf_done) struct buf resolv = BUF_INIT;
	CLEANUP(buf_done) struct buf own = BUF_INIT;
	int r;

	write_hosts(p, &hosts);
	write_resolv(p, &resolv);
	buf_printf(&own, "%s\n", hostname ? hostname : p->name);
	r = write_pod_file(p, "hosts", buf_slice(&hosts), e);
	if (r == 0)
		r = write_pod_file(p, "resolv.conf", buf_slice(&resolv), e);
	return r < 0 ? r : write_pod_file(p, "hostname", buf_slice(&own), e);
}
