/* Texts of the store: tags as Jaeger's query API has them. */
#include "console/store/store_internal.h"

#include <math.h>
#include <stdlib.h>

void store_put_json(struct buf *out, struct slice s)
{
	size_t from = 0;

	buf_append_char(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		const unsigned char c = (unsigned char)s.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_append(out, s.ptr + from, i - from);
		if (c < 0x20)
			buf_printf(out, "\\u%04x", c);
		else
			buf_printf(out, "\\%c", c);
		from = i + 1;
	}
	buf_append(out, s.ptr + from, s.len - from);
	buf_append_char(out, '"');
}

static void put_value(struct buf *out, const struct span_tag *t)
{
	switch (t->type) {
	case SPAN_TAG_BOOL:
	case SPAN_TAG_INT:
		buf_append_slice(out, t->value);
		return;
	case SPAN_TAG_FLOAT:
		/* JSON has no NaN and no infinity. */
		if (isfinite(strtod(t->value.ptr, NULL))) {
			buf_append_slice(out, t->value);
			return;
		}
		break;
	case SPAN_TAG_STRING:
		break;
	}
	store_put_json(out, t->value);
}

void store_put_tags(struct buf *out, const struct span_tags *t)
{
	static const char *const types[] = {"string", "bool", "int64", "float64"};

	buf_append_char(out, '[');
	for (size_t i = 0; i < t->n; i++) {
		buf_append_str(out, i ? ",{\"key\":" : "{\"key\":");
		store_put_json(out, t->v[i].key);
		buf_printf(out, ",\"type\":\"%s\",\"value\":", types[t->v[i].type]);
		put_value(out, &t->v[i]);
		buf_append_char(out, '}');
	}
	buf_append_char(out, ']');
}
