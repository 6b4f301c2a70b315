/* Rows of persistent volumes, what they are made from, and claims for them: v1. See the header for the structs. */
#include "api/core/persistent_volume.h"

#include "api/api_internal.h"

WORDS(words_recycle_delete_retain, {"Recycle", 0}, {"Delete", 0}, {"Retain", 0});
WORDS(words_pending_available_bound_released_faile, {"Pending", 0}, {"Available", 0}, {"Bound", 0}, {"Released", 0},
      {"Failed", 0});
WORDS(words_pending_in_progress_infeasible, {"Pending", 0}, {"InProgress", 0}, {"Infeasible", 0});
WORDS(words_pending_bound_lost, {"Pending", 0}, {"Bound", 0}, {"Lost", 0});
WORDS(words_read_write_once_read_only_many_read_wr, {"ReadWriteOnce", 0}, {"ReadOnlyMany", 0}, {"ReadWriteMany", 0},
      {"ReadWriteOncePod", 0});
WORDS(words_block_filesystem, {"Block", 0}, {"Filesystem", 0});

#define T struct core_glusterfs_persistent_volume_source
static const struct msg_field core_glusterfs_persistent_volume_source_rows[] = {
	F(endpoints, "endpoints", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Endpoints."),
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Path; absolute where it names a file."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
	F(endpoints_namespace, "endpointsNamespace", STRING, .pb = 4, .doc = "Namespace of the endpoints."),
};
DESC(core_glusterfs_persistent_volume_source, "GlusterfsPersistentVolumeSource",
     "Where a persistent volume comes from: glusterfs.");
#undef T

#define T struct core_rbd_persistent_volume_source
static const struct msg_field core_rbd_persistent_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Ceph monitors."),
	F(image, "image", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Container image."),
	F(fs_type, "fsType", STRING, .pb = 3, .doc = "File system of the volume, such as ext4."),
	F(pool, "pool", STRING, .pb = 4, .doc = "Storage pool."),
	F(user, "user", STRING, .pb = 5, .doc = "User."),
	F(keyring, "keyring", STRING, .pb = 6, .doc = "File with the Ceph key ring."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC, .pb = 7,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .pb = 8, .doc = "Mounts without the right to write."),
};
DESC(core_rbd_persistent_volume_source, "RBDPersistentVolumeSource", "Where a persistent volume comes from: rbd.");
#undef T

#define T struct core_iscsi_persistent_volume_source
static const struct msg_field core_iscsi_persistent_volume_source_rows[] = {
	F(target_portal, "targetPortal", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "iSCSI portal, address and port."),
	F(iqn, "iqn", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Qualified name of the iSCSI target."),
	F(lun, "lun", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 3, .doc = "Number of the logical unit."),
	F(iscsi_interface, "iscsiInterface", STRING, .pb = 4, .doc = "iSCSI interface."),
	F(fs_type, "fsType", STRING, .pb = 5, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 6, .doc = "Mounts without the right to write."),
	F(portals, "portals", STRING, .flags = MSG_LIST, .pb = 7, .doc = "Further iSCSI portals."),
	F(chap_auth_discovery, "chapAuthDiscovery", BOOL, .pb = 8, .doc = "Uses CHAP when discovering."),
	F(chap_auth_session, "chapAuthSession", BOOL, .pb = 11, .doc = "Uses CHAP in sessions."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC, .pb = 10,
	  .doc = "Secret that holds the credentials."),
	F(initiator_name, "initiatorName", STRING, .pb = 12, .doc = "Name of the iSCSI initiator."),
};
DESC(core_iscsi_persistent_volume_source, "ISCSIPersistentVolumeSource",
     "Where a persistent volume comes from: iscsi.");
#undef T

#define T struct core_cinder_persistent_volume_source
static const struct msg_field core_cinder_persistent_volume_source_rows[] = {
	F(volume_id, "volumeID", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Identifier of the volume at its provider."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_cinder_persistent_volume_source, "CinderPersistentVolumeSource",
     "Where a persistent volume comes from: cinder.");
#undef T

#define T struct core_ceph_fs_persistent_volume_source
static const struct msg_field core_ceph_fs_persistent_volume_source_rows[] = {
	F(monitors, "monitors", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Ceph monitors."),
	F(path, "path", STRING, .pb = 2, .doc = "Path; absolute where it names a file."),
	F(user, "user", STRING, .pb = 3, .doc = "User."),
	F(secret_file, "secretFile", STRING, .pb = 4, .doc = "File with the secret."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC, .pb = 5,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .pb = 6, .doc = "Mounts without the right to write."),
};
DESC(core_ceph_fs_persistent_volume_source, "CephFSPersistentVolumeSource",
     "Where a persistent volume comes from: ceph fs.");
#undef T

#define T struct core_flex_persistent_volume_source
static const struct msg_field core_flex_persistent_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the driver."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC, .pb = 3,
	  .doc = "Secret that holds the credentials."),
	F(read_only, "readOnly", BOOL, .pb = 4, .doc = "Mounts without the right to write."),
	F(options, "options", STR_MAP, .pb = 5, .doc = "Driver or resolver options."),
};
DESC(core_flex_persistent_volume_source, "FlexPersistentVolumeSource", "Where a persistent volume comes from: flex.");
#undef T

#define T struct core_azure_file_persistent_volume_source
static const struct msg_field core_azure_file_persistent_volume_source_rows[] = {
	F(secret_name, "secretName", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the Secret."),
	F(share_name, "shareName", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Name of the file share."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
	F(secret_namespace, "secretNamespace", STRING, .pb = 4, .doc = "Namespace of the Secret."),
};
DESC(core_azure_file_persistent_volume_source, "AzureFilePersistentVolumeSource",
     "Where a persistent volume comes from: azure file.");
#undef T

#define T struct core_scale_io_persistent_volume_source
static const struct msg_field core_scale_io_persistent_volume_source_rows[] = {
	F(gateway, "gateway", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Gateway."),
	F(system, "system", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Identifier of the storage system."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_reference_desc, .flags = MSG_ATOMIC | MSG_REQUIRED,
	  .pb = 3, .doc = "Secret that holds the credentials."),
	F(ssl_enabled, "sslEnabled", BOOL, .pb = 4, .doc = "Speaks TLS to the gateway."),
	F(protection_domain, "protectionDomain", STRING, .pb = 5, .doc = "Protection domain."),
	F(storage_pool, "storagePool", STRING, .pb = 6, .doc = "Storage pool of the domain."),
	F(storage_mode, "storageMode", STRING, .pb = 7, .doc = "Thick or thin provisioning."),
	F(volume_name, "volumeName", STRING, .pb = 8, .doc = "Name of the volume."),
	F(fs_type, "fsType", STRING, .pb = 9, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 10, .doc = "Mounts without the right to write."),
};
DESC(core_scale_io_persistent_volume_source, "ScaleIOPersistentVolumeSource",
     "Where a persistent volume comes from: scale IO.");
#undef T

#define T struct core_local_volume_source
static const struct msg_field core_local_volume_source_rows[] = {
	F(path, "path", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Path; absolute where it names a file."),
	F(fs_type, "fsType", STRING, .pb = 2, .doc = "File system of the volume, such as ext4."),
};
DESC(core_local_volume_source, "LocalVolumeSource", "Where a volume of type local comes from.");
#undef T

#define T struct core_storage_os_persistent_volume_source
static const struct msg_field core_storage_os_persistent_volume_source_rows[] = {
	F(volume_name, "volumeName", STRING, .pb = 1, .doc = "Name of the volume."),
	F(volume_namespace, "volumeNamespace", STRING, .pb = 2, .doc = "Namespace of the volume at its provider."),
	F(fs_type, "fsType", STRING, .pb = 3, .doc = "File system of the volume, such as ext4."),
	F(read_only, "readOnly", BOOL, .pb = 4, .doc = "Mounts without the right to write."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 5,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_storage_os_persistent_volume_source, "StorageOSPersistentVolumeSource",
     "Where a persistent volume comes from: storage OS.");
#undef T

#define T struct core_csi_persistent_volume_source
static const struct msg_field core_csi_persistent_volume_source_rows[] = {
	F(driver, "driver", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the driver."),
	F(volume_handle, "volumeHandle", STRING, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Identifier of the volume at the driver."),
	F(read_only, "readOnly", BOOL, .pb = 3, .doc = "Mounts without the right to write."),
	F(fs_type, "fsType", STRING, .pb = 4, .doc = "File system of the volume, such as ext4."),
	F(volume_attributes, "volumeAttributes", STR_MAP, .pb = 5, .doc = "Attributes that are passed to the driver."),
	F(controller_publish_secret_ref, "controllerPublishSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .pb = 6, .doc = "Secret for attaching the volume."),
	F(node_stage_secret_ref, "nodeStageSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .pb = 7, .doc = "Secret for staging the volume on a node."),
	F(node_publish_secret_ref, "nodePublishSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .pb = 8, .doc = "Secret for publishing the volume on a node."),
	F(controller_expand_secret_ref, "controllerExpandSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .pb = 9, .doc = "Secret for growing the volume."),
	F(node_expand_secret_ref, "nodeExpandSecretRef", MESSAGE, .desc = &core_secret_reference_desc,
	  .flags = MSG_ATOMIC, .pb = 10, .doc = "Secret for growing the volume on a node."),
};
DESC(core_csi_persistent_volume_source, "CSIPersistentVolumeSource", "Where a persistent volume comes from: CSI.");
#undef T

#define T struct core_volume_node_affinity
static const struct msg_field core_volume_node_affinity_rows[] = {
	F(required, "required", MESSAGE, .desc = &core_node_selector_desc, .flags = MSG_ATOMIC, .pb = 1,
	  .doc = "Must hold."),
};
DESC(core_volume_node_affinity, "VolumeNodeAffinity", "Volume node affinity.");
#undef T

#define T struct core_persistent_volume_spec
static const struct msg_field core_persistent_volume_spec_rows[] = {
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .pb = 1, .doc = "Size, by resource."),
	F(gce_persistent_disk, "gcePersistentDisk", MESSAGE, .desc = &core_gce_persistent_disk_volume_source_desc,
	  .pb = 1, .pb_in = 2, .doc = "Disk of Google Compute Engine."),
	F(aws_elastic_block_store, "awsElasticBlockStore", MESSAGE,
	  .desc = &core_aws_elastic_block_store_volume_source_desc, .pb = 2, .pb_in = 2,
	  .doc = "Volume of AWS Elastic Block Store."),
	F(host_path, "hostPath", MESSAGE, .desc = &core_host_path_volume_source_desc, .pb = 3, .pb_in = 2,
	  .doc = "Directory or file of the node."),
	F(glusterfs, "glusterfs", MESSAGE, .desc = &core_glusterfs_persistent_volume_source_desc, .pb = 4, .pb_in = 2,
	  .doc = "Glusterfs volume."),
	F(nfs, "nfs", MESSAGE, .desc = &core_nfs_volume_source_desc, .pb = 5, .pb_in = 2,
	  .doc = "Export of an NFS server."),
	F(rbd, "rbd", MESSAGE, .desc = &core_rbd_persistent_volume_source_desc, .pb = 6, .pb_in = 2,
	  .doc = "Ceph block device."),
	F(iscsi, "iscsi", MESSAGE, .desc = &core_iscsi_persistent_volume_source_desc, .pb = 7, .pb_in = 2,
	  .doc = "iSCSI logical unit."),
	F(cinder, "cinder", MESSAGE, .desc = &core_cinder_persistent_volume_source_desc, .pb = 8, .pb_in = 2,
	  .doc = "OpenStack Cinder volume."),
	F(cephfs, "cephfs", MESSAGE, .desc = &core_ceph_fs_persistent_volume_source_desc, .pb = 9, .pb_in = 2,
	  .doc = "Ceph file system."),
	F(fc, "fc", MESSAGE, .desc = &core_fc_volume_source_desc, .pb = 10, .pb_in = 2, .doc = "Fibre Channel volume."),
	F(flocker, "flocker", MESSAGE, .desc = &core_flocker_volume_source_desc, .pb = 11, .pb_in = 2,
	  .doc = "Flocker dataset."),
	F(flex_volume, "flexVolume", MESSAGE, .desc = &core_flex_persistent_volume_source_desc, .pb = 12, .pb_in = 2,
	  .doc = "Volume of a FlexVolume driver."),
	F(azure_file, "azureFile", MESSAGE, .desc = &core_azure_file_persistent_volume_source_desc, .pb = 13,
	  .pb_in = 2, .doc = "Azure file share."),
	F(vsphere_volume, "vsphereVolume", MESSAGE, .desc = &core_vsphere_virtual_disk_volume_source_desc, .pb = 14,
	  .pb_in = 2, .doc = "vSphere disk."),
	F(quobyte, "quobyte", MESSAGE, .desc = &core_quobyte_volume_source_desc, .pb = 15, .pb_in = 2,
	  .doc = "Quobyte volume."),
	F(azure_disk, "azureDisk", MESSAGE, .desc = &core_azure_disk_volume_source_desc, .pb = 16, .pb_in = 2,
	  .doc = "Azure data disk."),
	F(photon_persistent_disk, "photonPersistentDisk", MESSAGE,
	  .desc = &core_photon_persistent_disk_volume_source_desc, .pb = 17, .pb_in = 2,
	  .doc = "Photon Controller disk."),
	F(portworx_volume, "portworxVolume", MESSAGE, .desc = &core_portworx_volume_source_desc, .pb = 18, .pb_in = 2,
	  .doc = "Portworx volume."),
	F(scale_io, "scaleIO", MESSAGE, .desc = &core_scale_io_persistent_volume_source_desc, .pb = 19, .pb_in = 2,
	  .doc = "ScaleIO volume."),
	F(local, "local", MESSAGE, .desc = &core_local_volume_source_desc, .pb = 20, .pb_in = 2,
	  .doc = "A directory or device of one node."),
	F(storageos, "storageos", MESSAGE, .desc = &core_storage_os_persistent_volume_source_desc, .pb = 21, .pb_in = 2,
	  .doc = "StorageOS volume."),
	F(csi, "csi", MESSAGE, .desc = &core_csi_persistent_volume_source_desc, .pb = 22, .pb_in = 2,
	  .doc = "Volume of a CSI driver."),
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .pb = 3, .doc = "How the volume may be mounted."),
	F(claim_ref, "claimRef", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "The claim that the volume is bound to."),
	F(persistent_volume_reclaim_policy, "persistentVolumeReclaimPolicy", STRING,
	  .enums = &words_recycle_delete_retain, .dflt = "\"Retain\"", .pb = 5,
	  .doc = "What happens to the volume when its claim is gone."),
	F(storage_class_name, "storageClassName", STRING, .pb = 6, .doc = "Storage class; empty for none."),
	F(mount_options, "mountOptions", STRING, .flags = MSG_LIST, .pb = 7, .doc = "Options of the mount."),
	F(volume_mode, "volumeMode", STRING, .enums = &words_block_filesystem, .dflt = "\"Filesystem\"", .pb = 8,
	  .doc = "Filesystem or Block."),
	F(node_affinity, "nodeAffinity", MESSAGE, .desc = &core_volume_node_affinity_desc, .pb = 9,
	  .doc = "Nodes on which it may or should be placed."),
	F(volume_attributes_class_name, "volumeAttributesClassName", STRING, .pb = 10,
	  .doc = "Class of attributes of the volume."),
};
DESC(core_persistent_volume_spec, "PersistentVolumeSpec", "What is wanted of a persistent volume.");
#undef T

#define T struct core_persistent_volume_status
static const struct msg_field core_persistent_volume_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_available_bound_released_faile, .pb = 1,
	  .doc = "Phase of the life cycle."),
	F(message, "message", STRING, .pb = 2, .doc = "Sentence for people that says why."),
	F(reason, "reason", STRING, .pb = 3, .doc = "One word in CamelCase that says why."),
	F(last_phase_transition_time, "lastPhaseTransitionTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When the phase changed last."),
};
DESC(core_persistent_volume_status, "PersistentVolumeStatus", "What was observed of a persistent volume.");
#undef T

#define T struct core_persistent_volume
static const struct msg_field core_persistent_volume_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_persistent_volume_status_desc, .dflt = "{\"phase\":\"Pending\"}",
	  .pb = 3, .doc = "What was observed last; written by controllers."),
};
DESC(core_persistent_volume, "PersistentVolume", "A piece of storage.");
#undef T

#define T struct core_persistent_volume_claim_condition
static const struct msg_field core_persistent_volume_claim_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .pb = 3, .doc = "When it was checked last."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 5, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 6, .doc = "Sentence for people that says why."),
};
DESC(core_persistent_volume_claim_condition, "PersistentVolumeClaimCondition",
     "One condition of a persistent volume claim.");
#undef T

#define T struct core_modify_volume_status
static const struct msg_field core_modify_volume_status_rows[] = {
	F(target_volume_attributes_class_name, "targetVolumeAttributesClassName", STRING, .pb = 1,
	  .doc = "Class that the volume is moving to."),
	F(status, "status", STRING, .enums = &words_pending_in_progress_infeasible, .pb = 2,
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_modify_volume_status, "ModifyVolumeStatus", "What was observed of a modify volume.");
#undef T

#define T struct core_persistent_volume_claim_status
static const struct msg_field core_persistent_volume_claim_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_bound_lost, .pb = 1, .doc = "Phase of the life cycle."),
	F(access_modes, "accessModes", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .flags = MSG_LIST, .pb = 2, .doc = "How the volume may be mounted."),
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .pb = 3, .doc = "Size, by resource."),
	F(conditions, "conditions", MESSAGE, .desc = &core_persistent_volume_claim_condition_desc, .flags = MSG_LIST,
	  .keys = "type", .merge_key = "type", .pb = 4, .doc = "Conditions observed last."),
	F(allocated_resources, "allocatedResources", STR_MAP, .elem = MSG_QUANTITY, .pb = 5,
	  .doc = "Resources set aside, by name."),
	F(allocated_resource_statuses, "allocatedResourceStatuses", STR_MAP, .pb = 7,
	  .doc = "How far resizing has come."),
	F(current_volume_attributes_class_name, "currentVolumeAttributesClassName", STRING, .pb = 8,
	  .doc = "Class in use."),
	F(modify_volume_status, "modifyVolumeStatus", MESSAGE, .desc = &core_modify_volume_status_desc, .pb = 9,
	  .doc = "How far modifying has come."),
};
DESC(core_persistent_volume_claim_status, "PersistentVolumeClaimStatus",
     "What was observed of a persistent volume claim.");
#undef T

#define T struct core_persistent_volume_claim
static const struct msg_field core_persistent_volume_claim_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_persistent_volume_claim_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_persistent_volume_claim_status_desc,
	  .dflt = "{\"phase\":\"Pending\"}", .pb = 3, .doc = "What was observed last; written by controllers."),
};
DESC(core_persistent_volume_claim, "PersistentVolumeClaim", "A request for storage.");
#undef T
