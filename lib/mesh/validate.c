/* Validation of configuration objects: dispatch by kind and what the kinds share. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "mesh/validate_internal.h"
#include "route/match.h"

void val_error(struct val *v, const char *path, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v->n++;
	if (v->on_error)
		v->on_error(v->arg, path, text);
}

void val_warn(struct val *v, const char *path, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (v->on_warning)
		v->on_warning(v->arg, path, text);
}

void val_port(struct val *v, const char *path, uint32_t port)
{
	if (port < 1 || port > 65535)
		val_error(v, path, "port number %u must be in the range 1..65535", port);
}

void val_regex(struct val *v, const char *path, const char *text)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct regex *re;
	struct err e = ERR_INIT;

	if (regex_new(&a, slice_str(text), &re, &e) < 0)
		val_error(v, path,
			  "\"%s\": %s; Istio uses RE2 style regex-based match "
			  "(https://github.com/google/re2/wiki/Syntax)",
			  text, e.msg);
}

static bool label_ok(struct slice s)
{
	if (!s.len || s.len > 63)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];
		const bool alnum =
			(c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!alnum && !(c == '-' && i && i + 1 < s.len))
			return false;
	}
	return true;
}

static bool is_ip(const char *host)
{
	struct in6_addr a;

	return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

void val_domain(struct val *v, const char *path, const char *host)
{
	struct slice rest = slice_str(host);

	if (!rest.len) {
		val_error(v, path, "empty domain name not allowed");
		return;
	}
	if (rest.len > 255) {
		val_error(v, path, "domain name \"%s\" too long (max 255)", host);
		return;
	}
	if (is_ip(host) || strcmp(host, "*") == 0)
		return;
	if (slice_starts(rest, SLICE("*.")))
		rest = slice_from(rest, 2);
	if (slice_ends(rest, SLICE(".")))
		rest.len--;
	while (rest.len) {
		const struct slice label = slice_split(&rest, '.');

		if (!label_ok(label)) {
			val_error(v, path, "domain name \"%s\" invalid (label \"%.*s\" invalid)", host,
				  SLICE_ARG(label));
			return;
		}
	}
}

void val_export_to(struct val *v, const char *const *list, size_t n, const char *ns)
{
	bool public = false, private = false;

	for (size_t i = 0; i < n; i++) {
		public |= strcmp(list[i], "*") == 0;
		private |= strcmp(list[i], "*") != 0;
		for (size_t k = 0; k < i; k++) {
			if (strcmp(list[i], list[k]) == 0)
				val_error(v, "spec.exportTo", "duplicate entries in exportTo for entry %s", list[i]);
			else if ((strcmp(list[i], ".") == 0 && strcmp(list[k], ns) == 0) ||
				 (strcmp(list[k], ".") == 0 && strcmp(list[i], ns) == 0))
				val_error(v, "spec.exportTo",
					  "duplicate entries in exportTo: . and current namespace %s", ns);
		}
	}
	if (public && private)
		val_error(v, "spec.exportTo",
			  "cannot have both public (*) and non-public exportTo values for a resource");
}

static const struct {
	const struct api_kind *kind;
	void (*check)(struct val *v, const struct api_object *o);
} checks[] = {
	{&api_kind_virtual_service, val_virtual_service},
	{&api_kind_destination_rule, val_destination_rule},
	{&api_kind_gateway, val_gateway},
	{&api_kind_service_entry, val_service_entry},
	{&api_kind_sidecar, val_sidecar},
	{&api_kind_peer_authentication, val_peer_authentication},
	{&api_kind_authorization_policy, val_authorization_policy},
};

int validate_object(const struct api_object *o, validate_fn on_error, validate_fn on_warning, void *arg)
{
	struct val v = {.on_error = on_error, .on_warning = on_warning, .arg = arg};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (checks[i].kind == o->kind)
			checks[i].check(&v, o);
	arena_done(&v.arena);
	return v.n;
}
