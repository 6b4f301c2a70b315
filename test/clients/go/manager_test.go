package clients

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/cert"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	cr "sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

const finalizer = "clients.example/copied"

// copier has a Secret for each ConfigMap that asks for one, and takes it away before the ConfigMap goes.
type copier struct {
	cr.Client // cached
	name      string
}

func (c *copier) Reconcile(ctx context.Context, r ctrl.Request) (ctrl.Result, error) {
	from := &corev1.ConfigMap{}
	if err := c.Get(ctx, r.NamespacedName, from); err != nil {
		return ctrl.Result{}, cr.IgnoreNotFound(err)
	}
	to := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: from.Name, Namespace: from.Namespace}}
	if from.DeletionTimestamp != nil {
		if err := c.Delete(ctx, to); cr.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, err
		}
		if controllerutil.RemoveFinalizer(from, finalizer) {
			return ctrl.Result{}, cr.IgnoreNotFound(c.Update(ctx, from))
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(from, finalizer) {
		return ctrl.Result{}, c.Update(ctx, from)
	}
	_, err := controllerutil.CreateOrUpdate(ctx, c, to, func() error {
		to.StringData = map[string]string{"n": from.Data["n"]}
		to.Labels = map[string]string{"by": c.name}
		return controllerutil.SetControllerReference(from, to, c.Scheme())
	})
	return ctrl.Result{}, err
}

// even lets no ConfigMap in whose number is odd.
type even struct{}

func (even) validate(o *corev1.ConfigMap) (admission.Warnings, error) {
	if n := o.Data["n"]; len(n) > 0 && (n[len(n)-1]-'0')%2 == 1 {
		return nil, fmt.Errorf("%s is odd", n)
	}
	return admission.Warnings{"looked at"}, nil
}
func (e even) ValidateCreate(_ context.Context, o *corev1.ConfigMap) (admission.Warnings, error) {
	return e.validate(o)
}
func (e even) ValidateUpdate(_ context.Context, _, o *corev1.ConfigMap) (admission.Warnings, error) {
	return e.validate(o)
}
func (even) ValidateDelete(context.Context, *corev1.ConfigMap) (admission.Warnings, error) {
	return nil, nil
}

// manager runs one until the test ends, or the function that it returns is called.
func manager(t *testing.T, ns, name string, with func(ctrl.Manager) error) (ctrl.Manager, func()) {
	t.Helper()
	c, _ := configured(t, "")
	scheme, lease := runtime.NewScheme(), [3]time.Duration{4 * time.Second, 3 * time.Second, 500 * time.Millisecond}
	clientgoscheme.AddToScheme(scheme)
	m := must[ctrl.Manager](t)(ctrl.NewManager(c, ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: "0"}, LeaderElection: true, LeaderElectionID: "copier", LeaderElectionNamespace: ns,
		LeaderElectionReleaseOnCancel: true, LeaseDuration: &lease[0], RenewDeadline: &lease[1], RetryPeriod: &lease[2],
		Cache: cache.Options{DefaultNamespaces: map[string]cache.Config{ns: {}}}, Controller: config.Controller{SkipNameValidation: new(true)},
	}))
	if err := with(m); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Start(ctx) }()
	end := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return m, end
}

func copies(name string) func(ctrl.Manager) error {
	return func(m ctrl.Manager) error {
		return ctrl.NewControllerManagedBy(m).For(&corev1.ConfigMap{}).Owns(&corev1.Secret{}).Complete(&copier{m.GetClient(), name})
	}
}

// copied: whether the Secret has that number, and is whose.
func copied(c cr.Reader, ns, name, n, by string) func() error {
	return func() error {
		s := &corev1.Secret{}
		if err := c.Get(context.Background(), types.NamespacedName{Namespace: ns, Name: name}, s); err != nil {
			return err
		}
		if string(s.Data["n"]) != n || s.Labels["by"] != by {
			return fmt.Errorf("%s by %s", s.Data["n"], s.Labels["by"])
		}
		return nil
	}
}

// A controller with a leader: its objects follow, what others break is mended, and when the leader goes another one takes over.
func TestManager(t *testing.T) {
	k, _ := client(t, "")
	ns := namespace(t, k)
	one, stop := manager(t, ns, "one", copies("one"))
	<-one.Elected()
	two, _ := manager(t, ns, "two", copies("two"))
	create(t, k, ns, 3, 10)
	direct := one.GetAPIReader()
	for _, name := range []string{"c000", "c001", "c002"} {
		comes(t, "a copy", copied(direct, ns, name, "0", "one"))
		comes(t, "in the cache", copied(one.GetClient(), ns, name, "0", "one"))
	}
	must[*corev1.ConfigMap](t)(change(k, ns, "c000", 2))
	comes(t, "it follows", copied(direct, ns, "c000", "2", "one"))
	if err := k.CoreV1().Secrets(ns).Delete(t.Context(), "c001", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	comes(t, "it comes back", copied(direct, ns, "c001", "0", "one"))
	if err := k.CoreV1().ConfigMaps(ns).Delete(t.Context(), "c002", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	comes(t, "both are gone", func() error {
		_, a := k.CoreV1().ConfigMaps(ns).Get(t.Context(), "c002", metav1.GetOptions{})
		_, b := k.CoreV1().Secrets(ns).Get(t.Context(), "c002", metav1.GetOptions{})
		if !apierrors.IsNotFound(a) || !apierrors.IsNotFound(b) {
			return errors.Join(a, b)
		}
		return nil
	})
	select {
	case <-two.Elected():
		t.Fatal("there are two leaders")
	default:
	}
	stop()
	<-two.Elected()
	must[*corev1.ConfigMap](t)(change(k, ns, "c000", 4))
	comes(t, "the other one has taken over", copied(direct, ns, "c000", "4", "two"))
}

// Its webhook is asked by the API server, at an address outside of the cluster.
func TestWebhook(t *testing.T) {
	if !embedded {
		t.Skip("this API server does not reach programs of the test's network")
	}
	k, _ := client(t, "")
	ns := namespace(t, k)
	pem, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, text := range map[string][]byte{"tls.crt": pem, "tls.key": key} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: 19443, CertDir: folder})
	manager(t, ns, "webhook", func(m ctrl.Manager) error {
		s.Register("/even", admission.WithValidator[*corev1.ConfigMap](m.GetScheme(), even{}))
		return m.Add(s)
	})
	comes(t, "it listens", func() error { return s.StartedChecker()(nil) })
	url, side, fail := "https://127.0.0.1:19443/even", admissionv1.SideEffectClassNone, admissionv1.Fail
	hooks := k.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	must[*admissionv1.ValidatingWebhookConfiguration](t)(hooks.Create(t.Context(), &admissionv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: ns},
		Webhooks: []admissionv1.ValidatingWebhook{{
			Name: "even.clients.example", ClientConfig: admissionv1.WebhookClientConfig{URL: &url, CABundle: pem}, SideEffects: &side, FailurePolicy: &fail,
			AdmissionReviewVersions: []string{"v1"}, NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": ns}},
			Rules: []admissionv1.RuleWithOperations{{Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
				Rule: admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}}}},
		}}}, metav1.CreateOptions{}))
	t.Cleanup(func() { hooks.Delete(context.Background(), ns, metav1.DeleteOptions{}) })
	create(t, k, ns, 1, 10)
	comes(t, "an odd one is refused", func() error {
		_, err := change(k, ns, "c000", 7)
		if !apierrors.IsForbidden(err) {
			return fmt.Errorf("not refused: %v", err)
		}
		return nil
	})
	must[*corev1.ConfigMap](t)(change(k, ns, "c000", 8))
}
