/* The helo plugin's two files: tests on the name, and what the DNS says. */
#ifndef CORE_FILTER_HELO_INT_H
#define CORE_FILTER_HELO_INT_H

#include "core/filter/plugin_int.h"

/* Each has the tests of those before it. */
enum helo_policy {
	HELO_BADHELO, /* check_spamhelo: nothing but badhelo */
	HELO_LENIENT,
	HELO_RFC,
	HELO_STRICT
};

/* In brackets, whatever stands in them. */
bool helo_is_literal(struct str name);
/* Ask what the later tests need; false: c->waits. */
MUST_USE bool helo_dns_is_known(
    struct plugin_call *c, struct str name, int64_t timeout_ms);
/* FL-54, FL-55. True: passed; false: the verdict is given. */
MUST_USE bool helo_dns_judge(struct plugin_call *c, struct str name,
    enum helo_policy policy, int64_t timeout_ms);

#endif
