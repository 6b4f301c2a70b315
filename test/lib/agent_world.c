#include "codecs/codecs.h"
#include "agent_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/tls.h"
#include "xds/json.h"
#include "xds/pb.h"

#include "istio/ca.pb-c.h"

/* ---- the control plane ---- */

static void issue(struct grpc_call *c, struct slice message)
{
	struct agent_world *w = grpc_call_user(c);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf chain = BUF_INIT, out = BUF_INIT;
	const Istio__V1__Auth__IstioCertificateRequest *m =
		pb_unpack(&a, &istio__v1__auth__istio_certificate_request__descriptor, message);
	Istio__V1__Auth__IstioCertificateResponse r = ISTIO__V1__AUTH__ISTIO_CERTIFICATE_RESPONSE__INIT;
	const char *uri = "spiffe://cluster.local/ns/shop/sa/web";
	struct pki_names names = {.uris = &uri, .n_uris = 1};
	struct pki_sign how = {.names = &names, .now_s = clock_wall_ns() / NS_PER_S, .ttl_s = m->validity_duration};
	char *certs[2];

	assert_true(slice_eq_str(grpc_call_metadata(c, "authorization"), "Bearer secret-token"));
	assert_int_equal(pki_ca_sign(w->ca, slice_str(m->csr), &how, &chain, NULL), 0);
	certs[0] = (char *)buf_str(&chain);
	certs[1] = arena_slicedup(&a, pki_ca_roots_pem(w->ca));
	r.cert_chain = certs;
	r.n_cert_chain = 2;
	pb_pack(&r.base, &out);
	grpc_call_send(c, buf_slice(&out));
	grpc_call_finish(c, GRPC_OK, NULL);
	w->csrs++;
}

static const struct grpc_call_ops ca_ops = {.on_message = issue};

static void on_ca_call(struct grpc_call *c, void *user)
{
	grpc_call_set_user(c, user);
	grpc_call_set_ops(c, &ca_ops);
}

static int on_connect(void *user, struct xds_session *s, const Envoy__Config__Core__V3__Node *node, const char **text)
{
	const struct agent_world *w = user;
	CLEANUP(freep) char *id = mem_printf("sidecar~%s~web-1.shop~shop.svc.cluster.local", w->ip);

	(void)s;
	(void)text;
	assert_string_equal(node->id, id);
	assert_string_equal(pb_struct_get_string(node->metadata, "NAMESPACE"), "shop");
	return GRPC_OK;
}

static struct xds_set *give_set(void *user, struct xds_session *s, enum xds_type type, const struct ads_sub *sub)
{
	struct agent_world *w = user;

	(void)s;
	(void)sub;
	return w->sets[type];
}

static void on_ack(void *user, struct xds_session *s, enum xds_type type, const char *error)
{
	struct agent_world *w = user;

	(void)s;
	(void)type;
	if (error)
		snprintf(w->nack, sizeof(w->nack), "%s", error);
}

static void on_other(void *user, struct xds_session *s, const char *type_url, const char *error)
{
	struct agent_world *w = user;

	(void)s;
	snprintf(w->other, sizeof(w->other), "%s: %s", strrchr(type_url, '/') + 1, error ? error : "fine");
	w->others++;
}

static const struct xds_server_ops xds_ops = {
	.on_connect = on_connect, .set = give_set, .on_ack = on_ack, .on_other = on_other};

/* Sets all resources of a type: pairs of name and JSON. */
void agent_world_set(struct agent_world *w, enum xds_type type, const char *const *pairs, size_t n)
{
	struct xds_resource *v[8];
	const char *name = strrchr(xds_type_url(type), '/') + 1;

	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(buf_done) struct buf bytes = BUF_INIT;
		struct err e = ERR_INIT;
		cJSON *j = cJSON_Parse(pairs[2 * i + 1]);
		assert_non_null(j);
		ProtobufCMessage *m = pb_from_json(&a, pb_descriptor(name), j, &e);
		if (!m)
			fail_msg("%s: %s", pairs[2 * i], e.msg);
		cJSON_Delete(j);
		pb_pack(m, &bytes);
		v[i] = xds_resource_new(type, slice_str(pairs[2 * i]), buf_slice(&bytes));
	}
	xds_set_unref(w->sets[type]);
	w->sets[type] = xds_set_new(v, n);
}

static void write_text(const struct agent_world *w, const char *name, struct slice text)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", w->dir, name);

	assert_int_equal(file_write(path, text, 0600, NULL), 0);
}

void agent_world_start_control(struct agent_world *w)
{
	static const char *const alpn[] = {"h2"}, *const dns[] = {"localhost"}, *const ips[] = {"127.0.0.1"};
	CLEANUP(buf_done) struct buf chain = BUF_INIT, key_pem = BUF_INIT;
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	struct pki_names names = {.dns = dns, .n_dns = 1, .ips = ips, .n_ips = 1};
	struct pki_sign how = {.names = &names, .now_s = clock_wall_ns() / NS_PER_S, .ttl_s = 3600};
	struct tls_ctx *ctx;
	struct addr at;

	assert_int_equal(pki_ca_issue(w->ca, key, &how, &chain, NULL), 0);
	pki_key_to_pem(key, &key_pem);
	struct tls_params p = {.server = true,
			       .cert_pem = buf_slice(&chain),
			       .key_pem = buf_slice(&key_pem),
			       .alpn = alpn,
			       .n_alpn = 1};
	assert_int_equal(tls_ctx_new(&p, &ctx, NULL), 0);
	w->grpc = grpc_server_new(w->loop, &(struct grpc_server_params){0});
	grpc_server_add(w->grpc, "/istio.v1.auth.IstioCertificateService/CreateCertificate", on_ca_call, w);
	w->xds = xds_server_new(w->loop, w->grpc, &(struct xds_server_params){.ops = &xds_ops, .user = w});
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), w->port, &at), 0);
	int listener = grpc_server_listen(w->grpc, &at, ctx, NULL);
	assert_true(listener >= 0);
	w->port = grpc_server_port(w->grpc, listener);
	tls_ctx_unref(ctx);
}

void agent_world_stop_control(struct agent_world *w)
{
	grpc_server_free(w->grpc);
	xds_server_free(w->xds);
	w->grpc = NULL;
	w->xds = NULL;
}

/* ---- the backend and the client ---- */

void agent_world_answer(void *ctx, struct http_request *rq)
{
	(void)ctx;
	http_reply(rq, 200, "text/plain", NULL, http_request_path(rq));
}

static void on_fetched(void *ctx, int status, const char *why, const char *type, struct slice body)
{
	struct agent_world *w = ctx;

	(void)type;
	w->status = status;
	w->answered = true;
	snprintf(w->body, sizeof(w->body), "%.*s", SLICE_ARG(status ? body : slice_str(why)));
}

uint16_t agent_world_free_port(void)
{
	struct addr a;
	int fd;

	assert_int_equal(addr_parse(SLICE("127.0.0.1"), 0, &a), 0);
	fd = socket_listen(&a, 1, 0, NULL);
	assert_true(fd >= 0);
	socket_local_addr(fd, &a);
	close(fd);
	return addr_port(&a);
}

int agent_world_request(struct agent_world *w, const char *method, uint16_t port, const char *path)
{
	struct agent_fetch_request rq = {
		.method = method, .path = path, .host = "shop.example", .headers = "", .timeout_ms = 2000};

	assert_int_equal(addr_parse(SLICE("127.0.0.1"), port, &rq.to), 0);
	w->answered = false;
	agent_fetch(&w->client, &rq, on_fetched, w);
	while (!w->answered)
		loop_turn(w->loop, 100);
	return w->status;
}

int agent_world_get(struct agent_world *w, uint16_t port, const char *path)
{
	return agent_world_request(w, "GET", port, path);
}

bool agent_world_ready(struct agent_world *w)
{
	const char *why;

	return agent_ready(w->agent, &why);
}

static void on_end(void *ctx)
{
	((struct agent_world *)ctx)->ended = true;
}

void agent_world_environment(const struct agent_world *w)
{
	CLEANUP(freep) char *address = mem_printf("127.0.0.1:%u", w->port);
	CLEANUP(freep) char *token = mem_printf("%s/token", w->dir);
	CLEANUP(freep) char *root = mem_printf("%s/root.pem", w->dir);

	setenv("CA_ADDR", address, 1);
	setenv("WEFT_TOKEN_PATH", token, 1);
	setenv("XDS_ROOT_CA", root, 1);
	setenv("WEFT_STATE_DIR", w->dir, 1);
	setenv("WEFT_PODINFO_DIR", w->dir, 1);
	setenv("POD_NAME", "web-1", 1);
	setenv("POD_NAMESPACE", "shop", 1);
	setenv("SERVICE_ACCOUNT", "web", 1);
	setenv("INSTANCE_IP", w->ip, 1);
}

void agent_world_start(struct agent_world *w)
{
	static char *argv[] = {(char *)"weft-proxy", (char *)"proxy",
			       (char *)"sidecar",    (char *)"--concurrency",
			       (char *)"1",          (char *)"--status-port",
			       (char *)"0",          (char *)"--admin-port",
			       (char *)"0",          NULL};
	struct err e = ERR_INIT;

	agent_world_environment(w);
	if (bootstrap_init(&w->boot, ARRAY_LEN(argv) - 1, argv, &e) != 0)
		fail_msg("%s", e.msg);
	w->boot.dns_capture = w->dns_port != 0;
	w->boot.dns_port = w->dns_port;
	w->boot.resolv_path = arena_printf(&w->boot.arena, "%s/resolv.conf", w->dir);
	write_text(w, "resolv.conf", SLICE("nameserver 127.0.0.1\n"));
	if (agent_start(w->loop, &w->boot, on_end, w, &w->agent, &e) != 0)
		fail_msg("%s", e.msg);
}

void agent_world_stop(struct agent_world *w)
{
	w->ended = false;
	agent_stop(w->agent);
	WAIT_FOR(w, w->ended);
	agent_free(w->agent);
	bootstrap_done(&w->boot);
	w->agent = NULL;
}

/* ---- resources ---- */

const char agent_world_listener[] =
	"{\"name\":\"front\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":%u}},"
	"\"filter_chains\":[{\"filters\":[{\"name\":\"hcm\",\"typed_config\":{"
	"\"@type\":\"type.googleapis.com/"
	"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\","
	"\"stat_prefix\":\"x\",\"rds\":{\"route_config_name\":\"80\",\"config_source\":{\"ads\":{}}},"
	"\"http_filters\":[{\"name\":\"router\",\"typed_config\":{"
	"\"@type\":\"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\"}}]}}]}]}";

void agent_world_set_route(struct agent_world *w, const char *prefix)
{
	CLEANUP(freep)
	char *route = mem_printf(
		"{\"name\":\"80\",\"virtual_hosts\":[{\"name\":\"v\",\"domains\":[\"*\"],\"routes\":[{\"match\":"
		"{\"prefix\":\"/\"},\"route\":{\"cluster\":\"back\",\"prefix_rewrite\":\"%s\"}}]}]}",
		prefix);

	agent_world_set(w, XDS_ROUTE, (const char *[]){"80", route}, 1);
}

void agent_world_set_all(struct agent_world *w)
{
	CLEANUP(freep) char *listener = mem_printf(agent_world_listener, w->front_port);
	CLEANUP(freep)
	char *endpoints = mem_printf(
		"{\"cluster_name\":\"back\",\"endpoints\":[{\"lb_endpoints\":[{\"endpoint\":{\"address\":{\"socket_"
		"address\":{\"address\":\"127.0.0.1\",\"port_value\":%u}}}}]}]}",
		w->back_port);

	agent_world_set(w, XDS_CLUSTER,
			(const char *[]){"back", "{\"name\":\"back\",\"type\":\"EDS\",\"connect_timeout\":\"1s\","
						 "\"eds_cluster_config\":{\"eds_config\":{\"ads\":{}}}}"},
			1);
	agent_world_set(w, XDS_ENDPOINT, (const char *[]){"back", endpoints}, 1);
	agent_world_set(w, XDS_LISTENER, (const char *[]){"front", listener}, 1);
	agent_world_set_route(w, "/one/");
}

void agent_world_init(struct agent_world *w)
{
	struct addr back;

	memset(w, 0, sizeof(*w));
	w->ip = "10.0.0.9";
	snprintf(w->dir, sizeof(w->dir), "/tmp/weft-agent-test.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->loop = loop_new();
	w->client.loop = w->loop;
	list_init(&w->client.fetches);
	assert_int_equal(pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, clock_wall_ns() / NS_PER_S, 86400,
					 &w->ca, NULL),
			 0);
	write_text(w, "token", SLICE("secret-token\n"));
	write_text(w, "root.pem", pki_ca_roots_pem(w->ca));
	w->back_port = agent_world_free_port();
	w->front_port = agent_world_free_port();
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), w->back_port, &back), 0);
	assert_int_equal(http_server_new(w->loop, &back, codecs_http1(), agent_world_answer, w, &w->back, NULL), 0);
	agent_world_set_all(w);
}

void agent_world_done(struct agent_world *w)
{
	agent_fetch_stop(&w->client);
	http_server_free(w->back);
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		xds_set_unref(w->sets[i]);
	pki_ca_unref(w->ca);
	loop_free(w->loop);
	assert_int_equal(file_remove_tree(w->dir, NULL), 0);
}
