/* Shared by the commands on signed messages. */
#ifndef CMD_DKIM_H
#define CMD_DKIM_H

#include "cmd/app.h"
#include "core/auth/dkim.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/model/dkim_align.h"

enum {
	DKIM_FILE_MAX = 256 << 20, /* a message read whole */
	DKIM_EXIT_NO = 1,
	DKIM_EXIT_TEMPORARY = 111 /* it could not be tested */
};

/*
 * Append the message 'name' ("-": standard input), bytes as they are. An empty
 * one is an error.
 */
MUST_USE bool dkim_message_read(
    struct app *app, const char *name, struct buf *out, struct err *e);
/* "2026-03-17T14:02:11+01:00", or "-" for -1; in the arena. */
const char *dkim_time_shown(struct app *app, int64_t unix_s);

/* What a command on a signed message works with. */
struct dkim_reading {
	struct buf text;
	const struct crypto *crypto;
	struct dkim_judge *judge;
	struct dkim_message message;
	struct dns *dns;
};

/*
 * Read the message 'name' for verifying, with what that needs; end it in either
 * case. False with the reason.
 */
MUST_USE bool dkim_reading_begin(
    struct app *app, const char *name, struct dkim_reading *r, struct err *e);
void dkim_reading_end(struct dkim_reading *r);

/* Into the JSON object that is open. */
void dkim_verdict_json(struct json *j, const struct dkim_verdict *v);
void dkim_signature_json(struct json *j, const struct dkim_signature *s);

/* "alignment" of the JSON object that is open; the line for people. */
void dkim_align_json(struct json *j, const struct dkim_message *m,
    const struct dkim_alignment *x);
void dkim_align_show(struct app *app, const struct dkim_message *m,
    const struct dkim_alignment *x);

#endif
