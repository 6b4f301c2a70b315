/* Telemetry objects: what of three levels counts for each side of a proxy's traffic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define TELEMETRY(ns, name, at, spec)                                                                                  \
	"---\n{apiVersion: telemetry.istio.io/v1alpha1, kind: Telemetry, metadata: {name: " name ", namespace: " ns    \
	", creationTimestamp: '2024-01-01T00:00:0" at "Z'}, spec: {" spec "}}\n"
#define ROOT(spec) TELEMETRY("istio-system", "root", "1", spec)
#define NS(spec) TELEMETRY("shop", "ns", "2", spec)
#define POD(spec) TELEMETRY("shop", "pod", "3", "selector: {matchLabels: {app: catalog}}, " spec)

#define PROVIDERS                                                                                                      \
	"extensionProviders: [{name: a, envoyFileAccessLog: {path: /a}}, {name: b, envoyFileAccessLog: {path: /b}}, "  \
	"{name: z, zipkin: {service: z.example.com, port: 9411}}, {name: otel, opentelemetry: {service: "              \
	"o.example.com, port: 4317}}]\n"
#define FILE_LOG "accessLogFile: /file\n"
#define LOGS(entries) "accessLogging: [" entries "]"
#define TRACING(entries) "tracing: [" entries "]"

static struct world w;
static struct decide d;
static struct arena a;

static void start(const char *mesh, const char *yaml)
{
	const char *const texts[] = {world_shop, yaml, NULL};
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");

	world_init(&w, mesh, texts);
	decide_init(&d, &w, &p);
}

static void stop(void)
{
	decide_done(&d);
	world_done(&w);
	arena_done(&a);
	memset(&a, 0, sizeof a);
}

static const struct config_hcm *client_side(void)
{
	const struct decide_conn c = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};

	return decide_chain(&d, &c)->hcm;
}

static const struct config_hcm *server_side(void)
{
	const struct decide_conn c = {
		.listener = "virtualInbound", .port = 8080, .tls = true, .alpn = "istio-http/1.1"};

	return decide_chain(&d, &c)->hcm;
}

/* "/a /b?" by name: ? where a filter is set. */
static const char *logs_of(const struct config_hcm *hcm)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (size_t i = 0; i < hcm->n_logs; i++)
		buf_printf(&b, "%s%s%s", i ? " " : "", hcm->logs[i].path, hcm->logs[i].filter ? "?" : "");
	return arena_slicedup(&a, buf_slice(&b));
}

static const struct {
	const char *mesh, *yaml;
	const char *client, *server;
} logs[] = {
	{PROVIDERS FILE_LOG, "", "/file", "/file"},
	{PROVIDERS, "", "", ""},
	/* The mesh's default providers replace its file. */
	{PROVIDERS FILE_LOG "defaultProviders: {accessLogging: [a]}\n", "", "/a", "/a"},
	{PROVIDERS FILE_LOG, ROOT(LOGS("{providers: [{name: a}, {name: b}]}")), "/a /b", "/a /b"},
	{PROVIDERS "defaultProviders: {accessLogging: [a]}\n", NS(LOGS("{match: {mode: CLIENT}, disabled: true}")), "",
	 "/a"},
	{PROVIDERS FILE_LOG, NS(LOGS("{match: {mode: CLIENT}, disabled: true}")), "", "/file"},
	/* Istio's own, which needs no extension provider. */
	{PROVIDERS, ROOT(LOGS("{providers: [{name: envoy}]}")), "/dev/stdout", "/dev/stdout"},
	{PROVIDERS,
	 ROOT(LOGS("{match: {mode: CLIENT}, providers: [{name: a}]}, {match: {mode: SERVER}, providers: "
		   "[{name: b}]}")),
	 "/a", "/b"},
	/* A lower level's providers replace those above; what it says without any is of those above. */
	{PROVIDERS, ROOT(LOGS("{providers: [{name: a}]}")) NS(LOGS("{providers: [{name: b}]}")), "/b", "/b"},
	{PROVIDERS, ROOT(LOGS("{providers: [{name: a}]}")) NS(LOGS("{disabled: true}")), "", ""},
	{PROVIDERS FILE_LOG, NS(LOGS("{disabled: true}")), "", ""},
	{PROVIDERS, ROOT(LOGS("{providers: [{name: a}]}")) NS(LOGS("{match: {mode: SERVER}, disabled: true}")), "/a",
	 ""},
	{PROVIDERS, ROOT(LOGS("{providers: [{name: a}], disabled: true}")) POD(LOGS("{disabled: false}")), "/a", "/a"},
	{PROVIDERS,
	 ROOT(LOGS("{providers: [{name: a}]}")) POD(LOGS("{providers: [{name: a}], filter: {expression: "
							 "'response.code >= 400'}}")),
	 "/a?", "/a?"},
	/* A target is a gateway of the mesh: no sidecar. */
	{PROVIDERS,
	 NS("targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: catalog}, " LOGS(
		 "{providers: [{name: a}]}")),
	 "", ""},
	/* Of another workload, or another namespace. */
	{PROVIDERS,
	 TELEMETRY("shop", "x", "1", "selector: {matchLabels: {app: else}}, " LOGS("{providers: [{name: a}]}")), "",
	 ""},
	{PROVIDERS, TELEMETRY("stock", "x", "1", LOGS("{providers: [{name: a}]}")), "", ""},
	{PROVIDERS,
	 TELEMETRY("istio-system", "x", "1",
		   "selector: {matchLabels: {app: catalog}}, " LOGS("{providers: [{name: a}]}")),
	 "", ""},
	/* What cannot be carried out costs itself only. */
	{PROVIDERS, ROOT(LOGS("{providers: [{name: none}, {name: z}, {name: a}]}")), "/a", "/a"},
	{PROVIDERS,
	 ROOT(LOGS("{providers: [{name: a}], filter: {expression: 'nobody.knows == 1'}}, {providers: [{name: "
		   "b}]}")),
	 "/b", "/b"},
};

static void access_logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		start(logs[i].mesh, logs[i].yaml);
		if (strcmp(logs_of(client_side()), logs[i].client) != 0 ||
		    strcmp(logs_of(server_side()), logs[i].server) != 0)
			fail_msg("row %zu: client '%s', want '%s'; server '%s', want '%s'", i, logs_of(client_side()),
				 logs[i].client, logs_of(server_side()), logs[i].server);
		stop();
	}
}

/* The older of a level counts; the other's writer is told, as is who names a provider that there is not. */
static void what_is_told(void **state)
{
	static const struct {
		const char *yaml, *object, *path, *has;
	} rows[] = {
		{NS(LOGS("{providers: [{name: a}]}")) TELEMETRY("shop", "late", "5", LOGS("{providers: [{name: b}]}")),
		 "late", "spec", "shop/ns"},
		{POD(LOGS("{providers: [{name: a}]}"))
			 TELEMETRY("shop", "late", "5", "selector: {matchLabels: {app: catalog}}"),
		 "late", "spec", "shop/pod"},
		{NS(LOGS("{}, {providers: [{name: none}]}")), "ns", "spec.accessLogging[1].providers", "none"},
		{NS(LOGS("{providers: [{name: z}]}")), "ns", "spec.accessLogging[0].providers", "z"},
		{NS(LOGS("{providers: [{name: a}], filter: {expression: 'nobody.knows == 1'}}")), "ns",
		 "spec.accessLogging[0].filter.expression", "nobody"},
		{NS(TRACING("{providers: [{name: none}]}")), "ns", "spec.tracing[0].providers[0].name", "none"},
		{NS(TRACING("{providers: [{name: a}]}")), "ns", "spec.tracing[0].providers[0].name", "no collector"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *note;

		start(PROVIDERS, rows[i].yaml);
		note = decide_note(&d, rows[i].object, rows[i].path);
		if (!note || !strstr(note, rows[i].has))
			fail_msg("row %zu: %s", i, note ? note : "nothing is told");
		stop();
	}
}

/* "host random%[ tag...]" with the tags of one letter, "" = not traced. */
static const char *tracing_of(const struct config_hcm *hcm)
{
	const struct filter_tracing *t = hcm->filters[0].kind == FILTER_TRACING ? hcm->filters[0].config : NULL;
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (t)
		buf_printf(&b, "%s %u", t->cluster.name, t->shares.random);
	for (char name[] = "a"; t && name[0] <= 'z'; name[0]++)
		if (decide_tag(t, name) != -2)
			buf_printf(&b, " %s", name);
	if (t && !decide_cluster(&d, t->cluster.name).spec)
		buf_append_str(&b, " (no cluster)");
	return arena_slicedup(&a, buf_slice(&b));
}

#define Z "outbound|9411||z.example.com"
#define O "outbound|4317||o.example.com"
#define OWN                                                                                                            \
	PROVIDERS "defaultProviders: {tracing: [z]}\ndefaultConfig: {tracing: {sampling: 5, customTags: {m: "          \
		  "{literal: {value: m}}}}}\n"

static const struct {
	const char *mesh, *yaml;
	const char *client, *server;
} traces[] = {
	{OWN, "", Z " 500 m", Z " 500 m"},
	{PROVIDERS, ROOT(TRACING("{providers: [{name: otel}]}")), O " 100", O " 100"},
	{OWN, ROOT(TRACING("{randomSamplingPercentage: 20}")) NS(TRACING("{randomSamplingPercentage: 0}")), Z " 0 m",
	 Z " 0 m"},
	{OWN, ROOT(TRACING("{randomSamplingPercentage: 20}")) POD(TRACING("{providers: [{name: otel}]}")), O " 2000 m",
	 O " 2000 m"},
	{OWN, ROOT(TRACING("{disableSpanReporting: true}")), "", ""},
	{OWN, ROOT(TRACING("{disableSpanReporting: true}")) NS(TRACING("{disableSpanReporting: false}")), Z " 500 m",
	 Z " 500 m"},
	{OWN, NS(TRACING("{match: {mode: CLIENT}, disableSpanReporting: true}")), "", Z " 500 m"},
	{OWN, NS(TRACING("{match: {mode: SERVER}, randomSamplingPercentage: 100}")), Z " 500 m", Z " 10000 m"},
	{OWN,
	 NS(TRACING("{customTags: {c: {literal: {value: c}}, d: {header: {name: x-d, defaultValue: nobody}}, e: "
		    "{environment: {name: E, defaultValue: none}}, f: "
		    "{header: {name: 'no name'}}}}")),
	 Z " 500 c d e", Z " 500 c d e"},
	{OWN, NS(TRACING("{providers: [{name: none}]}")), "", ""},
};

static void spans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(traces); i++) {
		start(traces[i].mesh, traces[i].yaml);
		if (strcmp(tracing_of(client_side()), traces[i].client) != 0 ||
		    strcmp(tracing_of(server_side()), traces[i].server) != 0)
			fail_msg("row %zu: client '%s', want '%s'; server '%s', want '%s'", i,
				 tracing_of(client_side()), traces[i].client, tracing_of(server_side()),
				 traces[i].server);
		stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_logs),
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
