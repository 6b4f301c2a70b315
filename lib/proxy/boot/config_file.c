/* Resources of a configuration file, one list per type, through the same code as those of a control plane. */
#include "proxy/boot/config_file.h"

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"
#include "xds/json.h"

#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/extensions/transport_sockets/tls/v3/secret.pb-c.h"

#define FILE_MAX_BYTES (64u << 20)

static const struct list {
	const char *key;
	const char *name_field;
	enum xds_type type;
	const ProtobufCMessageDescriptor *descriptor;
} lists[] = {
	{"secrets", "name", XDS_SECRET, &envoy__extensions__transport_sockets__tls__v3__secret__descriptor},
	{"clusters", "name", XDS_CLUSTER, &envoy__config__cluster__v3__cluster__descriptor},
	{"endpoints", "cluster_name", XDS_ENDPOINT, &envoy__config__endpoint__v3__cluster_load_assignment__descriptor},
	{"listeners", "name", XDS_LISTENER, &envoy__config__listener__v3__listener__descriptor},
	{"routes", "name", XDS_ROUTE, &envoy__config__route__v3__route_configuration__descriptor},
};

struct resources {
	VEC(struct xds_resource *) list;
};

static void resources_done(struct resources *r)
{
	for (size_t i = 0; i < r->list.n; i++)
		xds_resource_unref(r->list.v[i]);
	vec_done(&r->list);
}

static int add_resource(const struct list *l, const cJSON *item, struct resources *out, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, l->name_field);
	ProtobufCMessage *m = pb_from_json(&a, l->descriptor, item, e);

	if (!m)
		return -EINVAL;
	if (!cJSON_IsString(name))
		return err_set(e, -EINVAL, "%s is missing", l->name_field);
	pb_pack(m, &bytes);
	vec_push(&out->list, xds_resource_new(l->type, slice_str(name->valuestring), buf_slice(&bytes)));
	return 0;
}

static struct xds_set *set_of(const struct resources *r)
{
	for (size_t i = 0; i < r->list.n; i++)
		xds_resource_ref(r->list.v[i]);
	return xds_set_new(r->list.v, r->list.n);
}

static int load_list(const struct list *l, const cJSON *root, struct build *b, struct xds_set **kept, struct err *e)
{
	CLEANUP(resources_done) struct resources found = {0};
	const cJSON *statics = cJSON_GetObjectItemCaseSensitive(root, "static_resources");
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(statics, l->key), *item;
	size_t i = 0;

	if (!v)
		v = cJSON_GetObjectItemCaseSensitive(root, l->key);
	cJSON_ArrayForEach(item, v)
	{
		int r = add_resource(l, item, &found, e);
		if (r < 0)
			return err_wrap(e, r, "%s[%zu]", l->key, i);
		i++;
	}
	struct build_update u = {l->type, found.list.v, found.list.n, NULL, 0, NULL};
	int r = build_apply(b, &u, e);
	if (r == 0 && kept && found.list.n)
		kept[l->type] = set_of(&found);
	return r;
}

int config_file_load(const char *path, struct build *b, struct err *e)
{
	return config_file_load_kept(path, b, NULL, e);
}

int config_file_load_kept(const char *path, struct build *b, struct xds_set *kept[XDS_TYPE_COUNT], struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r = file_read(path, FILE_MAX_BYTES, &text, e);
	cJSON *root;

	if (r < 0)
		return r;
	root = text.len && text.ptr[0] == '{' ? cJSON_Parse(text.ptr) : NULL;
	if (!root)
		root = config_yaml_parse(buf_slice(&text), e);
	if (!root)
		return err_wrap(e, -EINVAL, "%s", path);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(lists); i++)
		r = load_list(&lists[i], root, b, kept, e);
	cJSON_Delete(root);
	return r < 0 ? err_wrap(e, r, "%s", path) : 0;
}
