/* weftctl: installs Weft, keeps it up to date, and says what will not work. Also kubectl's plugin kubectl-weft. */
#include <signal.h>

#include "base/log.h"
#include "ctl/front/ctl.h"

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERROR);
	return ctl_main(argc, argv, stdout, stderr);
}
