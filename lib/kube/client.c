/*
 * The client: one libcurl multi handle on the loop. Calls are added and removed only from a deferred task, because
 * libcurl does not allow that inside its own callbacks, from which watch events are delivered. Watches go over shared
 * connections of HTTP/2 where the server speaks it (client_watch.c), since libcurl spends 10 KB on each. Only so many
 * lists are under way at a time: a thousand reflectors begin with one each.
 *
 *   kube_call_start --> pending --task--> running --curl done--> on_done --> freed
 *                          '--cancel--> dead <--cancel--'  --task--> freed
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "api/kind.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/client_internal.h"
#include "kube/client_state_internal.h"
#include "msg/json.h"
#include "net/loop.h"

#define TOKEN_REREAD_MS 60000
/* A server that went away without a word is noticed by its silence. */
#define KEEPALIVE_IDLE_S 5L
#define KEEPALIVE_EACH_S 2L
#define UNANSWERED_MS 10000
#define WATCH_CONNECTIONS_MAX 256L

static void call_free(struct kube_call *call)
{
	list_remove(&call->link);
	if (call->easy) {
		curl_multi_remove_handle(call->client->curl.multi, call->easy);
		curl_easy_cleanup(call->easy);
	}
	if (call->carried)
		call->client->transport->stop(call->client->transport, call);
	curl_slist_free_all(call->headers);
	free(call->curl_error);
	kube_streams_cancel(&call->stream);
	timer_stop(&call->deadline);
	if (call->counted) {
		call->client->lists--;
		task_defer(call->client->loop, &call->client->task, kube_client_work);
	}
	if (call->body)
		explicit_bzero(call->body, strlen(call->body));
	free(call->body);
	free(call->url);
	free(call->what);
	buf_done(&call->in);
	free(call);
}

/* Answers. */

static cJSON *parse(struct slice text, size_t max_bytes)
{
	cJSON *json = NULL;

	return json_parse(text, max_bytes, &json, NULL) < 0 ? NULL : json;
}

static void watch_lines(struct kube_call *call)
{
	size_t from = 0;
	ptrdiff_t at;

	while (!call->cancelled && !call->bad_line) {
		struct slice rest = slice_make(call->in.ptr + from, call->in.len - from);
		cJSON *event;

		at = slice_find(rest, '\n');
		if (at < 0)
			break;
		from += (size_t)at + 1;
		if (slice_trim(slice_make(rest.ptr, (size_t)at)).len == 0)
			continue;
		event = parse(slice_make(rest.ptr, (size_t)at), KUBE_WATCH_LINE_MAX_BYTES);
		if (event)
			call->on_event(call->arg, event);
		else
			call->bad_line = true;
		cJSON_Delete(event);
	}
	buf_consume(&call->in, from);
	if (!call->in.len)
		buf_done(&call->in); /* most watches are silent */
}

bool kube_call_take(struct kube_call *call, int status, struct slice bytes)
{
	if (call->cancelled)
		return false;
	if (buf_try_append(&call->in, bytes.ptr, bytes.len,
			   call->watch ? KUBE_WATCH_LINE_MAX_BYTES : KUBE_BODY_MAX_BYTES) < 0) {
		call->too_large = true;
		return false;
	}
	if (call->watch && status == 200)
		watch_lines(call);
	return !call->cancelled && !call->bad_line;
}

static size_t on_curl_write(char *bytes, size_t size, size_t n, void *arg)
{
	struct kube_call *call = arg;
	size_t len = size * n;
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	return kube_call_take(call, (int)status, slice_make(bytes, len)) ? len : 0;
}

static void result_network(struct kube_call *call, const char *why, struct kube_result *r)
{
	r->reason = call->too_large || call->bad_line ? KUBE_BAD_ANSWER : KUBE_NETWORK;
	err_set(&r->err, kube_reason_errno(r->reason), "%s: %s", call->what,
		call->too_large  ? "the answer is too large"
		: call->bad_line ? "a watch event is not JSON"
				 : why);
}

/* why: NULL when the answer has come whole. */
static void call_result(struct kube_call *call, const char *why, struct kube_result *r)
{
	const int status = r->status;

	if (why) {
		result_network(call, why, r);
		return;
	}
	if (call->watch && status == 200)
		return;
	if (call->text && status >= 200 && status <= 299) {
		r->text = buf_slice(&call->in);
		return;
	}
	if (call->in.len)
		r->body = parse(buf_slice(&call->in), KUBE_BODY_MAX_BYTES);
	if (status < 200 || status > 299)
		kube_result_from_status(r, call->what);
	else if (call->in.len && !r->body) {
		r->reason = KUBE_BAD_ANSWER;
		err_set(&r->err, -EBADMSG, "%s: the answer is not JSON", call->what);
	}
}

void kube_call_finish(struct kube_call *call, int status, int64_t retry_after_s, const char *why)
{
	struct kube_result r = {.reason = KUBE_OK, .status = status};
	struct kube_client *c = call->client;

	if (call->cancelled) {
		call_free(call);
		return;
	}
	r.retry_after_ms = MIN(retry_after_s, 60) * MS_PER_S;
	call_result(call, why, &r);
	if (r.reason == KUBE_UNAUTHORIZED)
		c->token_read_ns = 0;
	away_note(&c->away, &r);
	call->cancelled = true; /* a cancel inside the callback is harmless */
	call->on_done(call->arg, &r);
	cJSON_Delete(r.body);
	call_free(call);
}

static void on_finished(void *private, CURLcode code)
{
	struct kube_call *call = private;
	curl_off_t retry_after_s = 0;
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	kube_call_finish(call, (int)status, retry_after_s,
			 code == CURLE_OK      ? NULL
			 : call->curl_error[0] ? call->curl_error
					       : curl_easy_strerror(code));
}

/* Calls. */

static void set_blob(CURL *easy, CURLoption option, const char *text)
{
	struct curl_blob blob = {(void *)(uintptr_t)text, strlen(text), CURL_BLOB_COPY};

	curl_easy_setopt(easy, option, &blob);
}

static void client_reread_ca(struct kube_client *c)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (!c->config.ca_file || file_read(c->config.ca_file, KUBE_CONFIG_MAX_BYTES, &b, NULL) < 0 || !b.len)
		return;
	free(c->config.ca_pem);
	c->config.ca_pem = buf_take_str(&b);
}

static void client_reread_token(struct kube_client *c)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	int64_t now_ns = loop_now_ns(c->loop);
	struct err e = ERR_INIT;
	struct slice text;

	if (!c->config.token_file ||
	    (c->token_read_ns && now_ns - c->token_read_ns < (int64_t)TOKEN_REREAD_MS * NS_PER_MS))
		return;
	c->token_read_ns = now_ns;
	if (file_read(c->config.token_file, KUBE_TOKEN_MAX_BYTES, &b, &e) < 0) {
		log_warn("kube", "%s; going on with the token that was read before", e.msg);
		return;
	}
	text = slice_trim(buf_slice(&b));
	while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
		text.len--;
	free(c->config.token);
	c->config.token = mem_printf("%.*s", SLICE_ARG(text));
	client_reread_ca(c);
}

static void call_headers(struct kube_call *call)
{
	const struct kube_config *cfg = &call->client->config;
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	call->headers = curl_slist_append(call->headers,
					  call->text ? "Accept: application/json, */*" : "Accept: application/json");
	call->headers = curl_slist_append(call->headers, "Expect:");
	if (call->content) {
		buf_printf(&b, "Content-Type: %s", call->content);
		call->headers = curl_slist_append(call->headers, buf_str(&b));
	}
	if (cfg->token) {
		buf_clear(&b);
		buf_printf(&b, "Authorization: Bearer %s", cfg->token);
		call->headers = curl_slist_append(call->headers, buf_str(&b));
		explicit_bzero(b.ptr, b.len);
	}
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void call_tls(struct kube_call *call)
{
	const struct kube_config *cfg = &call->client->config;
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, cfg->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, cfg->insecure ? 0L : 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (cfg->ca_pem)
		set_blob(easy, CURLOPT_CAINFO_BLOB, cfg->ca_pem);
	if (cfg->cert_pem && cfg->key_pem) {
		set_blob(easy, CURLOPT_SSLCERT_BLOB, cfg->cert_pem);
		set_blob(easy, CURLOPT_SSLKEY_BLOB, cfg->key_pem);
	}
}

/* The time that what was sent may go without an acknowledgement; keepalive's probes count, too. */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const unsigned ms = UNANSWERED_MS;

	(void)arg;
	(void)purpose;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

static int call_run(struct kube_call *call)
{
	CURL *easy = call->easy = curl_easy_init();

	if (!easy)
		return -ENOMEM;
	call->curl_error = mem_alloc(CURL_ERROR_SIZE);
	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "weft");
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->curl_error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_curl_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)KUBE_CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(call->timeout_ms + (call->watch ? KUBE_WATCH_GRACE_MS : 0)));
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_EACH_S);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
	if (call->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(call->body));
	}
	call_tls(call);
	call_headers(call);
	return curl_multi_add_handle(call->client->curl.multi, easy) == CURLM_OK ? 0 : -EIO;
}

static void begin(struct kube_client *c, struct kube_call *call)
{
	list_append(&c->running, &call->link);
	if (!c->transport && kube_watch_run(call))
		return;
	call->counted = call->list;
	c->lists += call->list;
	if (c->transport) {
		call->carried = true;
		c->transport->start(c->transport, call);
	} else if (call_run(call) < 0) {
		kube_call_finish(call, 0, 0, "libcurl cannot begin");
	}
}

void kube_client_work(struct task *t)
{
	struct kube_client *c = CONTAINER_OF(t, struct kube_client, task);

	while (!list_empty(&c->dead))
		call_free(LIST_FIRST(&c->dead, struct kube_call, link));
	client_reread_token(c);
	if (c->lists < KUBE_LISTS_MAX && !list_empty(&c->held)) {
		struct kube_call *call = LIST_FIRST(&c->held, struct kube_call, link);

		list_remove(&call->link);
		list_append(&c->pending, &call->link);
	}
	while (!list_empty(&c->pending)) {
		struct kube_call *call = LIST_FIRST(&c->pending, struct kube_call, link);

		list_remove(&call->link);
		if (call->list && c->lists >= KUBE_LISTS_MAX) {
			list_append(&c->held, &call->link);
			continue;
		}
		begin(c, call);
	}
}

/* Where the path begins: behind scheme and authority. */
static size_t path_of(const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return (size_t)(host - url) + strcspn(host, "/");
}

struct kube_call *kube_call_start(struct kube_client *c, const struct kube_request *req, kube_done_fn *on_done,
				  void *arg)
{
	struct kube_call *call = NEW(struct kube_call);

	call->client = c;
	call->on_done = on_done;
	call->arg = arg;
	call->on_event = req->on_event;
	call->watch = req->verb == KUBE_WATCH;
	call->list = req->verb == KUBE_LIST;
	call->text = req->text;
	call->timeout_ms = req->timeout_ms ? req->timeout_ms : KUBE_CALL_TIMEOUT_MS;
	call->method = kube_verb_method(req->verb);
	call->url = kube_request_url(c->config.server, req, kube_client_version(c, req->kind));
	call->path_at = path_of(call->url);
	call->body = kube_request_body(req, kube_client_version(c, req->kind));
	call->content = call->body ? kube_verb_content(req->verb) : NULL;
	call->what = req->path ? mem_printf("%s %s", call->method, req->path)
			       : mem_printf("%s %s %s%s%s", call->method, req->kind->plural, req->ns ? req->ns : "",
					    req->ns && *req->ns && req->name ? "/" : "", req->name ? req->name : "");
	list_append(&c->pending, &call->link);
	task_defer(c->loop, &c->task, kube_client_work);
	return call;
}

void kube_call_cancel(struct kube_call *call)
{
	if (!call || call->cancelled)
		return;
	call->cancelled = true;
	list_remove(&call->link);
	list_append(&call->client->dead, &call->link);
	task_defer(call->client->loop, &call->client->task, kube_client_work);
}

static int config_copy(struct kube_config *to, const struct kube_config *from)
{
	*to = (struct kube_config){
		.server = mem_strdup(from->server),
		.ca_pem = mem_strdup(from->ca_pem),
		.cert_pem = mem_strdup(from->cert_pem),
		.key_pem = mem_strdup(from->key_pem),
		.token = mem_strdup(from->token),
		.token_file = mem_strdup(from->token_file),
		.ca_file = mem_strdup(from->ca_file),
		.ns = mem_strdup(from->ns),
		.insecure = from->insecure,
	};
	return to->server ? 0 : -EINVAL;
}

struct kube_client *kube_client_new(struct loop *l, const struct kube_config *config, struct err *e)
{
	struct kube_client *c = NEW(struct kube_client);

	c->loop = l;
	list_init(&c->pending);
	list_init(&c->running);
	list_init(&c->held);
	list_init(&c->dead);
	away_init(&c->away, l, c);
	if (curl_loop_init(&c->curl, l, on_finished) < 0 || config_copy(&c->config, config) < 0) {
		err_set(e, -EINVAL, "kube client: %s",
			c->curl.multi ? "the configuration names no server" : "no memory");
		kube_client_free(c);
		return NULL;
	}
	curl_multi_setopt(c->curl.multi, CURLMOPT_MAXCONNECTS, WATCH_CONNECTIONS_MAX);
	return c;
}

void kube_client_carry(struct kube_client *c, struct kube_transport *t)
{
	c->transport = t;
}

static void free_calls(struct list *calls)
{
	while (!list_empty(calls))
		call_free(LIST_FIRST(calls, struct kube_call, link));
}

struct kube_client *kube_client_connect(struct loop *l, const char *path, struct err *e)
{
	struct kube_config config = {0};
	struct kube_client *c = kube_config_load(path, &config, e) < 0 ? NULL : kube_client_new(l, &config, e);

	kube_config_done(&config);
	return c;
}

void kube_client_free(struct kube_client *c)
{
	if (!c)
		return;
	away_done(&c->away);
	vec_done(&c->versions);
	free_calls(&c->pending);
	free_calls(&c->running);
	free_calls(&c->held);
	free_calls(&c->dead);
	kube_streams_free(c->streams);
	curl_loop_done(&c->curl);
	task_cancel(&c->task);
	kube_config_done(&c->config);
	free(c);
}

void kube_back_start(struct kube_client *c, struct kube_back *b)
{
	list_remove(&b->link);
	list_append(&c->away.waiting, &b->link);
}

bool kube_client_away(const struct kube_client *c)
{
	return c->away.away;
}

void kube_client_set_version(struct kube_client *c, const struct api_kind *kind, const char *version)
{
	for (size_t i = 0; i < c->versions.n; i++) {
		if (c->versions.v[i].kind != kind)
			continue;
		c->versions.v[i].version = version;
		return;
	}
	vec_push(&c->versions, (struct kind_version){kind, version});
}

const char *kube_client_version(const struct kube_client *c, const struct api_kind *kind)
{
	for (size_t i = 0; i < c->versions.n; i++)
		if (c->versions.v[i].kind == kind)
			return c->versions.v[i].version;
	return kind ? kind->versions[0] : NULL;
}

const char *kube_client_namespace(const struct kube_client *c)
{
	return c->config.ns ? c->config.ns : "default";
}
