/* Network configuration lists (CNI specification, section 1). */
#include "cni/chain.h"

#include <string.h>

#include "base/cleanup.h"
#include "cni/conf.h"
#include "msg/json.h"

bool cni_chain_is_conf(const char *name)
{
	static const char *const ends[] = {".conf", ".conflist", ".json"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && dot != name && i < ARRAY_LEN(ends); i++)
		if (strcmp(dot, ends[i]) == 0)
			return true;
	return false;
}

static cJSON *entry_json(const struct cni_entry *entry)
{
	cJSON *o = cJSON_CreateObject(), *list;

	json_set_str(o, "type", CNI_PLUGIN);
	json_set_str(o, "kubeconfig", entry->kubeconfig);
	list = json_array(o, "excludeNamespaces");
	for (size_t i = 0; i < entry->n_exclude; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(entry->exclude_namespaces[i]));
	return o;
}

static void print(const cJSON *o, struct buf *out)
{
	CLEANUP(freep) char *text = cJSON_Print(o);

	buf_printf(out, "%s\n", text);
}

/* A single plugin as a list of one, with what belongs to the list outside. */
static cJSON *as_list(cJSON *conf)
{
	cJSON *list = cJSON_CreateObject();

	json_copy_member(list, conf, "cniVersion");
	json_copy_member(list, conf, "name");
	json_remove(conf, "cniVersion");
	json_remove(conf, "name");
	cJSON_AddItemToArray(json_array(list, "plugins"), conf);
	return list;
}

/* Parses; the caller frees *ret, which is a list. */
static int parse(struct slice text, cJSON **ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	int r = json_parse(text, CNI_CONF_MAX_BYTES, &o, e);

	if (r < 0)
		return err_wrap(e, -EINVAL, "network configuration");
	if (!cJSON_IsObject(o))
		return err_set(e, -EINVAL, "network configuration: an object is wanted");
	if (!cJSON_IsArray(json_get(o, "plugins")) && !json_get_str(o, "type"))
		return err_set(e, -EINVAL, "network configuration: it has neither plugins nor a type");
	*ret = cJSON_IsArray(json_get(o, "plugins")) ? take(o) : as_list(take(o));
	return 0;
}

static bool is_ours(const cJSON *plugin)
{
	const char *type = json_get_str(plugin, "type");

	return type && strcmp(type, CNI_PLUGIN) == 0;
}

/* Takes every entry of ours out; returns how many there were. */
static size_t take_out(cJSON *list)
{
	cJSON *plugins = json_get(list, "plugins"), *next;
	size_t n = 0;

	for (cJSON *p = plugins->child; p; p = next) {
		next = p->next;
		if (!is_ours(p))
			continue;
		cJSON_Delete(cJSON_DetachItemViaPointer(plugins, p));
		n++;
	}
	return n;
}

int cni_chain_insert(struct slice text, const struct cni_entry *entry, struct buf *out, struct err *e)
{
	CLEANUP(json_freep) cJSON *before = NULL;
	CLEANUP(json_freep) cJSON *list = NULL;
	const char *version;
	int r = parse(text, &list, e);

	if (r < 0)
		return r;
	version = json_get_str(list, "cniVersion");
	if (cni_version_order(version) < 0)
		return err_set(e, -ENOTSUP, "cniVersion '%s': chains are spoken from 0.3.1 to " CNI_NEWEST,
			       version ? version : "");
	if (json_parse(text, CNI_CONF_MAX_BYTES, &before, e) < 0)
		return e->code;
	take_out(list);
	if (!json_get(list, "plugins")->child)
		return err_set(e, -EINVAL, "network configuration: no plugin makes a network");
	cJSON_AddItemToArray(json_get(list, "plugins"), entry_json(entry));
	if (json_equal(before, list))
		return 0;
	print(list, out);
	return 1;
}

int cni_chain_remove(struct slice text, struct buf *out, struct err *e)
{
	CLEANUP(json_freep) cJSON *list = NULL;
	int r = parse(text, &list, e);

	if (r < 0 || !take_out(list))
		return r;
	print(list, out);
	return 1;
}

void cni_chain_alone(const struct cni_entry *entry, struct buf *out)
{
	CLEANUP(json_freep) cJSON *o = entry_json(entry);

	json_set_str(o, "cniVersion", "0.3.1");
	json_set_str(o, "name", CNI_NETWORK);
	print(o, out);
}
