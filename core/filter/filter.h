/*
 * The SMTP policy: a configuration directory becomes a policy, and a policy
 * with facts gives verdicts. Nothing here does I/O but filter_bundle_read
 * and filter_tls_read; the daemon, --check, rehearse and tests call the same
 * code.
 */
#ifndef CORE_FILTER_FILTER_H
#define CORE_FILTER_FILTER_H

#include "core/auth/psl.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/dns/dns.h"
#include "core/filter/state.h"
#include "core/mail/message.h"
#include "core/mail/path.h"
#include "core/net/geo.h"
#include "core/smtp/phase.h"
#include "core/smtp/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FILTER_TEXT_SIZE = 1024, /* of a denial's text with its final NUL */
	FILTER_FIELDS_MAX = 8 * 1024, /* of a message, by plugins */
	FILTER_KARMA_MAX = 1000000    /* of a session, and -FILTER_KARMA_MAX */
};

/*
 * Is told of each plugin that is asked, for rehearsals: before it is asked,
 * anew each time a run goes on at it, and when it has answered.
 */
struct filter_watch {
	void (*asks)(void *ctx, enum filter_hook hook, const char *plugin);
	void (*answered)(void *ctx, enum filter_hook hook, const char *plugin,
	    enum filter_result result);
	void *ctx;
};

enum {
	FILTER_COPIES_MAX = 16 /* of one message */
};

/* Where the client is, as far as databases know (FL-49). */
enum filter_place_state {
	FILTER_PLACE_NO_DATABASE,
	FILTER_PLACE_UNKNOWN, /* it is in none of them */
	FILTER_PLACE_KNOWN
};
struct filter_place {
	enum filter_place_state state;
	struct geo_place is;
	bool has_distance;
	uint32_t distance_km; /* from filter_geo's home */
};

/*
 * What the policy may know and remember of a session. The SMTP layer fills
 * the facts; plugins change only the part marked so.
 */
struct filter_session {
	struct str client_ip;   /* text of the address */
	struct str client_name; /* reverse name, "Unknown" */
	struct str local_ip;
	uint16_t local_port;
	enum smtp_role role;
	unsigned sessions_of_ip; /* running, this one counted (FL-44) */
	unsigned max_per_ip;     /* the listener's limit, 0: none */
	int64_t age_ms;          /* of the session, at its end (FL-48) */
	bool relay_env;          /* environment has RELAYCLIENT (FL-62) */
	struct str rblsmtpd;     /* of the environment; ptr NULL: unset */
	bool has_dns;  /* facts of the DNS are fetched, see filter_fetch */
	bool has_hops; /* next servers are asked, see filter_hop_asked */
	struct filter_state *state; /* what is remembered, NULL: nothing */
	const struct psl *psl; /* of public suffixes; NULL: there is none */
	const struct filter_place *place; /* NULL: nobody could tell */
	double load;    /* of the machine, one minute (FL-47) */
	bool has_input; /* of filter_wants_input: it waits to be looked at */
	bool listened;  /* it was waited for, see filter_listen_ms */
	const struct filter_watch *watch; /* or NULL */
	struct str helo; /* empty before HELO; new name during HOOK_HELO */
	bool esmtp;      /* said EHLO */
	unsigned noops;  /* NOOPs in a row, before this one */
	bool bare_path;  /* the path just given lacked its brackets (FL-99) */
	bool loose_path; /* it did not begin "FROM:<" or "TO:<" (FL-167) */
	bool tls;
	struct str auth_user; /* empty when not logged in */
	bool has_sender;
	struct mail_path sender; /* of the transaction, or being asked about */
	const struct mail_path *rcpts; /* those taken so far */
	size_t n_rcpts;

	/* changed by plugins */
	bool relay_client;
	bool host_whitelisted;
	bool sender_whitelisted; /* forgotten at RSET and MAIL */
	int karma;          /* at most FILTER_KARMA_MAX either way (FL-170) */
	bool knows_history; /* of karma, from here: */
	struct state_record history; /* of its address, see state.h */
	bool greylisted;             /* denied at DATA (FL-127); as above */
	size_t rcpts_listed;         /* of those taken, whitelisted; as above */
	bool tells_helo;             /* X-HELO is added (FL-56) */
	bool early;                  /* it spoke before the greeting (FL-45) */
	bool spares_roles;      /* naughty does not count for FL-103's users */
	const char *spf_result; /* of this transaction: "pass"; NULL: none */
	struct str spf_domain;
	char *spf_room; /* where it stands (private) */
	/* of this transaction: whole fields for the header, and the names of
	 * those that go when they came in */
	struct buf fields;
	const char *drops[SMTP_DROPS_MAX];
	size_t n_drops;
	const char *iprev; /* FL-46: "pass", ...; NULL: not looked at */
	/*
	 * Recipients of copies of this message (FL-148), for the caller to add
	 * once it is let through; of the policy, some without a domain.
	 */
	struct mail_path *copies;
	size_t n_copies;
	unsigned unrecognized; /* unknown commands so far */
	struct str naughty;    /* text kept by reject naughty (FL-41) */
	char *naughty_room;    /* where it stands (private) */
	enum filter_result naughty_result; /* 0: none kept */
	const void *list;         /* plugin list chosen at connect (private) */
	struct filter_wait *wait; /* of a run that stands still (private) */
	struct filter_hop_kept *hops; /* what next servers said (private) */
	unsigned n_hops;
	int64_t listen_ms;   /* it waits for the peer to speak (private) */
	int64_t dns_ms;      /* waited for the DNS so far (private) */
	struct arena *arena; /* lives as long as the session */
};

/* What a hook is asked about beside the session. */
struct filter_input {
	struct mail_path rcpt;                /* HOOK_RCPT */
	const struct filter_message *message; /* HOOK_DATA_POST */
	struct str word;                      /* HOOK_UNRECOGNIZED: the verb */
};

struct filter_verdict {
	enum filter_result result; /* DECLINED when no plugin decided */
	const char *plugin;        /* as loaded, "/" as "::"; NULL: none */
	const char *status;        /* "5.1.1" of a denial; NULL: any */
	/*
	 * For the peer: printable ASCII, may be empty; LF parts the lines of
	 * a reply of several.
	 */
	char text[FILTER_TEXT_SIZE];
};

/*
 * One log line of a plugin; 'plugin' NULL for the core. Level as FL-42; lines
 * above the level in force are not given. The text is escaped already.
 */
typedef void filter_log(void *ctx, int level, const char *hook,
    const char *plugin, struct str text);

/*
 * Append a configuration directory with its peers/ folder as one block of bytes
 * (names and contents, core/filter/bundle_int.h), which can cross to a process
 * that may open no files. Passwords and signing keys are no part of it.
 * 'qmail_control' is where a missing file is looked for too (FL-36), NULL for
 * nowhere. False: a file cannot be read, or all is more than the buffer takes.
 */
MUST_USE bool filter_bundle_read(const char *dir, const char *qmail_control,
    struct buf *bundle, struct err *e);

/* What was read is known by what is told of each path before it is opened. */
struct filter_onlooker {
	/* a file, which may be missing, or a folder all of which is read */
	void (*file)(void *ctx, const char *path);
	void (*folder)(void *ctx, const char *path);
	void *ctx;
};
/* The same with somebody who is told (NULL: nobody). */
MUST_USE bool filter_bundle_read_shown(const char *dir,
    const char *qmail_control, const struct filter_onlooker *o,
    struct buf *bundle, struct err *e);

/*
 * One bundle of the settings of the first and the plugin lists of the second
 * (FL-36), in an order of its own: merged with itself a bundle compares equal
 * whenever nothing in it changed. False when 'out' is full.
 */
MUST_USE bool filter_bundle_merge(
    struct str settings, struct str lists, struct buf *out);

struct filter_policy;

/* What the daemon logs at HUP, at USR2; apply waits for one of the two. */
#define FILTER_LOG_RELOADED "configuration and plugin lists read anew"
#define FILTER_LOG_REFUSED                                                     \
	"the configuration is not taken, the one before stays in force"
#define FILTER_LOG_ANEW     "started anew, the sessions of before go on"
#define FILTER_LOG_NOT_ANEW "not started anew, all goes on as before"

/*
 * Can a policy load the plugin that a line names, with such arguments? An
 * instance (":0"), a folder part and older names (FL-185) count as the plugin.
 * Templates of an embedded root leave the others out, each with a comment that
 * says so.
 */
bool filter_line_is_built(struct str line);

/*
 * Build the policy fully or fail with file and line (FL-38, FL-160): unknown
 * plugins and those "not built yet" are refused. 'bundle' is copied.
 */
MUST_USE bool filter_policy_new(
    struct str bundle, struct filter_policy **out, struct err *e);
void filter_policy_free(struct filter_policy *p); /* NULL allowed */

/*
 * What was skipped or suspect in the configuration (a broken pattern, a line
 * that is no address), once when the policy is taken into use; hook and
 * plugin are NULL.
 */
void filter_policy_notes(
    const struct filter_policy *p, filter_log *log, void *log_ctx);

/* First line of a setting ("me", "smtpgreeting"), empty when absent. */
struct str filter_policy_setting(
    const struct filter_policy *p, const char *name);
/* A number of a setting, 'otherwise' when absent or not a number. */
int64_t filter_policy_number(
    const struct filter_policy *p, const char *name, int64_t otherwise);

/* How the policy wants messages queued (the queue/... line). */
enum filter_queue_kind {
	FILTER_QUEUE_MAILDIR,
	FILTER_QUEUE_QMAIL,
	FILTER_QUEUE_SMTP,
	FILTER_QUEUE_LMTP
};
struct filter_queue {
	enum filter_queue_kind kind;
	const char *dir;    /* of maildir */
	const char *subdir; /* with %l %d %u, or NULL */
	uint32_t mode;
	const char *place; /* program of qmail, "" its own; host of a server */
	uint16_t port;
	bool xclient;
};
/*
 * The server that mail for a domain is handed to, by smtproutes; views of the
 * policy. False: it is kept here. The route for the rest is for domains that
 * are not ours.
 */
struct filter_route {
	struct str host;
	uint16_t port;
};
bool filter_policy_route(
    const struct filter_policy *p, struct str domain, struct filter_route *out);
/* Is there a way for mail to a domain: a route, or it is ours? */
bool filter_policy_reaches(const struct filter_policy *p, struct str domain);
/*
 * The same for asking that server about a recipient (FL-75): the route for the
 * rest is, as in qmail, for all that is in neither locals nor virtualdomains.
 */
bool filter_policy_hop(
    const struct filter_policy *p, struct str domain, struct filter_route *out);

/* Of the list the session uses. */
const struct filter_queue *filter_policy_queue(
    const struct filter_policy *p, const struct filter_session *s);
/* The same plugin as logs name it: "queue::maildir". */
const char *filter_policy_queue_label(
    const struct filter_policy *p, const struct filter_session *s);

/*
 * Choose the plugin list by the client's address (FL-43). False when there is
 * none: the connection is denied. HOOK_PRE_CONNECTION may be run before; a
 * session keeps to the policy it was started with.
 */
bool filter_session_start(
    const struct filter_policy *p, struct filter_session *s);
/*
 * After a login (FL-82, FL-181): a relay client, no longer naughty, and the
 * list is peers/local when there is one.
 */
void filter_session_login(
    const struct filter_policy *p, struct filter_session *s);

/*
 * What plugins want to know of places: the folders to look for databases in,
 * and the address that distances are measured from. False: none asks. Views
 * of the policy.
 */
struct filter_geo {
	const char *folders[GEO_FOLDERS_MAX];
	size_t n_folders;
	bool has_home;
	struct net_addr home;
};
bool filter_policy_geo(const struct filter_policy *p, struct filter_geo *out);
/* The place of a client; 'db' and 'home' may be NULL. */
void filter_place_find(const struct geo *geo, struct geo_db *db,
    const struct net_addr *client, const struct net_addr *home,
    struct filter_place *out);

enum filter_status {
	FILTER_RUN_OVER,
	FILTER_RUN_WAITS /* for facts: fetch them and run the same again */
};
/*
 * Before anything else: set client_name to what reverse DNS says, when it says
 * anything. It waits as filter_run does.
 */
enum filter_status filter_session_name(
    const struct filter_policy *p, struct filter_session *s);
/*
 * Ask the plugins of one phase in their order, until one gives a result (FL-1).
 * A run that waits goes on where it stood when it is called with the same hook;
 * another hook ends it. 'input' may be NULL.
 */
enum filter_status filter_run(const struct filter_policy *p,
    struct filter_session *s, enum filter_hook hook,
    const struct filter_input *input, struct filter_verdict *verdict,
    filter_log *log, void *log_ctx);

/* Does a plugin of this phase look whether the peer spoke before its turn? */
bool filter_wants_input(const struct filter_policy *p,
    const struct filter_session *s, enum filter_hook hook);

/*
 * What a run that waits needs. Either to hear whether the peer speaks within
 * so many milliseconds (then 'has_input' and 'listened' are set), or 0:
 */
int64_t filter_listen_ms(const struct filter_session *s);
/*
 * to have a recipient asked of the server that its mail goes to (NULL: not so;
 * its views are good until it is answered),
 */
struct filter_hop_question {
	struct filter_route route;
	struct mail_path sender, rcpt;
	int64_t limit_ms; /* for all of it */
};
const struct filter_hop_question *filter_hop_asked(
    const struct filter_session *s);
/*
 * 'code' is that of the server's reply, 'text' its words, LF between lines, any
 * bytes. Code 0: it could not be asked, 'text' says why. Copied.
 */
void filter_hop_answer(
    struct filter_session *s, unsigned code, struct str text);
/*
 * or facts of the DNS and of the state. 'settled' is called once from dns_step,
 * or when the state answers, when all are known, unless the session is cleared
 * before; false: they are known already.
 */
bool filter_fetch(struct filter_session *s, struct dns *d,
    const struct clock *clock, void (*settled)(void *ctx), void *ctx);
/* At its end; questions under way are answered to nobody. */
void filter_session_clear(struct filter_session *s);

/*
 * The logterse text (FL-175, FL-176): for a denial, or with queued true for a
 * message taken ('text' is then the Message-Id). False when the list has no
 * logterse. 'level' is the level to log it at.
 */
bool filter_terse(const struct filter_policy *p, const struct filter_session *s,
    const struct filter_verdict *verdict, bool queued, struct str message_id,
    struct buf *out, int *level);

/*
 * TLS as the first tls line has it (FL-76). The daemon's listener reads the
 * files and adds them to the bundle of the part that needs them; in a policy
 * made of another bundle they are empty.
 */
struct filter_tls {
	struct str certificate, key, authorities, dh; /* PEM */
	struct str problem;  /* a file that could not be read; or empty */
	const char *ciphers; /* of TLS 1.2 */
	bool only_tls13;
};
/* False: there is no tls line. */
bool filter_policy_tls(const struct filter_policy *p, struct filter_tls *out);
/*
 * Append the files to a bundle; false when it is full. A relative name is
 * looked for in 'dir', the configuration directory, and in its parent.
 */
MUST_USE bool filter_tls_read(
    const struct filter_policy *p, const char *dir, struct buf *out);
/* Tell the paths that it tries. */
void filter_tls_show(const struct filter_policy *p, const char *dir,
    const struct filter_onlooker *o);

/* What the session's plugins offer; 'can_tls': the certificate is good. */
void filter_session_offers(const struct filter_policy *p,
    const struct filter_session *s, bool can_tls, struct smtp_offers *out);

/* Who judges a login (FL-83, FL-84). */
enum filter_login_kind {
	FILTER_LOGIN_CVM,
	FILTER_LOGIN_FLAT_FILE,
	FILTER_LOGIN_PAM,
	FILTER_LOGIN_DOVECOT,
};
struct filter_login {
	enum filter_login_kind kind;
	const char *label; /* "auth::auth_pam" */
	const char *place; /* its socket, or the service of PAM; or NULL */
	bool on_smtp;      /* and submission */
	bool on_smtps;
};
/*
 * The session's, in the order they are asked; how many were written to 'out'.
 */
enum {
	FILTER_LOGINS_MAX = 8
};
size_t filter_session_logins(const struct filter_policy *p,
    const struct filter_session *s,
    const struct filter_login *out[FILTER_LOGINS_MAX]);
/* A list of the policy asks PAM, for which the asking part must be root. */
bool filter_policy_has_login(
    const struct filter_policy *p, enum filter_login_kind kind);
/* It has programs run that may take another user's rights: PAM's, qmail's. */
bool filter_policy_gains_rights(const struct filter_policy *p);

/*
 * What the terse log tells as one line of JSON, where the list has
 * logging/json_event; 'refused' is the recipient that a denial is about, or
 * NULL. False when it has none, or the line is too long for 'out'.
 */
bool filter_event(const struct filter_policy *p, const struct filter_session *s,
    const struct filter_verdict *verdict, const struct mail_path *refused,
    bool queued, struct str message_id, struct buf *out, int *level);

/*
 * Where the policy's plugins remember something, each place once; how many
 * were written to 'out'. Views of the policy.
 */
struct filter_state_place {
	enum filter_state_kind kind;
	const char *dir;
	int64_t keep_s; /* records are forgotten at this age */
	int64_t wait_s; /* karma: a penalty; greylist: before it passes */
};
size_t filter_policy_states(const struct filter_policy *p,
    struct filter_state_place out[STATE_PLACES_MAX]);

/* The log level in force (FL-42). */
int filter_policy_loglevel(const struct filter_policy *p);
/* Whatever is set, each line is wanted: a rehearsal tells of them. */
void filter_policy_log_all(struct filter_policy *p);
const char *filter_hook_name(enum filter_hook h); /* "data_post" */

#endif
