/*
 * Why: the outcome of a message in words, what decided, which setting stands
 * behind that, and which commands would change it.
 */
#ifndef CORE_MODEL_WHY_H
#define CORE_MODEL_WHY_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/maillog/story.h"
#include "core/model/ctx.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WHY_CURES_MAX = 4,
	WHY_STEPS_MAX = 200, /* lines of a message that are kept */
	WHY_WORD_MAX = 512,
};

/* The setting behind a verdict, as it stands now. */
struct why_setting {
	const struct setting *setting; /* NULL: no setting decides it */
	const char *target;            /* of people and domains, or NULL */
	bool is_listed;                /* of a list: 'target' is in it */
	const char *value;             /* "" none */
	bool is_default;
	int64_t since_s; /* of the last change, 0: not in the journal */
	long change;     /* of the apply that brought it, 0: none */
	const char *who, *old;
	/* the value was brought in after this message was judged */
	bool is_newer;
};

struct why_cure {
	const char *text;    /* what it does, translated */
	const char *command; /* can be pasted */
};

struct why_step {
	double offset_s; /* from the first line */
	const char *service;
	uint8_t kind;
	struct str text; /* without stamp; foreign bytes */
};

/* Copies in the arena; nothing of the story is kept. Strings from the logs are
 * foreign: escape them. */
struct why {
	enum story_end end;
	bool is_open;         /* dropped, or it still goes on: nothing tells */
	int64_t time_ns;      /* of the verdict, or of what is known */
	const char *sentence; /* "after DATA, by spamassassin" */
	const char *reason;   /* in words, translated; "" none */
	struct str rule;      /* "spamassassin", "queued" */
	struct str told;      /* what the client was told */
	struct str sender, recipients, refused, ip, host, helo, mid;
	struct str score, rules, virus;
	uint64_t id, bytes;
	uint64_t msg;            /* its number in the queue, 0: none */
	struct str delivered_to; /* "Maildir of anna", by the bundled filter */
	struct str queue_id;     /* its id in that of Postfix */
	struct why_setting setting;
	struct why_cure cures[WHY_CURES_MAX];
	size_t n_cures;
	/* how sure its parts are joined: spam scan, virus scan, queue */
	enum story_sure scan, virus_scan, queue;
	unsigned doubts;
	struct why_step *steps;
	size_t n_steps;
	size_t more_steps; /* not kept */
};

/*
 * Explain a story. 'st' reads the settings (NULL: none are told);
 * 'names' are the services by the source of a step.
 */
struct why *why_explain(const struct model_ctx *m, struct settings_store *st,
    const struct story *s, const char *const *names);

/*
 * What to look for in what a person pasted, the best first: a bounce, a line
 * of a log, a reply ("550 ... (q-4e21a7)"). A Message-ID is best, then the
 * number of a queue, the time of a line, the address that failed, another one,
 * what the server said, an IP address, at last the longest piece of text. One
 * word is taken as it is, as is a time; a domain beyond ASCII comes as it
 * stands in the DNS, then as it was typed. At least one word comes.
 */
enum {
	WHY_WORDS_MAX = 12
};
struct why_words {
	const char *words[WHY_WORDS_MAX]; /* in the arena of the context */
	size_t n;
};
void why_words(
    const struct model_ctx *m, const char *pasted, struct why_words *out);
/* Without the "text:" in front that it may have. */
const char *why_word_shown(const char *word);

/* "refused" and so on for people, who are told of an open one, too. */
const char *why_state(const struct why *w);

#endif
