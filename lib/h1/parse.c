/*
 * Heads. Lines end in CRLF and nothing else; a line is looked at twice, once for its end and once for its characters,
 * both many bytes at a time. Framing is decided here, once, so that nobody downstream can decide it differently.
 */
#include "h1/h1_internal.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifdef __SSE2__
/* Bit i: byte i must not stand in a value. */
static int bad_bytes(__m128i v)
{
	/* Unsigned v < 0x20 is min(v, 0x1f) == v. */
	__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
	__m128i tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
	__m128i del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));

	return _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del));
}

static int bad_of_16(const char *s)
{
	return bad_bytes(_mm_loadu_si128((const __m128i *)(const void *)s));
}

static int bad_of_8(const char *s)
{
	return bad_bytes(_mm_loadl_epi64((const __m128i *)(const void *)s)) & 0xff;
}
#endif

/* Field values: no control characters but the tab (RFC 9110 5.5). The last bytes are looked at together with some
 * before. */
static bool is_value(const char *s, size_t n)
{
	size_t i = 0;

#ifdef __SSE2__
	if (n >= 16) {
		for (; i + 16 < n; i += 16)
			if (bad_of_16(s + i))
				return false;
		return !bad_of_16(s + n - 16);
	}
	if (n >= 8)
		return !bad_of_8(s) && !bad_of_8(s + n - 8);
#endif
	for (; i < n; i++) {
		uint8_t c = (uint8_t)s[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool is_ows(char c)
{
	return c == ' ' || c == '\t';
}

int h1_parse_field(const char *line, size_t len, struct http_field *ret)
{
	size_t colon = 0, from, to = len;

	while (colon < len && (http_class[(uint8_t)line[colon]] & HTTP_CLASS_TOKEN))
		colon++;
	if (colon == 0 || colon == len || line[colon] != ':')
		return HTTP_ERR_FIELD;
	for (from = colon + 1; from < len && is_ows(line[from]);)
		from++;
	while (to > from && is_ows(line[to - 1]))
		to--;
	if (!is_value(line + from, to - from))
		return HTTP_ERR_FIELD;
	*ret = (struct http_field){.name = line,
				   .value = line + from,
				   .value_len = (uint16_t)(to - from),
				   .name_len = (uint16_t)colon,
				   .line_len = (uint16_t)(len + 2)};
	ret->id = http_name_find(http_field_name(ret));
	return 0;
}

/* "HTTP/1.0" or "HTTP/1.1". */
static int parse_version(const char *s, size_t len, uint8_t *ret_version)
{
	if (len != 8 || memcmp(s, "HTTP/", 5) != 0)
		return HTTP_ERR_SYNTAX;
	if (s[5] != '1' || s[6] != '.' || (s[7] != '0' && s[7] != '1'))
		return HTTP_ERR_VERSION;
	*ret_version = (uint8_t)(s[7] - '0');
	return 0;
}

static int parse_request_line(const char *line, size_t len, struct http_head *h)
{
	const char *space = memchr(line, ' ', len), *end = line + len, *last;
	int r, method;

	if (!space || len < 10)
		return HTTP_ERR_SYNTAX;
	last = end - 9;
	if (last <= space || *last != ' ')
		return HTTP_ERR_SYNTAX;
	r = parse_version(last + 1, 8, &h->version);
	if (r < 0)
		return r;
	h->method = slice_make(line, (size_t)(space - line));
	h->target = slice_make(space + 1, (size_t)(last - space - 1));
	if (!h->method.len || !h->target.len || !http_all_in_class(h->method.ptr, h->method.len, HTTP_CLASS_TOKEN) ||
	    !http_all_in_class(h->target.ptr, h->target.len, HTTP_CLASS_TARGET))
		return HTTP_ERR_SYNTAX;
	method = http_method_find(h->method);
	h->method_id = (uint8_t)method;
	return method < 0 ? HTTP_ERR_SYNTAX : 0;
}

static int parse_status_line(const char *line, size_t len, struct http_head *h)
{
	int r;

	if (len < 12 || line[8] != ' ')
		return HTTP_ERR_SYNTAX;
	r = parse_version(line, 8, &h->version);
	if (r < 0)
		return r;
	h->status = 0;
	for (int i = 9; i < 12; i++) {
		if (line[i] < '0' || line[i] > '9')
			return HTTP_ERR_SYNTAX;
		h->status = (uint16_t)(h->status * 10 + (line[i] - '0'));
	}
	if (h->status < 100 || h->status > 599 || (len > 12 && line[12] != ' '))
		return HTTP_ERR_SYNTAX;
	h->reason = len > 13 ? slice_make(line + 13, len - 13) : slice_make(line + 12, 0);
	return is_value(h->reason.ptr, h->reason.len) ? 0 : HTTP_ERR_SYNTAX;
}

/* Finds the next line; 0 with *ret_len, 1 when the end has not come yet, or an error. */
static int next_line(struct h1_parser *p, const char *buf, size_t len, size_t *ret_len)
{
	const char *lf = p->scan < len ? memchr(buf + p->scan, '\n', len - p->scan) : NULL;

	if (!lf) {
		p->scan = (uint32_t)len;
		return len > HTTP_HEAD_MAX_BYTES ? HTTP_ERR_TOO_LARGE : 1;
	}
	if (lf == buf + p->pos || lf[-1] != '\r')
		return HTTP_ERR_SYNTAX;
	*ret_len = (size_t)(lf - 1 - (buf + p->pos));
	p->scan = (uint32_t)(lf + 1 - buf);
	return p->scan > HTTP_HEAD_MAX_BYTES ? HTTP_ERR_TOO_LARGE : 0;
}

static int add_field(struct http_head *h, const char *line, size_t len)
{
	struct http_field *f = h->n_fields < HTTP_FIELDS_MAX ? http_head_room(h) : NULL;
	int r;

	if (!f)
		return HTTP_ERR_TOO_LARGE;
	r = h1_parse_field(line, len, f);
	if (r < 0)
		return r;
	h->known |= 1u << f->id;
	h->n_fields++;
	return 0;
}

/* Lines up to the empty one. Returns the head's length, 0, or an error. */
static ssize_t parse_lines(struct h1_parser *p, const char *buf, size_t len, struct http_head *h,
			   int (*start)(const char *line, size_t len, struct http_head *h))
{
	for (;;) {
		const char *line = buf + p->pos;
		size_t n;
		int r = next_line(p, buf, len, &n);

		if (r)
			return r == 1 ? 0 : r;
		if (!p->started) {
			http_clear(h);
			/* One empty line before a request is left over from a careless client (RFC 9112 2.2). */
			r = n == 0 && p->pos == 0 ? 0 : start(line, n, h);
			p->started = n > 0;
		} else if (n == 0) {
			h->bytes = p->scan;
			return p->scan;
		} else {
			r = add_field(h, line, n);
		}
		if (r < 0)
			return r;
		p->pos = p->scan;
	}
}

/* Whether a comma-separated list holds the token. */
static bool list_has(struct slice list, struct slice token)
{
	while (list.len)
		if (slice_eq_nocase(slice_trim(slice_split(&list, ',')), token))
			return true;
	return false;
}

static int parse_length(struct slice v, uint64_t *ret)
{
	return v.len == 0 || v.len > 18 || slice_to_u64(v, INT64_MAX, ret) < 0 ? HTTP_ERR_LENGTH : 0;
}

static int count_framing(struct http_head *h, int *ret_lengths, int *ret_codings)
{
	for (int i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];
		struct slice v = http_field_value(f);

		if (f->id == HTTP_NAME_CONTENT_LENGTH) {
			if (++*ret_lengths > 1 || parse_length(v, &h->length) < 0)
				return HTTP_ERR_LENGTH;
		} else if (f->id == HTTP_NAME_TRANSFER_ENCODING) {
			if (++*ret_codings > 1 || !slice_eq_nocase(v, SLICE("chunked")))
				return HTTP_ERR_CODING;
		}
	}
	return 0;
}

static int count_names(struct slice list)
{
	int n = 0;

	for (size_t i = 0; i < list.len; i++)
		n += list.ptr[i] == ',';
	return n + 1;
}

static int read_connection(struct http_head *h)
{
	int names = 0;

	h->keep_alive = h->version == 1;
	h->upgrade = false;
	h->expect_continue = false;
	if (!(h->known & (1u << HTTP_NAME_CONNECTION | 1u << HTTP_NAME_EXPECT)))
		return 0;
	for (int i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];
		struct slice v = http_field_value(f);

		if (f->id == HTTP_NAME_EXPECT)
			h->expect_continue = slice_eq_nocase(v, SLICE("100-continue"));
		if (f->id != HTTP_NAME_CONNECTION)
			continue;
		names += count_names(v);
		if (names > HTTP_CONNECTION_NAMES_MAX)
			return HTTP_ERR_TOO_LARGE;
		if (list_has(v, SLICE("close")))
			h->keep_alive = false;
		else if (h->version == 0 && list_has(v, SLICE("keep-alive")))
			h->keep_alive = true;
		if (list_has(v, SLICE("upgrade")))
			h->upgrade = h->known & (1u << HTTP_NAME_UPGRADE);
	}
	return 0;
}

static int decide_framing(struct http_head *h)
{
	int lengths = 0, codings = 0, r;

	h->framing = HTTP_BODY_NONE;
	h->length = 0;
	if (h->known & (1u << HTTP_NAME_CONTENT_LENGTH | 1u << HTTP_NAME_TRANSFER_ENCODING)) {
		r = count_framing(h, &lengths, &codings);
		if (r < 0)
			return r;
		if (codings && (lengths || h->version == 0))
			return HTTP_ERR_FRAMING;
		if (codings)
			h->framing = HTTP_BODY_OPEN;
		else
			h->framing = HTTP_BODY_LENGTH;
	}
	return read_connection(h);
}

static int check_host(const struct http_head *h)
{
	int hosts = 0;

	for (int i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];

		if (f->id == HTTP_NAME_HOST &&
		    (++hosts > 1 || !http_all_in_class(f->value, f->value_len, HTTP_CLASS_HOST)))
			return HTTP_ERR_HOST;
	}
	return hosts || h->version == 0 ? 0 : HTTP_ERR_HOST;
}

ssize_t h1_parse_request(struct h1_parser *p, const char *buf, size_t len, struct http_head *ret)
{
	ssize_t n = parse_lines(p, buf, len, ret, parse_request_line);
	int r;

	if (n <= 0)
		return n;
	r = check_host(ret);
	if (r == 0)
		r = decide_framing(ret);
	if (r < 0)
		return r;
	if (ret->framing == HTTP_BODY_LENGTH && ret->length == 0)
		ret->framing = HTTP_BODY_NONE;
	if (ret->method_id == HTTP_CONNECT) {
		if (ret->known & (1u << HTTP_NAME_CONTENT_LENGTH | 1u << HTTP_NAME_TRANSFER_ENCODING))
			return HTTP_ERR_FRAMING;
		ret->framing = HTTP_BODY_TUNNEL;
	}
	return n;
}

ssize_t h1_parse_response(struct h1_parser *p, const char *buf, size_t len, enum http_method request,
			  struct http_head *ret)
{
	ssize_t n = parse_lines(p, buf, len, ret, parse_status_line);
	int r;

	if (n <= 0)
		return n;
	r = decide_framing(ret);
	if (r < 0)
		return r;
	if (ret->status == 101 || (request == HTTP_CONNECT && ret->status / 100 == 2))
		ret->framing = HTTP_BODY_TUNNEL;
	else if (request == HTTP_HEAD || ret->status < 200 || ret->status == 204 || ret->status == 304)
		ret->framing = HTTP_BODY_NONE;
	else if (ret->framing == HTTP_BODY_LENGTH && ret->length == 0)
		ret->framing = HTTP_BODY_NONE;
	else if (ret->framing == HTTP_BODY_NONE)
		ret->framing = HTTP_BODY_CLOSE;
	if (ret->framing == HTTP_BODY_CLOSE)
		ret->keep_alive = false;
	return n;
}

int h1_parse_trailers(struct slice lines, struct http_trailers *ret)
{
	ret->n = 0;
	while (lines.len && ret->n < HTTP_TRAILERS_MAX) {
		ptrdiff_t end = slice_find(lines, '\n');
		struct http_field f;

		if (end < 1)
			break; /* the empty line */
		if (end > 1) {
			if (h1_parse_field(lines.ptr, (size_t)end - 1, &f) < 0)
				return HTTP_ERR_CHUNK;
			ret->v[ret->n++] = (struct http_trailer){http_field_name(&f), http_field_value(&f)};
		}
		lines = slice_from(lines, (size_t)end + 1);
	}
	return 0;
}
