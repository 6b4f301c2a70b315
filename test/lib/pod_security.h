/*
 * The rules of PodSecurity "restricted" as one function over a pod's spec, and with them a root file system that is
 * only read. Include in tests of what makes pods.
 */
#ifndef TEST_POD_SECURITY_H
#define TEST_POD_SECURITY_H

#include <stdio.h>
#include <string.h>

#include "api/core/core.h"

static inline bool pod_security_drops_all(const struct core_capabilities *c)
{
	bool all = false;

	for (size_t i = 0; c && i < c->drop.n; i++)
		all |= !strcmp(c->drop.v[i], "ALL");
	for (size_t i = 0; c && i < c->add.n; i++)
		all &= !strcmp(c->add.v[i], "NET_BIND_SERVICE");
	return all;
}

static inline bool pod_security_profile(const struct core_seccomp_profile *p)
{
	return p && p->type && (!strcmp(p->type, "RuntimeDefault") || !strcmp(p->type, "Localhost"));
}

/* The rule that the container breaks in a pod with this context, or NULL. */
static inline const char *pod_security_container(const struct core_pod_security_context *p,
						 const struct core_container *c)
{
	static const struct core_security_context none;
	const struct core_security_context *s = c->security_context ? c->security_context : &none;
	const bool *non_root = s->run_as_non_root ? s->run_as_non_root : p ? p->run_as_non_root : NULL;
	const int64_t *user = s->run_as_user ? s->run_as_user : p ? p->run_as_user : NULL;

	if (s->privileged && *s->privileged)
		return "privileged";
	if (!s->allow_privilege_escalation || *s->allow_privilege_escalation)
		return "allowPrivilegeEscalation";
	if (!pod_security_drops_all(s->capabilities))
		return "capabilities";
	if (!non_root || !*non_root)
		return "runAsNonRoot";
	if (user && !*user)
		return "runAsUser";
	if (!pod_security_profile(s->seccomp_profile ? s->seccomp_profile : p ? p->seccomp_profile : NULL))
		return "seccompProfile";
	if (!s->read_only_root_filesystem || !*s->read_only_root_filesystem)
		return "readOnlyRootFilesystem";
	for (size_t i = 0; i < c->ports.n; i++)
		if (c->ports.v[i].host_port)
			return "hostPort";
	return NULL;
}

/* What a restricted namespace lets in; a HostPath is not among it. */
static inline bool pod_security_volume(const struct core_volume *v)
{
	return v->config_map || v->secret || v->empty_dir || v->projected || v->downward_api ||
	       v->persistent_volume_claim;
}

/*
 * Writes the first rule that is broken to out, as "container NAME: RULE"; false when there is none. except names a
 * container that is let off, or is NULL.
 */
static inline bool pod_security_breaks(const struct core_pod_spec *p, const char *except, char *out, size_t max)
{
	const struct {
		const struct core_container *v;
		size_t n;
	} lists[] = {{p->init_containers.v, p->init_containers.n}, {p->containers.v, p->containers.n}};

	if (p->host_network || p->host_pid || p->host_ipc)
		return snprintf(out, max, "host namespaces") > 0;
	for (size_t i = 0; i < p->volumes.n; i++)
		if (!pod_security_volume(&p->volumes.v[i]))
			return snprintf(out, max, "volume %s", p->volumes.v[i].name) > 0;
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l].n; i++) {
			const struct core_container *c = &lists[l].v[i];
			const char *rule = pod_security_container(p->security_context, c);

			if (rule && !(except && !strcmp(except, c->name)))
				return snprintf(out, max, "container %s: %s", c->name, rule) > 0;
		}
	return false;
}

#endif
