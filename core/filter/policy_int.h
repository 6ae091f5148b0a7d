/* A loaded policy: its configuration and its plugin lists. */
#ifndef CORE_FILTER_POLICY_INT_H
#define CORE_FILTER_POLICY_INT_H

#include "core/filter/aliases_int.h"
#include "core/filter/plugins_int.h"
#include "core/net/addr.h"

/* The plugins of one list, in the order of its lines. */
struct plugin_list {
	struct str name; /* "plugins", "peers/0" */
	const struct plugin_instance *instances;
	size_t n;
};

/* A peer list, or one that has the same content under another name. */
struct peer {
	struct net_block block; /* of whom it is, when is_address */
	bool is_address;
	const struct plugin_list *list;
};

struct filter_policy {
	struct arena *arena;
	struct config config;
	struct vec patterns; /* struct pattern * */
	struct plugin_list main;
	const struct peers_line *peers_line; /* NULL: 'main' is the list */
	struct vec peers;                    /* struct peer */
	const struct plugin_list *local;     /* peers/local, or NULL */
	const struct plugin_list *otherwise; /* peers/0, or NULL */
	struct alias_table aliases;
	int loglevel;
};

/* Load the lines of one list; core/filter/load.c. */
MUST_USE bool policy_load_list(struct filter_policy *p, struct str name,
    struct plugin_list *out, struct err *e);
/*
 * Does a mailbox of this server take the domain's mail: 'me', locals and
 * virtualdomains, or rcpthosts where there is neither? routes.c
 */
bool policy_is_here(const struct filter_policy *p, struct str domain);
/* Note each limit's file that is not right; core/filter/limit.c. */
void policy_check_limits(struct filter_policy *p);
/* The list's instance of a plugin, the first of them, or NULL. */
const struct plugin_instance *plugin_list_find(
    const struct plugin_list *l, const struct plugin *plugin);
/* The list for the client's address (FL-43), or NULL. */
const struct plugin_list *session_list_by_address(
    const struct filter_policy *p, const struct filter_session *s);
/* The list a session uses, the main one before the choice. */
const struct plugin_list *session_list(
    const struct filter_policy *p, const struct filter_session *s);

#endif
