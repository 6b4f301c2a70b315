package clients

import (
	"context"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apps "k8s.io/client-go/applyconfigurations/apps/v1"
	core "k8s.io/client-go/applyconfigurations/core/v1"
	meta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/dynamic"
)

func web(ns string, replicas int32, environment ...*core.EnvVarApplyConfiguration) *apps.DeploymentApplyConfiguration {
	app := map[string]string{"app": "web"}
	return apps.Deployment("web", ns).WithSpec(apps.DeploymentSpec().WithReplicas(replicas).WithSelector(meta.LabelSelector().WithMatchLabels(app)).
		WithTemplate(core.PodTemplateSpec().WithLabels(app).WithSpec(core.PodSpec().WithContainers(
			core.Container().WithName("c").WithImage("image").WithEnv(environment...)))))
}

func env(name, value string) *core.EnvVarApplyConfiguration {
	return core.EnvVar().WithName(name).WithValue(value)
}

func environment(d *appsv1.Deployment) string {
	said := ""
	for _, e := range d.Spec.Template.Spec.Containers[0].Env {
		said += e.Name + "=" + e.Value + " "
	}
	return said
}

// Server-side apply by two who own different parts of one object.
func TestApply(t *testing.T) {
	k, _ := client(t, "")
	ns := namespace(t, k)
	by := func(manager string) metav1.ApplyOptions { return metav1.ApplyOptions{FieldManager: manager} }
	d := k.AppsV1().Deployments(ns)
	must[*appsv1.Deployment](t)(d.Apply(t.Context(), web(ns, 1, env("A", "1"), env("B", "2")), by("first")))
	if _, err := d.Apply(t.Context(), web(ns, 2), by("second")); !apierrors.IsConflict(err) {
		t.Fatalf("two own spec.replicas: %v", err)
	}
	scaled := apps.Deployment("web", ns).WithSpec(apps.DeploymentSpec().WithReplicas(2))
	forced := by("second")
	forced.Force = true
	if o := must[*appsv1.Deployment](t)(d.Apply(t.Context(), scaled, forced)); *o.Spec.Replicas != 2 || environment(o) != "A=1 B=2 " {
		t.Fatalf("forced: %d, %s", *o.Spec.Replicas, environment(o))
	}
	// What one does not say any more goes; what is the other's stays.
	less := web(ns, 1, env("B", "3"))
	less.Spec.Replicas = nil
	if o := must[*appsv1.Deployment](t)(d.Apply(t.Context(), less, by("first"))); *o.Spec.Replicas != 2 || environment(o) != "B=3 " {
		t.Fatalf("applied anew: %d, %s", *o.Spec.Replicas, environment(o))
	}
	got := must[*appsv1.Deployment](t)(d.Get(t.Context(), "web", metav1.GetOptions{}))
	mine := must[*apps.DeploymentApplyConfiguration](t)(apps.ExtractDeployment(got, "first"))
	if mine.Spec.Replicas != nil || *mine.Spec.Template.Spec.Containers[0].Env[0].Value != "3" {
		t.Fatalf("extracted: %v", mine.Spec)
	}
	version := got.ResourceVersion
	if o := must[*appsv1.Deployment](t)(d.Apply(t.Context(), mine, by("first"))); o.Generation != got.Generation {
		t.Fatalf("nothing changed, and %s became %s", version, o.ResourceVersion)
	}
}

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// widgets makes a kind whose parts are a map by name, and serves it.
func widgets(t *testing.T, c dynamic.Interface) schema.GroupVersionResource {
	t.Helper()
	type m = map[string]any
	text := m{"type": "string"}
	parts := m{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": []any{"name"},
		"items": m{"type": "object", "required": []any{"name"}, "properties": m{"name": text, "size": m{"type": "integer", "default": int64(1)}}}}
	o := &unstructured.Unstructured{Object: m{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": m{"name": "widgets.clients.example"},
		"spec": m{"group": "clients.example", "scope": "Namespaced", "names": m{"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
			"versions": []any{m{"name": "v1", "served": true, "storage": true, "subresources": m{"status": m{}}, "schema": m{"openAPIV3Schema": m{"type": "object", "properties": m{
				"spec":   m{"type": "object", "properties": m{"parts": parts, "colour": m{"type": "string", "enum": []any{"red", "blue"}}}},
				"status": m{"type": "object", "properties": m{"parts": m{"type": "integer"}}}}}}}}}}}
	must[*unstructured.Unstructured](t)(c.Resource(definitions).Create(t.Context(), o, metav1.CreateOptions{}))
	t.Cleanup(func() { c.Resource(definitions).Delete(context.Background(), o.GetName(), metav1.DeleteOptions{}) })
	r := schema.GroupVersionResource{Group: "clients.example", Version: "v1", Resource: "widgets"}
	comes(t, "widgets are served", func() error {
		_, err := c.Resource(r).Namespace("default").List(t.Context(), metav1.ListOptions{})
		return err
	})
	return r
}

func widget(ns string, parts ...any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "clients.example/v1", "kind": "Widget",
		"metadata": map[string]any{"name": "w", "namespace": ns}, "spec": map[string]any{"parts": parts}}}
}

func part(name string) map[string]any { return map[string]any{"name": name} }

// The same of a kind that a definition made, by the client without types.
func TestApplyCustom(t *testing.T) {
	k, _ := client(t, "")
	config, _ := configured(t, "")
	ns := namespace(t, k)
	c := must[*dynamic.DynamicClient](t)(dynamic.NewForConfig(config))
	r := c.Resource(widgets(t, c)).Namespace(ns)
	by := func(manager string) metav1.ApplyOptions { return metav1.ApplyOptions{FieldManager: manager} }
	must[*unstructured.Unstructured](t)(r.Apply(t.Context(), "w", widget(ns, part("a"), part("b")), by("first")))
	must[*unstructured.Unstructured](t)(r.Apply(t.Context(), "w", widget(ns, part("c")), by("second")))
	o := must[*unstructured.Unstructured](t)(r.Apply(t.Context(), "w", widget(ns, part("b")), by("first")))
	if got := fmt.Sprint(o.Object["spec"]); got != "map[parts:[map[name:b size:1] map[name:c size:1]]]" {
		t.Fatalf("parts: %s", got)
	}
	bad := widget(ns, part("b"))
	bad.Object["spec"].(map[string]any)["colour"] = "green"
	if _, err := r.Apply(t.Context(), "w", bad, by("first")); !apierrors.IsInvalid(err) {
		t.Fatalf("no such colour: %v", err)
	}
	status := widget(ns)
	delete(status.Object, "spec")
	status.Object["status"] = map[string]any{"parts": int64(2)}
	o = must[*unstructured.Unstructured](t)(r.ApplyStatus(t.Context(), "w", status, by("counter")))
	if n, _, _ := unstructured.NestedInt64(o.Object, "status", "parts"); n != 2 || o.GetGeneration() != 3 {
		t.Fatalf("status %d, generation %d", n, o.GetGeneration())
	}
}
