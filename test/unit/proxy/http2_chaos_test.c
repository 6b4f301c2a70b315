/*
 * HTTP/2 under whatever clients and origins may do: random sequences of requests, answers, data, trailers, resets,
 * GOAWAYs, pings, shut windows, closes and new configurations, mixed with HTTP/1.1 on either side. Nothing may end the
 * worker, and when all have gone, nothing is held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/chaos.c"

#include "h2/h2.h"

#define STEPS 250
#define PEERS_MAX 6
#define STREAMS_MAX 16
#define RAW_MAX 8

struct peer {
	int fd;
	bool server, keep;
	struct h2_session *s;
	struct h2_stream *v[STREAMS_MAX];
	unsigned n;
};

struct peers {
	struct peer *v[PEERS_MAX];
	unsigned n;
};

static struct rig r;
static struct peers clients, servers;
static struct chaos_ends raw_clients = {.max = RAW_MAX}, raw_servers = {.max = RAW_MAX};
static bool up_h2;

#define H2_UP(more)                                                                                                    \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, " more "}}"

static const struct rig_http to_h2[] = {
	{.cluster = H2_UP("explicit_http_config: {http2_protocol_options: {}}"),
	 .hcm = "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: CONNECT}], http2_protocol_options: "
		"{allow_connect: true, initial_stream_window_size: 65535}, stream_idle_timeout: 20s",
	 .route = "timeout: 3s, retry_policy: {retry_on: '5xx,reset,refused-stream', num_retries: 3, per_try_timeout: "
		  "1s}"},
	{.cluster = H2_UP("explicit_http_config: {http2_protocol_options: {max_concurrent_streams: 2, "
			  "connection_keepalive: {interval: 1s, timeout: 1s}}}, common_http_protocol_options: "
			  "{max_requests_per_connection: 5, idle_timeout: 3s}"),
	 .hcm = "common_http_protocol_options: {max_requests_per_connection: 4, idle_timeout: 10s}",
	 .route = "timeout: 0s, request_mirror_policies: [{cluster: c}]",
	 .filters = "{name: f, typed_config: {'@type': "
		    "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, delay: {fixed_delay: 0.5s, "
		    "percentage: {numerator: 30}}, abort: {http_status: 503, percentage: {numerator: 10}}}}, "},
};

static const struct rig_http to_h1[] = {
	{.cluster = H2_UP("explicit_http_config: {http_protocol_options: {enable_trailers: true}}"),
	 .hcm = "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: CONNECT}], http2_protocol_options: "
		"{allow_connect: true, max_concurrent_streams: 5, connection_keepalive: {interval: 2s, timeout: 2s}}, "
		"http_protocol_options: {enable_trailers: true}",
	 .route = "timeout: 3s, retry_policy: {retry_on: '5xx', num_retries: 2}"},
	{.hcm = "request_timeout: 10s", .route = "timeout: 0s"},
};

static const char *some_config(void)
{
	return rig_http_yaml(up_h2 ? &ONE_OF(to_h2) : &ONE_OF(to_h1));
}

/* ---- peers ---- */

static void forget(struct peer *p, struct h2_stream *st)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->v[i] == st)
			p->v[i--] = p->v[--p->n];
}

static void on_headers(void *user, struct h2_stream *st, enum h2_headers kind, const struct h2_header *v, size_t n,
		       bool end)
{
	struct peer *p = user;

	(void)v;
	(void)n;
	(void)end;
	if (kind == H2_REQUEST && p->n < STREAMS_MAX)
		p->v[p->n++] = st;
	else if (kind == H2_REQUEST)
		h2_reset(st, H2_REFUSED_STREAM);
}

static void on_data(void *user, struct h2_stream *st, struct slice bytes)
{
	if (!((struct peer *)user)->keep)
		h2_consume(st, bytes.len);
}

static void on_close(void *user, struct h2_stream *st, uint32_t error)
{
	(void)error;
	forget(user, st);
}

static const struct h2_ops peer_ops = {.on_headers = on_headers, .on_data = on_data, .on_close = on_close};

static void peer_add(struct peers *all, int fd, bool server)
{
	struct peer *p;

	if (all->n == PEERS_MAX) {
		loopback_close(fd);
		return;
	}
	p = NEW(struct peer);
	*p = (struct peer){.fd = fd, .server = server};
	p->s = h2_new(server,
		      &(struct h2_settings){.connect_protocol = true, .max_streams = 1 + rand_below(&chaos_dice, 20)},
		      &peer_ops, p);
	all->v[all->n++] = p;
}

static void peer_remove(struct peers *all, unsigned i)
{
	struct peer *p = all->v[i];

	all->v[i] = all->v[--all->n];
	h2_free(p->s);
	free(p);
}

static void peer_move(struct peer *p)
{
	char bytes[16384];
	ssize_t n = recv(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct slice out;

	if (n > 0)
		(void)h2_recv(p->s, slice_make(bytes, (size_t)n), NULL);
	out = h2_output(p->s);
	n = out.len ? send(p->fd, out.ptr, out.len, MSG_DONTWAIT) : 0;
	if (n > 0)
		h2_output_done(p->s, (size_t)n);
}

static struct h2_stream *some_stream(struct peer *p)
{
	return p->n ? p->v[rand_below(&chaos_dice, p->n)] : NULL;
}

static struct slice some_bytes(unsigned most)
{
	static char bytes[40000];

	return slice_make(bytes, rand_below(&chaos_dice, most));
}

static void ask(struct peer *p)
{
	static const char *const methods[] = {"GET", "GET", "POST", "POST", "HEAD", "CONNECT"};
	const char *method = ONE_OF(methods);
	bool connect = strcmp(method, "CONNECT") == 0, websocket = connect && rand_below(&chaos_dice, 2);
	struct h2_header v[8];
	struct h2_stream *st;
	size_t n = 0;

	v[n++] = (struct h2_header){SLICE(":method"), slice_str(method), false};
	v[n++] = (struct h2_header){SLICE(":authority"), SLICE("a:1"), false};
	if (!connect || websocket) {
		v[n++] = (struct h2_header){SLICE(":scheme"), SLICE("http"), false};
		v[n++] = (struct h2_header){SLICE(":path"), SLICE("/x"), false};
	}
	if (websocket)
		v[n++] = (struct h2_header){SLICE(":protocol"), SLICE("websocket"), false};
	if (!connect && rand_below(&chaos_dice, 4) == 0)
		v[n++] = (struct h2_header){SLICE("content-type"), SLICE("application/grpc"), false};
	if (p->n == STREAMS_MAX || h2_request(p->s, v, n, !connect && rand_below(&chaos_dice, 2), NULL, &st) < 0)
		return;
	p->v[p->n++] = st;
}

static void answer(struct peer *p)
{
	static const char *const statuses[] = {"200", "200", "204", "503", "100", "304"};
	const char *status = ONE_OF(statuses);
	const struct h2_header v[] = {{SLICE(":status"), slice_str(status), false},
				      {SLICE("grpc-status"), SLICE("14"), false}};
	struct h2_stream *st = some_stream(p);

	if (st)
		(void)h2_respond(st, status[0] == '1' ? H2_INFORMATIONAL : H2_RESPONSE, v,
				 1 + rand_below(&chaos_dice, 2), status[0] != '1' && rand_below(&chaos_dice, 2));
}

static void act_on_stream(struct peer *p)
{
	const struct h2_header t = {SLICE("x-sum"), SLICE("1"), false};
	struct h2_stream *st = some_stream(p);

	switch (rand_below(&chaos_dice, 5)) {
	case 0:
		if (st)
			h2_reset(st, rand_below(&chaos_dice, 9));
		break;
	case 1:
		if (st)
			h2_trailers(st, &t, 1);
		break;
	default:
		if (st)
			h2_write(st, some_bytes(rand_below(&chaos_dice, 3) ? 200 : 40000),
				 rand_below(&chaos_dice, 3) == 0);
		break;
	}
}

static void act(struct peers *all, unsigned i)
{
	struct peer *p = all->v[i];

	switch (rand_below(&chaos_dice, 40)) {
	case 0:
		loopback_close(p->fd);
		peer_remove(all, i);
		return;
	case 1:
		loopback_abort(p->fd);
		peer_remove(all, i);
		return;
	case 2:
		loopback_shutdown(p->fd);
		return;
	case 3:
		h2_shutdown(p->s);
		return;
	case 4:
		h2_ping(p->s);
		return;
	case 5:
		loopback_window(p->fd, 1 + rand_below(&chaos_dice, 3000));
		return;
	case 6:
		p->keep = !p->keep;
		return;
	case 7:
		(void)!send(p->fd, some_bytes(50).ptr, rand_below(&chaos_dice, 50), MSG_DONTWAIT);
		return;
	default:
		if (rand_below(&chaos_dice, 2))
			act_on_stream(p);
		else if (p->server)
			answer(p);
		else
			ask(p);
		return;
	}
}

/* ---- ends of HTTP/1.1 ---- */

static void raw_act(struct chaos_ends *all, const char *const *texts, size_t n)
{
	unsigned i = all->n ? rand_below(&chaos_dice, all->n) : 0;
	const char *text = texts[rand_below(&chaos_dice, n)];

	if (!all->n)
		return;
	switch (rand_below(&chaos_dice, 8)) {
	case 0:
		loopback_close(all->v[i]);
		chaos_remove(all, i);
		return;
	case 1:
		loopback_shutdown(all->v[i]);
		return;
	case 2:
	case 3:
		(void)loopback_got(all->v[i]);
		return;
	default:
		chaos_put(all->v[i], text);
		return;
	}
}

static const char *const requests[] = {
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\nx-sum: 1\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
	"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nearly",
};

static const char *const answers[] = {
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\nx-back: 1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
	"HTTP/1.1 200 OK\r\n\r\nuntil the end",
	"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 204 N\r\n\r\n",
	"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
	"0\r\n\r\n",
};

/* ---- the course ---- */

static void take_connections(void)
{
	int fd;

	while ((fd = loopback_accept(r.origin)) >= 0) {
		if (up_h2)
			peer_add(&servers, fd, true);
		else
			chaos_add(&raw_servers, fd);
	}
}

static void step(void)
{
	take_connections();
	switch (rand_below(&chaos_dice, 10)) {
	case 0:
		if (clients.n < PEERS_MAX)
			peer_add(&clients, loopback_connect(RIG_LISTENER), false);
		break;
	case 1:
		chaos_add(&raw_clients, loopback_connect(RIG_LISTENER));
		break;
	case 2:
		raw_act(&raw_clients, requests, ARRAY_LEN(requests));
		break;
	case 3:
	case 4:
		raw_act(&raw_servers, answers, ARRAY_LEN(answers));
		break;
	case 5:
		if (rand_below(&chaos_dice, 12) == 0)
			rig_configure(&r, some_config());
		else if (rand_below(&chaos_dice, 3) == 0)
			rig_advance(&r, rand_below(&chaos_dice, 1500));
		break;
	case 6:
	case 7:
		if (servers.n)
			act(&servers, rand_below(&chaos_dice, servers.n));
		break;
	default:
		if (clients.n)
			act(&clients, rand_below(&chaos_dice, clients.n));
		break;
	}
	for (unsigned i = 0; i < clients.n; i++)
		peer_move(clients.v[i]);
	for (unsigned i = 0; i < servers.n; i++)
		peer_move(servers.v[i]);
	rig_run(&r);
}

static void end_all(void)
{
	while (clients.n) {
		loopback_close(clients.v[clients.n - 1]->fd);
		peer_remove(&clients, clients.n - 1);
	}
	while (servers.n) {
		loopback_close(servers.v[servers.n - 1]->fd);
		peer_remove(&servers, servers.n - 1);
	}
	chaos_leave(&raw_clients);
	chaos_leave(&raw_servers);
	rig_run(&r);
	chaos_turn_away(&r, &r.origin, 1);
}

static void one(uint64_t seed)
{
	chaos_dice = (struct rand){seed};
	up_h2 = seed & 1;
	rig_start(&r, some_config());
	for (int i = 0; i < STEPS; i++)
		step();
	end_all();
	chaos_nothing_held(&r, seed);
	rig_stop(&r);
}

int main(int argc, char **argv)
{
	return chaos_main(argc, argv, 60, one);
}
