/* Names: see names.h. */
#include "api/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LABEL_MAX 63
#define SUBDOMAIN_MAX 253

static const char LABEL_TEXT[] =
	"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
	"with "
	"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
static const char LABEL_1035_TEXT[] =
	"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
	"character, and "
	"end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
	"'[a-z]([-a-z0-9]*[a-z0-9])?')";
static const char SUBDOMAIN_TEXT[] =
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
	"and "
	"end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
static const char KEY_TEXT[] = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and "
			       "end with an alphanumeric "
			       "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
			       "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
static const char VALUE_TEXT[] =
	"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
	"and "
	"end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
	"'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

enum name_rule name_rule(const char *group, const char *plural)
{
	if (strcmp(group, "rbac.authorization.k8s.io") == 0)
		return NAME_PATH_SEGMENT;
	if (*group)
		return NAME_SUBDOMAIN;
	if (strcmp(plural, "namespaces") == 0)
		return NAME_LABEL;
	return strcmp(plural, "services") == 0 ? NAME_LABEL_1035 : NAME_SUBDOMAIN;
}

static bool lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_label(const char *s, size_t n)
{
	if (!n || !lower_alnum(s[0]) || !lower_alnum(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!lower_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

static bool is_subdomain(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, ".");

		if (!is_label(s, n))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

static const char *label_problem(const char *name, bool letter_first)
{
	size_t n = strlen(name);

	if (n > LABEL_MAX)
		return "must be no more than 63 characters";
	if (!is_label(name, n) || (letter_first && !(name[0] >= 'a' && name[0] <= 'z')))
		return letter_first ? LABEL_1035_TEXT : LABEL_TEXT;
	return NULL;
}

static const char *segment_problem(const char *name)
{
	if (strcmp(name, ".") == 0)
		return "may not be '.'";
	if (strcmp(name, "..") == 0)
		return "may not be '..'";
	if (strchr(name, '/'))
		return "may not contain '/'";
	return strchr(name, '%') ? "may not contain '%'" : NULL;
}

const char *name_problem(enum name_rule rule, const char *name)
{
	switch (rule) {
	case NAME_LABEL:
	case NAME_LABEL_1035:
		return label_problem(name, rule == NAME_LABEL_1035);
	case NAME_PATH_SEGMENT:
		return segment_problem(name);
	default:
		if (strlen(name) > SUBDOMAIN_MAX)
			return "must be no more than 253 characters";
		return is_subdomain(name) ? NULL : SUBDOMAIN_TEXT;
	}
}

static bool qualified(const char *s, size_t n)
{
	if (!n || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("-_.", s[i]))
			return false;
	return true;
}

const char *label_key_problem(const char *key)
{
	const char *slash = strchr(key, '/');
	const char *name = slash ? slash + 1 : key;

	if (!*name)
		return "name part must be non-empty";
	if (strlen(name) > LABEL_MAX)
		return "name part must be no more than 63 characters";
	if (slash == key)
		return "prefix part must be non-empty";
	return qualified(name, strlen(name)) ? NULL : KEY_TEXT;
}

const char *label_value_problem(const char *value)
{
	if (strlen(value) > LABEL_MAX)
		return "must be no more than 63 characters";
	return !*value || qualified(value, strlen(value)) ? NULL : VALUE_TEXT;
}
