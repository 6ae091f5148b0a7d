/* Findings as a table or as JSON. */
#include "cmd/findings.h"

#include "cmd/render.h"
#include "core/base/i18n.h"

#include <string.h>

enum {
	COLUMNS = 3,
	ANSWER_NO = 1,
	EXIT_TEMPORARY = 111
};

int
findings_exit(const struct findings *f)
{
	switch (findings_worst(f)) {
	case FINDING_FAIL:
		return ANSWER_NO;
	case FINDING_UNKNOWN:
		return EXIT_TEMPORARY;
	case FINDING_OK:
	case FINDING_INFO:
	case FINDING_WARN:
		break;
	}
	return 0;
}

void
findings_json(struct json *j, const struct findings *f)
{
	json_key(j, "result");
	json_cstr(j, finding_word(findings_worst(f)));
	json_key(j, "findings");
	json_array_begin(j);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->list[i];
		json_object_begin(j);
		json_key(j, "state");
		json_cstr(j, finding_word(one->state));
		json_key(j, "id");
		json_cstr(j, one->id);
		json_key(j, "subject");
		json_cstr(j, one->label);
		json_key(j, "text");
		json_cstr(j, one->text);
		json_key(j, "next");
		json_cstr(j, one->next);
		json_object_end(j);
	}
	json_array_end(j);
}

/* Does an earlier finding say the same helps? */
static bool
is_told(const struct findings *f, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (f->list[k].next != NULL &&
		    strcmp(f->list[k].next, f->list[i].next) == 0)
			return true;
	}
	return false;
}

int
findings_show(struct app *app, const struct findings *f)
{
	static const size_t widths[COLUMNS] = { 4, 13, 58 };
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->list[i];
		struct str cells[COLUMNS] = { str_of(finding_shown(one->state)),
			str_of(_(one->label)), str_of(one->text) };
		render_stream_row(
		    app, cells, widths, COLUMNS, app->terminal ? 19 : 0);
	}
	for (size_t i = 0; i < f->n; i++) {
		if (f->list[i].next != NULL && !is_told(f, i))
			render_next(app, "%s", f->list[i].next);
	}
	return findings_exit(f);
}
