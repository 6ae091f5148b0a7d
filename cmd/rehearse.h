/* What the files of the command "rehearse" share. */
#ifndef CMD_REHEARSE_H
#define CMD_REHEARSE_H

#include "cmd/app.h"
#include "core/model/rehearse_with.h"

/* Two rehearsals, or one. */
struct rehearse_result {
	struct rehearsal now, with;
	bool compared; /* 'with' was made */
	struct rehearse_pair *pairs;
	size_t n_pairs;
	const char *because; /* they are not the same; or NULL */
};

void rehearse_show(struct app *app, const struct rehearse_result *r);
void rehearse_show_json(struct app *app, const struct rehearse_result *r);

#endif
