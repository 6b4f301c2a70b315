/* libwebsockets' context, its ports, and the thread that serves them. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "console/server/server_internal.h"

/* What libwebsockets keeps for the heads of requests that are being read at one time. */
#define HEADS_AT_ONCE 32

static const struct lws_protocols protocols[] = {
	{.name = "http", .callback = server_callback, .per_session_data_size = sizeof(void *), .rx_buffer_size = 4096},
	{.name = NULL},
};

static void on_log(int level, const char *line)
{
	const size_t len = strcspn(line, "\n");

	if (level & LLL_ERR)
		log_warn("console", "libwebsockets: %.*s", (int)len, line);
	else
		log_debug("console", "libwebsockets: %.*s", (int)len, line);
}

static void *serve(void *arg)
{
	struct console_server *s = arg;

	while (!atomic_load(&s->stop))
		if (lws_service(s->context, 0) < 0)
			break;
	return NULL;
}

static int listen_all(struct console_server *s, struct err *e)
{
	static const char *const names[SERVER_PORTS_MAX] = {"0", "1", "2", "3", "4", "5"};
	const bool v6 = strchr(s->params.host, ':') != NULL;
	const bool any = strcmp(s->params.host, "0.0.0.0") == 0 || strcmp(s->params.host, "::") == 0;

	for (size_t i = 0; i < s->params.n_ports; i++) {
		struct lws_context_creation_info info = {
			.port = s->params.ports[i],
			.iface = any ? NULL : s->params.host,
			.protocols = protocols,
			.vhost_name = names[i],
			.options =
				LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | (v6 ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6),
			.keepalive_timeout = SERVER_IDLE_S,
			.timeout_secs = 20,
		};

		s->vhosts[i] = lws_create_vhost(s->context, &info);
		if (!s->vhosts[i])
			return err_set(e, -EADDRINUSE, "cannot listen on %s:%u: is another program there?",
				       s->params.host, s->params.ports[i]);
	}
	return 0;
}

static int start(struct console_server *s, struct err *e)
{
	const struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
		.fd_limit_per_thread = SERVER_CONNECTIONS_MAX,
		.max_http_header_data = (unsigned short)SERVER_HEAD_MAX_BYTES,
		.max_http_header_pool = HEADS_AT_ONCE,
		.pt_serv_buf_size = 16384,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.user = s,
	};
	int r;

	lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
	s->context = lws_create_context(&info);
	if (!s->context)
		return err_set(e, -ENOMEM, "libwebsockets has no context to give");
	r = listen_all(s, e);
	if (r < 0)
		return r;
	r = pthread_create(&s->thread, NULL, serve, s);
	if (r)
		return err_errno(e, r, "the thread of HTTP");
	s->started = true;
	return 0;
}

struct console_server *console_server_new(struct loop *l, const struct console_server_params *p, struct err *e)
{
	struct console_server *s = NEW(struct console_server);

	s->loop = l;
	s->params = *p;
	list_init(&s->answered);
	list_init(&s->live);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->live_lock, NULL);
	if (start(s, e) == 0)
		return s;
	console_server_free(s);
	return NULL;
}

void console_server_free(struct console_server *s)
{
	if (!s)
		return;
	if (s->started) {
		atomic_store(&s->stop, true);
		lws_cancel_service(s->context);
		pthread_join(s->thread, NULL);
	}
	if (s->context)
		lws_context_destroy(s->context);
	while (!list_empty(&s->live))
		server_exchange_free(LIST_FIRST(&s->live, struct exchange_wire, live)->x);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->live_lock);
	free(s);
}

uint16_t console_server_port(const struct console_server *s, unsigned port)
{
	return (uint16_t)lws_get_vhost_listen_port(s->vhosts[port]);
}

struct server_counts console_server_counts(const struct console_server *s)
{
	return (struct server_counts){
		.requests = atomic_load(&s->requests),
		.refused = atomic_load(&s->refused),
		.dropped_pushes = atomic_load(&s->dropped_pushes),
	};
}
