package main

import (
	"go/ast"
	"reflect"
	"strconv"
	"strings"
)

// kubeObject is the JSON form of a Kubernetes object.
func kubeObject(s *Struct) map[string]any {
	o := map[string]any{}
	kubeFields(s, o)
	version := "v1"
	if strings.HasPrefix(s.Type, "maistrav2.") || strings.HasPrefix(s.Type, "v2.") {
		version = "v2"
	}
	o["apiVersion"], o["kind"] = "maistra.io/"+version, unqualified(s.Type)
	return o
}

func kubeJSON(v any) any {
	switch x := v.(type) {
	case *Struct:
		if x == nil {
			return nil
		}
		o := map[string]any{}
		kubeFields(x, o)
		return o
	case *List:
		ret := []any{}
		for _, i := range x.Items {
			ret = append(ret, kubeJSON(i))
		}
		return ret
	case *Map:
		ret := map[string]any{}
		for i, k := range x.Keys {
			ret[text(k)] = kubeJSON(x.Vals[i])
		}
		return ret
	case Const:
		return x.Name
	}
	return v
}

// kubeFields writes the fields as Go's encoding/json does: by their tags where the type's declaration is known, else by the
// usage of Kubernetes.
func kubeFields(s *Struct, o map[string]any) {
	if s.Def == nil {
		for _, k := range s.Keys {
			plainField(o, k, s.Vals[k])
		}
		return
	}
	for _, f := range s.Def.Fields.List {
		names := f.Names
		if len(names) == 0 {
			names = []*ast.Ident{ast.NewIdent(unqualified(typeName(f.Type)))}
		}
		for _, n := range names {
			taggedField(s, o, f, n.Name)
		}
	}
}

func plainField(o map[string]any, name string, v any) {
	switch name {
	case "TypeMeta":
		return
	case "ObjectMeta":
		o["metadata"] = kubeJSON(v)
		return
	}
	if !isZero(v) {
		o[strings.ToLower(name[:1])+name[1:]] = kubeJSON(v)
	}
}

func taggedField(s *Struct, o map[string]any, f *ast.Field, name string) {
	tag := ""
	if f.Tag != nil {
		raw, _ := strconv.Unquote(f.Tag.Value)
		tag = reflect.StructTag(raw).Get("json")
	}
	parts := strings.Split(tag, ",")
	v, set := s.Vals[name]
	omit, inline := strings.Contains(tag, ",omitempty"), strings.Contains(tag, ",inline") || (len(f.Names) == 0 && parts[0] == "")
	switch {
	case parts[0] == "-" || name == "TypeMeta":
	case inline:
		if in, ok := v.(*Struct); ok && in != nil {
			kubeFields(in, o)
		}
	case set && !(omit && isZero(v)):
		o[fieldName(parts[0], name)] = kubeJSON(v)
	case !set && !omit:
		if z, ok := zeroJSON(f.Type); ok {
			o[fieldName(parts[0], name)] = z
		}
	}
}

func fieldName(tag, name string) string {
	if tag != "" {
		return tag
	}
	return name
}

// zeroJSON is what a field that is never left out has when nobody set it.
func zeroJSON(t ast.Expr) (any, bool) {
	switch x := t.(type) {
	case *ast.StarExpr, *ast.ArrayType, *ast.MapType:
		return nil, true
	case *ast.Ident:
		switch x.Name {
		case "string":
			return "", true
		case "bool":
			return false, true
		case "int", "int32", "int64":
			return 0, true
		}
	}
	return nil, false
}
