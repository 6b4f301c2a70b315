// A small evaluator of Go syntax trees: enough for the tables of other projects' tests. Nothing of theirs is compiled or run;
// what it can't evaluate it says (panic with evalError), and the row is reported as not extracted.
package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// Struct is a value of a composite literal; Type is as written ("networking.Server"), "" for a table's own row.
type Struct struct {
	Type string
	Keys []string
	Vals map[string]any
	Def  *ast.StructType // when its package is loaded
	Pkg  *Env            // whose types Def names
}

// List is a slice or an array.
type List struct {
	Type  string
	Items []any
}

// Map keeps the order of writing.
type Map struct {
	Keys []any
	Vals []any
}

// Const is a constant of a package that is not loaded: mostly the value of an enum.
type Const struct{ Pkg, Name string }

// Bytes is a string that was made a []byte.
type Bytes string

// Func is a closure or a function of a loaded package.
type Func struct {
	Type *ast.FuncType
	Body *ast.BlockStmt
	Env  *Env
	Name string
	Recv *ast.FieldList
}

// Bound is a method taken from a value: x.Method.
type Bound struct {
	Recv any
	Name string
}

// PkgRef is the name of an imported package.
type PkgRef struct{ Name, Path string }

type evalError struct{ text string }

func fail(format string, args ...any) { panic(evalError{fmt.Sprintf(format, args...)}) }

func (s *Struct) get(name string) any { return s.Vals[name] }

func (s *Struct) set(name string, v any) {
	if _, ok := s.Vals[name]; !ok {
		s.Keys = append(s.Keys, name)
	}
	s.Vals[name] = v
}

func newStruct(typ string) *Struct { return &Struct{Type: typ, Vals: map[string]any{}} }

// Env is a scope of names.
type Env struct {
	up    *Env
	vals  map[string]any
	types map[string]*ast.StructType
	file  *ast.File
	it    *Interp
}

func (e *Env) child() *Env {
	return &Env{up: e, vals: map[string]any{}, types: map[string]*ast.StructType{}, file: e.file, it: e.it}
}

func (e *Env) find(name string) (any, bool) {
	for s := e; s != nil; s = s.up {
		if v, ok := s.vals[name]; ok {
			return v, true
		}
	}
	return nil, false
}

func (e *Env) assign(name string, v any) {
	for s := e; s != nil; s = s.up {
		if _, ok := s.vals[name]; ok {
			s.vals[name] = v
			return
		}
	}
	e.vals[name] = v
}

func (e *Env) structType(name string) *ast.StructType {
	for s := e; s != nil; s = s.up {
		if t, ok := s.types[name]; ok {
			return t
		}
	}
	return nil
}

func typeName(t ast.Expr) string {
	switch x := t.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return typeName(x.X) + "." + x.Sel.Name
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.ArrayType:
		return "[]" + typeName(x.Elt)
	case *ast.MapType:
		return "map"
	}
	return ""
}

func (e *Env) composite(typ ast.Expr, lit *ast.CompositeLit) any {
	if lit.Type != nil {
		typ = lit.Type
	}
	switch t := typ.(type) {
	case *ast.ArrayType:
		l := &List{Type: typeName(t.Elt)}
		for _, x := range lit.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			l.Items = append(l.Items, e.element(t.Elt, x))
		}
		return l
	case *ast.MapType:
		m := &Map{}
		for _, x := range lit.Elts {
			kv := x.(*ast.KeyValueExpr)
			m.Keys = append(m.Keys, e.element(t.Key, kv.Key))
			m.Vals = append(m.Vals, e.element(t.Value, kv.Value))
		}
		return m
	case *ast.StarExpr:
		return e.composite(t.X, lit)
	}
	return e.structLit(typ, lit)
}

func (e *Env) element(typ, x ast.Expr) any {
	if c, ok := x.(*ast.CompositeLit); ok && c.Type == nil {
		return e.composite(typ, c)
	}
	return e.eval(x)
}

func fieldNames(st *ast.StructType) (names []string, types []ast.Expr) {
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			names = append(names, n.Name)
			types = append(types, f.Type)
		}
		if len(f.Names) == 0 {
			names = append(names, unqualified(typeName(f.Type)))
			types = append(types, f.Type)
		}
	}
	return
}

func (e *Env) structLit(typ ast.Expr, lit *ast.CompositeLit) any {
	st, _ := typ.(*ast.StructType)
	if id, ok := typ.(*ast.Ident); ok && st == nil {
		st = e.structType(id.Name)
	}
	s := newStruct(typeName(typ))
	s.Def, s.Pkg = e.definition(typ)
	if st == nil {
		st = s.Def
	}
	var names []string
	var types []ast.Expr
	if st != nil {
		names, types = fieldNames(st)
	}
	for i, x := range lit.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			id, ok := kv.Key.(*ast.Ident)
			if !ok { // a map or a list of a named type
				return e.namedMap(lit)
			}
			var ft ast.Expr
			for k, n := range names {
				if n == id.Name {
					ft = types[k]
				}
			}
			s.set(id.Name, e.element(ft, kv.Value))
			continue
		}
		if names == nil {
			return e.namedList(lit)
		}
		s.set(names[i], e.element(types[i], x))
	}
	return s
}

// definition finds the declaration of a struct type in a loaded package.
func (e *Env) definition(typ ast.Expr) (*ast.StructType, *Env) {
	switch t := typ.(type) {
	case *ast.StarExpr:
		return e.definition(t.X)
	case *ast.Ident:
		for s := e; s != nil; s = s.up {
			if d, ok := s.types[t.Name]; ok {
				return d, e
			}
		}
	case *ast.SelectorExpr:
		id, ok := t.X.(*ast.Ident)
		if !ok {
			return nil, nil
		}
		if p := e.it.imported(e.file, id.Name); p != nil && e.it.only[p.Path] {
			pkg := e.it.load(strings.TrimPrefix(p.Path, e.it.module+"/"), false)
			if d, ok := pkg.types[t.Sel.Name]; ok {
				return d, e.it.fileOf[d]
			}
		}
	}
	return nil, nil
}

func (e *Env) namedMap(lit *ast.CompositeLit) any {
	m := &Map{}
	for _, x := range lit.Elts {
		kv := x.(*ast.KeyValueExpr)
		m.Keys = append(m.Keys, e.eval(kv.Key))
		m.Vals = append(m.Vals, e.element(nil, kv.Value))
	}
	return m
}

func (e *Env) namedList(lit *ast.CompositeLit) any {
	l := &List{}
	for _, x := range lit.Elts {
		l.Items = append(l.Items, e.element(nil, x))
	}
	return l
}

func literal(x *ast.BasicLit) any {
	switch x.Kind {
	case token.INT:
		n, err := strconv.ParseInt(strings.ReplaceAll(x.Value, "_", ""), 0, 64)
		if err != nil {
			fail("%s", err)
		}
		return n
	case token.FLOAT:
		f, _ := strconv.ParseFloat(x.Value, 64)
		return f
	case token.CHAR:
		r, _, _, _ := strconv.UnquoteChar(x.Value[1:], '\'')
		return int64(r)
	}
	s, err := strconv.Unquote(x.Value)
	if err != nil {
		fail("%s", err)
	}
	return s
}

func (e *Env) eval(x ast.Expr) any {
	switch x := x.(type) {
	case *ast.BasicLit:
		return literal(x)
	case *ast.CompositeLit:
		return e.composite(nil, x)
	case *ast.ParenExpr:
		return e.eval(x.X)
	case *ast.StarExpr:
		return shallow(e.eval(x.X))
	case *ast.UnaryExpr:
		return e.unary(x)
	case *ast.BinaryExpr:
		return e.binary(x)
	case *ast.Ident:
		return e.ident(x)
	case *ast.SelectorExpr:
		return e.selector(x)
	case *ast.IndexExpr:
		return e.index(x)
	case *ast.FuncLit:
		return &Func{Type: x.Type, Body: x.Body, Env: e}
	case *ast.CallExpr:
		return e.call(x)
	case *ast.TypeAssertExpr:
		return e.eval(x.X)
	}
	fail("expression %T", x)
	return nil
}

func (e *Env) ident(x *ast.Ident) any {
	switch x.Name {
	case "true":
		return true
	case "false":
		return false
	case "nil":
		return nil
	}
	if v, ok := e.find(x.Name); ok {
		if lazy, ok := v.(func() any); ok {
			v = lazy()
		}
		return v
	}
	if p := e.it.imported(e.file, x.Name); p != nil {
		return p
	}
	fail("name %s", x.Name)
	return nil
}

func (e *Env) selector(x *ast.SelectorExpr) any {
	v := e.eval(x.X)
	switch s := v.(type) {
	case *PkgRef:
		return e.it.member(s, x.Sel.Name)
	case *Struct:
		if f, ok := s.Vals[x.Sel.Name]; ok {
			return f
		}
		if f, ok := promoted(s, x.Sel.Name); ok {
			return f
		}
		if e.it.isMethod(s, x.Sel.Name) {
			return &Bound{s, x.Sel.Name}
		}
		return nil
	case nil:
		return nil
	}
	return &Bound{v, x.Sel.Name}
}

// A field of an embedded struct, as metadata.
func promoted(s *Struct, name string) (any, bool) {
	for _, k := range s.Keys {
		if in, ok := s.Vals[k].(*Struct); ok && (k == "ObjectMeta" || k == "TypeMeta") {
			if f, ok := in.Vals[name]; ok {
				return f, true
			}
		}
	}
	return nil, false
}

func (e *Env) index(x *ast.IndexExpr) any {
	v, i := e.eval(x.X), e.eval(x.Index)
	switch s := v.(type) {
	case *List:
		return s.Items[i.(int64)]
	case *Map:
		for k, key := range s.Keys {
			if key == i {
				return s.Vals[k]
			}
		}
		return nil
	}
	fail("index of %T", v)
	return nil
}

func (e *Env) unary(x *ast.UnaryExpr) any {
	v := e.eval(x.X)
	switch x.Op {
	case token.AND:
		return v
	case token.SUB:
		switch n := v.(type) {
		case int64:
			return -n
		case float64:
			return -n
		}
	case token.NOT:
		return v != true
	}
	fail("operator %s", x.Op)
	return nil
}

func (e *Env) binary(x *ast.BinaryExpr) any {
	a := e.eval(x.X)
	if x.Op == token.LAND && a != true {
		return false
	}
	if x.Op == token.LOR && a == true {
		return true
	}
	b := e.eval(x.Y)
	switch x.Op {
	case token.LAND, token.LOR:
		return b
	case token.EQL:
		return a == b
	case token.NEQ:
		return a != b
	}
	if s, ok := a.(string); ok {
		if x.Op == token.ADD {
			return s + text(b)
		}
	}
	i, iok := a.(int64)
	k, kok := b.(int64)
	if iok && kok {
		return arithmetic(x.Op, i, k)
	}
	fail("%T %s %T", a, x.Op, b)
	return nil
}

func arithmetic(op token.Token, i, k int64) any {
	switch op {
	case token.ADD:
		return i + k
	case token.SUB:
		return i - k
	case token.MUL:
		return i * k
	case token.QUO:
		return i / k
	case token.SHL:
		return i << uint(k)
	case token.LSS:
		return i < k
	case token.GTR:
		return i > k
	case token.LEQ:
		return i <= k
	case token.GEQ:
		return i >= k
	}
	fail("operator %s", op)
	return nil
}

func text(v any) string {
	switch s := v.(type) {
	case string:
		return s
	case Const:
		return s.Name
	}
	return fmt.Sprint(v)
}
