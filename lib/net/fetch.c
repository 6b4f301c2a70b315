/* One easy handle a fetch, on a multi handle of the fetcher's own. */
#include "net/fetch.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/ip.h"
#include "base/mem.h"
#include "net/curl.h"

#define ROOTS_MAX_BYTES (1 << 20)

struct fetcher {
	struct curl_loop curl;
	struct loop *loop;
};

struct fetch {
	struct fetcher *fetcher;
	CURL *easy; /* NULL = could not be made */
	struct task begin;
	struct fetch_params params;
	char *url, *form;
	struct curl_slist *fields;
	struct buf body;
	bool refused, too_large;
	char error[CURL_ERROR_SIZE];
};

/* ---- which addresses ---- */

static bool v4_not_local(uint32_t ip)
{
	static const struct {
		uint32_t net, mask;
	} local[] = {
		{0x00000000, 0xff000000}, /* this network */
		{0x7f000000, 0xff000000}, /* loopback */
		{0xa9fe0000, 0xffff0000}, /* link-local; 169.254.169.254 */
		{0x646464c8, 0xffffffff}, /* 100.100.100.200, metadata */
		{0xc0000000, 0xffffff00}, /* 192.0.0.0/24: protocols' own, metadata */
		{0xe0000000, 0xe0000000}, /* multicast, reserved, broadcast */
	};

	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		if ((ip & local[i].mask) == local[i].net)
			return false;
	return true;
}

static bool v6_not_local(const uint8_t *b)
{
	static const uint8_t zero[16];
	static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b}; /* 64:ff9b::/96 */
	static const uint8_t metadata[16] = {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54};
	uint32_t v4;

	memcpy(&v4, b + 12, sizeof(v4));
	if (ip_is_mapped(b) || memcmp(b, nat64, 12) == 0)
		return v4_not_local(ntohl(v4));
	/* ::, ::1, and what once stood for IPv4. */
	if (memcmp(b, zero, 12) == 0)
		return false;
	if (b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80))
		return false;
	return memcmp(b, metadata, sizeof(metadata)) != 0;
}

bool fetch_not_local(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return v4_not_local(ntohl(a->in4.sin_addr.s_addr));
	return a->sa.sa_family == AF_INET6 && v6_not_local(a->in6.sin6_addr.s6_addr);
}

/* ---- curl ---- */

static size_t on_write(char *bytes, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;

	if (buf_try_append(&f->body, bytes, size * n, f->params.max_bytes) == 0)
		return size * n;
	f->too_large = true;
	return 0;
}

static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct fetch *f = arg;
	struct addr a = {.len = to->addrlen};

	if (purpose != CURLSOCKTYPE_IPCXN || to->addrlen > sizeof(a.in6))
		return CURL_SOCKET_BAD;
	memcpy(&a.sa, &to->addr, to->addrlen);
	if (f->params.may_reach && !f->params.may_reach(&a)) {
		f->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* curl takes one list: the system's roots, those of the file and those of the text. */
static void set_roots(CURL *easy, const struct fetch_params *p)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	CLEANUP(buf_done) struct buf all = BUF_INIT;
	CLEANUP(buf_done) struct buf more = BUF_INIT;
	struct curl_blob blob = {.flags = CURL_BLOB_COPY};

	if (p->roots_file && file_read(p->roots_file, ROOTS_MAX_BYTES, &more, NULL) < 0)
		buf_clear(&more);
	if (p->roots)
		buf_printf(&more, "\n%s", p->roots);
	if (!more.len)
		return;
	if (v->cainfo && file_read(v->cainfo, ROOTS_MAX_BYTES, &all, NULL) < 0)
		buf_clear(&all);
	buf_append_char(&all, '\n');
	buf_append_slice(&all, buf_slice(&more));
	blob.data = all.ptr;
	blob.len = all.len;
	curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}

static void set_options(struct fetch *f)
{
	CURL *easy = f->easy;

	curl_easy_setopt(easy, CURLOPT_URL, f->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, f);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, f->params.stay ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)FETCH_REDIRECTS_MAX);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)f->params.timeout_ms);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_FAILONERROR, f->params.any_status ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, f->fields);
	if (f->form)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, f->form);
	set_roots(easy, &f->params);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, f->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, f);
}

void fetch_stop(struct fetch *f)
{
	if (!f)
		return;
	task_cancel(&f->begin);
	if (f->easy) {
		curl_multi_remove_handle(f->fetcher->curl.multi, f->easy);
		curl_easy_cleanup(f->easy);
	}
	if (f->form) { /* what is posted are secrets, and so are answers */
		OPENSSL_cleanse(f->form, strlen(f->form));
		OPENSSL_cleanse(f->body.ptr, f->body.len);
	}
	buf_done(&f->body);
	curl_slist_free_all(f->fields);
	free(f->form);
	free(f->url);
	free(f);
}

static const char *why(const struct fetch *f, CURLcode code)
{
	if (f->refused)
		return "its address is of this machine or its link, which is refused";
	if (f->too_large)
		return "the document is too large";
	return f->error[0] ? f->error : curl_easy_strerror(code);
}

static bool leads_elsewhere(const struct fetch *f)
{
	long status = 0;

	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	return f->params.stay && status / 100 == 3;
}

static void on_finished(void *private, CURLcode code)
{
	struct fetch *f = private;

	const bool elsewhere = code == CURLE_OK && leads_elsewhere(f);

	f->params.on_done(f->params.arg, buf_slice(&f->body),
			  elsewhere          ? "the answer is a redirection, which is not followed"
			  : code == CURLE_OK ? ""
					     : why(f, code));
	fetch_stop(f);
}

static void on_begin(struct task *t)
{
	struct fetch *f = CONTAINER_OF(t, struct fetch, begin);

	f->easy = curl_easy_init();
	if (f->easy) {
		set_options(f);
		if (curl_multi_add_handle(f->fetcher->curl.multi, f->easy) == CURLM_OK)
			return;
	}
	on_finished(f, CURLE_OUT_OF_MEMORY);
}

struct fetch *fetch_start(struct fetcher *fetcher, const struct fetch_params *p)
{
	struct fetch *f = NEW(struct fetch);

	f->fetcher = fetcher;
	f->params = *p;
	f->url = mem_strdup(p->url);
	f->form = mem_strdup(p->form);
	f->fields = p->field ? curl_slist_append(NULL, p->field) : NULL;
	task_defer(fetcher->loop, &f->begin, on_begin);
	return f;
}

struct fetcher *fetcher_new(struct loop *l)
{
	struct fetcher *f = NEW(struct fetcher);

	f->loop = l;
	if (curl_loop_init(&f->curl, l, on_finished) == 0)
		return f;
	free(f);
	return NULL;
}

void fetcher_free(struct fetcher *f)
{
	if (!f)
		return;
	curl_loop_done(&f->curl);
	free(f);
}
