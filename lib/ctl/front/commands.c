/* The table of commands and their flags, and the values that flags may have. */
#include <string.h>

#include "base/cleanup.h"
#include "ctl/front/commands.h"
#include "ctl/install/install.h"
#include "ctl/install/manifests.h"
#include "ctl/live/check.h"
#include "ctl/live/live.h"
#include "ctl/mesh/load.h"
#include "ctl/analyze/analyze.h"
#include "ctl/bundle/bundle.h"
#include "ctl/describe/describe.h"
#include "ctl/diff/diff.h"
#include "ctl/explain/explain.h"
#include "ctl/front/options.h"

#define OUTPUT                                                                                                         \
	{                                                                                                              \
		CTL_OPTION_OUTPUT, "output", "FORMAT", "table (default), json or yaml"                                 \
	}
#define KUBECONFIG                                                                                                     \
	{                                                                                                              \
		CTL_OPTION_KUBECONFIG, "kubeconfig", "FILE", "how to reach the cluster; as kubectl when absent"        \
	}
#define TIMEOUT                                                                                                        \
	{                                                                                                              \
		CTL_OPTION_TIMEOUT, "timeout", "SECONDS", "how long each step is waited for; 180"                      \
	}
#define OVERLAY                                                                                                        \
	{                                                                                                              \
		CTL_OPTION_OVERLAY, "overlay", "NAME",                                                                 \
			"openshift, kubernetes, production or minimal; by the cluster when absent"                     \
	}
#define REGISTRY                                                                                                       \
	{                                                                                                              \
		CTL_OPTION_REGISTRY, "registry", "HOST/PATH", "where the images are"                                   \
	}
#define TAG                                                                                                            \
	{                                                                                                              \
		CTL_OPTION_TAG, "tag", "TAG", "which tag of them"                                                      \
	}
#define DRY_RUN                                                                                                        \
	{                                                                                                              \
		CTL_OPTION_DRY_RUN, "dry-run", NULL, "says what would be applied, and changes nothing"                 \
	}
#define SKIP_PRECHECK                                                                                                  \
	{                                                                                                              \
		CTL_OPTION_SKIP_PRECHECK, "skip-precheck", NULL, "begins whatever the checks of the cluster find"      \
	}

static const struct flag install_flags[] = {
	OVERLAY,
	{CTL_OPTION_CONTROL_PLANE, "control-plane", "NAME",
	 "then a control plane: default, openshift, kubernetes, production or minimal"},
	REGISTRY,
	TAG,
	DRY_RUN,
	SKIP_PRECHECK,
	TIMEOUT,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag uninstall_flags[] = {
	{CTL_OPTION_YES, "yes", NULL, "does it; without, it says what would go"},
	{CTL_OPTION_DEFINITIONS, "crds", NULL, "the definitions, too, and with them every object of their kinds"},
	TIMEOUT,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag precheck_flags[] = {
	{CTL_OPTION_FROM_CLUSTER, "from-cluster", NULL, "judges the mesh that is in the cluster, object by object"},
	{CTL_OPTION_FILE, "filename", "FILE",
	 "judges the objects of a file, of a folder or (-) of standard input; may stand again"},
	OUTPUT,
	KUBECONFIG,
};
#define FILES                                                                                                          \
	{                                                                                                              \
		CTL_OPTION_FILE, "filename", "FILE",                                                                   \
			"a file, a folder (of a kustomization what it makes) or (-) standard input; may stand again"   \
	}
#define ALL                                                                                                            \
	{                                                                                                              \
		CTL_OPTION_ALL, "all-namespaces", NULL, "what is in the cluster, under what -f names"                  \
	}
#define NAMESPACE                                                                                                      \
	{                                                                                                              \
		CTL_OPTION_NAMESPACE, "namespace", "NAME", "of objects and names without one; default"                 \
	}
#define PLANE                                                                                                          \
	{                                                                                                              \
		CTL_OPTION_PLANE, "istio-namespace", "NAME", "of the control plane, where there are several"           \
	}
#define MESH_CONFIG                                                                                                    \
	{                                                                                                              \
		CTL_OPTION_MESH_CONFIG, "meshConfigFile", "FILE", "a MeshConfig in place of the control plane's"       \
	}

#define SINCE                                                                                                          \
	{                                                                                                              \
		CTL_OPTION_SINCE, "since", "SECONDS", "how far logs are read back; 3600"                               \
	}

static const struct flag upgrade_flags[] = {
	{CTL_OPTION_REVISION, "revision", "NAME",
	 "instead: a control plane of that name beside the one that is there, in the same mesh"},
	{CTL_OPTION_NAMESPACE, "namespace", "NAME", "where the revision is to be; its name when absent"},
	{CTL_OPTION_PLANE_VERSION, "control-plane-version", "VERSION",
	 "of the revision, as v2.5; the newest when absent"},
	PLANE,
	OVERLAY,
	REGISTRY,
	TAG,
	DRY_RUN,
	SKIP_PRECHECK,
	TIMEOUT,
	OUTPUT,
	KUBECONFIG,
};

static const struct flag compile_flags[] = {
	FILES,
	ALL,
	{CTL_OPTION_PROXY, "proxy", "NAME.NAMESPACE", "a pod, or a workload that has one"},
	{CTL_OPTION_TYPE, "type", "TYPE", "listeners, routes, clusters, endpoints or secrets; all when absent"},
	NAMESPACE,
	PLANE,
	MESH_CONFIG,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag explain_flags[] = {
	FILES,
	ALL,
	{CTL_OPTION_FROM, "from", "NAME.NAMESPACE", "who asks: a pod or workload; a gateway for requests from outside"},
	{CTL_OPTION_HEADER, "header", "NAME:VALUE", "a header of the request; may stand again"},
	{CTL_OPTION_LOG, "log", "LINE", "explains a line of an access log instead"},
	{CTL_OPTION_REQUEST_ID, "request-id", "ID", "explains what became of the request with this x-request-id"},
	SINCE,
	NAMESPACE,
	PLANE,
	MESH_CONFIG,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag analyze_flags[] = {
	FILES,
	ALL,
	{CTL_OPTION_FAILURE, "failure-threshold", "LEVEL",
	 "Info, Warning or Error (default): from there on the exit status is 79"},
	{CTL_OPTION_THRESHOLD, "output-threshold", "LEVEL", "Info (default), Warning or Error: nothing below is shown"},
	{CTL_OPTION_SUPPRESS, "suppress", "CODE=KIND NAME.NAMESPACE",
	 "says nothing of these; * stands for anything; may stand again"},
	{CTL_OPTION_LIST, "list-analyzers", NULL, "what there is"},
	NAMESPACE,
	PLANE,
	MESH_CONFIG,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag diff_flags[] = {
	{CTL_OPTION_FILE, "filename", "FILE",
	 "the change first; what stands again is the mesh: files, folders, kustomizations"},
	ALL,
	{CTL_OPTION_REMOVE, "delete", NULL, "the change takes its objects away"},
	NAMESPACE,
	PLANE,
	MESH_CONFIG,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag describe_flags[] = {FILES, ALL, NAMESPACE, PLANE, MESH_CONFIG, OUTPUT, KUBECONFIG};
static const struct flag inject_flags[] = {FILES, ALL, NAMESPACE, PLANE, MESH_CONFIG, OUTPUT, KUBECONFIG};
static const struct flag proxy_status_flags[] = {PLANE, OUTPUT, KUBECONFIG};
static const struct flag proxy_config_flags[] = {
	{CTL_OPTION_LEVEL, "level", "LEVEL", "of log: sets it first; debug, or http:debug,rbac:info for an Envoy"},
	NAMESPACE,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag root_flags[] = {PLANE, OUTPUT, KUBECONFIG};
static const struct flag dashboard_flags[] = {
	{CTL_OPTION_PORT, "port", "PORT", "of this machine's loopback; the add-on's own, or any, when absent"},
	NAMESPACE,
	PLANE,
	KUBECONFIG,
};
static const struct flag bug_report_flags[] = {
	{CTL_OPTION_ARCHIVE, "archive", "FILE", "to write; weft-bug-report-<time>.tar.gz here when absent"},
	{CTL_OPTION_MAX_SIZE, "max-size", "MIB", "of all entries before they are compressed; 100"},
	SINCE,
	NAMESPACE,
	PLANE,
	KUBECONFIG,
};
static const struct flag check_flags[] = {
	{CTL_OPTION_PRE, "pre", NULL, "as precheck: before there is a mesh"},
	PLANE,
	OUTPUT,
	KUBECONFIG,
};
static const struct flag completion_flags[] = {};

const char *const ctl_shells[] = {"bash", "zsh", "fish", NULL};

const struct ctl_command ctl_commands[] = {
	{"install", "[flags]", "Installs the operator, and a control plane if asked for.",
	 "%s install\n%s install --overlay production --control-plane production\n"
	 "%s install --registry registry.example/weft --tag v1.0.0",
	 install_flags, ARRAY_LEN(install_flags), NULL, false, ctl_install},
	{"upgrade", "[flags]",
	 "Brings the operator and the definitions to the version of this program; or makes a control plane beside "
	 "another.",
	 "%s upgrade\n%s upgrade --dry-run -o yaml\n%s upgrade --revision canary --control-plane-version v2.6",
	 upgrade_flags, ARRAY_LEN(upgrade_flags), NULL, false, ctl_upgrade},
	{"uninstall", "[flags]", "Removes all meshes, then the operator.", "%s uninstall\n%s uninstall --yes --crds",
	 uninstall_flags, ARRAY_LEN(uninstall_flags), NULL, false, ctl_uninstall},
	{"precheck", "[--from-cluster | -f FILE...] [flags]",
	 "Says what will not work: of this cluster, or of the objects of another mesh.",
	 "%s precheck\n%s precheck --from-cluster\n%s precheck -f manifests/ -o json", precheck_flags,
	 ARRAY_LEN(precheck_flags), NULL, false, ctl_precheck},
	{"compile", "-f FILE... --proxy NAME.NAMESPACE [flags]",
	 "Says what weftd would send to a proxy, of files alone or of a cluster.",
	 "%s compile -f manifests/ --proxy cart.shop\n%s compile -f mesh.yaml --proxy cart.shop --type routes -o yaml\n"
	 "%s compile -A --proxy istio-ingressgateway.istio-system --type listeners -o json",
	 compile_flags, ARRAY_LEN(compile_flags), NULL, false, ctl_compile},
	{"explain", "METHOD URL --from NAME.NAMESPACE (-f FILE... | -A) [flags]; explain --log LINE | --request-id ID",
	 "Says what becomes of a request and why, step by step; or what a line of an access log means.",
	 "%s explain GET http://cart/items --from web.shop -f manifests/\n"
	 "%s explain GET https://shop.example.com/ --from istio-ingressgateway.istio-system -H user-agent:curl -A\n"
	 "%s explain --request-id 5a1b0c7e-6b0f-4d0e-9d53-0d6f9f4f1c1a\n"
	 "%s explain --log '[2024-05-01T10:00:00.000Z] \"GET /items HTTP/1.1\" 503 UH no_healthy_upstream - \"-\" ...'",
	 explain_flags, ARRAY_LEN(explain_flags), NULL, true, ctl_explain},
	{"describe", "pod|service NAME.NAMESPACE [-f FILE...] [flags]",
	 "Says what the mesh's configuration comes to for one pod or service, and what is likely wrong with it.",
	 "%s describe pod cart-7d4-x.shop\n%s describe service cart.shop -f manifests/\n"
	 "%s describe service cart -n shop -o yaml",
	 describe_flags, ARRAY_LEN(describe_flags), NULL, true, ctl_describe},
	{"analyze", "FILE... | -f FILE... | -A [flags]",
	 "Says what is wrong with a mesh's configuration, under istioctl's codes, with the line of each.",
	 "%s analyze manifests/\n%s analyze -A -f change.yaml\n"
	 "%s analyze -f manifests/ --failure-threshold Warning -S IST0102=* -o json",
	 analyze_flags, ARRAY_LEN(analyze_flags), NULL, true, ctl_analyze},
	{"diff", "-f CHANGE [-f MESH... | -A] [flags]",
	 "Says what a change would do: who would be denied, which requests go elsewhere, which proxies get what.",
	 "%s diff -f change.yaml\n%s diff -f change.yaml -f manifests/\n%s diff --delete -f old-policy.yaml -A -o json",
	 diff_flags, ARRAY_LEN(diff_flags), NULL, false, ctl_diff},
	{"inject", "-f FILE... [flags]",
	 "Prints manifests with the proxies that the injector would put into their pods.",
	 "%s inject -f deployment.yaml\n%s inject -f manifests/ -o json", inject_flags, ARRAY_LEN(inject_flags), NULL,
	 false, ctl_inject},
	{"proxy-status", "[flags]", "Says which proxies are connected, and whether they have what they were sent.",
	 "%s proxy-status\n%s proxy-status -i istio-system -o json", proxy_status_flags, ARRAY_LEN(proxy_status_flags),
	 NULL, false, ctl_proxy_status},
	{"proxy-config", "listeners|routes|clusters|endpoints|secrets|log|bootstrap POD.NAMESPACE [flags]",
	 "Shows what a running proxy has.",
	 "%s proxy-config routes cart-7d4-x.shop\n%s proxy-config clusters cart-7d4-x -n shop -o yaml\n"
	 "%s proxy-config log cart-7d4-x.shop --level debug",
	 proxy_config_flags, ARRAY_LEN(proxy_config_flags), NULL, true, ctl_proxy_config},
	{"root", "status|rotate [flags]",
	 "Says which roots the mesh trusts and until when; or replaces its own root by another, step by step.",
	 "%s root status\n%s root rotate -i istio-system", root_flags, ARRAY_LEN(root_flags), ctl_root_words, false,
	 ctl_root},
	{"dashboard", "kiali|jaeger|grafana|prometheus|controlz|debug | proxy POD.NAMESPACE [flags]",
	 "Opens a port of this machine's loopback that leads there, until it is interrupted.",
	 "%s dashboard kiali\n%s dashboard proxy cart-7d4-x.shop --port 15000", dashboard_flags,
	 ARRAY_LEN(dashboard_flags), NULL, true, ctl_dashboard},
	{"bug-report", "[POD.NAMESPACE...] [flags]",
	 "Writes an archive of what is needed to find a fault: objects, logs, dumps; no secrets.",
	 "%s bug-report\n%s bug-report cart-7d4-x.shop web-5f6-y.shop --since 600", bug_report_flags,
	 ARRAY_LEN(bug_report_flags), NULL, true, ctl_bug_report},
	{"check", "[flags]", "Checks all of a mesh that runs, and says what to do about what is wrong.",
	 "%s check\n%s check --pre\n%s check -o json", check_flags, ARRAY_LEN(check_flags), NULL, false, ctl_check},
	{"completion", "bash|zsh|fish", "Prints what a shell needs to complete commands and flags.",
	 "source <(%s completion bash)\n%s completion fish | source", completion_flags, 0, ctl_shells, false,
	 ctl_completion},
};
const size_t ctl_commands_count = ARRAY_LEN(ctl_commands);

const char *const *ctl_flag_words(const char *flag)
{
	static const char *const types[] = {"listeners", "routes", "clusters", "endpoints", "secrets", NULL};
	static const char *const levels[] = {"Info", "Warning", "Error", NULL};
	static const char *const formats[] = {"table", "json", "yaml", NULL};

	if (!strcmp(flag, "output"))
		return formats;
	if (!strcmp(flag, "type"))
		return types;
	if (!strcmp(flag, "failure-threshold") || !strcmp(flag, "output-threshold"))
		return levels;
	if (!strcmp(flag, "overlay"))
		return ctl_operator_overlays;
	return !strcmp(flag, "control-plane") ? ctl_instance_overlays : NULL;
}
