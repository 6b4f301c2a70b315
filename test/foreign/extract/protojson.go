package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
)

// The fields of oneofs of Istio's API, by the name that they have in Go: they vanish in JSON.
var oneofs = map[string]bool{"MatchType": true, "LbPolicy": true, "HashKey": true, "HashAlgorithm": true, "ErrorType": true,
	"HttpDelayType": true, "Specifier": true, "RedirectPort": true, "ObjectTypes": true, "HealthCheckMethod": true,
	"ActionDetail": true, "Kind": true, "Type": true, "Provider": true, "MetricMatch": true, "Match": true,
	"ValueSource": true, "Tracer": true}

var durations = map[string]bool{"durationpb.Duration": true, "duration.Duration": true}

// jsonName turns a Go name of a generated message into the name of its JSON field.
func jsonName(goName string) string {
	if n, ok := map[string]string{"Consecutive_5XxErrors": "consecutive5xxErrors", "String_": "string"}[goName]; ok {
		return n
	}
	parts := strings.Split(strings.TrimSuffix(goName, "_"), "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	n := strings.Join(parts, "")
	return strings.ToLower(n[:1]) + n[1:]
}

// enumValue is the value's own name: what stands after the names of the types.
func enumValue(c Const) string {
	parts := strings.Split(c.Name, "_")
	for len(parts) > 1 && strings.IndexFunc(parts[0], unicode.IsLower) >= 0 {
		parts = parts[1:]
	}
	return strings.Join(parts, "_")
}

func isWrapper(s *Struct) bool { return strings.HasPrefix(s.Type, "wrapperspb.") }

func isMessage(v any) (*Struct, bool) {
	s, ok := v.(*Struct)
	return s, ok && s != nil
}

// toJSON is the protobuf JSON form of a value.
func toJSON(v any) any {
	switch x := v.(type) {
	case Const:
		return enumValue(x)
	case Bytes:
		return base64.StdEncoding.EncodeToString([]byte(x))
	case *List:
		ret := []any{}
		for _, i := range x.Items {
			ret = append(ret, toJSON(i))
		}
		return ret
	case *Map:
		ret := map[string]any{}
		for i, k := range x.Keys {
			ret[text(k)] = orNull(toJSON(x.Vals[i]))
		}
		return ret
	case *Struct:
		if x == nil {
			return nil
		}
		return structJSON(x)
	}
	return v
}

func structJSON(s *Struct) any {
	switch {
	case durations[s.Type]:
		return durationText(s)
	case isWrapper(s):
		if v, ok := s.Vals["Value"]; ok {
			return v
		}
		return map[string]any{"wrapperspb.BoolValue": false, "wrapperspb.StringValue": ""}[s.Type]
	case s.Type == "structpb.Struct":
		if m, ok := s.Vals["Fields"]; ok {
			return structValues(m.(*Map))
		}
		return map[string]any{}
	}
	ret := map[string]any{}
	for _, k := range s.Keys {
		v := s.Vals[k]
		if in, ok := isMessage(v); ok && oneofs[k] && isOneof(s, in) {
			oneof(ret, in)
		} else if !isZero(v) {
			ret[jsonName(k)] = toJSON(v)
		}
	}
	return ret
}

// A oneof's wrapper is named Message_Field and has that field alone.
func isOneof(up, in *Struct) bool {
	name := strings.TrimSuffix(in.Type, "_")
	if len(in.Keys) > 1 || !strings.Contains(name, "_") {
		return false
	}
	last := name[strings.LastIndex(name, "_")+1:]
	return len(in.Keys) == 0 || strings.TrimSuffix(in.Keys[0], "_") == last || strings.HasSuffix(in.Keys[0], last)
}

func oneof(ret map[string]any, in *Struct) {
	if len(in.Keys) == 1 {
		ret[jsonName(in.Keys[0])] = toJSON(in.Vals[in.Keys[0]])
		return
	}
	name := strings.TrimSuffix(in.Type, "_")
	ret[jsonName(name[strings.LastIndex(name, "_")+1:])] = ""
}

func isZero(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case bool:
		return !x
	case int64:
		return x == 0
	case float64:
		return x == 0
	case *List:
		return len(x.Items) == 0
	case *Map:
		return len(x.Keys) == 0
	case *Struct:
		return x == nil
	}
	return false
}

func structValues(m *Map) any {
	ret := map[string]any{}
	for i, k := range m.Keys {
		ret[text(k)] = structValue(m.Vals[i].(*Struct))
	}
	return ret
}

func structValue(s *Struct) any {
	kind, ok := s.Vals["Kind"].(*Struct)
	if !ok || len(kind.Keys) == 0 {
		return nil
	}
	v := kind.Vals[kind.Keys[0]]
	if in, ok := v.(*Struct); ok {
		if in.Type == "structpb.ListValue" {
			ret := []any{}
			for _, i := range in.Vals["Values"].(*List).Items {
				ret = append(ret, structValue(i.(*Struct)))
			}
			return ret
		}
		return toJSON(in)
	}
	return v
}

func number(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}

func durationText(s *Struct) string {
	sec, ns := number(s.Vals["Seconds"]), number(s.Vals["Nanos"])
	sign := ""
	if sec < 0 || ns < 0 {
		sign, sec, ns = "-", -sec, -ns
	}
	if ns == 0 {
		return fmt.Sprintf("%s%ds", sign, sec)
	}
	return sign + strings.TrimRight(fmt.Sprintf("%d.%09d", sec, ns), "0") + "s"
}

// null is a nil that was written in a map, and stays.
type null struct{}

func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func orNull(v any) any {
	if v == nil {
		return null{}
	}
	return v
}
