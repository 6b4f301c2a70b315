package clients

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/pager"
	watchtools "k8s.io/client-go/tools/watch"
)

const (
	many, large  = 120, 20 << 10 // 2.4 MB: more than any queue of a connection
	windowEvents = 4096          // what the embedded API server remembers
)

// seen is what an informer's handlers were told.
type seen struct {
	mu                       sync.Mutex
	added, updated, resynced int
	deleted                  map[string]int
}

func (s *seen) handler() cache.ResourceEventHandlerFuncs {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { s.mu.Lock(); s.added++; s.mu.Unlock() },
		UpdateFunc: func(old, new any) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if old.(*corev1.ConfigMap).ResourceVersion == new.(*corev1.ConfigMap).ResourceVersion {
				s.resynced++
			} else {
				s.updated++
			}
		},
		DeleteFunc: func(o any) {
			key, _ := cache.DeletionHandlingMetaNamespaceKeyFunc(o)
			s.mu.Lock()
			s.deleted[key]++
			s.mu.Unlock()
		},
	}
}

func (s *seen) get(f func() error) error { s.mu.Lock(); defer s.mu.Unlock(); return f() }

// informer of ConfigMaps of a namespace, which has its first objects.
func informer(t *testing.T, k kubernetes.Interface, ns string, resync time.Duration) (cache.SharedIndexInformer, *seen) {
	t.Helper()
	f := informers.NewSharedInformerFactoryWithOptions(k, resync, informers.WithNamespace(ns),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = labels }))
	i, s := f.Core().V1().ConfigMaps().Informer(), &seen{deleted: map[string]int{}}
	if _, err := i.AddEventHandler(s.handler()); err != nil {
		t.Fatal(err)
	}
	f.Start(t.Context().Done())
	t.Cleanup(f.Shutdown)
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if !cache.WaitForCacheSync(ctx.Done(), i.HasSynced) {
		t.Fatal("the informer has no first objects")
	}
	return i, s
}

// same: whether the informer's objects are those of a list, in the same versions.
func same(k kubernetes.Interface, ns string, i cache.SharedIndexInformer) func() error {
	return func() error {
		list, err := k.CoreV1().ConfigMaps(ns).List(context.Background(), metav1.ListOptions{LabelSelector: labels})
		if err != nil {
			return err
		}
		if have := len(i.GetStore().ListKeys()); have != len(list.Items) {
			return fmt.Errorf("%d objects, not %d", have, len(list.Items))
		}
		for _, want := range list.Items {
			o, ok, _ := i.GetStore().GetByKey(ns + "/" + want.Name)
			if !ok || o.(*corev1.ConfigMap).ResourceVersion != want.ResourceVersion {
				return fmt.Errorf("%s is stale", want.Name)
			}
		}
		return nil
	}
}

func create(t *testing.T, k kubernetes.Interface, ns string, n, bytes int) {
	t.Helper()
	for i := range n {
		must[*corev1.ConfigMap](t)(k.CoreV1().ConfigMaps(ns).Create(t.Context(), configMap(fmt.Sprintf("c%03d", i), bytes), metav1.CreateOptions{}))
	}
}

// change writes a number into an object.
func change(k kubernetes.Interface, ns, name string, n int) (*corev1.ConfigMap, error) {
	return k.CoreV1().ConfigMaps(ns).Patch(context.Background(), name, types.MergePatchType, []byte(fmt.Sprintf(`{"data":{"n":"%d"}}`, n)), metav1.PatchOptions{})
}

func TestInformer(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			k, _ := client(t, protocol)
			ns := namespace(t, k)
			create(t, k, ns, 3, 10)
			i, s := informer(t, k, ns, time.Second)
			must[*corev1.ConfigMap](t)(change(k, ns, "c000", 1))
			if err := k.CoreV1().ConfigMaps(ns).Delete(t.Context(), "c001", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			must[*corev1.ConfigMap](t)(k.CoreV1().ConfigMaps(ns).Create(t.Context(), configMap("later", 1), metav1.CreateOptions{}))
			// Out of the selector it is gone, and back it is new.
			for _, label := range []string{`null`, `"test"`} {
				must[*corev1.ConfigMap](t)(k.CoreV1().ConfigMaps(ns).Patch(t.Context(), "c002", types.MergePatchType, []byte(`{"metadata":{"labels":{"of":`+label+`}}}`), metav1.PatchOptions{}))
			}
			comes(t, "all is seen", func() error {
				return s.get(func() error {
					if s.added != 5 || s.updated != 1 || len(s.deleted) != 2 || s.deleted[ns+"/c001"] != 1 || s.deleted[ns+"/c002"] != 1 {
						return fmt.Errorf("%d added, %d updated, deleted %v", s.added, s.updated, s.deleted)
					}
					return nil
				})
			})
			comes(t, "it is as a list", same(k, ns, i))
			comes(t, "a resync", func() error {
				return s.get(func() error {
					if s.resynced < 3 {
						return fmt.Errorf("%d resynced", s.resynced)
					}
					return nil
				})
			})
		})
	}
}

// Connections break again and again while objects change: nothing is missed.
func TestInformerInterrupted(t *testing.T) {
	k, w := client(t, "")
	writer, _ := client(t, "")
	ns := namespace(t, writer)
	create(t, writer, ns, 5, 100)
	i, s := informer(t, k, ns, 0)
	const cuts, between = 6, 10
	for n := range cuts * between {
		must[*corev1.ConfigMap](t)(change(writer, ns, fmt.Sprintf("c%03d", n%5), n+1))
		if n%between == between/2 {
			before := w.cut(false)
			comes(t, "another connection", func() error {
				if w.dials() == before {
					return errors.New("none")
				}
				return nil
			})
		}
	}
	if err := writer.CoreV1().ConfigMaps(ns).Delete(t.Context(), "c004", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	comes(t, "it is as a list", same(writer, ns, i))
	comes(t, "each change was told once", func() error {
		return s.get(func() error {
			if s.added != 5 || s.updated > cuts*between || s.deleted[ns+"/c004"] != 1 {
				return fmt.Errorf("%d added, %d updated, deleted %v", s.added, s.updated, s.deleted)
			}
			return nil
		})
	})
}

// What a watch missed is not remembered any more: it is told 410, and an informer lists anew.
func TestGone(t *testing.T) {
	if !embedded {
		t.Skip("how much an API server remembers is its own business")
	}
	k, w := client(t, "")
	writer, _ := client(t, "")
	ns := namespace(t, writer)
	create(t, writer, ns, 3, 10)
	i, s := informer(t, k, ns, 0)
	old := must[*corev1.ConfigMap](t)(change(writer, ns, "c000", 1)).ResourceVersion
	comes(t, "it is as a list", same(writer, ns, i))
	w.cut(true)
	if err := writer.CoreV1().ConfigMaps(ns).Delete(t.Context(), "c001", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	var left atomic.Int64
	var wg sync.WaitGroup
	left.Store(windowEvents + 100)
	for range 8 {
		wg.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				if _, err := change(writer, ns, "c002", int(n)+1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	watcher, err := writer.CoreV1().ConfigMaps(ns).Watch(t.Context(), metav1.ListOptions{ResourceVersion: old})
	if err == nil {
		e := <-watcher.ResultChan()
		err = apierrors.FromObject(e.Object)
		watcher.Stop()
	}
	if !apierrors.IsResourceExpired(err) {
		t.Errorf("not told that it is gone: %v", err)
	}
	w.cut(false)
	comes(t, "it is as a list again", same(writer, ns, i))
	comes(t, "what was deleted meanwhile is told", func() error {
		return s.get(func() error {
			if s.deleted[ns+"/c001"] != 1 {
				return errors.New("not told")
			}
			return nil
		})
	})
}

// first events of a watch that begins without a version: each object once, whatever they weigh.
func firstEvents(t *testing.T, w watch.Interface, bookmark bool) {
	t.Helper()
	defer w.Stop()
	names := map[string]bool{}
	for end := time.After(within); len(names) < many || bookmark; {
		select {
		case e, ok := <-w.ResultChan():
			if !ok {
				t.Fatalf("the watch ended after %d objects", len(names))
			}
			if e.Type == watch.Bookmark {
				o := e.Object.(*corev1.ConfigMap)
				if len(names) != many || o.Annotations[metav1.InitialEventsAnnotationKey] != "true" || o.ResourceVersion == "" {
					t.Fatalf("a bookmark after %d objects: %v", len(names), o.ObjectMeta)
				}
				return
			}
			o, ok := e.Object.(*corev1.ConfigMap)
			if !ok || e.Type != watch.Added || names[o.Name] || len(o.Data["filler"]) != large {
				t.Fatalf("%s %v", e.Type, e.Object)
			}
			names[o.Name] = true
		case <-end:
			t.Fatalf("%d objects came", len(names))
		}
	}
}

func TestLargeBeginning(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			k, _ := client(t, protocol)
			ns := namespace(t, k)
			create(t, k, ns, many, large)
			yes, o := true, metav1.ListOptions{LabelSelector: labels}
			firstEvents(t, must[watch.Interface](t)(k.CoreV1().ConfigMaps(ns).Watch(t.Context(), o)), false)
			o.SendInitialEvents, o.AllowWatchBookmarks, o.ResourceVersionMatch = &yes, true, metav1.ResourceVersionMatchNotOlderThan
			firstEvents(t, must[watch.Interface](t)(k.CoreV1().ConfigMaps(ns).Watch(t.Context(), o)), true)
			i, _ := informer(t, k, ns, 0)
			comes(t, "an informer is as a list", same(k, ns, i))
			pages, items := 0, 0
			p := pager.New(pager.SimplePageFunc(func(o metav1.ListOptions) (runtime.Object, error) {
				pages++
				return k.CoreV1().ConfigMaps(ns).List(t.Context(), o)
			}))
			p.PageSize = 7
			if err := p.EachListItem(t.Context(), metav1.ListOptions{LabelSelector: labels}, func(runtime.Object) error { items++; return nil }); err != nil {
				t.Fatal(err)
			}
			if items != many || pages != (many+6)/7 {
				t.Errorf("%d items in %d pages", items, pages)
			}
		})
	}
}

// Who reads later than others write gets all of it, in its order.
func TestSlowReader(t *testing.T) {
	k, _ := client(t, "")
	ns := namespace(t, k)
	create(t, k, ns, 1, 40<<10)
	begin := must[*corev1.ConfigMap](t)(change(k, ns, "c000", 0)).ResourceVersion
	w := must[*watchtools.RetryWatcher](t)(watchtools.NewRetryWatcherWithContext(t.Context(), begin, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return k.CoreV1().ConfigMaps(ns).Watch(ctx, o)
		}}))
	defer w.Stop()
	const changes = 150
	for n := range changes {
		must[*corev1.ConfigMap](t)(change(k, ns, "c000", n+1))
	}
	for n, end := 1, time.After(within); n <= changes; {
		select {
		case e := <-w.ResultChan():
			o, ok := e.Object.(*corev1.ConfigMap)
			if !ok || (o.Name == "c000" && o.Data["n"] != strconv.Itoa(n)) {
				t.Fatalf("change %d: %s %v", n, e.Type, e.Object)
			}
			if o.Name == "c000" {
				n++
			}
		case <-end:
			t.Fatalf("change %d did not come", n)
		}
	}
}

// A bookmark moves a watch past what it did not show.
func TestBookmark(t *testing.T) {
	k, _ := client(t, "")
	ns := namespace(t, k)
	create(t, k, ns, 2, 10)
	begin := must[*corev1.ConfigMapList](t)(k.CoreV1().ConfigMaps(ns).List(t.Context(), metav1.ListOptions{})).ResourceVersion
	seconds := int64(6)
	o := metav1.ListOptions{FieldSelector: "metadata.name=c001", ResourceVersion: begin, AllowWatchBookmarks: true, TimeoutSeconds: &seconds}
	w := must[watch.Interface](t)(k.CoreV1().ConfigMaps(ns).Watch(t.Context(), o))
	last := must[*corev1.ConfigMap](t)(change(k, ns, "c000", 1)).ResourceVersion
	at := ""
	for e := range w.ResultChan() {
		if e.Type != watch.Bookmark {
			t.Fatalf("%s %v", e.Type, e.Object)
		}
		at = e.Object.(*corev1.ConfigMap).ResourceVersion
	}
	if n, _ := strconv.Atoi(at); n < must[int](t)(strconv.Atoi(last)) {
		t.Fatalf("the last bookmark is at %q, the change was %s", at, last)
	}
	must[*corev1.ConfigMap](t)(change(k, ns, "c001", 1))
	o.ResourceVersion, o.TimeoutSeconds = at, nil
	w = must[watch.Interface](t)(k.CoreV1().ConfigMaps(ns).Watch(t.Context(), o))
	defer w.Stop()
	if e := <-w.ResultChan(); e.Type != watch.Modified {
		t.Fatalf("%s %v", e.Type, e.Object)
	}
}
