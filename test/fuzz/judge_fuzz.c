/* Objects of anybody's mesh are judged: whatever they hold, each finding has a text, and the verdict is the worst of
 * them. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "ctl/install/precheck.h"
#include "msg/json.h"
#include "msg/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_finding(void *arg, enum verdict v, const char *path, const char *text)
{
	enum verdict *worst = arg;

	if (!path || !*text || v >= VERDICT_COUNT)
		abort();
	*worst = MAX(*worst, v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	enum verdict worst = VERDICT_CARRIED, ret = VERDICT_COUNT;

	if (yaml_parse(slice_make(data, size), &o, NULL) < 0)
		return 0;
	if (judge_object(o, on_finding, &worst, &ret) && ret != worst)
		abort();
	return 0;
}
