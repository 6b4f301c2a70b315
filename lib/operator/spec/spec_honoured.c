/* What is asked for in the spec of a ServiceMeshControlPlane and has no effect, by path: the rows say it. */
#include <stdio.h>

#include "api/istio/mesh_config.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/spec/spec.h"
#include "operator/spec/tls_names.h"

#define PREVIEW_MESH "spec.techPreview.meshConfig"

struct report {
	size_t n;
	struct buf *out;
};

static void tell(void *arg, const char *path, const char *reason)
{
	struct report *r = arg;

	r->n++;
	buf_printf(r->out, "%s: %s\n", path, reason);
}

/* --- what rows cannot say --- */

/* Settings of an authority that is not the one chosen. */
static void tell_authorities(struct report *r, const struct maistra_smcp_spec *s)
{
	const struct maistra_certificate_authority_config *ca = AT1(s->security, certificate_authority);
	const char *type = text_or(AT1(ca, type), "Istiod");
	const struct {
		const char *type, *path, *why;
		bool said;
	} rows[] = {
		{"Istiod", "spec.security.certificateAuthority.istiod", "another authority signs",
		 AT1(ca, istiod) != NULL && !strcmp(type, "cert-manager")},
		{"Custom", "spec.security.certificateAuthority.custom", "type is not Custom", AT1(ca, custom) != NULL},
		{"cert-manager", "spec.security.certificateAuthority.cert-manager", "type is not cert-manager",
		 AT1(ca, cert_manager) != NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].said && strcmp(type, rows[i].type) != 0)
			tell(r, rows[i].path, rows[i].why);
}

/* Messages that stand in several places, of which a field has no effect in this one. */
static void tell_places(struct report *r, const struct maistra_smcp_spec *s)
{
	const struct maistra_container_config *init =
		AT4(s->proxy, networking, initialization, init_container, runtime);
	const struct maistra_control_plane_tls_config *tls = AT2(s->security, control_plane, tls);
	const struct maistra_metadata_config *kiali = AT4(s->addons, kiali, install, service, metadata);
	const struct core_resource_requirements *capacity = AT4(s->addons, grafana, install, persistence, capacity);
	CLEANUP(buf_done) struct buf path = BUF_INIT;

	if (init && init->env.n)
		tell(r, "spec.proxy.networking.initialization.initContainer.runtime.env",
		     "the init container takes all that it needs as arguments");
	if (init && init->image_pull_secrets.n)
		tell(r, "spec.proxy.networking.initialization.initContainer.runtime.imagePullSecrets",
		     "pods have those of spec.proxy.runtime.container.imagePullSecrets");
	if (capacity && capacity->claims.n)
		tell(r, "spec.addons.grafana.install.persistence.capacity.claims", "volumes have no claims of devices");
	if (kiali && kiali->labels.n)
		tell(r, "spec.addons.kiali.install.service.metadata.labels",
		     "Kiali's operator puts none on its Service");
	for (size_t i = 0; tls && i < tls->cipher_suites.n; i++) {
		const char *known = spec_tls_cipher(slice_str(tls->cipher_suites.v[i]));

		if (known && !*known)
			tell(r, "spec.security.controlPlane.tls.cipherSuites",
			     "the suites of TLS 1.3 are always allowed");
	}
	for (size_t i = 0; s->runtime && i < s->runtime->components.n; i++) {
		const struct maistra_auto_scaler_config *scaler =
			AT2(&s->runtime->components.v[i].value, deployment, auto_scaling);

		if (strcmp(s->runtime->components.v[i].key, "pilot") == 0 || !scaler || !flag(scaler->enabled, true))
			continue;
		buf_printf(&path, "spec.runtime.components[%s].deployment.autoScaling",
			   s->runtime->components.v[i].key);
		tell(r, buf_str(&path), "add-ons keep their own data; they are not scaled by load");
		buf_clear(&path);
	}
}

/* What of techPreview, which has no rows, is carried out. "*" stands for one member, "**" for everything below. */
static const char *const previews[] = {
	"global.pathNormalization",
	"sidecarInjectorWebhook.templates.*",
	"sidecarInjectorWebhook.defaultTemplates.*",
	"sidecarInjectorWebhook.aliases.**",
	"sidecarInjectorWebhook.objectSelector.enabled",
	"meshConfig.**",
	SPEC_REVISION_OF,
};

static bool path_matches(const char *pattern, const char *path)
{
	while (*pattern) {
		size_t p = strcspn(pattern, "."), q = strcspn(path, ".");

		if (!strncmp(pattern, "**", 2))
			return true;
		if (!q || !((p == 1 && *pattern == '*') || (p == q && !strncmp(pattern, path, p))))
			return false;
		pattern += p + (pattern[p] == '.');
		path += q + (path[q] == '.');
	}
	return !*path;
}

static bool is_preview(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(previews); i++)
		if (path_matches(previews[i], path))
			return true;
	return false;
}

static void tell_previews(struct report *r, const cJSON *node, struct buf *path)
{
	const size_t len = path->len;
	const cJSON *m;
	size_t i = 0;

	if (!(cJSON_IsObject(node) || cJSON_IsArray(node))) {
		CLEANUP(buf_done) struct buf full = BUF_INIT;

		buf_printf(&full, "spec.techPreview.%s", buf_str(path));
		if (!is_preview(buf_str(path)))
			tell(r, buf_str(&full), "not supported yet; it has no effect");
		return;
	}
	cJSON_ArrayForEach(m, node)
	{
		if (len)
			buf_append_char(path, '.');
		if (m->string)
			buf_append_str(path, m->string);
		else
			buf_printf(path, "%zu", i++);
		tell_previews(r, m, path);
		path->len = len;
		if (path->ptr)
			path->ptr[len] = 0;
	}
}

/* --- the mesh configuration of the previews --- */

const char *const spec_mesh_own[] = {"rootNamespace", "trustDomain", "trustDomainAliases", "discoverySelectors",
				     "ingressControllerMode"};
const size_t spec_mesh_own_n = ARRAY_LEN(spec_mesh_own);

static void tell_unknown(void *arg, const char *path)
{
	CLEANUP(buf_done) struct buf full = BUF_INIT;

	buf_printf(&full, PREVIEW_MESH ".%s", path);
	tell(arg, buf_str(&full), "the mesh configuration has no such field");
}

static void tell_mesh(struct report *r, const cJSON *mesh)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct istio_mesh_config m = {0};

	if (!mesh || msg_from_json_report(&istio_mesh_config_desc, &m, mesh, &a, tell_unknown, r, NULL) < 0)
		return; /* what cannot be read is refused */
	msg_told(&istio_mesh_config_desc, &m, PREVIEW_MESH, tell, r);
	for (size_t i = 0; i < spec_mesh_own_n; i++)
		if (json_get(mesh, spec_mesh_own[i]))
			tell(r, arena_printf(&a, PREVIEW_MESH ".%s", spec_mesh_own[i]),
			     "follows from other fields of the spec");
	if (json_at(mesh, "defaultConfig.discoveryAddress"))
		tell(r, PREVIEW_MESH ".defaultConfig.discoveryAddress", "the control plane is its own");
}

size_t spec_unsupported(const struct maistra_smcp_spec *spec, struct buf *out)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	struct report r = {.out = out};

	msg_told(&maistra_smcp_spec_desc, spec, "spec", tell, &r);
	tell_places(&r, spec);
	tell_authorities(&r, spec);
	if (spec->tech_preview)
		tell_previews(&r, spec->tech_preview, &path);
	tell_mesh(&r, json_get(spec->tech_preview, "meshConfig"));
	return r.n;
}
