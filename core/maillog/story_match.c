/* Is a story about what was asked for (LG-44)? */
#include "core/maillog/story.h"

#include "core/base/compiler.h"
#include "core/base/num.h"

static bool
holds_nocase(struct str s, struct str what)
{
	for (size_t i = 0; i + what.len <= s.len; i++)
		if (str_eq_nocase(str_n(s.ptr + i, what.len), what))
			return true;
	return false;
}

/* Brackets aside: people paste an id with or without them. */
static struct str
bare(struct str s)
{
	if (str_starts(s, STR("<")))
		s = str_sub(s, 1, s.len);
	if (str_ends(s, STR(">")))
		s = str_sub(s, 0, s.len - 1);
	return s;
}

/* "a@b" is that address, "@b" any of that domain. */
static bool
is_address(struct str address, struct str what)
{
	address = bare(address);
	if (what.len == 0)
		return false;
	if (what.ptr[0] != '@')
		return str_eq_nocase(address, what);
	return address.len > what.len &&
	       str_eq_nocase(
		   str_sub(address, address.len - what.len, address.len), what);
}

/* qmail puts "USER-" or "alias-localdelivery-" in front of virtual ones. */
static bool
is_delivery_to(struct str address, struct str what)
{
	if (is_address(address, what))
		return true;
	return what.len > 0 && what.ptr[0] != '@' && address.len > what.len &&
	       address.ptr[address.len - what.len - 1] == '-' &&
	       str_eq_nocase(
		   str_sub(address, address.len - what.len, address.len), what);
}

static bool
by_address(const struct story *s, struct str what)
{
	struct str rest = s->recipients, one;
	what = bare(what);
	if (is_address(s->sender, what) || is_address(s->refused, what))
		return true;
	while (maillog_recipient_next(&rest, &one))
		if (is_address(one, what))
			return true;
	for (size_t i = 0; i < s->n_deliveries; i++)
		if (is_delivery_to(s->deliveries[i].address, what))
			return true;
	return false;
}

static bool
by_delivery(const struct story *s, uint64_t number)
{
	for (size_t i = 0; i < s->n_deliveries; i++)
		for (size_t k = 0; k < s->deliveries[i].n_tries; k++)
			if (s->deliveries[i].tries[k].number == number)
				return true;
	return false;
}

static bool
by_text(const struct story *s, struct str what)
{
	const struct str texts[] = { s->mid, s->sender, s->recipients,
		s->refused, s->ip, s->host, s->helo, s->rule, s->reason,
		s->extra, s->virus_name, s->scan_rules, s->country, s->queue_id,
		s->bounce_id };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (holds_nocase(texts[i], what))
			return true;
	for (size_t i = 0; i < s->n_deliveries; i++) {
		const struct story_delivery *d = &s->deliveries[i];
		if (holds_nocase(d->address, what))
			return true;
		for (size_t k = 0; k < d->n_tries; k++)
			if (holds_nocase(d->tries[k].text, what))
				return true;
	}
	return false;
}

bool
story_matches(const struct story *s, enum story_key key, struct str what)
{
	uint64_t n = 0;
	bool number = num_parse_u64(what, UINT64_MAX, &n) && n != 0;
	switch (key) {
	case STORY_BY_MID:
		return s->mid.len > 0 && str_eq(bare(s->mid), bare(what));
	case STORY_BY_ADDRESS:
		return by_address(s, what);
	case STORY_BY_IP:
		return str_eq_nocase(s->ip, what);
	case STORY_BY_PID:
		return number && s->pid == n;
	case STORY_BY_QP:
		return number && s->qp == n;
	case STORY_BY_MSG:
		return number && s->msg == n;
	case STORY_BY_DELIVERY:
		return number && by_delivery(s, n);
	case STORY_BY_SCAN_PID:
		return number && s->scan_pid == n;
	case STORY_BY_QUEUE_ID:
		return s->queue_id.len > 0 && str_eq(s->queue_id, what);
	case STORY_BY_TEXT:
		return what.len > 0 && by_text(s, what);
	}
	return false;
}
