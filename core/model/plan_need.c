/* What a service needs after its files changed (effects.md 3 and 13). */
#include "core/model/plan_int.h"

#include <string.h>

#define CONTROL "/var/qmail/control/"

struct need {
	const char *service;
	const char *path; /* one that ends in '/' is all below it */
	const char *action;
};

/*
 * qmail reads no more than locals and virtualdomains at HUP; what its delivery
 * programs read needs nothing. What a run script reads needs a restart.
 */
static const struct need needs[] = {
	{ "qpsmtpd", "/var/service/qpsmtpd/runenv", "restart" },
	{ "qpsmtpd", "/var/service/qpsmtpd/config/", "reload" },
	{ "qpsmtpd", CONTROL, "reload" },
	{ "qpsmtpd/log", "/var/log/qpsmtpd/config", "reload" },
	{ "sqpsmtpd", "/var/service/sqpsmtpd/runenv", "restart" },
	{ "uqpsmtpd", "/var/service/uqpsmtpd/runenv", "restart" },
	{ "qmail", CONTROL "bouncefrom", "restart" },
	{ "qmail", CONTROL "bouncehost", "restart" },
	{ "qmail", CONTROL "concurrencylocal", "restart" },
	{ "qmail", CONTROL "concurrencyremote", "restart" },
	{ "qmail", CONTROL "doublebouncehost", "restart" },
	{ "qmail", CONTROL "doublebounceto", "restart" },
	{ "qmail", CONTROL "envnoathost", "restart" },
	{ "qmail", CONTROL "me", "restart" },
	{ "qmail", CONTROL "queuelifetime", "restart" },
};

static bool
is_below(const char *path, const char *rule)
{
	size_t n = strlen(rule);
	return rule[n - 1] == '/' ? strncmp(path, rule, n) == 0
				  : strcmp(path, rule) == 0;
}

const char *
plan_need(const struct files_set *set, const char *service)
{
	const char *found = NULL;
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (strcmp(needs[i].service, service) != 0)
			continue;
		for (size_t k = 0; k < set->n; k++)
			if (set->entries[k].differs &&
			    is_below(set->entries[k].path, needs[i].path)) {
				if (strcmp(needs[i].action, "restart") == 0)
					return "restart";
				found = needs[i].action;
			}
	}
	return found;
}
