/* The version of Kubernetes whose API the lab speaks: that of the recorded exchanges that it is compared with. */
#ifndef LAB_OBJECT_VERSION_H
#define LAB_OBJECT_VERSION_H

#define LAB_KUBERNETES_MAJOR "1"
#define LAB_KUBERNETES_MINOR "37"
/* As gitVersion; what stands behind the plus says whose build it is. */
#define LAB_KUBERNETES_VERSION "v" LAB_KUBERNETES_MAJOR "." LAB_KUBERNETES_MINOR ".2+weft"

#endif
