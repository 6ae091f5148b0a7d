/* What a value of a setting puts at risk. */
#include "core/setting/setting.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/setting/type_int.h"

#include <string.h>

const char *
setting_risk_word(enum setting_risk risk)
{
	static const char *const words[] = {
		[SETTING_RISK_NONE] = "none",
		[SETTING_RISK_MAY_LOSE_MAIL] = "may-lose-mail",
		[SETTING_RISK_MAY_BLOCK_LEGIT] = "may-block-legit",
		[SETTING_RISK_PRIVACY] = "privacy",
		[SETTING_RISK_NEEDS_REBOOT] = "needs-reboot",
		[SETTING_RISK_CHANGES_CERTIFICATE] = "changes-certificate",
		[SETTING_RISK_OPEN_RELAY] = "open-relay",
		[SETTING_RISK_EXPOSES_PASSWORDS] = "exposes-passwords",
	};

	return words[risk];
}

const char *
setting_risk_shown(enum setting_risk risk)
{
	static const char *const texts[] = {
		[SETTING_RISK_NONE] = NULL,
		[SETTING_RISK_MAY_LOSE_MAIL] = N_("may lose mail"),
		[SETTING_RISK_MAY_BLOCK_LEGIT] = N_("may block legit"),
		[SETTING_RISK_PRIVACY] = N_("privacy"),
		[SETTING_RISK_NEEDS_REBOOT] = N_("needs a reboot"),
		[SETTING_RISK_CHANGES_CERTIFICATE] =
		    N_("changes the certificate"),
		[SETTING_RISK_OPEN_RELAY] = N_("open relay"),
		[SETTING_RISK_EXPOSES_PASSWORDS] = N_("exposes passwords"),
	};
	return texts[risk] != NULL ? _(texts[risk]) : NULL;
}

bool
setting_value_is_risky(const struct setting *s, const char *value)
{
	if (s->risk == SETTING_RISK_NONE)
		return false;
	if (value == NULL)
		return s->risk_value != NULL && s->default_value != NULL &&
		       strcmp(s->default_value, s->risk_value) == 0;
	if (s->risk_value != NULL)
		return strcmp(s->risk_value, "*") == 0 ||
		       strcmp(s->risk_value, value) == 0;
	return s->default_value == NULL || strcmp(s->default_value, value) != 0;
}

/* Private networks (RFC 1918, 3927, 4193), as addresses begin there. */
static const struct private_net {
	const char *begin;
	int64_t bits; /* of the smallest mask that stays within */
} private_nets[] = {
	{ "10.", 8 },
	{ "127.", 8 },
	{ "192.168.", 16 },
	{ "169.254.", 16 },
	{ "172.16.", 16 },
	{ "172.17.", 16 },
	{ "172.18.", 16 },
	{ "172.19.", 16 },
	{ "172.20.", 16 },
	{ "172.21.", 16 },
	{ "172.22.", 16 },
	{ "172.23.", 16 },
	{ "172.24.", 16 },
	{ "172.25.", 16 },
	{ "172.26.", 16 },
	{ "172.27.", 16 },
	{ "172.28.", 16 },
	{ "172.29.", 16 },
	{ "172.30.", 16 },
	{ "172.31.", 16 },
	{ "172.16.0.0/", 12 },
	{ "fc", 8 },
	{ "fd", 8 },
	{ "fe80:", 16 },
	{ "::1", 128 },
};

static bool
is_private(struct str entry)
{
	struct str mask;
	struct str address = str_cut(entry, '/', &mask);

	for (size_t i = 0; i < ARRAY_LEN(private_nets); i++) {
		const struct private_net *net = &private_nets[i];
		int64_t bits;
		if (!str_starts(entry, str_of(net->begin)))
			continue;
		if (mask.ptr == NULL)
			return address.len > 0;
		if (num_parse_i64(mask, net->bits, 128, &bits))
			return true;
	}
	return false;
}

static bool
all_private(struct str list)
{
	while (list.ptr != NULL)
		if (!is_private(str_cut(list, ',', &list)))
			return false;
	return true;
}

bool
setting_needs_accept(const struct setting *s, struct str stored)
{
	if (stored.len == 0)
		return false;
	if (s->risk_value != NULL)
		return strcmp(s->risk_value, "*") == 0 ||
		       str_is(stored, s->risk_value);
	if (s->risk < SETTING_RISK_OPEN_RELAY)
		return false;
	if (s->type == &setting_type_ip_list)
		return !all_private(stored);
	/* a password is stored readable whatever its value */
	return !(s->flags & SETTING_SECRET);
}
