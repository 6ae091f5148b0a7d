/* Tables of the mail report by domain and by address (LG-60, LG-61). */
#include "core/base/i18n.h"
#include "core/model/report_int.h"

#include <stdlib.h>

/* Reversed labels: "com.example.www" keeps what belongs together. */
static int
by_labels(const void *va, const void *vb)
{
	struct str x = (*(const struct tally_row *const *)va)->key;
	struct str y = (*(const struct tally_row *const *)vb)->key;
	while (x.len > 0 && y.len > 0) {
		size_t i = x.len, k = y.len;
		while (i > 0 && x.ptr[i - 1] != '.')
			i--;
		while (k > 0 && y.ptr[k - 1] != '.')
			k--;
		int order = str_cmp(str_sub(x, i, x.len), str_sub(y, k, y.len));
		if (order != 0)
			return order;
		x.len = i > 0 ? i - 1 : 0;
		y.len = k > 0 ? k - 1 : 0;
	}
	return x.len < y.len ? -1 : x.len > y.len;
}

const char *
report_domain_type(const struct report *r, struct arena *a, struct str name)
{
	for (size_t i = 0; i < r->config.n_backup; i++)
		if (str_is_nocase(name, r->config.backup[i]))
			return arena_printf(a, "mxbackup-%zu", i + 1);
	if (str_is(name, "Internal"))
		return "local";
	return str_is(name, "Outgoing") || str_is(name, "Others") ? "other"
								  : "local";
}

static size_t
sorted_rows(const struct tally *t, struct arena *a,
    int (*order)(const void *, const void *),
    const struct tally_row *const **out)
{
	const struct tally_row **rows =
	    ARENA_ARRAY(a, t->len + 1, const struct tally_row *);
	for (size_t i = 0; i < t->len; i++)
		rows[i] = &t->rows[i];
	if (t->len > 1)
		qsort(rows, t->len, sizeof(*rows), order);
	*out = rows;
	return t->len;
}

size_t
report_domain_rows(const struct report *r, struct arena *a,
    const struct tally_row *const **rows)
{
	return sorted_rows(&r->stats.qpsmtpd.domains, a, by_labels, rows);
}

static void
domain_cells(struct arena *a, struct str name, const char *type,
    const uint64_t n[TALLY_COUNTS], struct str *c)
{
	c[0] = name;
	c[1] = str_of(type);
	c[2] = str_of(report_count_text(a, n[STATS_TOTAL]));
	c[3] = str_of(report_count_text(a, n[STATS_DENY]));
	c[4] = str_of("0"); /* XferErr: nothing in the logs tells it */
	c[5] = str_of(report_count_text(a, n[STATS_ACCEPT]));
	c[6] = str_of(arena_printf(
	    a, "%.2f", report_percent(n[STATS_ACCEPT], n[STATS_TOTAL])));
}

void
report_domains_table(struct report_maker *m)
{
	enum {
		WIDTH = 7
	};
	static const struct report_column columns[WIDTH] = {
		{ N_("DOMAIN"), false },
		{ N_("TYPE"), false },
		{ N_("TOTAL"), true },
		{ N_("DENY"), true },
		{ "XFERERR", true },
		{ N_("ACCEPT"), true },
		{ "%", true },
	};
	const struct report *r = m->r;
	struct arena *a = m->a;
	const struct tally *t = &r->stats.qpsmtpd.domains;
	struct str *cells = ARENA_ARRAY(a, (t->len + 1) * WIDTH, struct str);
	const struct tally_row *const *rows;
	uint64_t all[TALLY_COUNTS];
	if (report_domain_rows(r, a, &rows) == 0)
		return;
	for (size_t i = 0; i < t->len; i++)
		domain_cells(a, arena_str(a, rows[i]->key),
		    report_domain_type(r, a, rows[i]->key), rows[i]->n,
		    &cells[i * WIDTH]);
	for (size_t i = 0; i < TALLY_COUNTS; i++)
		all[i] = tally_sum(t, i);
	domain_cells(a, str_of(_("All")), "", all, &cells[t->len * WIDTH]);
	report_table_add(
	    m, REPORT_DOMAINS, columns, WIDTH, cells, t->len + 1, 1);
}

static int
by_all_counts(const void *a, const void *b)
{
	const struct tally_row *x = *(const struct tally_row *const *)a;
	const struct tally_row *y = *(const struct tally_row *const *)b;
	uint64_t n = x->n[0] + x->n[1] + x->n[2];
	uint64_t m = y->n[0] + y->n[1] + y->n[2];
	return n != m ? (n < m ? 1 : -1) : str_cmp(x->key, y->key);
}

size_t
report_recipient_rows(const struct report *r, struct arena *a,
    const struct tally_row *const **rows)
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	return sorted_rows(
	    r->config.compat ? &q->recipients_compat : &q->recipients, a,
	    by_all_counts, rows);
}

void
report_recipients_table(struct report_maker *m)
{
	enum {
		WIDTH = 5
	};
	static const struct report_column columns[WIDTH] = {
		{ N_("ADDRESS"), false },
		{ N_("QUEUED"), true },
		{ N_("REJECTED"), true },
		{ N_("SPAM"), true },
		{ N_("TOTAL"), true },
	};
	const struct report *r = m->r;
	struct arena *a = m->a;
	const struct tally_row *const *rows;
	size_t len = report_recipient_rows(r, a, &rows);
	struct str *cells = ARENA_ARRAY(a, len * WIDTH, struct str);
	if (len == 0)
		return;
	for (size_t i = 0; i < len; i++) {
		struct str *c = &cells[i * WIDTH];
		const uint64_t *n = rows[i]->n;
		c[0] = arena_str(a, rows[i]->key);
		for (size_t k = 0; k < TALLY_COUNTS; k++)
			c[1 + k] = str_of(report_count_text(a, n[k]));
		c[4] = str_of(report_count_text(a, n[0] + n[1] + n[2]));
	}
	report_table_add(m, REPORT_RECIPIENTS, columns, WIDTH, cells, len, 0);
}
