/*
 * The protobuf form in which clients in Go send built-in kinds, as JSON. It is proto2 by gogo-protobuf: every field
 * that is no pointer in Go is sent, so empty strings and zeros stand for absent ones; lists are not packed. What Go
 * embeds inline in JSON is a message of its own here (row.pb_in). A field that no row knows is refused, unless it is
 * zero or empty and so says nothing.
 */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"

#define VALUES_MAX 262144 /* of one object, all levels; a value takes some 100 bytes as JSON */
#define KEYS_MAX 16384    /* of one map, which is searched for each */

enum wire { WIRE_VARINT, WIRE_FIXED64, WIRE_BYTES, WIRE_FIXED32 = 5 };

/* One field as it lies on the wire. */
struct item {
	uint32_t number;
	uint64_t value; /* varint, fixed */
	struct slice bytes;
	enum wire wire;
};

struct reader {
	struct err *e;
	int depth;
	size_t n_values;
};

static int read_message(struct reader *r, const struct msg_desc *desc, struct slice bytes, int in, cJSON *object);

static int bad(struct reader *r, const char *what)
{
	return err_set(r->e, -EINVAL, "invalid protobuf: %s", what);
}

static int read_varint(struct slice *rest, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && rest->len; shift += 7) {
		unsigned char c = (unsigned char)rest->ptr[0];

		*rest = slice_from(*rest, 1);
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_fixed(struct slice *rest, size_t n, uint64_t *ret)
{
	if (rest->len < n)
		return -EINVAL;
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret |= (uint64_t)(unsigned char)rest->ptr[i] << 8 * i;
	*rest = slice_from(*rest, n);
	return 0;
}

static int next_item(struct reader *r, struct slice *rest, struct item *ret)
{
	uint64_t key, n;
	int rc = read_varint(rest, &key);

	*ret = (struct item){.number = (uint32_t)(key >> 3), .wire = key & 7};
	if (rc < 0 || !ret->number || key >> 35)
		return bad(r, "field number");
	switch (ret->wire) {
	case WIRE_VARINT:
		return read_varint(rest, &ret->value) < 0 ? bad(r, "number") : 0;
	case WIRE_FIXED64:
		return read_fixed(rest, 8, &ret->value) < 0 ? bad(r, "number") : 0;
	case WIRE_FIXED32:
		return read_fixed(rest, 4, &ret->value) < 0 ? bad(r, "number") : 0;
	case WIRE_BYTES:
		if (read_varint(rest, &n) < 0 || n > rest->len)
			return bad(r, "length");
		ret->bytes = slice_head(*rest, n);
		*rest = slice_from(*rest, n);
		return 0;
	}
	return bad(r, "wire type");
}

/* The field of a small message; zero when it has none. */
static int find_item(struct reader *r, struct slice message, uint32_t number, struct item *ret)
{
	struct item it;

	*ret = (struct item){.number = number};
	while (message.len) {
		int rc = next_item(r, &message, &it);

		if (rc < 0)
			return rc;
		if (it.number == number)
			*ret = it;
	}
	return 0;
}

/* Without NUL, which C strings cannot have, and well-formed UTF-8. */
static bool text_is_clean(struct slice s)
{
	return slice_find(s, 0) < 0 && json_is_utf8(s);
}

static cJSON *new_string(struct reader *r, struct slice s)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (!text_is_clean(s)) {
		bad(r, "a string with NUL or invalid UTF-8");
		return NULL;
	}
	buf_append_slice(&text, s);
	return cJSON_CreateString(buf_str(&text));
}

/* One more value of the object being read. */
static int count_value(struct reader *r)
{
	return ++r->n_values > VALUES_MAX ? bad(r, "too many values") : 0;
}

static cJSON *new_base64(struct slice s)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	base64_encode(s, &text);
	return cJSON_CreateString(buf_str(&text));
}

/* {1: seconds, 2: nanoseconds}; the zero time is no time. */
static cJSON *new_time(struct reader *r, struct slice message)
{
	struct item seconds, nanos;
	char text[64], fraction[16] = "";
	struct tm tm;
	time_t t;
	size_t n;

	if (find_item(r, message, 1, &seconds) < 0 || find_item(r, message, 2, &nanos) < 0 || !seconds.value)
		return NULL;
	t = (time_t)seconds.value;
	if (!gmtime_r(&t, &tm))
		return NULL;
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	if (nanos.value && nanos.value < 1000000000)
		snprintf(fraction, sizeof(fraction), ".%06u", (unsigned)(nanos.value / 1000));
	snprintf(text + n, sizeof(text) - n, "%sZ", fraction);
	return cJSON_CreateString(text);
}

/* {1: type, 2: number, 3: string} */
static cJSON *new_int_or_str(struct reader *r, struct slice message)
{
	struct item type, number, string;

	if (find_item(r, message, 1, &type) < 0 || find_item(r, message, 2, &number) < 0 ||
	    find_item(r, message, 3, &string) < 0)
		return NULL;
	return type.value ? new_string(r, string.bytes) : cJSON_CreateNumber((int32_t)number.value);
}

static cJSON *new_quantity(struct reader *r, struct slice message)
{
	struct item text;

	if (find_item(r, message, 1, &text) < 0 || !text.bytes.len)
		return NULL;
	return new_string(r, text.bytes);
}

/* {1: bytes of JSON} */
static cJSON *new_raw_json(struct reader *r, struct slice message)
{
	struct item raw;
	cJSON *json = NULL;

	if (find_item(r, message, 1, &raw) < 0 || !raw.bytes.len)
		return NULL;
	json_parse(raw.bytes, JSON_OBJECT_MAX_BYTES, &json, r->e);
	return json;
}

static cJSON *new_message(struct reader *r, const struct msg_desc *desc, struct slice bytes)
{
	cJSON *object = cJSON_CreateObject();

	if (read_message(r, desc, bytes, 0, object) == 0)
		return object;
	cJSON_Delete(object);
	return NULL;
}

static cJSON *new_number(const struct msg_field *f, uint64_t value)
{
	double d;

	if (f->type == MSG_INT32)
		return cJSON_CreateNumber((int32_t)value);
	if (f->type == MSG_UINT32)
		return cJSON_CreateNumber((uint32_t)value);
	if (f->type == MSG_INT64)
		return json_new_int64((int64_t)value);
	memcpy(&d, &value, sizeof(d));
	return cJSON_CreateNumber(d);
}

static cJSON *new_text(struct reader *r, const struct msg_field *f, struct slice bytes)
{
	if (f->format && !strcmp(f->format, "date-time"))
		return new_time(r, bytes);
	if (!bytes.len && !(f->flags & (MSG_LIST | MSG_KEEP_EMPTY)))
		return NULL;
	return f->format && !strcmp(f->format, "byte") ? new_base64(bytes) : new_string(r, bytes);
}

/* One value, or NULL: absent, or an error in r->e. */
static cJSON *new_value(struct reader *r, const struct msg_field *f, const struct item *it)
{
	bool zero = !it->value && !(f->flags & (MSG_OPTIONAL | MSG_LIST));

	switch ((enum msg_type)f->type) {
	case MSG_BOOL:
		return zero ? NULL : cJSON_CreateBool(it->value != 0);
	case MSG_INT32:
	case MSG_UINT32:
	case MSG_INT64:
	case MSG_DOUBLE:
		return zero ? NULL : new_number(f, it->value);
	case MSG_STRING:
		return new_text(r, f, it->bytes);
	case MSG_QUANTITY:
		return new_quantity(r, it->bytes);
	case MSG_INT_OR_STR:
		return new_int_or_str(r, it->bytes);
	case MSG_MESSAGE:
		return new_message(r, f->desc, it->bytes);
	case MSG_JSON:
		return new_raw_json(r, it->bytes);
	default:
		return NULL;
	}
}

/* {repeated 1: string} */
static cJSON *new_string_list(struct reader *r, struct slice message)
{
	cJSON *list = cJSON_CreateArray();
	struct item it;

	while (message.len && next_item(r, &message, &it) == 0)
		if (it.number == 1 && count_value(r) == 0)
			cJSON_AddItemToArray(list, new_string(r, it.bytes));
	if (!r->e->code)
		return list;
	cJSON_Delete(list);
	return NULL;
}

static cJSON *new_map_value(struct reader *r, const struct msg_field *f, struct slice bytes)
{
	if (f->type == MSG_MAP)
		return new_message(r, f->desc, bytes);
	if (f->type == MSG_JSON)
		return strcmp(f->format, "date-times") ? new_string_list(r, bytes) : new_time(r, bytes);
	if (f->elem == MSG_QUANTITY)
		return new_quantity(r, bytes);
	return f->format ? new_base64(bytes) : new_string(r, bytes);
}

/* Entry {1: key, 2: value}. */
static int add_entry(struct reader *r, const struct msg_field *f, struct slice entry, cJSON *object)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	struct item key, value;
	cJSON *map, *json;

	if (find_item(r, entry, 1, &key) < 0 || find_item(r, entry, 2, &value) < 0)
		return -EINVAL;
	if (!text_is_clean(key.bytes))
		return bad(r, "a key with NUL or invalid UTF-8");
	buf_append_slice(&name, key.bytes);
	map = json_get(object, f->name);
	if (!map)
		map = cJSON_AddObjectToObject(object, f->name);
	if (cJSON_GetArraySize(map) >= KEYS_MAX)
		return bad(r, "too many keys");
	json = new_map_value(r, f, value.bytes);
	if (!json)
		return r->e->code ? r->e->code : bad(r, f->name);
	cJSON_DeleteItemFromObjectCaseSensitive(map, buf_str(&name));
	cJSON_AddItemToObject(map, buf_str(&name), json);
	return 0;
}

static bool is_map(const struct msg_field *f)
{
	return f->type == MSG_MAP || f->type == MSG_STR_MAP ||
	       (f->type == MSG_JSON && f->format &&
		(!strcmp(f->format, "string-lists") || !strcmp(f->format, "date-times")));
}

static bool is_number(const struct msg_field *f)
{
	return f->type == MSG_BOOL || f->type == MSG_INT32 || f->type == MSG_UINT32 || f->type == MSG_INT64;
}

static int add_field(struct reader *r, const struct msg_field *f, const struct item *it, cJSON *object)
{
	enum wire wanted = is_number(f) ? WIRE_VARINT : f->type == MSG_DOUBLE ? WIRE_FIXED64 : WIRE_BYTES;
	cJSON *value, *list;

	if (it->wire != wanted)
		return bad(r, f->name);
	if (count_value(r) < 0)
		return r->e->code;
	if (is_map(f))
		return add_entry(r, f, it->bytes, object);
	value = new_value(r, f, it);
	if (!value)
		return r->e->code;
	if (!(f->flags & MSG_LIST)) {
		cJSON_DeleteItemFromObjectCaseSensitive(object, f->name);
		cJSON_AddItemToObject(object, f->name, value);
		return 0;
	}
	list = json_get(object, f->name);
	if (!list)
		list = cJSON_AddArrayToObject(object, f->name);
	cJSON_AddItemToArray(list, value);
	return 0;
}

static const struct msg_field *find_row(const struct msg_desc *desc, uint32_t number, int in)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].pb == number && desc->fields[i].pb_in == in)
			return &desc->fields[i];
	return NULL;
}

static bool has_inline(const struct msg_desc *desc, uint32_t number)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].pb && desc->fields[i].pb_in == number)
			return true;
	return false;
}

/* A field that no row knows. */
static int refuse(struct reader *r, const struct msg_desc *desc, const struct item *it)
{
	if (!it->value && !it->bytes.len)
		return 0;
	return err_set(r->e, -EPROTONOSUPPORT, "field %u of %s is not known", it->number, desc->name);
}

static int read_fields(struct reader *r, const struct msg_desc *desc, struct slice bytes, int in, cJSON *object)
{
	struct item it;
	int rc = 0;

	while (rc == 0 && bytes.len) {
		const struct msg_field *f;

		rc = next_item(r, &bytes, &it);
		if (rc < 0)
			return rc;
		f = find_row(desc, it.number, in);
		if (f)
			rc = add_field(r, f, &it, object);
		else if (!in && it.wire == WIRE_BYTES && has_inline(desc, it.number))
			rc = read_message(r, desc, it.bytes, (int)it.number, object);
		else
			rc = refuse(r, desc, &it);
	}
	return rc;
}

static int read_message(struct reader *r, const struct msg_desc *desc, struct slice bytes, int in, cJSON *object)
{
	int rc;

	if (r->depth >= MSG_DEPTH_MAX)
		return bad(r, "nested too deep");
	r->depth++;
	rc = read_fields(r, desc, bytes, in, object);
	r->depth--;
	return rc;
}

int msg_proto_to_json(const struct msg_desc *desc, struct slice bytes, cJSON **ret, struct err *e)
{
	struct err own = ERR_INIT;
	struct reader r = {.e = &own};
	CLEANUP(json_freep) cJSON *object = cJSON_CreateObject();
	int rc = read_message(&r, desc, bytes, 0, object);

	if (rc < 0)
		return err_set(e, rc, "%s: %s", desc->name, own.msg);
	*ret = take(object);
	return 0;
}
