/* What native fragments share: reading records, writing lines. */
#ifndef CORE_TEMPLATE_NATIVE_INT_H
#define CORE_TEMPLATE_NATIVE_INT_H

#include "core/template/template.h"

#define FRAGMENTS(array) .fragments = (array), .n_fragments = ARRAY_LEN(array)

/* Where the filter's small files are. */
#define NATIVE_FILTER_CONFIG "/var/service/qpsmtpd/config/"

/* Groups of files, one source each. */
extern const struct template_file native_accounts[];
extern const size_t native_accounts_count;
extern const struct template_file native_aliases[];
extern const size_t native_aliases_count;
extern const struct template_file native_clamav[];
extern const size_t native_clamav_count;
extern const struct template_file native_dovecot[];
extern const size_t native_dovecot_count;
extern const struct template_file native_fetchmail[];
extern const size_t native_fetchmail_count;
extern const struct template_file native_limits[];
extern const size_t native_limits_count;
extern const struct template_file native_lists[];
extern const size_t native_lists_count;
extern const struct template_file native_network[];
extern const size_t native_network_count;
extern const struct template_file native_peers[];
extern const size_t native_peers_count;
extern const struct template_file native_postfix[];
extern const size_t native_postfix_count;
extern const struct template_file native_qmail[];
extern const size_t native_qmail_count;
extern const struct template_file native_recipients[];
extern const size_t native_recipients_count;
extern const struct template_file native_run[];
extern const size_t native_run_count;
extern const struct template_file native_spam[];
extern const size_t native_spam_count;
extern const struct template_file native_tcpsvd[];
extern const size_t native_tcpsvd_count;
extern const struct template_file native_web[];
extern const size_t native_web_count;

/*
 * A value of the configuration database as it is stored, empty when missing.
 * 'prop' NULL: the whole value.
 */
struct str native_stored(
    const struct template_env *env, const char *key, const char *prop);
/* The same, or what holds when nothing is stored. */
struct str native_config(
    const struct template_env *env, const char *key, const char *prop);
/* Perl's idea of true: neither empty nor "0". */
bool native_true(struct str s);
/* The first that is true, else 'otherwise' (the notation with bars). */
struct str native_or(struct str a, const char *otherwise);
struct str native_or2(struct str a, struct str b, const char *otherwise);
/* Is the property the word "enabled"? */
bool native_enabled(
    const struct template_env *env, const char *key, const char *prop);
/* The same with what a missing value means. */
bool native_enabled_or(const struct template_env *env, const char *key,
    const char *prop, bool otherwise);

/* A property of an account, empty when missing; NULL: the whole value. */
struct str native_account(
    const struct template_env *env, struct str account, const char *prop);
/* The type of an account, empty when there is none of that name. */
struct str native_account_type(
    const struct template_env *env, struct str account);
/* The members of a group that get its mail. */
void native_members(const struct template_env *env, struct str group,
    void (*each)(void *ctx, struct str name), void *ctx);
/* Whom mail for everybody is for (the account "shared"). */
void native_everyone(const struct template_env *env,
    void (*each)(void *ctx, struct str name), void *ctx);
/* Is what is marked as spam for the account's junkmail folder? */
bool native_sorts_spam(const struct template_env *env, struct str account);
/* Where an account forwards to; empty when it does not. */
struct str native_forward(const struct template_env *env, struct str account);
/* Does its mail stay? What nobody is to forward does: else it were lost. */
bool native_stays(const struct template_env *env, struct str account);

/* One line, LF added. */
void native_line(struct buf *out, const char *fmt, ...) PRINTF_LIKE(2, 3);
void native_line_str(struct buf *out, struct str s);
/* Each part of 'list' between 'sep', blanks cut, empty ones left out. */
void native_parts(struct str list, char sep,
    void (*each)(void *ctx, struct str part), void *ctx);
void native_emit_part(void *out, struct str part);

/* The root before a path in a tree below a folder, else "". */
const char *native_prefix(const struct template_env *env);
/* A whole number of at most 18 digits, else 'otherwise'. */
long native_number(struct str s, long otherwise);
/* Append the text with a backslash before each character of 'special'. */
void native_quote(struct buf *out, struct str text, const char *special);
/* Only letters, digits and these; not empty. */
bool native_is_word(struct str s, const char *others);

/* START, what KEY (may be NULL) stores as PROP ‖ OTHERWISE, END. */
struct native_value {
	const char *start, *key, *prop, *otherwise, *end;
};
/* "arg" is a struct native_value; nothing without a value. */
template_emit native_emit_value;
/* The same for several, the last without a start. */
template_emit native_emit_values;
#define NATIVE_VALUE(n, start, key, prop, otherwise, end)                      \
	{                                                                      \
		.name = (n), .emit = native_emit_value,                        \
		.arg = &(const struct native_value)                            \
		{                                                              \
			(start), (key), (prop), (otherwise), (end)             \
		}                                                              \
	}
#define NATIVE_TEXT(n, text)                                                   \
	{                                                                      \
		.name = (n), .emit = native_emit_text, .arg = (text)           \
	}
#define NATIVE_EMIT(n, function)                                               \
	{                                                                      \
		.name = (n), .emit = (function)                                \
	}

/* What a file of one line holds: a property (NULL: the value), or a default. */
struct native_one {
	const char *key, *prop, *otherwise;
};
#define NATIVE_ONE(key, prop, otherwise)                                       \
	&(const struct native_one)                                             \
	{                                                                      \
		(key), (prop), (otherwise)                                     \
	}
/* "arg" is a struct native_one. */
template_emit native_emit_one;

/* Emits for tables: 'arg' as one line; the lines of a white or black list. */
template_emit native_emit_text;
template_emit native_emit_black;
template_emit native_emit_white;

/* <SystemName>.<DomainName>, in the arena. */
const char *native_host(const struct template_env *env);
/* Each record of type domain. */
void native_domains(const struct template_env *env,
    void (*each)(const struct template_env *env, void *ctx, struct str domain),
    void *ctx);
/* MailServer of a domain ‖ DelegateMailServer ‖ "localhost". */
struct str native_domain_server(
    const struct template_env *env, struct str domain);
/* Each domain that a backup mail server takes mail for, where it does. */
void native_backup_mx(const struct template_env *env,
    void (*each)(void *ctx, struct str domain), void *ctx);
/* Prefixes of each record of the networks database that 'wanted' takes. */
void native_networks(const struct template_env *env,
    bool (*wanted)(const struct template_env *env, struct str key),
    void (*each)(void *ctx, const char *prefix, bool whole), void *ctx);

#endif
