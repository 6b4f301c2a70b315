/* Validation of locality load balancing: weights and failover between regions, zones and subzones. */
#include "validate/dr_internal.h"

#define LOCALITIES_COMPARED_MAX 512 /* each is compared with those before it; more are refused */

/* region/zone/subzone; parts left out or "*" stand for all. */
struct named_place {
	struct slice part[3];
	size_t n;
};

static bool parse_locality(const char *text, struct named_place *ret)
{
	struct slice rest = slice_str(text);

	*ret = (struct named_place){0};
	while (ret->n < 2 && slice_find(rest, '/') >= 0) {
		ret->part[ret->n] = slice_split(&rest, '/');
		if (!ret->part[ret->n++].len)
			return false;
	}
	ret->part[ret->n++] = rest;
	return rest.len > 0;
}

/* Does one of them lie within the other, or are they the same? */
static bool overlap(const struct named_place *a, const struct named_place *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (slice_eq_str(a->part[i], "*") || slice_eq_str(b->part[i], "*"))
			return true;
		if (!slice_eq(a->part[i], b->part[i]))
			return false;
	}
	return true;
}

static void check_form(struct val *v, const char *path, const char *text)
{
	const char *star = strchr(text, '*');
	struct named_place l;

	if (star && star[1])
		val_error(v, path, "locality %s wildcard '*' number can not exceed 1 and must be in the end", text);
	else if (!parse_locality(text, &l))
		val_error(v, path, "locality %s must not contain empty region/zone/subzone info", text);
}

static void check_overlap(struct val *v, const char *path, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct named_place a, b;

		check_form(v, path, list[i]);
		for (size_t k = 0; k < i; k++) {
			if (parse_locality(list[i], &a) && parse_locality(list[k], &b) && overlap(&a, &b)) {
				val_error(v, path, "locality %s overlap with previous specified ones", list[i]);
				break;
			}
		}
	}
}

static void check_weights(struct val *v, const char *path, const cJSON *to)
{
	const char *names[LOCALITIES_COMPARED_MAX];
	const cJSON *weight;
	double total = 0;
	size_t n = 0;

	cJSON_ArrayForEach(weight, to)
	{
		if (!cJSON_IsNumber(weight) || weight->valuedouble < 1 || weight->valuedouble > 100) {
			val_error(v, path, "locality weight must be in range [1, 100]");
			return;
		}
		total += weight->valuedouble;
		if (n < LOCALITIES_COMPARED_MAX)
			names[n++] = weight->string;
	}
	if (total != 100)
		val_error(v, path, "total locality weight %g != 100", total);
	check_overlap(v, path, names, n);
}

static void check_distribute(struct val *v, const char *path, const struct istio_locality_load_balancer_setting *s)
{
	const char *names[LOCALITIES_COMPARED_MAX];

	if (s->distribute.n > LOCALITIES_COMPARED_MAX) {
		val_error(v, path, "%zu localities; at most %d are possible", s->distribute.n, LOCALITIES_COMPARED_MAX);
		return;
	}
	for (size_t i = 0; i < s->distribute.n; i++) {
		names[i] = s->distribute.v[i].from ? s->distribute.v[i].from : "";
		check_weights(v, val_path(v, "%s[%zu].to", path, i), s->distribute.v[i].to);
	}
	check_overlap(v, path, names, s->distribute.n);
}

static void check_failover(struct val *v, const char *path,
			   const struct istio_locality_load_balancer_setting_failover *f)
{
	const char *from = f->from ? f->from : "", *to = f->to ? f->to : "";

	if (strcmp(from, to) == 0)
		val_error(v, path, "locality lb failover settings must specify different regions");
	if (strchr(from, '/') || strchr(to, '/'))
		val_error(v, path, "locality lb failover only specify region");
	if (strchr(from, '*') || strchr(to, '*'))
		val_error(v, path, "a region to fail over from or to has no wildcards");
}

/* Priorities by topology and failover between regions say the same thing twice. */
static bool is_topology(const char *label)
{
	return strcmp(label, "topology.kubernetes.io/region") == 0 ||
	       strcmp(label, "topology.kubernetes.io/zone") == 0 || strcmp(label, "topology.istio.io/subzone") == 0;
}

void val_locality(struct val *v, const char *path, const struct istio_locality_load_balancer_setting *s, bool outlier)
{
	if (!s)
		return;
	if (s->distribute.n && s->failover.n) {
		val_error(v, path, "can not simultaneously specify 'distribute' and 'failover'");
		return;
	}
	for (size_t i = 0; s->failover.n && i < s->failover_priority.n; i++) {
		if (is_topology(s->failover_priority.v[i])) {
			val_error(
				v, val_path(v, "%s.failoverPriority[%zu]", path, i),
				"can not simultaneously set 'failover' and topology label '%s' in 'failover_priority'",
				s->failover_priority.v[i]);
			return;
		}
	}
	check_distribute(v, val_path(v, "%s.distribute", path), s);
	if ((s->failover.n || s->failover_priority.n) && !outlier)
		val_warn(v, path, "outlier detection policy must be provided for failover");
	for (size_t i = 0; i < s->failover.n; i++)
		check_failover(v, val_path(v, "%s.failover[%zu]", path, i), &s->failover.v[i]);
}
