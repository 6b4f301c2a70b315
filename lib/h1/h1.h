/*
 * HTTP/1.1 messages without I/O (RFC 9112). A head is parsed in place: every field is a view into the receive buffer,
 * and a run of fields that nobody touched is written out again as one copy. What is doubtful is refused: a proxy that
 * guesses is a proxy that can be talked into splitting one request into two.
 */
#ifndef H1_H1_H
#define H1_H1_H

#include "base/buf.h"
#include "http/head.h"

/* Chunk size line: digits and extensions. */
#define H1_CHUNK_LINE_MAX_BYTES 512
/* Where parsing stands between calls. Zeroed = at the start of a head. */
struct h1_parser {
	uint32_t pos;  /* start of the line that is read next */
	uint32_t scan; /* from here on no line end was looked for yet */
	bool started;  /* the start line is done */
};

/*
 * Parses a request head from all bytes received so far, buf[0..len); call again with more. The bytes must not have
 * moved between calls (else zero the parser). Returns the head's length, 0 when incomplete, or an enum http_err.
 */
ssize_t h1_parse_request(struct h1_parser *p, const char *buf, size_t len, struct http_head *ret);

/* As above for a response to a request of the given method; an interim (1xx) head has HTTP_BODY_NONE. */
ssize_t h1_parse_response(struct h1_parser *p, const char *buf, size_t len, enum http_method request,
			  struct http_head *ret);

/* Body of a message being received. */
struct h1_body {
	struct buf *trailers; /* where their lines are put, borrowed; NULL = nobody wants them */
	uint64_t left;        /* of the length, or of the chunk */
	uint16_t line;        /* bytes of the chunk size line or of the trailers so far */
	uint8_t framing;
	uint8_t state;
	bool done;
};

/* Begins a body of this framing; length counts for HTTP_BODY_LENGTH only. Nothing to free. */
void h1_body_init(struct h1_body *b, enum http_framing framing, uint64_t length);

/*
 * Takes body bytes and finds the data in them: *ret_data is a view into buf (chunks are moved together in place).
 * Returns how many bytes of buf were consumed, or HTTP_ERR_CHUNK. b->done tells the end; what follows is not touched.
 */
ssize_t h1_body_decode(struct h1_body *b, char *buf, size_t len, struct slice *ret_data);

/* The connection has ended: 0 when that completes the body (HTTP_BODY_CLOSE, TUNNEL, or done), else HTTP_ERR_CHUNK. */
int h1_body_eof(struct h1_body *b);

/* Upper bound of what h1_write_* produce for this head. */
size_t h1_head_bound(const struct http_head *h);

/* Write start line and live fields, without the empty line; return the end. out holds h1_head_bound() bytes. */
char *h1_write_request(char *out, const struct http_head *h);
/* The same with the status line (RFC 9112, section 4). */
char *h1_write_response(char *out, const struct http_head *h);

/* In a written head or trailers, names as many write them: "x-my_own-name" becomes "X-My_Own-Name". The first line up
 * to its CRLF is left alone. */
void h1_proper_case(char *from, char *end);

/* Makes fields of the lines that were kept; views into them. 0 or an enum http_err. */
int h1_parse_trailers(struct slice lines, struct http_trailers *ret);

#define H1_CHUNK_HEAD_MAX 20
/* "1a2b\r\n"; returns the end. */
char *h1_write_chunk_head(char *out, size_t size);

#endif
