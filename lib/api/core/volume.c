/* Rows of volumes of pods, and of claims: v1. See the header for the structs. */
#include "api/core/volume.h"

#include "api/api_internal.h"

WORDS(words_empty_directory_or_create_directory_fi, {"", 0}, {"DirectoryOrCreate", 0}, {"Directory", 0},
      {"FileOrCreate", 0}, {"File", 0}, {"Socket", 0}, {"CharDevice", 0}, {"BlockDevice", 0});
WORDS(words_none_read_only_read_write, {"None", 0}, {"ReadOnly", 0}, {"ReadWrite", 0});
WORDS(words_shared_dedicated_managed, {"Shared", 0}, {"Dedicated", 0}, {"Managed", 0});
WORDS(words_read_write_once_read_only_many_read_wr, {"ReadWriteOnce", 0}, {"ReadOnlyMany", 0}, {"ReadWriteMany", 0},
      {"ReadWriteOncePod", 0});
WORDS(words_block_filesystem, {"Block", 0}, {"Filesystem", 0});

#define T struct core_host_path_volume_source
static const struct msg_field core_host_path_volume_source_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Path; absolute where it names a file."),
	F(type, "type", STRING, .enums = &words_empty_directory_or_create_directory_fi, .dflt = "\"\"", .pb = 2,
	  .doc = "Type; one of the allowed words."),
};
DESC(core_host_path_volume_source, "HostPathVolumeSource", "Where a volume of type host path comes from.");
#undef T

#define T struct core_empty_dir_volume_source
static const struct msg_field core_empty_dir_volume_source_rows[] = {
	F(medium, "medium", STRING, .pb = 1, .doc = "Memory for a tmpfs; empty for the node's disk."),
	F(size_limit, "sizeLimit", QUANTITY, .pb = 2, .doc = "Most that may be stored."),
};
DESC(core_empty_dir_volume_source, "EmptyDirVolumeSource", "Where a volume of type empty dir comes from.");
#undef T

#define T struct core_gce_persistent_disk_volume_source
static const struct msg_field core_gce_persistent_disk_volume_source_rows[] = {
	F(pd_name, "pdName", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the disk."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(partition, "partition", INT32, .pb = 3, .doc = "Partition number, or where a rolling update stops."),
	F(read_only, "readOnly", BOOL, .pb = 4, .doc = "Mounts without the right to write."),
};
DESC(core_gce_persistent_disk_volume_source, "GCEPersistentDiskVolumeSource",
     "Where a volume of type gce persistent disk comes from.");
#undef T

#define T struct core_aws_elastic_block_store_volume_source
static const struct msg_field core_aws_elastic_block_store_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(partition, "partition", INT32, .pb = 3, .doc = "Partition number, or where a rolling update stops."),
	F(read_only, "readOnly", BOOL, .pb = 4, .doc = "Mounts without the right to write."),
};
DESC(core_aws_elastic_block_store_volume_source, "AWSElasticBlockStoreVolumeSource",
     "Where a volume of type aws elastic block store comes from.");
#undef T

#define T struct core_git_repo_volume_source
static const struct msg_field core_git_repo_volume_source_rows[] = {
	F(repository, "repository", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "URL of the repository."),
	F(revision, "revision", STRING, .pb = 2, .doc = "Revision."),
	F(directory, "directory", STRING, .pb = 3, .doc = "Directory of the checkout."),
};
DESC(core_git_repo_volume_source, "GitRepoVolumeSource", "Where a volume of type git repo comes from.");
#undef T

#define T struct core_key_to_path
static const struct msg_field core_key_to_path_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Key."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Path; absolute where it names a file."),
	F(mode, "mode", INT32, .flags = MSG_OPTIONAL, .min = 0, .max = 511, .pb = 3,
	  .doc = "Mode; one of the allowed words."),
};
DESC(core_key_to_path, "KeyToPath", "Key to path.");
#undef T

#define T struct core_secret_volume_source
static const struct msg_field core_secret_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .pb = 1, .doc = "Name of the Secret."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Which keys to take, and the file names to give them."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511, .pb = 3,
	  .doc = "Permissions of files that do not set their own."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 4,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_secret_volume_source, "SecretVolumeSource", "Where a volume of type secret comes from.");
#undef T

#define T struct core_nfs_volume_source
static const struct msg_field core_nfs_volume_source_rows[] = {
	F(server, "server", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Server to talk to."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Path; absolute where it names a file."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
};
DESC(core_nfs_volume_source, "NFSVolumeSource", "Where a volume of type NFS comes from.");
#undef T

#define T struct core_iscsi_volume_source
static const struct msg_field core_iscsi_volume_source_rows[] = {
	F(target_portal, "targetPortal", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "iSCSI portal, address and port."),
	F(iqn, "iqn", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Qualified name of the iSCSI target."),
	F(lun, "lun", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 3, .doc = "Number of the logical unit."),
	F(iscsi_interface, "iscsiInterface", STRING, .dflt = "\"default\"", .pb = 4, .doc = "iSCSI interface."),
	F(fs_type, "fsType", STRING, .pb = 5, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 6, .doc = "Mounts without the right to write."),
	F(portals, "portals", STRING, .flags = MSG_LIST, .pb = 7, .doc = "Further iSCSI portals."),
	F(chap_auth_discovery, "chapAuthDiscovery", BOOL, .pb = 8, .doc = "Uses CHAP when discovering."),
	F(chap_auth_session, "chapAuthSession", BOOL, .pb = 11, .doc = "Uses CHAP in sessions."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC, .pb = 10,
	  .doc = "Secret that holds the credentials."),
	F(initiator_name, "initiatorName", STRING, .pb = 12, .doc = "Name of the iSCSI initiator."),
};
DESC(core_iscsi_volume_source, "ISCSIVolumeSource", "Where a volume of type iscsi comes from.");
#undef T

#define T struct core_glusterfs_volume_source
static const struct msg_field core_glusterfs_volume_source_rows[] = {
	F(endpoints, "endpoints", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Endpoints."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Path; absolute where it names a file."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
};
DESC(core_glusterfs_volume_source, "GlusterfsVolumeSource", "Where a volume of type glusterfs comes from.");
#undef T

#define T struct core_persistent_volume_claim_volume_source
static const struct msg_field core_persistent_volume_claim_volume_source_rows[] = {
	F(claim_name, "claimName", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Name of the claim in the pod's namespace."),
	F(read_only, "readOnly", BOOL, .pb = 2, .doc = "Mounts without the right to write."),
};
DESC(core_persistent_volume_claim_volume_source, "PersistentVolumeClaimVolumeSource",
     "Where a volume of type persistent volume claim comes from.");
#undef T

#define T struct core_rbd_volume_source
static const struct msg_field core_rbd_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Ceph monitors."),
	F(image, "image", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Container image."),
	F(fs_type, "fsType", STRING, .pb = 3, .doc = "File system of the volume, such as ext4."),
	F(pool, "pool", STRING, .dflt = "\"rbd\"", .pb = 4, .doc = "Storage pool."),
	F(user, "user", STRING, .dflt = "\"admin\"", .pb = 5, .doc = "User."),
	F(keyring, "keyring", STRING, .dflt = "\"/etc/ceph/keyring\"", .pb = 6, .doc = "File with the Ceph key ring."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC, .pb = 7,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .pb = 8, .doc = "Mounts without the right to write."),
};
DESC(core_rbd_volume_source, "RBDVolumeSource", "Where a volume of type rbd comes from.");
#undef T

#define T struct core_flex_volume_source
static const struct msg_field core_flex_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the driver."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC, .pb = 3,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .pb = 4, .doc = "Mounts without the right to write."),
	F(options, "options", STR_MAP, .pb = 5, .doc = "Driver or resolver options."),
};
DESC(core_flex_volume_source, "FlexVolumeSource", "Where a volume of type flex comes from.");
#undef T

#define T struct core_cinder_volume_source
static const struct msg_field core_cinder_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_cinder_volume_source, "CinderVolumeSource", "Where a volume of type cinder comes from.");
#undef T

#define T struct core_ceph_fs_volume_source
static const struct msg_field core_ceph_fs_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Ceph monitors."),
	F(path, "path", STRING, .pb = 2, .doc = "Path; absolute where it names a file."),
	F(user, "user", STRING, .pb = 3, .doc = "User."),
	F(secret_file, "secretFile", STRING, .pb = 4, .doc = "File with the secret."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC, .pb = 5,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .pb = 6, .doc = "Mounts without the right to write."),
};
DESC(core_ceph_fs_volume_source, "CephFSVolumeSource", "Where a volume of type ceph fs comes from.");
#undef T

#define T struct core_flocker_volume_source
static const struct msg_field core_flocker_volume_source_rows[] = {
	F(dataset_name, "datasetName", STRING, .pb = 1, .doc = "Name of the dataset."),
	F(dataset_uuid, "datasetUUID", STRING, .pb = 2, .doc = "Identifier of the dataset."),
};
DESC(core_flocker_volume_source, "FlockerVolumeSource", "Where a volume of type flocker comes from.");
#undef T

#define T struct core_object_field_selector
static const struct msg_field core_object_field_selector_rows[] = {
	F(api_version, "apiVersion", STRING, .dflt = "\"v1\"", .pb = 1,
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(field_path, "fieldPath", STRING, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Path of the field, such as metadata.name."),
};
DESC(core_object_field_selector, "ObjectFieldSelector", "Selector: object field.");
#undef T

#define T struct core_resource_field_selector
static const struct msg_field core_resource_field_selector_rows[] = {
	F(container_name, "containerName", STRING, .pb = 1, .doc = "Name of the container."),
	F(resource, "resource", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Resource."),
	F(divisor, "divisor", QUANTITY, .pb = 3, .doc = "Unit of the value."),
};
DESC(core_resource_field_selector, "ResourceFieldSelector", "Selector: resource field.");
#undef T

#define T struct core_downward_api_volume_file
static const struct msg_field core_downward_api_volume_file_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Path; absolute where it names a file."),
	F(field_ref, "fieldRef", MESSAGE, .desc = &core_object_field_selector_desc, .flags = MSG_ATOMIC, .pb = 2,
	  .doc = "Field of the pod."),
	F(resource_field_ref, "resourceFieldRef", MESSAGE, .desc = &core_resource_field_selector_desc,
	  .flags = MSG_ATOMIC, .pb = 3, .doc = "Resource of a container."),
	F(mode, "mode", INT32, .flags = MSG_OPTIONAL, .pb = 4, .doc = "Mode; one of the allowed words."),
};
DESC(core_downward_api_volume_file, "DownwardAPIVolumeFile", "Downward API volume file.");
#undef T

#define T struct core_downward_api_volume_source
static const struct msg_field core_downward_api_volume_source_rows[] = {
	F(items, "items", MESSAGE, .desc = &core_downward_api_volume_file_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Which keys to take, and the file names to give them."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511, .pb = 2,
	  .doc = "Permissions of files that do not set their own."),
};
DESC(core_downward_api_volume_source, "DownwardAPIVolumeSource", "Where a volume of type downward API comes from.");
#undef T

#define T struct core_fc_volume_source
static const struct msg_field core_fc_volume_source_rows[] = {
	F(target_wwns, "targetWWNs", STRING, .flags = MSG_LIST, .pb = 1, .doc = "World wide names of the targets."),
	F(lun, "lun", INT32, .flags = MSG_OPTIONAL, .pb = 2, .doc = "Number of the logical unit."),
	F(fs_type, "fsType", STRING, .pb = 3, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 4, .doc = "Mounts without the right to write."),
	F(wwids, "wwids", STRING, .flags = MSG_LIST, .pb = 5, .doc = "World wide identifiers of the volumes."),
};
DESC(core_fc_volume_source, "FCVolumeSource", "Where a volume of type FC comes from.");
#undef T

#define T struct core_azure_file_volume_source
static const struct msg_field core_azure_file_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the Secret."),
	F(share_name, "shareName", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Name of the file share."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
};
DESC(core_azure_file_volume_source, "AzureFileVolumeSource", "Where a volume of type azure file comes from.");
#undef T

#define T struct core_config_map_volume_source
static const struct msg_field core_config_map_volume_source_rows[] = {
	F(name, "name", STRING, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Which keys to take, and the file names to give them."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511, .pb = 3,
	  .doc = "Permissions of files that do not set their own."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 4,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_config_map_volume_source, "ConfigMapVolumeSource", "Where a volume of type config map comes from.");
#undef T

#define T struct core_vsphere_virtual_disk_volume_source
static const struct msg_field core_vsphere_virtual_disk_volume_source_rows[] = {
	F(volume_path, "volumePath", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Path of the disk."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(storage_policy_name, "storagePolicyName", STRING, .pb = 3, .doc = "Name of the storage policy."),
	F(storage_policy_id, "storagePolicyID", STRING, .pb = 4, .doc = "Identifier of the storage policy."),
};
DESC(core_vsphere_virtual_disk_volume_source, "VsphereVirtualDiskVolumeSource",
     "Where a volume of type vsphere virtual disk comes from.");
#undef T

#define T struct core_quobyte_volume_source
static const struct msg_field core_quobyte_volume_source_rows[] = {
	F(registry, "registry", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Registry."),
	F(volume, "volume", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Volume."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
	F(user, "user", STRING, .pb = 4, .doc = "User."),
	F(group, "group", STRING, .pb = 5, .doc = "API group; empty for the core group."),
	F(tenant, "tenant", STRING, .pb = 6, .doc = "Owner of the volume."),
};
DESC(core_quobyte_volume_source, "QuobyteVolumeSource", "Where a volume of type quobyte comes from.");
#undef T

#define T struct core_azure_disk_volume_source
static const struct msg_field core_azure_disk_volume_source_rows[] = {
	F(disk_name, "diskName", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the disk."),
	F(disk_uri, "diskURI", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "URI of the disk."),
	F(caching_mode, "cachingMode", STRING, .enums = &words_none_read_only_read_write, .pb = 3,
	  .doc = "Caching of the host."),
	F(fs_type, "fsType", STRING, .pb = 4, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .flags = MSG_OPTIONAL, .pb = 5, .doc = "Mounts without the right to write."),
	F(kind, "kind", STRING, .enums = &words_shared_dedicated_managed, .pb = 6, .doc = "Kind of the object."),
};
DESC(core_azure_disk_volume_source, "AzureDiskVolumeSource", "Where a volume of type azure disk comes from.");
#undef T

#define T struct core_photon_persistent_disk_volume_source
static const struct msg_field core_photon_persistent_disk_volume_source_rows[] = {
	F(pd_id, "pdID", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Identifier of the disk."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
};
DESC(core_photon_persistent_disk_volume_source, "PhotonPersistentDiskVolumeSource",
     "Where a volume of type photon persistent disk comes from.");
#undef T

#define T struct core_secret_projection
static const struct msg_field core_secret_projection_rows[] = {
	F(name, "name", STRING, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Which keys to take, and the file names to give them."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 4,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_secret_projection, "SecretProjection", "Secret projection.");
#undef T

#define T struct core_downward_api_projection
static const struct msg_field core_downward_api_projection_rows[] = {
	F(items, "items", MESSAGE, .desc = &core_downward_api_volume_file_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Which keys to take, and the file names to give them."),
};
DESC(core_downward_api_projection, "DownwardAPIProjection", "Downward API projection.");
#undef T

#define T struct core_config_map_projection
static const struct msg_field core_config_map_projection_rows[] = {
	F(name, "name", STRING, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(items, "items", MESSAGE, .desc = &core_key_to_path_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Which keys to take, and the file names to give them."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 4,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_config_map_projection, "ConfigMapProjection", "Config map projection.");
#undef T

#define T struct core_service_account_token_projection
static const struct msg_field core_service_account_token_projection_rows[] = {
	F(audience, "audience", STRING, .pb = 1, .doc = "Audience of the token."),
	F(expiration_seconds, "expirationSeconds", INT64, .flags = MSG_OPTIONAL, .dflt = "3600", .pb = 2,
	  .doc = "Life time of the token, seconds."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Path; absolute where it names a file."),
};
DESC(core_service_account_token_projection, "ServiceAccountTokenProjection", "Service account token projection.");
#undef T

#define T struct core_cluster_trust_bundle_projection
static const struct msg_field core_cluster_trust_bundle_projection_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(signer_name, "signerName", STRING, .pb = 2, .doc = "Signer whose bundles are taken."),
	F(label_selector, "labelSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 3,
	  .doc = "Selects by labels."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 5,
	  .doc = "Tolerates that the source or its key is missing."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 4, .doc = "Path; absolute where it names a file."),
};
DESC(core_cluster_trust_bundle_projection, "ClusterTrustBundleProjection", "Cluster trust bundle projection.");
#undef T

#define T struct core_volume_projection
static const struct msg_field core_volume_projection_rows[] = {
	F(secret, "secret", MESSAGE, .desc = &core_secret_projection_desc, .pb = 1, .doc = "Secret."),
	F(downward_api, "downwardAPI", MESSAGE, .desc = &core_downward_api_projection_desc, .pb = 2,
	  .doc = "Fields of the pod as files."),
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_projection_desc, .pb = 3,
	  .doc = "ConfigMap whose keys become files."),
	F(service_account_token, "serviceAccountToken", MESSAGE, .desc = &core_service_account_token_projection_desc,
	  .pb = 4, .doc = "A token of the service account."),
	F(cluster_trust_bundle, "clusterTrustBundle", MESSAGE, .desc = &core_cluster_trust_bundle_projection_desc,
	  .pb = 5, .doc = "Certificates of trust bundles."),
};
DESC(core_volume_projection, "VolumeProjection", "Volume projection.");
#undef T

#define T struct core_projected_volume_source
static const struct msg_field core_projected_volume_source_rows[] = {
	F(sources, "sources", MESSAGE, .desc = &core_volume_projection_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "What is put together."),
	F(default_mode, "defaultMode", INT32, .flags = MSG_OPTIONAL, .dflt = "420", .min = 0, .max = 511, .pb = 2,
	  .doc = "Permissions of files that do not set their own."),
};
DESC(core_projected_volume_source, "ProjectedVolumeSource", "Where a volume of type projected comes from.");
#undef T

#define T struct core_portworx_volume_source
static const struct msg_field core_portworx_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
};
DESC(core_portworx_volume_source, "PortworxVolumeSource", "Where a volume of type portworx comes from.");
#undef T

#define T struct core_scale_io_volume_source
static const struct msg_field core_scale_io_volume_source_rows[] = {
	F(gateway, "gateway", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Gateway."),
	F(system, "system", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Identifier of the storage system."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_ATOMIC | MSG_REQUIRED, .pb = 3, .doc = "Secret that holds the credentials."),
	F(ssl_enabled, "sslEnabled", BOOL, .pb = 4, .doc = "Speaks TLS to the gateway."),
	F(protection_domain, "protectionDomain", STRING, .pb = 5, .doc = "Protection domain."),
	F(storage_pool, "storagePool", STRING, .pb = 6, .doc = "Storage pool of the domain."),
	F(storage_mode, "storageMode", STRING, .pb = 7, .doc = "Thick or thin provisioning."),
	F(volume_name, "volumeName", STRING, .pb = 8, .doc = "Name of the volume."),
	F(fs_type, "fsType", STRING, .pb = 9, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 10, .doc = "Mounts without the right to write."),
};
DESC(core_scale_io_volume_source, "ScaleIOVolumeSource", "Where a volume of type scale IO comes from.");
#undef T

#define T struct core_storage_os_volume_source
static const struct msg_field core_storage_os_volume_source_rows[] = {
	F(volume_name, "volumeName", STRING, .pb = 1, .doc = "Name of the volume."),
	F(volume_namespace, "volumeNamespace", STRING, .pb = 2, .doc = "Namespace of the volume at its provider."),
	F(fs_type, "fsType", STRING, .pb = 3, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 4, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_ATOMIC, .pb = 5,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_storage_os_volume_source, "StorageOSVolumeSource", "Where a volume of type storage OS comes from.");
#undef T

#define T struct core_csi_volume_source
static const struct msg_field core_csi_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the driver."),
	F(read_only, "readOnly", BOOL, .flags = MSG_OPTIONAL, .pb = 2, .doc = "Mounts without the right to write."),
	F(fs_type, "fsType", STRING, .pb = 3, .doc = "File system of the volume, such as ext4."),
	F(volume_attributes, "volumeAttributes", STR_MAP, .pb = 4, .doc = "Attributes that are passed to the driver."),
	F(node_publish_secret_ref, "nodePublishSecretRef", MESSAGE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_ATOMIC, .pb = 5, .doc = "Secret for publishing the volume on a node."),
};
DESC(core_csi_volume_source, "CSIVolumeSource", "Where a volume of type CSI comes from.");
#undef T

#define T struct core_volume_resource_requirements
static const struct msg_field core_volume_resource_requirements_rows[] = {
	F(limits, "limits", STR_MAP, .elem = MSG_QUANTITY, .pb = 1, .doc = "Most that may be used, by resource."),
	F(requests, "requests", STR_MAP, .elem = MSG_QUANTITY, .pb = 2, .doc = "Least that is reserved, by resource."),
};
DESC(core_volume_resource_requirements, "VolumeResourceRequirements", "Volume resource requirements.");
#undef T

#define T struct core_persistent_volume_claim_spec
static const struct msg_field core_persistent_volume_claim_spec_rows[] = {
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .pb = 1, .doc = "How the volume may be mounted."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "Selects by labels."),
	F(resources, "resources", MESSAGE, .desc = &core_volume_resource_requirements_desc, .pb = 2,
	  .doc = "Compute resources."),
	F(volume_name, "volumeName", STRING, .pb = 3, .doc = "Name of the volume."),
	F(storage_class_name, "storageClassName", STRING, .flags = MSG_KEEP_EMPTY, .pb = 5,
	  .doc = "Storage class; empty for none."),
	F(volume_mode, "volumeMode", STRING, .enums = &words_block_filesystem, .dflt = "\"Filesystem\"", .pb = 6,
	  .doc = "Filesystem or Block."),
	F(data_source, "dataSource", MESSAGE, .desc = &core_typed_local_object_reference_desc, .flags = MSG_ATOMIC,
	  .pb = 7, .doc = "What the volume is filled with."),
	F(data_source_ref, "dataSourceRef", MESSAGE, .desc = &core_typed_object_reference_desc, .pb = 8,
	  .doc = "What the volume is filled with, of any kind."),
	F(volume_attributes_class_name, "volumeAttributesClassName", STRING, .pb = 9,
	  .doc = "Class of attributes of the volume."),
};
DESC(core_persistent_volume_claim_spec, "PersistentVolumeClaimSpec", "What is wanted of a persistent volume claim.");
#undef T

#define T struct core_persistent_volume_claim_template
static const struct msg_field core_persistent_volume_claim_template_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_claim_spec_desc, .pb = 2, .doc = "What is wanted."),
};
DESC(core_persistent_volume_claim_template, "PersistentVolumeClaimTemplate", "Template: persistent volume claim.");
#undef T

#define T struct core_ephemeral_volume_source
static const struct msg_field core_ephemeral_volume_source_rows[] = {
	F(volume_claim_template, "volumeClaimTemplate", MESSAGE, .desc = &core_persistent_volume_claim_template_desc,
	  .pb = 1, .doc = "The claim that is made for the pod."),
};
DESC(core_ephemeral_volume_source, "EphemeralVolumeSource", "Where a volume of type ephemeral comes from.");
#undef T

#define T struct core_volume
static const struct msg_field core_volume_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(host_path, "hostPath", MESSAGE, .desc = &core_host_path_volume_source_desc, .pb = 1, .pb_in = 2,
	  .doc = "Directory or file of the node."),
	F(empty_dir, "emptyDir", MESSAGE, .desc = &core_empty_dir_volume_source_desc, .pb = 2, .pb_in = 2,
	  .doc = "A directory that lives as long as the pod."),
	F(gce_persistent_disk, "gcePersistentDisk", MESSAGE, .desc = &core_gce_persistent_disk_volume_source_desc,
	  .pb = 3, .pb_in = 2, .doc = "Disk of Google Compute Engine."),
	F(aws_elastic_block_store, "awsElasticBlockStore", MESSAGE,
	  .desc = &core_aws_elastic_block_store_volume_source_desc, .pb = 4, .pb_in = 2,
	  .doc = "Volume of AWS Elastic Block Store."),
	F(git_repo, "gitRepo", MESSAGE, .desc = &core_git_repo_volume_source_desc, .pb = 5, .pb_in = 2,
	  .doc = "Deprecated: a checkout of a repository."),
	F(secret, "secret", MESSAGE, .desc = &core_secret_volume_source_desc, .pb = 6, .pb_in = 2, .doc = "Secret."),
	F(nfs, "nfs", MESSAGE, .desc = &core_nfs_volume_source_desc, .pb = 7, .pb_in = 2,
	  .doc = "Export of an NFS server."),
	F(iscsi, "iscsi", MESSAGE, .desc = &core_iscsi_volume_source_desc, .pb = 8, .pb_in = 2,
	  .doc = "iSCSI logical unit."),
	F(glusterfs, "glusterfs", MESSAGE, .desc = &core_glusterfs_volume_source_desc, .pb = 9, .pb_in = 2,
	  .doc = "Glusterfs volume."),
	F(persistent_volume_claim, "persistentVolumeClaim", MESSAGE,
	  .desc = &core_persistent_volume_claim_volume_source_desc, .pb = 10, .pb_in = 2,
	  .doc = "A claim of the namespace."),
	F(rbd, "rbd", MESSAGE, .desc = &core_rbd_volume_source_desc, .pb = 11, .pb_in = 2, .doc = "Ceph block device."),
	F(flex_volume, "flexVolume", MESSAGE, .desc = &core_flex_volume_source_desc, .pb = 12, .pb_in = 2,
	  .doc = "Volume of a FlexVolume driver."),
	F(cinder, "cinder", MESSAGE, .desc = &core_cinder_volume_source_desc, .pb = 13, .pb_in = 2,
	  .doc = "OpenStack Cinder volume."),
	F(cephfs, "cephfs", MESSAGE, .desc = &core_ceph_fs_volume_source_desc, .pb = 14, .pb_in = 2,
	  .doc = "Ceph file system."),
	F(flocker, "flocker", MESSAGE, .desc = &core_flocker_volume_source_desc, .pb = 15, .pb_in = 2,
	  .doc = "Flocker dataset."),
	F(downward_api, "downwardAPI", MESSAGE, .desc = &core_downward_api_volume_source_desc, .pb = 16, .pb_in = 2,
	  .doc = "Fields of the pod as files."),
	F(fc, "fc", MESSAGE, .desc = &core_fc_volume_source_desc, .pb = 17, .pb_in = 2, .doc = "Fibre Channel volume."),
	F(azure_file, "azureFile", MESSAGE, .desc = &core_azure_file_volume_source_desc, .pb = 18, .pb_in = 2,
	  .doc = "Azure file share."),
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_volume_source_desc, .pb = 19, .pb_in = 2,
	  .doc = "ConfigMap whose keys become files."),
	F(vsphere_volume, "vsphereVolume", MESSAGE, .desc = &core_vsphere_virtual_disk_volume_source_desc, .pb = 20,
	  .pb_in = 2, .doc = "vSphere disk."),
	F(quobyte, "quobyte", MESSAGE, .desc = &core_quobyte_volume_source_desc, .pb = 21, .pb_in = 2,
	  .doc = "Quobyte volume."),
	F(azure_disk, "azureDisk", MESSAGE, .desc = &core_azure_disk_volume_source_desc, .pb = 22, .pb_in = 2,
	  .doc = "Azure data disk."),
	F(photon_persistent_disk, "photonPersistentDisk", MESSAGE,
	  .desc = &core_photon_persistent_disk_volume_source_desc, .pb = 23, .pb_in = 2,
	  .doc = "Photon Controller disk."),
	F(projected, "projected", MESSAGE, .desc = &core_projected_volume_source_desc, .pb = 26, .pb_in = 2,
	  .doc = "Several sources in one directory."),
	F(portworx_volume, "portworxVolume", MESSAGE, .desc = &core_portworx_volume_source_desc, .pb = 24, .pb_in = 2,
	  .doc = "Portworx volume."),
	F(scale_io, "scaleIO", MESSAGE, .desc = &core_scale_io_volume_source_desc, .pb = 25, .pb_in = 2,
	  .doc = "ScaleIO volume."),
	F(storageos, "storageos", MESSAGE, .desc = &core_storage_os_volume_source_desc, .pb = 27, .pb_in = 2,
	  .doc = "StorageOS volume."),
	F(csi, "csi", MESSAGE, .desc = &core_csi_volume_source_desc, .pb = 28, .pb_in = 2,
	  .doc = "Volume of a CSI driver."),
	F(ephemeral, "ephemeral", MESSAGE, .desc = &core_ephemeral_volume_source_desc, .pb = 29, .pb_in = 2,
	  .doc = "A claim that lives as long as the pod."),
};
DESC(core_volume, "Volume", "Volume.");
#undef T
