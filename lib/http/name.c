/* Known field names, methods, reason phrases: found by length first, so that most names cost one comparison. */
#include "http/head.h"

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
	KNOWN("te", HTTP_NAME_TE),
	KNOWN("host", HTTP_NAME_HOST),
	KNOWN("date", HTTP_NAME_DATE),
	KNOWN("cookie", HTTP_NAME_COOKIE),
	KNOWN("expect", HTTP_NAME_EXPECT),
	KNOWN("origin", HTTP_NAME_ORIGIN),
	KNOWN("server", HTTP_NAME_SERVER),
	KNOWN("upgrade", HTTP_NAME_UPGRADE),
	KNOWN("trailer", HTTP_NAME_TRAILER),
	KNOWN("location", HTTP_NAME_LOCATION),
	KNOWN("connection", HTTP_NAME_CONNECTION),
	KNOWN("keep-alive", HTTP_NAME_KEEP_ALIVE),
	KNOWN("user-agent", HTTP_NAME_USER_AGENT),
	KNOWN("grpc-status", HTTP_NAME_GRPC_STATUS),
	KNOWN("content-type", HTTP_NAME_CONTENT_TYPE),
	KNOWN("x-request-id", HTTP_NAME_REQUEST_ID),
	KNOWN("authorization", HTTP_NAME_AUTHORIZATION),
	KNOWN("content-length", HTTP_NAME_CONTENT_LENGTH),
	KNOWN("x-forwarded-for", HTTP_NAME_FORWARDED_FOR),
	KNOWN("proxy-connection", HTTP_NAME_PROXY_CONNECTION),
	KNOWN("transfer-encoding", HTTP_NAME_TRANSFER_ENCODING),
	KNOWN("x-forwarded-proto", HTTP_NAME_FORWARDED_PROTO),
	KNOWN("x-envoy-peer-metadata", HTTP_NAME_PEER_METADATA),
	KNOWN("x-forwarded-client-cert", HTTP_NAME_CLIENT_CERT),
	KNOWN("x-envoy-peer-metadata-id", HTTP_NAME_PEER_METADATA_ID),
};

#define LONGEST 24
/* Index of the first entry with at least this length. */
static const uint8_t first[LONGEST + 2] = {0,  0,  0,  1,  1,  3,  3,  7,  9,  10, 10, 13, 14,
					   16, 17, 18, 19, 20, 22, 22, 22, 22, 23, 23, 24, 25};

_Static_assert(ARRAY_LEN(known) == 25, "first[] must be kept in step");

static bool same_eight(const char *name, const char *word)
{
	uint64_t a, b;

	memcpy(&a, name, sizeof(a));
	memcpy(&b, word, sizeof(b));
	return (a | 0x2020202020202020) == b;
}

/* word has letters and hyphens alone, so one bit more or less is all that tells letters of either case apart. */
static bool same(const char *name, const char *word, size_t n)
{
	size_t i = 0;

	if (n < sizeof(uint64_t)) {
		for (; i < n; i++)
			if ((name[i] | 0x20) != word[i])
				return false;
		return true;
	}
	for (; i + sizeof(uint64_t) < n; i += sizeof(uint64_t))
		if (!same_eight(name + i, word + i))
			return false;
	return same_eight(name + n - sizeof(uint64_t), word + n - sizeof(uint64_t));
}

enum http_name http_name_find(struct slice name)
{
	if (name.len <= LONGEST) {
		for (size_t i = first[name.len]; i < first[name.len + 1]; i++)
			if ((name.ptr[0] | 0x20) == known[i].name[0] && same(name.ptr, known[i].name, name.len))
				return known[i].id;
	}
	if (name.len > 8 && (name.ptr[0] | 0x20) == 'x' && strncasecmp(name.ptr, "x-envoy-", 8) == 0)
		return HTTP_NAME_ENVOY;
	return HTTP_NAME_OTHER;
}

const char *http_version_str(enum http_version v)
{
	static const char *const names[] = {[HTTP_10] = "HTTP/1.0", [HTTP_11] = "HTTP/1.1", [HTTP_2] = "HTTP/2"};

	return names[v];
}

int http_method_find(struct slice m)
{
	static const struct {
		struct slice name;
		uint8_t id;
	} methods[] = {
		{{"GET", 3}, HTTP_GET},     {{"POST", 4}, HTTP_POST},       {{"HEAD", 4}, HTTP_HEAD},
		{{"PUT", 3}, HTTP_PUT},     {{"DELETE", 6}, HTTP_DELETE},   {{"OPTIONS", 7}, HTTP_OPTIONS},
		{{"PATCH", 5}, HTTP_PATCH}, {{"CONNECT", 7}, HTTP_CONNECT},
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (slice_eq_nocase(m, methods[i].name))
			return slice_eq(m, methods[i].name) ? methods[i].id : -1;
	return HTTP_METHOD_OTHER;
}

const char *http_reason(int status)
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
		{406, "Not Acceptable"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{410, "Gone"},
		{411, "Length Required"},
		{413, "Payload Too Large"},
		{415, "Unsupported Media Type"},
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
	[-HTTP_OK] = {"ok", 200},
	[-HTTP_ERR_SYNTAX] = {"http1.codec_error", 400},
	[-HTTP_ERR_VERSION] = {"http1.invalid_version", 400},
	[-HTTP_ERR_FIELD] = {"http1.invalid_header", 400},
	[-HTTP_ERR_HOST] = {"http1.invalid_host", 400},
	[-HTTP_ERR_LENGTH] = {"http1.invalid_content_length", 400},
	[-HTTP_ERR_FRAMING] = {"http1.content_length_and_chunked_not_allowed", 400},
	[-HTTP_ERR_CODING] = {"http1.invalid_transfer_encoding", 501},
	[-HTTP_ERR_CHUNK] = {"http1.invalid_chunk", 400},
	[-HTTP_ERR_TOO_LARGE] = {"http1.headers_too_large", 431},
	[-HTTP_ERR_ANSWER] = {"http1.unexpected_response", 502},
	[-HTTP_ERR_BODY] = {"request_payload_too_large", 413},
};

const char *http_err_str(int err)
{
	return err <= 0 && (size_t)-err < ARRAY_LEN(errors) ? errors[-err].text : "unknown";
}

int http_err_status(int err)
{
	return err <= 0 && (size_t)-err < ARRAY_LEN(errors) ? errors[-err].status : 400;
}
