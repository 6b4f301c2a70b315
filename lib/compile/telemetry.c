/*
 * Telemetry objects that govern a proxy: the mesh's (of the root namespace), the namespace's, the workload's, each the
 * oldest of its level, and what they come to for each side of traffic. A lower level replaces the providers above it
 * and each setting that it has; overrides of metrics add up, later ones win.
 */
#include "compile/telemetry.h"

/* ---- which objects ---- */

static bool no_selector(const struct mesh_telemetry *t)
{
	return !t->spec->targetRef && (!t->spec->selector || !t->spec->selector->match_labels.n);
}

static enum gen_telemetry_level level_of(const struct gen *g, const struct mesh_telemetry *t)
{
	if (!no_selector(t))
		return GEN_TELEMETRY_WORKLOAD;
	return strcmp(t->o.ns, gen_mesh(g)->root_namespace) == 0 ? GEN_TELEMETRY_MESH : GEN_TELEMETRY_NAMESPACE;
}

void gen_set_telemetry(struct gen *g)
{
	for (size_t i = 0; i < g->snap->policies->telemetries.n; i++) {
		const struct mesh_telemetry *t = &g->snap->policies->telemetries.v[i];
		const struct mesh_telemetry **place = &g->telemetry[level_of(g, t)];

		if (!gen_governs(g, &t->o, t->spec->selector, t->spec->targetRef))
			continue;
		/* Workloads are selected in their own namespace alone. */
		if (!no_selector(t) && strcmp(t->o.ns, g->proxy->ns) != 0)
			continue;
		if (*place)
			gen_conflict(g, &(struct gen_owner){.object = t->o.obj, .path = "spec"},
				     &(struct gen_owner){.object = (*place)->o.obj, .path = "spec"}, "spec",
				     "the telemetry of workloads that it governs");
		else
			*place = t;
	}
}

void gen_use_telemetry(struct gen *g)
{
	for (size_t i = 0; i < GEN_TELEMETRY_LEVELS; i++)
		if (g->telemetry[i])
			gen_use(g, &g->telemetry[i]->o);
}

/* ---- providers ---- */

const struct istio_mesh_config_extension_provider *gen_provider(const struct gen *g, const char *name)
{
	const struct istio_mesh_config *m = &gen_mesh(g)->spec;

	for (size_t i = 0; name && i < m->extension_providers.n; i++)
		if (m->extension_providers.v[i].name && strcmp(m->extension_providers.v[i].name, name) == 0)
			return &m->extension_providers.v[i];
	return NULL;
}

bool gen_concerns(int mode, enum gen_side side)
{
	return mode == ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT_AND_SERVER ||
	       mode == (side == GEN_CLIENT_SIDE ? ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT
						: ISTIO_TELEMETRY_WORKLOAD_MODE_SERVER);
}

#define MODE(from) ((from)->match ? (from)->match->mode : ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT_AND_SERVER)

/* ---- tracing ---- */

static void merge_tracing(struct gen *g, const struct mesh_telemetry *t, enum gen_side side, struct gen_tracing_side *s)
{
	for (size_t i = 0; i < t->spec->tracing.n; i++) {
		const struct istio_telemetry_tracing *in = &t->spec->tracing.v[i];

		if (!gen_concerns(MODE(in), side))
			continue;
		if (in->providers.n) {
			s->provider = in->providers.v[0].name;
			s->object = t->o.obj;
			s->path = arena_printf(g->arena, "spec.tracing[%zu].providers[0].name", i);
		}
		if (in->disable_span_reporting)
			s->off = *in->disable_span_reporting;
		if (in->random_sampling_percentage)
			s->sampling = in->random_sampling_percentage;
		if (in->custom_tags.n)
			s->tags = in;
	}
}

struct gen_tracing_side gen_tracing_of(struct gen *g, enum gen_side side)
{
	struct gen_tracing_side s = {0};

	for (size_t i = 0; i < GEN_TELEMETRY_LEVELS; i++)
		if (g->telemetry[i])
			merge_tracing(g, g->telemetry[i], side, &s);
	return s;
}

/* ---- sets of names of providers ---- */

static void names_add(struct gen_names *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], name) == 0)
			return;
	if (s->n < GEN_PROVIDERS_MAX)
		s->v[s->n++] = name;
}

static bool names_has(const struct gen_names *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], name) == 0)
			return true;
	return false;
}

static struct gen_names names_of_refs(const struct istio_telemetry_provider_ref *v, size_t n)
{
	struct gen_names s = {0};

	for (size_t i = 0; i < n; i++)
		if (v[i].name)
			names_add(&s, v[i].name);
	return s;
}

static struct gen_names names_of_list(const char *const *v, size_t n)
{
	struct gen_names s = {0};

	for (size_t i = 0; i < n; i++)
		if (v[i])
			names_add(&s, v[i]);
	return s;
}

/* ---- access logs ---- */

static struct gen_names default_logs(const struct gen *g)
{
	const struct istio_mesh_config_default_providers *d = gen_mesh(g)->spec.default_providers;

	return d ? names_of_list(d->access_logging.v, d->access_logging.n) : (struct gen_names){0};
}

/* The providers that count at all: those that the lowest level that names some names. */
static struct gen_names logs_in_scope(const struct gen *g)
{
	struct gen_names ret = default_logs(g);

	for (size_t level = 0; level < GEN_TELEMETRY_LEVELS; level++) {
		const struct mesh_telemetry *t = g->telemetry[level];
		struct gen_names named = {0};

		for (size_t i = 0; t && i < t->spec->access_logging.n; i++) {
			const struct istio_telemetry_access_logging *in = &t->spec->access_logging.v[i];
			for (size_t k = 0; k < in->providers.n; k++)
				if (in->providers.v[k].name)
					names_add(&named, in->providers.v[k].name);
		}
		if (named.n)
			ret = named;
	}
	return ret;
}

static struct gen_log *find_log(struct gen_logs *logs, const char *provider)
{
	for (size_t i = 0; i < logs->n; i++)
		if (strcmp(logs->v[i].provider, provider) == 0)
			return &logs->v[i];
	return NULL;
}

static void remove_log(struct gen_logs *logs, const char *provider)
{
	struct gen_log *l = find_log(logs, provider);

	if (l)
		*l = logs->v[--logs->n];
}

static void put_log(struct gen_logs *logs, struct gen_log log)
{
	struct gen_log *l = find_log(logs, log.provider);

	if (l)
		*l = log;
	else if (logs->n < GEN_PROVIDERS_MAX)
		logs->v[logs->n++] = log;
}

/* One entry, which speaks of these providers; of them those count that are in scope. */
static void merge_log(struct gen_logs *logs, const struct gen_names *named, const struct gen_names *scope,
		      const struct istio_telemetry_access_logging *in, struct gen_log log)
{
	for (size_t i = 0; i < named->n; i++) {
		log.provider = named->v[i];
		if (!names_has(scope, log.provider))
			continue;
		if (in->disabled && *in->disabled)
			remove_log(logs, log.provider);
		else
			put_log(logs, log);
	}
}

/* The mesh's default providers stand above all levels: an entry changes them for the side that it concerns. */
struct gen_logs gen_logs_of(struct gen *g, enum gen_side side)
{
	const struct gen_names scope = logs_in_scope(g);
	struct gen_names named = default_logs(g);
	struct gen_logs ret = {.told = named.n > 0};

	for (size_t i = 0; i < named.n; i++)
		if (names_has(&scope, named.v[i]))
			put_log(&ret, (struct gen_log){.provider = named.v[i]});
	for (size_t level = 0; level < GEN_TELEMETRY_LEVELS; level++) {
		const struct mesh_telemetry *t = g->telemetry[level];

		for (size_t i = 0; t && i < t->spec->access_logging.n; i++) {
			const struct istio_telemetry_access_logging *in = &t->spec->access_logging.v[i];
			const char *path = arena_printf(g->arena, "spec.accessLogging[%zu]", i);
			const char *filter = in->filter ? in->filter->expression : NULL;

			if (in->providers.n)
				named = names_of_refs(in->providers.v, in->providers.n);
			if (!gen_concerns(MODE(in), side))
				continue;
			ret.told = true;
			merge_log(&ret, &named, &scope, in,
				  (struct gen_log){.filter = filter, .object = t->o.obj, .path = path});
		}
	}
	return ret;
}
