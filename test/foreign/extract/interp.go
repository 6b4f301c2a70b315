package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// Interp holds the packages of one module that were loaded, and what stands in for functions that are not.
type Interp struct {
	module, dir string
	fset        *token.FileSet
	pkgs        map[string]*Env
	aliases     map[*ast.File]map[string]string
	methods     map[string]*Func // "Type.Method", of all loaded packages
	fileOf      map[*ast.StructType]*Env
	only        map[string]bool // import paths that may be loaded; all others are constants by name
	native      func(f any, args []any) (any, bool)
}

func newInterp(module, dir string, only ...string) *Interp {
	it := &Interp{module: module, dir: dir, fset: token.NewFileSet(), pkgs: map[string]*Env{},
		aliases: map[*ast.File]map[string]string{}, methods: map[string]*Func{}, fileOf: map[*ast.StructType]*Env{},
		only: map[string]bool{}}
	for _, p := range only {
		it.only[p] = true
	}
	return it
}

// load parses the files of a package of the module, tests too when they are asked for.
func (it *Interp) load(pkg string, tests bool) *Env {
	key := fmt.Sprint(pkg, tests)
	if e, ok := it.pkgs[key]; ok {
		return e
	}
	root := &Env{vals: map[string]any{}, types: map[string]*ast.StructType{}, it: it}
	it.pkgs[key] = root
	names, _ := filepath.Glob(filepath.Join(it.dir, pkg, "*.go"))
	sort.Strings(names)
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") && !tests {
			continue
		}
		f, err := parser.ParseFile(it.fset, n, nil, parser.SkipObjectResolution)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		it.file(root, f)
	}
	return root
}

func (it *Interp) file(root *Env, f *ast.File) {
	scope := &Env{up: root, vals: map[string]any{}, types: map[string]*ast.StructType{}, file: f, it: it}
	names := map[string]string{}
	for _, i := range f.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		n := path.Base(p)
		if i.Name != nil {
			n = i.Name.Name
		}
		names[n] = p
	}
	it.aliases[f] = names
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			into := &Env{up: scope, vals: root.vals, types: root.types, file: f, it: it}
			into.declare(d, func(x ast.Expr, iota int) any { return lazy(scope, x, iota) })
		case *ast.FuncDecl:
			fn := &Func{Type: d.Type, Body: d.Body, Env: scope, Name: d.Name.Name, Recv: d.Recv}
			if d.Recv == nil {
				root.vals[d.Name.Name] = fn
			} else {
				it.methods[typeName(d.Recv.List[0].Type)+"."+d.Name.Name] = fn
			}
		}
	}
}

// lazy evaluates a package's variable once, when it is first asked for.
func lazy(scope *Env, x ast.Expr, iota int) func() any {
	var val any
	done := false
	return func() any {
		if !done {
			in := scope.child()
			in.vals["iota"] = int64(iota)
			val, done = in.eval(x), true
		}
		return val
	}
}

func (it *Interp) imported(f *ast.File, name string) *PkgRef {
	p, ok := it.aliases[f][name]
	if !ok {
		return nil
	}
	return &PkgRef{name, p}
}

// member is a name of another package: its value if the package is loaded, else a constant that carries its name.
func (it *Interp) member(p *PkgRef, name string) any {
	if it.only[p.Path] {
		e := it.load(strings.TrimPrefix(p.Path, it.module+"/"), false)
		if v, ok := e.vals[name]; ok {
			if l, ok := v.(func() any); ok {
				return l()
			}
			return v
		}
	}
	if n, ok := units[p.Name+"."+name]; ok {
		return n
	}
	return Const{p.Name, name}
}

var units = map[string]int64{"time.Nanosecond": 1, "time.Microsecond": 1e3, "time.Millisecond": 1e6, "time.Second": 1e9,
	"time.Minute": 60e9, "time.Hour": 3600e9}

func (it *Interp) isMethod(s *Struct, name string) bool {
	for k := range it.methods {
		if strings.HasSuffix(k, "."+name) {
			return true
		}
	}
	return name == "DeepCopy" || name == "DeepCopyObject" || s.Type == "testing.T" || s.Type == "validator" ||
		s.Type == "tracker" || s.Type == "action"
}

func (it *Interp) setField(s *Struct, name string, v any) {
	switch name {
	case "Name", "Namespace", "Labels", "Annotations", "DeletionTimestamp", "Finalizers":
		if meta, ok := s.Vals["ObjectMeta"].(*Struct); ok {
			meta.set(name, v)
			return
		}
	}
	s.set(name, v)
}

// apply calls whatever f is.
func (it *Interp) apply(f any, args []any) any {
	if it.native != nil {
		if v, ok := it.native(f, args); ok {
			return v
		}
	}
	if v, ok := library(f, args); ok {
		return v
	}
	switch fn := f.(type) {
	case *Func:
		return fn.invoke(nil, args)
	case *Bound:
		if s, ok := fn.Recv.(*Struct); ok {
			if m, ok := it.methods[unqualified(s.Type)+"."+fn.Name]; ok {
				return m.invoke(s, args)
			}
		}
		fail("method %s of %T", fn.Name, fn.Recv)
	case Const: // a conversion to a named type
		if len(args) == 1 {
			return args[0]
		}
		fail("call of %s.%s", fn.Pkg, fn.Name)
	}
	fail("call of %T", f)
	return nil
}

func unqualified(t string) string { return t[strings.LastIndex(t, ".")+1:] }

// library stands in for the few functions of Go's and Kubernetes' libraries that tables use.
func library(f any, args []any) (any, bool) {
	switch fn := f.(type) {
	case Const:
		switch fn.Pkg + "." + fn.Name {
		case "strings.Repeat":
			return strings.Repeat(args[0].(string), int(args[1].(int64))), true
		case "strings.Join":
			var parts []string
			for _, p := range args[0].(*List).Items {
				parts = append(parts, text(p))
			}
			return strings.Join(parts, args[1].(string)), true
		case "fmt.Sprintf":
			return sprintf(args), true
		case "errors.New", "fmt.Errorf":
			return args[0], true
		case "durationpb.New":
			return newDuration(args[0]), true
		case "wrapperspb.Bool", "wrapperspb.UInt32", "wrapperspb.Int32":
			s := newStruct("wrapperspb.BoolValue")
			s.set("Value", args[0])
			return s, true
		case "proto.Clone":
			return deep(args[0]), true
		case "pointer.Bool", "pointer.Int32", "proto.String", "proto.Bool", "ptr.Of":
			return args[0], true
		}
	case *Bound:
		switch fn.Name {
		case "DeepCopy", "DeepCopyObject":
			return deep(fn.Recv), true
		}
	}
	return nil, false
}

func sprintf(args []any) string {
	var rest []any
	for _, a := range args[1:] {
		switch a.(type) {
		case string, int64, bool, float64:
			rest = append(rest, a)
		default:
			rest = append(rest, text(a))
		}
	}
	return fmt.Sprintf(args[0].(string), rest...)
}

func newDuration(v any) *Struct {
	s := newStruct("durationpb.Duration")
	if n, ok := v.(int64); ok {
		s.set("Seconds", n/1e9)
		s.set("Nanos", n%1e9)
	}
	return s
}
