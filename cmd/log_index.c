/* The index of the logs. */
#include "cmd/log_index.h"

#include "cmd/progress.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/logs.h"

void
log_index_refresh(struct app *app, const struct call *call)
{
	struct progress bar;
	if (call_has(call, "logs") || !render_flush(app))
		return;
	progress_begin(&bar, app, _("indexing the logs"));
	log_index_update(&app->model, progress_show, &bar);
	progress_end(&bar);
}
