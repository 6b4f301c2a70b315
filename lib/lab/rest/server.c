/* Starting and stopping the API server: keys, certificates, store, listeners, kubeconfig. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/rest/rest_internal.h"
#include "lab/rest/server.h"
#include "lab/sys/authority.h"
#include "lab/sys/netns.h"
#include "lab/api/auth.h"

#define PORT_TRIES 20
#define EVENT_TTL_NS (3600LL * NS_PER_S)
#define EVENT_CHECK_MS (5 * 60 * 1000)

struct paths {
	char *dir, *pki;
};

static void paths_done(struct paths *p)
{
	free(p->dir);
	free(p->pki);
}

static int issue_server(const struct pki_ca *ca, struct buf *cert, struct buf *key, struct err *e)
{
	static const char *const dns[] = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
					  "kubernetes.default.svc.cluster.local"};
	static const char *const ips[] = {"127.0.0.1", "::1", NETNS_NODE_IP, NETNS_API_SERVICE_IP};
	struct pki_names names = {
		.cn = "kube-apiserver", .dns = dns, .n_dns = ARRAY_LEN(dns), .ips = ips, .n_ips = ARRAY_LEN(ips)};

	return authority_issue(ca, &names, PKI_USE_SERVER, cert, key, e);
}

static void print_b64(struct buf *out, const char *key, struct slice pem)
{
	buf_printf(out, "    %s: ", key);
	base64_encode(pem, out);
	buf_append_char(out, '\n');
}

/* The administrator's kubeconfig, with a certificate of their own. */
static int write_kubeconfig(struct lab_api *api, const struct paths *p, const struct pki_ca *ca, struct err *e)
{
	static const char *const orgs[] = {"system:masters"};
	struct pki_names names = {.cn = "admin", .orgs = orgs, .n_orgs = 1};
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key = BUF_INIT, out = BUF_INIT;
	CLEANUP(freep) char *path = mem_printf("%s/kubeconfig", p->dir);
	int r = authority_issue(ca, &names, PKI_USE_CLIENT, &cert, &key, e);

	if (r < 0)
		return r;
	buf_printf(&out,
		   "apiVersion: v1\nkind: Config\nclusters:\n- name: weft-lab\n  cluster:\n    server: https://%s\n",
		   api->address);
	print_b64(&out, "certificate-authority-data", slice_str(api->ca_pem));
	buf_append_str(&out, "users:\n- name: admin\n  user:\n");
	print_b64(&out, "client-certificate-data", buf_slice(&cert));
	print_b64(&out, "client-key-data", buf_slice(&key));
	buf_append_str(&out, "contexts:\n- name: weft-lab\n  context: {cluster: weft-lab, user: admin}\n"
			     "current-context: weft-lab\n");
	return file_write(path, buf_slice(&out), 0600, e);
}

/* On 127.0.0.1, at the first free port. */
static int listen_outside(struct lab_api *api, const struct lab_api_config *c, struct err *e)
{
	uint16_t first = c->port ? c->port : LAB_API_PORT;
	int tries = c->port_fixed ? 1 : PORT_TRIES, port = -EADDRINUSE;
	struct addr a;

	for (int i = 0; i < tries && port < 0; i++) {
		addr_parse(SLICE("127.0.0.1"), (uint16_t)(first + i), &a);
		port = web_server_listen(api->server, &a, e);
	}
	if (port < 0)
		return port;
	api->address = mem_printf("127.0.0.1:%d", port);
	return 0;
}

/* In the cluster's namespace, for pods. */
static int listen_inside(struct lab_api *api, struct err *e)
{
	struct addr a;
	int fd;

	if (api->netns_fd < 0)
		return 0;
	addr_parse(SLICE(NETNS_NODE_IP), NETNS_API_PORT, &a);
	fd = netns_listen(api->netns_fd, &a, 512, 0, e);
	return fd < 0 ? fd : web_server_adopt(api->server, fd, e);
}

static int open_server(struct lab_api *api, const struct paths *p, const struct lab_api_config *c, struct err *e)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key = BUF_INIT;
	int r = authority_open(p->pki, "ca", "kubernetes", &ca, e);

	if (r == 0)
		r = issue_server(ca, &cert, &key, e);
	if (r < 0)
		return r;
	api->ca_pem = mem_printf("%.*s", SLICE_ARG(pki_ca_cert_pem(ca)));
	struct web_config config = {.on_request = rest_handle,
				    .user = api,
				    .cert_pem = buf_slice(&cert),
				    .key_pem = buf_slice(&key),
				    .client_ca_pem = slice_str(api->ca_pem),
				    .http2 = true};

	api->server = web_server_new(api->loop, &config, e);
	if (!api->server)
		return -EINVAL;
	r = listen_outside(api, c, e);
	if (r == 0)
		r = listen_inside(api, e);
	return r < 0 ? r : write_kubeconfig(api, p, ca, e);
}

/* Definitions in the store become resources again. */
static void load_crds(struct lab_api *api)
{
	struct bucket *b = db_bucket(api->store, "apiextensions.k8s.io", "customresourcedefinitions");

	for (size_t i = 0; i < b->n; i++)
		kind_committed(api,
			       resources_by_kind(&api->resources, "apiextensions.k8s.io", "CustomResourceDefinition"),
			       b->v[i]->json, false);
}

/* Events are kept for an hour, as elsewhere. */
static void expire_events(struct timer *t)
{
	static struct lab_client client = {.user = "system:apiserver", .manager = "kube-apiserver"};
	struct lab_api *api = CONTAINER_OF(t, struct lab_api, event_timer);
	struct bucket *b = db_bucket(api->store, "", "events");
	int64_t limit = clock_wall_ns() - EVENT_TTL_NS, at;

	client.api = api;
	for (size_t i = 0; i < b->n; i++) {
		const cJSON *ev = b->v[i]->json;
		const char *last = json_str(ev, "lastTimestamp");

		if (!last)
			last = json_str(ev, "metadata.creationTimestamp");
		if (last && clock_parse(slice_str(last), &at) == 0 && at < limit)
			lab_delete(&client, GVR(event), b->v[i]->ns, b->v[i]->name, NULL, NULL, NULL);
	}
	timer_start(api->loop, t, EVENT_CHECK_MS, expire_events);
}

static int open_all(struct lab_api *api, const struct paths *p, const struct lab_api_config *c, struct err *e)
{
	CLEANUP(freep) char *db = mem_printf("%s/store.db", p->dir), *sa = mem_printf("%s/sa.key", p->pki);
	int r = file_mkdirs(p->dir, 0700, e);

	if (r == 0)
		r = file_mkdirs(p->pki, 0700, e);
	if (r < 0)
		return r;
	api->store = db_open(c->loop, db, e);
	if (!api->store)
		return -EIO;
	resources_init(&api->resources, api->store);
	api->tokens = token_authority_open(sa, e);
	if (!api->tokens)
		return -EIO;
	api->webhooks = webhook_caller_new(api);
	r = bootstrap_cluster(api, e);
	if (r < 0)
		return r;
	load_crds(api);
	timer_start(api->loop, &api->event_timer, EVENT_CHECK_MS, expire_events);
	return open_server(api, p, c, e);
}

struct lab_api *lab_api_start(const struct lab_api_config *c, struct err *e)
{
	struct lab_api *api = NEW(struct lab_api);
	CLEANUP(paths_done) struct paths p = {mem_strdup(c->data_dir), mem_printf("%s/pki", c->data_dir)};

	api->loop = c->loop;
	api->netns_fd = c->netns_fd;
	list_init(&api->ops);
	list_init(&api->client_watches);
	list_init(&api->sessions);
	if (open_all(api, &p, c, e) < 0) {
		lab_api_stop(api);
		return NULL;
	}
	return api;
}

void lab_api_set_node(struct lab_api *api, struct node *n)
{
	api->node = n;
}

uint16_t lab_api_port(const struct lab_api *api)
{
	const char *colon = strrchr(api->address, ':');

	return (uint16_t)atoi(colon + 1);
}

void lab_api_stop(struct lab_api *api)
{
	if (!api)
		return;
	timer_stop(&api->event_timer);
	watch_end_all(api);
	while (!list_empty(&api->ops))
		op_cancel(LIST_FIRST(&api->ops, struct op, link));
	web_server_free(api->server);
	webhook_caller_free(api->webhooks);
	client_watches_detach(api);
	token_authority_free(api->tokens);
	if (api->store)
		resources_done(&api->resources);
	db_close(api->store);
	free(api->ca_pem);
	free(api->address);
	free(api);
}
