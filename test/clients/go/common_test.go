// Programs that are written against Kubernetes' own client libraries, against the API server of KUBECONFIG. Run by run.py.
package clients

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	within = 60 * time.Second // for anything at all; the machine may be slow
	labels = "of=test"
)

// Whether it is the embedded API server, of which more is known than of others.
var embedded = os.Getenv("EMBEDDED") != ""

// wire is a client's way to the API server, which can be cut.
type wire struct {
	mu     sync.Mutex
	conns  []net.Conn
	closed bool
	dialed int
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, fmt.Errorf("the wire is cut")
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		w.conns, w.dialed = append(w.conns, c), w.dialed+1
	}
	return c, err
}

func (w *wire) dials() int { w.mu.Lock(); defer w.mu.Unlock(); return w.dialed }

// cut ends all connections, and says how many there were until now; with closed there are no new ones until it is called without.
func (w *wire) cut(closed bool) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns, w.closed = nil, closed
	return w.dialed
}

// configured is how the API server is reached; protocol "http/1.1" leaves HTTP/2 out.
func configured(t *testing.T, protocol string) (*rest.Config, *wire) {
	t.Helper()
	c, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	c.Dial, c.QPS, c.Burst = w.dial, -1, 1
	if protocol != "" {
		c.TLSClientConfig.NextProtos = []string{protocol}
	}
	return c, w
}

func client(t *testing.T, protocol string) (*kubernetes.Clientset, *wire) {
	t.Helper()
	c, w := configured(t, protocol)
	return kubernetes.NewForConfigOrDie(c), w
}

// namespace is one of the test's own.
func namespace(t *testing.T, k kubernetes.Interface) string {
	t.Helper()
	ns, err := k.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "clients-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.CoreV1().Namespaces().Delete(context.Background(), ns.Name, metav1.DeleteOptions{}) })
	return ns.Name
}

func comes(t *testing.T, what string, probe func() error) {
	t.Helper()
	end := time.Now().Add(within)
	for {
		err := probe()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func configMap(name string, bytes int) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"of": "test"}},
		Data:       map[string]string{"n": "0", "filler": strings.Repeat("x", bytes)},
	}
}
