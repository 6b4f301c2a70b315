/* Rows of leases: coordination.k8s.io/v1. See the header for the structs. */
#include "api/coordination.h"

#include "api/api_internal.h"

#define T struct coordination_lease_spec
static const struct msg_field coordination_lease_spec_rows[] = {
	F(holder_identity, "holderIdentity", STRING, .doc = "Holder identity."),
	F(lease_duration_seconds, "leaseDurationSeconds", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Lease duration seconds."),
	F(acquire_time, "acquireTime", STRING, .format = "date-time", .doc = "Acquire time."),
	F(renew_time, "renewTime", STRING, .format = "date-time", .doc = "Renew time."),
	F(lease_transitions, "leaseTransitions", INT32, .flags = MSG_OPTIONAL, .doc = "Lease transitions."),
};
DESC(coordination_lease_spec, "LeaseSpec", "Lease spec.");
#undef T

#define T struct coordination_lease
static const struct msg_field coordination_lease_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &coordination_lease_spec_desc, .doc = "Spec."),
};
DESC(coordination_lease, "Lease", "Lease.");
#undef T
