/* Rows of volumes of pods and persistent volumes: v1. See the header for the structs. */
#include "api/volume.h"

#include "api/api_internal.h"

WORDS(words_empty_directory_or_create_directory_fi, {"", 0}, {"DirectoryOrCreate", 0}, {"Directory", 0},
      {"FileOrCreate", 0}, {"File", 0}, {"Socket", 0}, {"CharDevice", 0}, {"BlockDevice", 0});
WORDS(words_none_read_only_read_write, {"None", 0}, {"ReadOnly", 0}, {"ReadWrite", 0});
WORDS(words_shared_dedicated_managed, {"Shared", 0}, {"Dedicated", 0}, {"Managed", 0});
WORDS(words_read_write_once_read_only_many_read_wr, {"ReadWriteOnce", 0}, {"ReadOnlyMany", 0}, {"ReadWriteMany", 0},
      {"ReadWriteOncePod", 0});
WORDS(words_block_filesystem, {"Block", 0}, {"Filesystem", 0});
WORDS(words_in_not_in_exists_does_not_exist_gt_lt, {"In", 0}, {"NotIn", 0}, {"Exists", 0}, {"DoesNotExist", 0},
      {"Gt", 0}, {"Lt", 0});
WORDS(words_recycle_delete_retain, {"Recycle", 0}, {"Delete", 0}, {"Retain", 0});
WORDS(words_pending_available_bound_released_faile, {"Pending", 0}, {"Available", 0}, {"Bound", 0}, {"Released", 0},
      {"Failed", 0});
WORDS(words_pending_in_progress_infeasible, {"Pending", 0}, {"InProgress", 0}, {"Infeasible", 0});
WORDS(words_pending_bound_lost, {"Pending", 0}, {"Bound", 0}, {"Lost", 0});

#define T struct core_host_path_volume_source
static const struct msg_field core_host_path_volume_source_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
	F(type, "type", STRING, .enums = &words_empty_directory_or_create_directory_fi, .doc = "Type."),
};
DESC(core_host_path_volume_source, "HostPathVolumeSource", "Host path volume source.");
#undef T

#define T struct core_empty_dir_volume_source
static const struct msg_field core_empty_dir_volume_source_rows[] = {
	F(medium, "medium", STRING, .doc = "Medium."),
	F(size_limit, "sizeLimit", QUANTITY, .doc = "Size limit."),
};
DESC(core_empty_dir_volume_source, "EmptyDirVolumeSource", "Empty dir volume source.");
#undef T

#define T struct core_gce_persistent_disk_volume_source
static const struct msg_field core_gce_persistent_disk_volume_source_rows[] = {
	F(pd_name, "pdName", STRING, .flags = MSG_REQUIRED, .doc = "Pd name."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(partition, "partition", INT32, .doc = "Partition."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_gce_persistent_disk_volume_source, "GCEPersistentDiskVolumeSource", "Gce persistent disk volume source.");
#undef T

#define T struct core_aws_elastic_block_store_volume_source
static const struct msg_field core_aws_elastic_block_store_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Volume id."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(partition, "partition", INT32, .doc = "Partition."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_aws_elastic_block_store_volume_source, "AWSElasticBlockStoreVolumeSource",
     "Aws elastic block store volume source.");
#undef T

#define T struct core_git_repo_volume_source
static const struct msg_field core_git_repo_volume_source_rows[] = {
	F(repository, "repository", STRING, .flags = MSG_REQUIRED, .doc = "Repository."),
	F(revision, "revision", STRING, .doc = "Revision."),
	F(directory, "directory", STRING, .doc = "Directory."),
};
DESC(core_git_repo_volume_source, "GitRepoVolumeSource", "Git repo volume source.");
#undef T

#define T struct core_key_to_path
static const struct msg_field core_key_to_path_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
	F(mode, "mode", INT32, .flags = MSG_OPTIONAL, .doc = "Mode."),
};
DESC(core_key_to_path, "KeyToPath", "Key to path.");
#undef T

#define T struct core_secret_volume_source
static const struct msg_field core_secret_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .doc = "Secret name."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .doc = "Items."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .doc = "Default mode."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_secret_volume_source, "SecretVolumeSource", "Secret volume source.");
#undef T

#define T struct core_nfs_volume_source
static const struct msg_field core_nfs_volume_source_rows[] = {
	F(server, "server", STRING, .flags = MSG_REQUIRED, .doc = "Server."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_nfs_volume_source, "NFSVolumeSource", "Nfs volume source.");
#undef T

#define T struct core_local_object_reference
static const struct msg_field core_local_object_reference_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
};
DESC(core_local_object_reference, "LocalObjectReference", "Local object reference.");
#undef T

#define T struct core_iscsi_volume_source
static const struct msg_field core_iscsi_volume_source_rows[] = {
	F(target_portal, "targetPortal", STRING, .flags = MSG_REQUIRED, .doc = "Target portal."),
	F(iqn, "iqn", STRING, .flags = MSG_REQUIRED, .doc = "Iqn."),
	F(lun, "lun", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Lun."),
	F(iscsi_interface, "iscsiInterface", STRING, .doc = "Iscsi interface."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(portals, "portals", STRING, .flags = MSG_LIST, .doc = "Portals."),
	F(chap_auth_discovery, "chapAuthDiscovery", BOOL, .doc = "Whether chap auth discovery applies."),
	F(chap_auth_session, "chapAuthSession", BOOL, .doc = "Whether chap auth session applies."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .doc = "Secret ref."),
	F(initiator_name, "initiatorName", STRING, .doc = "Initiator name."),
};
DESC(core_iscsi_volume_source, "ISCSIVolumeSource", "Iscsi volume source.");
#undef T

#define T struct core_glusterfs_volume_source
static const struct msg_field core_glusterfs_volume_source_rows[] = {
	F(endpoints, "endpoints", STRING, .flags = MSG_REQUIRED, .doc = "Endpoints."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_glusterfs_volume_source, "GlusterfsVolumeSource", "Glusterfs volume source.");
#undef T

#define T struct core_persistent_volume_claim_volume_source
static const struct msg_field core_persistent_volume_claim_volume_source_rows[] = {
	F(claim_name, "claimName", STRING, .flags = MSG_REQUIRED, .doc = "Claim name."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_persistent_volume_claim_volume_source, "PersistentVolumeClaimVolumeSource",
     "Persistent volume claim volume source.");
#undef T

#define T struct core_rbd_volume_source
static const struct msg_field core_rbd_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Monitors."),
	F(image, "image", STRING, .flags = MSG_REQUIRED, .doc = "Image."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(pool, "pool", STRING, .doc = "Pool."),
	F(user, "user", STRING, .doc = "User."),
	F(keyring, "keyring", STRING, .doc = "Keyring."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .doc = "Secret ref."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_rbd_volume_source, "RBDVolumeSource", "Rbd volume source.");
#undef T

#define T struct core_flex_volume_source
static const struct msg_field core_flex_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Driver."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .doc = "Secret ref."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(options, "options", STR_MAP, .doc = "Options."),
};
DESC(core_flex_volume_source, "FlexVolumeSource", "Flex volume source.");
#undef T

#define T struct core_cinder_volume_source
static const struct msg_field core_cinder_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Volume id."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .doc = "Secret ref."),
};
DESC(core_cinder_volume_source, "CinderVolumeSource", "Cinder volume source.");
#undef T

#define T struct core_ceph_fs_volume_source
static const struct msg_field core_ceph_fs_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Monitors."),
	F(path, "path", STRING, .doc = "Path."),
	F(user, "user", STRING, .doc = "User."),
	F(secret_file, "secretFile", STRING, .doc = "Secret file."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .doc = "Secret ref."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_ceph_fs_volume_source, "CephFSVolumeSource", "Ceph fs volume source.");
#undef T

#define T struct core_flocker_volume_source
static const struct msg_field core_flocker_volume_source_rows[] = {
	F(dataset_name, "datasetName", STRING, .doc = "Dataset name."),
	F(dataset_uuid, "datasetUUID", STRING, .doc = "Dataset uuid."),
};
DESC(core_flocker_volume_source, "FlockerVolumeSource", "Flocker volume source.");
#undef T

#define T struct core_object_field_selector
static const struct msg_field core_object_field_selector_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(field_path, "fieldPath", STRING, .flags = MSG_REQUIRED, .doc = "Field path."),
};
DESC(core_object_field_selector, "ObjectFieldSelector", "Object field selector.");
#undef T

#define T struct core_resource_field_selector
static const struct msg_field core_resource_field_selector_rows[] = {
	F(container_name, "containerName", STRING, .doc = "Container name."),
	F(resource, "resource", STRING, .flags = MSG_REQUIRED, .doc = "Resource."),
	F(divisor, "divisor", QUANTITY, .doc = "Divisor."),
};
DESC(core_resource_field_selector, "ResourceFieldSelector", "Resource field selector.");
#undef T

#define T struct core_downward_api_volume_file
static const struct msg_field core_downward_api_volume_file_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
	F(field_ref, "fieldRef", MESSAGE, .desc = &core_object_field_selector_desc, .doc = "Field ref."),
	F(resource_field_ref, "resourceFieldRef", MESSAGE, .desc = &core_resource_field_selector_desc,
	  .doc = "Resource field ref."),
	F(mode, "mode", INT32, .flags = MSG_OPTIONAL, .doc = "Mode."),
};
DESC(core_downward_api_volume_file, "DownwardAPIVolumeFile", "Downward api volume file.");
#undef T

#define T struct core_downward_api_volume_source
static const struct msg_field core_downward_api_volume_source_rows[] = {
	F(items, "items", MESSAGE, .desc = &core_downward_api_volume_file_desc, .flags = MSG_LIST, .doc = "Items."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .doc = "Default mode."),
};
DESC(core_downward_api_volume_source, "DownwardAPIVolumeSource", "Downward api volume source.");
#undef T

#define T struct core_fc_volume_source
static const struct msg_field core_fc_volume_source_rows[] = {
	F(target_wwns, "targetWWNs", STRING, .flags = MSG_LIST, .doc = "Target wwns."),
	F(lun, "lun", INT32, .flags = MSG_OPTIONAL, .doc = "Lun."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(wwids, "wwids", STRING, .flags = MSG_LIST, .doc = "Wwids."),
};
DESC(core_fc_volume_source, "FCVolumeSource", "Fc volume source.");
#undef T

#define T struct core_azure_file_volume_source
static const struct msg_field core_azure_file_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .flags = MSG_REQUIRED, .doc = "Secret name."),
	F(share_name, "shareName", STRING, .flags = MSG_REQUIRED, .doc = "Share name."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_azure_file_volume_source, "AzureFileVolumeSource", "Azure file volume source.");
#undef T

#define T struct core_config_map_volume_source
static const struct msg_field core_config_map_volume_source_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .doc = "Items."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .doc = "Default mode."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_config_map_volume_source, "ConfigMapVolumeSource", "Config map volume source.");
#undef T

#define T struct core_vsphere_virtual_disk_volume_source
static const struct msg_field core_vsphere_virtual_disk_volume_source_rows[] = {
	F(volume_path, "volumePath", STRING, .flags = MSG_REQUIRED, .doc = "Volume path."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(storage_policy_name, "storagePolicyName", STRING, .doc = "Storage policy name."),
	F(storage_policy_id, "storagePolicyID", STRING, .doc = "Storage policy id."),
};
DESC(core_vsphere_virtual_disk_volume_source, "VsphereVirtualDiskVolumeSource", "Vsphere virtual disk volume source.");
#undef T

#define T struct core_quobyte_volume_source
static const struct msg_field core_quobyte_volume_source_rows[] = {
	F(registry, "registry", STRING, .flags = MSG_REQUIRED, .doc = "Registry."),
	F(volume, "volume", STRING, .flags = MSG_REQUIRED, .doc = "Volume."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(user, "user", STRING, .doc = "User."),
	F(group, "group", STRING, .doc = "Group."),
	F(tenant, "tenant", STRING, .doc = "Tenant."),
};
DESC(core_quobyte_volume_source, "QuobyteVolumeSource", "Quobyte volume source.");
#undef T

#define T struct core_azure_disk_volume_source
static const struct msg_field core_azure_disk_volume_source_rows[] = {
	F(disk_name, "diskName", STRING, .flags = MSG_REQUIRED, .doc = "Disk name."),
	F(disk_uri, "diskURI", STRING, .flags = MSG_REQUIRED, .doc = "Disk uri."),
	F(caching_mode, "cachingMode", STRING, .enums = &words_none_read_only_read_write, .doc = "Caching mode."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether read only applies."),
	F(kind, "kind", STRING, .enums = &words_shared_dedicated_managed, .doc = "Kind."),
};
DESC(core_azure_disk_volume_source, "AzureDiskVolumeSource", "Azure disk volume source.");
#undef T

#define T struct core_photon_persistent_disk_volume_source
static const struct msg_field core_photon_persistent_disk_volume_source_rows[] = {
	F(pd_id, "pdID", STRING, .flags = MSG_REQUIRED, .doc = "Pd id."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
};
DESC(core_photon_persistent_disk_volume_source, "PhotonPersistentDiskVolumeSource",
     "Photon persistent disk volume source.");
#undef T

#define T struct core_secret_projection
static const struct msg_field core_secret_projection_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .doc = "Items."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_secret_projection, "SecretProjection", "Secret projection.");
#undef T

#define T struct core_downward_api_projection
static const struct msg_field core_downward_api_projection_rows[] = {
	F(items, "items", MESSAGE, .desc = &core_downward_api_volume_file_desc, .flags = MSG_LIST, .doc = "Items."),
};
DESC(core_downward_api_projection, "DownwardAPIProjection", "Downward api projection.");
#undef T

#define T struct core_config_map_projection
static const struct msg_field core_config_map_projection_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .doc = "Items."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_config_map_projection, "ConfigMapProjection", "Config map projection.");
#undef T

#define T struct core_service_account_token_projection
static const struct msg_field core_service_account_token_projection_rows[] = {
	F(audience, "audience", STRING, .doc = "Audience."),
	F(expiration_seconds, "expirationSeconds", INT64, .flags = MSG_OPTIONAL, .doc = "Expiration seconds."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
};
DESC(core_service_account_token_projection, "ServiceAccountTokenProjection", "Service account token projection.");
#undef T

#define T struct core_cluster_trust_bundle_projection
static const struct msg_field core_cluster_trust_bundle_projection_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(signer_name, "signerName", STRING, .doc = "Signer name."),
	F(label_selector, "labelSelector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Label selector."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
};
DESC(core_cluster_trust_bundle_projection, "ClusterTrustBundleProjection", "Cluster trust bundle projection.");
#undef T

#define T struct core_volume_projection
static const struct msg_field core_volume_projection_rows[] = {
	F(secret, "secret", MESSAGE, .desc = &core_secret_projection_desc, .doc = "Secret."),
	F(downward_api, "downwardAPI", MESSAGE, .desc = &core_downward_api_projection_desc, .doc = "Downward api."),
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_projection_desc, .doc = "Config map."),
	F(service_account_token, "serviceAccountToken", MESSAGE, .desc = &core_service_account_token_projection_desc,
	  .doc = "Service account token."),
	F(cluster_trust_bundle, "clusterTrustBundle", MESSAGE, .desc = &core_cluster_trust_bundle_projection_desc,
	  .doc = "Cluster trust bundle."),
};
DESC(core_volume_projection, "VolumeProjection", "Volume projection.");
#undef T

#define T struct core_projected_volume_source
static const struct msg_field core_projected_volume_source_rows[] = {
	F(sources, "sources", MESSAGE, .desc = &core_volume_projection_desc, .flags = MSG_LIST, .doc = "Sources."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .doc = "Default mode."),
};
DESC(core_projected_volume_source, "ProjectedVolumeSource", "Projected volume source.");
#undef T

#define T struct core_portworx_volume_source
static const struct msg_field core_portworx_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Volume id."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_portworx_volume_source, "PortworxVolumeSource", "Portworx volume source.");
#undef T

#define T struct core_scale_io_volume_source
static const struct msg_field core_scale_io_volume_source_rows[] = {
	F(gateway, "gateway", STRING, .flags = MSG_REQUIRED, .doc = "Gateway."),
	F(system, "system", STRING, .flags = MSG_REQUIRED, .doc = "System."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_REQUIRED,
	  .doc = "Secret ref."),
	F(ssl_enabled, "sslEnabled", BOOL, .doc = "Whether ssl enabled applies."),
	F(protection_domain, "protectionDomain", STRING, .doc = "Protection domain."),
	F(storage_pool, "storagePool", STRING, .doc = "Storage pool."),
	F(storage_mode, "storageMode", STRING, .doc = "Storage mode."),
	F(volume_name, "volumeName", STRING, .doc = "Volume name."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_scale_io_volume_source, "ScaleIOVolumeSource", "Scale io volume source.");
#undef T

#define T struct core_storage_os_volume_source
static const struct msg_field core_storage_os_volume_source_rows[] = {
	F(volume_name, "volumeName", STRING, .doc = "Volume name."),
	F(volume_namespace, "volumeNamespace", STRING, .doc = "Volume namespace."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .doc = "Secret ref."),
};
DESC(core_storage_os_volume_source, "StorageOSVolumeSource", "Storage os volume source.");
#undef T

#define T struct core_csi_volume_source
static const struct msg_field core_csi_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Driver."),
	F(read_only, "readOnly", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether read only applies."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(volume_attributes, "volumeAttributes", STR_MAP, .doc = "Volume attributes."),
	F(node_publish_secret_ref, "nodePublishSecretRef", MESSAGE, .desc = &core_local_object_reference_desc,
	  .doc = "Node publish secret ref."),
};
DESC(core_csi_volume_source, "CSIVolumeSource", "Csi volume source.");
#undef T

#define T struct core_volume_resource_requirements
static const struct msg_field core_volume_resource_requirements_rows[] = {
	F(limits, "limits", STR_MAP, .elem = MSG_QUANTITY, .doc = "Limits."),
	F(requests, "requests", STR_MAP, .elem = MSG_QUANTITY, .doc = "Requests."),
};
DESC(core_volume_resource_requirements, "VolumeResourceRequirements", "Volume resource requirements.");
#undef T

#define T struct core_typed_local_object_reference
static const struct msg_field core_typed_local_object_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .doc = "Api group."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
};
DESC(core_typed_local_object_reference, "TypedLocalObjectReference", "Typed local object reference.");
#undef T

#define T struct core_typed_object_reference
static const struct msg_field core_typed_object_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .doc = "Api group."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
};
DESC(core_typed_object_reference, "TypedObjectReference", "Typed object reference.");
#undef T

#define T struct core_persistent_volume_claim_spec
static const struct msg_field core_persistent_volume_claim_spec_rows[] = {
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .doc = "Access modes."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Selector."),
	F(resources, "resources", MESSAGE, .desc = &core_volume_resource_requirements_desc, .doc = "Resources."),
	F(volume_name, "volumeName", STRING, .doc = "Volume name."),
	F(storage_class_name, "storageClassName", STRING, .doc = "Storage class name."),
	F(volume_mode, "volumeMode", STRING, .enums = &words_block_filesystem, .doc = "Volume mode."),
	F(data_source, "dataSource", MESSAGE, .desc = &core_typed_local_object_reference_desc, .doc = "Data source."),
	F(data_source_ref, "dataSourceRef", MESSAGE, .desc = &core_typed_object_reference_desc,
	  .doc = "Data source ref."),
	F(volume_attributes_class_name, "volumeAttributesClassName", STRING, .doc = "Volume attributes class name."),
};
DESC(core_persistent_volume_claim_spec, "PersistentVolumeClaimSpec", "Persistent volume claim spec.");
#undef T

#define T struct core_persistent_volume_claim_template
static const struct msg_field core_persistent_volume_claim_template_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_claim_spec_desc, .doc = "Spec."),
};
DESC(core_persistent_volume_claim_template, "PersistentVolumeClaimTemplate", "Persistent volume claim template.");
#undef T

#define T struct core_ephemeral_volume_source
static const struct msg_field core_ephemeral_volume_source_rows[] = {
	F(volume_claim_template, "volumeClaimTemplate", MESSAGE, .desc = &core_persistent_volume_claim_template_desc,
	  .doc = "Volume claim template."),
};
DESC(core_ephemeral_volume_source, "EphemeralVolumeSource", "Ephemeral volume source.");
#undef T

#define T struct core_volume
static const struct msg_field core_volume_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(host_path, "hostPath", MESSAGE, .desc = &core_host_path_volume_source_desc, .doc = "Host path."),
	F(empty_dir, "emptyDir", MESSAGE, .desc = &core_empty_dir_volume_source_desc, .doc = "Empty dir."),
	F(gce_persistent_disk, "gcePersistentDisk", MESSAGE, .desc = &core_gce_persistent_disk_volume_source_desc,
	  .doc = "Gce persistent disk."),
	F(aws_elastic_block_store, "awsElasticBlockStore", MESSAGE,
	  .desc = &core_aws_elastic_block_store_volume_source_desc, .doc = "Aws elastic block store."),
	F(git_repo, "gitRepo", MESSAGE, .desc = &core_git_repo_volume_source_desc, .doc = "Git repo."),
	F(secret, "secret", MESSAGE, .desc = &core_secret_volume_source_desc, .doc = "Secret."),
	F(nfs, "nfs", MESSAGE, .desc = &core_nfs_volume_source_desc, .doc = "Nfs."),
	F(iscsi, "iscsi", MESSAGE, .desc = &core_iscsi_volume_source_desc, .doc = "Iscsi."),
	F(glusterfs, "glusterfs", MESSAGE, .desc = &core_glusterfs_volume_source_desc, .doc = "Glusterfs."),
	F(persistent_volume_claim, "persistentVolumeClaim", MESSAGE,
	  .desc = &core_persistent_volume_claim_volume_source_desc, .doc = "Persistent volume claim."),
	F(rbd, "rbd", MESSAGE, .desc = &core_rbd_volume_source_desc, .doc = "Rbd."),
	F(flex_volume, "flexVolume", MESSAGE, .desc = &core_flex_volume_source_desc, .doc = "Flex volume."),
	F(cinder, "cinder", MESSAGE, .desc = &core_cinder_volume_source_desc, .doc = "Cinder."),
	F(cephfs, "cephfs", MESSAGE, .desc = &core_ceph_fs_volume_source_desc, .doc = "Cephfs."),
	F(flocker, "flocker", MESSAGE, .desc = &core_flocker_volume_source_desc, .doc = "Flocker."),
	F(downward_api, "downwardAPI", MESSAGE, .desc = &core_downward_api_volume_source_desc, .doc = "Downward api."),
	F(fc, "fc", MESSAGE, .desc = &core_fc_volume_source_desc, .doc = "Fc."),
	F(azure_file, "azureFile", MESSAGE, .desc = &core_azure_file_volume_source_desc, .doc = "Azure file."),
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_volume_source_desc, .doc = "Config map."),
	F(vsphere_volume, "vsphereVolume", MESSAGE, .desc = &core_vsphere_virtual_disk_volume_source_desc,
	  .doc = "Vsphere volume."),
	F(quobyte, "quobyte", MESSAGE, .desc = &core_quobyte_volume_source_desc, .doc = "Quobyte."),
	F(azure_disk, "azureDisk", MESSAGE, .desc = &core_azure_disk_volume_source_desc, .doc = "Azure disk."),
	F(photon_persistent_disk, "photonPersistentDisk", MESSAGE,
	  .desc = &core_photon_persistent_disk_volume_source_desc, .doc = "Photon persistent disk."),
	F(projected, "projected", MESSAGE, .desc = &core_projected_volume_source_desc, .doc = "Projected."),
	F(portworx_volume, "portworxVolume", MESSAGE, .desc = &core_portworx_volume_source_desc,
	  .doc = "Portworx volume."),
	F(scale_io, "scaleIO", MESSAGE, .desc = &core_scale_io_volume_source_desc, .doc = "Scale io."),
	F(storageos, "storageos", MESSAGE, .desc = &core_storage_os_volume_source_desc, .doc = "Storageos."),
	F(csi, "csi", MESSAGE, .desc = &core_csi_volume_source_desc, .doc = "Csi."),
	F(ephemeral, "ephemeral", MESSAGE, .desc = &core_ephemeral_volume_source_desc, .doc = "Ephemeral."),
};
DESC(core_volume, "Volume", "Volume.");
#undef T

#define T struct core_glusterfs_persistent_volume_source
static const struct msg_field core_glusterfs_persistent_volume_source_rows[] = {
	F(endpoints, "endpoints", STRING, .flags = MSG_REQUIRED, .doc = "Endpoints."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(endpoints_namespace, "endpointsNamespace", STRING, .doc = "Endpoints namespace."),
};
DESC(core_glusterfs_persistent_volume_source, "GlusterfsPersistentVolumeSource", "Glusterfs persistent volume source.");
#undef T

#define T struct core_secret_reference
static const struct msg_field core_secret_reference_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
};
DESC(core_secret_reference, "SecretReference", "Secret reference.");
#undef T

#define T struct core_rbd_persistent_volume_source
static const struct msg_field core_rbd_persistent_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Monitors."),
	F(image, "image", STRING, .flags = MSG_REQUIRED, .doc = "Image."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(pool, "pool", STRING, .doc = "Pool."),
	F(user, "user", STRING, .doc = "User."),
	F(keyring, "keyring", STRING, .doc = "Keyring."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .doc = "Secret ref."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_rbd_persistent_volume_source, "RBDPersistentVolumeSource", "Rbd persistent volume source.");
#undef T

#define T struct core_iscsi_persistent_volume_source
static const struct msg_field core_iscsi_persistent_volume_source_rows[] = {
	F(target_portal, "targetPortal", STRING, .flags = MSG_REQUIRED, .doc = "Target portal."),
	F(iqn, "iqn", STRING, .flags = MSG_REQUIRED, .doc = "Iqn."),
	F(lun, "lun", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Lun."),
	F(iscsi_interface, "iscsiInterface", STRING, .doc = "Iscsi interface."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(portals, "portals", STRING, .flags = MSG_LIST, .doc = "Portals."),
	F(chap_auth_discovery, "chapAuthDiscovery", BOOL, .doc = "Whether chap auth discovery applies."),
	F(chap_auth_session, "chapAuthSession", BOOL, .doc = "Whether chap auth session applies."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .doc = "Secret ref."),
	F(initiator_name, "initiatorName", STRING, .doc = "Initiator name."),
};
DESC(core_iscsi_persistent_volume_source, "ISCSIPersistentVolumeSource", "Iscsi persistent volume source.");
#undef T

#define T struct core_cinder_persistent_volume_source
static const struct msg_field core_cinder_persistent_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Volume id."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .doc = "Secret ref."),
};
DESC(core_cinder_persistent_volume_source, "CinderPersistentVolumeSource", "Cinder persistent volume source.");
#undef T

#define T struct core_ceph_fs_persistent_volume_source
static const struct msg_field core_ceph_fs_persistent_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Monitors."),
	F(path, "path", STRING, .doc = "Path."),
	F(user, "user", STRING, .doc = "User."),
	F(secret_file, "secretFile", STRING, .doc = "Secret file."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .doc = "Secret ref."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_ceph_fs_persistent_volume_source, "CephFSPersistentVolumeSource", "Ceph fs persistent volume source.");
#undef T

#define T struct core_flex_persistent_volume_source
static const struct msg_field core_flex_persistent_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Driver."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .doc = "Secret ref."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(options, "options", STR_MAP, .doc = "Options."),
};
DESC(core_flex_persistent_volume_source, "FlexPersistentVolumeSource", "Flex persistent volume source.");
#undef T

#define T struct core_azure_file_persistent_volume_source
static const struct msg_field core_azure_file_persistent_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .flags = MSG_REQUIRED, .doc = "Secret name."),
	F(share_name, "shareName", STRING, .flags = MSG_REQUIRED, .doc = "Share name."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(secret_namespace, "secretNamespace", STRING, .doc = "Secret namespace."),
};
DESC(core_azure_file_persistent_volume_source, "AzureFilePersistentVolumeSource",
     "Azure file persistent volume source.");
#undef T

#define T struct core_scale_io_persistent_volume_source
static const struct msg_field core_scale_io_persistent_volume_source_rows[] = {
	F(gateway, "gateway", STRING, .flags = MSG_REQUIRED, .doc = "Gateway."),
	F(system, "system", STRING, .flags = MSG_REQUIRED, .doc = "System."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_REQUIRED,
	  .doc = "Secret ref."),
	F(ssl_enabled, "sslEnabled", BOOL, .doc = "Whether ssl enabled applies."),
	F(protection_domain, "protectionDomain", STRING, .doc = "Protection domain."),
	F(storage_pool, "storagePool", STRING, .doc = "Storage pool."),
	F(storage_mode, "storageMode", STRING, .doc = "Storage mode."),
	F(volume_name, "volumeName", STRING, .doc = "Volume name."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
};
DESC(core_scale_io_persistent_volume_source, "ScaleIOPersistentVolumeSource", "Scale io persistent volume source.");
#undef T

#define T struct core_local_volume_source
static const struct msg_field core_local_volume_source_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
};
DESC(core_local_volume_source, "LocalVolumeSource", "Local volume source.");
#undef T

#define T struct core_object_reference
static const struct msg_field core_object_reference_rows[] = {
	F(kind, "kind", STRING, .doc = "Kind."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(name, "name", STRING, .doc = "Name."),
	F(uid, "uid", STRING, .doc = "Uid."),
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(resource_version, "resourceVersion", STRING, .doc = "Resource version."),
	F(field_path, "fieldPath", STRING, .doc = "Field path."),
};
DESC(core_object_reference, "ObjectReference", "Object reference.");
#undef T

#define T struct core_storage_os_persistent_volume_source
static const struct msg_field core_storage_os_persistent_volume_source_rows[] = {
	F(volume_name, "volumeName", STRING, .doc = "Volume name."),
	F(volume_namespace, "volumeNamespace", STRING, .doc = "Volume namespace."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_object_reference_desc, .doc = "Secret ref."),
};
DESC(core_storage_os_persistent_volume_source, "StorageOSPersistentVolumeSource",
     "Storage os persistent volume source.");
#undef T

#define T struct core_csi_persistent_volume_source
static const struct msg_field core_csi_persistent_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Driver."),
	F(volume_handle, "volumeHandle", STRING, .flags = MSG_REQUIRED, .doc = "Volume handle."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(fs_type, "fsType", STRING, .doc = "Fs type."),
	F(volume_attributes, "volumeAttributes", STR_MAP, .doc = "Volume attributes."),
	F(controller_publish_secret_ref, "controllerPublishSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .doc = "Controller publish secret ref."),
	F(node_stage_secret_ref, "nodeStageSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .doc = "Node stage secret ref."),
	F(node_publish_secret_ref, "nodePublishSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .doc = "Node publish secret ref."),
	F(controller_expand_secret_ref, "controllerExpandSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .doc = "Controller expand secret ref."),
	F(node_expand_secret_ref, "nodeExpandSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .doc = "Node expand secret ref."),
};
DESC(core_csi_persistent_volume_source, "CSIPersistentVolumeSource", "Csi persistent volume source.");
#undef T

#define T struct core_node_selector_requirement
static const struct msg_field core_node_selector_requirement_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(operator, "operator", STRING, .enums = &words_in_not_in_exists_does_not_exist_gt_lt, .flags = MSG_REQUIRED,
	  .doc = "Operator."),
	F(values, "values", STRING, .flags = MSG_LIST, .doc = "Values."),
};
DESC(core_node_selector_requirement, "NodeSelectorRequirement", "Node selector requirement.");
#undef T

#define T struct core_node_selector_term
static const struct msg_field core_node_selector_term_rows[] = {
	F(match_expressions, "matchExpressions", MESSAGE, .desc = &core_node_selector_requirement_desc,
	  .flags = MSG_LIST, .doc = "Match expressions."),
	F(match_fields, "matchFields", MESSAGE, .desc = &core_node_selector_requirement_desc, .flags = MSG_LIST,
	  .doc = "Match fields."),
};
DESC(core_node_selector_term, "NodeSelectorTerm", "Node selector term.");
#undef T

#define T struct core_node_selector
static const struct msg_field core_node_selector_rows[] = {
	F(node_selector_terms, "nodeSelectorTerms", MESSAGE, .desc = &core_node_selector_term_desc, .flags = MSG_LIST,
	  .doc = "Node selector terms."),
};
DESC(core_node_selector, "NodeSelector", "Node selector.");
#undef T

#define T struct core_volume_node_affinity
static const struct msg_field core_volume_node_affinity_rows[] = {
	F(required, "required", MESSAGE, .desc = &core_node_selector_desc, .doc = "Required."),
};
DESC(core_volume_node_affinity, "VolumeNodeAffinity", "Volume node affinity.");
#undef T

#define T struct core_persistent_volume_spec
static const struct msg_field core_persistent_volume_spec_rows[] = {
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .doc = "Capacity."),
	F(gce_persistent_disk, "gcePersistentDisk", MESSAGE, .desc = &core_gce_persistent_disk_volume_source_desc,
	  .doc = "Gce persistent disk."),
	F(aws_elastic_block_store, "awsElasticBlockStore", MESSAGE,
	  .desc = &core_aws_elastic_block_store_volume_source_desc, .doc = "Aws elastic block store."),
	F(host_path, "hostPath", MESSAGE, .desc = &core_host_path_volume_source_desc, .doc = "Host path."),
	F(glusterfs, "glusterfs", MESSAGE, .desc = &core_glusterfs_persistent_volume_source_desc, .doc = "Glusterfs."),
	F(nfs, "nfs", MESSAGE, .desc = &core_nfs_volume_source_desc, .doc = "Nfs."),
	F(rbd, "rbd", MESSAGE, .desc = &core_rbd_persistent_volume_source_desc, .doc = "Rbd."),
	F(iscsi, "iscsi", MESSAGE, .desc = &core_iscsi_persistent_volume_source_desc, .doc = "Iscsi."),
	F(cinder, "cinder", MESSAGE, .desc = &core_cinder_persistent_volume_source_desc, .doc = "Cinder."),
	F(cephfs, "cephfs", MESSAGE, .desc = &core_ceph_fs_persistent_volume_source_desc, .doc = "Cephfs."),
	F(fc, "fc", MESSAGE, .desc = &core_fc_volume_source_desc, .doc = "Fc."),
	F(flocker, "flocker", MESSAGE, .desc = &core_flocker_volume_source_desc, .doc = "Flocker."),
	F(flex_volume, "flexVolume", MESSAGE, .desc = &core_flex_persistent_volume_source_desc, .doc = "Flex volume."),
	F(azure_file, "azureFile", MESSAGE, .desc = &core_azure_file_persistent_volume_source_desc,
	  .doc = "Azure file."),
	F(vsphere_volume, "vsphereVolume", MESSAGE, .desc = &core_vsphere_virtual_disk_volume_source_desc,
	  .doc = "Vsphere volume."),
	F(quobyte, "quobyte", MESSAGE, .desc = &core_quobyte_volume_source_desc, .doc = "Quobyte."),
	F(azure_disk, "azureDisk", MESSAGE, .desc = &core_azure_disk_volume_source_desc, .doc = "Azure disk."),
	F(photon_persistent_disk, "photonPersistentDisk", MESSAGE,
	  .desc = &core_photon_persistent_disk_volume_source_desc, .doc = "Photon persistent disk."),
	F(portworx_volume, "portworxVolume", MESSAGE, .desc = &core_portworx_volume_source_desc,
	  .doc = "Portworx volume."),
	F(scale_io, "scaleIO", MESSAGE, .desc = &core_scale_io_persistent_volume_source_desc, .doc = "Scale io."),
	F(local, "local", MESSAGE, .desc = &core_local_volume_source_desc, .doc = "Local."),
	F(storageos, "storageos", MESSAGE, .desc = &core_storage_os_persistent_volume_source_desc, .doc = "Storageos."),
	F(csi, "csi", MESSAGE, .desc = &core_csi_persistent_volume_source_desc, .doc = "Csi."),
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .doc = "Access modes."),
	F(claim_ref, "claimRef", MESSAGE, .desc = &core_object_reference_desc, .doc = "Claim ref."),
	F(persistent_volume_reclaim_policy, "persistentVolumeReclaimPolicy", STRING,
	  .enums = &words_recycle_delete_retain, .doc = "Persistent volume reclaim policy."),
	F(storage_class_name, "storageClassName", STRING, .doc = "Storage class name."),
	F(mount_options, "mountOptions", STRING, .flags = MSG_LIST, .doc = "Mount options."),
	F(volume_mode, "volumeMode", STRING, .enums = &words_block_filesystem, .doc = "Volume mode."),
	F(node_affinity, "nodeAffinity", MESSAGE, .desc = &core_volume_node_affinity_desc, .doc = "Node affinity."),
	F(volume_attributes_class_name, "volumeAttributesClassName", STRING, .doc = "Volume attributes class name."),
};
DESC(core_persistent_volume_spec, "PersistentVolumeSpec", "Persistent volume spec.");
#undef T

#define T struct core_persistent_volume_status
static const struct msg_field core_persistent_volume_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_available_bound_released_faile, .doc = "Phase."),
	F(message, "message", STRING, .doc = "Message."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(last_phase_transition_time, "lastPhaseTransitionTime", STRING, .format = "date-time",
	  .doc = "Last phase transition time."),
};
DESC(core_persistent_volume_status, "PersistentVolumeStatus", "Persistent volume status.");
#undef T

#define T struct core_persistent_volume
static const struct msg_field core_persistent_volume_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &core_persistent_volume_status_desc, .doc = "Status."),
};
DESC(core_persistent_volume, "PersistentVolume", "Persistent volume.");
#undef T

#define T struct core_persistent_volume_claim_condition
static const struct msg_field core_persistent_volume_claim_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .doc = "Last probe time."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(core_persistent_volume_claim_condition, "PersistentVolumeClaimCondition", "Persistent volume claim condition.");
#undef T

#define T struct core_modify_volume_status
static const struct msg_field core_modify_volume_status_rows[] = {
	F(target_volume_attributes_class_name, "targetVolumeAttributesClassName", STRING,
	  .doc = "Target volume attributes class name."),
	F(status, "status", STRING, .enums = &words_pending_in_progress_infeasible, .doc = "Status."),
};
DESC(core_modify_volume_status, "ModifyVolumeStatus", "Modify volume status.");
#undef T

#define T struct core_persistent_volume_claim_status
static const struct msg_field core_persistent_volume_claim_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_bound_lost, .doc = "Phase."),
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .doc = "Access modes."),
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .doc = "Capacity."),
	F(conditions, "conditions", MESSAGE, .desc = &core_persistent_volume_claim_condition_desc, .flags = MSG_LIST,
	  .merge_key = "type", .doc = "Conditions."),
	F(allocated_resources, "allocatedResources", STR_MAP, .elem = MSG_QUANTITY, .doc = "Allocated resources."),
	F(allocated_resource_statuses, "allocatedResourceStatuses", STR_MAP, .doc = "Allocated resource statuses."),
	F(current_volume_attributes_class_name, "currentVolumeAttributesClassName", STRING,
	  .doc = "Current volume attributes class name."),
	F(modify_volume_status, "modifyVolumeStatus", MESSAGE, .desc = &core_modify_volume_status_desc,
	  .doc = "Modify volume status."),
};
DESC(core_persistent_volume_claim_status, "PersistentVolumeClaimStatus", "Persistent volume claim status.");
#undef T

#define T struct core_persistent_volume_claim
static const struct msg_field core_persistent_volume_claim_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_claim_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &core_persistent_volume_claim_status_desc, .doc = "Status."),
};
DESC(core_persistent_volume_claim, "PersistentVolumeClaim", "Persistent volume claim.");
#undef T
