/* What the commands on signed messages share: reading one, showing a verdict.
 */
#include "cmd/dkim.h"

#include "cmd/app_dns.h"
#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "core/mail/lines.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>

bool
dkim_message_read(
    struct app *app, const char *name, struct buf *out, struct err *e)
{
	bool ok = strcmp(name, "-") == 0 ? file_read_fd(fileno(app->in),
					       _("standard input"), out, e)
					 : file_read_named(name, out, e);
	if (ok && out->len == 0)
		ok = err_set(e, ERR_USAGE, _("'%s' is empty"), name);
	return ok;
}

const char *
dkim_time_shown(struct app *app, int64_t unix_s)
{
	return unix_s < 0
		   ? "-"
		   : moment_shown(app->arena, unix_s, clock_wall_s(app->clock));
}

bool
dkim_reading_begin(
    struct app *app, const char *name, struct dkim_reading *r, struct err *e)
{
	*r = (struct dkim_reading){ .text = BUF_INIT(DKIM_FILE_MAX) };
	if (!dkim_message_read(app, name, &r->text, e))
		return false;
	mail_lines_to_lf(&r->text);
	r->crypto = crypto_load(e);
	r->judge = r->crypto != NULL ? dkim_judge_new(r->crypto) : NULL;
	if (r->crypto != NULL && r->judge == NULL)
		err_no_memory(e);
	r->dns = r->judge != NULL ? app_dns(app, e) : NULL;
	return r->dns != NULL && dkim_message_parse(buf_str(&r->text),
				     app->arena, &r->message, e);
}

void
dkim_reading_end(struct dkim_reading *r)
{
	dkim_judge_free(r->judge);
	buf_clear(&r->text);
}

static void
json_time(struct json *j, int64_t unix_s)
{
	if (unix_s < 0)
		json_null(j);
	else
		json_int(j, unix_s);
}

void
dkim_verdict_json(struct json *j, const struct dkim_verdict *v)
{
	json_key(j, "result");
	json_cstr(j, dkim_result_word(v->result));
	json_key(j, "reason");
	json_cstr(j, dkim_reason_word(v->reason));
	json_key(j, "text");
	json_cstr(j, dkim_reason_text(v->reason));
	json_key(j, "detail");
	json_str(j, v->detail);
	json_key(j, "key_bits");
	json_int(j, v->key_bits);
	json_key(j, "testing");
	json_bool(j, v->testing);
}

void
dkim_signature_json(struct json *j, const struct dkim_signature *s)
{
	char canon[32];
	snprintf(canon, sizeof(canon), "%s/%s",
	    dkim_canon_word(s->header_canon), dkim_canon_word(s->body_canon));
	json_key(j, "domain");
	json_str(j, s->domain);
	json_key(j, "selector");
	json_str(j, s->selector);
	json_key(j, "algorithm");
	json_str(j, s->algorithm_text);
	json_key(j, "canonicalization");
	json_cstr(j, canon);
	json_key(j, "signed_at");
	json_time(j, s->signed_at);
	json_key(j, "expires");
	json_time(j, s->expires);
	json_key(j, "headers");
	json_array_begin(j);
	for (size_t i = 0; i < s->n_headers; i++)
		json_str(j, s->headers[i]);
	json_array_end(j);
}
