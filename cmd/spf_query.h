/* The options of spfquery, of libspf2's and of Mail::SPF's. */
#ifndef CMD_SPF_QUERY_H
#define CMD_SPF_QUERY_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "core/auth/spf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SPF_QUERY_GIVEN_MAX = 32 /* --override, --fallback and --guess */
};

struct spf_query {
	const char *ip, *sender, *helo; /* NULL: not said */
	const char *name;               /* ours, NULL: the host's */
	const char *explanation;        /* where the domain gives none */
	const char *file;               /* many queries, "-": stdin */
	const char *recipients;         /* their exchangers may send */
	struct str local;               /* a record, empty: none */
	struct spf_given given[SPF_QUERY_GIVEN_MAX];
	size_t n_given;
	unsigned lookups_max;
	bool of_helo; /* --scope helo: the identity is a HELO name */
	bool keep_comments;
	bool version, help;
};

/* Read the words of the call; false: usage. --json is noted in 'app'. */
MUST_USE bool spf_query_options(struct app *app, const struct call *call,
    struct spf_query *out, struct err *e);

#endif
