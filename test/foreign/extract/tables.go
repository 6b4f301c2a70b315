package main

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
)

// rows evaluates the table of a test: the list of structs that its loop runs over. Each row alone, so that one that can't be
// evaluated costs itself only.
func rows(f *Func, each func(row *Struct, err string)) {
	scope := f.Env.child()
	for _, s := range f.Body.List {
		if r, ok := s.(*ast.RangeStmt); ok {
			if lit := tableOf(f.Body, r.X); lit != nil {
				rowsOf(scope, lit, each)
				return
			}
		}
		prepare(scope, s)
	}
}

// prepare runs what stands before the loop, but for the table itself.
func prepare(scope *Env, s ast.Stmt) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(evalError); !ok {
				panic(r)
			}
		}
	}()
	if a, ok := s.(*ast.AssignStmt); ok {
		if c, ok := a.Rhs[0].(*ast.CompositeLit); ok {
			if _, list := c.Type.(*ast.ArrayType); list {
				return
			}
		}
	}
	scope.exec(s)
}

func tableOf(body *ast.BlockStmt, x ast.Expr) *ast.CompositeLit {
	if c, ok := x.(*ast.CompositeLit); ok {
		return c
	}
	id, ok := x.(*ast.Ident)
	if !ok {
		return nil
	}
	for _, s := range body.List {
		a, ok := s.(*ast.AssignStmt)
		if !ok {
			continue
		}
		if n, ok := a.Lhs[0].(*ast.Ident); ok && n.Name == id.Name {
			c, _ := a.Rhs[0].(*ast.CompositeLit)
			return c
		}
	}
	return nil
}

func rowsOf(scope *Env, lit *ast.CompositeLit, each func(row *Struct, err string)) {
	list, ok := lit.Type.(*ast.ArrayType)
	if !ok {
		return
	}
	for _, x := range lit.Elts {
		one(scope, list.Elt, x, each)
	}
}

func one(scope *Env, typ, x ast.Expr, each func(row *Struct, err string)) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(evalError)
			if !ok {
				panic(r)
			}
			each(nil, e.text)
		}
	}()
	row, ok := scope.element(typ, x).(*Struct)
	if ok {
		each(row, "")
	}
}

// istio extracts the tables of Istio's validation.
func istio(dir string, emit func(*Case)) {
	const module = "istio.io/istio"
	dataset(filepath.Join(dir, "pkg/test/datasets/validation/dataset"), emit)
	it := newInterp(module, dir, module+"/pkg/wellknown", module+"/pkg/config/constants",
		module+"/pkg/config/schema/gvk")
	pkg := it.load("pkg/config/validation", true)
	for i := range istioTables {
		t := &istioTables[i]
		f, ok := pkg.vals[t.test].(*Func)
		if !ok {
			fmt.Fprintf(os.Stderr, "not extracted: %s: no such test\n", t.test)
			continue
		}
		n := -1
		rows(f, func(row *Struct, err string) {
			n++
			if err == "" {
				var c *Case
				if c, err = t.row(row, n); c != nil {
					emit(c)
				}
			}
			if err != "" {
				fmt.Fprintf(os.Stderr, "not extracted: %s[%d]: %s\n", t.test, n, err)
			}
		})
	}
}

// dataset has one valid object per kind and version in a file that is named GROUP-VERSION-KIND.yaml; with one annotation it must be
// refused.
func dataset(dir string, emit func(*Case)) {
	names, _ := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if len(names) == 0 {
		fmt.Fprintf(os.Stderr, "not extracted: %s: no files\n", dir)
	}
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			fmt.Fprintf(os.Stderr, "not extracted: %s\n", err)
			continue
		}
		base := strings.TrimSuffix(filepath.Base(n), ".yaml")
		kind := base[strings.LastIndex(base, "-")+1:]
		rejected := strings.Replace(string(text), "\nmetadata:\n",
			"\nmetadata:\n  annotations: {internal.istio.io/webhook-always-reject: 'true'}\n", 1)
		emit(&Case{ID: "dataset/" + base, Kind: kind, Valid: true, YAML: string(text)})
		emit(&Case{ID: "dataset/" + base + " always-reject", Kind: kind, YAML: rejected})
	}
}
