/* Bytes are counted from time to time, so that long connections are seen while they last. */
#include "proxy/listener/tcp_internal.h"

#include "proxy/stream/access_log.h"
#include "proxy/stream/attributes.h"
#include "proxy/telemetry/self.h"
#include "proxy/upstream/cluster.h"

#define REPORT_NS (5LL * NS_PER_S)

static const struct stats_service *service_of(struct tcp *t)
{
	if (t->cluster && t->cluster->service)
		return t->cluster->service;
	return t->cluster ? stats_service_of_host(t->worker, slice_make("", 0), t->cluster->spec->name) : NULL;
}

static const char *server_principal(struct tcp *t)
{
	struct tls *tls = t->server.transport.tls;
	const struct tls_peer *peer = tls && t->server.open ? tls_peer(tls) : NULL;

	return peer && peer->uri ? stats_intern(t->worker, slice_str(peer->uri)) : NULL;
}

static void resolve_stats(struct tcp *t)
{
	const struct config *c = t->down->wc->config;
	const char *own = worker_principal(t->worker, c);
	struct stats_labels l = {.protocol = STATS_TCP, .flags = t->flags, .grpc_status = -1};

	l.inbound = t->down->inbound;
	l.service = service_of(t);
	if (l.inbound) {
		l.mutual_tls = t->down->principal != NULL;
		l.source = t->source;
		l.source_principal = t->down->principal_label;
		l.destination = worker_self(t->worker, c);
		l.destination_principal = l.mutual_tls ? own : NULL;
	} else {
		l.source = worker_self(t->worker, c);
		l.destination = t->destination ? t->destination : t->endpoint ? t->endpoint->peer : NULL;
		l.destination_principal = server_principal(t);
		l.source_principal = l.destination_principal ? own : NULL;
	}
	if (t->config->stats)
		attributes_tag(t->worker, NULL, t->config->stats->changes, &l);
	t->stats = stats_tcp(t->worker, &l);
}

static void report_bytes(struct tcp *t)
{
	struct flow *sent = &t->client.out, *received = &t->server.out;

	if (!t->stats)
		return;
	*t->stats->sent += sent->bytes - sent->reported;
	*t->stats->received += received->bytes - received->reported;
	sent->reported = sent->bytes;
	received->reported = received->bytes;
}

static void on_report(struct timer *timer)
{
	struct tcp *t = CONTAINER_OF(timer, struct tcp, report);

	report_bytes(t);
	timer_start_ns(t->worker->loop, timer, t->config->stats->tcp_reporting_ns, on_report);
}

void tcp_count_opened(struct tcp *t)
{
	const struct filter_stats *s = t->config->stats;

	if (t->opened || !s || t->early)
		return;
	t->opened = true;
	resolve_stats(t);
	++*t->stats->opened;
	timer_start_ns(t->worker->loop, &t->report, s->tcp_reporting_ns ? s->tcp_reporting_ns : REPORT_NS, on_report);
}

void tcp_count_closed(struct tcp *t)
{
	if (!t->config->stats || !t->client.open)
		return;
	tcp_count_opened(t);
	report_bytes(t);
	if (t->flags)
		resolve_stats(t);
	++*t->stats->closed;
}

void tcp_write_log(struct tcp *t)
{
	struct transport *server = &t->server.transport;

	access_log_connection(&(struct access_log_connection){
		.down = t->down,
		.logs = t->config->logs,
		.n_logs = t->config->n_logs,
		.cluster = t->cluster,
		.endpoint = t->endpoint,
		.flags = t->flags,
		.received = t->server.out.bytes,
		.sent = t->client.out.bytes,
		.failure = server->state == TRANSPORT_FAILED ? transport_error(server) : NULL,
	});
}
