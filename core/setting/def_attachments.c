/* Settings of the area Attachments: refused kinds of attachments. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_attachments_block = {
	.id = "attachments.block",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "PatternsScan",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "62pattern_filter", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "attachments.pattern", NULL },
	.area = "Attachments",
	.since = "7",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Refuse mail whose attachment matches an enabled pattern.",
	.help_fr =
	    "Refuser le courrier dont une pièce correspond à un motif activé.",
};

const struct setting setting_attachments_pattern = {
	.id = "attachments.pattern",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_PATTERN,
	.db = "mailpatterns",
	.key = "<pattern>",
	.prop = "Status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/signatures_patterns", NULL },
	.fragments = (const char *const[]){ "20blockPatterns", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "attachments.block", NULL },
	.area = "Attachments",
	.since = "7",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Switch one content pattern; all executables advised, the two "
		"zip ones left out.",
	.help_fr = "Activer un motif ; tous les exécutables conseillés, sauf "
		   "les deux motifs zip.",
};

const struct setting setting_attachments_pattern_description = {
	.id = "attachments.pattern-description",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_PATTERN,
	.db = "mailpatterns",
	.key = "<pattern>",
	.prop = "Description",
	.type = &setting_type_text,
	.events = setting_event_email_update,
	.area = "Attachments",
	.since = "7",
	.flags = SETTING_EMPTY_OK,
	.help = "Label of a pattern (the record has type pattern).",
	.help_fr = "Libellé d’un motif (enregistrement de type pattern).",
};

const struct setting setting_attachments_pattern_add = {
	.id = "attachments.pattern-add",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_PATTERN,
	.db = "mailpatterns",
	.key = "<new pattern>",
	.prop = "type",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "pattern", NULL },
		{ NULL, NULL },
	    },
	.default_value = "pattern",
	.record_type = "pattern",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/signatures_patterns", NULL },
	.fragments = (const char *const[]){ "20blockPatterns", NULL },
	.services = setting_services_smtp,
	.area = "Attachments",
	.since = "7",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_REQUIRED,
	.help =
	    "Add a file signature (start of the base64 text) to the patterns.",
	.help_fr = "Ajouter une signature de fichier (début du texte base64) "
		   "aux motifs.",
};
