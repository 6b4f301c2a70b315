/* Persistent volumes and claims for them: v1. */
#ifndef API_CORE_PERSISTENT_VOLUME_H
#define API_CORE_PERSISTENT_VOLUME_H

#include "api/core/volume.h"

/* Where a persistent volume comes from: glusterfs. */
struct core_glusterfs_persistent_volume_source {
	const char *endpoints;
	const char *path;
	bool read_only;
	const char *endpoints_namespace;
};

/* Where a persistent volume comes from: rbd. */
struct core_rbd_persistent_volume_source {
	LIST(const char *) monitors;
	const char *image;
	const char *fs_type;
	const char *pool;
	const char *user;
	const char *keyring;
	struct core_secret_reference *secret_ref;
	bool read_only;
};

/* Where a persistent volume comes from: iscsi. */
struct core_iscsi_persistent_volume_source {
	const char *target_portal;
	const char *iqn;
	int32_t lun;
	const char *iscsi_interface;
	const char *fs_type;
	bool read_only;
	LIST(const char *) portals;
	bool chap_auth_discovery;
	bool chap_auth_session;
	struct core_secret_reference *secret_ref;
	const char *initiator_name;
};

/* Where a persistent volume comes from: cinder. */
struct core_cinder_persistent_volume_source {
	const char *volume_id;
	const char *fs_type;
	bool read_only;
	struct core_secret_reference *secret_ref;
};

/* Where a persistent volume comes from: ceph fs. */
struct core_ceph_fs_persistent_volume_source {
	LIST(const char *) monitors;
	const char *path;
	const char *user;
	const char *secret_file;
	struct core_secret_reference *secret_ref;
	bool read_only;
};

/* Where a persistent volume comes from: flex. */
struct core_flex_persistent_volume_source {
	const char *driver;
	const char *fs_type;
	struct core_secret_reference *secret_ref;
	bool read_only;
	struct str_map options;
};

/* Where a persistent volume comes from: azure file. */
struct core_azure_file_persistent_volume_source {
	const char *secret_name;
	const char *share_name;
	bool read_only;
	const char *secret_namespace;
};

/* Where a persistent volume comes from: scale IO. */
struct core_scale_io_persistent_volume_source {
	const char *gateway;
	const char *system;
	struct core_secret_reference *secret_ref;
	bool ssl_enabled;
	const char *protection_domain;
	const char *storage_pool;
	const char *storage_mode;
	const char *volume_name;
	const char *fs_type;
	bool read_only;
};

/* Where a volume of type local comes from. */
struct core_local_volume_source {
	const char *path;
	const char *fs_type;
};

/* Where a persistent volume comes from: storage OS. */
struct core_storage_os_persistent_volume_source {
	const char *volume_name;
	const char *volume_namespace;
	const char *fs_type;
	bool read_only;
	struct core_object_reference *secret_ref;
};

/* Where a persistent volume comes from: CSI. */
struct core_csi_persistent_volume_source {
	const char *driver;
	const char *volume_handle;
	bool read_only;
	const char *fs_type;
	struct str_map volume_attributes;
	struct core_secret_reference *controller_publish_secret_ref;
	struct core_secret_reference *node_stage_secret_ref;
	struct core_secret_reference *node_publish_secret_ref;
	struct core_secret_reference *controller_expand_secret_ref;
	struct core_secret_reference *node_expand_secret_ref;
};

/* Volume node affinity. */
struct core_volume_node_affinity {
	struct core_node_selector *required;
};

/* What is wanted of a persistent volume. */
struct core_persistent_volume_spec {
	struct str_map capacity;
	struct core_gce_persistent_disk_volume_source *gce_persistent_disk;
	struct core_aws_elastic_block_store_volume_source *aws_elastic_block_store;
	struct core_host_path_volume_source *host_path;
	struct core_glusterfs_persistent_volume_source *glusterfs;
	struct core_nfs_volume_source *nfs;
	struct core_rbd_persistent_volume_source *rbd;
	struct core_iscsi_persistent_volume_source *iscsi;
	struct core_cinder_persistent_volume_source *cinder;
	struct core_ceph_fs_persistent_volume_source *cephfs;
	struct core_fc_volume_source *fc;
	struct core_flocker_volume_source *flocker;
	struct core_flex_persistent_volume_source *flex_volume;
	struct core_azure_file_persistent_volume_source *azure_file;
	struct core_vsphere_virtual_disk_volume_source *vsphere_volume;
	struct core_quobyte_volume_source *quobyte;
	struct core_azure_disk_volume_source *azure_disk;
	struct core_photon_persistent_disk_volume_source *photon_persistent_disk;
	struct core_portworx_volume_source *portworx_volume;
	struct core_scale_io_persistent_volume_source *scale_io;
	struct core_local_volume_source *local;
	struct core_storage_os_persistent_volume_source *storageos;
	struct core_csi_persistent_volume_source *csi;
	LIST(const char *) access_modes;
	struct core_object_reference *claim_ref;
	const char *persistent_volume_reclaim_policy;
	const char *storage_class_name;
	LIST(const char *) mount_options;
	const char *volume_mode;
	struct core_volume_node_affinity *node_affinity;
	const char *volume_attributes_class_name;
};

/* What was observed of a persistent volume. */
struct core_persistent_volume_status {
	const char *phase;
	const char *message;
	const char *reason;
	const char *last_phase_transition_time;
};

/* A piece of storage. */
struct core_persistent_volume {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_persistent_volume_spec *spec;
	struct core_persistent_volume_status *status;
};

/* One condition of a persistent volume claim. */
struct core_persistent_volume_claim_condition {
	const char *type;
	const char *status;
	const char *last_probe_time;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a modify volume. */
struct core_modify_volume_status {
	const char *target_volume_attributes_class_name;
	const char *status;
};

/* What was observed of a persistent volume claim. */
struct core_persistent_volume_claim_status {
	const char *phase;
	LIST(const char *) access_modes;
	struct str_map capacity;
	LIST(struct core_persistent_volume_claim_condition) conditions;
	struct str_map allocated_resources;
	struct str_map allocated_resource_statuses;
	const char *current_volume_attributes_class_name;
	struct core_modify_volume_status *modify_volume_status;
};

/* A request for storage. */
struct core_persistent_volume_claim {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_persistent_volume_claim_spec *spec;
	struct core_persistent_volume_claim_status *status;
};

extern const struct msg_desc core_glusterfs_persistent_volume_source_desc;
extern const struct msg_desc core_rbd_persistent_volume_source_desc;
extern const struct msg_desc core_iscsi_persistent_volume_source_desc;
extern const struct msg_desc core_cinder_persistent_volume_source_desc;
extern const struct msg_desc core_ceph_fs_persistent_volume_source_desc;
extern const struct msg_desc core_flex_persistent_volume_source_desc;
extern const struct msg_desc core_azure_file_persistent_volume_source_desc;
extern const struct msg_desc core_scale_io_persistent_volume_source_desc;
extern const struct msg_desc core_local_volume_source_desc;
extern const struct msg_desc core_storage_os_persistent_volume_source_desc;
extern const struct msg_desc core_csi_persistent_volume_source_desc;
extern const struct msg_desc core_volume_node_affinity_desc;
extern const struct msg_desc core_persistent_volume_spec_desc;
extern const struct msg_desc core_persistent_volume_status_desc;
extern const struct msg_desc core_persistent_volume_desc;
extern const struct msg_desc core_persistent_volume_claim_condition_desc;
extern const struct msg_desc core_modify_volume_status_desc;
extern const struct msg_desc core_persistent_volume_claim_status_desc;
extern const struct msg_desc core_persistent_volume_claim_desc;

#endif
