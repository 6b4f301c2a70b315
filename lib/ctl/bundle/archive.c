/* libarchive's writer, with limits. */
#include "ctl/bundle/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ctl/bundle/scrub.h"
#include "msg/yaml.h"

struct bundle {
	struct archive *a;
	int fd;
	char *path;
	uint64_t left;
	struct buf missing;
	struct err err; /* the first one */
};

static void failed(struct bundle *b)
{
	const char *why = archive_error_string(b->a);

	if (!b->err.code)
		err_set(&b->err, -EIO, "%s: %s", b->path, why ? why : "it cannot be written");
}

struct bundle *bundle_new(const char *path, uint64_t max_bytes, struct err *e)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct bundle *b;

	if (fd < 0) {
		err_errno(e, errno, "%s", path);
		return NULL;
	}
	b = NEW(struct bundle);
	b->a = archive_write_new();
	b->fd = fd;
	b->path = mem_strdup(path);
	b->left = max_bytes;
	if (archive_write_add_filter_gzip(b->a) != ARCHIVE_OK ||
	    archive_write_set_format_pax_restricted(b->a) != ARCHIVE_OK ||
	    archive_write_open_fd(b->a, fd) != ARCHIVE_OK)
		failed(b);
	return b;
}

static void write_entry(struct bundle *b, const char *name, struct slice text)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (la_int64_t)text.len);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_mtime(entry, (time_t)(clock_wall_ns() / NS_PER_S), 0);
	if (archive_write_header(b->a, entry) != ARCHIVE_OK ||
	    archive_write_data(b->a, text.ptr, text.len) != (la_ssize_t)text.len)
		failed(b);
	archive_entry_free(entry);
}

void bundle_text(struct bundle *b, const char *name, struct slice text)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (text.len > BUNDLE_ENTRY_MAX_BYTES) {
		bundle_miss(b, "%s: the first %zu bytes", name, text.len - BUNDLE_ENTRY_MAX_BYTES);
		text = slice_from(text, text.len - BUNDLE_ENTRY_MAX_BYTES);
	}
	scrub_text(text, &out);
	if (out.len > b->left) {
		bundle_miss(b, "%s: the archive is full", name);
		return;
	}
	b->left -= out.len;
	if (!b->err.code)
		write_entry(b, name, buf_slice(&out));
}

void bundle_json(struct bundle *b, const char *name, cJSON *o)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	scrub_json(o);
	yaml_print(o, &out);
	bundle_text(b, name, buf_slice(&out));
}

void bundle_miss(struct bundle *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b->missing, fmt, ap);
	va_end(ap);
	buf_append_str(&b->missing, "\n");
}

int bundle_end(struct bundle *b, struct err *e)
{
	CLEANUP(buf_done) struct buf missing = BUF_INIT;
	int r;

	scrub_text(buf_slice(&b->missing), &missing);
	if (missing.len && !b->err.code)
		write_entry(b, "missing.txt", buf_slice(&missing));
	if (!b->err.code && archive_write_close(b->a) != ARCHIVE_OK)
		failed(b);
	archive_write_free(b->a);
	if (close(b->fd) < 0 && !b->err.code)
		err_errno(&b->err, errno, "%s", b->path);
	r = b->err.code;
	if (r < 0) {
		unlink(b->path);
		err_set(e, r, "%s", b->err.msg);
	}
	buf_done(&b->missing);
	free(b->path);
	free(b);
	return r;
}
