/* Rows of leases: coordination.k8s.io/v1. See the header for the structs. */
#include "api/cluster/coordination.h"

#include "api/api_internal.h"

#define T struct coordination_lease_spec
static const struct msg_field coordination_lease_spec_rows[] = {
	F(holder_identity, "holderIdentity", STRING, .pb = 1, .doc = "Who holds the lease."),
	F(lease_duration_seconds, "leaseDurationSeconds", INT32, .flags = MSG_OPTIONAL, .pb = 2,
	  .doc = "Seconds after the last renewal that others must wait."),
	F(acquire_time, "acquireTime", STRING, .format = "date-time", .pb = 3, .doc = "When it was acquired."),
	F(renew_time, "renewTime", STRING, .format = "date-time", .pb = 4, .doc = "When it was renewed last."),
	F(lease_transitions, "leaseTransitions", INT32, .flags = MSG_OPTIONAL, .pb = 5,
	  .doc = "How often the holder changed."),
};
DESC(coordination_lease_spec, "LeaseSpec", "What is wanted of a lease.");
#undef T

#define T struct coordination_lease
static const struct msg_field coordination_lease_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &coordination_lease_spec_desc, .pb = 2, .doc = "What is wanted."),
};
DESC(coordination_lease, "Lease", "A lock that must be renewed.");
#undef T
