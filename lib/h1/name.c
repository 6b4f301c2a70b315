/* Known field names, methods, reason phrases: found by length first, so that most names cost one comparison. */
#include "h1/h1_internal.h"

#include "base/cleanup.h"

struct known {
	const char *name;
	uint8_t len, id;
};

#define KNOWN(text, id)                                                                                                \
	{                                                                                                              \
		text, sizeof(text) - 1, id                                                                             \
	}

/* In order of length; first[] below says where each length starts. */
static const struct known known[] = {
	KNOWN("te", H1_NAME_TE),
	KNOWN("host", H1_NAME_HOST),
	KNOWN("date", H1_NAME_DATE),
	KNOWN("cookie", H1_NAME_COOKIE),
	KNOWN("expect", H1_NAME_EXPECT),
	KNOWN("origin", H1_NAME_ORIGIN),
	KNOWN("server", H1_NAME_SERVER),
	KNOWN("upgrade", H1_NAME_UPGRADE),
	KNOWN("trailer", H1_NAME_TRAILER),
	KNOWN("location", H1_NAME_LOCATION),
	KNOWN("connection", H1_NAME_CONNECTION),
	KNOWN("keep-alive", H1_NAME_KEEP_ALIVE),
	KNOWN("user-agent", H1_NAME_USER_AGENT),
	KNOWN("grpc-status", H1_NAME_GRPC_STATUS),
	KNOWN("content-type", H1_NAME_CONTENT_TYPE),
	KNOWN("x-request-id", H1_NAME_REQUEST_ID),
	KNOWN("authorization", H1_NAME_AUTHORIZATION),
	KNOWN("content-length", H1_NAME_CONTENT_LENGTH),
	KNOWN("x-forwarded-for", H1_NAME_FORWARDED_FOR),
	KNOWN("proxy-connection", H1_NAME_PROXY_CONNECTION),
	KNOWN("transfer-encoding", H1_NAME_TRANSFER_ENCODING),
	KNOWN("x-forwarded-proto", H1_NAME_FORWARDED_PROTO),
	KNOWN("x-envoy-peer-metadata", H1_NAME_PEER_METADATA),
	KNOWN("x-forwarded-client-cert", H1_NAME_CLIENT_CERT),
	KNOWN("x-envoy-peer-metadata-id", H1_NAME_PEER_METADATA_ID),
};

#define LONGEST 24
/* Index of the first entry with at least this length. */
static const uint8_t first[LONGEST + 2] = {0,  0,  0,  1,  1,  3,  3,  7,  9,  10, 10, 13, 14,
					   16, 17, 18, 19, 20, 22, 22, 22, 22, 23, 23, 24, 25};

_Static_assert(ARRAY_LEN(known) == 25, "first[] must be kept in step");

enum h1_name h1_name_find(struct slice name)
{
	if (name.len <= LONGEST) {
		for (size_t i = first[name.len]; i < first[name.len + 1]; i++)
			if ((name.ptr[0] | 0x20) == known[i].name[0] &&
			    strncasecmp(name.ptr, known[i].name, name.len) == 0)
				return known[i].id;
	}
	if (name.len > 8 && (name.ptr[0] | 0x20) == 'x' && strncasecmp(name.ptr, "x-envoy-", 8) == 0)
		return H1_NAME_ENVOY;
	return H1_NAME_OTHER;
}

const char *h1_reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{100, "Continue"},
		{101, "Switching Protocols"},
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{206, "Partial Content"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{303, "See Other"},
		{304, "Not Modified"},
		{307, "Temporary Redirect"},
		{308, "Permanent Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{410, "Gone"},
		{413, "Payload Too Large"},
		{418, "I'm a teapot"},
		{421, "Misdirected Request"},
		{422, "Unprocessable Entity"},
		{426, "Upgrade Required"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "";
}

static const struct {
	const char *text;
	int status;
} errors[] = {
	[-H1_OK] = {"ok", 200},
	[-H1_ERR_SYNTAX] = {"http1.codec_error", 400},
	[-H1_ERR_VERSION] = {"http1.invalid_version", 400},
	[-H1_ERR_FIELD] = {"http1.invalid_header", 400},
	[-H1_ERR_HOST] = {"http1.invalid_host", 400},
	[-H1_ERR_LENGTH] = {"http1.invalid_content_length", 400},
	[-H1_ERR_FRAMING] = {"http1.content_length_and_chunked_not_allowed", 400},
	[-H1_ERR_CODING] = {"http1.invalid_transfer_encoding", 501},
	[-H1_ERR_CHUNK] = {"http1.invalid_chunk", 400},
	[-H1_ERR_TOO_LARGE] = {"http1.headers_too_large", 431},
	[-H1_ERR_ANSWER] = {"http1.unexpected_response", 502},
};

const char *h1_err_str(int err)
{
	return err <= 0 && (size_t)-err < ARRAY_LEN(errors) ? errors[-err].text : "unknown";
}

int h1_err_status(int err)
{
	return err <= 0 && (size_t)-err < ARRAY_LEN(errors) ? errors[-err].status : 400;
}
