/* The records of all commands, each defined beside its handler. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cmd/command.h"

/* cmd/status.c */
extern const struct command command_status;
extern const struct command command_top;

/* cmd/settings_*.c */
extern const struct command command_settings_list;
extern const struct command command_get;
extern const struct command command_set;
extern const struct command command_unset;
extern const struct command command_describe;
extern const struct command command_edit;

/* cmd/remembered.c */
extern const struct command command_karma_show;
extern const struct command command_karma_clear;
extern const struct command command_greylist_show;
extern const struct command command_greylist_clear;

/* cmd/mtu.c */
extern const struct command command_mtu;
extern const struct command command_mtu_restore;

/* cmd/why.c */
extern const struct command command_why;

/* cmd/report.c */
extern const struct command command_report;
extern const struct command command_log_stats;

/* cmd/people.c */
extern const struct command command_user_list;
extern const struct command command_user_show;
extern const struct command command_user_get;
extern const struct command command_user_set;
extern const struct command command_user_unset;
extern const struct command command_group_list;
extern const struct command command_group_show;
extern const struct command command_group_get;
extern const struct command command_group_set;
extern const struct command command_group_unset;
extern const struct command command_pseudonym_list;
extern const struct command command_pseudonym_show;
extern const struct command command_pseudonym_get;
extern const struct command command_pseudonym_set;
extern const struct command command_pseudonym_unset;
extern const struct command command_domain_list;
extern const struct command command_domain_show;
extern const struct command command_domain_get;
extern const struct command command_domain_set;
extern const struct command command_domain_unset;
extern const struct command command_network_list;
extern const struct command command_network_show;
extern const struct command command_network_get;
extern const struct command command_network_set;
extern const struct command command_network_unset;

/* cmd/lists_*.c */
extern const struct command command_lists_show;
extern const struct command command_lists_add;
extern const struct command command_lists_remove;
extern const struct command command_lists_import;
extern const struct command command_lists_export;
extern const struct command command_lists_check;

/* cmd/profile.c */
extern const struct command command_profile_list;
extern const struct command command_profile_show;
extern const struct command command_profile_apply;

/* cmd/pairs.c */
extern const struct command command_pairs_show;
extern const struct command command_pairs_add;
extern const struct command command_pairs_remove;
extern const struct command command_pairs_enable;
extern const struct command command_pairs_disable;
extern const struct command command_pairs_import;
extern const struct command command_pairs_export;

/* cmd/attachments.c */
extern const struct command command_attachments_show;
extern const struct command command_attachments_block;
extern const struct command command_attachments_allow;
extern const struct command command_attachments_add;

/* cmd/scores.c */
extern const struct command command_scores_list;
extern const struct command command_scores_set;
extern const struct command command_scores_add;
extern const struct command command_scores_edit;
extern const struct command command_scores_reset;

/* cmd/disclaimer.c */
extern const struct command command_disclaimer_show;
extern const struct command command_disclaimer_edit;
extern const struct command command_disclaimer_set;
extern const struct command command_disclaimer_remove;
extern const struct command command_disclaimer_enable;
extern const struct command command_disclaimer_disable;

/* cmd/archive.c */
extern const struct command command_archive_show;
extern const struct command command_archive_enable;
extern const struct command command_archive_disable;

/* cmd/smarthost.c */
extern const struct command command_smarthost_show;
extern const struct command command_smarthost_set;
extern const struct command command_smarthost_off;

/* cmd/size.c */
extern const struct command command_size_show;
extern const struct command command_size_set;

/* cmd/access.c */
extern const struct command command_access_show;
extern const struct command command_access_set;

/* cmd/webmail.c */
extern const struct command command_webmail_alias;
extern const struct command command_webmail_unalias;

/* cmd/relay.c */
extern const struct command command_relay_show;
extern const struct command command_relay_allow;
extern const struct command command_relay_deny;

/* cmd/people_tasks.c */
extern const struct command command_user_hide;
extern const struct command command_user_unhide;
extern const struct command command_group_hide;
extern const struct command command_group_unhide;
extern const struct command command_pseudonym_hide;
extern const struct command command_pseudonym_unhide;
extern const struct command command_group_exclude;
extern const struct command command_group_include;

/* cmd/db.c */
extern const struct command command_db;
extern const struct command command_config;

/* cmd/complete.c */
extern const struct command command_complete;

/* cmd/completion.c */
extern const struct command command_completion;

/* cmd/tui.c */
extern const struct command command_tui;

/* cmd/dump.c */
extern const struct command command_dump;

/* cmd/tui.c */
extern const struct command command_tui;

/* cmd/help.c */
extern const struct command command_help;

/* cmd/log.c */
extern const struct command command_log_follow;
/* cmd/log_show.c */
extern const struct command command_log_show;
extern const struct command command_log_search;
extern const struct command command_log_errors;
/* cmd/log_trace.c */
extern const struct command command_log_trace;
/* cmd/log_decode.c */
extern const struct command command_log_decode;
extern const struct command command_tai64nlocal;

/* cmd/dns.c */
extern const struct command command_dns_print;
extern const struct command command_print_dns;
extern const struct command command_dns_check;
extern const struct command command_dns_wait;
extern const struct command command_dns_ptr;

/* cmd/rbl.c */
extern const struct command command_rbl_check;
extern const struct command command_rbl_health;

/* cmd/resolver.c */
extern const struct command command_resolver_check;

/* cmd/shell/shell.c */
extern const struct command command_shell;

/* cmd/plan.c */
extern const struct command command_plan;

/* cmd/apply.c */
extern const struct command command_apply;

/* cmd/undo.c */
extern const struct command command_undo;

/* cmd/history.c */
extern const struct command command_history;
extern const struct command command_history_show;
extern const struct command command_blame;

/* cmd/drift.c */
extern const struct command command_diff;
extern const struct command command_drift;

/* cmd/service.c */
extern const struct command command_service_list;
extern const struct command command_service_status;
extern const struct command command_service_start;
extern const struct command command_service_stop;
extern const struct command command_service_restart;
extern const struct command command_service_reload;

/* cmd/esmith.c */
extern const struct command command_signal_event;
extern const struct command command_expand_template;
extern const struct command command_init_databases;
extern const struct command command_event_list;
extern const struct command command_event_show;
extern const struct command command_event_run;
extern const struct command command_template_list;
extern const struct command command_template_show;
extern const struct command command_template_expand;
extern const struct command command_template_customize;
extern const struct command command_template_revert;

/* cmd/init.c */
extern const struct command command_init;

/* cmd/up.c */
extern const struct command command_up;
extern const struct command command_down;

/* cmd/dkim.c */
extern const struct command command_dkim_verify;
extern const struct command command_dkim_sign;
extern const struct command command_arc_verify;
/* cmd/dkim_keys.c */
extern const struct command command_dkim_keygen;
extern const struct command command_dkim_show;
extern const struct command command_dkim_check;
/* cmd/spf.c, spf_query.c, spf_tree.c, spf_repair.c */
extern const struct command command_spf_check;
extern const struct command command_spf_tree;
extern const struct command command_spf_repair;
extern const struct command command_spf_query;
/* cmd/dkim_rotate.c */
extern const struct command command_dkim_rotate;

/* cmd/probe.c */
extern const struct command command_smtp_probe;
extern const struct command command_smtp_relay_test;
extern const struct command command_tls_probe;
extern const struct command command_smarthost_test;

/* cmd/route.c */
extern const struct command command_metrics;
extern const struct command command_rehearse;
extern const struct command command_sessions;
extern const struct command command_route;
/* cmd/dmarc.c, dmarc_reports.c, dmarc_send.c */
extern const struct command command_dmarc_check;
extern const struct command command_dmarc_reports;
extern const struct command command_dmarc_send;

#endif
