/* Reading tars: opening, headers, single files, digests, decompression. */
#include "lab/image/tar_internal.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/slice.h"

#define BLOCK_BYTES 65536

static int fault(struct archive *a, struct err *e)
{
	const char *why = archive_error_string(a);

	return err_set(e, -EINVAL, "malformed archive: %s", why ? why : "it cannot be read");
}

static int add_filters(struct archive *a)
{
	/* A warning would mean that a program of this machine does it. */
	return archive_read_support_filter_gzip(a) == ARCHIVE_OK && archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
			       archive_read_support_filter_xz(a) == ARCHIVE_OK &&
			       archive_read_support_filter_bzip2(a) == ARCHIVE_OK
		       ? 0
		       : -ENOTSUP;
}

static int open_as(int fd, int (*support)(struct archive *), struct archive **ret, struct err *e)
{
	struct archive *a = archive_read_new();

	if (lseek(fd, 0, SEEK_SET) < 0 || add_filters(a) < 0 || support(a) != ARCHIVE_OK) {
		archive_read_free(a);
		return err_set(e, -EIO, "an archive cannot be opened");
	}
	if (archive_read_open_fd(a, fd, BLOCK_BYTES) != ARCHIVE_OK) {
		int r = fault(a, e);

		archive_read_free(a);
		return r;
	}
	*ret = a;
	return 0;
}

int tar_open(int fd, struct archive **ret, struct err *e)
{
	return open_as(fd, archive_read_support_format_tar, ret, e);
}

int tar_next(struct archive *a, struct archive_entry **ret, struct tar_limits *limits, struct err *e)
{
	int r = archive_read_next_header(a, ret);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN) /* a warning: a name in another character set */
		return fault(a, e);
	if (!tar_name(*ret))
		return err_set(e, -EINVAL, "malformed archive: an entry without a name");
	if (limits->entries-- == 0)
		return err_set(e, -EMSGSIZE, "too many entries");
	return 1;
}

const char *tar_name(struct archive_entry *entry)
{
	const char *utf8 = archive_entry_pathname_utf8(entry);

	return utf8 ? utf8 : archive_entry_pathname(entry);
}

const char *tar_hardlink(struct archive_entry *entry)
{
	const char *utf8 = archive_entry_hardlink_utf8(entry);

	return utf8 ? utf8 : archive_entry_hardlink(entry);
}

const char *tar_symlink(struct archive_entry *entry)
{
	const char *utf8 = archive_entry_symlink_utf8(entry);

	return utf8 ? utf8 : archive_entry_symlink(entry);
}

int tar_find(int fd, const char *name, size_t max, struct buf *out, struct err *e)
{
	CLEANUP(tar_closep) struct archive *a = NULL;
	struct tar_limits limits = TAR_LIMITS;
	struct archive_entry *entry;
	int r = tar_open(fd, &a, e);

	if (r < 0)
		return r;
	while ((r = tar_next(a, &entry, &limits, e)) > 0) {
		const char *found = tar_name(entry);
		ssize_t n;

		while (strncmp(found, "./", 2) == 0)
			found += 2;
		if (strcmp(found, name) != 0 || archive_entry_filetype(entry) != AE_IFREG)
			continue;
		while ((n = archive_read_data(a, buf_reserve(out, BLOCK_BYTES), BLOCK_BYTES)) > 0) {
			out->len += (size_t)n;
			if (out->len > max)
				return err_set(e, -EMSGSIZE, "%s: more than %zu bytes", name, max);
		}
		buf_append(out, "", 0); /* a string */
		return n < 0 ? fault(a, e) : 1;
	}
	return r;
}

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t w = write(fd, bytes, n);

		if (w < 0)
			return -errno;
		bytes += w;
		n -= (size_t)w;
	}
	return 0;
}

static int support_raw(struct archive *a)
{
	int r = archive_read_support_format_raw(a);

	return r == ARCHIVE_OK ? archive_read_support_format_empty(a) : r;
}

int tar_decompress(int in, int out, struct tar_limits *limits, struct err *e)
{
	CLEANUP(tar_closep) struct archive *a = NULL;
	CLEANUP(freep) char *block = mem_alloc(BLOCK_BYTES);
	struct archive_entry *entry;
	int r = open_as(in, support_raw, &a, e);
	ssize_t n;

	if (r < 0)
		return r;
	r = archive_read_next_header(a, &entry);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return fault(a, e);
	while ((n = archive_read_data(a, block, BLOCK_BYTES)) > 0) {
		if ((uint64_t)n > limits->bytes)
			return err_set(e, -EMSGSIZE, "it becomes too large");
		limits->bytes -= (uint64_t)n;
		r = write_all(out, block, (size_t)n);
		if (r < 0)
			return err_errno(e, -r, "unpacking");
	}
	return n < 0 ? fault(a, e) : 0;
}

static int digest_of(int fd, const char *algorithm, char out[TAR_DIGEST_MAX])
{
	CLEANUP(freep) char *block = mem_alloc(BLOCK_BYTES);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	ssize_t n = lseek(fd, 0, SEEK_SET);

	EVP_DigestInit_ex(md, strcmp(algorithm, "sha512") == 0 ? EVP_sha512() : EVP_sha256(), NULL);
	while (n >= 0 && (n = read(fd, block, BLOCK_BYTES)) > 0)
		EVP_DigestUpdate(md, block, (size_t)n);
	EVP_DigestFinal_ex(md, sum, &len);
	EVP_MD_CTX_free(md);
	out += snprintf(out, TAR_DIGEST_MAX, "%s:", algorithm);
	for (unsigned i = 0; i < len; i++)
		out += snprintf(out, 3, "%02x", sum[i]);
	return n < 0 ? -errno : 0;
}

int tar_digest(int fd, char out[TAR_DIGEST_MAX])
{
	return digest_of(fd, "sha256", out);
}

int tar_verify(int fd, const char *what, const char *digest, struct err *e)
{
	char is[TAR_DIGEST_MAX];
	int r = digest_of(fd, strncmp(digest, "sha512:", 7) == 0 ? "sha512" : "sha256", is);

	if (r < 0)
		return err_errno(e, -r, "%s", what);
	if (strcmp(is, digest) != 0)
		return err_set(e, -EINVAL, "%s: its digest is %s, not %s", what, is, digest);
	return 0;
}
