package main

import (
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"
)

// Pending is an answer of the webhook that the test has not judged yet.
type Pending struct {
	c    *Case
	done bool
	emit func(*Case)
}

func (p *Pending) expect(allowed bool) {
	if !p.done {
		p.c.Valid, p.done = allowed, true
		p.emit(p.c)
	}
}

// A run of the operator's webhook tests: the tests are interpreted, the webhook is a recorder.
type webhookRun struct {
	it     *Interp
	emit   func(*Case)
	rights *Struct // what SubjectAccessReviews answer
	path   []string
	seen   map[string]int
}

const operatorModule = "github.com/maistra/istio-operator"

var constName = regexp.MustCompile(`^V\d+_\d+$`)

func maistra(dir string, emit func(*Case)) {
	const api = operatorModule + "/pkg/apis/maistra/"
	it := newInterp(operatorModule, dir, api+"v1", api+"v2", operatorModule+"/pkg/controller/versions")
	run := &webhookRun{it: it, emit: emit, seen: map[string]int{}}
	it.native = run.native
	pkg := it.load("pkg/controller/servicemesh/webhooks/validation", true)
	var names []string
	for n, v := range pkg.vals {
		if _, ok := v.(*Func); ok && strings.HasPrefix(n, "Test") {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	for _, n := range names {
		run.test(n, pkg.vals[n].(*Func))
	}
}

func (w *webhookRun) test(name string, f *Func) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(evalError)
			if !ok {
				panic(r)
			}
			fmt.Fprintf(os.Stderr, "not extracted: %s: %s\n", strings.Join(w.path, "/"), e.text)
		}
	}()
	w.path = []string{name}
	w.rights = nil
	f.invoke(nil, []any{newStruct("testing.T")})
}

// native is what the tests call and what is not to be interpreted.
func (w *webhookRun) native(f any, args []any) (any, bool) {
	switch fn := f.(type) {
	case *Func:
		return w.fixture(fn, args)
	case Const:
		return w.helper(fn.Pkg+"."+fn.Name, args)
	case *Bound:
		return w.method(fn, args)
	}
	return nil, false
}

func (w *webhookRun) fixture(fn *Func, args []any) (any, bool) {
	switch fn.Name {
	case "createControlPlaneValidatorTestFixture", "createMemberRollValidatorTestFixture", "createMemberValidatorTestFixture":
		v := newStruct("validator")
		v.set("World", &List{Items: args})
		w.rights = nil
		if fn.Name == "createControlPlaneValidatorTestFixture" {
			return v, true
		}
		return []any{v, newStruct("tracker")}, true
	case "createSubjectAccessReviewReactor":
		r := newStruct("rights")
		r.set("cluster", args[0] == true && args[2] == nil)
		r.set("namespace", args[1] == true && args[2] == nil)
		return r, true
	case "createCreateRequest", "createUpdateRequest":
		r := newStruct("request")
		r.set("Old", nil)
		if len(args) == 2 {
			r.set("Old", args[0])
		}
		r.set("New", deep(args[len(args)-1]))
		return r, true
	case "now":
		return "2024-01-01T00:00:00Z", true
	}
	return nil, false
}

func (w *webhookRun) helper(name string, args []any) (any, bool) {
	switch name {
	case "assert.True", "assert.False":
		if p, ok := args[0].(*Pending); ok {
			p.expect(name == "assert.True")
		}
		return nil, true
	case "strings.Contains":
		return true, true
	case "context.Background", "common.NewContextWithLog", "logf.Log", "log.Log", "test.PanicOnError", "os.Setenv", "assert.Equals", "assert.DeepEquals", "common.ConvertUserInfoExtra":
		return nil, true
	}
	return nil, false
}

func (w *webhookRun) method(b *Bound, args []any) (any, bool) {
	recv, _ := b.Recv.(*Struct)
	switch {
	case b.Name == "String":
		if n, ok := b.Recv.(int64); ok {
			return w.version(n), true
		}
	case recv == nil:
	case recv.Type == "testing.T" && b.Name == "Run":
		w.path = append(w.path, text(args[0]))
		args[1].(*Func).invoke(nil, []any{recv})
		w.path = w.path[:len(w.path)-1]
		return nil, true
	case recv.Type == "testing.T":
		return nil, true
	case b.Name == "AddReactor":
		w.rights = w.reactor(args[2])
		return nil, true
	case b.Name == "GetObject":
		return recv.get("Object"), true
	case b.Name == "Handle":
		return w.handle(recv, args[1].(*Struct)), true
	}
	return nil, false
}

// version names a control plane's version: V2_3 is "v2.3".
func (w *webhookRun) version(n int64) string {
	for name, v := range w.it.load("pkg/controller/versions", false).vals {
		lazy, ok := v.(func() any)
		if ok && constName.MatchString(name) && lazy() == n {
			return strings.ReplaceAll(strings.Replace(name, "V", "v", 1), "_", ".")
		}
	}
	return "InvalidVersion"
}

// reactor asks a test's own answer to SubjectAccessReviews what it says with and without a namespace.
func (w *webhookRun) reactor(v any) *Struct {
	if s, ok := v.(*Struct); ok {
		return s
	}
	r := newStruct("rights")
	for key, ns := range map[string]string{"cluster": "", "namespace": "x"} {
		attributes, spec, sar, action := newStruct(""), newStruct(""), newStruct(""), newStruct("action")
		attributes.set("Namespace", ns)
		spec.set("ResourceAttributes", attributes)
		sar.set("Spec", spec)
		action.set("Object", sar)
		v.(*Func).invoke(nil, []any{action})
		status, _ := sar.get("Status").(*Struct)
		r.set(key, status != nil && status.get("Allowed") == true)
	}
	return r
}

func (w *webhookRun) handle(validator, request *Struct) any {
	obj := request.get("New").(*Struct)
	o := kubeObject(obj)
	meta := o["metadata"].(map[string]any)
	kind := unqualified(obj.Type)
	version := strings.TrimPrefix(o["apiVersion"].(string), "maistra.io/")
	review := map[string]any{"uid": "1", "name": meta["name"], "namespace": meta["namespace"], "operation": "CREATE",
		"kind":   map[string]any{"group": "maistra.io", "version": version, "kind": kind},
		"object": o, "userInfo": map[string]any{"username": "joe-user"}}
	if old, ok := request.get("Old").(*Struct); ok {
		review["operation"], review["oldObject"] = "UPDATE", kubeObject(old)
	}
	id := strings.Join(w.path, "/")
	w.seen[id]++
	if n := w.seen[id]; n > 1 {
		id = fmt.Sprintf("%s#%d", id, n)
	}
	c := &Case{ID: id, Kind: kind, Request: review}
	if version == "v1" && kind == "ServiceMeshControlPlane" {
		c.Kind += " v1"
	}
	if w.rights != nil {
		c.Rights = map[string]any{"cluster": w.rights.get("cluster"), "namespace": w.rights.get("namespace")}
	}
	for _, in := range flatten(validator.get("World").(*List)) {
		c.World = append(c.World, kubeObject(in))
	}
	response := newStruct("response")
	response.set("Allowed", &Pending{c: c, emit: w.emit})
	return response
}

func flatten(l *List) (ret []*Struct) {
	for _, i := range l.Items {
		switch x := i.(type) {
		case *Struct:
			ret = append(ret, x)
		case *List:
			ret = append(ret, flatten(x)...)
		}
	}
	return
}
