/* Lists that several plugins read: names, networks, addresses and patterns. */
#ifndef CORE_FILTER_LISTS_INT_H
#define CORE_FILTER_LISTS_INT_H

#include "core/filter/plugin_int.h"
#include "core/net/addr.h"

/*
 * Texts in lower case, sorted; 'line' is where each stands in its file. All
 * lists live in the policy's arena.
 */
struct name_entry {
	struct str name; /* sorted by it */
	size_t line;
};
struct name_list {
	const struct name_entry *entries;
	size_t n;
};

/* Each line of a setting is a name. */
MUST_USE bool name_list_load(struct plugin_setup *s, const char *setting,
    struct name_list *out, struct err *e);
/* The first line that is 'name' (lower case), or NULL. */
const struct name_entry *name_list_find(
    const struct name_list *l, struct str name);
/* Sort entries in place, for lists that are made otherwise. */
void name_entries_sort(struct name_entry *entries, size_t n);

/* One of these characters stands in it: by that a line is a pattern. */
bool has_mark(struct str text, const char *marks);
/* Letters, digits, '-' and '.' alone: what a host's name is made of. */
bool is_host_text(struct str name);

/* What mail is taken for (FL-61): 'me', rcpthosts, morercpthosts.cdb. */
struct own_domains {
	struct name_list hosts; /* suffixes keep their dot */
	struct str me;          /* lower case */
	struct str cdb;
};
MUST_USE bool own_domains_load(
    struct plugin_setup *s, struct own_domains *out, struct err *e);
/* 'domain' in lower case; an empty one is not there. */
bool own_domains_have(const struct own_domains *d, struct str domain);

struct block_list {
	const struct net_block *blocks;
	size_t n;
};

/* Lines that are no address, beginning or block are noted and left out. */
MUST_USE bool block_list_load(struct plugin_setup *s, const char *setting,
    enum net_rule how, struct block_list *out, struct err *e);
bool block_list_has(const struct block_list *l, const struct net_addr *a);

/* A line of badmailfrom or badrcptto (FL-65). */
struct address_line {
	struct str entry;              /* as written, without its text */
	struct str text;               /* for the peer; may be empty */
	const struct pattern *pattern; /* NULL: an address or @domain */
};
struct address_list {
	const struct address_line *lines;
	size_t n;
	struct name_list exact; /* addresses and @domains among them */
	const size_t *patterns; /* indexes of the lines with a pattern */
	size_t n_patterns;
};

/*
 * A line with any of /^$*+!%?\ in it is a pattern. With 'bare_is_pattern' a
 * line without @ is one too, else it is noted and left out; without a warning
 * when the next line is an address of that name.
 */
MUST_USE bool address_list_load(struct plugin_setup *s, const char *setting,
    bool bare_is_pattern, struct address_list *out, struct err *e);
/*
 * The first line that is the folded address, its @domain, or a pattern found
 * in it; or NULL.
 */
const struct address_line *address_list_find(
    struct plugin_call *c, const struct address_list *l, struct str address);

/* A path in the form for lists (mail_path_fold), and its parts. */
struct folded {
	char bytes[MAIL_PATH_MAX];
	struct str address; /* user@domain */
	struct str local;
	struct str domain;    /* empty when there is none */
	struct str at_domain; /* "@domain" */
};
void fold_path(struct folded *f, const struct mail_path *p);
/*
 * Does a line name it, as a whole address, as @domain, or as a bare user name
 * that counts in every domain?
 */
bool name_list_has_path(const struct name_list *l, const struct folded *f);
/* A user's name that counts in every domain. */
bool name_list_has_user(const struct name_list *l, struct str user);
/* postmaster, abuse, mailer-daemon or root, in any domain (FL-103). */
bool is_role_account(const struct mail_path *p);
/* Lower case of a short text; longer ones are cut. */
struct str fold_text(char *to, size_t size, struct str s);

#endif
