/* Can this file be a database, or was it damaged? */
#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/db/db_int.h"

bool
db_is_whole(
    const struct db *db, const char *path, const char *shown, struct err *e)
{
	struct str text = buf_str(&db->text);
	if (str_find(text, '\0', 0) < text.len) {
		err_set(e, ERR_PERMANENT,
		    _("'%s' holds bytes that are no text: it is damaged"),
		    shown);
		return err_next(e, _("restore it from a backup"));
	}
	/* every writer ends a database with the end of a line */
	if (text.len == 0 || text.ptr[text.len - 1] == '\n')
		return true;
	err_set(e, ERR_PERMANENT,
	    _("'%s' ends in the middle of a line: it was cut off"), shown);
	return err_next(
	    e, _("restore it; if nothing is missing: echo >>%s"), path);
}
