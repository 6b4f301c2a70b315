/* Volumes of pods, and what claims ask for: v1. */
#ifndef API_CORE_VOLUME_H
#define API_CORE_VOLUME_H

#include "api/core/reference.h"

/* Where a volume of type host path comes from. */
struct core_host_path_volume_source {
	const char *path;
	const char *type;
};

/* Where a volume of type empty dir comes from. */
struct core_empty_dir_volume_source {
	const char *medium;
	const char *size_limit;
};

/* Where a volume of type gce persistent disk comes from. */
struct core_gce_persistent_disk_volume_source {
	const char *pd_name;
	const char *fs_type;
	int32_t partition;
	bool read_only;
};

/* Where a volume of type aws elastic block store comes from. */
struct core_aws_elastic_block_store_volume_source {
	const char *volume_id;
	const char *fs_type;
	int32_t partition;
	bool read_only;
};

/* Where a volume of type git repo comes from. */
struct core_git_repo_volume_source {
	const char *repository;
	const char *revision;
	const char *directory;
};

/* Key to path. */
struct core_key_to_path {
	const char *key;
	const char *path;
	int32_t *mode;
};

/* Where a volume of type secret comes from. */
struct core_secret_volume_source {
	const char *secret_name;
	LIST(struct core_key_to_path) items;
	int32_t *default_mode;
	bool *optional;
};

/* Where a volume of type NFS comes from. */
struct core_nfs_volume_source {
	const char *server;
	const char *path;
	bool read_only;
};

/* Where a volume of type iscsi comes from. */
struct core_iscsi_volume_source {
	const char *target_portal;
	const char *iqn;
	int32_t lun;
	const char *iscsi_interface;
	const char *fs_type;
	bool read_only;
	LIST(const char *) portals;
	bool chap_auth_discovery;
	bool chap_auth_session;
	struct core_local_object_reference *secret_ref;
	const char *initiator_name;
};

/* Where a volume of type glusterfs comes from. */
struct core_glusterfs_volume_source {
	const char *endpoints;
	const char *path;
	bool read_only;
};

/* Where a volume of type persistent volume claim comes from. */
struct core_persistent_volume_claim_volume_source {
	const char *claim_name;
	bool read_only;
};

/* Where a volume of type rbd comes from. */
struct core_rbd_volume_source {
	LIST(const char *) monitors;
	const char *image;
	const char *fs_type;
	const char *pool;
	const char *user;
	const char *keyring;
	struct core_local_object_reference *secret_ref;
	bool read_only;
};

/* Where a volume of type flex comes from. */
struct core_flex_volume_source {
	const char *driver;
	const char *fs_type;
	struct core_local_object_reference *secret_ref;
	bool read_only;
	struct str_map options;
};

/* Where a volume of type cinder comes from. */
struct core_cinder_volume_source {
	const char *volume_id;
	const char *fs_type;
	bool read_only;
	struct core_local_object_reference *secret_ref;
};

/* Where a volume of type ceph fs comes from. */
struct core_ceph_fs_volume_source {
	LIST(const char *) monitors;
	const char *path;
	const char *user;
	const char *secret_file;
	struct core_local_object_reference *secret_ref;
	bool read_only;
};

/* Where a volume of type flocker comes from. */
struct core_flocker_volume_source {
	const char *dataset_name;
	const char *dataset_uuid;
};

/* Selector: object field. */
struct core_object_field_selector {
	const char *api_version;
	const char *field_path;
};

/* Selector: resource field. */
struct core_resource_field_selector {
	const char *container_name;
	const char *resource;
	const char *divisor;
};

/* Downward API volume file. */
struct core_downward_api_volume_file {
	const char *path;
	struct core_object_field_selector *field_ref;
	struct core_resource_field_selector *resource_field_ref;
	int32_t *mode;
};

/* Where a volume of type downward API comes from. */
struct core_downward_api_volume_source {
	LIST(struct core_downward_api_volume_file) items;
	int32_t *default_mode;
};

/* Where a volume of type FC comes from. */
struct core_fc_volume_source {
	LIST(const char *) target_wwns;
	int32_t *lun;
	const char *fs_type;
	bool read_only;
	LIST(const char *) wwids;
};

/* Where a volume of type azure file comes from. */
struct core_azure_file_volume_source {
	const char *secret_name;
	const char *share_name;
	bool read_only;
};

/* Where a volume of type config map comes from. */
struct core_config_map_volume_source {
	const char *name;
	LIST(struct core_key_to_path) items;
	int32_t *default_mode;
	bool *optional;
};

/* Where a volume of type vsphere virtual disk comes from. */
struct core_vsphere_virtual_disk_volume_source {
	const char *volume_path;
	const char *fs_type;
	const char *storage_policy_name;
	const char *storage_policy_id;
};

/* Where a volume of type quobyte comes from. */
struct core_quobyte_volume_source {
	const char *registry;
	const char *volume;
	bool read_only;
	const char *user;
	const char *group;
	const char *tenant;
};

/* Where a volume of type azure disk comes from. */
struct core_azure_disk_volume_source {
	const char *disk_name;
	const char *disk_uri;
	const char *caching_mode;
	const char *fs_type;
	bool *read_only;
	const char *kind;
};

/* Where a volume of type photon persistent disk comes from. */
struct core_photon_persistent_disk_volume_source {
	const char *pd_id;
	const char *fs_type;
};

/* Secret projection. */
struct core_secret_projection {
	const char *name;
	LIST(struct core_key_to_path) items;
	bool *optional;
};

/* Downward API projection. */
struct core_downward_api_projection {
	LIST(struct core_downward_api_volume_file) items;
};

/* Config map projection. */
struct core_config_map_projection {
	const char *name;
	LIST(struct core_key_to_path) items;
	bool *optional;
};

/* Service account token projection. */
struct core_service_account_token_projection {
	const char *audience;
	int64_t *expiration_seconds;
	const char *path;
};

/* Cluster trust bundle projection. */
struct core_cluster_trust_bundle_projection {
	const char *name;
	const char *signer_name;
	struct meta_label_selector *label_selector;
	bool *optional;
	const char *path;
};

/* Volume projection. */
struct core_volume_projection {
	struct core_secret_projection *secret;
	struct core_downward_api_projection *downward_api;
	struct core_config_map_projection *config_map;
	struct core_service_account_token_projection *service_account_token;
	struct core_cluster_trust_bundle_projection *cluster_trust_bundle;
};

/* Where a volume of type projected comes from. */
struct core_projected_volume_source {
	LIST(struct core_volume_projection) sources;
	int32_t *default_mode;
};

/* Where a volume of type portworx comes from. */
struct core_portworx_volume_source {
	const char *volume_id;
	const char *fs_type;
	bool read_only;
};

/* Where a volume of type scale IO comes from. */
struct core_scale_io_volume_source {
	const char *gateway;
	const char *system;
	struct core_local_object_reference *secret_ref;
	bool ssl_enabled;
	const char *protection_domain;
	const char *storage_pool;
	const char *storage_mode;
	const char *volume_name;
	const char *fs_type;
	bool read_only;
};

/* Where a volume of type storage OS comes from. */
struct core_storage_os_volume_source {
	const char *volume_name;
	const char *volume_namespace;
	const char *fs_type;
	bool read_only;
	struct core_local_object_reference *secret_ref;
};

/* Where a volume of type CSI comes from. */
struct core_csi_volume_source {
	const char *driver;
	bool *read_only;
	const char *fs_type;
	struct str_map volume_attributes;
	struct core_local_object_reference *node_publish_secret_ref;
};

/* Volume resource requirements. */
struct core_volume_resource_requirements {
	struct str_map limits;
	struct str_map requests;
};

/* What is wanted of a persistent volume claim. */
struct core_persistent_volume_claim_spec {
	LIST(const char *) access_modes;
	struct meta_label_selector *selector;
	struct core_volume_resource_requirements *resources;
	const char *volume_name;
	const char *storage_class_name;
	const char *volume_mode;
	struct core_typed_local_object_reference *data_source;
	struct core_typed_object_reference *data_source_ref;
	const char *volume_attributes_class_name;
};

/* Template: persistent volume claim. */
struct core_persistent_volume_claim_template {
	struct meta_object *metadata;
	struct core_persistent_volume_claim_spec *spec;
};

/* Where a volume of type ephemeral comes from. */
struct core_ephemeral_volume_source {
	struct core_persistent_volume_claim_template *volume_claim_template;
};

/* Volume. */
struct core_volume {
	const char *name;
	struct core_host_path_volume_source *host_path;
	struct core_empty_dir_volume_source *empty_dir;
	struct core_gce_persistent_disk_volume_source *gce_persistent_disk;
	struct core_aws_elastic_block_store_volume_source *aws_elastic_block_store;
	struct core_git_repo_volume_source *git_repo;
	struct core_secret_volume_source *secret;
	struct core_nfs_volume_source *nfs;
	struct core_iscsi_volume_source *iscsi;
	struct core_glusterfs_volume_source *glusterfs;
	struct core_persistent_volume_claim_volume_source *persistent_volume_claim;
	struct core_rbd_volume_source *rbd;
	struct core_flex_volume_source *flex_volume;
	struct core_cinder_volume_source *cinder;
	struct core_ceph_fs_volume_source *cephfs;
	struct core_flocker_volume_source *flocker;
	struct core_downward_api_volume_source *downward_api;
	struct core_fc_volume_source *fc;
	struct core_azure_file_volume_source *azure_file;
	struct core_config_map_volume_source *config_map;
	struct core_vsphere_virtual_disk_volume_source *vsphere_volume;
	struct core_quobyte_volume_source *quobyte;
	struct core_azure_disk_volume_source *azure_disk;
	struct core_photon_persistent_disk_volume_source *photon_persistent_disk;
	struct core_projected_volume_source *projected;
	struct core_portworx_volume_source *portworx_volume;
	struct core_scale_io_volume_source *scale_io;
	struct core_storage_os_volume_source *storageos;
	struct core_csi_volume_source *csi;
	struct core_ephemeral_volume_source *ephemeral;
};

extern const struct msg_desc core_host_path_volume_source_desc;
extern const struct msg_desc core_empty_dir_volume_source_desc;
extern const struct msg_desc core_gce_persistent_disk_volume_source_desc;
extern const struct msg_desc core_aws_elastic_block_store_volume_source_desc;
extern const struct msg_desc core_git_repo_volume_source_desc;
extern const struct msg_desc core_key_to_path_desc;
extern const struct msg_desc core_secret_volume_source_desc;
extern const struct msg_desc core_nfs_volume_source_desc;
extern const struct msg_desc core_iscsi_volume_source_desc;
extern const struct msg_desc core_glusterfs_volume_source_desc;
extern const struct msg_desc core_persistent_volume_claim_volume_source_desc;
extern const struct msg_desc core_rbd_volume_source_desc;
extern const struct msg_desc core_flex_volume_source_desc;
extern const struct msg_desc core_cinder_volume_source_desc;
extern const struct msg_desc core_ceph_fs_volume_source_desc;
extern const struct msg_desc core_flocker_volume_source_desc;
extern const struct msg_desc core_object_field_selector_desc;
extern const struct msg_desc core_resource_field_selector_desc;
extern const struct msg_desc core_downward_api_volume_file_desc;
extern const struct msg_desc core_downward_api_volume_source_desc;
extern const struct msg_desc core_fc_volume_source_desc;
extern const struct msg_desc core_azure_file_volume_source_desc;
extern const struct msg_desc core_config_map_volume_source_desc;
extern const struct msg_desc core_vsphere_virtual_disk_volume_source_desc;
extern const struct msg_desc core_quobyte_volume_source_desc;
extern const struct msg_desc core_azure_disk_volume_source_desc;
extern const struct msg_desc core_photon_persistent_disk_volume_source_desc;
extern const struct msg_desc core_secret_projection_desc;
extern const struct msg_desc core_downward_api_projection_desc;
extern const struct msg_desc core_config_map_projection_desc;
extern const struct msg_desc core_service_account_token_projection_desc;
extern const struct msg_desc core_cluster_trust_bundle_projection_desc;
extern const struct msg_desc core_volume_projection_desc;
extern const struct msg_desc core_projected_volume_source_desc;
extern const struct msg_desc core_portworx_volume_source_desc;
extern const struct msg_desc core_scale_io_volume_source_desc;
extern const struct msg_desc core_storage_os_volume_source_desc;
extern const struct msg_desc core_csi_volume_source_desc;
extern const struct msg_desc core_volume_resource_requirements_desc;
extern const struct msg_desc core_persistent_volume_claim_spec_desc;
extern const struct msg_desc core_persistent_volume_claim_template_desc;
extern const struct msg_desc core_ephemeral_volume_source_desc;
extern const struct msg_desc core_volume_desc;

#endif
