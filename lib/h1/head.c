/* Looking up, changing and writing heads. Untouched neighbours from the wire are written with one copy. */
#include "h1/h1_internal.h"

#include <assert.h>
#include <stdio.h>

struct h1_field *h1_find_id(struct h1_head *h, enum h1_name id)
{
	if (h->known & (1u << id))
		for (int i = 0; i < h->n_fields; i++)
			if (h->fields[i].id == id && h->fields[i].name_len)
				return &h->fields[i];
	return NULL;
}

struct h1_field *h1_find(struct h1_head *h, struct slice name)
{
	enum h1_name id = h1_name_find(name);

	if (!(h->known & (1u << id)))
		return NULL;
	for (int i = 0; i < h->n_fields; i++)
		if (h->fields[i].id == id && slice_eq_nocase(h1_field_name(&h->fields[i]), name))
			return &h->fields[i];
	return NULL;
}

struct slice h1_get_id(const struct h1_head *h, enum h1_name id)
{
	const struct h1_field *f = h1_find_id((struct h1_head *)h, id);

	return f ? h1_field_value(f) : slice_make("", 0);
}

void h1_remove_id(struct h1_head *h, enum h1_name id)
{
	if (!(h->known & (1u << id)))
		return;
	for (int i = 0; i < h->n_fields; i++)
		if (h->fields[i].id == id)
			h->fields[i].name_len = 0;
	h->known &= ~(1u << id);
}

void h1_remove(struct h1_head *h, struct slice name)
{
	struct h1_field *f;

	while ((f = h1_find(h, name)))
		f->name_len = 0;
}

void h1_clear(struct h1_head *h)
{
	h->n_fields = 0;
	h->known = 0;
	h->overflow = false;
}

void h1_add(struct h1_head *h, struct slice name, struct slice value)
{
	struct h1_field *f = &h->fields[h->n_fields];

	assert(h->n_fields <= H1_FIELDS_MAX + H1_FIELDS_SPARE);
	if (h->n_fields == H1_FIELDS_MAX + H1_FIELDS_SPARE || !name.len || name.len > UINT16_MAX ||
	    value.len > UINT32_MAX) {
		h->overflow = true;
		return;
	}
	*f = (struct h1_field){.name = name.ptr,
			       .name_len = (uint16_t)name.len,
			       .value = value.ptr,
			       .value_len = (uint32_t)value.len,
			       .id = h1_name_find(name)};
	h->known |= 1u << f->id;
	h->n_fields++;
}

void h1_set(struct h1_head *h, struct slice name, struct slice value)
{
	h1_remove(h, name);
	h1_add(h, name, value);
}

/* Fields that a client must not be able to remove by naming them in Connection. */
static bool is_end_to_end(enum h1_name id)
{
	switch (id) {
	case H1_NAME_HOST:
	case H1_NAME_CONTENT_LENGTH:
	case H1_NAME_COOKIE:
	case H1_NAME_AUTHORIZATION:
	case H1_NAME_REQUEST_ID:
	case H1_NAME_FORWARDED_FOR:
	case H1_NAME_FORWARDED_PROTO:
	case H1_NAME_CLIENT_CERT:
	case H1_NAME_PEER_METADATA:
	case H1_NAME_PEER_METADATA_ID:
	case H1_NAME_ENVOY:
		return true;
	default:
		return false;
	}
}

static void remove_named(struct h1_head *h, struct slice list)
{
	while (list.len) {
		struct slice name = slice_trim(slice_split(&list, ','));

		if (name.len && !is_end_to_end(h1_name_find(name)) && !slice_eq_nocase(name, SLICE("upgrade")))
			h1_remove(h, name);
	}
}

void h1_remove_hop_fields(struct h1_head *h)
{
	static const uint8_t hop[] = {H1_NAME_CONNECTION, H1_NAME_KEEP_ALIVE, H1_NAME_PROXY_CONNECTION, H1_NAME_TE,
				      H1_NAME_TRAILER,    H1_NAME_UPGRADE,    H1_NAME_TRANSFER_ENCODING};
	uint32_t mask = 0;

	for (size_t i = 0; i < sizeof(hop); i++)
		mask |= 1u << hop[i];
	if (!(h->known & mask))
		return;
	for (int i = 0; i < h->n_fields; i++)
		if (h->fields[i].id == H1_NAME_CONNECTION && h->fields[i].name_len)
			remove_named(h, h1_field_value(&h->fields[i]));
	for (size_t i = 0; i < sizeof(hop); i++)
		h1_remove_id(h, hop[i]);
}

size_t h1_head_bound(const struct h1_head *h)
{
	size_t n = h->method.len + h->target.len + h->reason.len + 64;

	for (int i = 0; i < h->n_fields; i++) {
		const struct h1_field *f = &h->fields[i];

		n += f->line_len ? f->line_len : (size_t)f->name_len + f->value_len + 4;
	}
	return n;
}

static char *put(char *out, const void *bytes, size_t n)
{
	if (n)
		memcpy(out, bytes, n);
	return out + n;
}

static char *put_fields(char *out, const struct h1_head *h)
{
	int i = 0;

	while (i < h->n_fields) {
		const struct h1_field *f = &h->fields[i++];
		const char *end = f->name + f->line_len;

		if (!f->name_len)
			continue;
		if (!f->line_len) {
			out = put(out, f->name, f->name_len);
			out = put(out, ": ", 2);
			out = put(out, f->value, f->value_len);
			out = put(out, "\r\n", 2);
			continue;
		}
		for (; i < h->n_fields && h->fields[i].name == end && h->fields[i].name_len && h->fields[i].line_len;
		     i++)
			end += h->fields[i].line_len;
		out = put(out, f->name, (size_t)(end - f->name));
	}
	return out;
}

char *h1_write_request(char *out, const struct h1_head *h)
{
	assert(!h->overflow);
	out = put(out, h->method.ptr, h->method.len);
	*out++ = ' ';
	out = put(out, h->target.ptr, h->target.len);
	out = put(out, " HTTP/1.1\r\n", 11);
	return put_fields(out, h);
}

char *h1_write_response(char *out, const struct h1_head *h)
{
	assert(!h->overflow);
	out = put(out, "HTTP/1.1 ", 9);
	*out++ = (char)('0' + h->status / 100);
	*out++ = (char)('0' + h->status / 10 % 10);
	*out++ = (char)('0' + h->status % 10);
	*out++ = ' ';
	out = put(out, h->reason.ptr, h->reason.len);
	out = put(out, "\r\n", 2);
	return put_fields(out, h);
}

char *h1_write_chunk_head(char *out, size_t size)
{
	char digits[16];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[size & 15];
		size >>= 4;
	} while (size);
	while (n)
		*out++ = digits[--n];
	return put(out, "\r\n", 2);
}
