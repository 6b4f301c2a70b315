/* Looking up and changing heads. */
#include "http/head.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "http/buffers.h"

/* All that a head can have. */
#define ROOM_MAX (HTTP_FIELDS_MAX + HTTP_FIELDS_SPARE)

_Static_assert(ROOM_MAX * sizeof(struct http_field) <= BUFFERS_MANY_BYTES, "one buffer holds a head's fields");

struct http_field *http_find_id(struct http_head *h, enum http_name id)
{
	if (h->known & (1u << id))
		for (int i = 0; i < h->n_fields; i++)
			if (h->fields[i].id == id && h->fields[i].name_len)
				return &h->fields[i];
	return NULL;
}

static struct http_field *find(struct http_head *h, enum http_name id, struct slice name)
{
	if (!(h->known & (1u << id)))
		return NULL;
	for (int i = 0; i < h->n_fields; i++)
		if (h->fields[i].id == id && slice_eq_nocase(http_field_name(&h->fields[i]), name))
			return &h->fields[i];
	return NULL;
}

struct http_field *http_find(struct http_head *h, struct slice name)
{
	return find(h, http_name_find(name), name);
}

struct slice http_get_id(const struct http_head *h, enum http_name id)
{
	const struct http_field *f = http_find_id((struct http_head *)h, id);

	return f ? http_field_value(f) : slice_make("", 0);
}

void http_remove_id(struct http_head *h, enum http_name id)
{
	if (!(h->known & (1u << id)))
		return;
	for (int i = 0; i < h->n_fields; i++)
		if (h->fields[i].id == id)
			h->fields[i].name_len = 0;
	h->known &= ~(1u << id);
}

static void remove_all(struct http_head *h, enum http_name id, struct slice name)
{
	struct http_field *f;

	while ((f = find(h, id, name)))
		f->name_len = 0;
}

void http_remove(struct http_head *h, struct slice name)
{
	remove_all(h, http_name_find(name), name);
}

void http_clear(struct http_head *h)
{
	h->scheme = slice_make("", 0);
	h->n_fields = 0;
	h->known = 0;
	h->overflow = false;
}

void http_head_init(struct http_head *h)
{
	memset(h, 0, offsetof(struct http_head, few));
}

static void give_back(struct http_head *h)
{
	const size_t bytes = h->room * sizeof(struct http_field);

	if (!h->room || h->fields == h->few)
		return;
	if (h->buffers)
		buffers_put(h->buffers, h->fields, bytes <= BUFFERS_FEW_BYTES ? BUFFERS_FEW_BYTES : BUFFERS_MANY_BYTES);
	else
		free(h->fields);
}

void http_head_done(struct http_head *h)
{
	give_back(h);
	h->fields = NULL;
	h->room = 0;
	http_clear(h);
}

static void *get_memory(struct http_head *h, size_t min, size_t *ret_size)
{
	if (h->buffers)
		return buffers_get(h->buffers, min, ret_size);
	*ret_size = min;
	return mem_alloc(min);
}

/* From a few fields to what a browser sends, and from there to all that is allowed. */
static void grow(struct http_head *h)
{
	struct http_field *fresh = h->few;
	size_t room = HTTP_FIELDS_FEW, bytes;

	if (h->room) {
		fresh = get_memory(h, h->room == HTTP_FIELDS_FEW ? BUFFERS_FEW_BYTES : BUFFERS_MANY_BYTES, &bytes);
		room = MIN(bytes / sizeof(*fresh), (size_t)ROOM_MAX);
		memcpy(fresh, h->fields, h->n_fields * sizeof(*fresh));
	}
	give_back(h);
	h->fields = fresh;
	h->room = (uint16_t)room;
}

struct http_field *http_head_grow(struct http_head *h)
{
	assert(h->n_fields == h->room);
	if (h->n_fields == ROOM_MAX)
		return NULL;
	grow(h);
	return &h->fields[h->n_fields];
}

static bool fits(struct slice name, struct slice value)
{
	return name.len && name.len <= UINT16_MAX && value.len <= UINT16_MAX;
}

static void put(struct http_head *h, struct http_field *f, enum http_name id, struct slice name, struct slice value)
{
	*f = (struct http_field){.name = name.ptr,
				 .name_len = (uint16_t)name.len,
				 .value = value.ptr,
				 .value_len = (uint16_t)value.len,
				 .id = (uint8_t)id};
	h->known |= 1u << f->id;
}

void http_add_id(struct http_head *h, enum http_name id, struct slice name, struct slice value)
{
	struct http_field *f = fits(name, value) ? http_head_room(h) : NULL;

	if (!f) {
		h->overflow = true;
		return;
	}
	put(h, f, id, name, value);
	h->n_fields++;
}

void http_add(struct http_head *h, struct slice name, struct slice value)
{
	http_add_id(h, http_name_find(name), name, value);
}

void http_set(struct http_head *h, struct slice name, struct slice value)
{
	const enum http_name id = http_name_find(name);
	struct http_field *first = find(h, id, name);

	remove_all(h, id, name);
	if (first && fits(name, value))
		put(h, first, id, name, value);
	else
		http_add_id(h, id, name, value);
}

/* Fields that a client must not be able to remove by naming them in Connection. */
static bool is_end_to_end(enum http_name id)
{
	switch (id) {
	case HTTP_NAME_HOST:
	case HTTP_NAME_CONTENT_LENGTH:
	case HTTP_NAME_COOKIE:
	case HTTP_NAME_AUTHORIZATION:
	case HTTP_NAME_REQUEST_ID:
	case HTTP_NAME_FORWARDED_FOR:
	case HTTP_NAME_FORWARDED_PROTO:
	case HTTP_NAME_CLIENT_CERT:
	case HTTP_NAME_PEER_METADATA:
	case HTTP_NAME_PEER_METADATA_ID:
	case HTTP_NAME_ENVOY:
		return true;
	default:
		return false;
	}
}

static void remove_named(struct http_head *h, struct slice list)
{
	while (list.len) {
		struct slice name = slice_trim(slice_split(&list, ','));

		if (name.len && !is_end_to_end(http_name_find(name)) && !slice_eq_nocase(name, SLICE("upgrade")))
			http_remove(h, name);
	}
}

#define BIT(name) (1u << HTTP_NAME_##name)

void http_remove_hop_fields(struct http_head *h)
{
	static const uint32_t hop = BIT(CONNECTION) | BIT(KEEP_ALIVE) | BIT(PROXY_CONNECTION) | BIT(TE) | BIT(TRAILER) |
				    BIT(UPGRADE) | BIT(TRANSFER_ENCODING);

	if (!(h->known & hop))
		return;
	for (int i = 0; i < h->n_fields; i++)
		if (h->fields[i].id == HTTP_NAME_CONNECTION && h->fields[i].name_len)
			remove_named(h, http_field_value(&h->fields[i]));
	for (uint32_t left = h->known & hop; left; left &= left - 1)
		http_remove_id(h, (enum http_name)__builtin_ctz(left));
}
