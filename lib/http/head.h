/*
 * The head of an HTTP message, whatever the protocol on the wire: what codecs make of bytes and make bytes of, and what
 * everybody else reads and changes. Fields are views; their order and, where the peer's codec has it, their case is
 * kept. Pure.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <sys/types.h>

#include "base/slice.h"

/* Start line and fields together; as Envoy's max_request_headers_kb. Must fit 16 bits. */
#define HTTP_HEAD_MAX_BYTES 61440
/* Fields a peer may send in one head; as Envoy's max_headers_count. */
#define HTTP_FIELDS_MAX 100
/* Room for fields the proxy adds. */
#define HTTP_FIELDS_SPARE 44
/* Fields for which a head has room in itself. */
#define HTTP_FIELDS_FEW 10
/* Names in all Connection fields of one head: each is looked for among the fields, of which there are no more. */
#define HTTP_CONNECTION_NAMES_MAX 100
/* Fields behind the body, names and values. */
#define HTTP_TRAILERS_MAX_BYTES 8192

enum http_err {
	HTTP_OK = 0,
	HTTP_ERR_SYNTAX = -1,    /* start line, line ends, characters */
	HTTP_ERR_VERSION = -2,   /* not HTTP/1.x */
	HTTP_ERR_FIELD = -3,     /* name, colon, value, folding */
	HTTP_ERR_HOST = -4,      /* none, several or malformed */
	HTTP_ERR_LENGTH = -5,    /* Content-Length malformed or repeated */
	HTTP_ERR_FRAMING = -6,   /* Transfer-Encoding with Content-Length, or in HTTP/1.0 */
	HTTP_ERR_CODING = -7,    /* a transfer coding other than chunked */
	HTTP_ERR_CHUNK = -8,     /* chunk size, chunk end or trailers */
	HTTP_ERR_TOO_LARGE = -9, /* HTTP_HEAD_MAX_BYTES, HTTP_FIELDS_MAX or HTTP_CONNECTION_NAMES_MAX passed */
	HTTP_ERR_ANSWER =
		-10, /* a response that does not fit its request: 101 without an upgrade, interim ones without end */
	HTTP_ERR_BODY = -11, /* larger than its reader takes */
};

/* A short word for response code details and logs. */
const char *http_err_str(int err);

/* The status with which a server refuses a request that has this error: 400, 413, 431, 501. */
int http_err_status(int err);

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_PATCH,
	HTTP_CONNECT,
	HTTP_METHOD_OTHER
};

/* The method's number, or -1 for a known one in other letters: methods tell case apart, and not all servers do. */
int http_method_find(struct slice method);

enum http_version { HTTP_10, HTTP_11, HTTP_2 };
/* "HTTP/1.1", as logs and authorizers are told. */
const char *http_version_str(enum http_version v);

/* Names that somebody asks for, resolved once while parsing. */
enum http_name {
	HTTP_NAME_OTHER,
	HTTP_NAME_HOST,
	HTTP_NAME_CONTENT_LENGTH,
	HTTP_NAME_TRANSFER_ENCODING,
	HTTP_NAME_CONNECTION,
	HTTP_NAME_KEEP_ALIVE,
	HTTP_NAME_PROXY_CONNECTION,
	HTTP_NAME_TE,
	HTTP_NAME_TRAILER,
	HTTP_NAME_UPGRADE,
	HTTP_NAME_EXPECT,
	HTTP_NAME_DATE,
	HTTP_NAME_SERVER,
	HTTP_NAME_USER_AGENT,
	HTTP_NAME_ORIGIN,
	HTTP_NAME_COOKIE,
	HTTP_NAME_AUTHORIZATION,
	HTTP_NAME_CONTENT_TYPE,
	HTTP_NAME_LOCATION,
	HTTP_NAME_REQUEST_ID,      /* x-request-id */
	HTTP_NAME_FORWARDED_FOR,   /* x-forwarded-for */
	HTTP_NAME_FORWARDED_PROTO, /* x-forwarded-proto */
	HTTP_NAME_CLIENT_CERT,     /* x-forwarded-client-cert */
	HTTP_NAME_PEER_METADATA,
	HTTP_NAME_PEER_METADATA_ID,
	HTTP_NAME_ENVOY, /* any other x-envoy-... */
	HTTP_NAME_GRPC_STATUS,
	HTTP_NAME_COUNT
};

/* The name's number; case is ignored. */
enum http_name http_name_find(struct slice name);

struct http_field {
	const char *name; /* for a field from the wire: the start of its line */
	const char *value;
	uint16_t value_len;
	uint16_t name_len; /* 0 = removed */
	uint16_t line_len; /* bytes from name to the line's end, CRLF included; 0 = not from the wire */
	uint8_t id;        /* enum http_name */
};

/* Exchanges hold hundreds of them. */
_Static_assert(sizeof(struct http_field) == 24, "two pointers and eight bytes");
_Static_assert(HTTP_HEAD_MAX_BYTES <= UINT16_MAX, "lengths of what a head has fit their members");

static inline struct slice http_field_name(const struct http_field *f)
{
	return slice_make(f->name, f->name_len);
}

static inline struct slice http_field_value(const struct http_field *f)
{
	return slice_make(f->value, f->value_len);
}

struct buffers;

enum http_framing {
	HTTP_BODY_NONE,
	HTTP_BODY_LENGTH,
	HTTP_BODY_OPEN,  /* ends when the codec says so */
	HTTP_BODY_CLOSE, /* until the connection ends; responses only */
	HTTP_BODY_TUNNEL /* after CONNECT or an accepted upgrade: no HTTP any more */
};

/*
 * A message's head; zeroed, it is an empty one. Strings are views into the parsed bytes or of what the owner of the
 * message keeps alive. A head that got more fields than HTTP_FIELDS_FEW has memory besides, until http_head_done. It is
 * not copied by assignment.
 */
struct http_head {
	struct slice method, target; /* request */
	struct slice scheme;         /* request: where the codec has it; empty = as the connection */
	struct slice reason;         /* response */
	uint16_t status;             /* response */
	uint8_t method_id;           /* enum http_method */
	uint8_t version;             /* enum http_version */
	uint8_t framing;             /* enum http_framing */
	bool keep_alive;             /* the sender keeps the connection */
	bool expect_continue;
	bool upgrade;      /* Connection: upgrade with an Upgrade field */
	bool overflow;     /* a field could not be added: the head must not be sent */
	uint64_t length;   /* HTTP_BODY_LENGTH */
	uint32_t bytes;    /* of the head on the wire */
	uint32_t known;    /* bit 1 << id for each enum http_name that occurs */
	uint16_t n_fields; /* entries of fields in use, removed ones included */
	uint16_t room;     /* entries that there are; 0 = no field was added yet */
	struct http_field *fields;
	struct buffers *buffers; /* where further memory comes from; NULL = the heap */
	struct http_field few[HTTP_FIELDS_FEW];
};

/* Fields behind the body; further ones are dropped. */
#define HTTP_TRAILERS_MAX 64

struct http_trailers {
	size_t n;
	struct http_trailer {
		struct slice name, value;
	} v[HTTP_TRAILERS_MAX];
};

/* First live field of this id (not HTTP_NAME_OTHER) or name, or NULL. */
struct http_field *http_find_id(struct http_head *h, enum http_name id);
/* The first live field of this name, in any case, or NULL; valid until the head changes. */
struct http_field *http_find(struct http_head *h, struct slice name);

/* The value of the first live field, or the empty slice. */
struct slice http_get_id(const struct http_head *h, enum http_name id);

/* Removes all fields of the id or name. */
void http_remove_id(struct http_head *h, enum http_name id);
/* Removes all fields of the name, in any case. */
void http_remove(struct http_head *h, struct slice name);

/* Makes an empty head of memory that is not zeroed; the heap is where it would get more. */
void http_head_init(struct http_head *h);

/* Forgets all fields, to begin a head that is made here. */
void http_clear(struct http_head *h);

/* Forgets all fields and gives back the memory that they took. */
void http_head_done(struct http_head *h);

/* Makes room for one field more; NULL when a head has no more. Fields that were found before have moved. */
struct http_field *http_head_grow(struct http_head *h);

/*
 * A place behind the last field, which the caller fills in and counts in n_fields and known; NULL when there is no room
 * for more. Fields that were found before may have moved.
 */
static inline struct http_field *http_head_room(struct http_head *h)
{
	return h->n_fields < h->room ? &h->fields[h->n_fields] : http_head_grow(h);
}

/*
 * Adds a field; name and value must outlive the head. When HTTP_FIELDS_SPARE is used up, the name is none (empty), or
 * one of both is longer than 65,535 bytes, which no head has room for, h->overflow says so from then on: whoever sends
 * the head asks it once.
 */
void http_add(struct http_head *h, struct slice name, struct slice value);
/* The same for a name whose number is known. */
void http_add_id(struct http_head *h, enum http_name id, struct slice name, struct slice value);

/* Replaces all fields of this name by one, in the place of the first: how often is no matter of HTTP_FIELDS_SPARE. */
void http_set(struct http_head *h, struct slice name, struct slice value);

/* Whether the text can stand in a Host field: host and port as of RFC 3986, without user information. */
bool http_is_host(struct slice text);

/* Removes Connection, what it names, and the other fields that concern one hop only (RFC 9110 7.6.1). */
void http_remove_hop_fields(struct http_head *h);

/* The standard reason phrase, "" when unknown. */
const char *http_reason(int status);

#endif
