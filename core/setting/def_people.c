/* Settings of the area Users & Groups: mail of users, groups, pseudonyms and
 * domains. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_user_visible = {
	.id = "user.visible",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_USER,
	.db = "accounts",
	.key = "<user>",
	.prop = "Visible",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "internal", N_("no mail from outside") },
		{ NULL, NULL },
	    },
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/badrcptto",
	    "/var/qmail/control/badrcptto", NULL },
	.fragments = (const char *const[]){ "10blockVisibleInternal", NULL },
	.services = setting_services_smtp,
	.area = "Users & Groups",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "internal: no mail from outside for this user; delete the "
		"property to undo.",
	.help_fr = "internal : pas de courrier externe pour ce compte ; "
		   "supprimer pour annuler.",
};

const struct setting setting_group_visible = {
	.id = "group.visible",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_GROUP,
	.db = "accounts",
	.key = "<group>",
	.prop = "Visible",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "internal", N_("no mail from outside") },
		{ NULL, NULL },
	    },
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/badrcptto",
	    "/var/qmail/control/badrcptto", NULL },
	.fragments = (const char *const[]){ "10blockVisibleInternal", NULL },
	.services = setting_services_smtp,
	.area = "Users & Groups",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "internal: no mail from outside for this group; delete the "
		"property to undo.",
	.help_fr = "internal : pas de courrier externe pour ce groupe ; "
		   "supprimer pour annuler.",
};

const struct setting setting_pseudonym_visible = {
	.id = "pseudonym.visible",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_PSEUDONYM,
	.db = "accounts",
	.key = "<pseudonym>",
	.prop = "Visible",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "internal", N_("no mail from outside") },
		{ NULL, NULL },
	    },
	.events =
	    (const char *const[]){ "email-update", "pseudonym-modify", NULL },
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/badrcptto",
	    "/var/qmail/control/badrcptto", NULL },
	.fragments = (const char *const[]){ "10blockVisibleInternal", NULL },
	.services = setting_services_smtp,
	.area = "Users & Groups",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "internal: no mail from outside for this pseudonym; delete the "
		"property to undo.",
	.help_fr = "internal : pas de courrier externe pour ce pseudonyme ; "
		   "supprimer pour annuler.",
};

const struct setting setting_user_everyone_email = {
	.id = "user.everyone-email",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_USER,
	.db = "accounts",
	.key = "<user>",
	.prop = "EveryoneEmail",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.default_unset = true,
	.events = (const char *const[]){ "user-modify <user>", NULL },
	.files =
	    (const char *const[]){ "/var/qmail/alias/.qmail-shared", NULL },
	.fragments = (const char *const[]){ "50body", NULL },
	.apply = "/etc/init.d/qmail restart (old text)",
	.area = "Users & Groups",
	.help = "no: leave this user out of mail sent to everyone.",
	.help_fr =
	    "no : exclure cet utilisateur du courrier envoyé à everyone.",
};

const struct setting setting_group_exclude_users = {
	.id = "group.exclude-users",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_GROUP,
	.db = "accounts",
	.key = "<group>",
	.prop = "EmailExcludeUsers",
	.type = &setting_type_account_list,
	.separator = ",",
	.events = (const char *const[]){ "group-modify <group>", NULL },
	.files =
	    (const char *const[]){ "/var/qmail/alias/.qmail-<group>", NULL },
	.fragments = (const char *const[]){ "50group_members", NULL },
	.area = "Users & Groups",
	.since = "e-smith-qmail 2.4.0-7",
	.flags = SETTING_LIST,
	.help = "Members who do not get the mail of the group.",
	.help_fr = "Membres qui ne reçoivent pas le courrier du groupe.",
};

const struct setting setting_group_exclude_groups = {
	.id = "group.exclude-groups",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_GROUP,
	.db = "accounts",
	.key = "<group>",
	.prop = "EmailExcludeGroups",
	.type = &setting_type_account_list,
	.separator = ",",
	.events = (const char *const[]){ "group-modify <group>", NULL },
	.files =
	    (const char *const[]){ "/var/qmail/alias/.qmail-<group>", NULL },
	.fragments = (const char *const[]){ "50group_members", NULL },
	.area = "Users & Groups",
	.since = "e-smith-qmail 2.4.0-7",
	.flags = SETTING_LIST,
	.help = "Groups whose members do not get the mail of this group.",
	.help_fr = "Groupes dont les membres ne reçoivent pas le courrier de "
		   "ce groupe.",
};

const struct setting setting_user_forward = {
	.id = "user.forward",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_USER,
	.db = "accounts",
	.key = "<user>",
	.prop = "EmailForward",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "local", N_("the own mailbox") },
		{ "forward", N_("another address only") },
		{ "both", N_("both") },
		{ NULL, NULL },
	    },
	.events = (const char *const[]){ "user-modify <user>", NULL },
	.files =
	    (const char *const[]){
		"/home/e-smith/files/users/<user>/.qmail", NULL },
	.fragments = (const char *const[]){ "70Forward", "90local", NULL },
	.see_also = (const char *const[]){ "user.forward-address", NULL },
	.area = "Users & Groups",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Deliver the mail of the user here, elsewhere or both.",
	.help_fr =
	    "Livrer le courrier de l’utilisateur ici, ailleurs ou les deux.",
};

const struct setting setting_user_forward_address = {
	.id = "user.forward-address",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_USER,
	.db = "accounts",
	.key = "<user>",
	.prop = "ForwardAddress",
	.type = &setting_type_email,
	.events = (const char *const[]){ "user-modify <user>", NULL },
	.files =
	    (const char *const[]){
		"/home/e-smith/files/users/<user>/.qmail", NULL },
	.fragments = (const char *const[]){ "70Forward", NULL },
	.see_also = (const char *const[]){ "user.forward", NULL },
	.area = "Users & Groups",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Address to which the mail of the user is forwarded.",
	.help_fr = "Adresse vers laquelle réexpédier.",
};

const struct setting setting_pseudonym_account = {
	.id = "pseudonym.account",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_PSEUDONYM,
	.db = "accounts",
	.key = "<pseudonym>",
	.prop = "Account",
	.type = &setting_type_account,
	.events = (const char *const[]){ "pseudonym-modify <pseudonym>", NULL },
	.files = (const char *const[]){ "/var/qmail/control/virtualdomains",
	    "/var/service/qpsmtpd/config/goodrcptto", "/var/qmail/users/assign",
	    NULL },
	.fragments = (const char *const[]){ "40ValidLocalRecipients",
	    "70pseudonyms", "90pseudonyms", NULL },
	.services = (const char *const[]){ "qmail-newu", "qmail:sighup", NULL },
	.area = "Users & Groups",
	.flags = SETTING_REQUIRED,
	.help = "User, group or pseudonym behind this address.",
	.help_fr = "Utilisateur, groupe ou pseudonyme visé par cette adresse.",
};

const struct setting setting_domain_add = {
	.id = "domain.add",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_DOMAIN,
	.db = "domains",
	.key = "<domain>",
	.prop = "type",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "domain", NULL },
		{ NULL, NULL },
	    },
	.default_value = "domain",
	.record_type = "domain",
	.events = (const char *const[]){ "domain-create <domain>", NULL },
	.files = (const char *const[]){ "/var/qmail/control/rcpthosts",
	    "/var/qmail/control/virtualdomains",
	    "/var/service/qpsmtpd/config/goodrcptto",
	    "/var/service/qpsmtpd/config/badrcptto", NULL },
	.fragments = (const char *const[]){ "10standard", "80localdomains",
	    "30ValidAdmin", NULL },
	.services = (const char *const[]){ "qmail:sighup", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.area = "Users & Groups",
	.flags = SETTING_REQUIRED,
	.help = "A virtual domain for which mail is accepted (e.g. "
		"mail.domain.tld).",
	.help_fr = "Domaine virtuel dont on accepte le courrier (ex. "
		   "mail.domain.tld).",
};
