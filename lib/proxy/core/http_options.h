/* What the configuration says of HTTP, in the words of connections. Pure. */
#ifndef PROXY_HTTP_OPTIONS_H
#define PROXY_HTTP_OPTIONS_H

#include "config/config.h"
#include "http/conn.h"

struct http_options http_options_of(const struct config_http *c);

#endif
