/* precheck: of the cluster, or of objects. */
#include "ctl/install/precheck.h"
#include "ctl/install/install.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/source/source.h"
#include "msg/json.h"

/* --- objects --- */

struct judged {
	struct ctl *c;
	cJSON *row;      /* of the object under way */
	cJSON *findings; /* of it, borrowed */
	size_t n[VERDICT_COUNT], unread;
};

static void on_finding(void *arg, enum verdict v, const char *path, const char *text)
{
	struct judged *w = arg;
	cJSON *finding = cJSON_CreateObject();

	json_set_str(finding, "verdict", verdict_str(v));
	json_set_str(finding, "path", path);
	json_set_str(finding, "message", text);
	cJSON_AddItemToArray(w->findings, finding);
}

/* For people each finding is a line of its own; the object is named in the first. */
static void add_lines(struct judged *w)
{
	const char *object = json_str_or_empty(w->row, "object"), *verdict = json_str_or_empty(w->row, "verdict");

	if (!w->findings->child)
		ctl_report_add(w->c->report, cJSON_Duplicate(w->row, true));
	JSON_EACH(f, w->findings)
	{
		const char *path = json_str_or_empty(f, "path"), *text = json_str_or_empty(f, "message");
		CLEANUP(freep) char *message = mem_printf("%s%s%s", path, *path ? ": " : "", text);
		cJSON *line = cJSON_CreateObject();

		json_set_str(line, "object", f == w->findings->child ? object : "");
		json_set_str(line, "verdict", f == w->findings->child ? verdict : "");
		json_set_str(line, "message", message);
		ctl_report_add(w->c->report, line);
	}
}

/* "Kind namespace/name"; an IstioOperator may have no name. The caller frees it. */
static char *title(const cJSON *o)
{
	static const char *const paths[] = {"metadata.name", "metadata.generateName"};
	const char *ns = json_str_or_empty(o, "metadata.namespace"), *name = "";

	for (size_t i = 0; !*name && i < ARRAY_LEN(paths); i++)
		name = json_str_or_empty(o, paths[i]);
	return mem_printf("%s %s%s%s", json_str_or_empty(o, "kind"), ns, *ns ? "/" : "", *name ? name : "(no name)");
}

static void judge(struct judged *w, const struct source_object *source)
{
	const cJSON *o = source->json;
	CLEANUP(freep) char *object = title(o);
	CLEANUP(json_freep) cJSON *row = cJSON_CreateObject();
	enum verdict v;

	w->row = row;
	json_set_str(row, "object", object);
	json_set_str(row, "apiVersion", json_str_or_empty(o, "apiVersion"));
	json_set_str(row, "from", source->from);
	w->findings = cJSON_AddArrayToObject(row, "findings");
	if (!judge_object(o, on_finding, w, &v))
		return;
	w->n[v]++;
	json_set_str(row, "verdict", verdict_str(v));
	if (w->c->o.format == CTL_TABLE)
		add_lines(w);
	else
		ctl_report_add(w->c->report, take(row));
}

static void tell_unread(struct judged *w, const char *path, const char *why)
{
	cJSON *row = cJSON_CreateObject();

	w->unread++;
	json_set_str(row, "object", path);
	json_set_str(row, "verdict", "not read");
	json_set_str(row, "message", why);
	ctl_report_add(w->c->report, row);
}

static int read_all(struct ctl *c, struct judged *w, struct err *e)
{
	CLEANUP(source_done) struct source_set set = {0};

	for (size_t i = 0; i < c->o.n_files; i++)
		if (source_files(&set, c->o.files[i], e) < 0)
			return -EIO;
	if (c->o.from_cluster && (ctl_connect(c, e) < 0 || source_cluster(c, &set, e) < 0))
		return -EIO;
	for (size_t i = 0; i < set.objects.n; i++)
		judge(w, &set.objects.v[i]);
	for (size_t i = 0; i < set.remarks.n; i++)
		tell_unread(w, set.remarks.v[i].path, set.remarks.v[i].text);
	return 0;
}

static enum ctl_status precheck_objects(struct ctl *c)
{
	static const struct ctl_column columns[] = {
		{"OBJECT", "object", 44}, {"VERDICT", "verdict", 11}, {"", "message", 0}};
	struct judged w = {.c = c};
	struct err e = ERR_INIT;

	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
	if (read_all(c, &w, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	ctl_report_end(c->report,
		       "%zu objects of a mesh: %zu carried out, %zu differ, %zu refused; %zu files not read.",
		       w.n[VERDICT_CARRIED] + w.n[VERDICT_DIFFERS] + w.n[VERDICT_REFUSED], w.n[VERDICT_CARRIED],
		       w.n[VERDICT_DIFFERS], w.n[VERDICT_REFUSED], w.unread);
	return w.n[VERDICT_REFUSED] ? CTL_REFUSED : CTL_OK;
}

/* --- the cluster --- */

enum ctl_status ctl_precheck(struct ctl *c)
{
	struct err e = ERR_INIT;
	int bad;

	if (c->o.from_cluster || c->o.n_files)
		return precheck_objects(c);
	if (ctl_connect(c, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	c->report = ctl_report_steps(c->out, c->o.format);
	bad = precheck_cluster(c, false);
	if (bad)
		ctl_report_end(c->report, "%d check%s failed: Weft will not work here as it is.", bad,
			       bad == 1 ? "" : "s");
	else
		ctl_report_end(c->report, "Weft can be installed.");
	return bad ? CTL_REFUSED : CTL_OK;
}
