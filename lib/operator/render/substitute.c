/* Values of Weft's own console in an add-on's place: those of the add-on, and what the console needs beside them. */
#include "operator/render/addons.h"

#include "msg/json.h"

#define RULE(group, resources, verbs) "{\"apiGroups\":[" group "],\"resources\":[" resources "],\"verbs\":[" verbs "]}"
#define LOOK "\"get\",\"list\",\"watch\""

/* What the console shows, and the most that anybody sees of the rest. */
static const char mesh_rules[] = "[" RULE("\"\"", "\"pods\",\"services\"", LOOK) "," RULE(
	"\"apps\"", "\"deployments\",\"statefulsets\",\"daemonsets\"",
	LOOK) "," RULE("\"networking.istio.io\",\"security.istio.io\",\"telemetry.istio.io\",\"extensions.istio.io\"",
		       "\"*\"", LOOK) "," RULE("\"maistra.io\"", "\"servicemeshmemberrolls\"", LOOK) "]";
/* Who may get pods here is let in; that is asked with the program's own rights for those without a token. */
static const char pod_rules[] = "[" RULE("\"\"", "\"pods\"", "\"get\"") "]";
#define REVIEW RULE("\"authentication.k8s.io\"", "\"tokenreviews\"", "\"create\"")
static const char review_rules[] = "[" REVIEW "]";
/* And what proxies were sent and have acknowledged, of the control plane. */
static const char mesh_review_rules[] =
	"[" REVIEW ",{\"nonResourceURLs\":[\"/debug/config_dump\",\"/debug/syncz\"],\"verbs\":[\"get\"]}]";

static const struct {
	const char *part, *app, *addon;
} parts[ADDON_COUNT] = {
	[ADDON_JAEGER] = {"collector", "jaeger", "tracing"},
	[ADDON_GRAFANA] = {"dashboards", "grafana", "grafana"},
	[ADDON_KIALI] = {"console", "kiali", "kiali"},
};

static void add_arg(cJSON *args, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add_arg(cJSON *args, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	cJSON_AddItemToArray(args, cJSON_CreateString(buf_str(&text)));
}

static void add_prometheus(cJSON *args, const cJSON *values, const struct values_input *in)
{
	const struct maistra_addons_config *a = in->spec->addons;

	if (AT2(a, prometheus, address))
		add_arg(args, "--prometheus=%s", a->prometheus->address);
	else
		add_arg(args, "--prometheus=http://prometheus.%s.svc:%d%s", in->ns, PROMETHEUS_PORT,
			json_str_or_empty(json_get(values, "prometheus"), "contextPath"));
}

static cJSON *args_of(const cJSON *values, const struct values_input *in, enum addon_id id, bool embedded)
{
	const cJSON *own = json_get(values, addons[id].values);
	const bool traces = !strcmp(text_or(AT1(in->spec->tracing, type), "None"), "Jaeger");
	cJSON *args = cJSON_CreateArray();

	add_arg(args, "%s", parts[id].part);
	add_arg(args, "--port=%d", addons[id].port);
	if (id == ADDON_JAEGER) {
		add_arg(args, "--storage=/data/spans.db");
		add_arg(args, "--max-spans=%lld", (long long)json_int(own, "maxTraces", 100000));
	} else {
		add_prometheus(args, values, in);
	}
	if (id != ADDON_JAEGER && traces)
		add_arg(args, "--traces=http://%s-query.%s.svc:16686",
			text_or(AT2(in->spec->addons, jaeger, name), "jaeger"), in->ns);
	if (id == ADDON_KIALI) {
		add_arg(args, "--istiod=http://istiod-%s.%s.svc:15014", in->name, in->ns);
		if (strcmp(text_or(in->spec->mode, ""), "ClusterWide") != 0)
			add_arg(args, "--by-namespace");
	}
	if (embedded) {
		add_arg(args, "--anonymous");
		add_arg(args, "--router=$(HOST_IP)");
	}
	return args;
}

void values_set_substitute(cJSON *values, const struct values_input *in, enum addon_id id, bool embedded)
{
	const bool mesh = id == ADDON_KIALI;
	cJSON *o;

	values_set_addon(values, in, id);
	cJSON_DeleteItemFromObjectCaseSensitive(values, "substitute");
	o = cJSON_Duplicate(json_get(values, addons[id].values), true);
	cJSON_AddItemToObject(values, "substitute", o);
	json_default_str(o, "name", parts[id].app);
	json_set_str(o, "app", parts[id].app);
	json_set_str(o, "addon", parts[id].addon);
	json_set_str(o, "image", in->images->console);
	json_set_int(o, "port", addons[id].port);
	json_set_bool(o, "collector", id == ADDON_JAEGER);
	json_set_bool(o, "wide", mesh && strcmp(text_or(in->spec->mode, ""), "ClusterWide") == 0);
	json_set(o, "args", args_of(values, in, id, embedded));
	json_set(o, "rules", json_literal(mesh ? mesh_rules : pod_rules));
	json_set(o, "reviewRules", json_literal(mesh ? mesh_review_rules : review_rules));
	/* Rights in members are for the console alone. */
	json_set(o, "bindingAnnotations", json_literal(mesh ? "{}" : "{\"maistra.io/internal\":\"true\"}"));
}
