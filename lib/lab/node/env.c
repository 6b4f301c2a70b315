/*
 * A container's environment, in the kubelet's order of precedence: image, services, envFrom, env; and the downward
 * API's fields. Values may refer to earlier ones as $(NAME); $$(NAME) stays.
 */
#include "lab/node/node_internal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/object/object.h"
#include "msg/msg.h"
#include "lab/node/payload.h"

/* ---- the list ---- */

static const char *value_of(const cJSON *env, struct slice name)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, env)
	{
		struct slice s = slice_str(item->valuestring);

		if (slice_starts(s, name) && s.len > name.len && s.ptr[name.len] == '=')
			return s.ptr + name.len + 1;
	}
	return NULL;
}

static void set(cJSON *env, const char *name, struct slice value)
{
	size_t name_len = strlen(name);
	char *text = mem_printf("%s=%.*s", name, SLICE_ARG(value));
	cJSON *item;
	int i = 0;

	cJSON_ArrayForEach(item, env)
	{
		if (strncmp(item->valuestring, text, name_len + 1) == 0) {
			cJSON_ReplaceItemInArray(env, i, cJSON_CreateString(text));
			free(text);
			return;
		}
		i++;
	}
	cJSON_AddItemToArray(env, cJSON_CreateString(text));
	free(text);
}

static void set_str(cJSON *env, const char *name, const char *value)
{
	set(env, name, slice_str(value));
}

char *env_expand(const char *text, const cJSON *env)
{
	struct buf out = BUF_INIT;

	for (const char *c = text; *c; c++) {
		const char *end;

		if (c[0] != '$' || !c[1]) {
			buf_append_char(&out, *c);
			continue;
		}
		if (c[1] == '$') {
			buf_append_char(&out, '$');
			c++;
			continue;
		}
		end = c[1] == '(' ? strchr(c, ')') : NULL;
		if (!end) {
			buf_append_char(&out, *c);
			continue;
		}
		const char *value = value_of(env, slice_make(c + 2, (size_t)(end - c - 2)));

		if (value)
			buf_append_str(&out, value);
		else
			buf_append(&out, c, (size_t)(end - c + 1));
		c = end;
	}
	return buf_take_str(&out);
}

/* ---- services ---- */

static char *env_name(const char *name)
{
	char *s = mem_strdup(name);

	for (char *c = s; *c; c++)
		*c = *c == '-' || *c == '.' ? '_' : (char)toupper((unsigned char)*c);
	return s;
}

static void __attribute__((format(printf, 3, 4))) set_fmt(cJSON *env, const char *value, const char *fmt, ...)
{
	struct buf name = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&name, fmt, ap);
	va_end(ap);
	set_str(env, buf_str(&name), value);
	buf_done(&name);
}

static void add_service(cJSON *env, const struct svc *s)
{
	char *name = env_name(s->name), number[16];

	set_fmt(env, s->cluster_ip, "%s_SERVICE_HOST", name);
	for (size_t i = 0; i < s->ports_n; i++) {
		const struct svc_port *p = &s->ports[i];
		char *url, *upper = env_name(p->protocol), *port_name = env_name(p->name);
		char lower[8];

		snprintf(number, sizeof(number), "%u", (unsigned)p->port);
		snprintf(lower, sizeof(lower), "%s", p->protocol);
		for (char *c = lower; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		url = mem_printf("%s://%s:%s", lower, s->cluster_ip, number);
		if (i == 0) {
			set_fmt(env, number, "%s_SERVICE_PORT", name);
			set_fmt(env, url, "%s_PORT", name);
		}
		if (*port_name)
			set_fmt(env, number, "%s_SERVICE_PORT_%s", name, port_name);
		set_fmt(env, url, "%s_PORT_%s_%s", name, number, upper);
		set_fmt(env, lower, "%s_PORT_%s_%s_PROTO", name, number, upper);
		set_fmt(env, number, "%s_PORT_%s_%s_PORT", name, number, upper);
		set_fmt(env, s->cluster_ip, "%s_PORT_%s_%s_ADDR", name, number, upper);
		free(url);
		free(upper);
		free(port_name);
	}
	free(name);
}

static void add_services(cJSON *env, const struct pod *p)
{
	const cJSON *links = json_at(p->object, "spec.enableServiceLinks");
	const struct services *t = service_watch_table(p->node->services);
	struct map_entry *e;

	set_str(env, "KUBERNETES_SERVICE_HOST", NETNS_API_SERVICE_IP);
	set_str(env, "KUBERNETES_SERVICE_PORT", "443");
	set_str(env, "KUBERNETES_SERVICE_PORT_HTTPS", "443");
	set_str(env, "KUBERNETES_PORT", "tcp://" NETNS_API_SERVICE_IP ":443");
	set_str(env, "KUBERNETES_PORT_443_TCP", "tcp://" NETNS_API_SERVICE_IP ":443");
	set_str(env, "KUBERNETES_PORT_443_TCP_PROTO", "tcp");
	set_str(env, "KUBERNETES_PORT_443_TCP_PORT", "443");
	set_str(env, "KUBERNETES_PORT_443_TCP_ADDR", NETNS_API_SERVICE_IP);
	if (cJSON_IsFalse(links))
		return;
	for (size_t i = 0; (e = map_next(&t->by_key, &i));) {
		const struct svc *s = e->value;

		if (s->cluster_ip && strcmp(s->ns, p->ns) == 0)
			add_service(env, s);
	}
}

/* ---- fields of the pod ---- */

static char *keyed_field(const struct pod *p, const char *path, const char *map)
{
	const char *open = strstr(path, "['"), *close = open ? strstr(open, "']") : NULL;
	CLEANUP(freep) char *key = NULL;
	const char *value;

	if (!close)
		return NULL;
	key = strndup(open + 2, (size_t)(close - open - 2));
	value = json_get_str(json_at(p->object, map), key);
	return mem_strdup(value ? value : "");
}

/* A map as the downward API writes it to a file: sorted lines key="value". */
static int by_name(const void *a, const void *b)
{
	return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static char *map_field(const cJSON *map)
{
	size_t n = (size_t)cJSON_GetArraySize(map), at = 0;
	const cJSON **items = mem_calloc(n + 1, sizeof(*items)), *item;
	struct buf out = BUF_INIT;

	cJSON_ArrayForEach(item, map) items[at++] = item;
	qsort(items, n, sizeof(*items), by_name);
	for (size_t i = 0; i < n; i++) {
		cJSON *text = cJSON_CreateString(cJSON_IsString(items[i]) ? items[i]->valuestring : "");
		char *quoted = cJSON_PrintUnformatted(text);

		buf_printf(&out, "%s%s=%s", i ? "\n" : "", items[i]->string, quoted);
		cJSON_Delete(text);
		free(quoted);
	}
	free(items);
	return buf_take_str(&out);
}

char *pod_field(const struct pod *p, const char *path)
{
	static const char *const plain[] = {"metadata.name", "metadata.namespace",      "metadata.uid",
					    "spec.nodeName", "spec.serviceAccountName", "metadata.generateName"};

	if (strncmp(path, "metadata.labels[", 16) == 0)
		return keyed_field(p, path, "metadata.labels");
	if (strncmp(path, "metadata.annotations[", 21) == 0)
		return keyed_field(p, path, "metadata.annotations");
	if (strcmp(path, "metadata.labels") == 0 || strcmp(path, "metadata.annotations") == 0)
		return map_field(json_at(p->object, path));
	if (strcmp(path, "status.podIP") == 0 || strcmp(path, "status.podIPs") == 0)
		return mem_strdup(p->ip);
	if (strcmp(path, "status.hostIP") == 0 || strcmp(path, "status.hostIPs") == 0)
		return mem_strdup(NETNS_NODE_IP);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strcmp(path, plain[i]) == 0)
			return mem_strdup(json_str_or_empty(p->object, path));
	return NULL;
}

/* ---- quantities ---- */

/* In thousandths; 0 when absent or malformed. */
static int64_t quantity(const cJSON *v)
{
	int64_t milli = 0;

	if (cJSON_IsNumber(v))
		return (int64_t)(v->valuedouble * 1000);
	if (!cJSON_IsString(v) || msg_quantity_parse(v->valuestring, &milli) < 0)
		return 0;
	return milli;
}

static int64_t node_total(const char *name)
{
	if (strcmp(name, "cpu") == 0)
		return sysconf(_SC_NPROCESSORS_ONLN) * 1000;
	if (strcmp(name, "memory") == 0)
		return sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) * 1000;
	return 0;
}

char *pod_resource(const cJSON *container, const char *resource, const char *divisor)
{
	const char *dot = strchr(resource, '.');
	CLEANUP(freep) char *kind = dot ? strndup(resource, (size_t)(dot - resource)) : NULL;
	int64_t n, by = 0;

	if (!dot)
		return NULL;
	if (!divisor || msg_quantity_parse(divisor, &by) < 0 || by <= 0)
		by = 1000;
	n = quantity(json_get(json_get(json_get(container, "resources"), kind), dot + 1));
	if (n == 0 && strcmp(kind, "limits") == 0)
		n = node_total(dot + 1);
	return mem_printf("%" PRId64, n / by + (n % by > 0));
}

/* ---- sources ---- */

/* A Secret's values are base64. Returns an owned string, or NULL when the key is missing. */
static char *source_value(const cJSON *source, const char *key, bool secret)
{
	const char *v = json_get_str(json_at(source, "data"), key);
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;

	if (!v)
		return NULL;
	if (!secret)
		return mem_strdup(v);
	if (base64_decode(slice_str(v), &bytes) < 0)
		return mem_strdup("");
	return buf_take_str(&bytes);
}

static int from_key(const struct pod *p, const cJSON *ref, bool secret, char **ret, struct err *e)
{
	const char *name = json_str_or_empty(ref, "name"), *key = json_str_or_empty(ref, "key");
	const cJSON *source = lab_get(p->node->api, secret ? GVR(secret) : GVR(config_map), p->ns, name);

	*ret = source ? source_value(source, key, secret) : NULL;
	if (*ret || json_true(ref, "optional"))
		return 0;
	if (!source)
		return err_set(e, -EAGAIN, "%s \"%s\" not found", secret ? "secret" : "configmap", name);
	return err_set(e, -EAGAIN, "couldn't find key %s in %s %s/%s", key, secret ? "Secret" : "ConfigMap", p->ns,
		       name);
}

static int from_source(const struct pod_container *c, const cJSON *from, char **ret, struct err *e)
{
	const cJSON *ref;

	if ((ref = json_at(from, "secretKeyRef")))
		return from_key(c->pod, ref, true, ret, e);
	if ((ref = json_at(from, "configMapKeyRef")))
		return from_key(c->pod, ref, false, ret, e);
	if ((ref = json_at(from, "fieldRef")))
		*ret = pod_field(c->pod, json_str_or_empty(ref, "fieldPath"));
	else if ((ref = json_at(from, "resourceFieldRef")))
		*ret = pod_resource(pod_container_spec(c), json_str_or_empty(ref, "resource"),
				    json_str(ref, "divisor"));
	return *ret ? 0 : err_set(e, -EAGAIN, "unsupported source of an environment variable");
}

static int add_from(const struct pod *p, cJSON *env, const cJSON *from, struct err *e)
{
	bool secret = json_at(from, "secretRef") != NULL;
	const cJSON *ref = json_at(from, secret ? "secretRef" : "configMapRef"), *item;
	const char *prefix = json_str_or_empty(from, "prefix"), *name = json_str_or_empty(ref, "name");
	const cJSON *source = lab_get(p->node->api, secret ? GVR(secret) : GVR(config_map), p->ns, name);

	if (!source && !json_true(ref, "optional"))
		return err_set(e, -EAGAIN, "%s \"%s\" not found", secret ? "secret" : "configmap", name);
	cJSON_ArrayForEach(item, json_at(source, "data"))
	{
		char *full = mem_printf("%s%s", prefix, item->string);
		char *value = source_value(source, item->string, secret);

		if (value)
			set_str(env, full, value);
		free(full);
		free(value);
	}
	return 0;
}

static int add_one(const struct pod_container *c, cJSON *env, const cJSON *item, struct err *e)
{
	const cJSON *from = json_at(item, "valueFrom");
	const char *name = json_str_or_empty(item, "name");
	char *value = NULL;
	int r = 0;

	if (from)
		r = from_source(c, from, &value, e);
	else
		value = env_expand(json_str_or_empty(item, "value"), env);
	if (r == 0 && value)
		set_str(env, name, value);
	free(value);
	return r;
}

/* What the image sets, by name: a variable set twice has the last value. */
static void add_image(cJSON *env, const struct image *image)
{
	set_str(env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	for (const char *const *v = image->env; *v; v++) {
		struct slice value = slice_str(*v), name = slice_split(&value, '=');
		CLEANUP(freep) char *text = mem_printf("%.*s", SLICE_ARG(name));

		set_str(env, text, value.ptr ? value.ptr : "");
	}
}

cJSON *pod_env(const struct pod_container *c, struct err *e)
{
	const cJSON *spec = pod_container_spec(c), *item;
	cJSON *env = cJSON_CreateArray();
	int r = 0;

	add_image(env, &c->image);
	set_str(env, "HOSTNAME", c->pod->name);
	add_services(env, c->pod);
	cJSON_ArrayForEach(item, json_at(spec, "envFrom"))
	{
		if (r == 0)
			r = add_from(c->pod, env, item, e);
	}
	cJSON_ArrayForEach(item, json_at(spec, "env"))
	{
		if (r == 0)
			r = add_one(c, env, item, e);
	}
	if (!value_of(env, SLICE("HOME")))
		set_str(env, "HOME", c->root.home ? c->root.home : "/");
	if (r == 0)
		return env;
	cJSON_Delete(env);
	return NULL;
}
