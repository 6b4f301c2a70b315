/*
 * Who this proxy is: the xDS node with its metadata, and the part of it that is told to peers. Keys are Istio's.
 */
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/version.h"
#include "proxy/boot/bootstrap.h"
#include "xds/json.h"
#include "xds/pb.h"

#include "envoy/config/core/v3/base.pb-c.h"

#define PODINFO_MAX_BYTES (256 * 1024)
#define ISTIO_VERSION "1.20.8"

extern char **environ;

struct identity {
	struct bootstrap *b;
	struct arena *a; /* for the messages */
	cJSON *labels, *annotations;
	cJSON *meta; /* the whole node metadata */
};

static const char *env(const char *name, const char *when_unset)
{
	const char *v = getenv(name);

	return v && v[0] ? v : when_unset;
}

cJSON *bootstrap_podinfo(const char *file)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(freep) char *path = mem_printf("%s/%s", env("WEFT_PODINFO_DIR", "/etc/istio/pod"), file);
	cJSON *j = cJSON_CreateObject();

	if (file_read(path, PODINFO_MAX_BYTES, &text, NULL) < 0)
		return j;
	struct slice rest = buf_slice(&text);
	while (rest.len) {
		struct slice value = slice_split(&rest, '\n'), key = slice_split(&value, '=');
		char *quoted = mem_printf("%.*s", SLICE_ARG(value));
		char *name = mem_printf("%.*s", SLICE_ARG(key));
		cJSON *v = cJSON_Parse(quoted);
		if (cJSON_IsString(v) && name[0])
			cJSON_AddItemToObject(j, name, v);
		else
			cJSON_Delete(v);
		free(quoted);
		free(name);
	}
	return j;
}

static const char *label(const struct identity *x, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(x->labels, key);

	return cJSON_IsString(v) ? v->valuestring : NULL;
}

/* The first address of the pod that is not on the loopback. */
static const char *own_address(struct arena *a)
{
	struct ifaddrs *list;
	const char *found = "127.0.0.1";

	if (getifaddrs(&list) < 0)
		return found;
	for (struct ifaddrs *i = list; i; i = i->ifa_next) {
		struct addr addr = {.len = sizeof(addr.in4)};
		char text[ADDR_TEXT_MAX];
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || (i->ifa_flags & IFF_LOOPBACK))
			continue;
		memcpy(&addr.in4, i->ifa_addr, sizeof(addr.in4));
		found = arena_strdup(a, addr_format_host(&addr, text));
		break;
	}
	freeifaddrs(list);
	return found;
}

static void add_text(cJSON *j, const char *key, const char *value)
{
	if (value && value[0] && !cJSON_GetObjectItemCaseSensitive(j, key))
		cJSON_AddStringToObject(j, key, value);
}

/* Of one text: where istiod wants a list it takes nothing of the metadata otherwise. */
static void add_list(cJSON *j, const char *key, const char *value)
{
	if (value && value[0] && !cJSON_GetObjectItemCaseSensitive(j, key))
		cJSON_AddItemToObject(j, key, cJSON_CreateStringArray(&value, 1));
}

/* ISTIO_META_X=value becomes X: value, ISTIO_METAJSON_X={...} its members. */
static void add_environment(cJSON *meta)
{
	for (char **v = environ; *v; v++) {
		const char *eq = strchr(*v, '=');
		if (!eq || strncmp(*v, "ISTIO_META", 10) != 0)
			continue;
		bool json = strncmp(*v, "ISTIO_METAJSON_", 15) == 0;
		if (!json && strncmp(*v, "ISTIO_META_", 11) != 0)
			continue;
		char *key = mem_printf("%.*s", (int)(eq - *v) - (json ? 15 : 11), *v + (json ? 15 : 11));
		cJSON *value = json ? cJSON_Parse(eq + 1) : cJSON_CreateString(eq + 1);
		if (value && key[0])
			cJSON_AddItemToObject(meta, key, value);
		free(key);
	}
}

static const char *text_of(const cJSON *j, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, key);

	return cJSON_IsString(v) ? v->valuestring : "";
}

/* Pod name prefix when no workload name was told: "catalog-7d9f-abcde" -> "catalog". */
static const char *guess_workload(struct arena *a, const char *pod)
{
	struct slice s = slice_str(pod);

	for (int i = 0; i < 2; i++) {
		ptrdiff_t dash = slice_rfind(s, '-');
		if (dash <= 0)
			break;
		s = slice_head(s, (size_t)dash);
	}
	return arena_slicedup(a, s);
}

static void fill_metadata(struct identity *x, const cJSON *proxy_config)
{
	const struct config_node *n = x->b->node;
	cJSON *m = x->meta;

	add_environment(m);
	add_text(m, "NAME", n->name);
	add_text(m, "NAMESPACE", n->namespace_);
	add_text(m, "INSTANCE_IPS", n->ip);
	add_text(m, "SERVICE_ACCOUNT", n->service_account);
	add_text(m, "CLUSTER_ID", "Kubernetes");
	add_text(m, "MESH_ID", n->trust_domain);
	add_text(m, "WORKLOAD_NAME", guess_workload(&x->b->arena, n->name));
	add_text(m, "INTERCEPTION_MODE", n->type == NODE_SIDECAR ? "REDIRECT" : "NONE");
	add_text(m, "ISTIO_VERSION", ISTIO_VERSION);
	add_text(m, "WEFT_VERSION", weft_version);
	add_text(m, "WEFT_DNS", x->b->dns_capture ? "true" : NULL);
	add_text(m, "WEFT_COMMIT", weft_commit);
	add_text(m, "NODE_NAME", env("ISTIO_META_NODE_NAME", NULL));
	add_list(m, "PILOT_SAN", x->b->discovery_host);
	cJSON_AddNumberToObject(m, "ENVOY_PROMETHEUS_PORT", 15090);
	cJSON_AddNumberToObject(m, "ENVOY_STATUS_PORT", 15021);
	if (x->b->cert_ttl_s && env("PROV_CERT", NULL))
		add_text(m, "PROV_CERT", env("PROV_CERT", NULL));
	cJSON_AddItemToObject(m, "LABELS", cJSON_Duplicate(x->labels, true));
	cJSON_AddItemToObject(m, "ANNOTATIONS", cJSON_Duplicate(x->annotations, true));
	if (proxy_config)
		cJSON_AddItemToObject(m, "PROXY_CONFIG", cJSON_Duplicate(proxy_config, true));
}

/* What peers are told. Its order is fixed, so that equal workloads send equal bytes. */
static void fill_peer_metadata(struct identity *x)
{
	static const char *const keys[] = {"APP_CONTAINERS", "CLUSTER_ID", "INSTANCE_IPS", "ISTIO_VERSION", "MESH_ID",
					   "NAME",           "NAMESPACE",  "OWNER",        "WORKLOAD_NAME"};
	static const char *const labels[] = {"app", "service.istio.io/canonical-name",
					     "service.istio.io/canonical-revision", "version"};
	struct config_node *n = x->b->node;
	Google__Protobuf__Struct *s = pb_struct(x->a), *l = pb_struct(x->a);

	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (label(x, labels[i]))
			pb_struct_set_string(x->a, l, labels[i], label(x, labels[i]));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (text_of(x->meta, keys[i])[0])
			pb_struct_set_string(x->a, s, keys[i], text_of(x->meta, keys[i]));
	pb_struct_set(x->a, s, "LABELS", pb_value_struct(x->a, l));
	struct slice bytes = pb_pack_arena(&n->arena, &s->base);
	char *text = arena_alloc(&n->arena, bytes.len * 4 / 3 + 8);
	EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.ptr, (int)bytes.len);
	n->peer_metadata = bytes;
	n->peer_metadata_header = text;
}

static void fill_node(struct identity *x)
{
	struct config_node *n = x->b->node;
	struct arena *a = &n->arena;
	const char *canonical = label(x, "service.istio.io/canonical-name");
	const char *revision = label(x, "service.istio.io/canonical-revision");
	const char *version = label(x, "version"), *app = label(x, "app");

	n->workload = arena_strdup(a, text_of(x->meta, "WORKLOAD_NAME"));
	n->owner = arena_strdup(a, text_of(x->meta, "OWNER"));
	n->cluster_id = arena_strdup(a, text_of(x->meta, "CLUSTER_ID"));
	n->mesh_id = arena_strdup(a, text_of(x->meta, "MESH_ID"));
	n->network = arena_strdup(a, text_of(x->meta, "NETWORK"));
	n->istio_version = arena_strdup(a, text_of(x->meta, "ISTIO_VERSION"));
	n->app = arena_strdup(a, app ? app : "");
	n->version = arena_strdup(a, version ? version : "");
	n->canonical_name = arena_strdup(a, canonical ? canonical : app ? app : n->workload);
	n->canonical_revision = arena_strdup(a, revision ? revision : version ? version : "latest");
}

static struct slice pack_node(struct identity *x)
{
	const struct config_node *n = x->b->node;
	Envoy__Config__Core__V3__Node m = ENVOY__CONFIG__CORE__V3__NODE__INIT;

	m.id = (char *)n->id;
	m.cluster = (char *)n->cluster;
	m.user_agent_name = (char *)"weft-proxy";
	m.user_agent_version_type_case = ENVOY__CONFIG__CORE__V3__NODE__USER_AGENT_VERSION_TYPE_USER_AGENT_VERSION;
	m.user_agent_version = (char *)n->istio_version;
	m.metadata = pb_from_json(x->a, &google__protobuf__struct__descriptor, x->meta, NULL);
	return pb_pack_arena(&x->b->arena, &m.base);
}

int bootstrap_identify(struct bootstrap *b, enum node_type type, const char *domain, const char *service_cluster,
		       const cJSON *proxy_config, struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct config_node *n = b->node = NEW(struct config_node);
	struct arena *a = &n->arena;
	struct identity x = {b, &tmp, NULL, NULL, cJSON_CreateObject()};

	(void)e;
	x.labels = bootstrap_podinfo("labels");
	x.annotations = bootstrap_podinfo("annotations");
	n->refs = 1;
	n->type = type;
	n->name = arena_strdup(a, env("POD_NAME", env("HOSTNAME", "weft-proxy")));
	n->namespace_ = arena_strdup(a, env("POD_NAMESPACE", "default"));
	n->ip = arena_strdup(a, env("INSTANCE_IP", own_address(&tmp)));
	n->service_account = arena_strdup(a, env("SERVICE_ACCOUNT", "default"));
	n->trust_domain = arena_strdup(a, env("TRUST_DOMAIN", "cluster.local"));
	n->principal = n->region = n->zone = n->sub_zone = "";
	fill_metadata(&x, proxy_config);
	fill_node(&x);
	n->id = arena_printf(a, "%s~%s~%s.%s~%s", type == NODE_ROUTER ? "router" : "sidecar", n->ip, n->name,
			     n->namespace_,
			     domain && domain[0] ? domain : arena_printf(a, "%s.svc.cluster.local", n->namespace_));
	n->cluster = service_cluster && service_cluster[0]
			     ? arena_strdup(a, service_cluster)
			     : arena_printf(a, "%s.%s", n->app[0] ? n->app : n->workload, n->namespace_);
	fill_peer_metadata(&x);
	b->xds_node = pack_node(&x);
	cJSON_Delete(x.labels);
	cJSON_Delete(x.annotations);
	cJSON_Delete(x.meta);
	return 0;
}

struct config_node *bootstrap_node_with_principal(const struct config_node *from, const char *principal)
{
	struct config_node *n = NEW(struct config_node);
	struct arena *a = &n->arena;
	const char **texts[] = {
		&n->id,
		&n->cluster,
		&n->name,
		&n->namespace_,
		&n->ip,
		&n->workload,
		&n->owner,
		&n->app,
		&n->version,
		&n->canonical_name,
		&n->canonical_revision,
		&n->cluster_id,
		&n->mesh_id,
		&n->network,
		&n->service_account,
		&n->trust_domain,
		&n->istio_version,
		&n->region,
		&n->zone,
		&n->sub_zone,
		&n->peer_metadata_header,
	};

	*n = *from;
	n->arena = (struct arena)ARENA_INIT;
	n->refs = 1;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_strdup(a, *texts[i]);
	n->peer_metadata.ptr = arena_slicedup(a, from->peer_metadata);
	n->principal = arena_strdup(a, principal);
	return n;
}
