/* Options of the commands that test something. */
#include "cmd/diagnosis.h"

#include "core/base/i18n.h"
#include "core/base/num.h"

enum {
	TIMEOUT_MAX_S = 3600,
	MS_PER_S = 1000
};

bool
diagnosis_timeout(const struct call *call, int64_t *ms, struct err *e)
{
	const char *text = call_option(call, "timeout");
	int64_t seconds;
	*ms = 0;
	if (text == NULL)
		return true;
	if (!num_parse_i64(str_of(text), 1, TIMEOUT_MAX_S, &seconds))
		return err_set(e, ERR_USAGE,
		    _("--timeout takes whole seconds from 1 to %d, not '%s'"),
		    TIMEOUT_MAX_S, text);
	*ms = seconds * MS_PER_S;
	return true;
}
