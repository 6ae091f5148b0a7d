/* The options of spfquery: one or two dashes, "=" or a blank, cut short. */
#include "cmd/spf_query.h"

#include "cmd/options.h"
#include "core/auth/spf_record.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <stdint.h>

/* What an option does. */
enum use {
	USE_IP,
	USE_SENDER,
	USE_HELO,
	USE_IDENTITY,
	USE_SCOPE,
	USE_NAME,
	USE_EXPLANATION,
	USE_FILE,
	USE_RECIPIENTS,
	USE_GUESS,
	USE_LOCAL,
	USE_OVERRIDE,
	USE_FALLBACK,
	USE_LOOKUPS,
	USE_VERSIONS,
	USE_TRUSTED,
	USE_SWITCH, /* of talk and tuning: taken, without effect */
	USE_COMMENTS,
	USE_VERSION,
	USE_HELP,
	USE_JSON
};

/* Does a value belong to it? */
enum takes {
	TAKES_NONE,
	TAKES_NUMBER, /* when the next word is one */
	TAKES_VALUE
};

static const struct spelling {
	const char *name;
	enum use use;
	enum takes takes;
} spellings[] = {
	{ "ip", USE_IP, TAKES_VALUE },
	{ "ip-address", USE_IP, TAKES_VALUE },
	{ "i", USE_IP, TAKES_VALUE },
	{ "sender", USE_SENDER, TAKES_VALUE },
	{ "mfrom", USE_SENDER, TAKES_VALUE },
	{ "s", USE_SENDER, TAKES_VALUE },
	{ "helo", USE_HELO, TAKES_VALUE },
	{ "helo-identity", USE_HELO, TAKES_VALUE },
	{ "h", USE_HELO, TAKES_VALUE },
	{ "identity", USE_IDENTITY, TAKES_VALUE },
	{ "scope", USE_SCOPE, TAKES_VALUE },
	{ "name", USE_NAME, TAKES_VALUE },
	{ "hostname", USE_NAME, TAKES_VALUE },
	{ "n", USE_NAME, TAKES_VALUE },
	{ "default-explanation", USE_EXPLANATION, TAKES_VALUE },
	{ "def-exp", USE_EXPLANATION, TAKES_VALUE },
	{ "e", USE_EXPLANATION, TAKES_VALUE },
	{ "file", USE_FILE, TAKES_VALUE },
	{ "f", USE_FILE, TAKES_VALUE },
	{ "rcpt-to", USE_RECIPIENTS, TAKES_VALUE },
	{ "authorize-mxes-for", USE_RECIPIENTS, TAKES_VALUE },
	{ "r", USE_RECIPIENTS, TAKES_VALUE },
	{ "guess", USE_GUESS, TAKES_VALUE },
	{ "g", USE_GUESS, TAKES_VALUE },
	{ "local", USE_LOCAL, TAKES_VALUE },
	{ "l", USE_LOCAL, TAKES_VALUE },
	{ "override", USE_OVERRIDE, TAKES_VALUE },
	{ "a", USE_OVERRIDE, TAKES_VALUE },
	{ "fallback", USE_FALLBACK, TAKES_VALUE },
	{ "z", USE_FALLBACK, TAKES_VALUE },
	{ "max-lookup", USE_LOOKUPS, TAKES_VALUE },
	{ "max-dns-interactive-terms", USE_LOOKUPS, TAKES_VALUE },
	{ "m", USE_LOOKUPS, TAKES_VALUE },
	{ "versions", USE_VERSIONS, TAKES_VALUE },
	{ "trusted", USE_TRUSTED, TAKES_NUMBER },
	{ "tfwl", USE_TRUSTED, TAKES_NONE },
	{ "t", USE_TRUSTED, TAKES_NUMBER },
	{ "debug", USE_SWITCH, TAKES_NUMBER },
	{ "d", USE_SWITCH, TAKES_NUMBER },
	{ "sanitize", USE_SWITCH, TAKES_NUMBER },
	{ "no-sanitize", USE_SWITCH, TAKES_NONE },
	{ "c", USE_SWITCH, TAKES_NUMBER },
	{ "verbose", USE_SWITCH, TAKES_NONE },
	{ "enable-black-magic", USE_SWITCH, TAKES_NONE },
	{ "no-keep-comments", USE_SWITCH, TAKES_NONE },
	{ "keep-comments", USE_COMMENTS, TAKES_NONE },
	{ "k", USE_COMMENTS, TAKES_NONE },
	{ "version", USE_VERSION, TAKES_NONE },
	{ "v", USE_VERSION, TAKES_NUMBER },
	{ "V", USE_VERSION, TAKES_NONE },
	{ "help", USE_HELP, TAKES_NONE },
	{ "json", USE_JSON, TAKES_NONE },
};

/* The one of this name, or the only use that the name begins; NULL: none. */
static const struct spelling *
spelling_find(struct str name)
{
	const struct spelling *found = NULL;
	bool several = false;
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
		const struct spelling *s = &spellings[i];
		if (str_is(name, s->name))
			return s;
		if (name.len < 2 || !str_starts(str_of(s->name), name))
			continue;
		several = several || (found != NULL && found->use != s->use);
		found = s;
	}
	return several ? NULL : found;
}

/* "1", "1,2" */
static bool
is_number(const char *word)
{
	return word != NULL && word[0] != '\0' &&
	       word[strspn(word, "0123456789,")] == '\0';
}

/* The terms as a record, or NULL: they are none. */
static const char *
record_of_terms(struct app *app, const char *terms, struct err *e)
{
	struct spf_record r;
	struct spf_syntax bad;
	const char *record = spf_record_is(str_of(terms))
				 ? terms
				 : arena_printf(app->arena, "v=spf1 %s", terms);
	if (spf_record_parse(str_of(record), app->arena, &r, &bad))
		return record;
	err_set(e, ERR_USAGE, _("the terms '%s' are wrong at '%.*s': %s"),
	    terms, STR_ARG(bad.term), _(bad.reason));
	return NULL;
}

/* "DOMAIN=RECORD", or the terms of --guess for the domain that is checked. */
static bool
given_add(struct app *app, struct spf_query *q, const char *value, enum use use,
    struct err *e)
{
	struct str record = str_of(value), domain = STR_EMPTY;
	if (use != USE_GUESS)
		domain = str_cut(str_of(value), '=', &record);
	if (record.ptr == NULL || (use != USE_GUESS && domain.len == 0))
		return err_set(e, ERR_USAGE,
		    _("'%s' is not DOMAIN=RECORD, such as "
		      "example.org='v=spf1 -all'"),
		    value);
	if (q->n_given == SPF_QUERY_GIVEN_MAX)
		return err_set(e, ERR_USAGE, _("more than %d records given"),
		    SPF_QUERY_GIVEN_MAX);
	/* one for a domain may be wrong: what comes of it is the question */
	const char *text =
	    use == USE_GUESS || !spf_record_is(record)
		? record_of_terms(app, arena_cstr(app->arena, record), e)
		: arena_cstr(app->arena, record);
	if (text == NULL)
		return false;
	q->given[q->n_given++] = (struct spf_given){ .domain = domain,
		.record = str_of(text),
		.fallback = use != USE_OVERRIDE };
	return true;
}

static bool
scope_set(struct spf_query *q, const char *value, struct err *e)
{
	q->of_helo = strcmp(value, "helo") == 0;
	return q->of_helo || strcmp(value, "mfrom") == 0 ||
	       err_set(e, ERR_USAGE,
		   _("unknown scope '%s': mfrom or helo (pra is of Sender ID, "
		     "which nobody checks)"),
		   value);
}

static bool
lookups_set(struct spf_query *q, const char *value, struct err *e)
{
	uint64_t n;
	if (!num_parse_u64(str_of(value), 1000, &n) || n == 0)
		return err_set(e, ERR_USAGE,
		    _("'%s' is not a number from 1 to 1000"), value);
	q->lookups_max = (unsigned)n;
	return true;
}

/* What is only kept; false: it means more than that. */
static bool
text_set(struct spf_query *q, enum use use, const char *value)
{
	const struct {
		enum use use;
		const char **to;
	} texts[] = {
		{ USE_IP, &q->ip },
		{ USE_IDENTITY, &q->sender },
		{ USE_SENDER, &q->sender },
		{ USE_HELO, &q->helo },
		{ USE_NAME, &q->name },
		{ USE_EXPLANATION, &q->explanation },
		{ USE_FILE, &q->file },
		{ USE_RECIPIENTS, &q->recipients },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].use == use) {
			*texts[i].to = value;
			return true;
		}
	return false;
}

static bool
switch_set(struct app *app, struct spf_query *q, enum use use)
{
	const struct {
		enum use use;
		bool *on;
	} switches[] = {
		{ USE_COMMENTS, &q->keep_comments },
		{ USE_VERSION, &q->version },
		{ USE_HELP, &q->help },
		{ USE_JSON, &app->json },
	};
	for (size_t i = 0; i < ARRAY_LEN(switches); i++)
		if (switches[i].use == use) {
			*switches[i].on = true;
			return true;
		}
	return false;
}

static bool
value_set(struct app *app, struct spf_query *q, enum use use, const char *value,
    struct err *e)
{
	const char *record;
	if (text_set(q, use, value) || switch_set(app, q, use))
		return true;
	switch ((int)use) {
	case USE_SCOPE:
		return scope_set(q, value, e);
	case USE_LOOKUPS:
		return lookups_set(q, value, e);
	case USE_GUESS:
	case USE_OVERRIDE:
	case USE_FALLBACK:
		return given_add(app, q, value, use, e);
	case USE_LOCAL:
		record = record_of_terms(app, value, e);
		q->local = str_of(record);
		return record != NULL;
	case USE_VERSIONS:
		return strchr(value, '1') != NULL ||
		       err_set(e, ERR_USAGE,
			   _("'%s': only records of version 1 (v=spf1) are "
			     "judged"),
			   value);
	case USE_TRUSTED:
		return value[0] == '0' ||
		       err_set(e, ERR_USAGE,
			   _("trusted-forwarder.org has closed: nobody can be "
			     "asked"));
	default: /* USE_SWITCH: taken without effect */
		return true;
	}
}

/* "-s helo" is the scope of one spfquery, "-s ann@example.org" the sender of
   the other; so are "-v 1" and "-v". */
static enum use
use_settle(enum use use, struct str name, const char *value)
{
	if (use == USE_SENDER && str_is(name, "s") &&
	    (strcmp(value, "helo") == 0 || strcmp(value, "mfrom") == 0 ||
		strcmp(value, "pra") == 0))
		return USE_SCOPE;
	return str_is(name, "v") && value[0] != '\0' ? USE_VERSIONS : use;
}

/* "--dns ADDR:PORT", "--jsonl": they may stand among those of spfquery. */
static bool
global_take(struct app *app, const struct call *call, size_t *at, struct err *e)
{
	struct parse p = { .words = call->args, .n = call->n_args, .at = *at };
	const char *word = call->args[*at];
	if (word[0] != '-' || word[1] != '-')
		return err_set(
		    e, ERR_USAGE, _("spf query does not know '%s'"), word);
	if (!option_global_take(app, &p, e)) {
		err_next(e, "smemail help spf query");
		return false;
	}
	*at = p.at - 1;
	return true;
}

/* One option with its value; *at is left on the last word used. */
static bool
option_read(struct app *app, struct spf_query *q, const struct call *call,
    size_t *at, struct err *e)
{
	const char *word = call->args[*at];
	const char *next = *at + 1 < call->n_args ? call->args[*at + 1] : NULL;
	struct str value, name = str_cut(str_of(word), '=', &value);
	while (name.len > 0 && name.ptr[0] == '-')
		name = str_sub(name, 1, name.len);
	const struct spelling *s = spelling_find(name);
	if (word[0] != '-' || name.len == 0 || s == NULL)
		return global_take(app, call, at, e);
	bool follows = value.ptr == NULL &&
		       (s->takes == TAKES_VALUE ||
			   (s->takes == TAKES_NUMBER && is_number(next)));
	if (follows && next == NULL)
		return err_set(e, ERR_USAGE, _("'%s' needs a value"), word);
	if (follows) {
		value = str_of(next);
		(*at)++;
	}
	const char *text = value.ptr != NULL ? value.ptr : "";
	return value_set(app, q, use_settle(s->use, name, text), text, e);
}

bool
spf_query_options(struct app *app, const struct call *call,
    struct spf_query *out, struct err *e)
{
	*out = (struct spf_query){ .ip = NULL };
	for (size_t i = 0; i < call->n_args; i++)
		if (!option_read(app, out, call, &i, e))
			return false;
	if (!out->of_helo)
		return true;
	if (out->sender != NULL) /* --scope helo --identity NAME */
		out->helo = out->sender;
	out->sender = NULL;
	return true;
}
