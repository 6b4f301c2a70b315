/* Written by make image-names from deploy/images/images.toml: X(name, environment variable, default). */
#ifndef OPERATOR_IMAGES_H
#define OPERATOR_IMAGES_H

#define IMAGE_OPERATOR "quay.io/weft/operator:latest"
#define IMAGE_WEFTD "quay.io/weft/weftd:latest"
#define IMAGE_PROXY "quay.io/weft/proxy:latest"
#define IMAGE_CNI "quay.io/weft/cni:latest"
#define IMAGE_CONSOLE "quay.io/weft/console:latest"
#define IMAGE_PROMETHEUS "docker.io/prom/prometheus:v2.42.0"
#define IMAGE_GRAFANA "docker.io/grafana/grafana:10.4.2"
#define IMAGE_JAEGER "docker.io/jaegertracing/all-in-one:1.57"
#define IMAGE_KIALI "quay.io/kiali/kiali:v1.73"

/* clang-format off */
#define OPERATOR_IMAGES(X) \
	X(operator, "RELATED_IMAGE_OPERATOR", IMAGE_OPERATOR) \
	X(weftd, "RELATED_IMAGE_WEFTD", IMAGE_WEFTD) \
	X(proxy, "RELATED_IMAGE_PROXY", IMAGE_PROXY) \
	X(cni, "RELATED_IMAGE_CNI", IMAGE_CNI) \
	X(console, "RELATED_IMAGE_CONSOLE", IMAGE_CONSOLE) \
	X(prometheus, "RELATED_IMAGE_PROMETHEUS", IMAGE_PROMETHEUS) \
	X(grafana, "RELATED_IMAGE_GRAFANA", IMAGE_GRAFANA) \
	X(jaeger, "RELATED_IMAGE_JAEGER", IMAGE_JAEGER) \
	X(kiali, "RELATED_IMAGE_KIALI", IMAGE_KIALI)
/* clang-format on */

#endif
