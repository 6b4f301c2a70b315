/* What an expression reads of its variables, as far as its text tells. */
#include <string.h>

#include "cel/ast_internal.h"

bool cel_uses(const struct cel_program *p, size_t variable)
{
	return p->uses >> variable & 1;
}

static bool reads(const struct cel_node *n, const char *variable, const char *member)
{
	if (!n)
		return false;
	if (n->op == CEL_OP_VARIABLE)
		return strcmp(n->name, variable) == 0;
	if ((n->op == CEL_OP_SELECT || n->op == CEL_OP_HAS) && n->a->op == CEL_OP_VARIABLE)
		return strcmp(n->a->name, variable) == 0 && strcmp(n->name, member) == 0;
	for (size_t i = 0; i < n->n_args; i++)
		if (reads(n->args[i], variable, member))
			return true;
	return reads(n->a, variable, member) || reads(n->b, variable, member) || reads(n->c, variable, member);
}

bool cel_reads(const struct cel_program *p, size_t variable, const char *member)
{
	return cel_uses(p, variable) && reads(p->root, p->variables.v[variable], member);
}
