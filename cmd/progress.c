/* The bar of long work. */
#include "cmd/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FIRST_MS = 500,
	AGAIN_MS = 200,
	BAR_CELLS = 30,
	PERCENT = 100,
};

void
progress_begin(struct progress *p, struct app *app, const char *what)
{
	const char *term = getenv("TERM");
	*p = (struct progress){
		.app = app, .what = what, .began_ms = clock_mono_ms(app->clock)
	};
	p->on = !app->json && !app->accessible &&
		isatty(fileno(app->err)) == 1 && term != NULL &&
		strcmp(term, "dumb") != 0;
}

void
progress_show(void *ctx, uint64_t done, uint64_t all)
{
	struct progress *p = ctx;
	int64_t now = clock_mono_ms(p->app->clock);
	char bar[BAR_CELLS + 1];
	if (!p->on || all == 0 || now - p->began_ms < FIRST_MS ||
	    (p->shown && now - p->shown_ms < AGAIN_MS))
		return;
	if (done > all)
		done = all;
	uint64_t full = done * BAR_CELLS / all;
	for (uint64_t i = 0; i < BAR_CELLS; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_CELLS] = '\0';
	fprintf(p->app->err, "\r%s  [%s]  %3llu %%", p->what, bar,
	    (unsigned long long)(done * PERCENT / all));
	fflush(p->app->err);
	p->shown = true;
	p->shown_ms = now;
}

void
progress_end(struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", p->app->err);
	fflush(p->app->err);
	p->shown = false;
}
