/* Rows and cells; the columns of custom kinds are evaluated here, those of built-in kinds in table_builtin.c. */
#include "lab/view/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lab/object/object.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

/* "3m" or "3m5s": the smaller unit is left out when zero. */
static void two_units(char *out, long long a, char unit_a, long long b, char unit_b)
{
	if (b)
		snprintf(out, TABLE_AGE_MAX, "%lld%c%lld%c", a, unit_a, b, unit_b);
	else
		snprintf(out, TABLE_AGE_MAX, "%lld%c", a, unit_a);
}

const char *table_age(int64_t s, char *out)
{
	if (s < -1)
		snprintf(out, TABLE_AGE_MAX, "<invalid>");
	else if (s < 2 * MINUTE)
		two_units(out, s < 0 ? 0 : s, 's', 0, 0);
	else if (s < 10 * MINUTE)
		two_units(out, s / MINUTE, 'm', s % MINUTE, 's');
	else if (s < 3 * HOUR)
		two_units(out, s / MINUTE, 'm', 0, 0);
	else if (s < 8 * HOUR)
		two_units(out, s / HOUR, 'h', s / MINUTE % 60, 'm');
	else if (s < 2 * DAY)
		two_units(out, s / HOUR, 'h', 0, 0);
	else if (s < 8 * DAY)
		two_units(out, s / DAY, 'd', s / HOUR % 24, 'h');
	else if (s < 2 * YEAR)
		two_units(out, s / DAY, 'd', 0, 0);
	else if (s < 8 * YEAR)
		two_units(out, s / YEAR, 'y', s / DAY % 365, 'd');
	else
		two_units(out, s / YEAR, 'y', 0, 0);
	return out;
}

cJSON *table_definitions(const struct table *t)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < t->n; i++) {
		const struct table_column *c = &t->columns[i];
		cJSON *o = cJSON_CreateObject();

		cJSON_AddStringToObject(o, "name", c->name);
		cJSON_AddStringToObject(o, "type", c->type);
		cJSON_AddStringToObject(o, "format", c->format ? c->format : "");
		cJSON_AddStringToObject(o, "description", c->doc ? c->doc : "");
		cJSON_AddNumberToObject(o, "priority", c->priority);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

static cJSON *age_cell(const char *timestamp, int64_t now_s)
{
	char text[TABLE_AGE_MAX];
	int64_t ns;

	if (clock_parse(slice_str(timestamp), &ns) < 0)
		return cJSON_CreateString("<invalid>");
	return cJSON_CreateString(table_age(now_s - ns / NS_PER_S, text));
}

/* Whatever a path found, as text: strings as they are, the rest as JSON. */
static cJSON *text_cell(const cJSON *v)
{
	char *text;
	cJSON *cell;

	if (cJSON_IsString(v))
		return cJSON_CreateString(v->valuestring);
	text = cJSON_PrintUnformatted(v);
	cell = cJSON_CreateString(text ? text : "");
	cJSON_free(text);
	return cell;
}

static cJSON *custom_cell(const struct table_column *c, const cJSON *object, int64_t now_s)
{
	const cJSON *v = table_path_find(object, c->path);

	if (!v || cJSON_IsNull(v))
		return cJSON_CreateNull();
	if (strcmp(c->type, "date") == 0 && cJSON_IsString(v))
		return age_cell(v->valuestring, now_s);
	if ((strcmp(c->type, "integer") == 0 || strcmp(c->type, "number") == 0) && cJSON_IsNumber(v))
		return cJSON_CreateNumber(v->valuedouble);
	if (strcmp(c->type, "boolean") == 0 && cJSON_IsBool(v))
		return cJSON_CreateBool(cJSON_IsTrue(v));
	return text_cell(v);
}

cJSON *table_cells(const struct table *t, const cJSON *object, int64_t now_s)
{
	cJSON *row = cJSON_CreateArray();

	for (size_t i = 0; i < t->n; i++) {
		const struct table_column *c = &t->columns[i];

		cJSON_AddItemToArray(row, c->cell ? c->cell(object, now_s) : custom_cell(c, object, now_s));
	}
	return row;
}

/* ---- JSONPath ---- */

static const cJSON *step(const cJSON *at, const char *path);

/* [?(@.type=="Ready")]: the first element whose field has that value. path stands after "[?(@." */
static const cJSON *filter(const cJSON *list, const char *path)
{
	const char *op = strstr(path, "=="), *end, *quote;
	char field[128], value[256];
	const cJSON *e;

	if (!op || (size_t)(op - path) >= sizeof(field))
		return NULL;
	snprintf(field, sizeof(field), "%.*s", (int)(op - path), path);
	for (size_t n = strlen(field); n && field[n - 1] == ' ';)
		field[--n] = 0;
	for (op += 2; *op == ' ';)
		op++;
	quote = (*op == '"' || *op == '\'') ? op : NULL;
	end = quote ? strchr(op + 1, *quote) : strchr(op, ')');
	if (!end)
		return NULL;
	op += quote != NULL;
	snprintf(value, sizeof(value), "%.*s", (int)(end - op), op);
	path = strchr(end, ']');
	cJSON_ArrayForEach(e, list)
	{
		if (path && strcmp(json_str_or_empty(e, field), value) == 0)
			return step(e, path + 1);
	}
	return NULL;
}

/* path stands after '['. */
static const cJSON *bracket(const cJSON *at, const char *path)
{
	const char *close = strchr(path, ']');
	char name[256];

	if (strncmp(path, "?(@.", 4) == 0)
		return filter(at, path + 4);
	if (!close)
		return NULL;
	if (*path == '\'' || *path == '"') {
		snprintf(name, sizeof(name), "%.*s", (int)(close - path - 2), path + 1);
		return step(json_get(at, name), close + 1);
	}
	if (*path == '*')
		return step(cJSON_GetArrayItem(at, 0), close + 1);
	return step(cJSON_GetArrayItem(at, atoi(path)), close + 1);
}

static const cJSON *step(const cJSON *at, const char *path)
{
	char name[256];
	size_t n = 0;

	if (!at || !*path)
		return at;
	if (*path == '[')
		return bracket(at, path + 1);
	if (*path != '.')
		return NULL;
	/* A backslash takes the next character as it is: .metadata.labels.maistra\.io/member-of */
	for (path++; *path && *path != '.' && *path != '[' && n + 1 < sizeof(name); path++) {
		if (*path == '\\' && path[1])
			path++;
		name[n++] = *path;
	}
	name[n] = 0;
	return step(n ? json_get(at, name) : at, path);
}

const cJSON *table_path_find(const cJSON *object, const char *path)
{
	return path ? step(object, path) : NULL;
}
