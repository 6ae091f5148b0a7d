/* What the files of describe share. */
#ifndef CMD_SETTINGS_DESCRIBE_INT_H
#define CMD_SETTINGS_DESCRIBE_INT_H

#include "cmd/app.h"
#include "core/model/settings.h"

enum {
	DESCRIBE_TEXT_MAX = 1 << 16
};

/* What is described. */
struct settings_subject {
	const struct setting *s;
	struct settings_row row;
	bool has_row; /* false: a setting of users ... without a target */
	const struct journal_entry *last; /* or NULL */
};

/*
 * The bytes stored before d->last, which there must be, or what held then; NULL
 * of a secret.
 */
const char *settings_old_text(
    struct app *app, const struct settings_subject *d);
void settings_describe_json(struct app *app, const struct settings_subject *d);

#endif
