/* Values of flags. */
#include "ctl/front/options.h"

#include <string.h>

#include "base/slice.h"
#include "xds/resource.h"

/* The value's place among the words of the flag; -EINVAL where it is none of them. */
static int word_of(const char *flag, const char *value)
{
	const char *const *words = ctl_flag_words(flag);

	for (int i = 0; words && words[i]; i++)
		if (!strcmp(words[i], value))
			return i;
	return -EINVAL;
}

static int set_word(const char **to, const char *flag, const char *value)
{
	*to = value;
	return word_of(flag, value) < 0 ? -EINVAL : 0;
}

static int set_format(struct ctl_options *o, const char *value)
{
	const int at = word_of("output", value);

	if (at < 0)
		return at;
	o->format = (enum ctl_format)at;
	return 0;
}

static int set_number(int64_t *to, const char *value, uint64_t max)
{
	uint64_t n;

	if (slice_to_u64(slice_str(value), max, &n) < 0 || n == 0)
		return -EINVAL;
	*to = (int64_t)n;
	return 0;
}

/* What becomes a part of an image's reference. */
static int set_reference(const char **to, const char *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@[]";

	*to = value;
	return *value && strspn(value, letters) == strlen(value) ? 0 : -EINVAL;
}

/* One more of a list. */
static int add(const char **list, size_t *n, size_t max, const char *value)
{
	if (*n == max)
		return -EINVAL;
	list[(*n)++] = value;
	return 0;
}

/* "Info", "Warning", "Error"; any case, as istioctl takes them. */
static int set_level(int *to, const char *value)
{
	const char *const *words = ctl_flag_words("failure-threshold");

	for (int i = 0; words[i]; i++)
		if (!strcasecmp(words[i], value)) {
			*to = i;
			return 0;
		}
	return -EINVAL;
}

/* A namespace's: letters, digits, hyphens. */
static int set_name(const char **to, const char *value)
{
	*to = value;
	return *value && strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(value) ? 0 : -EINVAL;
}

static int set_type(struct ctl_options *o, const char *value)
{
	static const enum xds_type types[] = {XDS_LISTENER, XDS_ROUTE, XDS_CLUSTER, XDS_ENDPOINT, XDS_SECRET};
	const int at = word_of("type", value);

	if (at < 0)
		return at;
	o->types |= 1u << types[at];
	return 0;
}

/* The option that a flag without a value turns on, NULL for others. */
static bool *switch_of(struct ctl_options *o, enum ctl_option option)
{
	switch (option) {
	case CTL_OPTION_DRY_RUN:
		return &o->dry_run;
	case CTL_OPTION_SKIP_PRECHECK:
		return &o->skip_precheck;
	case CTL_OPTION_YES:
		return &o->yes;
	case CTL_OPTION_DEFINITIONS:
		return &o->definitions;
	case CTL_OPTION_FROM_CLUSTER:
		return &o->from_cluster;
	case CTL_OPTION_ALL:
		return &o->all;
	case CTL_OPTION_REMOVE:
		return &o->remove;
	case CTL_OPTION_PRE:
		return &o->pre;
	case CTL_OPTION_LIST:
		return &o->list;
	default:
		return NULL;
	}
}

static int set_text(const char **to, const char *value)
{
	*to = value;
	return *value ? 0 : -EINVAL;
}

/* Where a text that is taken as it is goes; NULL: the option is none of these. */
static const char **text_of(struct ctl_options *o, enum ctl_option option)
{
	switch (option) {
	case CTL_OPTION_KUBECONFIG:
		return &o->kubeconfig;
	case CTL_OPTION_PLANE_VERSION:
		return &o->plane_version;
	case CTL_OPTION_MESH_CONFIG:
		return &o->mesh_config;
	case CTL_OPTION_PROXY:
		return &o->proxy;
	case CTL_OPTION_FROM:
		return &o->workload;
	case CTL_OPTION_LOG:
		return &o->log_line;
	case CTL_OPTION_REQUEST_ID:
		return &o->request_id;
	case CTL_OPTION_LEVEL:
		return &o->level;
	case CTL_OPTION_ARCHIVE:
		return &o->archive;
	default:
		return NULL;
	}
}

int ctl_option_set(struct ctl_options *o, int option, const char *flag, const char *value)
{
	bool *on = switch_of(o, (enum ctl_option)option);
	const char **text = text_of(o, (enum ctl_option)option);

	if (on) {
		*on = true;
		return 0;
	}
	if (text)
		return set_text(text, value);
	switch ((enum ctl_option)option) {
	case CTL_OPTION_OUTPUT:
		return set_format(o, value);
	case CTL_OPTION_FILE:
		return add(o->files, &o->n_files, CTL_FILES_MAX, value);
	case CTL_OPTION_TIMEOUT:
		return set_number(&o->timeout_s, value, 86400);
	case CTL_OPTION_OVERLAY:
		return set_word(&o->overlay, flag, value);
	case CTL_OPTION_CONTROL_PLANE:
		return set_word(&o->control_plane, flag, value);
	case CTL_OPTION_REGISTRY:
		return set_reference(&o->registry, value);
	case CTL_OPTION_TAG:
		return set_reference(&o->tag, value);
	case CTL_OPTION_NAMESPACE:
		return set_name(&o->ns, value);
	case CTL_OPTION_PLANE:
		return set_name(&o->plane_ns, value);
	case CTL_OPTION_REVISION:
		return set_name(&o->revision, value);
	case CTL_OPTION_SINCE:
		return set_number(&o->since_s, value, 7 * 86400);
	case CTL_OPTION_MAX_SIZE:
		return set_number(&o->max_mib, value, 4096);
	case CTL_OPTION_PORT:
		return set_number(&o->port, value, 65535);
	case CTL_OPTION_HEADER:
		return add(o->headers, &o->n_headers, CTL_HEADERS_MAX, value);
	case CTL_OPTION_SUPPRESS:
		return add(o->suppressed, &o->n_suppressed, CTL_SUPPRESSED_MAX, value);
	case CTL_OPTION_FAILURE:
		return set_level(&o->failure_level, value);
	case CTL_OPTION_THRESHOLD:
		return set_level(&o->output_level, value);
	case CTL_OPTION_TYPE:
		return set_type(o, value);
	default:
		return -EINVAL;
	}
}
