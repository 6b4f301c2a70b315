/* bug-report: the archive from its first entry to its last. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/version.h"
#include "ctl/analyze/analyze.h"
#include "ctl/bundle/bundle.h"
#include "ctl/bundle/collect.h"
#include "ctl/core/report.h"
#include "ctl/live/check.h"
#include "ctl/live/live.h"
#include "msg/json.h"

#define MAX_MIB 100

static void add_versions(struct collecting *k)
{
	CLEANUP(json_freep) cJSON *server = NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	char at[CLOCK_TEXT_MAX];

	ctl_get_path(k->c, "/version", &server, NULL);
	buf_printf(&out, "%s %s (commit %s)\nKubernetes %s\nwritten %s\n", k->c->name, weft_version, weft_commit,
		   json_str_or_empty(server, "gitVersion"), clock_format_s(clock_wall_ns() / NS_PER_S, at));
	bundle_text(k->b, "versions.txt", buf_slice(&out));
}

/* What another command prints, as an entry. */
static void add_command(struct collecting *k, const char *name, enum ctl_status (*run)(struct ctl *c))
{
	struct ctl own = *k->c;
	char *text = NULL;
	size_t n = 0;

	own.o = (struct ctl_options){.kubeconfig = k->c->o.kubeconfig,
				     .plane_ns = k->c->o.plane_ns,
				     .timeout_s = k->c->o.timeout_s,
				     .failure_level = k->c->o.failure_level,
				     .all = true};
	own.report = NULL;
	own.out = open_memstream(&text, &n);
	if (!own.out)
		return;
	own.err = own.out;
	run(&own);
	ctl_report_free(own.report);
	fclose(own.out);
	bundle_text(k->b, name, slice_make(text, n));
	free(text);
}

static void collect(struct collecting *k)
{
	collect_begin(k);
	add_versions(k);
	add_command(k, "check.txt", ctl_check);
	add_command(k, "proxy-status.txt", ctl_proxy_status);
	add_command(k, "analyze.txt", ctl_analyze);
	collect_objects(k);
	collect_pods(k);
	cJSON_Delete(k->pods);
	map_done(&k->namespaces);
}

static const char *path_of(struct ctl *c, struct arena *a)
{
	char at[CLOCK_TEXT_MAX];

	if (c->o.archive)
		return c->o.archive;
	clock_format_s(clock_wall_ns() / NS_PER_S, at);
	for (char *p = at; *p; p++)
		if (*p == ':')
			*p = '-';
	return arena_printf(a, "weft-bug-report-%s.tar.gz", at);
}

enum ctl_status ctl_bug_report(struct ctl *c)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *path = path_of(c, &a);
	struct collecting k = {.c = c};
	struct err e = ERR_INIT;
	int r = ctl_connect(c, &e);

	if (r == 0) {
		k.b = bundle_new(path, (uint64_t)(c->o.max_mib ? c->o.max_mib : MAX_MIB) << 20, &e);
		r = k.b ? 0 : -EIO;
	}
	if (r == 0) {
		collect(&k);
		r = bundle_end(k.b, &e);
	}
	arena_done(&k.a);
	if (r < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	fprintf(c->out, "%s: what could not be read is in its missing.txt; look through it before you give it away\n",
		path);
	return CTL_OK;
}
