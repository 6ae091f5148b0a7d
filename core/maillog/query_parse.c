/* Conditions as they are typed. */
#include "core/maillog/query_int.h"

#include "core/base/find.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/mail/idna.h"

#include <stdlib.h>
#include <string.h>

enum {
	OTHER_MAX = 4096 /* what is longer is written in one way */
};

/* The process that did it: of clamd and the queue's line the connection. */
static uint64_t
pid_of(const struct maillog_event *ev)
{
	uint32_t pid = maillog_connection(ev);
	if (ev->kind >= MAILLOG_DOVECOT_LOGIN &&
	    ev->kind <= MAILLOG_DOVECOT_TEXT)
		return ev->mailbox.mpid;
	return pid != 0 ? pid : ev->pid;
}

static uint64_t
spamd_of(const struct maillog_event *ev)
{
	return ev->kind >= MAILLOG_SPAMD_CONNECTION &&
		       ev->kind <= MAILLOG_SPAMD_TEXT
		   ? ev->pid
		   : 0;
}

static const struct query_key keys[] = {
	{ "from", QUERY_HOW_FIELD, MAILLOG_F_FROM, NULL },
	{ "to", QUERY_HOW_FIELD, MAILLOG_F_TO, NULL },
	{ "ip", QUERY_HOW_IP, MAILLOG_F_IP, NULL },
	{ "host", QUERY_HOW_FIELD, MAILLOG_F_HOST, NULL },
	{ "helo", QUERY_HOW_FIELD, MAILLOG_F_HELO, NULL },
	{ "plugin", QUERY_HOW_PLUGIN, MAILLOG_F_PLUGIN, NULL },
	{ "hook", QUERY_HOW_FIELD, MAILLOG_F_HOOK, NULL },
	{ "mid", QUERY_HOW_FIELD, MAILLOG_F_MID, NULL },
	{ "user", QUERY_HOW_FIELD, MAILLOG_F_USER, NULL },
	{ "rules", QUERY_HOW_FIELD, MAILLOG_F_RULES, NULL },
	{ "virus", QUERY_HOW_FIELD, MAILLOG_F_VIRUS, NULL },
	{ "id", QUERY_HOW_FIELD, MAILLOG_F_ID, NULL },
	{ "qp", QUERY_HOW_NUMBER, MAILLOG_N_FIELDS, maillog_qp },
	{ "pid", QUERY_HOW_NUMBER, MAILLOG_N_FIELDS, pid_of },
	{ "spamd", QUERY_HOW_NUMBER, MAILLOG_N_FIELDS, spamd_of },
	{ "msg", QUERY_HOW_NUMBER, MAILLOG_N_FIELDS, maillog_msg },
	{ "delivery", QUERY_HOW_NUMBER, MAILLOG_N_FIELDS, maillog_delivery },
	{ "score", QUERY_HOW_SCORE, MAILLOG_F_SCORE, NULL },
	{ "kind", QUERY_HOW_KIND, MAILLOG_N_FIELDS, NULL },
	{ "verdict", QUERY_HOW_VERDICT, MAILLOG_N_FIELDS, NULL },
	{ "result", QUERY_HOW_RESULT, MAILLOG_N_FIELDS, NULL },
	{ "severity", QUERY_HOW_SEVERITY, MAILLOG_N_FIELDS, NULL },
};

const char *const query_words[] = { "from:", "to:", "ip:", "host:", "helo:",
	"plugin:", "hook:", "mid:", "user:", "rules:", "virus:", "id:", "qp:",
	"pid:", "spamd:", "msg:", "delivery:", "score>", "score<",
	"kind:", "verdict:", "result:", "severity:", NULL };

/* "KEY" and what stands behind it; NULL without a known key. */
static const struct query_key *
key_of(struct str *word, enum query_compare *compare)
{
	static const struct {
		const char *sign;
		enum query_compare compare;
	} signs[] = {
		{ ":>=", QUERY_IS_AT_LEAST },
		{ ":<=", QUERY_IS_AT_MOST },
		{ ":>", QUERY_IS_ABOVE },
		{ ":<", QUERY_IS_BELOW },
		{ ">=", QUERY_IS_AT_LEAST },
		{ "<=", QUERY_IS_AT_MOST },
		{ ">", QUERY_IS_ABOVE },
		{ "<", QUERY_IS_BELOW },
		{ "=", QUERY_IS_EQUAL },
		{ ":", QUERY_IS_EQUAL },
	};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct str name = str_of(keys[i].name);
		if (!str_starts_nocase(*word, name))
			continue;
		struct str rest = str_sub(*word, name.len, word->len);
		for (size_t k = 0; k < ARRAY_LEN(signs); k++) {
			struct str sign = str_of(signs[k].sign);
			bool plain = str_is(sign, ":");
			if (!str_starts(rest, sign) ||
			    (!plain && keys[i].how != QUERY_HOW_SCORE))
				continue;
			*compare = signs[k].compare;
			*word = str_sub(rest, sign.len, rest.len);
			return &keys[i];
		}
	}
	return NULL;
}

static bool
take_not(struct str *word)
{
	if (!str_starts(*word, STR("!")))
		return false;
	*word = str_sub(*word, 1, word->len);
	return true;
}

bool
query_is_condition(struct str word)
{
	enum query_compare compare;
	(void)take_not(&word);
	return key_of(&word, &compare) != NULL;
}

static bool
bad_value(struct str word, const char *wanted, struct err *e)
{
	return err_set(e, ERR_USAGE, _("cannot search for '%.*s': %s"),
	    STR_ARG(word), wanted);
}

/* Words that a key knows; false when 'value' is none of them. */
static bool
known_word(enum query_how how, struct str value)
{
	static const char *const verdicts[] = { "queued", "refused",
		"deferred" };
	if (how == QUERY_HOW_VERDICT) {
		for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
			if (str_is_nocase(value, verdicts[i]))
				return true;
		return false;
	}
	if (how == QUERY_HOW_KIND) {
		for (int i = 0; i < MAILLOG_N_KINDS; i++)
			if (str_is_nocase(
				value, maillog_kind_name((enum maillog_kind)i)))
				return true;
		return false;
	}
	if (how == QUERY_HOW_RESULT) {
		for (int i = 1; i <= MAILLOG_EXPIRED; i++)
			if (str_is_nocase(value,
				maillog_result_name((enum maillog_result)i)))
				return true;
		return false;
	}
	return true;
}

/* What could stand there; the kinds are too many for a line. */
static bool
bad_word(struct str word, enum query_how how, struct err *e)
{
	struct buf all = BUF_INIT(OTHER_MAX);
	if (how == QUERY_HOW_KIND) {
		(void)bad_value(word, _("there is no such word"), e);
		return err_next(e, "smemail log show --lines 100 --json");
	}
	for (int i = 1; i <= MAILLOG_EXPIRED; i++)
		buf_addf(&all, "%s%s", i > 1 ? ", " : "",
		    maillog_result_name((enum maillog_result)i));
	(void)bad_value(word, buf_cstr(&all), e);
	buf_clear(&all);
	return false;
}

static bool
set_severity(struct query_item *item, struct str value)
{
	for (int i = MAILLOG_DEBUG; i <= MAILLOG_SEVERE; i++) {
		if (!str_is_nocase(
			value, maillog_severity_name((enum maillog_severity)i)))
			continue;
		item->number = (uint64_t)i;
		return true;
	}
	return false;
}

/* Read the value as the key wants it. */
static bool
set_value(
    struct query_item *item, struct str word, struct str value, struct err *e)
{
	struct net_addr address;
	if (value.len == 0)
		return bad_value(word, _("a value is missing"), e);
	switch (item->key->how) {
	case QUERY_HOW_NUMBER:
		return num_parse_u64(value, UINT64_MAX, &item->number) ||
		       bad_value(word, _("a whole number is needed"), e);
	case QUERY_HOW_SCORE:
		return maillog_decimal(value, 2, &item->score) ||
		       bad_value(word, _("a number is needed"), e);
	case QUERY_HOW_IP:
		item->has_block = net_block_parse(value, &item->block) ||
				  (net_prefix_parse(value, &item->block) &&
				      !net_addr_parse(value, &address));
		return item->has_block ||
		       bad_value(word,
			   _("an address, a block or the beginning of one is "
			     "needed"),
			   e);
	case QUERY_HOW_SEVERITY:
		return set_severity(item, value) ||
		       bad_value(
			   word, "debug, info, notice, warning, error", e);
	case QUERY_HOW_VERDICT:
		return known_word(QUERY_HOW_VERDICT, value) ||
		       bad_value(word, "queued, refused, deferred", e);
	case QUERY_HOW_KIND:
	case QUERY_HOW_RESULT:
		return known_word(item->key->how, value) ||
		       bad_word(word, item->key->how, e);
	case QUERY_HOW_FIELD:
	case QUERY_HOW_PLUGIN:
	case QUERY_HOW_TEXT:
		break;
	}
	return true;
}

/* A word that stands for a line and not in it, or joins its parts. */
static bool
is_of_showing(struct str word)
{
	static const char *const words[] = { "queued", "refused", "deferred",
		"debug", "info", "notice", "warning", "error", "->", "score" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (find_bytes(words[i], strlen(words[i]), word, true) != NULL)
			return true;
	return false;
}

/*
 * A text can be found in the line as shown where it was not written so, with
 * the words and signs of showing in it or between its parts. All its other
 * words were written: the longest is the needle.
 */
static void
set_text(struct query_item *item, struct str word)
{
	line_match_init(&item->match, word);
	struct str text = str_of(item->match.text);
	item->shown = item->match.pattern;
	for (size_t from = 0; !item->match.pattern && from < text.len;) {
		size_t to = str_find(text, ' ', from), end = to;
		while (end > from && text.ptr[end - 1] == ',')
			end--;
		bool own =
		    end > from && !is_of_showing(str_sub(text, from, end));
		if (own && end - from > item->needle_len) {
			item->needle = from;
			item->needle_len = end - from;
		}
		from = to + 1;
	}
	if (item->needle_len < text.len)
		item->shown = true;
}

/*
 * How else the value may stand in a log: a domain as the DNS has it, a text of
 * qmail with "_" for each blank. False when out of memory.
 */
static bool
set_other(struct query_item *item, struct str value)
{
	struct buf other = BUF_INIT(OTHER_MAX);
	bool found = false;
	if (item->key == NULL && str_find(value, ' ', 0) < value.len) {
		for (size_t i = 0; i < value.len; i++)
			buf_add_char(
			    &other, value.ptr[i] == ' ' ? '_' : value.ptr[i]);
		found = !item->match.pattern && !other.failed;
	} else if (item->key == NULL || item->key->how == QUERY_HOW_FIELD) {
		found = !item->match.pattern && idna_text(value, &other);
		/* which of both is written nobody knows */
		if (found)
			item->needle_len = 0;
	}
	if (found) {
		item->other = str_dup(buf_str(&other));
		line_match_init(&item->other_match, buf_str(&other));
	}
	buf_clear(&other);
	return !found || item->other != NULL;
}

static void
item_clear(struct query_item *item)
{
	free(item->value);
	free(item->other);
	line_match_clear(&item->match);
	line_match_clear(&item->other_match);
}

bool
query_add(struct query *q, struct str word, bool text, struct err *e)
{
	struct query_item item;
	struct str value = word;
	memset(&item, 0, sizeof(item));
	if (q->n == QUERY_MAX)
		return err_set(e, ERR_USAGE, _("too many filters"));
	if (!text) {
		item.not = take_not(&value);
		item.key = key_of(&value, &item.compare);
		if (item.key == NULL)
			return bad_value(word, _("there is no such word"), e);
		if (!set_value(&item, word, value, e))
			return false;
	} else {
		set_text(&item, word);
		if (item.match.pattern && item.match.compiled == NULL) {
			item_clear(&item);
			return bad_value(
			    word, _("it is no pattern that can be"), e);
		}
	}
	if (q->items == NULL)
		q->items = calloc(QUERY_MAX, sizeof(*q->items));
	item.value = str_dup(value);
	if (q->items == NULL || item.value == NULL ||
	    !set_other(&item, value)) {
		item_clear(&item);
		return err_no_memory(e);
	}
	q->items[q->n++] = item;
	return true;
}

void
query_clear(struct query *q)
{
	for (size_t i = 0; i < q->n; i++)
		item_clear(&q->items[i]);
	free(q->items);
	*q = (struct query){ NULL, 0 };
}
