/* headers (FL-70 to FL-72): fields that must stand, once, and the date. */
#include "core/base/i18n.h"
#include "core/filter/plugins_int.h"

#include "core/mail/date.h"
#include "core/mail/header.h"

enum {
	REQUIRED_MAX = 32,
	DAYS_MAX = 36500,
	SECONDS_A_DAY = 86400,
	DATE_VALUE_MAX = 1024
};

/* May stand only once (RFC 5322 3.6). */
static const char *const singles[] = { "Date", "From", "Sender", "Reply-To",
	"To", "Cc", "Bcc", "Message-Id", "In-Reply-To", "References",
	"Subject" };

struct headers {
	const char *required[REQUIRED_MAX];
	size_t n_required;
	int64_t past_days; /* 0: no limit */
	int64_t future_days;
};

static bool
configure_required(struct plugin_setup *s, struct headers *data,
    struct str list, struct err *e)
{
	while (list.ptr != NULL) {
		struct str name = str_trim(str_cut(list, ',', &list));
		if (name.len == 0)
			continue;
		if (data->n_required == REQUIRED_MAX)
			return config_refuse(s->line, e,
			    _("plugin '%s': more than %d fields required"),
			    s->instance->written, REQUIRED_MAX);
		const char *kept = plugin_cstr(s, name, e);
		if (kept == NULL)
			return false;
		data->required[data->n_required++] = kept;
	}
	return true;
}

/* check_basicheaders [DAYS], or pairs. */
static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct headers *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	s->instance->data = data;
	if (plugin_is_old_name(s, "check_basicheaders")) {
		data->past_days = plugin_word_number(s, 0, DAYS_MAX, 0);
		data->future_days = data->past_days;
		return configure_required(s, data, STR("From,Date"), e);
	}
	struct str list = plugin_argument(s, "require");
	data->past_days = plugin_argument_number(s, "past", 0, DAYS_MAX, 0);
	data->future_days = plugin_argument_number(s, "future", 0, DAYS_MAX, 0);
	return configure_required(
	    s, data, list.len > 0 ? list : STR("From"), e);
}

/* "past" or "future" when the Date lies too far there, else NULL. */
static const char *
date_direction(const struct headers *data, const struct filter_message *m)
{
	const struct filter_field *f =
	    mail_fields_find(m->fields, m->n_fields, "Date");
	int64_t date;
	if (f == NULL || f->body.len > DATE_VALUE_MAX ||
	    !mail_date_parse(str_trim(f->body), &date))
		return NULL;
	if (data->past_days > 0 &&
	    m->now_s - date > data->past_days * SECONDS_A_DAY)
		return "past";
	if (data->future_days > 0 &&
	    date - m->now_s > data->future_days * SECONDS_A_DAY)
		return "future";
	return NULL;
}

/* A field without a value counts as missing. */
static bool
is_missing(const struct filter_message *m, const char *name)
{
	const struct filter_field *f =
	    mail_fields_find(m->fields, m->n_fields, name);
	return f == NULL || str_trim(f->body).len == 0;
}

/* What is wrong with a header; NULL: nothing of that kind. */
struct faults {
	const char *direction; /* of the Date */
	const char *missing;   /* the first that is required */
	const char *doubled;   /* the first of the singles */
	int n;                 /* of all of them */
};

static struct faults
look_at(const struct headers *data, const struct filter_message *m)
{
	struct faults f = { .direction = date_direction(data, m) };
	f.n = f.direction != NULL;
	for (size_t i = data->n_required; i-- > 0;) {
		if (is_missing(m, data->required[i])) {
			f.missing = data->required[i];
			f.n++;
		}
	}
	for (size_t i = ARRAY_LEN(singles); i-- > 0;) {
		if (mail_fields_count(m->fields, m->n_fields, singles[i]) > 1) {
			f.doubled = singles[i];
			f.n++;
		}
	}
	return f;
}

static void
on_data_post(struct plugin_call *c)
{
	const struct filter_message *m = c->input->message;
	if (m == NULL || m->text.len == 0) {
		plugin_log(c, LEVEL_INFO, "fail, no data");
		plugin_answer(c, FILTER_DENY, "You must send some data first");
		return;
	}
	if (plugin_is_immune(c))
		return;
	/* each costs a point; the first is told, the date before all (FL-72) */
	struct faults f = look_at(c->instance->data, m);
	c->session->karma -= f.n;
	if (f.direction != NULL)
		plugin_fail(c, "date out of range",
		    "The Date header is too far in the %s", f.direction);
	else if (f.missing != NULL)
		plugin_fail(c, "field is missing",
		    "We require a valid %s header", f.missing);
	else if (f.doubled != NULL)
		plugin_fail(c, "field stands twice",
		    "Only one %s header allowed. See RFC 5322, Section 3.6",
		    f.doubled);
	else
		plugin_log(c, LEVEL_INFO, "pass");
}

static const char *const arguments[] = { "require", "past", "future", NULL };

const struct plugin plugin_headers = {
	.name = "headers",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS,
	.denies_with = FILTER_DENY,
	.configure = configure,
	.arguments = arguments,
	.lone_number = true,
	.hooks = {
		{ HOOK_DATA_POST, on_data_post },
	},
};
