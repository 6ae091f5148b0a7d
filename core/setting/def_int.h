/*
 * Every setting by its C name, area after area: declared here for its file
 * (def_<area>.c) and collected by registry.c. A new setting takes its line
 * here and its record there.
 */
#ifndef CORE_SETTING_DEF_INT_H
#define CORE_SETTING_DEF_INT_H

#include "core/setting/setting.h"

/* clang-format off */
#define SETTING_EACH(X) \
	/* Access */ \
	X(setting_imap_status) \
	X(setting_imap_access) \
	X(setting_imaps_status) \
	X(setting_imaps_access) \
	X(setting_pop3_status) \
	X(setting_pop3_access) \
	X(setting_pop3s_status) \
	X(setting_pop3s_access) \
	X(setting_webmail_roundcube_status) \
	X(setting_webmail_roundcube_access) \
	X(setting_webmail_horde_status) \
	/* Reception */ \
	X(setting_smtp_status) \
	X(setting_smtp_access) \
	X(setting_smtps_status) \
	X(setting_smtps_access) \
	X(setting_submission_status) \
	X(setting_submission_access) \
	X(setting_smtp_port) \
	X(setting_smtps_port) \
	X(setting_smtp_greeting) \
	X(setting_smtp_helo_host) \
	X(setting_fetchmail_status) \
	X(setting_fetchmail_method) \
	X(setting_fetchmail_server) \
	X(setting_fetchmail_account) \
	X(setting_fetchmail_password) \
	X(setting_fetchmail_sort_header) \
	X(setting_fetchmail_freq_office) \
	X(setting_fetchmail_freq_outside) \
	X(setting_fetchmail_freq_weekend) \
	X(setting_smtp_backup_mx) \
	X(setting_smtp_backup_mx_domains) \
	X(setting_smtp_bare_lf) \
	/* Delivery */ \
	X(setting_delivery_unknown_user) \
	X(setting_delivery_internal_server) \
	X(setting_delivery_domain_server) \
	X(setting_delivery_smarthost) \
	X(setting_delivery_smarthost_postfix) \
	X(setting_delivery_smarthost_postfix_port) \
	X(setting_delivery_smarthost_auth) \
	X(setting_delivery_smarthost_user) \
	X(setting_delivery_smarthost_password) \
	X(setting_delivery_smarthost_port) \
	X(setting_delivery_smarthost_debug) \
	X(setting_delivery_smarthost_postfix_auth) \
	X(setting_delivery_smarthost_postfix_user) \
	X(setting_delivery_smarthost_postfix_password) \
	X(setting_delivery_double_bounce_to) \
	X(setting_delivery_concurrency_local) \
	X(setting_delivery_concurrency_remote) \
	X(setting_delivery_queue_lifetime) \
	X(setting_delivery_disclaimer) \
	X(setting_delivery_disclaimer_text) \
	X(setting_delivery_disclaimer_text_domain) \
	X(setting_archive_bcc) \
	X(setting_archive_bcc_mode) \
	X(setting_archive_bcc_user) \
	X(setting_archive_outgoing_only) \
	X(setting_delivery_lan_smtp_proxy) \
	/* Filtering/Spam */ \
	X(setting_spam_filter) \
	X(setting_spam_sensitivity) \
	X(setting_spam_tag_level) \
	X(setting_spam_reject_level) \
	X(setting_spam_sort_junkmail) \
	X(setting_spam_subject_tag) \
	X(setting_spam_subject_text) \
	X(setting_spam_retention_days) \
	X(setting_spam_max_size) \
	X(setting_spam_user_sort) \
	X(setting_spam_level_header) \
	X(setting_spam_rule_scores) \
	X(setting_spam_spf_softfail_score) \
	X(setting_spam_spf_fail_score) \
	X(setting_spam_pyzor_timeout) \
	X(setting_spam_pyzor_timeout_fragment) \
	X(setting_spam_auto_whitelist) \
	X(setting_filter_helo_policy) \
	X(setting_filter_karma) \
	X(setting_filter_karma_negative) \
	X(setting_filter_karma_strikes) \
	X(setting_filter_max_load) \
	X(setting_filter_greylisting) \
	X(setting_filter_geoip_bad_countries) \
	X(setting_filter_connection_time) \
	X(setting_filter_check_headers_local) \
	X(setting_filter_check_headers_remote) \
	X(setting_filter_spf_plugin_old) \
	X(setting_filter_resolvable_from) \
	X(setting_filter_tnef) \
	X(setting_filter_max_date_offset) \
	X(setting_filter_hosts_allow) \
	X(setting_filter_plugins_remote) \
	X(setting_filter_plugins_local) \
	X(setting_filter_smtp_forward_check) \
	/* Bayes */ \
	X(setting_bayes_use) \
	X(setting_bayes_autolearn) \
	X(setting_bayes_spam_learning) \
	X(setting_bayes_learn_spam_above) \
	X(setting_bayes_learn_ham_below) \
	X(setting_bayes_db_path) \
	X(setting_learn_spam_status) \
	X(setting_learn_spam_dir) \
	X(setting_learn_spam_tag) \
	X(setting_learn_spam_links) \
	X(setting_learn_spam_delete) \
	X(setting_learn_spam_delay) \
	X(setting_learn_spam_new) \
	X(setting_learn_ham_status) \
	X(setting_learn_ham_dir) \
	/* RBL */ \
	X(setting_rbl_dns) \
	X(setting_rbl_dns_zones) \
	X(setting_rbl_sender) \
	X(setting_rbl_sender_zones) \
	X(setting_rbl_uri) \
	X(setting_rbl_uri_zones) \
	X(setting_rbl_dns_forwarder) \
	X(setting_rbl_dns_forwarder2) \
	/* Antivirus */ \
	X(setting_virus_scan) \
	X(setting_virus_max_scan_size) \
	X(setting_virus_status) \
	X(setting_virus_clamd_status) \
	X(setting_virus_freshclam_status) \
	X(setting_virus_heuristic_precedence) \
	X(setting_virus_max_file_size) \
	X(setting_virus_max_files) \
	X(setting_virus_max_recursion) \
	X(setting_virus_archive_max_ratio) \
	X(setting_virus_mem_limit) \
	X(setting_virus_stream_max) \
	X(setting_virus_max_dir_recursion) \
	X(setting_virus_max_threads) \
	X(setting_virus_max_queue) \
	X(setting_virus_idle_timeout) \
	X(setting_virus_read_timeout) \
	X(setting_virus_self_check) \
	X(setting_virus_scan_mail) \
	X(setting_virus_scan_archive) \
	X(setting_virus_scan_html) \
	X(setting_virus_scan_ole2) \
	X(setting_virus_scan_pe) \
	X(setting_virus_block_encrypted) \
	X(setting_virus_detect_broken) \
	X(setting_virus_log_clean) \
	X(setting_virus_log_verbose) \
	X(setting_virus_debug) \
	X(setting_virus_update_checks) \
	X(setting_virus_update_attempts) \
	X(setting_virus_mirror) \
	X(setting_virus_filesystem_scan) \
	X(setting_virus_quarantine) \
	X(setting_virus_quarantine_dir) \
	X(setting_virus_scan_report_to) \
	X(setting_virus_scan_folders) \
	X(setting_virus_scan_exclude) \
	X(setting_virus_extra_signatures) \
	/* Attachments */ \
	X(setting_attachments_block) \
	X(setting_attachments_pattern) \
	X(setting_attachments_pattern_description) \
	X(setting_attachments_pattern_add) \
	/* Lists */ \
	X(setting_lists_sender) \
	X(setting_lists_recipient) \
	X(setting_lists_badhelo) \
	X(setting_lists_badmailfrom) \
	X(setting_lists_whitelisthosts) \
	X(setting_lists_whitelisthelo) \
	X(setting_lists_whitelistsenders) \
	X(setting_lists_badmailfrom_file) \
	X(setting_lists_badrcptto_file) \
	X(setting_lists_badrcptto_patterns_file) \
	X(setting_lists_goodrcptto_file) \
	X(setting_lists_badhelo_file) \
	X(setting_lists_from_to_plugin_remote_old) \
	X(setting_lists_from_to_plugin_local_old) \
	X(setting_lists_from_to_plugin_remote_new) \
	X(setting_lists_from_to_plugin_local_new) \
	X(setting_lists_from_to) \
	/* Relay & Auth */ \
	X(setting_auth_smtp) \
	X(setting_auth_smtp_scope) \
	X(setting_auth_smtp_old) \
	X(setting_auth_smtps_old) \
	X(setting_auth_tls_before_auth) \
	X(setting_auth_tls_ciphers) \
	X(setting_auth_lan_fragment) \
	X(setting_relay_require_auth) \
	X(setting_relay_network_require_auth) \
	X(setting_relay_free_clients) \
	X(setting_relay_custom_clients) \
	X(setting_relay_no_lan) \
	X(setting_relay_norelayclients) \
	X(setting_auth_login_timeout) \
	X(setting_auth_login_delay) \
	X(setting_auth_login_failures) \
	/* Domain authentication */ \
	X(setting_dkim_signing) \
	X(setting_dkim_domain_signing) \
	X(setting_dkim_default_key) \
	X(setting_dkim_default_public) \
	X(setting_dkim_domain_key) \
	X(setting_dkim_selector) \
	X(setting_dkim_old_key) \
	X(setting_dkim_old_keys) \
	X(setting_dkim_old_dk_method) \
	X(setting_dkim_old_selector) \
	X(setting_dkim_old_algorithm) \
	X(setting_dkim_old_dkim_method) \
	X(setting_dmarc_reject) \
	X(setting_dmarc_reporting) \
	X(setting_dmarc_reports_db) \
	X(setting_spf_reject_policy) \
	X(setting_dns_dkim_record) \
	X(setting_dns_spf_record) \
	X(setting_dns_dmarc_record) \
	/* Limits */ \
	X(setting_imap_concurrency) \
	X(setting_imap_concurrency_per_ip) \
	X(setting_imaps_concurrency_per_ip) \
	X(setting_imaps_concurrency) \
	X(setting_imap_check_concurrency) \
	X(setting_imap_process_memory) \
	X(setting_imap_idle_notify) \
	X(setting_smtp_max_message_size) \
	X(setting_smtp_instances) \
	X(setting_smtp_instances_per_ip) \
	X(setting_smtp_workers) \
	X(setting_smtps_instances) \
	X(setting_smtp_stray_databytes) \
	X(setting_php_upload_max) \
	X(setting_php_memory_limit) \
	X(setting_user_quota_hard) \
	X(setting_user_quota_soft) \
	X(setting_smtp_idle_timeout) \
	X(setting_smtp_session_timeout) \
	X(setting_smtp_handshake_timeout) \
	X(setting_smtp_text_rate) \
	X(setting_smtp_text_rate_window) \
	X(setting_smtp_max_recipients) \
	X(setting_smtp_instances_per_network) \
	X(setting_smtp_dns_timeout) \
	X(setting_rbl_timeout) \
	X(setting_smtp_queue_log) \
	X(setting_smtp_queue_timeout) \
	X(setting_smtp_queue_failures) \
	X(setting_smtp_queue_pause) \
	X(setting_smtp_queue_connections) \
	X(setting_smtp_recipient_check_timeout) \
	/* Users & Groups */ \
	X(setting_user_visible) \
	X(setting_group_visible) \
	X(setting_pseudonym_visible) \
	X(setting_user_everyone_email) \
	X(setting_group_exclude_users) \
	X(setting_group_exclude_groups) \
	X(setting_user_forward) \
	X(setting_user_forward_address) \
	X(setting_pseudonym_account) \
	X(setting_domain_add) \
	/* Webmail */ \
	X(setting_webmail_title) \
	X(setting_webmail_admin) \
	X(setting_webmail_host_template) \
	X(setting_webmail_host_target) \
	/* Logs */ \
	X(setting_logs_keep_smtp) \
	X(setting_logs_keep_smtps) \
	X(setting_logs_keep_qmail) \
	X(setting_logs_level) \
	X(setting_logs_qplogsumm) \
	X(setting_mailstats_status) \
	X(setting_mailstats_email) \
	X(setting_mailstats_junkmail) \
	X(setting_mailstats_rules) \
	X(setting_mailstats_rules_threshold) \
	X(setting_mailstats_codes) \
	X(setting_mailstats_geoip) \
	X(setting_mailstats_geoip_threshold) \
	X(setting_mailstats_totals) \
	X(setting_mailstats_interval) \
	X(setting_mailstats_base) \
	X(setting_mailstats_html) \
	X(setting_mailstats_mysql) \
	X(setting_mailstats_mysql_host) \
	X(setting_mailstats_mysql_port) \
	X(setting_mailstats_column) \
	/* System */ \
	X(setting_network_mtu) \
	X(setting_system_domain_name) \
	X(setting_system_mode) \
	X(setting_system_external_ip)
/* clang-format on */

#define SETTING_DECLARE(name) extern const struct setting name;
SETTING_EACH(SETTING_DECLARE)
#undef SETTING_DECLARE

/* Words, events and services that many settings share. */
extern const struct setting_choice setting_choices_enabled[];
extern const struct setting_choice setting_choices_yes[];
extern const struct setting_choice setting_choices_present[];
extern const struct setting_choice setting_choices_installed[];
extern const char *const setting_event_email_update[];
extern const char *const setting_event_clamav_update[];
extern const char *const setting_services_smtp[];

#endif
