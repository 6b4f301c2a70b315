/* Protocol names and detection. The table is the whole knowledge; a prefix counts only up to the first dash. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "mesh/protocol.h"

#include "base/cleanup.h"

static const char *const names[PROTOCOL_COUNT] = {
	[PROTOCOL_AUTO] = "UnsupportedProtocol",
	[PROTOCOL_TCP] = "TCP",
	[PROTOCOL_UDP] = "UDP",
	[PROTOCOL_HTTP] = "HTTP",
	[PROTOCOL_HTTP2] = "HTTP2",
	[PROTOCOL_GRPC] = "GRPC",
	[PROTOCOL_GRPC_WEB] = "GRPC-Web",
	[PROTOCOL_HTTPS] = "HTTPS",
	[PROTOCOL_TLS] = "TLS",
	[PROTOCOL_MONGO] = "Mongo",
	[PROTOCOL_REDIS] = "Redis",
	[PROTOCOL_MYSQL] = "MySQL",
};

int protocol_parse(const char *name, enum protocol *ret)
{
	for (int i = PROTOCOL_TCP; name && i < PROTOCOL_COUNT; i++) {
		if (strcasecmp(name, names[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *protocol_str(enum protocol p)
{
	return names[p];
}

static int parse_app_protocol(const char *app, enum protocol *ret)
{
	if (!app)
		return -EINVAL;
	if (strcasecmp(app, "kubernetes.io/h2c") == 0) {
		*ret = PROTOCOL_HTTP2;
		return 0;
	}
	return protocol_parse(app, ret);
}

static int parse_port_name(const char *name, enum protocol *ret)
{
	char prefix[16];
	const char *dash;
	size_t n;

	if (!name)
		return -EINVAL;
	if (strncasecmp(name, "grpc-web", 8) == 0 && (name[8] == 0 || name[8] == '-')) {
		*ret = PROTOCOL_GRPC_WEB;
		return 0;
	}
	dash = strchr(name, '-');
	n = dash ? (size_t)(dash - name) : strlen(name);
	if (n >= sizeof(prefix))
		return -EINVAL;
	memcpy(prefix, name, n);
	prefix[n] = 0;
	return protocol_parse(prefix, ret);
}

static bool server_first_port(uint16_t port)
{
	return port == 25 || port == 53 || port == 3306 || port == 27017;
}

enum protocol protocol_detect(const char *app_protocol, const char *name, const char *transport, uint16_t port)
{
	enum protocol p;

	if (transport && strcasecmp(transport, "UDP") == 0)
		return PROTOCOL_UDP;
	if (parse_app_protocol(app_protocol, &p) == 0)
		return p;
	if (parse_port_name(name, &p) == 0)
		return p;
	return server_first_port(port) ? PROTOCOL_TCP : PROTOCOL_AUTO;
}

bool protocol_is_http(enum protocol p)
{
	return p == PROTOCOL_HTTP || protocol_is_http2(p);
}

bool protocol_may_be_http(enum protocol p)
{
	return p == PROTOCOL_AUTO || protocol_is_http(p);
}

bool protocol_is_http2(enum protocol p)
{
	return p == PROTOCOL_HTTP2 || p == PROTOCOL_GRPC || p == PROTOCOL_GRPC_WEB;
}

bool protocol_is_tls(enum protocol p)
{
	return p == PROTOCOL_HTTPS || p == PROTOCOL_TLS;
}

int protocol_grpc_status(const char *name)
{
	static const char *const codes[] = {
		"OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
		"NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
		"ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
		"DATA_LOSS", "UNAUTHENTICATED",
	};

	_Static_assert(ARRAY_LEN(codes) == PROTOCOL_GRPC_STATUS_MAX + 1, "every code has its name");
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcmp(name, codes[i]) == 0)
			return (int)i;
	return -1;
}
