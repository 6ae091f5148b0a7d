/* dkim sign: the message with a signature of this server's key, or another. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/dkim.h"
#include "cmd/render.h"
#include "core/auth/dmarc.h"
#include "core/auth/facts.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/mail/lines.h"
#include "core/model/dkim.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>

enum {
	LIFETIME_MAX = 366 * 86400
};

static bool
read_canon(const char *text, struct dkim_sign *how, struct err *e)
{
	static const char *const words[] = { "simple", "relaxed" };
	for (size_t i = 0; text != NULL && i < 4; i++) {
		char canon[32];
		snprintf(
		    canon, sizeof(canon), "%s/%s", words[i / 2], words[i % 2]);
		if (strcmp(text, canon) != 0)
			continue;
		how->header_canon = i / 2 == 1 ? DKIM_RELAXED : DKIM_SIMPLE;
		how->body_canon = i % 2 == 1 ? DKIM_RELAXED : DKIM_SIMPLE;
		return true;
	}
	return text == NULL ||
	       err_set(e, ERR_USAGE,
		   _("'%s' is no canonicalization: simple/simple, "
		     "relaxed/relaxed, relaxed/simple, simple/relaxed"),
		   text);
}

/* Of the first address in From; NULL without one. */
static const char *
from_domain(struct app *app, const struct mail_header *h, struct err *e)
{
	const struct filter_field *f =
	    mail_fields_find(h->fields, h->n_fields, "from");
	struct buf name = BUF_INIT(FACT_NAME_MAX);
	const char *domain = NULL;
	if (f != NULL && dmarc_from_domain(f->body, &name, NULL)) {
		domain = arena_cstr(app->arena, buf_str(&name));
	} else {
		err_set(
		    e, ERR_USAGE, _("there is no address in From to sign for"));
		err_next(e, "smemail dkim sign --domain DOMAIN FILE");
	}
	buf_clear(&name);
	return domain;
}

/* A key from a file given with --key, or that of the server's folders. */
static bool
choose_key(struct app *app, const struct call *call, const char *domain,
    struct dkim_sign *how, struct dkim_own *own, struct err *e)
{
	const char *file = call_option(call, "key");
	const char *selector = call_option(call, "selector");
	enum crypto_kind kind =
	    call_has(call, "ed25519") ? CRYPTO_ED25519 : CRYPTO_RSA;
	if (file == NULL) {
		if (!model_root_check(&app->root, e) ||
		    !dkim_own_find(&app->model, how->crypto, DKIM_KEYS_DIR,
			domain, kind, own, e))
			return false;
		how->domain = str_of(own->domain);
		how->selector =
		    str_of(selector != NULL ? selector : own->selector);
	} else {
		struct buf pem = BUF_INIT(CRYPTO_PEM_MAX);
		if (selector == NULL)
			return err_set(
			    e, ERR_USAGE, _("--key needs --selector"));
		if (file_read_named(file, &pem, e))
			own->key = how->crypto->key_private(buf_str(&pem), e);
		buf_wipe(&pem);
		how->domain = str_of(domain);
		how->selector = str_of(selector);
	}
	how->key = own->key;
	return own->key != NULL;
}

/* The field with the line ends that the message has. */
static void
print_signed(
    struct app *app, struct str field, struct str message, bool field_only)
{
	size_t lf = str_find(message, '\n', 0);
	bool crlf = lf > 0 && lf < message.len && message.ptr[lf - 1] == '\r';
	struct str line;
	while (str_next_line(&field, &line)) {
		render_raw(app, line);
		render_raw(app, crlf ? STR("\r\n") : STR("\n"));
	}
	if (!field_only)
		render_raw(app, message);
}

static bool
sign_text(struct app *app, const struct call *call, struct str message,
    struct buf *field, struct err *e)
{
	struct buf text = BUF_INIT(DKIM_FILE_MAX);
	struct dkim_message m;
	struct dkim_own own = { 0 };
	struct dkim_sign how = { .crypto = crypto_load(e),
		.header_canon = DKIM_RELAXED,
		.body_canon = DKIM_RELAXED,
		.now_s = clock_wall_s(app->clock) };
	int64_t days = 0;
	const char *expires = call_option(call, "expires");
	buf_add_str(&text, message);
	mail_lines_to_lf(&text);
	bool ok = how.crypto != NULL &&
		  read_canon(call_option(call, "canon"), &how, e) &&
		  dkim_message_parse(buf_str(&text), app->arena, &m, e);
	if (ok && expires != NULL &&
	    !num_parse_i64(str_of(expires), 1, LIFETIME_MAX / 86400, &days))
		ok = err_set(
		    e, ERR_USAGE, _("'%s' is no number of days"), expires);
	how.lifetime_s = days * 86400;
	const char *domain = call_option(call, "domain");
	if (ok && domain == NULL)
		domain = from_domain(app, &m.header, e);
	ok = ok && domain != NULL &&
	     choose_key(app, call, domain, &how, &own, e) &&
	     dkim_sign(&how, &m.header, app->arena, field, e);
	if (how.crypto != NULL)
		dkim_own_clear(how.crypto, &own);
	buf_clear(&text);
	return ok;
}

static int
run_sign(struct app *app, const struct call *call, struct err *e)
{
	struct buf message = BUF_INIT(DKIM_FILE_MAX), field = BUF_INIT(65536);
	bool ok = dkim_message_read(app, call->args[0], &message, e) &&
		  sign_text(app, call, buf_str(&message), &field, e);
	if (ok)
		print_signed(app, buf_str(&field), buf_str(&message),
		    call_has(call, "field"));
	buf_clear(&message);
	buf_clear(&field);
	return ok ? 0 : err_exit_status(e->code);
}

const struct command command_dkim_sign = {
	.words = "dkim sign",
	.summary = N_("sign a message and print it"),
	.text = N_("Signs with the key of the sender's domain on this server, "
		   "or with the one in a file (--key, --selector). From is "
		   "signed twice, so that no second one can be added; l= is "
		   "never used."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.options = { { "domain", 0, "DOMAIN", ARG_DOMAIN,
			 N_("sign for this domain, not that of From") },
	    { "selector", 0, "NAME", ARG_TEXT, N_("selector of the key") },
	    { "key", 0, "FILE", ARG_FILE, N_("private key (PEM)") },
	    { "ed25519", 0, NULL, ARG_TEXT,
		N_("use the Ed25519 key of the domain") },
	    { "canon", 0, "FORM", ARG_TEXT,
		N_("simple/simple, relaxed/relaxed, ...") },
	    { "expires", 0, "DAYS", ARG_TEXT,
		N_("the signature expires after so many days") },
	    { "field", 0, NULL, ARG_TEXT,
		N_("print only the signature, not the message") } },
	.flags = COMMAND_NO_ROOT,
	.run = run_sign,
};
