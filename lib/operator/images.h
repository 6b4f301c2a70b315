/* Written by make image-names from deploy/images/images.toml: X(name, environment variable, default). */
#ifndef OPERATOR_IMAGES_H
#define OPERATOR_IMAGES_H

/* clang-format off */
#define OPERATOR_IMAGES(X) \
	X(operator, "RELATED_IMAGE_OPERATOR", "quay.io/weft/operator:latest") \
	X(weftd, "RELATED_IMAGE_WEFTD", "quay.io/weft/weftd:latest") \
	X(proxy, "RELATED_IMAGE_PROXY", "quay.io/weft/proxy:latest") \
	X(prometheus, "RELATED_IMAGE_PROMETHEUS", "docker.io/prom/prometheus:v2.42.0")
/* clang-format on */

#endif
