/* root: another root for the mesh, asked for by an annotation of the ServiceMeshControlPlane; and how far that is. */
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ctl/core/report.h"
#include "ctl/live/live.h"
#include "msg/json.h"

#define WISH "maistra.io/rotate-root"
#define OUR_SOURCE "Secret istio-ca-secret"
#define DAY_S 86400

const char *const ctl_root_words[] = {"status", "rotate", NULL};

struct looking {
	struct ctl *c;
	size_t planes, rotating, foreign, ending;
	char source[64];
	bool quiet;
};

/* --- status --- */

static const char *what_next(const char *phase)
{
	static const struct {
		const char *phase, *text;
	} rows[] = {
		{"spreading", "the next root is trusted by and by; the present one signs"},
		{"signing", "the next root signs; the last one is still trusted"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].phase, phase))
			return rows[i].text;
	return "no rotation is under way";
}

static void add_row(struct looking *l, const char *what, const char *result, const char *text)
{
	if (!l->quiet)
		ctl_report_step(l->c->report, what, result, "%s", text);
}

static void tell_root(struct looking *l, const cJSON *root)
{
	const char *end = json_str_or_empty(root, "notAfter");
	int64_t end_ns = 0;
	CLEANUP(freep) char *text = NULL;
	int64_t days;

	clock_parse(slice_str(end), &end_ns);
	days = (end_ns - clock_wall_ns()) / NS_PER_S / DAY_S;
	l->ending += days < 60;
	text = mem_printf("%.16s...%s, until %s: %lld days", json_str_or_empty(root, "sha256"),
			  cJSON_IsTrue(json_get(root, "signs")) ? ", signs" : "", end, (long long)days);
	add_row(l, "root", days < 7 ? "FAILED" : days < 60 ? "warning" : "ok", text);
}

static int look_at(void *arg, const cJSON *pod, const cJSON *o, struct err *e)
{
	struct looking *l = arg;
	const char *next = json_str_or_empty(o, "nextStep"), *problem = json_str_or_empty(o, "problem");
	CLEANUP(freep)
	char *where = mem_printf("%s/%s", json_str_or_empty(pod, "metadata.namespace"),
				 json_str_or_empty(pod, "metadata.name"));
	CLEANUP(freep)
	char *text = mem_printf("%s: %s%s%s", json_str_or_empty(o, "source"), what_next(json_str_or_empty(o, "phase")),
				*next ? ", until " : "", next);

	(void)e;
	l->planes++;
	l->rotating += cJSON_IsTrue(json_get(o, "rotating"));
	l->foreign += strcmp(json_str_or_empty(o, "source"), OUR_SOURCE) != 0;
	snprintf(l->source, sizeof(l->source), "%s", json_str_or_empty(o, "source"));
	add_row(l, where, "ok", text);
	if (*problem)
		add_row(l, where, "FAILED", problem);
	JSON_EACH(root, json_get(o, "roots")) tell_root(l, root);
	return 0;
}

static enum ctl_status status(struct ctl *c)
{
	struct looking l = {.c = c};
	struct err e = ERR_INIT;

	c->report = ctl_report_steps(c->out, c->o.format);
	if (live_planes_ask(c, "/debug/rootz", look_at, &l, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	ctl_report_end(c->report, "%zu replicas of weftd, %zu roots end within 60 days.", l.planes, l.ending);
	return l.planes ? CTL_OK : CTL_REFUSED;
}

/* --- rotate --- */

/* The only control plane, or that of -i. */
static int find_plane(struct ctl *c, cJSON *planes, const cJSON **ret, struct err *e)
{
	*ret = NULL;
	JSON_EACH(o, planes)
	{
		if (c->o.plane_ns && strcmp(c->o.plane_ns, json_str_or_empty(o, "metadata.namespace")) != 0)
			continue;
		if (*ret)
			return err_set(e, -EINVAL, "there are several control planes: choose one by -i");
		*ret = o;
	}
	return *ret ? 0 : err_set(e, -ENOENT, "there is no ServiceMeshControlPlane");
}

static int may_begin(struct ctl *c, struct err *e)
{
	struct looking l = {.c = c, .quiet = true};
	const int r = live_planes_ask(c, "/debug/rootz", look_at, &l, e);

	if (r < 0)
		return r;
	if (!l.planes)
		return err_set(e, -ENOENT, "no replica of weftd runs");
	if (l.foreign)
		return err_set(
			e, -ENOTSUP,
			"the authority comes from %s: whoever made it rotates it, by both roots in root-cert.pem",
			l.source);
	if (l.rotating)
		return err_set(e, -EALREADY, "a rotation is under way: weftctl root status");
	return 0;
}

static int ask_for_it(struct ctl *c, const cJSON *plane, struct err *e)
{
	CLEANUP(json_freep) cJSON *body = cJSON_CreateObject();
	const struct kube_request rq = {.verb = KUBE_MERGE_PATCH,
					.kind = &api_kind_smcp,
					.ns = json_str_or_empty(plane, "metadata.namespace"),
					.name = json_str_or_empty(plane, "metadata.name"),
					.body = body};
	char at[CLOCK_TEXT_MAX];

	json_set_str(json_object(json_object(body, "metadata"), "annotations"), WISH,
		     clock_format_s(clock_wall_ns() / NS_PER_S, at));
	return ctl_call(c, &rq, NULL, e) == KUBE_OK ? 0 : -EIO;
}

static enum ctl_status rotate(struct ctl *c)
{
	CLEANUP(json_freep) cJSON *planes = NULL;
	const cJSON *plane = NULL;
	struct err e = ERR_INIT;
	int r = ctl_connect(c, &e);

	if (r == 0 && ctl_list(c, &api_kind_smcp, NULL, &planes, &e) != KUBE_OK)
		r = -EIO;
	if (r == 0)
		r = find_plane(c, planes, &plane, &e);
	if (r == 0) {
		c->o.plane_ns = json_str_or_empty(plane, "metadata.namespace");
		r = may_begin(c, &e);
	}
	if (r == 0)
		r = ask_for_it(c, plane, &e);
	if (r < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return r == -ENOTSUP || r == -EALREADY ? CTL_REFUSED : CTL_FAILED;
	}
	fprintf(c->out,
		"%s/%s is asked for another root. It begins within 10 s; weftctl root status says how far it is\n",
		c->o.plane_ns, json_str_or_empty(plane, "metadata.name"));
	return CTL_OK;
}

enum ctl_status ctl_root(struct ctl *c)
{
	return !strcmp(c->o.arguments[0], "rotate") ? rotate(c) : status(c);
}
