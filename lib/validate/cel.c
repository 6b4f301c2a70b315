/*
 * A recursive descent over CEL's grammar:
 *   expr = binary ["?" binary ":" expr]; binary = unary {operator unary}; unary = {"!" | "-"} member
 *   member = primary {"." name | "[" expr "]" | "(" list ")" | "{" fields "}"}
 * Precedence of operators does not matter for whether a text is an expression, so all of them are one level.
 */
#include "validate/cel.h"

#include <ctype.h>
#include <errno.h>

struct cel {
	struct slice text;
	size_t at;
	unsigned depth;
	struct err *e;
};

static int expr(struct cel *c);

static int refuse(struct cel *c, const char *what)
{
	return err_set(c->e, -EINVAL, "%s expected at byte %zu", what, c->at + 1);
}

static char peek(struct cel *c, size_t ahead)
{
	return c->at + ahead < c->text.len ? c->text.ptr[c->at + ahead] : 0;
}

static void skip_blank(struct cel *c)
{
	for (;;) {
		while (peek(c, 0) && strchr(" \t\r\n\f", peek(c, 0)))
			c->at++;
		if (peek(c, 0) != '/' || peek(c, 1) != '/')
			return;
		while (peek(c, 0) && peek(c, 0) != '\n')
			c->at++;
	}
}

/* Takes a token that is made of these characters, if it is next. */
static bool take(struct cel *c, const char *token)
{
	const size_t n = strlen(token);

	skip_blank(c);
	if (c->text.len - c->at < n || memcmp(c->text.ptr + c->at, token, n) != 0)
		return false;
	c->at += n;
	return true;
}

static bool is_name(char ch, bool first)
{
	return isalpha((unsigned char)ch) || ch == '_' || (!first && isdigit((unsigned char)ch));
}

static struct slice take_name(struct cel *c)
{
	const size_t from = c->at;

	while (is_name(peek(c, 0), c->at == from))
		c->at++;
	return slice_make(c->text.ptr + from, c->at - from);
}

/* A word that is an operator: "in". */
static bool take_word(struct cel *c, const char *word)
{
	skip_blank(c);
	if (is_name(peek(c, strlen(word)), false))
		return false;
	return take(c, word);
}

/* --- literals --- */

/* From the opening quote on: "a", 'a', """a""" or '''a'''. */
static int string_literal(struct cel *c, bool raw)
{
	const char quote = peek(c, 0);
	const size_t width = peek(c, 1) == quote && peek(c, 2) == quote ? 3 : 1;

	c->at += width;
	while (c->at < c->text.len) {
		if (peek(c, 0) == '\\' && !raw) {
			c->at += 2;
		} else if (peek(c, 0) == quote && (width == 1 || (peek(c, 1) == quote && peek(c, 2) == quote))) {
			c->at += width;
			return 0;
		} else if (width == 1 && peek(c, 0) == '\n') {
			break;
		} else {
			c->at++;
		}
	}
	return refuse(c, "the end of a string");
}

/* 1, 0x1f, 1u, 1.5, .5, 1e-3 */
static int number_literal(struct cel *c)
{
	const bool hex = peek(c, 0) == '0' && (peek(c, 1) == 'x' || peek(c, 1) == 'X');

	if (hex) {
		c->at += 2;
		if (!isxdigit((unsigned char)peek(c, 0)))
			return refuse(c, "a hexadecimal digit");
	}
	while (hex ? isxdigit((unsigned char)peek(c, 0)) : isdigit((unsigned char)peek(c, 0)))
		c->at++;
	if (!hex && peek(c, 0) == '.' && isdigit((unsigned char)peek(c, 1)))
		for (c->at++; isdigit((unsigned char)peek(c, 0));)
			c->at++;
	if (!hex && (peek(c, 0) == 'e' || peek(c, 0) == 'E')) {
		c->at += peek(c, 1) == '+' || peek(c, 1) == '-' ? 2 : 1;
		if (!isdigit((unsigned char)peek(c, 0)))
			return refuse(c, "a digit of an exponent");
		while (isdigit((unsigned char)peek(c, 0)))
			c->at++;
	}
	if (peek(c, 0) == 'u' || peek(c, 0) == 'U')
		c->at++;
	return is_name(peek(c, 0), false) ? refuse(c, "the end of a number") : 0;
}

/* r"a", b"a", br"a" */
static size_t string_prefix(struct cel *c, bool *raw)
{
	size_t n = 0;

	*raw = false;
	while (n < 2 && peek(c, n) && strchr("rRbB", peek(c, n))) {
		*raw |= peek(c, n) == 'r' || peek(c, n) == 'R';
		n++;
	}
	return peek(c, n) == '"' || peek(c, n) == '\'' ? n : 0;
}

/* --- expressions --- */

/* expr {"," expr} up to the closing sign; pairs are key ":" value. */
static int list(struct cel *c, const char *close, bool pairs)
{
	int r;

	while (!take(c, close)) {
		r = expr(c);
		if (r < 0)
			return r;
		if (pairs && !take(c, ":"))
			return refuse(c, "\":\"");
		r = pairs ? expr(c) : 0;
		if (r < 0)
			return r;
		if (take(c, close))
			return 0;
		if (!take(c, ","))
			return refuse(c, close);
	}
	return 0;
}

static int primary(struct cel *c)
{
	bool raw;
	size_t prefix;

	skip_blank(c);
	prefix = string_prefix(c, &raw);
	if (prefix || peek(c, 0) == '"' || peek(c, 0) == '\'') {
		c->at += prefix;
		return string_literal(c, raw);
	}
	if (isdigit((unsigned char)peek(c, 0)) || (peek(c, 0) == '.' && isdigit((unsigned char)peek(c, 1))))
		return number_literal(c);
	if (take(c, "(")) {
		int r = expr(c);

		return r < 0 ? r : take(c, ")") ? 0 : refuse(c, "\")\"");
	}
	if (take(c, "["))
		return list(c, "]", false);
	if (take(c, "{"))
		return list(c, "}", true);
	take(c, ".");
	skip_blank(c);
	return take_name(c).len ? 0 : refuse(c, "a value");
}

static int member(struct cel *c)
{
	int r = primary(c);

	while (r == 0) {
		if (take(c, ".")) {
			skip_blank(c);
			r = take_name(c).len ? 0 : refuse(c, "a field's name");
		} else if (take(c, "[")) {
			r = expr(c);
			if (r == 0 && !take(c, "]"))
				r = refuse(c, "\"]\"");
		} else if (take(c, "(")) {
			r = list(c, ")", false);
		} else if (take(c, "{")) {
			r = list(c, "}", true);
		} else {
			break;
		}
	}
	return r;
}

static int unary(struct cel *c)
{
	if (take(c, "!"))
		while (take(c, "!"))
			;
	else
		while (take(c, "-"))
			;
	return member(c);
}

static bool take_operator(struct cel *c)
{
	static const char *const operators[] = {"||", "&&", "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "%"};

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (take(c, operators[i]))
			return true;
	return take_word(c, "in");
}

static int binary(struct cel *c)
{
	int r = unary(c);

	while (r == 0 && take_operator(c))
		r = unary(c);
	return r;
}

static int expr(struct cel *c)
{
	int r;

	if (++c->depth > CEL_DEPTH_MAX)
		return err_set(c->e, -EINVAL, "nested deeper than %d", CEL_DEPTH_MAX);
	r = binary(c);
	if (r == 0 && take(c, "?")) {
		r = binary(c);
		if (r == 0 && !take(c, ":"))
			r = refuse(c, "\":\"");
		if (r == 0)
			r = expr(c);
	}
	c->depth--;
	return r;
}

int cel_check(struct slice text, struct err *e)
{
	struct cel c = {.text = text, .e = e};
	int r = expr(&c);

	skip_blank(&c);
	if (r == 0 && c.at < text.len)
		r = refuse(&c, "an operator or the end");
	return r;
}
