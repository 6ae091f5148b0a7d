/* What reading and writing values in files share. */
#ifndef CORE_SETTING_FORM_INT_H
#define CORE_SETTING_FORM_INT_H

#include "core/base/str.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"

#include <stdbool.h>

#define FORM_MARK "# smemail: " /* with an id behind it: ours */

/* The id in the setting's mark. */
const char *form_mark_id(const struct setting *s);
bool form_is_mark(const struct setting *s, struct str line);
/* Nothing that a program would act on? */
bool form_is_comment(struct str line);
/* The first line that counts, blanks cut; false: there is none. */
bool form_first_line(struct str text, struct str *line);
/* The target as the file names it: the form's own, else the one given. */
struct str form_target(const struct setting *s, const char *target);
/* Is the line the entry of this target? Blanks and letter case aside. */
bool form_is_entry(const struct setting *s, struct str line, struct str target,
    struct str *value);

#endif
