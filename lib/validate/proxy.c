/* Validation of what proxies are given: WasmPlugins and ProxyConfigs. */
#include <ctype.h>

#include "api/istio/extensions.h"
#include "validate/validate_internal.h"

#define SHA256_HEX 64

/* The scheme of a URL; empty when it has none. */
static struct slice scheme_of(const char *url)
{
	const size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return n && url[n] == ':' && isalpha((unsigned char)url[0]) ? slice_make(url, n) : (struct slice){0};
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static void check_url(struct val *v, const char *url)
{
	static const char *const schemes[] = {"file", "http", "https", "oci"};
	struct slice scheme;

	if (!val_set(url)) {
		val_error(v, "spec.url", "the URL of the module must be set");
		return;
	}
	if (has_control(url) || url[0] == ':') {
		val_error(v, "spec.url", "\"%s\" is no URL", url);
		return;
	}
	scheme = scheme_of(url);
	if (!scheme.len)
		return; /* an image */
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (slice_eq_nocase(scheme, slice_str(schemes[i])))
			return;
	val_error(v, "spec.url", "\"%s\": a module comes by file, http, https or oci, not by %.*s", url,
		  SLICE_ARG(scheme));
}

static void check_sha256(struct val *v, const char *sum)
{
	if (!val_set(sum))
		return;
	if (strlen(sum) != SHA256_HEX || strspn(sum, "0123456789abcdef") != SHA256_HEX)
		val_error(v, "spec.sha256", "\"%.80s\": a checksum has %d digits of 0-9 and a-f", sum, SHA256_HEX);
}

static void check_env(struct val *v, const struct istio_vm_config *c)
{
	CLEANUP(map_done) struct map seen = {0};

	for (size_t i = 0; c && i < c->env.n; i++) {
		const char *path = val_path(v, "spec.vmConfig.env[%zu].name", i);

		if (!val_set(c->env.v[i].name))
			val_error(v, path, "an environment variable must be named");
		else if (val_twice(&seen, c->env.v[i].name, i) >= 0)
			val_error(v, path, "environment variable %s is there twice", c->env.v[i].name);
	}
}

void val_wasm_plugin(struct val *v, const struct api_object *o)
{
	static const struct istio_wasm_plugin_spec none;
	const struct istio_wasm_plugin_spec *spec = API_VALUE(o, wasm_plugin, istio_wasm_plugin)->spec;

	if (!spec)
		spec = &none;
	val_targets(v, spec->selector, spec->targetRef);
	check_url(v, spec->url);
	check_sha256(v, spec->sha256);
	check_env(v, spec->vm_config);
	for (size_t i = 0; i < spec->match.n; i++)
		for (size_t k = 0; k < spec->match.v[i].ports.n; k++)
			val_port(v, val_path(v, "spec.match[%zu].ports[%zu].number", i, k),
				 spec->match.v[i].ports.v[k].number);
}

void val_proxy_config(struct val *v, const struct api_object *o)
{
	const struct istio_proxy_config_spec *spec = API_VALUE(o, proxy_config, istio_proxy_config)->spec;

	if (!spec)
		return;
	val_targets(v, spec->selector, NULL);
	if (spec->concurrency && *spec->concurrency < 0)
		val_error(v, "spec.concurrency", "%d: the number of worker threads must not be negative",
			  *spec->concurrency);
}
