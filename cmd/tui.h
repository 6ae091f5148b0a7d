/* Opening the full screen from a command. */
#ifndef CMD_TUI_H
#define CMD_TUI_H

#include "cmd/app.h"
#include "core/base/err.h"

/*
 * Run the screen, beginning with 'screen' ("top"; NULL: the dashboard). Gives
 * the exit status. Where the terminal is not fit for it the error names
 * 'instead' as what to use (NULL: the shell).
 */
int tui_open(
    struct app *app, const char *screen, const char *instead, struct err *e);

#endif
