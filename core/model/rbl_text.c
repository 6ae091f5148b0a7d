/* Rows of the list views in words. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/model/rbl.h"

enum {
	CODES_TEXT_MAX = 1024
};

static const char *
codes_shown(struct arena *arena, const struct rbl_result *r)
{
	struct buf text = BUF_INIT(CODES_TEXT_MAX);
	char addr[NET_ADDR_TEXT_SIZE];
	for (size_t i = 0; i < r->n_codes; i++)
		(void)buf_addf(&text, "%s%s", i > 0 ? " " : "",
		    net_addr_format(&r->codes[i].answer, addr));
	const char *shown =
	    text.len > 0 ? arena_cstr(arena, buf_str(&text)) : "-";
	buf_clear(&text);
	return shown;
}

/* What the codes of a listing mean, else the list's own text. */
static const char *
meaning_shown(struct arena *arena, const struct rbl_row *row)
{
	const struct rbl_result *r = &row->result;
	struct buf text = BUF_INIT(CODES_TEXT_MAX);
	if (r->reason.len > 0 || !row->believed)
		return arena_cstr(arena, r->reason);
	if (r->verdict != RBL_LISTED)
		return "";
	for (size_t i = 0; i < r->n_codes; i++) {
		if (r->codes[i].counts && r->codes[i].meaning != NULL)
			(void)buf_addf(&text, "%s%s", text.len > 0 ? "; " : "",
			    r->codes[i].meaning);
	}
	if (text.len == 0)
		(void)buf_add_str(&text, r->text);
	const char *shown = arena_cstr(arena, buf_str(&text));
	buf_clear(&text);
	return shown;
}

enum finding_state
rbl_row_state(const struct rbl_row *row)
{
	bool listed = row->result.verdict == RBL_LISTED;
	bool white = row->result.list != NULL &&
		     (row->result.list->kinds & DNS_LIST_WHITE) != 0;
	if (!row->believed)
		return FINDING_UNKNOWN;
	if (listed && !white)
		return FINDING_FAIL;
	return FINDING_OK;
}

const char *
rbl_row_verdict(const struct rbl_row *row)
{
	if (row->result.verdict == RBL_LISTED)
		return row->believed ? _("listed") : _("listed?");
	if (row->result.verdict == RBL_CLEAN)
		return row->believed ? _("not listed") : _("not listed?");
	if (row->result.verdict == RBL_WRONG)
		return _("no list's answer");
	return row->result.verdict == RBL_REFUSED     ? _("refused us")
	       : row->result.verdict == RBL_NOT_ASKED ? _("not asked")
						      : _("could not be asked");
}

const char *
rbl_row_detail(struct arena *arena, const struct rbl_row *r)
{
	const char *codes = codes_shown(arena, &r->result);
	const char *meaning = meaning_shown(arena, r);
	if (r->result.n_codes == 0)
		return meaning;
	return meaning[0] == '\0'
		   ? codes
		   : arena_printf(arena, _("%s: %s"), codes, meaning);
}

enum finding_state
rbl_zone_state(const struct rbl_zone *z)
{
	switch (z->health) {
	case RBL_HEALTH_OK:
		return FINDING_OK;
	case RBL_HEALTH_NO_TEST:
	case RBL_HEALTH_UNKNOWN:
		return FINDING_UNKNOWN;
	case RBL_HEALTH_DEAD:
	case RBL_HEALTH_WORLD:
	case RBL_HEALTH_PARKED:
	case RBL_HEALTH_REFUSED:
	case RBL_HEALTH_CLOSED:
		break;
	}
	return FINDING_FAIL;
}

const char *
rbl_zone_text(struct arena *arena, const struct rbl_zone *z)
{
	const struct dns_list *k = z->known;
	if (k == NULL || k->state == DNS_LIST_OPEN)
		return arena_cstr(arena, z->reason);
	if (k->instead != NULL)
		return arena_printf(
		    arena, _("it has closed, %s took its place"), k->instead);
	if (k->since[0] == '\0')
		return z->health == RBL_HEALTH_CLOSED
			   ? _("it has closed")
			   : arena_cstr(arena, z->reason);
	return arena_printf(arena,
	    k->state == DNS_LIST_CLOSED ? _("it has closed (%s)")
					: _("it is said to have closed (%s)"),
	    k->since);
}
