/* The catalogue: every setting, its areas, and finding one by name. */
#include "core/setting/setting.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/setting/def_int.h"
#include "core/setting/type_int.h"

#include <string.h>

#define SETTING_ADDRESS(name) &name,
static const struct setting *const catalogue[] = { SETTING_EACH(
    SETTING_ADDRESS) };
#undef SETTING_ADDRESS

static const char *const areas[] = {
	N_("Access"),
	N_("Reception"),
	N_("Delivery"),
	N_("Filtering/Spam"),
	N_("Bayes"),
	N_("RBL"),
	N_("Antivirus"),
	N_("Attachments"),
	N_("Lists"),
	N_("Relay & Auth"),
	N_("Domain authentication"),
	N_("Limits"),
	N_("Users & Groups"),
	N_("Webmail"),
	N_("Logs"),
	N_("System"),
};

static const char *const covers[ARRAY_LEN(areas)] = {
	N_("who may read mail, and how"),
	N_("ports, HELO name, fetching"),
	N_("provider server, queue"),
	N_("score, HELO, karma, headers"),
	N_("learning filter"),
	N_("DNS blacklists"),
	N_("clamd, freshclam, limits"),
	N_("refused file types"),
	N_("generated list files"),
	N_("login, relay clients"),
	N_("DKIM, SPF, DMARC"),
	N_("sizes, connections, quotas"),
	N_("mail of accounts"),
	N_("Horde"),
	N_("detail, kept files, report"),
	N_("MTU, domain name, mode"),
};

const struct setting_choice setting_choices_enabled[] = {
	{ "enabled", NULL },
	{ "disabled", NULL },
	{ NULL, NULL },
};

const struct setting_choice setting_choices_yes[] = {
	{ "yes", NULL },
	{ "no", NULL },
	{ NULL, NULL },
};

const struct setting_choice setting_choices_present[] = {
	{ "present", NULL },
	{ "absent", NULL },
	{ NULL, NULL },
};

const struct setting_choice setting_choices_installed[] = {
	{ "installed", NULL },
	{ "absent", NULL },
	{ NULL, NULL },
};

const char *const setting_event_email_update[] = { "email-update", NULL };
const char *const setting_event_clamav_update[] = { "clamav-update", NULL };
const char *const setting_services_smtp[] = { "qpsmtpd:sighup",
	"sqpsmtpd:sighup", NULL };

const struct setting *const *
setting_all(size_t *count)
{
	*count = ARRAY_LEN(catalogue);
	return catalogue;
}

const struct setting *
setting_find(struct str id)
{
	for (size_t i = 0; i < ARRAY_LEN(catalogue); i++)
		if (str_is(id, catalogue[i]->id))
			return catalogue[i];
	return NULL;
}

const char *const *
setting_areas(size_t *count)
{
	*count = ARRAY_LEN(areas);
	return areas;
}

const char *
setting_area_covers(const char *area)
{
	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		if (strcmp(area, areas[i]) == 0)
			return covers[i];
	return "";
}

/* Does 'text' begin the area's name, or a word in it? */
static bool
area_begins(struct str area, struct str text)
{
	for (size_t i = 0; i < area.len; i++) {
		bool word = i == 0 || !ascii_is_alnum(area.ptr[i - 1]);
		if (word && str_starts_nocase(str_sub(area, i, area.len), text))
			return true;
	}
	return false;
}

const char *
setting_area_find(struct str text)
{
	const char *found = NULL;

	if (text.len == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		if (str_is_nocase(text, areas[i]))
			return areas[i];
	for (size_t i = 0; i < ARRAY_LEN(areas); i++) {
		if (!area_begins(str_of(areas[i]), text))
			continue;
		if (found != NULL)
			return NULL;
		found = areas[i];
	}
	return found;
}

/* "9.1" as 9001000, "7.5.1" as 7005001; -1 for what is not a release. */
static int64_t
release_number(struct str text)
{
	int64_t number = 0;

	for (int part = 0; part < 3; part++) {
		int64_t v = 0;
		if (text.ptr != NULL &&
		    !num_parse_i64(str_cut(text, '.', &text), 0, 999, &v))
			return -1;
		number = number * 1000 + v;
	}
	return text.ptr == NULL ? number : -1;
}

/*
 * A bound that names the version of a package counts as old: what came with
 * such a version is there, what ended with it is gone.
 */
bool
setting_on_release(const struct setting *s, const char *release)
{
	int64_t now = release_number(str_of(release));

	if (s->since != NULL && release_number(str_of(s->since)) > now)
		return false;
	return s->until == NULL || release_number(str_of(s->until)) >= now;
}
