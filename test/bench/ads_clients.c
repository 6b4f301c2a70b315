/*
 * Many proxies' ADS clients in one process: what a control plane is measured with (control.py). Each is a connection of
 * its own with mutual TLS and one stream, subscribes as a sidecar does (clusters, their endpoints, listeners, their
 * routes), acknowledges everything, and keeps of it what it must know to go on.
 *
 *   ads_clients --port P --dir DIR --proxies N --views V --namespace NS [--sotw]
 *
 * DIR holds root.pem, cert.pem and key.pem. Commands come by standard input, one a line, answers leave by standard
 * output; times are CLOCK_MONOTONIC, in nanoseconds:
 *   connect       all at once; "connected <broken> <start> <when the 1st was settled> <2nd> ..."
 *   round TYPE    once each client has acknowledged a response of that type (CDS, EDS, LDS, RDS) that came after this
 *                 line: "round <broken> <when> <when> ..."
 *   disconnect    all at once; "disconnected"
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>
#include <zstd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"
#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/core/v3/base.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "grpc/channel.h"
#include "grpc/compress.h"
#include "net/loop.h"
#include "net/tls.h"
#include "xds/pb.h"
#include "xds/resource.h"
#include "xds/wire.h"

#define SERVICE "/envoy.service.discovery.v3.AggregatedDiscoveryService/"
#define AGAIN_MS 500
#define RESPONSE_MAX (256u << 20)

typedef Envoy__Config__Core__V3__Node node_msg;
typedef Envoy__Config__Cluster__V3__Cluster cluster_msg;
typedef Envoy__Config__Listener__V3__Listener listener_msg;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager hcm_msg;

/* Names to subscribe to, as they stand in a request; the same for all who got the same resources. */
struct names {
	uint64_t of; /* hash of the resources that they were found in */
	struct buf encoded;
	size_t n;
};

struct client {
	struct clients *all;
	unsigned number;
	struct grpc_channel *channel;
	struct grpc_call *call;
	struct timer again;
	const struct names *names[XDS_TYPE_COUNT]; /* NULL = everything */
	bool asked[XDS_TYPE_COUNT];
	int64_t settled_ns, round_ns;
};

struct clients {
	struct loop *loop;
	struct io commands;
	struct buf line;
	struct tls_ctx *tls;
	const char *ns;
	uint16_t port;
	unsigned n, views, broken;
	bool delta, plain, connecting;
	int64_t start_ns;
	enum xds_type round; /* XDS_TYPE_NONE = none */
	unsigned missing;    /* of the round, or not settled yet */
	struct client *v;
	VEC(struct names *) known;
};

/*
 * A response as it came. What is each one's own stands in a frame before what all share (xds/answer.h), which needs to
 * be looked into once: this process stands for many machines, and must not be what is measured.
 */
struct response {
	struct slice plain;  /* version, type and nonce, and all of it where packed is empty */
	struct slice packed; /* the frame of the rest */
};

static void open_stream(struct client *c);

/* --- requests --- */

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_append_char(b, (char)(v | 0x80));
	buf_append_char(b, (char)v);
}

static void put_bytes(struct buf *b, unsigned field, struct slice s)
{
	put_varint(b, field << 3 | WIRE_BYTES);
	put_varint(b, s.len);
	buf_append_slice(b, s);
}

static struct slice node_of(const struct client *c, struct arena *a)
{
	const struct clients *all = c->all;
	node_msg *n = PB_NEW(a, node_msg, envoy__config__core__v3__node);
	Google__Protobuf__Struct *m = pb_struct(a), *labels = pb_struct(a);
	char *name = arena_printf(a, "app-%u-5f7d8c9b6d-x%04x", c->number % all->views, c->number);

	n->id = arena_printf(a, "sidecar~10.%u.%u.%u~%s.%s~%s.svc.cluster.local", c->number >> 16 & 255,
			     c->number >> 8 & 255, c->number & 255, name, all->ns, all->ns);
	n->cluster = arena_printf(a, "app-%u.%s", c->number % all->views, all->ns);
	n->user_agent_name = arena_strdup(a, all->delta ? "weft" : "envoy");
	pb_struct_set_string(a, labels, "app", arena_printf(a, "app-%u", c->number % all->views));
	pb_struct_set_string(a, labels, "security.istio.io/tlsMode", "istio");
	pb_struct_set(a, m, "LABELS", pb_value_struct(a, labels));
	pb_struct_set_string(a, m, "NAMESPACE", all->ns);
	pb_struct_set_string(a, m, "NAME", name);
	pb_struct_set_string(a, m, "SERVICE_ACCOUNT", "default");
	pb_struct_set_string(a, m, "CLUSTER_ID", "Kubernetes");
	pb_struct_set_string(a, m, "MESH_ID", "cluster.local");
	pb_struct_set_string(a, m, "INTERCEPTION_MODE", "REDIRECT");
	pb_struct_set_string(a, m, "NODE_NAME", "node-1");
	pb_struct_set_string(a, m, "ISTIO_VERSION", "1.20.8");
	pb_struct_set_string(a, m, "WORKLOAD_NAME", arena_printf(a, "app-%u", c->number % all->views));
	n->metadata = m;
	return pb_pack_arena(a, &n->base);
}

/* version_info=1 node=2 resource_names=3 type_url=4 response_nonce=5; delta: node=1 type_url=2 subscribe=3 nonce=6 */
static void send_request(struct client *c, enum xds_type type, struct slice nonce, struct slice version, bool names)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const bool delta = c->all->delta;
	struct buf *b;

	if (!c->call)
		return;
	b = grpc_call_send_begin(c->call);
	if (type == XDS_CLUSTER && !nonce.len)
		put_bytes(b, delta ? 1 : 2, node_of(c, &a));
	put_bytes(b, delta ? 2 : 4, slice_str(xds_type_url(type)));
	if (nonce.len)
		put_bytes(b, delta ? 6 : 5, nonce);
	if (version.len && !delta)
		put_bytes(b, 1, version);
	if (c->names[type] && (names || !delta))
		buf_append_slice(b, buf_slice(&c->names[type]->encoded));
	c->asked[type] = true;
	grpc_call_send_end(c->call);
}

/* --- what responses name --- */

static void add_name(struct names *n, const char *name)
{
	put_bytes(&n->encoded, 3, slice_str(name));
	n->n++;
}

static void add_cluster(struct names *n, struct arena *a, struct slice bytes)
{
	const cluster_msg *c = pb_unpack(a, &envoy__config__cluster__v3__cluster__descriptor, bytes);

	if (c && c->cluster_discovery_type_case == ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE &&
	    c->type == ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__EDS)
		add_name(n, c->name);
}

static void add_chain(struct names *n, struct arena *a, const Envoy__Config__Listener__V3__FilterChain *chain)
{
	for (size_t i = 0; chain && i < chain->n_filters; i++) {
		const hcm_msg *h = pb_any_unpack(
			a, chain->filters[i]->typed_config,
			&envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__descriptor);

		if (h && h->rds && h->rds->route_config_name)
			add_name(n, h->rds->route_config_name);
	}
}

static void add_listener(struct names *n, struct arena *a, struct slice bytes)
{
	const listener_msg *l = pb_unpack(a, &envoy__config__listener__v3__listener__descriptor, bytes);

	for (size_t i = 0; l && i < l->n_filter_chains; i++)
		add_chain(n, a, l->filter_chains[i]);
	if (l)
		add_chain(n, a, l->default_filter_chain);
}

/* The value of an Any, which in delta is inside of a Resource. */
static struct slice value_of(struct slice bytes, bool delta)
{
	struct slice rest = bytes, value = {0};
	struct wire_field f;

	while (wire_next(&rest, &f) == 1) {
		if (f.number != 2 || f.type != WIRE_BYTES)
			continue;
		value = delta ? value_of(f.bytes, false) : f.bytes;
	}
	return value;
}

/* What is common to all messages with the same resources: a hash of those, or of their frame. */
static uint64_t hash_of(enum xds_type type, const struct response *m)
{
	uint64_t hash = (uint64_t)type;
	struct slice rest = m->plain;
	struct wire_field f;

	if (m->packed.len)
		return hash_more(hash, m->packed);
	while (wire_next(&rest, &f) == 1)
		if (f.number == 2)
			hash = hash_more(hash, f.bytes);
	return hash;
}

/* All of a message; its frames inflated into out. */
static struct slice whole(const struct response *m, struct buf *out)
{
	if (!m->packed.len)
		return m->plain;
	if (grpc_decompress(m->packed, RESPONSE_MAX, out) < 0)
		fprintf(stderr, "ads_clients: a message is broken\n");
	return buf_slice(out);
}

static const struct names *names_in(struct clients *all, enum xds_type type, const struct response *m)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf inflated = BUF_INIT;
	const uint64_t hash = hash_of(type, m);
	struct slice rest;
	struct wire_field f;
	struct names *n;

	for (size_t i = 0; i < all->known.n; i++)
		if (all->known.v[i]->of == hash)
			return all->known.v[i];
	n = NEW(struct names);
	n->of = hash;
	vec_push(&all->known, n);
	for (rest = whole(m, &inflated); wire_next(&rest, &f) == 1;) {
		if (f.number == 2 && type == XDS_CLUSTER)
			add_cluster(n, &a, value_of(f.bytes, all->delta));
		else if (f.number == 2)
			add_listener(n, &a, value_of(f.bytes, all->delta));
	}
	return n;
}

/* --- responses --- */

static void tell_round(struct clients *all)
{
	printf("round %u", all->broken);
	for (unsigned i = 0; i < all->n; i++)
		printf(" %lld", (long long)all->v[i].round_ns);
	printf("\n");
	fflush(stdout);
	all->round = XDS_TYPE_NONE;
}

static void tell_connected(struct clients *all)
{
	printf("connected %u %lld", all->broken, (long long)all->start_ns);
	for (unsigned i = 0; i < all->n; i++)
		printf(" %lld", (long long)all->v[i].settled_ns);
	printf("\n");
	fflush(stdout);
	all->connecting = false;
}

static void settled(struct client *c)
{
	if (c->settled_ns)
		return;
	c->settled_ns = clock_mono_ns();
	if (c->all->connecting && --c->all->missing == 0)
		tell_connected(c->all);
}

static void subscribe(struct client *c, enum xds_type type, const struct names *names)
{
	const struct slice none = {0};
	const bool same = c->asked[type] && c->names[type] &&
			  slice_eq(buf_slice(&c->names[type]->encoded), buf_slice(&names->encoded));

	if (same)
		return;
	c->names[type] = names;
	if (names->n)
		send_request(c, type, none, none, true);
}

/* What is asked for next, as a sidecar goes on. */
static void go_on(struct client *c, enum xds_type type, const struct response *m)
{
	static const struct slice none;
	const bool first = !c->settled_ns;

	if (type == XDS_CLUSTER && (first || !c->all->delta))
		subscribe(c, XDS_ENDPOINT, names_in(c->all, type, m));
	if (type == XDS_ENDPOINT && !c->asked[XDS_LISTENER])
		send_request(c, XDS_LISTENER, none, none, false);
	if (type == XDS_LISTENER && (first || !c->all->delta)) {
		subscribe(c, XDS_ROUTE, names_in(c->all, type, m));
		if (!c->names[XDS_ROUTE]->n)
			settled(c);
	}
	if (type == XDS_ROUTE)
		settled(c);
}

/* The first frame is opened into head, which is cleared before. */
static struct response open_message(const struct grpc_call *call, struct slice message, struct buf *head)
{
	size_t n;

	if (!grpc_call_compressed(call))
		return (struct response){.plain = message};
	n = ZSTD_findFrameCompressedSize(message.ptr, message.len);
	buf_clear(head);
	if (ZSTD_isError(n) || grpc_decompress(slice_head(message, n), RESPONSE_MAX, head) < 0)
		fprintf(stderr, "ads_clients: a message is broken\n");
	return (struct response){.plain = buf_slice(head), .packed = slice_from(message, MIN(n, message.len))};
}

static void on_message(struct grpc_call *call, struct slice message)
{
	static struct buf head;
	struct client *c = grpc_call_user(call);
	const struct response m = open_message(call, message, &head);
	struct slice rest = m.plain, version = {0}, nonce = {0};
	enum xds_type type = XDS_TYPE_NONE;
	struct wire_field f;

	while (wire_next(&rest, &f) == 1) {
		if (f.number == 1)
			version = f.bytes;
		else if (f.number == 5)
			nonce = f.bytes;
		else if (f.number == 4)
			for (int t = 0; t < XDS_TYPE_COUNT; t++)
				if (slice_eq_str(f.bytes, xds_type_url(t)))
					type = t;
	}
	if (type == XDS_TYPE_NONE)
		return;
	send_request(c, type, nonce, version, false);
	go_on(c, type, &m);
	if (c->all->round != type || c->round_ns)
		return;
	c->round_ns = clock_mono_ns();
	if (--c->all->missing == 0)
		tell_round(c->all);
}

static void on_again(struct timer *t)
{
	open_stream(CONTAINER_OF(t, struct client, again));
}

static void on_done(struct grpc_call *call, int status, const char *text)
{
	struct client *c = grpc_call_user(call);

	c->call = NULL;
	if (c->all->broken++ < 10)
		fprintf(stderr, "ads_clients: client %u: %s: %s\n", c->number, grpc_status_str(status), text);
	timer_start(c->all->loop, &c->again, AGAIN_MS + c->number % AGAIN_MS, on_again);
}

static void open_stream(struct client *c)
{
	static const struct grpc_call_ops ops = {.on_message = on_message, .on_done = on_done};
	static const struct slice none;
	const struct clients *all = c->all;

	if (!c->channel)
		c->channel = grpc_channel_new(all->loop, &(struct grpc_channel_params){
								 .host = "127.0.0.1",
								 .port = all->port,
								 .tls = all->tls,
								 .sni = "istiod.istio-system.svc",
								 .max_message_bytes = RESPONSE_MAX,
								 .takes_compressed = !all->plain,
								 .connect_ms = 300000,
							 });
	memset(c->asked, 0, sizeof(c->asked));
	memset(c->names, 0, sizeof(c->names));
	c->call = grpc_channel_call(
		c->channel, all->delta ? SERVICE "DeltaAggregatedResources" : SERVICE "StreamAggregatedResources", NULL,
		0, 0, &ops, c);
	grpc_call_leave_compressed(c->call);
	send_request(c, XDS_CLUSTER, none, none, false);
}

/* --- commands --- */

static void connect_all(struct clients *all)
{
	all->start_ns = clock_mono_ns();
	all->connecting = true;
	all->missing = all->n;
	for (unsigned i = 0; i < all->n; i++) {
		all->v[i] = (struct client){.all = all, .number = i};
		open_stream(&all->v[i]);
	}
}

static void disconnect_all(struct clients *all)
{
	for (unsigned i = 0; i < all->n; i++) {
		timer_stop(&all->v[i].again);
		grpc_channel_free(take(all->v[i].channel));
		all->v[i].call = NULL;
	}
	printf("disconnected\n");
	fflush(stdout);
}

static void begin_round(struct clients *all, struct slice type)
{
	for (int t = 0; t < XDS_TYPE_COUNT; t++)
		if (slice_eq_str(type, xds_type_short(t)))
			all->round = t;
	all->missing = all->n;
	for (unsigned i = 0; i < all->n; i++)
		all->v[i].round_ns = 0;
	printf("ready\n");
	fflush(stdout);
}

static void run_command(struct clients *all, struct slice line)
{
	if (slice_eq_str(line, "connect"))
		connect_all(all);
	else if (slice_eq_str(line, "disconnect"))
		disconnect_all(all);
	else if (slice_starts(line, SLICE("round ")))
		begin_round(all, slice_from(line, strlen("round ")));
	else
		fprintf(stderr, "ads_clients: unknown command %.*s\n", SLICE_ARG(line));
}

static void on_commands(struct io *io, uint32_t revents)
{
	struct clients *all = CONTAINER_OF(io, struct clients, commands);
	ssize_t n = read(io->fd, buf_reserve(&all->line, 256), 256);
	const char *end;

	(void)revents;
	if (n <= 0) {
		loop_stop(all->loop);
		return;
	}
	all->line.len += (size_t)n;
	while ((end = memchr(all->line.ptr, '\n', all->line.len))) {
		const size_t len = (size_t)(end - all->line.ptr);

		run_command(all, slice_make(all->line.ptr, len));
		buf_consume(&all->line, len + 1);
	}
}

/* --- start --- */

static void read_pem(const char *dir, const char *name, struct buf *out)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);
	struct err e = ERR_INIT;

	if (file_read(path, 1 << 20, out, &e) < 0) {
		fprintf(stderr, "ads_clients: %s\n", e.msg);
		exit(1);
	}
}

static struct tls_ctx *identity(const char *dir)
{
	static const char *const alpn[] = {"h2"};
	CLEANUP(buf_done) struct buf root = BUF_INIT;
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct tls_ctx *ctx = NULL;
	struct err e = ERR_INIT;

	read_pem(dir, "root.pem", &root);
	read_pem(dir, "cert.pem", &cert);
	read_pem(dir, "key.pem", &key);
	if (tls_ctx_new(&(struct tls_params){.cert_pem = buf_slice(&cert),
					     .key_pem = buf_slice(&key),
					     .roots_pem = buf_slice(&root),
					     .verify = TLS_VERIFY_REQUIRED,
					     .alpn = alpn,
					     .n_alpn = 1},
			&ctx, &e) < 0) {
		fprintf(stderr, "ads_clients: %s\n", e.msg);
		exit(1);
	}
	return ctx;
}

static const char *argument(int argc, char **argv, const char *name, const char *fallback)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return i + 1 < argc ? argv[i + 1] : "";
	return fallback;
}

int main(int argc, char **argv)
{
	struct clients all = {
		.loop = loop_new(),
		.port = (uint16_t)atoi(argument(argc, argv, "--port", "15012")),
		.n = (unsigned)atoi(argument(argc, argv, "--proxies", "1")),
		.views = (unsigned)atoi(argument(argc, argv, "--views", "1")),
		.ns = argument(argc, argv, "--namespace", "default"),
		.delta = !argument(argc, argv, "--sotw", NULL),
		.plain = argument(argc, argv, "--plain", NULL) != NULL,
		.round = XDS_TYPE_NONE,
	};
	struct rlimit files = {0};

	if (!all.n || !all.views || argc < 2) {
		fprintf(stderr, "usage: ads_clients --port P --dir DIR --proxies N --views V --namespace NS [--sotw] "
				"[--plain]\n");
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	all.tls = identity(argument(argc, argv, "--dir", "."));
	all.v = mem_calloc(all.n, sizeof(*all.v));
	if (io_start(all.loop, &all.commands, 0, EPOLLIN, on_commands) < 0)
		return 1;
	loop_run(all.loop);
	return 0;
}
