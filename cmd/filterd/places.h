/*
 * Where addresses are, for the part that asks for things outside: databases of
 * others are read there, and not where sessions are.
 */
#ifndef CMD_FILTERD_PLACES_H
#define CMD_FILTERD_PLACES_H

#include "cmd/filterd/wire.h"
#include "core/base/compiler.h"
#include "core/filter/filter.h"
#include "core/net/geo.h"

struct places {
	const struct geo *geo; /* NULL: not loaded */
	struct geo_db *db;     /* NULL: there is none */
};

/* The folders that a policy names, as MESSAGE_RENEW has them. */
void places_put_folders(struct buf *out, const struct filter_policy *p);
/*
 * Open anew what is in the folders of such a message; none of them: nobody
 * asks. Logs what is wrong with them. False: the message makes no sense.
 */
MUST_USE bool places_renew(struct places *p, struct wire *in);
void places_clear(struct places *p);

/* MESSAGE_PLACE: the session, and the server's own address if it has one. */
struct places_question {
	uint32_t slot, serial;
	struct str client;
	struct str home; /* empty: no distance is wanted */
};
void places_put_question(struct buf *out, const struct places_question *q);
/* Answer one as MESSAGE_PLACED. False: it makes no sense. */
MUST_USE bool places_answer(struct places *p, struct wire *in, struct buf *out);
/* Read such an answer behind its slot and serial. */
MUST_USE bool places_get(struct wire *in, struct filter_place *out);

#endif
