/*
 * HTTP/1.1 messages without I/O (RFC 9112). A head is parsed in place: every field is a view into the receive buffer,
 * and a run of fields that nobody touched is written out again as one copy. What is doubtful is refused: a proxy that
 * guesses is a proxy that can be talked into splitting one request into two.
 */
#ifndef H1_H1_H
#define H1_H1_H

#include <sys/types.h>

#include "base/slice.h"

/* Start line and fields together; as Envoy's max_request_headers_kb. Must fit 16 bits. */
#define H1_HEAD_MAX_BYTES 61440
/* Fields a peer may send in one head; as Envoy's max_headers_count. */
#define H1_FIELDS_MAX 100
/* Room for fields the proxy adds. */
#define H1_FIELDS_SPARE 44
/* Chunk size line: digits and extensions. */
#define H1_CHUNK_LINE_MAX_BYTES 512
/* Names in all Connection fields of one head: each is looked for among the fields, of which there are no more. */
#define H1_CONNECTION_NAMES_MAX 100
#define H1_TRAILERS_MAX_BYTES 8192

enum h1_err {
	H1_OK = 0,
	H1_ERR_SYNTAX = -1,    /* start line, line ends, characters */
	H1_ERR_VERSION = -2,   /* not HTTP/1.x */
	H1_ERR_FIELD = -3,     /* name, colon, value, folding */
	H1_ERR_HOST = -4,      /* none, several or malformed */
	H1_ERR_LENGTH = -5,    /* Content-Length malformed or repeated */
	H1_ERR_FRAMING = -6,   /* Transfer-Encoding with Content-Length, or in HTTP/1.0 */
	H1_ERR_CODING = -7,    /* a transfer coding other than chunked */
	H1_ERR_CHUNK = -8,     /* chunk size, chunk end or trailers */
	H1_ERR_TOO_LARGE = -9, /* H1_HEAD_MAX_BYTES, H1_FIELDS_MAX or H1_CONNECTION_NAMES_MAX passed */
	H1_ERR_ANSWER =
		-10, /* a response that does not fit its request: 101 without an upgrade, interim ones without end */
};

/* "HPE_..."-like short word for response code details and logs. */
const char *h1_err_str(int err);

/* The status with which a server refuses a request that has this error: 400, 426, 431, 501. */
int h1_err_status(int err);

enum h1_method { H1_GET, H1_HEAD, H1_POST, H1_PUT, H1_DELETE, H1_OPTIONS, H1_PATCH, H1_CONNECT, H1_METHOD_OTHER };

/* Names that somebody asks for, resolved once while parsing. */
enum h1_name {
	H1_NAME_OTHER,
	H1_NAME_HOST,
	H1_NAME_CONTENT_LENGTH,
	H1_NAME_TRANSFER_ENCODING,
	H1_NAME_CONNECTION,
	H1_NAME_KEEP_ALIVE,
	H1_NAME_PROXY_CONNECTION,
	H1_NAME_TE,
	H1_NAME_TRAILER,
	H1_NAME_UPGRADE,
	H1_NAME_EXPECT,
	H1_NAME_DATE,
	H1_NAME_SERVER,
	H1_NAME_USER_AGENT,
	H1_NAME_ORIGIN,
	H1_NAME_COOKIE,
	H1_NAME_AUTHORIZATION,
	H1_NAME_CONTENT_TYPE,
	H1_NAME_LOCATION,
	H1_NAME_REQUEST_ID,      /* x-request-id */
	H1_NAME_FORWARDED_FOR,   /* x-forwarded-for */
	H1_NAME_FORWARDED_PROTO, /* x-forwarded-proto */
	H1_NAME_CLIENT_CERT,     /* x-forwarded-client-cert */
	H1_NAME_PEER_METADATA,
	H1_NAME_PEER_METADATA_ID,
	H1_NAME_ENVOY, /* any other x-envoy-... */
	H1_NAME_GRPC_STATUS,
	H1_NAME_COUNT
};

/* The name's number; case is ignored. */
enum h1_name h1_name_find(struct slice name);

struct h1_field {
	const char *name; /* for a field from the wire: the start of its line */
	const char *value;
	uint32_t value_len;
	uint16_t name_len; /* 0 = removed */
	uint16_t line_len; /* bytes from name to the line's end, CRLF included; 0 = not from the wire */
	uint8_t id;        /* enum h1_name */
};

static inline struct slice h1_field_name(const struct h1_field *f)
{
	return slice_make(f->name, f->name_len);
}

static inline struct slice h1_field_value(const struct h1_field *f)
{
	return slice_make(f->value, f->value_len);
}

enum h1_framing {
	H1_BODY_NONE,
	H1_BODY_LENGTH,
	H1_BODY_CHUNKED,
	H1_BODY_CLOSE, /* until the connection ends; responses only */
	H1_BODY_TUNNEL /* after CONNECT or an accepted upgrade: no HTTP any more */
};

/* A message's head. Strings are views into the parsed bytes or of what the owner of the message keeps alive. */
struct h1_head {
	struct slice method, target; /* request */
	struct slice reason;         /* response */
	uint16_t status;             /* response */
	uint8_t method_id;           /* enum h1_method */
	uint8_t minor;               /* HTTP/1.minor */
	uint8_t framing;             /* enum h1_framing */
	bool keep_alive;             /* the sender keeps the connection */
	bool expect_continue;
	bool upgrade;      /* Connection: upgrade with an Upgrade field */
	bool overflow;     /* a field could not be added: the head must not be sent */
	uint64_t length;   /* H1_BODY_LENGTH */
	uint32_t bytes;    /* of the head on the wire */
	uint32_t known;    /* bit 1 << id for each enum h1_name that occurs */
	uint16_t n_fields; /* entries of fields in use, removed ones included */
	struct h1_field fields[H1_FIELDS_MAX + H1_FIELDS_SPARE];
};

/* Where parsing stands between calls. Zeroed = at the start of a head. */
struct h1_parser {
	uint32_t pos;  /* start of the line that is read next */
	uint32_t scan; /* from here on no line end was looked for yet */
	bool started;  /* the start line is done */
};

/*
 * Parses a request head from all bytes received so far, buf[0..len); call again with more. The bytes must not have
 * moved between calls (else zero the parser). Returns the head's length, 0 when incomplete, or an enum h1_err.
 */
ssize_t h1_parse_request(struct h1_parser *p, const char *buf, size_t len, struct h1_head *ret);

/* As above for a response to a request of the given method; an interim (1xx) head has H1_BODY_NONE. */
ssize_t h1_parse_response(struct h1_parser *p, const char *buf, size_t len, enum h1_method request,
			  struct h1_head *ret);

/* Body of a message being received. */
struct h1_body {
	uint64_t left; /* of the length, or of the chunk */
	uint16_t line; /* bytes of the chunk size line or of the trailers so far */
	uint8_t framing;
	uint8_t state;
	bool done;
};

/* Begins a body of this framing; length counts for H1_BODY_LENGTH only. Nothing to free. */
void h1_body_init(struct h1_body *b, enum h1_framing framing, uint64_t length);

/*
 * Takes body bytes and finds the data in them: *ret_data is a view into buf (chunks are moved together in place).
 * Returns how many bytes of buf were consumed, or H1_ERR_CHUNK. b->done tells the end; what follows is not touched.
 */
ssize_t h1_body_decode(struct h1_body *b, char *buf, size_t len, struct slice *ret_data);

/* The connection has ended: 0 when that completes the body (H1_BODY_CLOSE, TUNNEL, or done), else H1_ERR_CHUNK. */
int h1_body_eof(struct h1_body *b);

/* First live field of this id (not H1_NAME_OTHER) or name, or NULL. */
struct h1_field *h1_find_id(struct h1_head *h, enum h1_name id);
/* The first live field of this name, in any case, or NULL; valid until the head changes. */
struct h1_field *h1_find(struct h1_head *h, struct slice name);

/* The value of the first live field, or the empty slice. */
struct slice h1_get_id(const struct h1_head *h, enum h1_name id);

/* Removes all fields of the id or name. */
void h1_remove_id(struct h1_head *h, enum h1_name id);
/* Removes all fields of the name, in any case. */
void h1_remove(struct h1_head *h, struct slice name);

/* Forgets all fields, to begin a head that is made here. */
void h1_clear(struct h1_head *h);

/*
 * Adds a field; name and value must outlive the head. When H1_FIELDS_SPARE is used up or the name is none (empty, or
 * longer than 65,535 bytes), h->overflow says so from then on: whoever sends the head asks it once.
 */
void h1_add(struct h1_head *h, struct slice name, struct slice value);

/* Replaces all fields of this name by one. */
void h1_set(struct h1_head *h, struct slice name, struct slice value);

/* Whether the text can stand in a Host field: host and port as of RFC 3986, without user information. */
bool h1_is_host(struct slice text);

/* Removes Connection, what it names, and the other fields that concern one hop only (RFC 9110 7.6.1). */
void h1_remove_hop_fields(struct h1_head *h);

/* Upper bound of what h1_write_* produce for this head. */
size_t h1_head_bound(const struct h1_head *h);

/* Write start line and live fields, without the empty line; return the end. out holds h1_head_bound() bytes. */
char *h1_write_request(char *out, const struct h1_head *h);
/* The same with the status line (RFC 9112, section 4). */
char *h1_write_response(char *out, const struct h1_head *h);

#define H1_CHUNK_HEAD_MAX 20
/* "1a2b\r\n"; returns the end. */
char *h1_write_chunk_head(char *out, size_t size);

/* The standard reason phrase, "" when unknown. */
const char *h1_reason(int status);

#endif
