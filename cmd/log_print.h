/* Log events on the terminal, in text and in JSON. */
#ifndef CMD_LOG_PRINT_H
#define CMD_LOG_PRINT_H

#include "cmd/app.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/maillog/tai64n.h"
#include "core/model/logs.h"

struct log_printer {
	struct app *app;
	const char *schema; /* of a line of JSON */
	bool raw;           /* lines as they are in the file */
	size_t service_width;
	struct tai64n_zone zone;
	struct buf story;
};

void log_print_init(
    struct log_printer *p, struct app *app, const char *schema, bool raw);
void log_print_clear(struct log_printer *p);
/* Room for the names of services (NULL-terminated). */
void log_print_width(struct log_printer *p, const char *const *names);
/* As text, raw, or a line of JSON, as the options of the program say. */
void log_print(struct log_printer *p, const struct log_event *event);
/* The keys of an event in an object that is open. */
void log_event_json(
    struct log_printer *p, struct json *j, const struct log_event *event);

#endif
