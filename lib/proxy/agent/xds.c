/*
 * The xDS client of the proxy: one channel to the control plane, everything of clusters and listeners, and by name what
 * they refer to. A refused resource becomes a NACK; the last good one stays in use.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "proxy/agent/agent_internal.h"
#include "xds/pb.h"

#define ROOT_MAX_BYTES (1 << 20)
#define TOKEN_MAX_BYTES 65536
#define ROOT_RETRY_MS 500

int agent_token(void *user, struct buf *out, struct err *e)
{
	const struct agent *a = user;
	size_t before = out->len;
	int r = file_read(a->boot->token_path, TOKEN_MAX_BYTES, out, e);

	if (r < 0)
		return err_wrap(e, r, "token");
	while (out->len > before && (out->ptr[out->len - 1] == '\n' || out->ptr[out->len - 1] == ' '))
		out->ptr[--out->len] = 0;
	return 0;
}

int agent_xds_apply(struct agent *a, const struct build_update *u, struct err *e)
{
	return u->type == XDS_NAME_TABLE ? agent_dns_apply(a, u, e) : build_apply(a->build, u, e);
}

static int on_update(void *user, const struct xds_update *u, struct err *e)
{
	struct agent *a = user;
	struct build_update changes = {u->type, u->changed, u->n_changed, u->removed, u->n_removed, u->refused};
	int r = agent_xds_apply(a, &changes, e);

	log_debug("xds", "%s: %zu changed, %zu removed", xds_type_short(u->type), u->n_changed, u->n_removed);
	a->updates += u->n_changed;
	if (r < 0) {
		a->rejects++;
		log_warn("xds", "%s refused: %s; the last good one stays", xds_type_short(u->type), e->msg);
	}
	agent_changed(a);
	return r;
}

/* Nothing refers to it any more. */
static void on_drop(void *user, enum xds_type type, struct slice name)
{
	struct agent *a = user;
	struct build_update gone = {.type = type, .removed = &name, .n_removed = 1};

	(void)build_apply(a->build, &gone, NULL);
}

static void on_state(void *user, bool connected, int status, const char *text)
{
	struct agent *a = user;

	if (connected) {
		a->restored = false;
		log_info("xds", "connected to %s:%u", a->boot->discovery_host, a->boot->discovery_port);
	} else {
		log_warn("xds", "connection to %s:%u lost: %s %s; going on with what is there", a->boot->discovery_host,
			 a->boot->discovery_port, grpc_status_str(status), text ? text : "");
	}
}

static const struct xds_client_ops xds_ops = {
	.on_update = on_update, .on_drop = on_drop, .on_state = on_state, .token = agent_token};

void agent_xds_subscribe(struct agent *a)
{
	static const enum xds_type by_name[] = {XDS_ENDPOINT, XDS_ROUTE, XDS_SECRET};

	if (!a->xds)
		return;
	for (size_t i = 0; i < ARRAY_LEN(by_name); i++) {
		size_t n;
		const char *const *names = build_wanted(a->build, by_name[i], &n);
		if (n || xds_client_set(a->xds, by_name[i]))
			xds_client_subscribe(a->xds, by_name[i], names, n);
	}
	if (build_wants_pods(a->build))
		xds_client_subscribe_all(a->xds, XDS_POD_BLOCK);
	if (a->responder)
		xds_client_subscribe_all(a->xds, XDS_NAME_TABLE);
}

static int control_plane_tls(struct agent *a, struct tls_ctx **ret, struct err *e)
{
	CLEANUP(buf_done) struct buf root = BUF_INIT;
	static const char *const alpn[] = {"h2"};
	struct tls_params p = {.verify = TLS_VERIFY_REQUIRED, .alpn = alpn, .n_alpn = 1};
	int r = file_read(a->boot->root_path, ROOT_MAX_BYTES, &root, e);

	if (r < 0)
		return err_wrap(e, r, "root certificate");
	p.roots_pem = buf_slice(&root);
	p.min_version = TLS_VERSION_1_2;
	r = tls_ctx_new(&p, ret, e);
	return r < 0 ? err_wrap(e, r, "root certificate %s", a->boot->root_path) : 0;
}

static struct grpc_channel *channel_to(struct agent *a, const char *host, uint16_t port)
{
	return grpc_channel_new(a->loop, &(struct grpc_channel_params){
						 .host = host,
						 .port = port,
						 .tls = a->tls,
						 .dns = a->dns,
						 .max_message_bytes = 64u << 20,
						 .takes_compressed = true,
					 });
}

static void connect_now(struct agent *a)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	const struct bootstrap *b = a->boot;
	const Envoy__Config__Core__V3__Node *node =
		pb_unpack(&tmp, &envoy__config__core__v3__node__descriptor, b->xds_node);

	a->channel = channel_to(a, b->discovery_host, b->discovery_port);
	bool same = strcmp(b->ca_host, b->discovery_host) == 0 && b->ca_port == b->discovery_port;
	a->ca_channel = same ? a->channel : channel_to(a, b->ca_host, b->ca_port);
	a->xds = xds_client_new(a->loop, &(struct xds_client_params){
						 .channel = a->channel,
						 .node = node,
						 .delta = b->delta_xds,
						 .ops = &xds_ops,
						 .user = a,
					 });
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++) {
		if (a->saved[i])
			xds_client_restore(a->xds, (enum xds_type)i, a->saved[i]);
		xds_set_unref(a->saved[i]);
		a->saved[i] = NULL;
	}
	xds_client_subscribe_all(a->xds, XDS_CLUSTER);
	xds_client_subscribe_all(a->xds, XDS_LISTENER);
	agent_xds_subscribe(a);
	agent_secrets_start(a->secrets);
	xds_client_start(a->xds);
}

static void on_retry(struct timer *t)
{
	struct agent *a = CONTAINER_OF(t, struct agent, retry);
	struct err e = ERR_INIT;

	if (a->boot->discovery_tls && control_plane_tls(a, &a->tls, &e) < 0) {
		static struct log_limit limit;
		unsigned suppressed;
		if (log_limit_ok(&limit, loop_now_ns(a->loop), 10000000000LL, &suppressed))
			log_warn("xds", "%s; waiting for it", e.msg);
		timer_start(a->loop, &a->retry, ROOT_RETRY_MS, on_retry);
		return;
	}
	connect_now(a);
}

int agent_xds_start(struct agent *a, struct err *e)
{
	(void)e;
	on_retry(&a->retry);
	return 0;
}

void agent_xds_reload_root(struct agent *a)
{
	struct tls_ctx *fresh = NULL;
	struct err e = ERR_INIT;

	if (!a->channel || !a->boot->discovery_tls)
		return;
	if (control_plane_tls(a, &fresh, &e) < 0) {
		log_warn("xds", "%s; the old one stays in use", e.msg);
		return;
	}
	grpc_channel_set_tls(a->channel, fresh);
	if (a->ca_channel != a->channel)
		grpc_channel_set_tls(a->ca_channel, fresh);
	tls_ctx_unref(a->tls);
	a->tls = fresh;
}

void agent_xds_stop(struct agent *a)
{
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		xds_set_unref(a->saved[i]);
	xds_client_free(a->xds);
	if (a->ca_channel != a->channel)
		grpc_channel_free(a->ca_channel);
	grpc_channel_free(a->channel);
	tls_ctx_unref(a->tls);
	a->xds = NULL;
	a->channel = a->ca_channel = NULL;
	a->tls = NULL;
}
