package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Case is one object and what its project says about it.
type Case struct {
	ID      string `json:"id"` // file, test and row
	Kind    string `json:"kind"`
	Valid   bool   `json:"valid"`
	Warning *bool  `json:"warning,omitempty"`
	Object  any    `json:"object,omitempty"`
	YAML    string `json:"yaml,omitempty"`    // the object as a file has it
	Request any    `json:"request,omitempty"` // of an AdmissionReview, for the operator's kinds
	World   []any  `json:"world,omitempty"`   // what is in the cluster
	Rights  any    `json:"rights,omitempty"`
}

// table says how the rows of a test become objects.
type table struct {
	test, kind string
	field      string // of the row: what is validated
	verdict    string // of the row: "valid" is true when it is good, "!err" when it is bad, "out" is the error's text
	warning    string
	wrap       string // JSON of a spec with $field for the row's values; "" = the field is the spec
	build      func(row *Struct) map[string]any
}

const (
	httpWith  = `{"hosts":["a.example.com"],"http":[{"route":[{"destination":{"host":"b.example.com"}}],%s}]}`
	plainHTTP = `{"hosts":["a.example.com"],"http":[{%s}]}`
	policy    = `{"host":"a.example.com","trafficPolicy":%s}`
	entry     = `{"hosts":["a.example.com"],"resolution":"DNS","ports":[{"number":%s,"name":%s,"protocol":"HTTP"}]}`
	server    = `{"selector":{"a":"b"},"servers":[%s]}`
	https     = `{"hosts":["a.example.com"],"port":{"number":443,"name":"https","protocol":"HTTPS"},%s}`
	plain     = `{"hosts":["a.example.com"],"port":{"number":80,"name":"http","protocol":"HTTP"},%s}`
)

var istioTables = []table{
	{"TestValidateFQDN", "DestinationRule", "fqdn", "valid", "", fmt.Sprintf(policy, `{"tunnel":{"targetHost":$,"targetPort":80}}`), nil},
	{"TestValidateWildcardDomain", "DestinationRule", "in", "out", "", `{"host":$}`, nil},
	{"TestValidateDuration", "VirtualService", "duration", "isValid", "", fmt.Sprintf(httpWith, `"timeout":$`), nil},
	{"TestValidateGateway", "Gateway", "in", "out", "warning", "", nil},
	{"TestValidateServer", "Gateway", "in", "out", "", fmt.Sprintf(server, "$"), nil},
	{"TestValidateServerPort", "Gateway", "in", "out", "",
		fmt.Sprintf(server, `{"hosts":["a.example.com"],"port":$,"bind":$bind}`), nil},
	{"TestValidateTlsOptions", "Gateway", "in", "out", "warning", fmt.Sprintf(server, fmt.Sprintf(https, `"tls":$`)), nil},
	{"TestValidateTLS", "DestinationRule", "tls", "valid", "", fmt.Sprintf(policy, `{"tls":$}`), nil},
	{"TestValidateHTTPHeaderName", "VirtualService", "name", "valid", "",
		fmt.Sprintf(httpWith, `"corsPolicy":{"allowHeaders":[$]}`), nil},
	{"TestValidateHTTPHeaderValue", "VirtualService", "input", "!expected", "",
		fmt.Sprintf(httpWith, `"headers":{"request":{"set":{"x-a":$}}}`), nil},
	{"TestValidateCORSPolicy", "VirtualService", "in", "valid", "", fmt.Sprintf(httpWith, `"corsPolicy":$`), nil},
	{"TestValidateHTTPStatus", "VirtualService", "in", "valid", "",
		fmt.Sprintf(httpWith, `"fault":{"abort":{"httpStatus":$}}`), nil},
	{"TestValidateHTTPFaultInjectionAbort", "VirtualService", "in", "valid", "",
		fmt.Sprintf(httpWith, `"fault":{"abort":$,"delay":{"fixedDelay":"1s"}}`), nil},
	{"TestValidateHTTPFaultInjectionDelay", "VirtualService", "in", "valid", "",
		fmt.Sprintf(httpWith, `"fault":{"delay":$,"abort":{"httpStatus":500}}`), nil},
	{"TestValidateHTTPRetry", "VirtualService", "in", "valid", "", fmt.Sprintf(httpWith, `"retries":$`), nil},
	{"TestValidateHTTPRewrite", "VirtualService", "in", "valid", "", fmt.Sprintf(httpWith, `"rewrite":$`), nil},
	{"TestValidateUriRegexRewrite", "VirtualService", "in", "valid", "",
		fmt.Sprintf(httpWith, `"rewrite":{"authority":"a.example.com","uriRegexRewrite":$}`), nil},
	{"TestValidatePortName", "ServiceEntry", "name", "valid", "", fmt.Sprintf(entry, "80", "$"), nil},
	{"TestValidateHTTPRedirect", "VirtualService", "redirect", "valid", "", "", redirect},
	{"TestValidateHTTPDirectResponse", "VirtualService", "directResponse", "valid", "warning", "", directResponse},
	{"TestValidateDestination", "VirtualService", "destination", "valid", "",
		fmt.Sprintf(plainHTTP, `"route":[{"destination":$}]`), nil},
	{"TestValidateHTTPRoute", "VirtualService", "route", "valid", "", `{"hosts":["a.example.com"],"http":[$]}`, nil},
	{"TestValidateRootHTTPRoute", "VirtualService", "route", "valid", "", `{"hosts":["a.example.com"],"http":[$]}`, nil},
	{"TestValidateDelegateHTTPRoute", "VirtualService", "route", "valid", "", `{"http":[$]}`, nil},
	{"TestValidateChainingVirtualService", "VirtualService", "in", "valid", "", "", nil},
	{"TestValidateRouteDestination", "VirtualService", "routes", "valid", "",
		`{"hosts":["a.example.com"],"tcp":[{"route":$}]}`, nil},
	{"TestValidateVirtualService", "VirtualService", "in", "valid", "warning", "", nil},
	{"TestValidateWorkloadEntry", "WorkloadEntry", "in", "valid", "warning", "", nil},
	{"TestValidateWorkloadGroup", "WorkloadGroup", "in", "valid", "warning", "", nil},
	{"TestValidateDestinationRule", "DestinationRule", "in", "valid", "warning", "", nil},
	{"TestValidateTrafficPolicy", "DestinationRule", "in", "valid", "", fmt.Sprintf(policy, "$"), nil},
	{"TestValidateConnectionPool", "DestinationRule", "in", "valid", "", fmt.Sprintf(policy, `{"connectionPool":$}`), nil},
	{"TestValidateLoadBalancer", "DestinationRule", "in", "valid", "", fmt.Sprintf(policy, `{"loadBalancer":$}`), nil},
	{"TestValidateOutlierDetection", "DestinationRule", "in", "valid", "warn", fmt.Sprintf(policy, `{"outlierDetection":$}`), nil},
	{"TestValidateLocalityLbSetting", "DestinationRule", "in", "!err", "warn",
		fmt.Sprintf(policy, `{"loadBalancer":{"simple":"RANDOM","localityLbSetting":$},"outlierDetection":$outlier}`), nil},
	{"TestValidateLocalities", "DestinationRule", "localities", "valid", "", "", localities},
	{"TestValidateEnvoyFilter", "EnvoyFilter", "in", "error", "warning", "", nil},
	{"TestValidateServiceEntries", "ServiceEntry", "in", "valid", "warning", "", nil},
	{"TestValidateAuthorizationPolicy", "AuthorizationPolicy", "in", "valid", "Warning", "", nil},
	{"TestValidateSidecar", "Sidecar", "in", "valid", "warn", "", nil},
	{"TestValidationIPAddress", "Gateway", "addr", "ok", "", fmt.Sprintf(server, fmt.Sprintf(plain, `"bind":$`)), nil},
	{"TestValidationIPSubnet", "ServiceEntry", "subnet", "ok", "",
		`{"hosts":["a.example.com"],"addresses":[$],"ports":[{"number":80,"name":"http","protocol":"HTTP"}]}`, nil},
	{"TestValidateRequestAuthentication", "RequestAuthentication", "in", "valid", "warning", "", nil},
	{"TestValidatePeerAuthentication", "PeerAuthentication", "in", "valid", "warning", "", nil},
	{"Test_validateExportTo", "", "exportTo", "!wantErr", "", "", exportTo},
	{"TestValidateTelemetry", "Telemetry", "in", "err", "warning", "", nil},
	{"TestValidateTelemetryFilter", "Telemetry", "filter", "valid", "", `{"accessLogging":[{"filter":$}]}`, nil},
	{"TestValidateProxyConfig", "ProxyConfig", "in", "out", "warning", "", nil},
	{"TestValidateWasmPlugin", "WasmPlugin", "in", "out", "warning", "", nil},
}

var apiVersions = map[string]string{
	"Gateway": "networking.istio.io/v1beta1", "VirtualService": "networking.istio.io/v1beta1",
	"DestinationRule": "networking.istio.io/v1beta1", "ServiceEntry": "networking.istio.io/v1beta1",
	"Sidecar": "networking.istio.io/v1beta1", "WorkloadEntry": "networking.istio.io/v1beta1",
	"WorkloadGroup": "networking.istio.io/v1beta1", "ProxyConfig": "networking.istio.io/v1beta1",
	"EnvoyFilter": "networking.istio.io/v1alpha3", "AuthorizationPolicy": "security.istio.io/v1beta1",
	"PeerAuthentication": "security.istio.io/v1beta1", "RequestAuthentication": "security.istio.io/v1beta1",
	"Telemetry": "telemetry.istio.io/v1alpha1", "WasmPlugin": "extensions.istio.io/v1alpha1",
}

func redirect(row *Struct) map[string]any {
	if row.get("redirect") == nil {
		return nil
	}
	return fill(fmt.Sprintf(plainHTTP, `"redirect":$`), row, "redirect")
}

func directResponse(row *Struct) map[string]any {
	if row.get("directResponse") == nil {
		return nil
	}
	return fill(fmt.Sprintf(plainHTTP, `"directResponse":$`), row, "directResponse")
}

func localities(row *Struct) map[string]any {
	var list []any
	for _, l := range row.get("localities").(*List).Items {
		list = append(list, map[string]any{"from": l, "to": map[string]any{"r": 100}})
	}
	return map[string]any{"host": "a.example.com", "trafficPolicy": map[string]any{
		"loadBalancer": map[string]any{"simple": "RANDOM", "localityLbSetting": map[string]any{"distribute": list}}}}
}

func exportTo(row *Struct) map[string]any {
	to := toJSON(row.get("exportTo"))
	if row.get("isDestinationRuleWithSelector") == true {
		return map[string]any{"host": "a.example.com", "exportTo": to, "workloadSelector": map[string]any{"matchLabels": map[string]any{"a": "b"}}}
	}
	if row.get("isServiceEntry") == true {
		return map[string]any{"hosts": []any{"a.example.com"}, "exportTo": to,
			"ports": []any{map[string]any{"number": 80, "name": "http", "protocol": "HTTP"}}}
	}
	return map[string]any{"host": "a.example.com", "exportTo": to}
}

func exportToKind(row *Struct) string {
	if row.get("isServiceEntry") == true {
		return "ServiceEntry"
	}
	return "DestinationRule"
}

// fill puts a row's values in the places of a template: $ is the field itself, $name another one.
func fill(template string, row *Struct, field string) map[string]any {
	put := func(v any) string {
		if v == nil {
			v = unset
		}
		b, _ := json.Marshal(toJSON(v))
		return string(b)
	}
	for _, k := range []string{"bind", "outlier"} {
		template = strings.ReplaceAll(template, "$"+k, put(row.get(k)))
	}
	template = strings.Replace(template, "$", put(row.get(field)), 1)
	var spec map[string]any
	if err := json.Unmarshal([]byte(template), &spec); err != nil {
		fail("%s: %s", template, err)
	}
	return prune(spec).(map[string]any)
}

// unset stands in a template's place for a nil.
const unset = "\x00unset"

// prune takes away what a row leaves unset.
func prune(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, in := range x {
			if in == unset {
				delete(x, k)
			} else {
				x[k] = prune(in)
			}
		}
	case []any:
		for i := range x {
			x[i] = prune(x[i])
		}
	}
	return v
}

func (t *table) spec(row *Struct) (map[string]any, bool) {
	if t.build != nil {
		s := t.build(row)
		return s, s != nil
	}
	if t.wrap != "" {
		return fill(t.wrap, row, t.field), true
	}
	in, ok := row.get(t.field).(*Struct)
	if !ok || !strings.HasSuffix(in.Type, "."+t.kind) {
		return nil, false // another message: no object of this kind
	}
	s, ok := toJSON(in).(map[string]any)
	return s, ok
}

func (t *table) valid(row *Struct) bool {
	if strings.HasPrefix(t.verdict, "!") {
		return isZero(row.get(t.verdict[1:]))
	}
	switch v := row.get(t.verdict).(type) {
	case bool:
		return v
	case string:
		return v == ""
	case nil: // left out: false, or no error
		return t.verdict != "valid" && t.verdict != "ok" && t.verdict != "isValid"
	}
	return false
}

func (t *table) object(row *Struct) (any, string) {
	kind := t.kind
	if kind == "" {
		kind = exportToKind(row)
	}
	spec, ok := t.spec(row)
	if !ok {
		return nil, kind
	}
	meta := map[string]any{"name": "foo", "namespace": "bar"}
	for field, key := range map[string]string{"annotations": "annotations", "namespace": "namespace"} {
		if v := row.get(field); v != nil {
			meta[key] = toJSON(v)
		}
	}
	if n := row.get("configName"); n != nil && text(n) != "DefaultAuthenticationPolicyName" {
		meta["name"] = text(n)
	}
	return map[string]any{"apiVersion": apiVersions[kind], "kind": kind, "metadata": meta, "spec": spec}, kind
}

func (t *table) row(row *Struct, n int) (c *Case, problem string) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(evalError)
			if !ok {
				panic(r)
			}
			problem = e.text
		}
	}()
	o, kind := t.object(row)
	if o == nil {
		return nil, ""
	}
	c = &Case{ID: fmt.Sprintf("%s[%d]", t.test, n), Kind: kind, Valid: t.valid(row), Object: o}
	if name, ok := row.get("name").(string); ok {
		c.ID = fmt.Sprintf("%s[%d] %s", t.test, n, clip(name))
	}
	if t.warning != "" && c.Valid {
		w := row.get(t.warning)
		b := w != nil && w != "" && w != false
		c.Warning = &b
	}
	return c, ""
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80]
	}
	return s
}
