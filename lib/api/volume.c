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
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
	F(type, "type", STRING, .enums = &words_empty_directory_or_create_directory_fi, .dflt = "\"\"",
	  .doc = "Type; one of the allowed words."),
};
DESC(core_host_path_volume_source, "HostPathVolumeSource", "Where a volume of type host path comes from.");
#undef T

#define T struct core_empty_dir_volume_source
static const struct msg_field core_empty_dir_volume_source_rows[] = {
	F(medium, "medium", STRING, .doc = "Memory for a tmpfs; empty for the node's disk."),
	F(size_limit, "sizeLimit", QUANTITY, .doc = "Most that may be stored."),
};
DESC(core_empty_dir_volume_source, "EmptyDirVolumeSource", "Where a volume of type empty dir comes from.");
#undef T

#define T struct core_gce_persistent_disk_volume_source
static const struct msg_field core_gce_persistent_disk_volume_source_rows[] = {
	F(pd_name, "pdName", STRING, .flags = MSG_REQUIRED, .doc = "Name of the disk."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(partition, "partition", INT32, .doc = "Partition number, or where a rolling update stops."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_gce_persistent_disk_volume_source, "GCEPersistentDiskVolumeSource",
     "Where a volume of type gce persistent disk comes from.");
#undef T

#define T struct core_aws_elastic_block_store_volume_source
static const struct msg_field core_aws_elastic_block_store_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(partition, "partition", INT32, .doc = "Partition number, or where a rolling update stops."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_aws_elastic_block_store_volume_source, "AWSElasticBlockStoreVolumeSource",
     "Where a volume of type aws elastic block store comes from.");
#undef T

#define T struct core_git_repo_volume_source
static const struct msg_field core_git_repo_volume_source_rows[] = {
	F(repository, "repository", STRING, .flags = MSG_REQUIRED, .doc = "URL of the repository."),
	F(revision, "revision", STRING, .doc = "Revision."),
	F(directory, "directory", STRING, .doc = "Directory of the checkout."),
};
DESC(core_git_repo_volume_source, "GitRepoVolumeSource", "Where a volume of type git repo comes from.");
#undef T

#define T struct core_key_to_path
static const struct msg_field core_key_to_path_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
	F(mode, "mode", INT32, .flags = MSG_OPTIONAL, .min = 0, .max = 511, .doc = "Mode; one of the allowed words."),
};
DESC(core_key_to_path, "KeyToPath", "Key to path.");
#undef T

#define T struct core_secret_volume_source
static const struct msg_field core_secret_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .doc = "Name of the Secret."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST,
	  .doc = "Which keys to take, and the file names to give them."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511,
	  .doc = "Permissions of files that do not set their own."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_secret_volume_source, "SecretVolumeSource", "Where a volume of type secret comes from.");
#undef T

#define T struct core_nfs_volume_source
static const struct msg_field core_nfs_volume_source_rows[] = {
	F(server, "server", STRING, .flags = MSG_REQUIRED, .doc = "Server to talk to."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_nfs_volume_source, "NFSVolumeSource", "Where a volume of type NFS comes from.");
#undef T

#define T struct core_local_object_reference
static const struct msg_field core_local_object_reference_rows[] = {
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
};
DESC(core_local_object_reference, "LocalObjectReference", "Reference: local object.");
#undef T

#define T struct core_iscsi_volume_source
static const struct msg_field core_iscsi_volume_source_rows[] = {
	F(target_portal, "targetPortal", STRING, .flags = MSG_REQUIRED, .doc = "iSCSI portal, address and port."),
	F(iqn, "iqn", STRING, .flags = MSG_REQUIRED, .doc = "Qualified name of the iSCSI target."),
	F(lun, "lun", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Number of the logical unit."),
	F(iscsi_interface, "iscsiInterface", STRING, .dflt = "\"default\"", .doc = "iSCSI interface."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(portals, "portals", STRING, .flags = MSG_LIST, .doc = "Further iSCSI portals."),
	F(chap_auth_discovery, "chapAuthDiscovery", BOOL, .doc = "Uses CHAP when discovering."),
	F(chap_auth_session, "chapAuthSession", BOOL, .doc = "Uses CHAP in sessions."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(initiator_name, "initiatorName", STRING, .doc = "Name of the iSCSI initiator."),
};
DESC(core_iscsi_volume_source, "ISCSIVolumeSource", "Where a volume of type iscsi comes from.");
#undef T

#define T struct core_glusterfs_volume_source
static const struct msg_field core_glusterfs_volume_source_rows[] = {
	F(endpoints, "endpoints", STRING, .flags = MSG_REQUIRED, .doc = "Endpoints."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_glusterfs_volume_source, "GlusterfsVolumeSource", "Where a volume of type glusterfs comes from.");
#undef T

#define T struct core_persistent_volume_claim_volume_source
static const struct msg_field core_persistent_volume_claim_volume_source_rows[] = {
	F(claim_name, "claimName", STRING, .flags = MSG_REQUIRED, .doc = "Name of the claim in the pod's namespace."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_persistent_volume_claim_volume_source, "PersistentVolumeClaimVolumeSource",
     "Where a volume of type persistent volume claim comes from.");
#undef T

#define T struct core_rbd_volume_source
static const struct msg_field core_rbd_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Ceph monitors."),
	F(image, "image", STRING, .flags = MSG_REQUIRED, .doc = "Container image."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(pool, "pool", STRING, .dflt = "\"rbd\"", .doc = "Storage pool."),
	F(user, "user", STRING, .dflt = "\"admin\"", .doc = "User."),
	F(keyring, "keyring", STRING, .dflt = "\"/etc/ceph/keyring\"", .doc = "File with the Ceph key ring."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_rbd_volume_source, "RBDVolumeSource", "Where a volume of type rbd comes from.");
#undef T

#define T struct core_flex_volume_source
static const struct msg_field core_flex_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Name of the driver."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(options, "options", STR_MAP, .doc = "Driver or resolver options."),
};
DESC(core_flex_volume_source, "FlexVolumeSource", "Where a volume of type flex comes from.");
#undef T

#define T struct core_cinder_volume_source
static const struct msg_field core_cinder_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_cinder_volume_source, "CinderVolumeSource", "Where a volume of type cinder comes from.");
#undef T

#define T struct core_ceph_fs_volume_source
static const struct msg_field core_ceph_fs_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Ceph monitors."),
	F(path, "path", STRING, .doc = "Path; absolute where it names a file."),
	F(user, "user", STRING, .doc = "User."),
	F(secret_file, "secretFile", STRING, .doc = "File with the secret."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_ceph_fs_volume_source, "CephFSVolumeSource", "Where a volume of type ceph fs comes from.");
#undef T

#define T struct core_flocker_volume_source
static const struct msg_field core_flocker_volume_source_rows[] = {
	F(dataset_name, "datasetName", STRING, .doc = "Name of the dataset."),
	F(dataset_uuid, "datasetUUID", STRING, .doc = "Identifier of the dataset."),
};
DESC(core_flocker_volume_source, "FlockerVolumeSource", "Where a volume of type flocker comes from.");
#undef T

#define T struct core_object_field_selector
static const struct msg_field core_object_field_selector_rows[] = {
	F(api_version, "apiVersion", STRING, .dflt = "\"v1\"",
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(field_path, "fieldPath", STRING, .flags = MSG_REQUIRED, .doc = "Path of the field, such as metadata.name."),
};
DESC(core_object_field_selector, "ObjectFieldSelector", "Selector: object field.");
#undef T

#define T struct core_resource_field_selector
static const struct msg_field core_resource_field_selector_rows[] = {
	F(container_name, "containerName", STRING, .doc = "Name of the container."),
	F(resource, "resource", STRING, .flags = MSG_REQUIRED, .doc = "Resource."),
	F(divisor, "divisor", QUANTITY, .doc = "Unit of the value."),
};
DESC(core_resource_field_selector, "ResourceFieldSelector", "Selector: resource field.");
#undef T

#define T struct core_downward_api_volume_file
static const struct msg_field core_downward_api_volume_file_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
	F(field_ref, "fieldRef", MESSAGE, .desc = &core_object_field_selector_desc, .flags = MSG_ATOMIC,
	  .doc = "Field of the pod."),
	F(resource_field_ref, "resourceFieldRef", MESSAGE, .desc = &core_resource_field_selector_desc,
	  .flags = MSG_ATOMIC, .doc = "Resource of a container."),
	F(mode, "mode", INT32, .flags = MSG_OPTIONAL, .doc = "Mode; one of the allowed words."),
};
DESC(core_downward_api_volume_file, "DownwardAPIVolumeFile", "Downward API volume file.");
#undef T

#define T struct core_downward_api_volume_source
static const struct msg_field core_downward_api_volume_source_rows[] = {
	F(items, "items", MESSAGE, .desc = &core_downward_api_volume_file_desc, .flags = MSG_LIST,
	  .doc = "Which keys to take, and the file names to give them."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511,
	  .doc = "Permissions of files that do not set their own."),
};
DESC(core_downward_api_volume_source, "DownwardAPIVolumeSource", "Where a volume of type downward API comes from.");
#undef T

#define T struct core_fc_volume_source
static const struct msg_field core_fc_volume_source_rows[] = {
	F(target_wwns, "targetWWNs", STRING, .flags = MSG_LIST, .doc = "World wide names of the targets."),
	F(lun, "lun", INT32, .flags = MSG_OPTIONAL, .doc = "Number of the logical unit."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(wwids, "wwids", STRING, .flags = MSG_LIST, .doc = "World wide identifiers of the volumes."),
};
DESC(core_fc_volume_source, "FCVolumeSource", "Where a volume of type FC comes from.");
#undef T

#define T struct core_azure_file_volume_source
static const struct msg_field core_azure_file_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .flags = MSG_REQUIRED, .doc = "Name of the Secret."),
	F(share_name, "shareName", STRING, .flags = MSG_REQUIRED, .doc = "Name of the file share."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_azure_file_volume_source, "AzureFileVolumeSource", "Where a volume of type azure file comes from.");
#undef T

#define T struct core_config_map_volume_source
static const struct msg_field core_config_map_volume_source_rows[] = {
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST,
	  .doc = "Which keys to take, and the file names to give them."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511,
	  .doc = "Permissions of files that do not set their own."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_config_map_volume_source, "ConfigMapVolumeSource", "Where a volume of type config map comes from.");
#undef T

#define T struct core_vsphere_virtual_disk_volume_source
static const struct msg_field core_vsphere_virtual_disk_volume_source_rows[] = {
	F(volume_path, "volumePath", STRING, .flags = MSG_REQUIRED, .doc = "Path of the disk."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(storage_policy_name, "storagePolicyName", STRING, .doc = "Name of the storage policy."),
	F(storage_policy_id, "storagePolicyID", STRING, .doc = "Identifier of the storage policy."),
};
DESC(core_vsphere_virtual_disk_volume_source, "VsphereVirtualDiskVolumeSource",
     "Where a volume of type vsphere virtual disk comes from.");
#undef T

#define T struct core_quobyte_volume_source
static const struct msg_field core_quobyte_volume_source_rows[] = {
	F(registry, "registry", STRING, .flags = MSG_REQUIRED, .doc = "Registry."),
	F(volume, "volume", STRING, .flags = MSG_REQUIRED, .doc = "Volume."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(user, "user", STRING, .doc = "User."),
	F(group, "group", STRING, .doc = "API group; empty for the core group."),
	F(tenant, "tenant", STRING, .doc = "Owner of the volume."),
};
DESC(core_quobyte_volume_source, "QuobyteVolumeSource", "Where a volume of type quobyte comes from.");
#undef T

#define T struct core_azure_disk_volume_source
static const struct msg_field core_azure_disk_volume_source_rows[] = {
	F(disk_name, "diskName", STRING, .flags = MSG_REQUIRED, .doc = "Name of the disk."),
	F(disk_uri, "diskURI", STRING, .flags = MSG_REQUIRED, .doc = "URI of the disk."),
	F(caching_mode, "cachingMode", STRING, .enums = &words_none_read_only_read_write,
	  .doc = "Caching of the host."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .flags = MSG_OPTIONAL, .doc = "Mounts without the right to write."),
	F(kind, "kind", STRING, .enums = &words_shared_dedicated_managed, .doc = "Kind of the object."),
};
DESC(core_azure_disk_volume_source, "AzureDiskVolumeSource", "Where a volume of type azure disk comes from.");
#undef T

#define T struct core_photon_persistent_disk_volume_source
static const struct msg_field core_photon_persistent_disk_volume_source_rows[] = {
	F(pd_id, "pdID", STRING, .flags = MSG_REQUIRED, .doc = "Identifier of the disk."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
};
DESC(core_photon_persistent_disk_volume_source, "PhotonPersistentDiskVolumeSource",
     "Where a volume of type photon persistent disk comes from.");
#undef T

#define T struct core_secret_projection
static const struct msg_field core_secret_projection_rows[] = {
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST,
	  .doc = "Which keys to take, and the file names to give them."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_secret_projection, "SecretProjection", "Secret projection.");
#undef T

#define T struct core_downward_api_projection
static const struct msg_field core_downward_api_projection_rows[] = {
	F(items, "items", MESSAGE, .desc = &core_downward_api_volume_file_desc, .flags = MSG_LIST,
	  .doc = "Which keys to take, and the file names to give them."),
};
DESC(core_downward_api_projection, "DownwardAPIProjection", "Downward API projection.");
#undef T

#define T struct core_config_map_projection
static const struct msg_field core_config_map_projection_rows[] = {
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST,
	  .doc = "Which keys to take, and the file names to give them."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_config_map_projection, "ConfigMapProjection", "Config map projection.");
#undef T

#define T struct core_service_account_token_projection
static const struct msg_field core_service_account_token_projection_rows[] = {
	F(audience, "audience", STRING, .doc = "Audience of the token."),
	F(expiration_seconds, "expirationSeconds", INT64, .flags = MSG_OPTIONAL, .dflt = "3600",
	  .doc = "Life time of the token, seconds."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
};
DESC(core_service_account_token_projection, "ServiceAccountTokenProjection", "Service account token projection.");
#undef T

#define T struct core_cluster_trust_bundle_projection
static const struct msg_field core_cluster_trust_bundle_projection_rows[] = {
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
	F(signer_name, "signerName", STRING, .doc = "Signer whose bundles are taken."),
	F(label_selector, "labelSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .doc = "Selects by labels."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Tolerates that the source or its key is missing."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
};
DESC(core_cluster_trust_bundle_projection, "ClusterTrustBundleProjection", "Cluster trust bundle projection.");
#undef T

#define T struct core_volume_projection
static const struct msg_field core_volume_projection_rows[] = {
	F(secret, "secret", MESSAGE, .desc = &core_secret_projection_desc, .doc = "Secret."),
	F(downward_api, "downwardAPI", MESSAGE, .desc = &core_downward_api_projection_desc,
	  .doc = "Fields of the pod as files."),
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_projection_desc,
	  .doc = "ConfigMap whose keys become files."),
	F(service_account_token, "serviceAccountToken", MESSAGE, .desc = &core_service_account_token_projection_desc,
	  .doc = "A token of the service account."),
	F(cluster_trust_bundle, "clusterTrustBundle", MESSAGE, .desc = &core_cluster_trust_bundle_projection_desc,
	  .doc = "Certificates of trust bundles."),
};
DESC(core_volume_projection, "VolumeProjection", "Volume projection.");
#undef T

#define T struct core_projected_volume_source
static const struct msg_field core_projected_volume_source_rows[] = {
	F(sources, "sources", MESSAGE, .desc = &core_volume_projection_desc, .flags = MSG_LIST,
	  .doc = "What is put together."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511,
	  .doc = "Permissions of files that do not set their own."),
};
DESC(core_projected_volume_source, "ProjectedVolumeSource", "Where a volume of type projected comes from.");
#undef T

#define T struct core_portworx_volume_source
static const struct msg_field core_portworx_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_portworx_volume_source, "PortworxVolumeSource", "Where a volume of type portworx comes from.");
#undef T

#define T struct core_scale_io_volume_source
static const struct msg_field core_scale_io_volume_source_rows[] = {
	F(gateway, "gateway", STRING, .flags = MSG_REQUIRED, .doc = "Gateway."),
	F(system, "system", STRING, .flags = MSG_REQUIRED, .doc = "Identifier of the storage system."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_ATOMIC | MSG_REQUIRED, .doc = "Secret that holds the credentials."),
	F(ssl_enabled, "sslEnabled", BOOL, .doc = "Speaks TLS to the gateway."),
	F(protection_domain, "protectionDomain", STRING, .doc = "Protection domain."),
	F(storage_pool, "storagePool", STRING, .doc = "Storage pool of the domain."),
	F(storage_mode, "storageMode", STRING, .doc = "Thick or thin provisioning."),
	F(volume_name, "volumeName", STRING, .doc = "Name of the volume."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_scale_io_volume_source, "ScaleIOVolumeSource", "Where a volume of type scale IO comes from.");
#undef T

#define T struct core_storage_os_volume_source
static const struct msg_field core_storage_os_volume_source_rows[] = {
	F(volume_name, "volumeName", STRING, .doc = "Name of the volume."),
	F(volume_namespace, "volumeNamespace", STRING, .doc = "Namespace of the volume at its provider."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_storage_os_volume_source, "StorageOSVolumeSource", "Where a volume of type storage OS comes from.");
#undef T

#define T struct core_csi_volume_source
static const struct msg_field core_csi_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Name of the driver."),
	F(read_only, "readOnly", BOOL, .flags = MSG_OPTIONAL, .doc = "Mounts without the right to write."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(volume_attributes, "volumeAttributes", STR_MAP, .doc = "Attributes that are passed to the driver."),
	F(node_publish_secret_ref, "nodePublishSecretRef", MESSAGE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_ATOMIC, .doc = "Secret for publishing the volume on a node."),
};
DESC(core_csi_volume_source, "CSIVolumeSource", "Where a volume of type CSI comes from.");
#undef T

#define T struct core_volume_resource_requirements
static const struct msg_field core_volume_resource_requirements_rows[] = {
	F(limits, "limits", STR_MAP, .elem = MSG_QUANTITY, .doc = "Most that may be used, by resource."),
	F(requests, "requests", STR_MAP, .elem = MSG_QUANTITY, .doc = "Least that is reserved, by resource."),
};
DESC(core_volume_resource_requirements, "VolumeResourceRequirements", "Volume resource requirements.");
#undef T

#define T struct core_typed_local_object_reference
static const struct msg_field core_typed_local_object_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .doc = "API group of the object referred to."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name, unique among its siblings."),
};
DESC(core_typed_local_object_reference, "TypedLocalObjectReference", "Reference: typed local object.");
#undef T

#define T struct core_typed_object_reference
static const struct msg_field core_typed_object_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .doc = "API group of the object referred to."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name, unique among its siblings."),
	F(namespace, "namespace", STRING, .doc = "Namespace of the object."),
};
DESC(core_typed_object_reference, "TypedObjectReference", "Reference: typed object.");
#undef T

#define T struct core_persistent_volume_claim_spec
static const struct msg_field core_persistent_volume_claim_spec_rows[] = {
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .doc = "How the volume may be mounted."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .doc = "Selects by labels."),
	F(resources, "resources", MESSAGE, .desc = &core_volume_resource_requirements_desc,
	  .doc = "Compute resources."),
	F(volume_name, "volumeName", STRING, .doc = "Name of the volume."),
	F(storage_class_name, "storageClassName", STRING, .doc = "Storage class; empty for none."),
	F(volume_mode, "volumeMode", STRING, .enums = &words_block_filesystem, .dflt = "\"Filesystem\"",
	  .doc = "Filesystem or Block."),
	F(data_source, "dataSource", MESSAGE, .desc = &core_typed_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "What the volume is filled with."),
	F(data_source_ref, "dataSourceRef", MESSAGE, .desc = &core_typed_object_reference_desc,
	  .doc = "What the volume is filled with, of any kind."),
	F(volume_attributes_class_name, "volumeAttributesClassName", STRING,
	  .doc = "Class of attributes of the volume."),
};
DESC(core_persistent_volume_claim_spec, "PersistentVolumeClaimSpec", "What is wanted of a persistent volume claim.");
#undef T

#define T struct core_persistent_volume_claim_template
static const struct msg_field core_persistent_volume_claim_template_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_claim_spec_desc, .doc = "What is wanted."),
};
DESC(core_persistent_volume_claim_template, "PersistentVolumeClaimTemplate", "Template: persistent volume claim.");
#undef T

#define T struct core_ephemeral_volume_source
static const struct msg_field core_ephemeral_volume_source_rows[] = {
	F(volume_claim_template, "volumeClaimTemplate", MESSAGE, .desc = &core_persistent_volume_claim_template_desc,
	  .doc = "The claim that is made for the pod."),
};
DESC(core_ephemeral_volume_source, "EphemeralVolumeSource", "Where a volume of type ephemeral comes from.");
#undef T

#define T struct core_volume
static const struct msg_field core_volume_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name, unique among its siblings."),
	F(host_path, "hostPath", MESSAGE, .desc = &core_host_path_volume_source_desc,
	  .doc = "Directory or file of the node."),
	F(empty_dir, "emptyDir", MESSAGE, .desc = &core_empty_dir_volume_source_desc,
	  .doc = "A directory that lives as long as the pod."),
	F(gce_persistent_disk, "gcePersistentDisk", MESSAGE, .desc = &core_gce_persistent_disk_volume_source_desc,
	  .doc = "Disk of Google Compute Engine."),
	F(aws_elastic_block_store, "awsElasticBlockStore", MESSAGE,
	  .desc = &core_aws_elastic_block_store_volume_source_desc, .doc = "Volume of AWS Elastic Block Store."),
	F(git_repo, "gitRepo", MESSAGE, .desc = &core_git_repo_volume_source_desc,
	  .doc = "Deprecated: a checkout of a repository."),
	F(secret, "secret", MESSAGE, .desc = &core_secret_volume_source_desc, .doc = "Secret."),
	F(nfs, "nfs", MESSAGE, .desc = &core_nfs_volume_source_desc, .doc = "Export of an NFS server."),
	F(iscsi, "iscsi", MESSAGE, .desc = &core_iscsi_volume_source_desc, .doc = "iSCSI logical unit."),
	F(glusterfs, "glusterfs", MESSAGE, .desc = &core_glusterfs_volume_source_desc, .doc = "Glusterfs volume."),
	F(persistent_volume_claim, "persistentVolumeClaim", MESSAGE,
	  .desc = &core_persistent_volume_claim_volume_source_desc, .doc = "A claim of the namespace."),
	F(rbd, "rbd", MESSAGE, .desc = &core_rbd_volume_source_desc, .doc = "Ceph block device."),
	F(flex_volume, "flexVolume", MESSAGE, .desc = &core_flex_volume_source_desc,
	  .doc = "Volume of a FlexVolume driver."),
	F(cinder, "cinder", MESSAGE, .desc = &core_cinder_volume_source_desc, .doc = "OpenStack Cinder volume."),
	F(cephfs, "cephfs", MESSAGE, .desc = &core_ceph_fs_volume_source_desc, .doc = "Ceph file system."),
	F(flocker, "flocker", MESSAGE, .desc = &core_flocker_volume_source_desc, .doc = "Flocker dataset."),
	F(downward_api, "downwardAPI", MESSAGE, .desc = &core_downward_api_volume_source_desc,
	  .doc = "Fields of the pod as files."),
	F(fc, "fc", MESSAGE, .desc = &core_fc_volume_source_desc, .doc = "Fibre Channel volume."),
	F(azure_file, "azureFile", MESSAGE, .desc = &core_azure_file_volume_source_desc, .doc = "Azure file share."),
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_volume_source_desc,
	  .doc = "ConfigMap whose keys become files."),
	F(vsphere_volume, "vsphereVolume", MESSAGE, .desc = &core_vsphere_virtual_disk_volume_source_desc,
	  .doc = "vSphere disk."),
	F(quobyte, "quobyte", MESSAGE, .desc = &core_quobyte_volume_source_desc, .doc = "Quobyte volume."),
	F(azure_disk, "azureDisk", MESSAGE, .desc = &core_azure_disk_volume_source_desc, .doc = "Azure data disk."),
	F(photon_persistent_disk, "photonPersistentDisk", MESSAGE,
	  .desc = &core_photon_persistent_disk_volume_source_desc, .doc = "Photon Controller disk."),
	F(projected, "projected", MESSAGE, .desc = &core_projected_volume_source_desc,
	  .doc = "Several sources in one directory."),
	F(portworx_volume, "portworxVolume", MESSAGE, .desc = &core_portworx_volume_source_desc,
	  .doc = "Portworx volume."),
	F(scale_io, "scaleIO", MESSAGE, .desc = &core_scale_io_volume_source_desc, .doc = "ScaleIO volume."),
	F(storageos, "storageos", MESSAGE, .desc = &core_storage_os_volume_source_desc, .doc = "StorageOS volume."),
	F(csi, "csi", MESSAGE, .desc = &core_csi_volume_source_desc, .doc = "Volume of a CSI driver."),
	F(ephemeral, "ephemeral", MESSAGE, .desc = &core_ephemeral_volume_source_desc,
	  .doc = "A claim that lives as long as the pod."),
};
DESC(core_volume, "Volume", "Volume.");
#undef T

#define T struct core_glusterfs_persistent_volume_source
static const struct msg_field core_glusterfs_persistent_volume_source_rows[] = {
	F(endpoints, "endpoints", STRING, .flags = MSG_REQUIRED, .doc = "Endpoints."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(endpoints_namespace, "endpointsNamespace", STRING, .doc = "Namespace of the endpoints."),
};
DESC(core_glusterfs_persistent_volume_source, "GlusterfsPersistentVolumeSource",
     "Where a persistent volume comes from: glusterfs.");
#undef T

#define T struct core_secret_reference
static const struct msg_field core_secret_reference_rows[] = {
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
	F(namespace, "namespace", STRING, .doc = "Namespace of the object."),
};
DESC(core_secret_reference, "SecretReference", "Reference: secret.");
#undef T

#define T struct core_rbd_persistent_volume_source
static const struct msg_field core_rbd_persistent_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Ceph monitors."),
	F(image, "image", STRING, .flags = MSG_REQUIRED, .doc = "Container image."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(pool, "pool", STRING, .doc = "Storage pool."),
	F(user, "user", STRING, .doc = "User."),
	F(keyring, "keyring", STRING, .doc = "File with the Ceph key ring."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_rbd_persistent_volume_source, "RBDPersistentVolumeSource", "Where a persistent volume comes from: rbd.");
#undef T

#define T struct core_iscsi_persistent_volume_source
static const struct msg_field core_iscsi_persistent_volume_source_rows[] = {
	F(target_portal, "targetPortal", STRING, .flags = MSG_REQUIRED, .doc = "iSCSI portal, address and port."),
	F(iqn, "iqn", STRING, .flags = MSG_REQUIRED, .doc = "Qualified name of the iSCSI target."),
	F(lun, "lun", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Number of the logical unit."),
	F(iscsi_interface, "iscsiInterface", STRING, .doc = "iSCSI interface."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(portals, "portals", STRING, .flags = MSG_LIST, .doc = "Further iSCSI portals."),
	F(chap_auth_discovery, "chapAuthDiscovery", BOOL, .doc = "Uses CHAP when discovering."),
	F(chap_auth_session, "chapAuthSession", BOOL, .doc = "Uses CHAP in sessions."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(initiator_name, "initiatorName", STRING, .doc = "Name of the iSCSI initiator."),
};
DESC(core_iscsi_persistent_volume_source, "ISCSIPersistentVolumeSource",
     "Where a persistent volume comes from: iscsi.");
#undef T

#define T struct core_cinder_persistent_volume_source
static const struct msg_field core_cinder_persistent_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_cinder_persistent_volume_source, "CinderPersistentVolumeSource",
     "Where a persistent volume comes from: cinder.");
#undef T

#define T struct core_ceph_fs_persistent_volume_source
static const struct msg_field core_ceph_fs_persistent_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .doc = "Ceph monitors."),
	F(path, "path", STRING, .doc = "Path; absolute where it names a file."),
	F(user, "user", STRING, .doc = "User."),
	F(secret_file, "secretFile", STRING, .doc = "File with the secret."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_ceph_fs_persistent_volume_source, "CephFSPersistentVolumeSource",
     "Where a persistent volume comes from: ceph fs.");
#undef T

#define T struct core_flex_persistent_volume_source
static const struct msg_field core_flex_persistent_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Name of the driver."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(options, "options", STR_MAP, .doc = "Driver or resolver options."),
};
DESC(core_flex_persistent_volume_source, "FlexPersistentVolumeSource", "Where a persistent volume comes from: flex.");
#undef T

#define T struct core_azure_file_persistent_volume_source
static const struct msg_field core_azure_file_persistent_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .flags = MSG_REQUIRED, .doc = "Name of the Secret."),
	F(share_name, "shareName", STRING, .flags = MSG_REQUIRED, .doc = "Name of the file share."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(secret_namespace, "secretNamespace", STRING, .doc = "Namespace of the Secret."),
};
DESC(core_azure_file_persistent_volume_source, "AzureFilePersistentVolumeSource",
     "Where a persistent volume comes from: azure file.");
#undef T

#define T struct core_scale_io_persistent_volume_source
static const struct msg_field core_scale_io_persistent_volume_source_rows[] = {
	F(gateway, "gateway", STRING, .flags = MSG_REQUIRED, .doc = "Gateway."),
	F(system, "system", STRING, .flags = MSG_REQUIRED, .doc = "Identifier of the storage system."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC | MSG_REQUIRED,
	  .doc = "Secret that holds the credentials."),
	F(ssl_enabled, "sslEnabled", BOOL, .doc = "Speaks TLS to the gateway."),
	F(protection_domain, "protectionDomain", STRING, .doc = "Protection domain."),
	F(storage_pool, "storagePool", STRING, .doc = "Storage pool of the domain."),
	F(storage_mode, "storageMode", STRING, .doc = "Thick or thin provisioning."),
	F(volume_name, "volumeName", STRING, .doc = "Name of the volume."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
};
DESC(core_scale_io_persistent_volume_source, "ScaleIOPersistentVolumeSource",
     "Where a persistent volume comes from: scale IO.");
#undef T

#define T struct core_local_volume_source
static const struct msg_field core_local_volume_source_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .doc = "Path; absolute where it names a file."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
};
DESC(core_local_volume_source, "LocalVolumeSource", "Where a volume of type local comes from.");
#undef T

#define T struct core_object_reference
static const struct msg_field core_object_reference_rows[] = {
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(namespace, "namespace", STRING, .doc = "Namespace of the object."),
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
	F(uid, "uid", STRING, .doc = "Unique identifier that is never used again."),
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(resource_version, "resourceVersion", STRING, .doc = "Opaque version of the stored object."),
	F(field_path, "fieldPath", STRING, .doc = "Path of the field, such as metadata.name."),
};
DESC(core_object_reference, "ObjectReference", "Reference: object.");
#undef T

#define T struct core_storage_os_persistent_volume_source
static const struct msg_field core_storage_os_persistent_volume_source_rows[] = {
	F(volume_name, "volumeName", STRING, .doc = "Name of the volume."),
	F(volume_namespace, "volumeNamespace", STRING, .doc = "Namespace of the volume at its provider."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_storage_os_persistent_volume_source, "StorageOSPersistentVolumeSource",
     "Where a persistent volume comes from: storage OS.");
#undef T

#define T struct core_csi_persistent_volume_source
static const struct msg_field core_csi_persistent_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .doc = "Name of the driver."),
	F(volume_handle, "volumeHandle", STRING, .flags = MSG_REQUIRED,
	  .doc = "Identifier of the volume at the driver."),
	F(read_only, "readOnly", BOOL, .doc = "Mounts without the right to write."),
	F(fs_type, "fsType", STRING, .doc = "File system of the volume, such as ext4."),
	F(volume_attributes, "volumeAttributes", STR_MAP, .doc = "Attributes that are passed to the driver."),
	F(controller_publish_secret_ref, "controllerPublishSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .doc = "Secret for attaching the volume."),
	F(node_stage_secret_ref, "nodeStageSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .doc = "Secret for staging the volume on a node."),
	F(node_publish_secret_ref, "nodePublishSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .doc = "Secret for publishing the volume on a node."),
	F(controller_expand_secret_ref, "controllerExpandSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .doc = "Secret for growing the volume."),
	F(node_expand_secret_ref, "nodeExpandSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .doc = "Secret for growing the volume on a node."),
};
DESC(core_csi_persistent_volume_source, "CSIPersistentVolumeSource", "Where a persistent volume comes from: CSI.");
#undef T

#define T struct core_node_selector_requirement
static const struct msg_field core_node_selector_requirement_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(operator, "operator", STRING, .enums = &words_in_not_in_exists_does_not_exist_gt_lt, .flags = MSG_REQUIRED,
	  .doc = "Relation between the key and the values."),
	F(values, "values", STRING, .flags = MSG_LIST, .doc = "Values to compare with."),
};
DESC(core_node_selector_requirement, "NodeSelectorRequirement", "Node selector requirement.");
#undef T

#define T struct core_node_selector_term
static const struct msg_field core_node_selector_term_rows[] = {
	F(match_expressions, "matchExpressions", MESSAGE, .desc = &core_node_selector_requirement_desc,
	  .flags = MSG_LIST, .doc = "Conditions on labels, all of which must hold."),
	F(match_fields, "matchFields", MESSAGE, .desc = &core_node_selector_requirement_desc, .flags = MSG_LIST,
	  .doc = "Conditions on fields of the node."),
};
DESC(core_node_selector_term, "NodeSelectorTerm", "Node selector term.");
#undef T

#define T struct core_node_selector
static const struct msg_field core_node_selector_rows[] = {
	F(node_selector_terms, "nodeSelectorTerms", MESSAGE, .desc = &core_node_selector_term_desc, .flags = MSG_LIST,
	  .doc = "Terms, any of which must hold."),
};
DESC(core_node_selector, "NodeSelector", "Selector: node.");
#undef T

#define T struct core_volume_node_affinity
static const struct msg_field core_volume_node_affinity_rows[] = {
	F(required, "required", MESSAGE, .desc = &core_node_selector_desc, .flags = MSG_ATOMIC, .doc = "Must hold."),
};
DESC(core_volume_node_affinity, "VolumeNodeAffinity", "Volume node affinity.");
#undef T

#define T struct core_persistent_volume_spec
static const struct msg_field core_persistent_volume_spec_rows[] = {
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .doc = "Size, by resource."),
	F(gce_persistent_disk, "gcePersistentDisk", MESSAGE, .desc = &core_gce_persistent_disk_volume_source_desc,
	  .doc = "Disk of Google Compute Engine."),
	F(aws_elastic_block_store, "awsElasticBlockStore", MESSAGE,
	  .desc = &core_aws_elastic_block_store_volume_source_desc, .doc = "Volume of AWS Elastic Block Store."),
	F(host_path, "hostPath", MESSAGE, .desc = &core_host_path_volume_source_desc,
	  .doc = "Directory or file of the node."),
	F(glusterfs, "glusterfs", MESSAGE, .desc = &core_glusterfs_persistent_volume_source_desc,
	  .doc = "Glusterfs volume."),
	F(nfs, "nfs", MESSAGE, .desc = &core_nfs_volume_source_desc, .doc = "Export of an NFS server."),
	F(rbd, "rbd", MESSAGE, .desc = &core_rbd_persistent_volume_source_desc, .doc = "Ceph block device."),
	F(iscsi, "iscsi", MESSAGE, .desc = &core_iscsi_persistent_volume_source_desc, .doc = "iSCSI logical unit."),
	F(cinder, "cinder", MESSAGE, .desc = &core_cinder_persistent_volume_source_desc,
	  .doc = "OpenStack Cinder volume."),
	F(cephfs, "cephfs", MESSAGE, .desc = &core_ceph_fs_persistent_volume_source_desc, .doc = "Ceph file system."),
	F(fc, "fc", MESSAGE, .desc = &core_fc_volume_source_desc, .doc = "Fibre Channel volume."),
	F(flocker, "flocker", MESSAGE, .desc = &core_flocker_volume_source_desc, .doc = "Flocker dataset."),
	F(flex_volume, "flexVolume", MESSAGE, .desc = &core_flex_persistent_volume_source_desc,
	  .doc = "Volume of a FlexVolume driver."),
	F(azure_file, "azureFile", MESSAGE, .desc = &core_azure_file_persistent_volume_source_desc,
	  .doc = "Azure file share."),
	F(vsphere_volume, "vsphereVolume", MESSAGE, .desc = &core_vsphere_virtual_disk_volume_source_desc,
	  .doc = "vSphere disk."),
	F(quobyte, "quobyte", MESSAGE, .desc = &core_quobyte_volume_source_desc, .doc = "Quobyte volume."),
	F(azure_disk, "azureDisk", MESSAGE, .desc = &core_azure_disk_volume_source_desc, .doc = "Azure data disk."),
	F(photon_persistent_disk, "photonPersistentDisk", MESSAGE,
	  .desc = &core_photon_persistent_disk_volume_source_desc, .doc = "Photon Controller disk."),
	F(portworx_volume, "portworxVolume", MESSAGE, .desc = &core_portworx_volume_source_desc,
	  .doc = "Portworx volume."),
	F(scale_io, "scaleIO", MESSAGE, .desc = &core_scale_io_persistent_volume_source_desc, .doc = "ScaleIO volume."),
	F(local, "local", MESSAGE, .desc = &core_local_volume_source_desc, .doc = "A directory or device of one node."),
	F(storageos, "storageos", MESSAGE, .desc = &core_storage_os_persistent_volume_source_desc,
	  .doc = "StorageOS volume."),
	F(csi, "csi", MESSAGE, .desc = &core_csi_persistent_volume_source_desc, .doc = "Volume of a CSI driver."),
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .doc = "How the volume may be mounted."),
	F(claim_ref, "claimRef", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC,
	  .doc = "The claim that the volume is bound to."),
	F(persistent_volume_reclaim_policy, "persistentVolumeReclaimPolicy", STRING,
	  .enums = &words_recycle_delete_retain, .dflt = "\"Retain\"",
	  .doc = "What happens to the volume when its claim is gone."),
	F(storage_class_name, "storageClassName", STRING, .doc = "Storage class; empty for none."),
	F(mount_options, "mountOptions", STRING, .flags = MSG_LIST, .doc = "Options of the mount."),
	F(volume_mode, "volumeMode", STRING, .enums = &words_block_filesystem, .dflt = "\"Filesystem\"",
	  .doc = "Filesystem or Block."),
	F(node_affinity, "nodeAffinity", MESSAGE, .desc = &core_volume_node_affinity_desc,
	  .doc = "Nodes on which it may or should be placed."),
	F(volume_attributes_class_name, "volumeAttributesClassName", STRING,
	  .doc = "Class of attributes of the volume."),
};
DESC(core_persistent_volume_spec, "PersistentVolumeSpec", "What is wanted of a persistent volume.");
#undef T

#define T struct core_persistent_volume_status
static const struct msg_field core_persistent_volume_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_available_bound_released_faile,
	  .doc = "Phase of the life cycle."),
	F(message, "message", STRING, .doc = "Sentence for people that says why."),
	F(reason, "reason", STRING, .doc = "One word in CamelCase that says why."),
	F(last_phase_transition_time, "lastPhaseTransitionTime", STRING, .format = "date-time",
	  .doc = "When the phase changed last."),
};
DESC(core_persistent_volume_status, "PersistentVolumeStatus", "What was observed of a persistent volume.");
#undef T

#define T struct core_persistent_volume
static const struct msg_field core_persistent_volume_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_persistent_volume_status_desc, .dflt = "{\"phase\":\"Pending\"}",
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_persistent_volume, "PersistentVolume", "A piece of storage.");
#undef T

#define T struct core_persistent_volume_claim_condition
static const struct msg_field core_persistent_volume_claim_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .doc = "What was observed last; written by controllers."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .doc = "When it was checked last."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time",
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .doc = "Sentence for people that says why."),
};
DESC(core_persistent_volume_claim_condition, "PersistentVolumeClaimCondition",
     "One condition of a persistent volume claim.");
#undef T

#define T struct core_modify_volume_status
static const struct msg_field core_modify_volume_status_rows[] = {
	F(target_volume_attributes_class_name, "targetVolumeAttributesClassName", STRING,
	  .doc = "Class that the volume is moving to."),
	F(status, "status", STRING, .enums = &words_pending_in_progress_infeasible,
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_modify_volume_status, "ModifyVolumeStatus", "What was observed of a modify volume.");
#undef T

#define T struct core_persistent_volume_claim_status
static const struct msg_field core_persistent_volume_claim_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_bound_lost, .doc = "Phase of the life cycle."),
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .doc = "How the volume may be mounted."),
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .doc = "Size, by resource."),
	F(conditions, "conditions", MESSAGE, .desc = &core_persistent_volume_claim_condition_desc, .flags = MSG_LIST,
	  .keys = "type", .merge_key = "type", .doc = "Conditions observed last."),
	F(allocated_resources, "allocatedResources", STR_MAP, .elem = MSG_QUANTITY,
	  .doc = "Resources set aside, by name."),
	F(allocated_resource_statuses, "allocatedResourceStatuses", STR_MAP, .doc = "How far resizing has come."),
	F(current_volume_attributes_class_name, "currentVolumeAttributesClassName", STRING, .doc = "Class in use."),
	F(modify_volume_status, "modifyVolumeStatus", MESSAGE, .desc = &core_modify_volume_status_desc,
	  .doc = "How far modifying has come."),
};
DESC(core_persistent_volume_claim_status, "PersistentVolumeClaimStatus",
     "What was observed of a persistent volume claim.");
#undef T

#define T struct core_persistent_volume_claim
static const struct msg_field core_persistent_volume_claim_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_claim_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_persistent_volume_claim_status_desc,
	  .dflt = "{\"phase\":\"Pending\"}", .doc = "What was observed last; written by controllers."),
};
DESC(core_persistent_volume_claim, "PersistentVolumeClaim", "A request for storage.");
#undef T
