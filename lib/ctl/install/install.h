/* The commands that install Weft, keep it up to date, take it away, and say before what will not work. */
#ifndef CTL_INSTALL_INSTALL_H
#define CTL_INSTALL_INSTALL_H

#include "ctl/core/core.h"

/* Installs the operator, and a control plane if asked for. */
enum ctl_status ctl_install(struct ctl *c);
/* Brings the operator and the definitions to the version of this program. */
enum ctl_status ctl_upgrade(struct ctl *c);
/* Removes all meshes, then the operator. */
enum ctl_status ctl_uninstall(struct ctl *c);
/* Says what will not work: of a cluster, or of objects. */
enum ctl_status ctl_precheck(struct ctl *c);

#endif
