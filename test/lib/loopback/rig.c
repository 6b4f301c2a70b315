/* The worker's own life is in statics of worker.c, and its threads are not wanted here: it is included. */
#include "loopback/rig.h"

#include "loopback/loopback.c"

#include "lib/proxy/threads/workers.c"

#include "base/file.h"
#include "proxy/boot/config_file.h"

static const char format[] = "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%";

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- texts ---- */

static void put_endpoints(struct buf *out, const char *endpoints)
{
	struct slice rest = slice_str(endpoints);

	while (rest.len) {
		struct slice at = slice_split(&rest, ' ');
		ptrdiff_t colon = slice_rfind(at, ':');

		buf_printf(out, "{endpoint: {address: {socket_address: {address: %.*s, port_value: %.*s}}}}, ",
			   (int)colon, at.ptr, (int)(at.len - (size_t)colon - 1), at.ptr + colon + 1);
	}
}

static void put_cluster(struct buf *out, const char *name, const char *endpoints, const char *more)
{
	buf_printf(out,
		   "- {name: %s, type: STATIC, connect_timeout: 5s, load_assignment: {cluster_name: %s, endpoints: "
		   "[{lb_endpoints: [",
		   name, name);
	put_endpoints(out, endpoints ? endpoints : RIG_ORIGIN);
	buf_printf(out, "]}]}%s%s}\n", more ? ", " : "", or_empty(more));
}

const char *rig_cluster_yaml(const char *name, const char *endpoints, const char *more)
{
	static char text[16384];
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	put_cluster(&out, name, endpoints, more);
	snprintf(text, sizeof(text), "%s", buf_str(&out));
	return text;
}

static const char log_mark[] = "@LOG@";

#define LOG_YAML                                                                                                       \
	"access_log: [{name: l, %s%styped_config: {'@type': "                                                          \
	"type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: @LOG@, log_format: "         \
	"{text_format_source: {inline_string: \"%s\\n\"}}}}]"

#define TYPE(t) "'@type': type.googleapis.com/envoy.extensions.filters." t

static void put_listener(struct buf *out, const char *listener, const char *chain)
{
	buf_printf(out,
		   "listeners:\n- name: l\n  address: {socket_address: {address: 10.0.0.9, port_value: 8080}}\n"
		   "%s%s%s  filter_chains:\n  - {%s%sfilters: [",
		   listener ? "  " : "", or_empty(listener), listener ? "\n" : "", or_empty(chain), chain ? ", " : "");
}

static void put_route(struct buf *out, const struct rig_http *h, const char *match)
{
	buf_printf(out, "{match: {%s}", match);
	if (h->action)
		buf_printf(out, ", %s", h->action);
	else
		buf_printf(out, ", route: {cluster: c%s%s}", h->route ? ", " : "", or_empty(h->route));
	buf_printf(out, "%s%s}, ", h->around ? ", " : "", or_empty(h->around));
}

const char *rig_http_yaml(const struct rig_http *h)
{
	static char text[65536];
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	put_listener(&out, h->listener, h->chain);
	buf_printf(&out, "{name: h, typed_config: {" TYPE("network.http_connection_manager.v3.HttpConnectionManager"));
	buf_printf(&out, ", stat_prefix: s, %s%s" LOG_YAML, or_empty(h->hcm), h->hcm ? ", " : "", or_empty(h->log),
		   h->log ? ", " : "", format);
	buf_printf(&out, ", http_filters: [%s{name: r, typed_config: {" TYPE("http.router.v3.Router") "%s%s}}]",
		   or_empty(h->filters), h->router ? ", " : "", or_empty(h->router));
	buf_printf(&out, ", route_config: {name: r, virtual_hosts: [{name: v, domains: ['*']%s%s, routes: [",
		   h->vhost ? ", " : "", or_empty(h->vhost));
	put_route(&out, h, "prefix: /");
	put_route(&out, h, "connect_matcher: {}");
	buf_append_str(&out, "]}]}}}]}\nclusters:\n");
	put_cluster(&out, "c", h->endpoints, h->cluster);
	buf_append_str(&out, or_empty(h->more));
	snprintf(text, sizeof(text), "%s", buf_str(&out));
	return text;
}

const char *rig_tcp_yaml(const char *tcp, const char *cluster)
{
	static char text[65536];
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	put_listener(&out, NULL, NULL);
	buf_printf(&out, "{name: t, typed_config: {" TYPE("network.tcp_proxy.v3.TcpProxy"));
	buf_printf(&out, ", stat_prefix: s, cluster: c, %s%s" LOG_YAML "}}]}\nclusters:\n", or_empty(tcp),
		   tcp ? ", " : "", "", "", "%BYTES_RECEIVED% %BYTES_SENT% %RESPONSE_FLAGS%");
	put_cluster(&out, "c", NULL, cluster);
	snprintf(text, sizeof(text), "%s", buf_str(&out));
	return text;
}

/* ---- life ---- */

static struct config_node *node_make(void)
{
	struct config_node *n = NEW(struct config_node);

	n->refs = 1;
	n->id = "sidecar~10.0.0.9~me~ns";
	n->name = n->namespace_ = n->cluster = n->workload = n->owner = n->app = n->version = "";
	n->canonical_name = n->canonical_revision = n->cluster_id = n->mesh_id = n->network = n->service_account = "";
	n->ip = "10.0.0.9";
	n->trust_domain = n->istio_version = n->region = n->zone = n->sub_zone = "";
	n->principal = "spiffe://cluster.local/ns/ns/sa/me";
	n->peer_metadata_header = "bWU=";
	return n;
}

static void load(struct rig *r, const char *yaml)
{
	char path[] = "/tmp/weft-rig.XXXXXX";
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct slice rest = slice_str(yaml);
	struct err e = ERR_INIT;
	const char *at;
	int fd = mkstemp(path), n;

	while ((at = memmem(rest.ptr, rest.len, log_mark, strlen(log_mark)))) {
		buf_append(&text, rest.ptr, (size_t)(at - rest.ptr));
		buf_append_str(&text, r->log);
		rest = slice_from(rest, (size_t)(at - rest.ptr) + strlen(log_mark));
	}
	buf_append_slice(&text, rest);
	assert(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len);
	close(fd);
	n = config_file_load(path, r->build, &e);
	unlink(path);
	if (n < 0)
		fprintf(stderr, "%s\n%s", e.msg, yaml);
	assert(n == 0);
}

void rig_apply(struct rig *r)
{
	struct order o = {.all = &r->workers};

	o.config = build_config(r->build);
	apply(&r->worker, &o);
	listen_round_done(&o.round);
	config_unref(o.config);
	loopback_run(r->loop);
}

void rig_configure(struct rig *r, const char *yaml)
{
	load(r, yaml);
	rig_apply(r);
}

void rig_begin(struct rig *r)
{
	struct config_node *node = node_make();
	int fd;

	loopback_start();
	*r = (struct rig){.origin = loopback_listen(RIG_ORIGIN), .log = "/tmp/weft-rig-log.XXXXXX"};
	fd = mkstemp(r->log);
	assert(fd >= 0);
	close(fd);
	r->build = build_new(node);
	r->node = node;
	config_node_unref(node);
	r->main_loop = loop_new();
	r->workers = (struct workers){.main_loop = r->main_loop, .v = &r->worker, .n = 1};
	r->workers.breakers = mem_calloc(BREAKER_SLOTS, sizeof(*r->workers.breakers));
	r->workers.shared = mem_calloc(BREAKER_SLOTS, sizeof(*r->workers.shared));
	assert(worker_init(&r->worker, &r->workers, 0) == 0);
	r->worker.rand = (struct rand){1};
	r->loop = r->worker.loop;
}

void rig_start(struct rig *r, const char *yaml)
{
	rig_begin(r);
	rig_configure(r, yaml);
}

void rig_stop(struct rig *r)
{
	worker_done(&r->worker);
	loop_free(r->loop);
	assert(r->worker.buffers.taken == 0 && r->worker.n_downs == 0);
	for (int i = 0; i < WORKER_STREAM_STATES; i++)
		assert(r->worker.streams[i] == 0);
	breakers_free(&r->workers);
	shared_free_all(&r->workers);
	build_free(r->build);
	loop_free(r->main_loop);
	unlink(r->log);
	loopback_stop();
}

/* ---- traffic ---- */

void rig_run(struct rig *r)
{
	loopback_run(r->loop);
}

void rig_advance(struct rig *r, int64_t ms)
{
	loopback_advance(r->loop, ms);
}

void rig_send(struct rig *r, int fd, const char *text)
{
	loopback_send(fd, text);
	loopback_run(r->loop);
}

int rig_request(struct rig *r, const char *text)
{
	int fd = loopback_connect(RIG_LISTENER);

	rig_send(r, fd, text);
	return fd;
}

int rig_accept_at(struct rig *r, int listener)
{
	(void)r;
	return loopback_accept(listener);
}

int rig_accept(struct rig *r)
{
	return rig_accept_at(r, r->origin);
}

void rig_close(struct rig *r, int fd)
{
	loopback_close(fd);
	loopback_run(r->loop);
}

const char *rig_log(struct rig *r)
{
	static char text[65536];
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	assert(file_read(r->log, sizeof(text) - 1, &b, &e) == 0);
	snprintf(text, sizeof(text), "%s", buf_str(&b));
	return text;
}

struct cluster *rig_cluster(struct rig *r, const char *name)
{
	const struct config *c = r->worker.current->config;

	return cluster_get(&r->worker, c, config_cluster_slot(c, slice_str(name)));
}
