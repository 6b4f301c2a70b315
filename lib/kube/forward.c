/*
 * The session: an upgrade of HTTP/1.1, then two streams for the one connection, as kubectl opens them: one for what
 * goes wrong, one for bytes. libcurl connects and speaks TLS.
 */
#include "kube/forward_internal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#define TIMEOUT_MS 30000
#define HEAD_MAX_BYTES 65536
#define CHUNK_BYTES 32768
#define ERROR_STREAM 1

static void on_data(void *arg, uint32_t id, struct slice bytes, bool fin)
{
	struct forwarding *f = arg;
	struct buf *to = id == ERROR_STREAM ? &f->complaint : &f->answer;

	if (to->len + bytes.len > FORWARD_ANSWER_MAX_BYTES)
		f->too_long = true;
	else
		buf_append_slice(to, bytes);
	f->over |= fin && id == FORWARD_DATA_STREAM;
}

static void on_reset(void *arg, uint32_t id, uint32_t status)
{
	struct forwarding *f = arg;

	(void)id, (void)status;
	f->over = true;
}

static const struct spdy_ops ops = {.on_data = on_data, .on_reset = on_reset};

/* --- the connection --- */

static void set_blob(CURL *easy, CURLoption option, const char *text)
{
	struct curl_blob blob = {(void *)(uintptr_t)text, strlen(text), CURL_BLOB_COPY};

	curl_easy_setopt(easy, option, &blob);
}

static int connect_server(struct forwarding *f, struct err *e)
{
	const struct kube_config *cfg = f->cfg;
	CURLcode r;

	f->easy = curl_easy_init();
	if (!f->easy)
		return err_set(e, -ENOMEM, "no memory");
	curl_easy_setopt(f->easy, CURLOPT_URL, cfg->server);
	curl_easy_setopt(f->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(f->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(f->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(f->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(f->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(f->easy, CURLOPT_ERRORBUFFER, f->curl_error);
	curl_easy_setopt(f->easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
	curl_easy_setopt(f->easy, CURLOPT_SSL_VERIFYPEER, cfg->insecure ? 0L : 1L);
	curl_easy_setopt(f->easy, CURLOPT_SSL_VERIFYHOST, cfg->insecure ? 0L : 2L);
	curl_easy_setopt(f->easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (cfg->ca_pem)
		set_blob(f->easy, CURLOPT_CAINFO_BLOB, cfg->ca_pem);
	if (cfg->cert_pem && cfg->key_pem) {
		set_blob(f->easy, CURLOPT_SSLCERT_BLOB, cfg->cert_pem);
		set_blob(f->easy, CURLOPT_SSLKEY_BLOB, cfg->key_pem);
	}
	r = curl_easy_perform(f->easy);
	return r == CURLE_OK ? 0
			     : err_set(e, -EIO, "%s: %s", cfg->server,
				       *f->curl_error ? f->curl_error : curl_easy_strerror(r));
}

/* Waits until the socket can be read, or written. */
static int wait_for(struct forwarding *f, short events, struct err *e)
{
	const int64_t left_ms = (f->until_ns - clock_mono_ns()) / NS_PER_MS;
	curl_socket_t fd;
	struct pollfd p = {.events = events};

	if (curl_easy_getinfo(f->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD)
		return err_set(e, -EIO, "the API server has gone");
	p.fd = fd;
	if (left_ms <= 0 || poll(&p, 1, (int)left_ms) == 0)
		return err_set(e, -ETIMEDOUT, "no answer in time");
	return 0;
}

static int send_all(struct forwarding *f, struct slice bytes, struct err *e)
{
	while (bytes.len) {
		size_t n = 0;
		const CURLcode r = curl_easy_send(f->easy, bytes.ptr, bytes.len, &n);

		if (r != CURLE_OK && r != CURLE_AGAIN)
			return err_set(e, -EIO, "the API server has gone: %s", curl_easy_strerror(r));
		if (r == CURLE_AGAIN && wait_for(f, POLLOUT, e) < 0)
			return -ETIMEDOUT;
		bytes = slice_from(bytes, n);
	}
	return 0;
}

/* Appends what has come; waits for some. 0 also at the end, when nothing is appended. */
static int receive(struct forwarding *f, struct buf *out, struct err *e)
{
	char *chunk = buf_reserve(out, CHUNK_BYTES);

	for (;;) {
		size_t n = 0;
		const CURLcode r = curl_easy_recv(f->easy, chunk, CHUNK_BYTES, &n);

		if (r == CURLE_OK) {
			out->len += n;
			return 0;
		}
		if (r != CURLE_AGAIN)
			return err_set(e, -EIO, "the API server has gone: %s", curl_easy_strerror(r));
		if (wait_for(f, POLLIN, e) < 0)
			return -ETIMEDOUT;
	}
}

/* --- the upgrade --- */

/* The length of a head with its empty line; 0 while it is not whole. */
static size_t head_length(const struct buf *b)
{
	const char *end = b->len ? memmem(b->ptr, b->len, "\r\n\r\n", 4) : NULL;

	return end ? (size_t)(end - b->ptr) + 4 : 0;
}

static int status_of(const struct buf *b)
{
	uint64_t status = 0;

	if (b->len > 12 && !memcmp(b->ptr, "HTTP/1.", 7))
		slice_to_u64(slice_make(b->ptr + 9, 3), 999, &status);
	return (int)status;
}

static int refused(int status, const struct buf *answer, size_t head, struct err *e)
{
	const int shown = (int)(answer->len - head > 300 ? 300 : answer->len - head);

	return err_set(e,
		       status == 403   ? -EACCES
		       : status == 404 ? -ENOENT
				       : -EIO,
		       "port-forward: the API server answers %d: %.*s", status, shown, answer->ptr + head);
}

/* The file's token wins, as it is renewed. */
static void add_token(const struct kube_config *cfg, struct buf *head)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct slice token = slice_str(cfg->token);

	if (cfg->token_file && file_read(cfg->token_file, KUBE_TOKEN_MAX_BYTES, &text, NULL) == 0)
		token = slice_head(buf_slice(&text), strcspn(buf_str(&text), "\r\n"));
	if (token.len)
		buf_printf(head, "Authorization: Bearer %.*s\r\n", SLICE_ARG(token));
	if (text.len)
		explicit_bzero(text.ptr, text.len);
}

static int upgrade(struct forwarding *f, struct buf *rest, struct err *e)
{
	const char *host = strstr(f->cfg->server, "://");
	CLEANUP(buf_done) struct buf head = BUF_INIT;
	size_t n = 0;
	int r;

	buf_printf(&head,
		   "POST /api/v1/namespaces/%s/pods/%s/portforward HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\n"
		   "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\nContent-Length: 0\r\n",
		   f->rq->ns, f->rq->pod, host ? host + 3 : f->cfg->server);
	add_token(f->cfg, &head);
	buf_append_str(&head, "\r\n");
	r = send_all(f, buf_slice(&head), e);
	explicit_bzero(head.ptr, head.len);
	while (r == 0 && !(n = head_length(rest))) {
		const size_t before = rest->len;

		r = receive(f, rest, e);
		if (r == 0 && (rest->len == before || rest->len > HEAD_MAX_BYTES))
			r = err_set(e, -EPROTO, "the API server ends in the middle of a head");
	}
	if (r == 0 && status_of(rest) != 101)
		r = refused(status_of(rest), rest, n, e);
	if (r == 0)
		buf_consume(rest, n);
	return r;
}

/* --- the streams --- */

static void open_streams(struct forwarding *f)
{
	char port[8];

	snprintf(port, sizeof(port), "%u", f->rq->port);
	const struct spdy_header headers[][3] = {
		{{SLICE("streamtype"), SLICE("error")},
		 {SLICE("port"), slice_str(port)},
		 {SLICE("requestid"), SLICE("0")}},
		{{SLICE("streamtype"), SLICE("data")},
		 {SLICE("port"), slice_str(port)},
		 {SLICE("requestid"), SLICE("0")}},
	};

	spdy_open(f->spdy, ERROR_STREAM, headers[0], 3, true);
	spdy_open(f->spdy, FORWARD_DATA_STREAM, headers[1], 3, false);
}

static void send_request(struct forwarding *f)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_printf(&b, "%s %s HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		   f->rq->method ? f->rq->method : "GET", f->rq->path, f->rq->port);
	spdy_send(f->spdy, FORWARD_DATA_STREAM, buf_slice(&b), false);
}

int forward_begin(struct forwarding *f, struct buf *in, struct err *e)
{
	int r;

	f->spdy = spdy_new(&ops, f);
	r = connect_server(f, e);
	if (r == 0)
		r = upgrade(f, in, e);
	if (r == 0)
		open_streams(f);
	return r;
}

void forward_end(struct forwarding *f)
{
	spdy_free(f->spdy);
	curl_easy_cleanup(f->easy);
	buf_done(&f->answer);
	buf_done(&f->complaint);
}

int forward_flush(struct forwarding *f, struct err *e)
{
	const int r = send_all(f, buf_slice(spdy_out(f->spdy)), e);

	buf_clear(spdy_out(f->spdy));
	return r;
}

int forward_read(struct forwarding *f, struct buf *in, struct err *e)
{
	char *chunk = buf_reserve(in, CHUNK_BYTES);
	size_t n = 0;
	const CURLcode r = curl_easy_recv(f->easy, chunk, CHUNK_BYTES, &n);

	if (r == CURLE_AGAIN)
		return 0;
	if (r != CURLE_OK || !n)
		return err_set(e, -EIO, "the API server has gone: %s", curl_easy_strerror(r));
	in->len += n;
	return 1;
}

int forward_complaint(const struct forwarding *f, struct err *e)
{
	if (!f->complaint.len)
		return 0;
	return err_set(e, -ECONNREFUSED, "port-forward to %s/%s:%u: %.*s", f->rq->ns, f->rq->pod, f->rq->port,
		       (int)(f->complaint.len > 300 ? 300 : f->complaint.len), f->complaint.ptr);
}

static int exchange(struct forwarding *f, struct buf *in, struct err *e)
{
	int r = 0;

	send_request(f);
	while (r == 0 && !f->over && !f->complaint.len && !f->too_long) {
		r = forward_flush(f, e);
		if (r == 0 && !in->len)
			r = receive(f, in, e);
		if (r == 0 && !in->len)
			break;
		if (r == 0)
			r = spdy_feed(f->spdy, buf_slice(in), e);
		buf_clear(in);
	}
	if (r < 0)
		return r;
	if (f->too_long)
		return err_set(e, -EMSGSIZE, "the answer has more than %u bytes", FORWARD_ANSWER_MAX_BYTES);
	return f->answer.len ? 0 : forward_complaint(f, e);
}

/* --- the answer --- */

static bool is_chunked(struct slice head)
{
	return memmem(head.ptr, head.len, "ransfer-", 8) && memmem(head.ptr, head.len, "chunked", 7);
}

static int unchunk(struct slice body, struct buf *out, struct err *e)
{
	while (body.len) {
		char *end;
		const char *line = memmem(body.ptr, body.len, "\r\n", 2);
		const unsigned long n = line ? strtoul(body.ptr, &end, 16) : 0;

		if (!line || n > body.len - (size_t)(line + 2 - body.ptr))
			return err_set(e, -EPROTO, "the answer is cut short");
		if (!n)
			return 0;
		buf_append(out, line + 2, n);
		body = slice_from(body, (size_t)(line + 2 - body.ptr) + n + 2);
	}
	return err_set(e, -EPROTO, "the answer is cut short");
}

static int read_answer(struct forwarding *f, struct buf *out, struct err *e)
{
	const size_t n = head_length(&f->answer);
	const int status = status_of(&f->answer);
	const struct slice body = slice_from(buf_slice(&f->answer), n);

	if (!n || status < 100)
		return err_set(e, -EPROTO, "%s/%s:%u: the answer is no HTTP", f->rq->ns, f->rq->pod, f->rq->port);
	if (is_chunked(slice_make(f->answer.ptr, n))) {
		const int r = unchunk(body, out, e);

		return r < 0 ? r : status;
	}
	buf_append_slice(out, body);
	return status;
}

int kube_forward_http(const struct kube_config *cfg, const struct forward_request *rq, struct buf *out, struct err *e)
{
	struct forwarding f = {.cfg = cfg, .rq = rq};
	CLEANUP(buf_done) struct buf in = BUF_INIT;
	int r;

	f.until_ns = clock_mono_ns() + (int64_t)(rq->timeout_ms ? rq->timeout_ms : TIMEOUT_MS) * NS_PER_MS;
	r = forward_begin(&f, &in, e);
	if (r == 0)
		r = exchange(&f, &in, e);
	if (r == 0)
		r = read_answer(&f, out, e);
	forward_end(&f);
	return r;
}
