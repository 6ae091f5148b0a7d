/*
 * Every command, in the order of help and completion: daily verbs first. A
 * family of commands declares its records in cmd/commands.h.
 */
#include "cmd/registry.h"

#include "cmd/commands.h"
#include "core/base/compiler.h"
#include "core/base/i18n.h"

static const struct command *const commands[] = {
	&command_status,
	&command_settings_list,
	&command_get,
	&command_set,
	&command_unset,
	&command_describe,
	&command_plan,
	&command_apply,
	&command_undo,
	&command_history,
	&command_history_show,
	&command_blame,
	&command_diff,
	&command_drift,
	&command_lists_show,
	&command_lists_add,
	&command_lists_remove,
	&command_lists_import,
	&command_lists_export,
	&command_lists_check,
	&command_user_list,
	&command_user_show,
	&command_user_get,
	&command_user_set,
	&command_user_unset,
	&command_group_list,
	&command_group_show,
	&command_group_get,
	&command_group_set,
	&command_group_unset,
	&command_pseudonym_list,
	&command_pseudonym_show,
	&command_pseudonym_get,
	&command_pseudonym_set,
	&command_pseudonym_unset,
	&command_domain_list,
	&command_domain_show,
	&command_domain_get,
	&command_domain_set,
	&command_domain_unset,
	&command_network_list,
	&command_network_show,
	&command_network_get,
	&command_network_set,
	&command_network_unset,
	&command_mtu,
	&command_spf_check,
	&command_spf_tree,
	&command_spf_query,
	&command_rbl_check,
	&command_rbl_health,
	&command_resolver_check,
	&command_log_follow,
	&command_log_decode,
	&command_tai64nlocal,
	&command_service_list,
	&command_service_status,
	&command_service_start,
	&command_service_stop,
	&command_service_restart,
	&command_service_reload,
	&command_dkim_keygen,
	&command_dkim_show,
	&command_dkim_check,
	&command_dkim_rotate,
	&command_dkim_verify,
	&command_dkim_sign,
	&command_arc_verify,
	&command_db,
	&command_config,
	&command_expand_template,
	&command_signal_event,
	&command_init_databases,
	&command_event_list,
	&command_event_show,
	&command_event_run,
	&command_template_list,
	&command_template_show,
	&command_template_expand,
	&command_template_customize,
	&command_template_revert,
	&command_init,
	&command_up,
	&command_down,
	&command_tui,
	&command_shell,
	&command_completion,
	&command_help,
	&command_complete,
	&command_dump,
	&command_mtu_restore,
};

static const struct command_group groups[] = {
	{ N_("settings"), &command_settings_list },
	{ N_("changes"), &command_plan },
	{ N_("lists and tasks"), &command_lists_show },
	{ N_("people"), &command_user_list },
	{ N_("network"), &command_mtu },
	{ N_("authentication"), &command_spf_check },
	{ N_("logs"), &command_log_follow },
	{ N_("services"), &command_service_list },
	{ N_("authentication"), &command_dkim_keygen },
	{ N_("tools of e-smith"), &command_db },
	{ N_("smemail itself"), &command_init },
};

const struct command *const *
command_all(size_t *count)
{
	*count = ARRAY_LEN(commands);
	return commands;
}

const char *
command_group_title(const struct command *first)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (groups[i].first == first)
			return groups[i].title;
	}
	return NULL;
}
