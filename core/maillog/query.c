/* Conditions on events. */
#include "core/maillog/query.h"

#include "core/base/find.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/net/addr.h"

#include <stdlib.h>
#include <string.h>

enum query_how {
	HOW_FIELD,  /* the text is in the field, letter case aside */
	HOW_IP,     /* address, block or beginning */
	HOW_PLUGIN, /* any name of the plugin */
	HOW_NUMBER, /* a number is it */
	HOW_SCORE,  /* compared */
	HOW_KIND,
	HOW_VERDICT,
	HOW_RESULT,
	HOW_SEVERITY, /* at least */
	HOW_TEXT,
};

struct query_key {
	const char *name;
	enum query_how how;
	enum maillog_field field;
	uint64_t (*number)(const struct maillog_event *ev);
};

static uint64_t
pid_of(const struct maillog_event *ev)
{
	uint32_t pid = maillog_connection(ev);
	return pid != 0 ? pid : ev->pid;
}

static const struct query_key keys[] = {
	{ "from", HOW_FIELD, MAILLOG_F_FROM, NULL },
	{ "to", HOW_FIELD, MAILLOG_F_TO, NULL },
	{ "ip", HOW_IP, MAILLOG_F_IP, NULL },
	{ "host", HOW_FIELD, MAILLOG_F_HOST, NULL },
	{ "helo", HOW_FIELD, MAILLOG_F_HELO, NULL },
	{ "plugin", HOW_PLUGIN, MAILLOG_F_PLUGIN, NULL },
	{ "hook", HOW_FIELD, MAILLOG_F_HOOK, NULL },
	{ "mid", HOW_FIELD, MAILLOG_F_MID, NULL },
	{ "user", HOW_FIELD, MAILLOG_F_USER, NULL },
	{ "rules", HOW_FIELD, MAILLOG_F_RULES, NULL },
	{ "virus", HOW_FIELD, MAILLOG_F_VIRUS, NULL },
	{ "id", HOW_FIELD, MAILLOG_F_ID, NULL },
	{ "qp", HOW_NUMBER, MAILLOG_N_FIELDS, maillog_qp },
	{ "pid", HOW_NUMBER, MAILLOG_N_FIELDS, pid_of },
	{ "msg", HOW_NUMBER, MAILLOG_N_FIELDS, maillog_msg },
	{ "delivery", HOW_NUMBER, MAILLOG_N_FIELDS, maillog_delivery },
	{ "score", HOW_SCORE, MAILLOG_F_SCORE, NULL },
	{ "kind", HOW_KIND, MAILLOG_N_FIELDS, NULL },
	{ "verdict", HOW_VERDICT, MAILLOG_N_FIELDS, NULL },
	{ "result", HOW_RESULT, MAILLOG_N_FIELDS, NULL },
	{ "severity", HOW_SEVERITY, MAILLOG_N_FIELDS, NULL },
};

const char *const query_words[] = { "from:", "to:", "ip:", "host:", "helo:",
	"plugin:", "hook:", "mid:", "user:", "rules:", "virus:", "id:", "qp:",
	"pid:", "msg:", "delivery:", "score>", "score<",
	"kind:", "verdict:", "result:", "severity:", NULL };

enum compare {
	COMPARE_EQUAL,
	COMPARE_ABOVE,
	COMPARE_BELOW,
	COMPARE_AT_LEAST,
	COMPARE_AT_MOST,
};

struct query_item {
	const struct query_key *key; /* NULL: a text */
	bool not ;
	enum compare compare;
	char *value;
	uint64_t number;
	int64_t score; /* in hundredths */
	struct net_block block;
	bool has_block;
	struct line_match match;
};

/* "KEY" and what stands behind it; NULL without a known key. */
static const struct query_key *
key_of(struct str *word, enum compare *compare)
{
	static const struct {
		const char *sign;
		enum compare compare;
	} signs[] = {
		{ ":>=", COMPARE_AT_LEAST },
		{ ":<=", COMPARE_AT_MOST },
		{ ":>", COMPARE_ABOVE },
		{ ":<", COMPARE_BELOW },
		{ ">=", COMPARE_AT_LEAST },
		{ "<=", COMPARE_AT_MOST },
		{ ">", COMPARE_ABOVE },
		{ "<", COMPARE_BELOW },
		{ "=", COMPARE_EQUAL },
		{ ":", COMPARE_EQUAL },
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
			    (!plain && keys[i].how != HOW_SCORE))
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
	enum compare compare;
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
	if (how == HOW_VERDICT) {
		for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
			if (str_is_nocase(value, verdicts[i]))
				return true;
		return false;
	}
	if (how == HOW_KIND) {
		for (int i = 0; i < MAILLOG_N_KINDS; i++)
			if (str_is_nocase(
				value, maillog_kind_name((enum maillog_kind)i)))
				return true;
		return false;
	}
	if (how == HOW_RESULT) {
		for (int i = 1; i <= MAILLOG_EXPIRED; i++)
			if (str_is_nocase(value,
				maillog_result_name((enum maillog_result)i)))
				return true;
		return false;
	}
	return true;
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
	case HOW_NUMBER:
		return num_parse_u64(value, UINT64_MAX, &item->number) ||
		       bad_value(word, _("a whole number is needed"), e);
	case HOW_SCORE:
		return maillog_decimal(value, 2, &item->score) ||
		       bad_value(word, _("a number is needed"), e);
	case HOW_IP:
		item->has_block = net_block_parse(value, &item->block) ||
				  (net_prefix_parse(value, &item->block) &&
				      !net_addr_parse(value, &address));
		return item->has_block ||
		       bad_value(word,
			   _("an address, a block or the beginning of one is "
			     "needed"),
			   e);
	case HOW_SEVERITY:
		return set_severity(item, value) ||
		       bad_value(
			   word, "debug, info, notice, warning, error", e);
	case HOW_VERDICT:
		return known_word(HOW_VERDICT, value) ||
		       bad_value(word, "queued, refused, deferred", e);
	case HOW_KIND:
	case HOW_RESULT:
		return known_word(item->key->how, value) ||
		       bad_value(word, _("there is no such word"), e);
	case HOW_FIELD:
	case HOW_PLUGIN:
	case HOW_TEXT:
		break;
	}
	return true;
}

static void
item_clear(struct query_item *item)
{
	free(item->value);
	line_match_clear(&item->match);
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
		line_match_init(&item.match, word);
	}
	if (q->items == NULL)
		q->items = calloc(QUERY_MAX, sizeof(*q->items));
	item.value = strndup(value.len > 0 ? value.ptr : "", value.len);
	if (q->items == NULL || item.value == NULL) {
		item_clear(&item);
		return err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
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

static bool
score_fits(const struct query_item *item, struct str text)
{
	int64_t score;
	if (!maillog_decimal(text, 2, &score))
		return false;
	switch (item->compare) {
	case COMPARE_EQUAL:
		return score == item->score;
	case COMPARE_ABOVE:
		return score > item->score;
	case COMPARE_BELOW:
		return score < item->score;
	case COMPARE_AT_LEAST:
		return score >= item->score;
	case COMPARE_AT_MOST:
		return score <= item->score;
	}
	return false;
}

static bool
plugin_is(struct str name, struct str wanted)
{
	if (name.len == 0)
		return false;
	const struct maillog_plugin *a = maillog_plugin_find(name);
	const struct maillog_plugin *b = maillog_plugin_find(wanted);
	return str_eq_nocase(name, wanted) || (a != NULL && a == b) ||
	       (a != NULL && str_is_nocase(wanted, a->abbreviation));
}

static const char *
verdict_word(uint8_t verdict)
{
	static const char *const words[] = {
		[MAILLOG_NO_VERDICT] = "",
		[MAILLOG_QUEUED] = "queued",
		[MAILLOG_REFUSED] = "refused",
		[MAILLOG_DEFERRED] = "deferred",
	};
	return words[verdict];
}

static bool
key_fits(const struct query_item *item, const struct maillog_event *ev)
{
	struct str value = str_of(item->value), field = STR_EMPTY;
	struct net_addr address;
	if (item->key->field < MAILLOG_N_FIELDS)
		field = maillog_field(ev, item->key->field);
	switch (item->key->how) {
	case HOW_FIELD:
		return field.len > 0 &&
		       find_bytes(field.ptr, field.len, value, true) != NULL;
	case HOW_IP:
		return net_addr_parse(field, &address) &&
		       net_block_has(&item->block, &address);
	case HOW_PLUGIN:
		return plugin_is(field, value);
	case HOW_NUMBER:
		return item->number != 0 &&
		       item->key->number(ev) == item->number;
	case HOW_SCORE:
		return score_fits(item, field);
	case HOW_KIND:
		return str_is_nocase(
		    value, maillog_kind_name((enum maillog_kind)ev->kind));
	case HOW_VERDICT:
		return str_is_nocase(value, verdict_word(ev->verdict));
	case HOW_RESULT:
		return str_is_nocase(value,
		    maillog_result_name((enum maillog_result)ev->result));
	case HOW_SEVERITY:
		return ev->severity >= item->number;
	case HOW_TEXT:
		break;
	}
	return false;
}

bool
query_matches(
    const struct query *q, struct str raw, const struct maillog_event *ev)
{
	size_t at, len;
	for (size_t i = 0; i < q->n; i++) {
		const struct query_item *item = &q->items[i];
		bool fits = item->key != NULL ? key_fits(item, ev)
					      : line_match_find(&item->match,
						    raw, 0, &at, &len);
		if (fits == item->not )
			return false;
	}
	return true;
}

/* The text that every line needs for the item; empty when there is none. */
static struct str
item_needle(const struct query_item *item, bool *exact)
{
	struct str none = STR_EMPTY;
	*exact = false;
	if (item->not )
		return none;
	if (item->key == NULL) {
		*exact = item->match.exact;
		return item->match.pattern ? none : str_of(item->match.text);
	}
	if (item->key->how == HOW_FIELD || item->key->how == HOW_NUMBER)
		return str_of(item->value);
	/* an address that is whole is written in one way only */
	if (item->key->how == HOW_IP && !item->block.addr.is_ipv6 &&
	    item->block.bits == net_addr_bits(&item->block.addr) &&
	    strcspn(item->value, "/:") == strlen(item->value))
		return str_of(item->value);
	return none;
}

bool
query_needle(const struct query *q, struct str *needle, bool *exact)
{
	bool found = false;
	for (size_t i = 0; i < q->n; i++) {
		bool case_counts;
		struct str text = item_needle(&q->items[i], &case_counts);
		/* the longest is the rarest */
		if (text.len == 0 || (found && text.len <= needle->len))
			continue;
		*needle = text;
		*exact = case_counts;
		found = true;
	}
	return found;
}

size_t
query_needles(const struct query *q, struct str needles[QUERY_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < q->n; i++) {
		bool exact;
		needles[n] = item_needle(&q->items[i], &exact);
		n += needles[n].len > 0;
	}
	return n;
}
