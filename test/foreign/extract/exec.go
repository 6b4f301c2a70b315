package main

import (
	"go/ast"
	"go/token"
)

// returned unwinds a function's body.
type returned struct{ vals []any }

func (e *Env) call(x *ast.CallExpr) any {
	if id, ok := x.Fun.(*ast.Ident); ok {
		if v, done := e.builtin(id.Name, x); done {
			return v
		}
	}
	switch t := x.Fun.(type) { // a conversion
	case *ast.ArrayType:
		if s, ok := e.eval(x.Args[0]).(string); ok {
			return Bytes(s)
		}
		return e.eval(x.Args[0])
	case *ast.MapType, *ast.InterfaceType:
		return e.eval(x.Args[0])
	case *ast.ParenExpr:
		if _, ok := t.X.(*ast.StarExpr); ok {
			return e.eval(x.Args[0])
		}
	}
	fun := x.Fun
	if ix, ok := fun.(*ast.IndexExpr); ok { // an instantiation
		fun = ix.X
	}
	f := e.eval(fun)
	args := make([]any, 0, len(x.Args))
	for _, a := range x.Args {
		args = append(args, e.eval(a))
	}
	if n := len(args); x.Ellipsis != token.NoPos && n > 0 {
		if l, ok := args[n-1].(*List); ok {
			args = append(args[:n-1:n-1], l.Items...)
		} else {
			args = args[:n-1]
		}
	}
	return e.it.apply(f, args)
}

func (e *Env) builtin(name string, x *ast.CallExpr) (any, bool) {
	if _, shadowed := e.find(name); shadowed {
		return nil, false
	}
	switch name {
	case "append":
		l, _ := e.eval(x.Args[0]).(*List)
		ret := &List{}
		if l != nil {
			ret.Type = l.Type
			ret.Items = append(ret.Items, l.Items...)
		}
		for i, a := range x.Args[1:] {
			v := e.eval(a)
			if more, ok := v.(*List); ok && x.Ellipsis != token.NoPos && i == len(x.Args)-2 {
				ret.Items = append(ret.Items, more.Items...)
			} else if !(v == nil && x.Ellipsis != token.NoPos) {
				ret.Items = append(ret.Items, v)
			}
		}
		return ret, true
	case "len":
		switch s := e.eval(x.Args[0]).(type) {
		case *List:
			return int64(len(s.Items)), true
		case string:
			return int64(len(s)), true
		case *Map:
			return int64(len(s.Keys)), true
		}
		return int64(0), true
	case "string", "int", "int32", "int64", "uint32", "uint64", "float64", "uint16", "uint", "float32", "uint8":
		return e.eval(x.Args[0]), true
	case "make", "new":
		if _, ok := x.Args[0].(*ast.MapType); ok {
			return &Map{}, true
		}
		if name == "new" {
			return newStruct(typeName(x.Args[0])), true
		}
		return &List{}, true
	}
	return nil, false
}

// invoke runs a function's body with these arguments.
func (f *Func) invoke(recv any, args []any) (ret any) {
	scope := f.Env.child()
	if f.Recv != nil && len(f.Recv.List[0].Names) > 0 {
		scope.vals[f.Recv.List[0].Names[0].Name] = recv
	}
	i := 0
	for _, p := range f.Type.Params.List {
		for _, n := range p.Names {
			if _, rest := p.Type.(*ast.Ellipsis); rest {
				l := &List{}
				if i < len(args) {
					l.Items = append(l.Items, args[i:]...)
				}
				scope.vals[n.Name] = l
				continue
			}
			if i < len(args) {
				scope.vals[n.Name] = args[i]
			}
			i++
		}
	}
	defer func() {
		if r := recover(); r != nil {
			if v, ok := r.(returned); ok {
				ret = nil
				if len(v.vals) == 1 {
					ret = v.vals[0]
				} else if len(v.vals) > 1 {
					ret = v.vals
				}
				return
			}
			panic(r)
		}
	}()
	scope.block(f.Body)
	return nil
}

func (e *Env) block(b *ast.BlockStmt) {
	for _, s := range b.List {
		e.exec(s)
	}
}

func (e *Env) exec(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		e.eval(s.X)
	case *ast.AssignStmt:
		e.assignment(s)
	case *ast.DeclStmt:
		e.declare(s.Decl.(*ast.GenDecl), nil)
	case *ast.BlockStmt:
		e.child().block(s)
	case *ast.IfStmt:
		scope := e.child()
		if s.Init != nil {
			scope.exec(s.Init)
		}
		cond := scope.eval(s.Cond)
		if p, ok := cond.(*Pending); ok { // what is done with an answer that was allowed is to fail
			p.expect(false)
			return
		}
		if cond == true {
			scope.child().block(s.Body)
		} else if s.Else != nil {
			scope.exec(s.Else)
		}
	case *ast.RangeStmt:
		e.loop(s)
	case *ast.ReturnStmt:
		var vals []any
		for _, r := range s.Results {
			vals = append(vals, e.eval(r))
		}
		panic(returned{vals})
	case *ast.IncDecStmt:
		n, _ := e.eval(s.X).(int64)
		e.store(s.X, n+1, false)
	case *ast.DeferStmt, *ast.EmptyStmt:
	default:
		fail("statement %T", s)
	}
}

func (e *Env) loop(s *ast.RangeStmt) {
	v := e.eval(s.X)
	step := func(key, val any) {
		scope := e.child()
		if id, ok := s.Key.(*ast.Ident); ok {
			scope.vals[id.Name] = key
		}
		if id, ok := s.Value.(*ast.Ident); ok {
			scope.vals[id.Name] = val
		}
		scope.block(s.Body)
	}
	switch l := v.(type) {
	case *List:
		for i, x := range l.Items {
			step(int64(i), x)
		}
	case *Map:
		for i, k := range l.Keys {
			step(k, l.Vals[i])
		}
	case nil:
	default:
		fail("range over %T", v)
	}
}

func (e *Env) assignment(s *ast.AssignStmt) {
	var vals []any
	for _, r := range s.Rhs {
		vals = append(vals, e.eval(r))
	}
	if len(s.Lhs) > 1 && len(s.Rhs) == 1 {
		many, ok := vals[0].([]any)
		if !ok {
			many = []any{vals[0]}
		}
		for len(many) < len(s.Lhs) {
			many = append(many, nil)
		}
		vals = many
	}
	for i, l := range s.Lhs {
		e.store(l, vals[i], s.Tok == token.DEFINE)
	}
}

func (e *Env) store(l ast.Expr, v any, define bool) {
	switch t := l.(type) {
	case *ast.Ident:
		if t.Name == "_" {
			return
		}
		if define {
			e.vals[t.Name] = v
		} else {
			e.assign(t.Name, v)
		}
	case *ast.SelectorExpr:
		if s, ok := e.eval(t.X).(*Struct); ok {
			e.it.setField(s, t.Sel.Name, v)
			return
		}
		if s, ok := e.made(t.X).(*Struct); ok {
			e.it.setField(s, t.Sel.Name, v)
			return
		}
		fail("assignment to %s", t.Sel.Name)
	case *ast.IndexExpr:
		e.storeIndex(t, v)
	case *ast.StarExpr:
		to, ok := e.eval(t.X).(*Struct)
		from, fok := v.(*Struct)
		if !ok || !fok {
			fail("assignment through a pointer")
		}
		*to = *shallow(from).(*Struct)
	default:
		fail("assignment to %T", l)
	}
}

// A struct field that was left out is its zero value: an empty struct when something in it is set.
func (e *Env) made(x ast.Expr) any {
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	up, ok := e.eval(sel.X).(*Struct)
	if !ok {
		up, ok = e.made(sel.X).(*Struct)
	}
	if !ok {
		return nil
	}
	s := newStruct("")
	e.it.setField(up, sel.Sel.Name, s)
	return s
}

func (e *Env) storeIndex(t *ast.IndexExpr, v any) {
	i := e.eval(t.Index)
	switch s := e.eval(t.X).(type) {
	case *List:
		s.Items[i.(int64)] = v
	case *Map:
		for k := range s.Keys {
			if s.Keys[k] == i {
				s.Vals[k] = v
				return
			}
		}
		s.Keys, s.Vals = append(s.Keys, i), append(s.Vals, v)
	default:
		fail("assignment to an element of %T", s)
	}
}

// declare enters the names of a var, const or type declaration. Those of a package are evaluated when they are needed.
func (e *Env) declare(d *ast.GenDecl, lazily func(x ast.Expr, iota int) any) {
	var last []ast.Expr
	for i, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if st, ok := s.Type.(*ast.StructType); ok {
				e.types[s.Name.Name] = st
				e.it.fileOf[st] = e
			}
		case *ast.ValueSpec:
			if len(s.Values) > 0 || d.Tok != token.CONST {
				last = s.Values
			}
			for k, n := range s.Names {
				switch {
				case k >= len(last):
					e.vals[n.Name] = zero(s.Type)
				case lazily != nil:
					e.vals[n.Name] = lazily(last[k], i)
				default:
					scope := e.child()
					scope.vals["iota"] = int64(i)
					e.vals[n.Name] = scope.eval(last[k])
				}
			}
		}
	}
}

func zero(t ast.Expr) any {
	switch x := t.(type) {
	case *ast.ArrayType:
		return &List{}
	case *ast.MapType:
		return &Map{}
	case *ast.Ident:
		switch x.Name {
		case "string":
			return ""
		case "bool":
			return false
		case "int", "int32", "int64":
			return int64(0)
		}
		return newStruct(x.Name)
	case *ast.SelectorExpr:
		return newStruct(typeName(x))
	}
	return nil
}

// shallow copies a struct: what * of a pointer gives.
func shallow(v any) any {
	s, ok := v.(*Struct)
	if !ok {
		return v
	}
	c := newStruct(s.Type)
	c.Def, c.Pkg = s.Def, s.Pkg
	for _, k := range s.Keys {
		c.set(k, s.Vals[k])
	}
	return c
}

// deep copies everything.
func deep(v any) any {
	switch x := v.(type) {
	case *Struct:
		if x == nil {
			return x
		}
		c := newStruct(x.Type)
		c.Def, c.Pkg = x.Def, x.Pkg
		for _, k := range x.Keys {
			c.set(k, deep(x.Vals[k]))
		}
		return c
	case *List:
		c := &List{Type: x.Type}
		for _, i := range x.Items {
			c.Items = append(c.Items, deep(i))
		}
		return c
	case *Map:
		c := &Map{Keys: append([]any{}, x.Keys...)}
		for _, i := range x.Vals {
			c.Vals = append(c.Vals, deep(i))
		}
		return c
	}
	return v
}
