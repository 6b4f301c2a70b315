/* HTTP into the cluster by libcurl. See http_client.h. */
#include "lab/sys/http_client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "lab/sys/netns.h"
#include "net/curl.h"

struct http_client {
	struct curl_loop curl;
	struct list calls;
	int netns_fd;
};

struct http_call {
	struct list link;
	struct http_client *client;
	struct http_call_options o;
	CURL *easy;
	struct curl_slist *headers, *connect_to;
	struct buf body, answer;
	char *ca, error[CURL_ERROR_SIZE];
	char peer[80]; /* "10.0.0.1:443" of the last connection tried */
	struct task fail;
	bool too_large;
};

static void call_free(struct http_call *call)
{
	if (call->easy) {
		curl_multi_remove_handle(call->client->curl.multi, call->easy);
		curl_easy_cleanup(call->easy);
	}
	curl_slist_free_all(call->headers);
	curl_slist_free_all(call->connect_to);
	task_cancel(&call->fail);
	list_remove(&call->link);
	buf_done(&call->body);
	buf_done(&call->answer);
	free(call->ca);
	free(call);
}

/* As Go says it. */
static const char *go_error(struct http_call *call, CURLcode code, char *out, size_t cap)
{
	long os_errno = 0;

	curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &os_errno);
	if (code == CURLE_COULDNT_CONNECT && os_errno)
		snprintf(out, cap, "dial tcp %s: connect: %s", call->peer,
			 os_errno == ECONNREFUSED ? "connection refused" : strerror((int)os_errno));
	else if (code == CURLE_COULDNT_RESOLVE_HOST)
		snprintf(out, cap, "dial tcp: lookup: no such host");
	else if (code == CURLE_OPERATION_TIMEDOUT)
		snprintf(out, cap, "context deadline exceeded");
	else if (code == CURLE_PEER_FAILED_VERIFICATION)
		snprintf(out, cap, "x509: certificate is not valid: %s", call->error);
	else if (call->too_large)
		snprintf(out, cap, "the answer is too large");
	else
		snprintf(out, cap, "%s", call->error[0] ? call->error : curl_easy_strerror(code));
	return out;
}

static void on_finished(void *private, CURLcode code)
{
	struct http_call *call = private;
	char error[CURL_ERROR_SIZE + 64] = "";
	long status = 0;

	if (code == CURLE_OK)
		curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	else
		go_error(call, code, error, sizeof(error));
	list_remove(&call->link);
	call->o.on_done(call->o.arg, status, buf_slice(&call->answer), error);
	call_free(call);
}

struct http_client *http_client_new(struct loop *l, int netns_fd)
{
	struct http_client *c = NEW(struct http_client);

	c->netns_fd = netns_fd;
	list_init(&c->calls);
	if (curl_loop_init(&c->curl, l, on_finished) < 0) {
		free(c);
		return NULL;
	}
	return c;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	while (!list_empty(&c->calls))
		call_free(LIST_FIRST(&c->calls, struct http_call, link));
	curl_loop_done(&c->curl);
	free(c);
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http_call *call = user;
	struct sockaddr_in *in = (struct sockaddr_in *)&a->addr;
	char host[INET6_ADDRSTRLEN] = "";
	int fd;

	(void)purpose;
	if (a->family == AF_INET && inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host)))
		snprintf(call->peer, sizeof(call->peer), "%s:%u", host, ntohs(in->sin_port));
	if (call->client->netns_fd < 0)
		fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	else
		fd = netns_socket(call->client->netns_fd, a->family, a->socktype, a->protocol, NULL);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static size_t on_head(char *data, size_t size, size_t n, void *user)
{
	struct http_call *call = user;
	struct slice line = slice_make(data, size * n);

	while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
		line.len--;
	if (call->o.on_header)
		call->o.on_header(call->o.arg, line);
	return size * n;
}

static size_t on_data(char *data, size_t size, size_t n, void *user)
{
	struct http_call *call = user;

	if (call->o.on_body)
		return call->o.on_body(call->o.arg, slice_make(data, size * n)) ? size * n : CURL_WRITEFUNC_PAUSE;
	if (buf_try_append(&call->answer, data, size * n, HTTP_ANSWER_MAX_BYTES) < 0) {
		call->too_large = true;
		return 0;
	}
	return size * n;
}

static void set_tls(struct http_call *call)
{
	struct curl_blob blob = {.flags = CURL_BLOB_COPY};

	if (call->o.insecure) {
		curl_easy_setopt(call->easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(call->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	} else if (call->o.ca_pem.len) {
		blob.data = (void *)call->o.ca_pem.ptr;
		blob.len = call->o.ca_pem.len;
		curl_easy_setopt(call->easy, CURLOPT_CAINFO_BLOB, &blob);
		curl_easy_setopt(call->easy, CURLOPT_CAPATH, NULL);
	}
}

static void set_body(struct http_call *call)
{
	if (!call->o.body.len && strcmp(call->o.method, "POST") != 0 && strcmp(call->o.method, "PUT") != 0)
		return;
	buf_append_slice(&call->body, call->o.body);
	curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, buf_str(&call->body));
}

static void set_options(struct http_call *call)
{
	CURL *e = call->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, call);
	curl_easy_setopt(e, CURLOPT_URL, call->o.url);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, call->error);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, call);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)call->o.timeout_ms);
	/* A pooled connection could belong to a pod that is gone; addresses are reused. */
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	set_body(call);
	if (strcmp(call->o.method, "HEAD") == 0)
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, call->o.method);
	call->headers = curl_slist_append(call->headers, "Expect:");
	for (const char *const *h = call->o.headers; h && *h; h++)
		call->headers = curl_slist_append(call->headers, *h);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, call->headers);
	if (call->o.connect_to) {
		call->connect_to = curl_slist_append(NULL, call->o.connect_to);
		curl_easy_setopt(e, CURLOPT_CONNECT_TO, call->connect_to);
	}
	set_tls(call);
}

struct http_call *http_call_start(struct http_client *c, const struct http_call_options *o)
{
	struct http_call *call = NEW(struct http_call);

	call->client = c;
	call->o = *o;
	list_append(&c->calls, &call->link);
	call->easy = curl_easy_init();
	if (!call->easy)
		abort();
	set_options(call);
	curl_multi_add_handle(c->curl.multi, call->easy);
	return call;
}

void http_call_resume(struct http_call *call)
{
	curl_easy_pause(call->easy, CURLPAUSE_CONT);
}

void http_call_cancel(struct http_call *call)
{
	if (call)
		call_free(call);
}
