/* Names of objects on the command line. */
#include <string.h>

#include "ctl/core/core.h"

int ctl_split_name(const char *text, const char *ns, struct arena *a, const char **ret_ns, const char **ret_name,
		   struct err *e)
{
	const char *slash = strchr(text, '/'), *dot = strrchr(text, '.');
	const char *cut = slash ? slash : dot;
	const char *first = cut ? arena_slicedup(a, slice_make(text, (size_t)(cut - text))) : text;

	*ret_name = slash ? cut + 1 : first;
	*ret_ns = slash ? first : dot ? cut + 1 : ns ? ns : "default";
	if (**ret_name && **ret_ns)
		return 0;
	return err_set(e, -EINVAL, "%s names nothing: write it as name.namespace", text);
}
