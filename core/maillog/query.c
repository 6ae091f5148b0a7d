/* Does an event fit the conditions? */
#include "core/maillog/query_int.h"

#include "core/base/find.h"
#include "core/net/addr.h"

#include <string.h>

static bool
score_fits(const struct query_item *item, struct str text)
{
	int64_t score;
	if (!maillog_decimal(text, 2, &score))
		return false;
	switch (item->compare) {
	case QUERY_IS_EQUAL:
		return score == item->score;
	case QUERY_IS_ABOVE:
		return score > item->score;
	case QUERY_IS_BELOW:
		return score < item->score;
	case QUERY_IS_AT_LEAST:
		return score >= item->score;
	case QUERY_IS_AT_MOST:
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
holds(struct str field, const char *value)
{
	return value != NULL &&
	       find_bytes(field.ptr, field.len, str_of(value), true) != NULL;
}

static bool
key_fits(const struct query_item *item, const struct maillog_event *ev)
{
	struct str value = str_of(item->value), field = STR_EMPTY;
	struct net_addr address;
	if (item->key->field < MAILLOG_N_FIELDS)
		field = maillog_field(ev, item->key->field);
	switch (item->key->how) {
	case QUERY_HOW_FIELD:
		return field.len > 0 &&
		       (holds(field, item->value) || holds(field, item->other));
	case QUERY_HOW_IP:
		return net_addr_parse(field, &address) &&
		       net_block_has(&item->block, &address);
	case QUERY_HOW_PLUGIN:
		return plugin_is(field, value);
	case QUERY_HOW_NUMBER:
		return item->number != 0 &&
		       item->key->number(ev) == item->number;
	case QUERY_HOW_SCORE:
		return score_fits(item, field);
	case QUERY_HOW_KIND:
		return str_is_nocase(
		    value, maillog_kind_name((enum maillog_kind)ev->kind));
	case QUERY_HOW_VERDICT:
		return str_is_nocase(value, verdict_word(ev->verdict));
	case QUERY_HOW_RESULT:
		return str_is_nocase(value,
		    maillog_result_name((enum maillog_result)ev->result));
	case QUERY_HOW_SEVERITY:
		return ev->severity >= item->number;
	case QUERY_HOW_TEXT:
		break;
	}
	return false;
}

static bool
text_fits(const struct query_item *item, struct str raw, struct str shown)
{
	size_t at, len;
	return line_match_find(&item->match, raw, 0, &at, &len) ||
	       (item->other != NULL &&
		   line_match_find(&item->other_match, raw, 0, &at, &len)) ||
	       (item->shown &&
		   line_match_find(&item->match, shown, 0, &at, &len));
}

bool
query_sees_shown(const struct query *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->items[i].shown)
			return true;
	return false;
}

bool
query_matches(const struct query *q, struct str raw, struct str shown,
    const struct maillog_event *ev)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct query_item *item = &q->items[i];
		bool fits = item->key != NULL ? key_fits(item, ev)
					      : text_fits(item, raw, shown);
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
		return str_sub(str_of(item->match.text), item->needle,
		    item->needle + item->needle_len);
	}
	/* what is written in two ways has no needle */
	if (item->other != NULL)
		return none;
	if (item->key->how == QUERY_HOW_FIELD ||
	    item->key->how == QUERY_HOW_NUMBER)
		return str_of(item->value);
	/* an address that is whole is written in one way only */
	if (item->key->how == QUERY_HOW_IP && !item->block.addr.is_ipv6 &&
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
