/*
 * What a plugin is: one const record with its name, hooks and argument
 * reader. A plugin line of the configuration makes an instance of it.
 */
#ifndef CORE_FILTER_PLUGIN_INT_H
#define CORE_FILTER_PLUGIN_INT_H

#include "core/auth/facts.h"
#include "core/filter/config_int.h"
#include "core/filter/filter.h"
#include "core/filter/level_int.h"
#include "core/filter/pattern.h"

enum {
	PLUGIN_HOOKS_MAX = 6,
	PLUGIN_WORDS_MAX = 64, /* of one line */
	MS_PER_S = 1000
};

enum plugin_flag {
	/* immune clients skip it (FL-3) */
	PLUGIN_SKIPS_IMMUNE = 1 << 0,
	/* takes 'reject' and 'reject_type' as FL-40 and FL-41 say */
	PLUGIN_REJECTS = 1 << 1,
	/* arguments are name and value pairs (FL-39) */
	PLUGIN_PAIRS = 1 << 2,
	/* decides whether a recipient is ours: a whitelist never skips it */
	PLUGIN_TAKES_RCPT = 1 << 3,
	/* writes messages away (FL-160) */
	PLUGIN_QUEUES = 1 << 4,
	/* judges logins; its data is a struct filter_login */
	PLUGIN_LOGS_IN = 1 << 5,
	/* its data begins with a struct filter_state_place */
	PLUGIN_REMEMBERS = 1 << 6
};

enum plugin_reject {
	REJECT_YES,
	REJECT_NO,     /* log only */
	REJECT_NAUGHTY /* keep for the naughty plugin */
};

struct plugin;

/* A plugin as one line of a list loaded it. */
struct plugin_instance {
	const struct plugin *plugin;
	const char *written; /* the name in the line: "check_relay" */
	const char *label;   /* the same for logs: "queue::qmail_2dqueue" */
	void *data;          /* of the plugin's own configure */
	const struct geo_line *geo; /* wants session.place; NULL: does not */
	enum plugin_reject reject;
	enum filter_result reject_type;
	bool has_own_type; /* written, or the plugin's: naughty keeps it */
	bool level_is_set; /* 'level' stands; else it is added */
	int level;
};

/* Loading: what configure works with. */
struct plugin_setup {
	struct config *config;
	struct vec *patterns; /* struct pattern *, freed with the policy */
	const struct config_line *line;
	const struct str *words; /* arguments, without the plugin's name */
	size_t n_words;
	struct plugin_instance *instance;
};

/* One question to one plugin. */
struct plugin_call {
	const struct filter_policy *policy;
	struct filter_session *session;
	const struct filter_input *input; /* never NULL */
	const struct plugin_instance *instance;
	enum filter_hook phase;
	const char *hook;               /* its name */
	struct filter_verdict *verdict; /* DECLINED at the start */
	bool rcpt_listed; /* set: only TAKES_RCPT plugins are asked on */
	bool waits;       /* facts are wanted: leave, and be run anew */
	int loglevel;     /* in force */
	filter_log *log;
	void *log_ctx;
};

typedef void plugin_hook(struct plugin_call *c);

struct plugin {
	const char *name;
	unsigned flags;                 /* enum plugin_flag */
	enum filter_result denies_with; /* default of reject_type, 0: DENY */
	/* Read the arguments and files; NULL: there are none to read. */
	bool (*configure)(struct plugin_setup *s, struct err *e);
	/*
	 * A second line under another name (FL-186): add what it means to the
	 * instance there is; NULL: nothing to add.
	 */
	bool (*merge)(struct plugin_setup *s,
	    const struct plugin_instance *there, struct err *e);
	const char *status;            /* "5.1.1" of its denials, or NULL */
	const char *const *arguments;  /* names of pairs, NULL-ended, or NULL */
	const char *const *lone_words; /* that may stand alone, or NULL */
	bool lone_number; /* an old name of it stands with a number alone */
	const char *const *not_built; /* words it does not understand yet */
	struct {
		enum filter_hook hook;
		plugin_hook *run;
	} hooks[PLUGIN_HOOKS_MAX]; /* ends at run NULL */
};

/* ---- while loading (plugin_setup.c) ---- */

/* The value of a name and value pair; empty when not given. */
struct str plugin_argument(const struct plugin_setup *s, const char *name);
/* A number argument in [min, max]; a bad one is noted, 'otherwise' holds. */
int64_t plugin_argument_number(struct plugin_setup *s, const char *name,
    int64_t min, int64_t max, int64_t otherwise);
/*
 * An argument that is on whatever it says but 0, as the Perl daemon takes it;
 * 'otherwise' when not given.
 */
bool plugin_argument_flag(
    const struct plugin_setup *s, const char *name, bool otherwise);
/* A yes or no argument (1, on, true; 0, off, false); a bad one is noted. */
bool plugin_argument_yes(
    struct plugin_setup *s, const char *name, bool otherwise);
/* The first word as a number, the same way. */
int64_t plugin_word_number(
    struct plugin_setup *s, int64_t min, int64_t max, int64_t otherwise);
/*
 * All that a plugin is told is one number from 1 to 'max': its data, an
 * int64_t.
 */
MUST_USE bool plugin_take_count(
    struct plugin_setup *s, int64_t max, int64_t otherwise, struct err *e);
/*
 * Name and value pairs of a file, one a line, for those that the plugin line
 * does not give; what all plugins share is read anew.
 */
MUST_USE bool plugin_arguments_of_file(
    struct plugin_setup *s, const char *setting, struct err *e);
/* Memory that lives as long as the policy; zeroed. NULL sets the error. */
void *plugin_alloc(struct plugin_setup *s, size_t size, struct err *e);
void *plugin_array(
    struct plugin_setup *s, size_t count, size_t size, struct err *e);
/* A NUL-terminated copy; NULL sets the error. */
char *plugin_cstr(struct plugin_setup *s, struct str text, struct err *e);
/* Compile; NULL when it is broken, which is noted. */
const struct pattern *plugin_pattern(
    struct plugin_setup *s, const struct config_line *line, struct str text);
/* Arguments that all plugins, or all with PLUGIN_REJECTS, share. */
void plugin_setup_common(struct plugin_setup *s);
/* Text in lower case, in the policy's memory; ptr NULL sets the error. */
struct str plugin_lower(struct plugin_setup *s, struct str text, struct err *e);

/* ---- while running (plugin_call.c) ---- */

/* What its loglevel makes of a level (FL-42): set, or shifted within 0 to 7. */
int plugin_level(const struct plugin_instance *instance, int usual);
/* A log line at 'level', which the instance's loglevel may change. */
void plugin_log(struct plugin_call *c, int level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* What makes a client immune (FL-3), in words; NULL: nothing does. */
const char *plugin_immunity(const struct filter_session *s);
/* The same for the client; logs why. */
bool plugin_is_immune(struct plugin_call *c);
/*
 * What the DNS says, within 'timeout_ms' for all that this plugin asks. NULL
 * with c->waits set: not known yet; ask for what else is wanted and return,
 * nothing logged and nothing changed.
 */
const struct dns_answer *plugin_dns(
    struct plugin_call *c, struct str name, uint16_t type, int64_t timeout_ms);
/*
 * The same for an evaluator that takes facts; it waits when the evaluator
 * does. NULL: there is no DNS, or no memory.
 */
struct facts *plugin_facts(struct plugin_call *c, int64_t timeout_ms);
/*
 * What the server of 'route' says about a recipient of this sender, once a
 * session (FL-75); within 'limit_ms'. False: not known yet, as above.
 */
MUST_USE bool plugin_ask_hop(struct plugin_call *c,
    const struct filter_hop_question *question, unsigned *code,
    struct str *text);
/*
 * What is remembered under a key; the verb takes effect once in a run. NULL
 * with c->waits set: not known yet, as with plugin_dns.
 */
const struct filter_state_answer *plugin_state(
    struct plugin_call *c, const struct filter_state_op *op);
/* News that nobody waits for. */
void plugin_state_tell(struct plugin_call *c, const struct filter_state_op *op);
/*
 * The karma history of the client's address (FL-165), 0 where nothing is known
 * or no list of its keeps karma. False with c->waits set: not known yet.
 */
bool plugin_karma_history(struct plugin_call *c, int64_t *history);
/* Wait for the peer to speak; c->waits is set unless memory is out. */
void plugin_listen(struct plugin_call *c, int64_t ms);
/*
 * What the plugin has worked out and keeps until its run is over, however often
 * it is run anew: zeroed at first; at the end 'release' (NULL allowed) is
 * called with it. NULL: there is no memory.
 */
void *plugin_kept(
    struct plugin_call *c, size_t size, void (*release)(void *kept));
/* Leave and be run anew when other sessions had their turn: for long work. */
void plugin_pause(struct plugin_call *c);
/*
 * Add a field to the header of this message: one line, made printable ASCII.
 * Silently none when there are too many (FILTER_FIELDS_MAX).
 */
void plugin_add_field(struct plugin_call *c, const char *name, const char *fmt,
    ...) PRINTF_LIKE(3, 4);
/* Fields of this name (a literal) that came in go. */
void plugin_drop_field(struct plugin_call *c, const char *name);
/* Memory of this run, or NULL when there is none. */
struct arena *plugin_scratch(struct plugin_call *c);
/*
 * The plugin's test failed: deny, tolerate or mark naughty as the instance
 * says (FL-40, FL-41). 'reason' is for the log; the text for the peer is the
 * formatted one.
 */
void plugin_fail(struct plugin_call *c, const char *reason, const char *fmt,
    ...) PRINTF_LIKE(3, 4);
/* The same with this denial in place of the instance's reject_type. */
void plugin_fail_as(struct plugin_call *c, enum filter_result type,
    const char *reason, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Set result and text, whatever the instance says. */
void plugin_answer(struct plugin_call *c, enum filter_result result,
    const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Search a pattern; logs when it was too hard. */
bool plugin_pattern_has(
    struct plugin_call *c, const struct pattern *p, struct str subject);

/* ---- the table (plugins.c) ---- */

/*
 * What a plugin line's name (without ":0") means: true with *plugin, or false
 * with *is_known telling a plugin that is not built yet from no plugin.
 */
bool plugins_find(
    struct str name, const struct plugin **plugin, bool *is_known);
/* The known name most like 'name', or NULL when none is near. */
const char *plugins_nearest(struct str name);

#endif
