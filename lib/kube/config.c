/* Configuration of the client: kubeconfig files and the service account of a pod. */
#include "kube/config.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "msg/json.h"
#include "msg/yaml.h"

static void free_secret(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

void kube_config_done(struct kube_config *c)
{
	free(c->server);
	free(c->ca_pem);
	free(c->cert_pem);
	free_secret(c->key_pem);
	free_secret(c->token);
	free(c->token_file);
	free(c->ca_file);
	free(c->ns);
	*c = (struct kube_config){0};
}

static char *read_text(const char *path, size_t max_bytes, struct err *e)
{
	struct buf b = BUF_INIT;

	if (file_read(path, max_bytes, &b, e) < 0) {
		buf_done(&b);
		return NULL;
	}
	while (b.len && (b.ptr[b.len - 1] == '\n' || b.ptr[b.len - 1] == ' '))
		b.ptr[--b.len] = 0;
	return buf_take_str(&b);
}

static char *decode_base64(const char *text, const char *what, struct err *e)
{
	struct buf out = BUF_INIT;

	if (base64_decode(slice_str(text), &out) < 0) {
		err_set(e, -EINVAL, "%s is not base64", what);
		buf_done(&out);
		return NULL;
	}
	return buf_take_str(&out);
}

/* A path as a kubeconfig means it: relative to itself. NULL for NULL; the caller frees it. */
static char *beside(const char *dir, const char *path)
{
	if (!path)
		return NULL;
	return *path == '/' ? mem_strdup(path) : mem_printf("%s/%s", dir, path);
}

/* A value that stands inline ("<name>-data", base64) or in a file named relative to the kubeconfig. NULL: absent, or e.
 */
static char *inline_or_file(const cJSON *from, const char *name, const char *dir, struct err *e)
{
	CLEANUP(freep) char *path = beside(dir, json_get_str(from, name));
	const char *text;
	char data[64];

	snprintf(data, sizeof(data), "%s-data", name);
	text = json_get_str(from, data);
	if (text)
		return decode_base64(text, data, e);
	return path ? read_text(path, KUBE_CONFIG_MAX_BYTES, e) : NULL;
}

/* The entry with that name in a list of {name, <member>}: its member. */
static const cJSON *named(const cJSON *doc, const char *list, const char *name, const char *member)
{
	const cJSON *entry;

	if (!name)
		return NULL;
	cJSON_ArrayForEach(entry, json_get(doc, list))
	{
		const char *entry_name = json_str(entry, "name");

		if (entry_name && !strcmp(entry_name, name))
			return json_get(entry, member);
	}
	return NULL;
}

static int fill(const cJSON *doc, const char *dir, struct kube_config *ret, struct err *e)
{
	const char *current = json_str(doc, "current-context");
	const cJSON *context = named(doc, "contexts", current, "context");
	const cJSON *cluster = named(doc, "clusters", json_str(context, "cluster"), "cluster");
	const cJSON *user = named(doc, "users", json_str(context, "user"), "user");
	const char *server = json_str(cluster, "server");

	if (!context)
		return err_set(e, -EINVAL,
			       "current-context \"%s\" names no context; set it with `kubectl config use-context`",
			       current ? current : "");
	if (!server || !*server)
		return err_set(e, -EINVAL, "context \"%s\": its cluster has no server", current);
	if (json_get(user, "exec"))
		return err_set(e, -ENOTSUP,
			       "context \"%s\": credentials from an exec plugin are not supported; "
			       "use a token or a client certificate",
			       current);
	ret->server = mem_printf("%.*s", (int)(strlen(server) - (server[strlen(server) - 1] == '/')), server);
	ret->insecure = json_true(cluster, "insecure-skip-tls-verify");
	ret->ca_pem = inline_or_file(cluster, "certificate-authority", dir, e);
	ret->cert_pem = inline_or_file(user, "client-certificate", dir, e);
	ret->key_pem = inline_or_file(user, "client-key", dir, e);
	ret->token = mem_strdup(json_str(user, "token"));
	ret->token_file = beside(dir, json_str(user, "tokenFile"));
	ret->ns = mem_strdup(json_str(context, "namespace"));
	if (!e->code && !ret->cert_pem != !ret->key_pem)
		return err_set(e, -EINVAL, "context \"%s\": client-certificate and client-key need one another",
			       current);
	return e->code;
}

static int load_file(const char *path, struct kube_config *ret, struct err *e)
{
	CLEANUP(freep) char *text = NULL;
	CLEANUP(json_freep) cJSON *doc = NULL;
	struct kube_config c = {0};
	struct err why = ERR_INIT;
	char dir[PATH_MAX];
	int r;

	text = read_text(path, KUBE_CONFIG_MAX_BYTES, e);
	if (!text)
		return err_wrap(e, -ENOENT, "kubeconfig");
	r = yaml_parse(slice_str(text), &doc, e);
	explicit_bzero(text, strlen(text));
	if (r < 0)
		return err_wrap(e, r, "kubeconfig %s", path);
	snprintf(dir, sizeof(dir), "%s", path);
	if (strrchr(dir, '/'))
		*strrchr(dir, '/') = 0;
	else
		snprintf(dir, sizeof(dir), ".");
	r = fill(doc, dir, &c, &why);
	if (r < 0) {
		kube_config_done(&c);
		return err_set(e, r, "kubeconfig %s: %s", path, why.msg);
	}
	*ret = c;
	return 0;
}

int kube_config_in_cluster(const char *dir, struct kube_config *ret, struct err *e)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	CLEANUP(freep) char *ca = mem_printf("%s/ca.crt", dir);
	CLEANUP(freep) char *token = mem_printf("%s/token", dir);
	CLEANUP(freep) char *ns = mem_printf("%s/namespace", dir);
	struct kube_config c = {0};
	bool v6;

	if (!host)
		return err_set(e, -ENOENT, "not in a pod: KUBERNETES_SERVICE_HOST is not set");
	c.token = read_text(token, KUBE_TOKEN_MAX_BYTES, e);
	c.ca_pem = c.token ? read_text(ca, KUBE_CONFIG_MAX_BYTES, e) : NULL;
	if (!c.token || !c.ca_pem) {
		kube_config_done(&c);
		return err_wrap(e, -ENOENT, "service account of this pod");
	}
	v6 = strchr(host, ':') != NULL;
	c.server = mem_printf("https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port ? port : "443");
	c.token_file = take(token);
	c.ca_file = take(ca);
	c.ns = read_text(ns, KUBE_TOKEN_MAX_BYTES, NULL);
	*ret = c;
	return 0;
}

int kube_config_load(const char *path, struct kube_config *ret, struct err *e)
{
	const char *env = getenv("KUBECONFIG");
	const char *home = getenv("HOME");
	char file[PATH_MAX];

	if (path)
		return load_file(path, ret, e);
	if (env && *env) {
		snprintf(file, sizeof(file), "%.*s", (int)strcspn(env, ":"), env);
		return load_file(file, ret, e);
	}
	if (getenv("KUBERNETES_SERVICE_HOST"))
		return kube_config_in_cluster(KUBE_SERVICE_ACCOUNT_DIR, ret, e);
	snprintf(file, sizeof(file), "%s/.kube/config", home ? home : "");
	if (load_file(file, ret, e) < 0)
		return err_wrap(e, -ENOENT, "no cluster is configured (set KUBECONFIG)");
	return 0;
}
