/* The mail filter's policy, read as the daemon would read it. */
#include "core/model/tree.h"

#include "core/base/buf.h"
#include "core/filter/filter.h"
#include "core/sys/root.h"

#define CONFIG        "/var/service/qpsmtpd/config"
#define QMAIL_CONTROL "/var/qmail/control"

enum {
	BUNDLE_MAX = 64 << 20
};

bool
tree_filter_policy(const struct model_ctx *m, const char *config,
    struct filter_policy **policy, struct err *e)
{
	char path[SYS_PATH_MAX], control[SYS_PATH_MAX];
	struct buf bundle = BUF_INIT(BUNDLE_MAX);
	bool ok = root_path(m->root, CONFIG, path, e) &&
		  root_path(m->root, QMAIL_CONTROL, control, e) &&
		  filter_bundle_read(
		      config != NULL ? config : path, control, &bundle, e) &&
		  filter_policy_new(buf_str(&bundle), policy, e);
	buf_clear(&bundle);
	return ok;
}
