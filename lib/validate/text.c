/* Validation: regular expressions, durations, percentages, and headers with variables in them. */
#include "validate/validate_internal.h"
#include "route/match.h"

#define REGEX_MAX 1024
#define NS_PER_MS 1000000

void val_regex(struct val *v, const char *path, const char *text)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct regex *re;
	struct err e = ERR_INIT;

	if (strlen(text) > REGEX_MAX)
		val_error(v, path, "\"%.60s...\": regex is too large, max length allowed is %d", text, REGEX_MAX);
	else if (regex_new(&a, slice_str(text), &re, &e) < 0)
		val_error(v, path,
			  "\"%s\": %s; Istio uses RE2 style regex-based match "
			  "(https://github.com/google/re2/wiki/Syntax)",
			  text, e.msg);
}

void val_duration(struct val *v, const char *path, const int64_t *ns)
{
	if (ns && *ns < NS_PER_MS)
		val_error(v, path, "duration must be greater than 1ms");
	else if (ns && *ns % NS_PER_MS)
		val_error(v, path, "only durations to ms precision are supported");
}

void val_percent(struct val *v, const char *path, int32_t n)
{
	if (n < 0 || n > 100)
		val_error(v, path, "percentage %d is not in range 0..100", n);
}

void val_header_name(struct val *v, const char *path, const char *name)
{
	if (!val_set(name)) {
		val_error(v, path, "header name cannot be empty");
		return;
	}
	for (const char *p = name; *p; p++) {
		if (*p <= ' ' || *p == 0x7f || strchr("(),/;\"", *p)) {
			val_error(v, path, "header name \"%s\" is not a valid header name", name);
			return;
		}
	}
}

static const char *skip_spaces(const char *p)
{
	return p + strspn(p, " ");
}

/* From behind the opening quote to behind the closing one. */
static const char *skip_string(const char *p)
{
	for (; *p && *p != '"'; p++)
		if (*p == '\\' && !*++p)
			return NULL;
	return *p ? p + 1 : NULL;
}

/* ["a", "b"] from behind the bracket. */
static const char *skip_list(const char *p)
{
	for (;;) {
		p = skip_spaces(p);
		if (*p != '"')
			return NULL;
		p = skip_string(p + 1);
		if (!p)
			return NULL;
		p = skip_spaces(p);
		if (*p == ']')
			return skip_spaces(p + 1);
		if (*p++ != ',')
			return NULL;
	}
}

/* Anything without a quote, up to the parenthesis. */
static const char *skip_words(const char *p)
{
	for (; *p && *p != ')'; p++)
		if (*p == '"' || (*p == '\\' && !*++p))
			return NULL;
	return p;
}

/* A variable from behind its first percent sign to behind the last; NULL when it makes none. */
static const char *skip_variable(const char *p)
{
	p += strcspn(p, "%(");
	if (*p == '(') {
		p = skip_spaces(p + 1);
		p = *p == '[' ? skip_list(p + 1) : skip_words(p);
		if (!p || *p != ')')
			return NULL;
		p = skip_spaces(p + 1);
	}
	return *p == '%' ? p + 1 : NULL;
}

void val_header_value(struct val *v, const char *path, const char *value)
{
	for (const char *p = value; *p; p++) {
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f) {
			val_error(v, path, "header value \"%.100s\" has a control character in it", value);
			return;
		}
	}
	for (const char *p = value; p && (p = strchr(p, '%'));) {
		p = p[1] == '%' ? p + 2 : skip_variable(p + 1);
		if (!p)
			val_error(v, path,
				  "header value \"%.200s\": a %% must be doubled, or begin a variable such as "
				  "%%REQ(:path)%%",
				  value);
	}
}
