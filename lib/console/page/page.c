/* A table of files; pages are those paths for which the document itself is sent. */
#include "console/page/page.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"

#define EMBED(symbol, file)                                                                                            \
	__asm__(".section .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.previous\n");                         \
	extern const char symbol[] __attribute__((visibility("hidden")))

#define WEB "lib/console/page/web/"
/* Of Debian's node-dagre-layout. */
#define DAGRE "/usr/share/nodejs/dagre/dist/dagre.min.js"

EMBED(page_index, WEB "index.html");
EMBED(page_style, WEB "style.css");
EMBED(page_main, WEB "main.js");
EMBED(page_dom, WEB "dom.js");
EMBED(page_chart, WEB "chart.js");
EMBED(page_graph, WEB "graph.js");
EMBED(page_draw, WEB "draw.js");
EMBED(page_layout, WEB "layout.js");
EMBED(page_live, WEB "live.js");
EMBED(page_lists, WEB "lists.js");
EMBED(page_details, WEB "details.js");
EMBED(page_pod, WEB "pod.js");
EMBED(page_why, WEB "why.js");
EMBED(page_config, WEB "config.js");
EMBED(page_traces, WEB "traces.js");
EMBED(page_tracegraph, WEB "tracegraph.js");
EMBED(page_dashboards, WEB "dashboards.js");
EMBED(page_docs, WEB "docs.js");
EMBED(page_dagre, DAGRE);
EMBED(page_book_readme, "docs/handbook/README.md");
EMBED(page_book_tutorial, "docs/handbook/tutorial.md");
EMBED(page_book_console, "docs/handbook/console.md");
EMBED(page_book_traces, "docs/handbook/traces.md");
EMBED(page_book_wrong, "docs/handbook/what-went-wrong.md");
EMBED(page_book_weftctl, "docs/handbook/weftctl.md");
EMBED(page_book_doors, "docs/doors.md");
EMBED(page_book_limits, "docs/limits.md");
EMBED(page_book_coming, "docs/coming.md");
EMBED(page_book_operations, "docs/handbook/operations.md");
EMBED(page_task_expose, "docs/handbook/tasks/expose.md");
EMBED(page_task_split, "docs/handbook/tasks/split.md");
EMBED(page_task_mirror, "docs/handbook/tasks/mirror.md");
EMBED(page_task_retry, "docs/handbook/tasks/retry.md");
EMBED(page_task_break, "docs/handbook/tasks/break.md");
EMBED(page_task_limit, "docs/handbook/tasks/limit.md");
EMBED(page_task_secure, "docs/handbook/tasks/secure.md");
EMBED(page_task_observe, "docs/handbook/tasks/observe.md");
EMBED(page_task_certificates, "docs/handbook/tasks/certificates.md");
EMBED(page_task_meshes, "docs/handbook/tasks/meshes.md");
EMBED(page_task_egress, "docs/handbook/tasks/egress.md");
EMBED(page_task_near, "docs/handbook/tasks/near.md");
EMBED(page_task_files, "docs/handbook/tasks/without-kubernetes.md");

static const char js[] = "text/javascript; charset=utf-8", markdown[] = "text/markdown; charset=utf-8";

static const struct {
	const char *path, *type, *text;
} files[] = {
	{"/static/style.css", "text/css; charset=utf-8", page_style},
	{"/static/main.js", js, page_main},
	{"/static/dom.js", js, page_dom},
	{"/static/chart.js", js, page_chart},
	{"/static/graph.js", js, page_graph},
	{"/static/draw.js", js, page_draw},
	{"/static/layout.js", js, page_layout},
	{"/static/live.js", js, page_live},
	{"/static/lists.js", js, page_lists},
	{"/static/details.js", js, page_details},
	{"/static/pod.js", js, page_pod},
	{"/static/why.js", js, page_why},
	{"/static/config.js", js, page_config},
	{"/static/traces.js", js, page_traces},
	{"/static/tracegraph.js", js, page_tracegraph},
	{"/static/dashboards.js", js, page_dashboards},
	{"/static/docs.js", js, page_docs},
	{"/static/dagre.js", js, page_dagre},
	{"/static/docs/README.md", markdown, page_book_readme},
	{"/static/docs/tutorial.md", markdown, page_book_tutorial},
	{"/static/docs/console.md", markdown, page_book_console},
	{"/static/docs/traces.md", markdown, page_book_traces},
	{"/static/docs/what-went-wrong.md", markdown, page_book_wrong},
	{"/static/docs/weftctl.md", markdown, page_book_weftctl},
	{"/static/docs/doors.md", markdown, page_book_doors},
	{"/static/docs/limits.md", markdown, page_book_limits},
	{"/static/docs/coming.md", markdown, page_book_coming},
	{"/static/docs/operations.md", markdown, page_book_operations},
	{"/static/docs/expose.md", markdown, page_task_expose},
	{"/static/docs/split.md", markdown, page_task_split},
	{"/static/docs/mirror.md", markdown, page_task_mirror},
	{"/static/docs/retry.md", markdown, page_task_retry},
	{"/static/docs/break.md", markdown, page_task_break},
	{"/static/docs/limit.md", markdown, page_task_limit},
	{"/static/docs/secure.md", markdown, page_task_secure},
	{"/static/docs/observe.md", markdown, page_task_observe},
	{"/static/docs/certificates.md", markdown, page_task_certificates},
	{"/static/docs/meshes.md", markdown, page_task_meshes},
	{"/static/docs/egress.md", markdown, page_task_egress},
	{"/static/docs/near.md", markdown, page_task_near},
	{"/static/docs/without-kubernetes.md", markdown, page_task_files},
};

/* The first parts of the pages' paths; main.js shows what stands there. "search": Jaeger's name for its first page. */
static const char *const pages[] = {"",    "overview", "graph",  "applications", "workloads", "services",   "pods",
				    "why", "config",   "traces", "trace",        "search",    "dashboards", "docs"};

static void reply(struct exchange *x, const char *type, struct slice text)
{
	char etag[24];

	snprintf(etag, sizeof(etag), "\"%016llx\"", (unsigned long long)hash_bytes(text));
	if (slice_eq_str(x->if_none_match, etag))
		exchange_reply(x, &(struct exchange_answer){.status = 304, .type = type, .etag = etag, .keep = true});
	else
		exchange_reply(x, &(struct exchange_answer){
					  .status = 200, .type = type, .constant = text, .etag = etag, .keep = true});
}

bool page_serve(struct exchange *x)
{
	struct slice rest = slice_from(x->path, 1), first;

	if (x->method != EXCHANGE_GET && x->method != EXCHANGE_HEAD)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (slice_eq_str(x->path, files[i].path)) {
			reply(x, files[i].type, slice_str(files[i].text));
			return true;
		}
	first = slice_split(&rest, '/');
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (slice_eq_str(first, pages[i])) {
			reply(x, "text/html; charset=utf-8", slice_str(page_index));
			return true;
		}
	return false;
}
