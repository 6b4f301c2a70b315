/* Network configurations, versions and errors of CNI. */
#include "cni/conf.h"

#include <string.h>

#include "base/cleanup.h"
#include "msg/json.h"

/* In their order. Chains need prevResult, which came with 0.3.0; 0.3.1 mended its form. */
static const char *const versions[] = {"0.3.1", "0.4.0", "1.0.0", CNI_NEWEST};

int cni_version_order(const char *version)
{
	for (size_t i = 0; version && i < ARRAY_LEN(versions); i++)
		if (strcmp(versions[i], version) == 0)
			return (int)i;
	return -1;
}

void cni_versions(struct buf *out)
{
	CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();
	cJSON *list;

	json_set_str(o, "cniVersion", CNI_NEWEST);
	list = json_array(o, "supportedVersions");
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(versions[i]));
	json_print(o, out);
	buf_append_char(out, '\n');
}

/* Fields of ours; all others are CNI's, or nobody's, and stay as they are. */
static int read_own(struct cni_conf *c, struct err *e)
{
	const cJSON *list = json_get(c->json, "excludeNamespaces");

	c->kubeconfig = json_get_str(c->json, "kubeconfig");
	if (json_get(c->json, "kubeconfig") && !c->kubeconfig)
		return err_set(e, -CNI_BAD_CONF, "kubeconfig: a path is wanted");
	if (list && !cJSON_IsArray(list))
		return err_set(e, -CNI_BAD_CONF, "excludeNamespaces: a list of names is wanted");
	JSON_EACH(one, list)
	{
		if (!cJSON_IsString(one))
			return err_set(e, -CNI_BAD_CONF, "excludeNamespaces: a list of names is wanted");
	}
	c->exclude_namespaces = list;
	return 0;
}

static int read_conf(struct cni_conf *c, struct err *e)
{
	const cJSON *prev = json_get(c->json, "prevResult");

	if (!cJSON_IsObject(c->json))
		return err_set(e, -CNI_NOT_DECODED, "network configuration: an object is wanted");
	c->version = json_get_str(c->json, "cniVersion");
	if (cni_version_order(c->version) < 0)
		return err_set(e, -CNI_INCOMPATIBLE_VERSION,
			       "cniVersion '%s' is not spoken; 0.3.1, 0.4.0, 1.0.0 and 1.1.0 are",
			       c->version ? c->version : "");
	c->name = json_get_str(c->json, "name");
	if (!c->name || !*c->name)
		return err_set(e, -CNI_BAD_CONF, "name: is required");
	if (prev && !cJSON_IsNull(prev) && !cJSON_IsObject(prev))
		return err_set(e, -CNI_BAD_CONF, "prevResult: an object is wanted");
	c->prev_result = cJSON_IsObject(prev) ? prev : NULL;
	return read_own(c, e);
}

int cni_conf_parse(struct slice text, struct cni_conf *ret, struct err *e)
{
	struct cni_conf c = {0};
	int r = json_parse(text, CNI_CONF_MAX_BYTES, &c.json, e);

	if (r < 0)
		return err_wrap(e, -CNI_NOT_DECODED, "network configuration");
	r = read_conf(&c, e);
	if (r < 0)
		cni_conf_done(&c);
	else
		*ret = c;
	return r;
}

void cni_conf_done(struct cni_conf *c)
{
	cJSON_Delete(c->json);
	*c = (struct cni_conf){0};
}

bool cni_conf_excludes(const struct cni_conf *c, const char *ns)
{
	return json_has_str(c->exclude_namespaces, ns);
}

void cni_error(const char *version, int code, const char *message, struct buf *out)
{
	CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();

	json_set_str(o, "cniVersion", cni_version_order(version) < 0 ? CNI_NEWEST : version);
	json_set_int(o, "code", code);
	json_set_str(o, "msg", message);
	json_print(o, out);
	buf_append_char(out, '\n');
}
