/* One field each. */
#include "proxy/core/http_options.h"

struct http_options http_options_of(const struct config_http *c)
{
	return (struct http_options){
		.max_streams = c->max_streams,
		.stream_window_bytes = c->stream_window,
		.conn_window_bytes = c->connection_window,
		.ping_interval_ms = c->ping_interval_ms,
		.ping_timeout_ms = c->ping_timeout_ms,
		.connect = c->connect,
		.trailers = c->trailers,
		.proper_case = c->proper_case,
	};
}
