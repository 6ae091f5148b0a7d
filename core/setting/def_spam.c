/* Settings of the area Filtering/Spam: the spam filter. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_spam_filter = {
	.id = "spam.filter",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "70spamassassin", NULL },
	.services = (const char *const[]){ "qpsmtpd:sighup", "sqpsmtpd:sighup",
	    "spamd:restart", NULL },
	.see_also = (const char *const[]){ "spam.sensitivity",
	    "spam.sort-junkmail", NULL },
	.area = "Filtering/Spam",
	.help = "Run the spam filter on incoming mail.",
	.help_fr = "Filtrer les pourriels du courrier entrant.",
};

const struct setting setting_spam_sensitivity = {
	.id = "spam.sensitivity",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "Sensitivity",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "verylow", N_("tags from 9, refuses nothing") },
		{ "low", N_("tags from 7, refuses nothing") },
		{ "medium", N_("tags from 5, refuses nothing") },
		{ "high", N_("tags from 3, refuses nothing") },
		{ "veryhigh", N_("tags from 2, refuses nothing") },
		{ "custom", N_("tags from spam.tag-level, refuses from "
			       "spam.reject-level") },
		{ NULL, NULL },
	    },
	.default_value = "medium",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "10required_score", NULL },
	.services = (const char *const[]){ "spamd:restart", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.see_also = (const char *const[]){ "spam.tag-level",
	    "spam.reject-level", NULL },
	.area = "Filtering/Spam",
	.help = "Preset of the tag level; only custom uses the tag and reject "
		"levels.",
	.help_fr = "Préréglage du marquage ; seul custom utilise les niveaux "
		   "de marquage et rejet.",
	.text = N_("The presets mark only; none of them refuses mail. With "
		   "custom, spam.tag-level and spam.reject-level decide."),
};

const struct setting setting_spam_tag_level = {
	.id = "spam.tag-level",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "TagLevel",
	.type = &setting_type_int,
	.min = "0",
	.max = "20",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/mail/spamassassin/local.cf",
	    "/var/service/qpsmtpd/config/peers/0", NULL },
	.fragments =
	    (const char *const[]){ "10required_score", "70spamassassin", NULL },
	.services = (const char *const[]){ "spamd:restart", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.see_also = (const char *const[]){ "spam.sensitivity",
	    "spam.reject-level", NULL },
	.area = "Filtering/Spam",
	.visible_if_id = "spam.sensitivity",
	.visible_if_value = "custom",
	.help =
	    "Score from which mail is marked as spam (custom only; 4 advised).",
	.help_fr =
	    "Score à partir duquel marquer (custom seulement ; 4 conseillé).",
	.text = N_("Mail with this score or more is marked; it goes to "
		   "junkmail if spam.sort-junkmail is enabled. It must be "
		   "lower than spam.reject-level."),
};

const struct setting setting_spam_reject_level = {
	.id = "spam.reject-level",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "RejectLevel",
	.type = &setting_type_int,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("never refuse") },
		{ NULL, NULL },
	    },
	.min = "0",
	.max = "20",
	.default_value = "0",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "70spamassassin", NULL },
	.services = setting_services_smtp,
	.see_also =
	    (const char *const[]){ "spam.tag-level", "spam.sensitivity", NULL },
	.area = "Filtering/Spam",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.risk_text =
	    N_("good mail with this score is refused, no copy is kept"),
	.visible_if_id = "spam.sensitivity",
	.visible_if_value = "custom",
	.help = "Score from which mail is refused at SMTP (custom only; 12 "
		"advised; 0 = never).",
	.help_fr = "Score à partir duquel refuser en SMTP (custom seulement ; "
		   "12 conseillé ; 0 = jamais).",
	.text =
	    N_("Asked after DATA. Below it and from spam.tag-level on, mail is "
	       "marked, and put in junkmail if spam.sort-junkmail is enabled. "
	       "The sender of refused mail is told so; no copy is kept."),
};

const struct setting setting_spam_sort_junkmail = {
	.id = "spam.sort-junkmail",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "SortSpam",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/home/e-smith/files/users/<user>/.qmail",
		"/home/e-smith/.qmail", NULL },
	.fragments = (const char *const[]){ "15sortspam", NULL },
	.see_also = (const char *const[]){ "spam.user-sort",
	    "spam.retention-days", NULL },
	.area = "Filtering/Spam",
	.help = "Put marked mail in the junkmail folder instead of the inbox.",
	.help_fr = "Ranger le courrier marqué dans junkmail et non dans la "
		   "boîte de réception.",
};

const struct setting setting_spam_subject_tag = {
	.id = "spam.subject-tag",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "SubjectTag",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/mail/spamassassin/local.cf",
	    "/var/service/qpsmtpd/config/peers/0", NULL },
	.fragments = (const char *const[]){ "10rewrite_subject",
	    "70spamassassin", NULL },
	.services = (const char *const[]){ "spamd:restart", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.see_also = (const char *const[]){ "spam.subject-text", NULL },
	.area = "Filtering/Spam",
	.help = "Change the subject of marked mail.",
	.help_fr = "Modifier le sujet du courrier marqué.",
};

const struct setting setting_spam_subject_text = {
	.id = "spam.subject-text",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "Subject",
	.type = &setting_type_text,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/mail/spamassassin/local.cf",
	    "/var/service/qpsmtpd/config/subject_prefix", NULL },
	.fragments =
	    (const char *const[]){ "10rewrite_subject", "10subject", NULL },
	.services = (const char *const[]){ "spamd:restart", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.see_also = (const char *const[]){ "spam.subject-tag", NULL },
	.area = "Filtering/Spam",
	.since = "8",
	.flags = SETTING_EMPTY_OK,
	.help =
	    "Text put before the subject of marked mail (file subject_prefix).",
	.help_fr = "Texte placé devant le sujet du courrier marqué (fichier "
		   "subject_prefix).",
};

const struct setting setting_spam_retention_days = {
	.id = "spam.retention-days",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "MessageRetentionTime",
	.type = &setting_type_int,
	.min = "1",
	.unit = "d",
	.default_value = "90",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/cron.d/purge_junkmail (static)",
	    NULL },
	.see_also = (const char *const[]){ "spam.sort-junkmail", NULL },
	.area = "Filtering/Spam",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help =
	    "Days before junkmail is deleted automatically (60 = two months).",
	.help_fr =
	    "Jours avant suppression automatique de junkmail (60 = deux mois).",
};

const struct setting setting_spam_max_size = {
	.id = "spam.max-size",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "MaxMessageSize",
	.type = &setting_type_bytes,
	.unit = "B",
	.default_value = "500000",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "70spamassassin", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.help = "Messages larger than this are not scored (2000000 in the "
		"example).",
	.help_fr = "Les messages plus gros ne sont pas notés (2000000 dans "
		   "l’exemple).",
};

const struct setting setting_spam_user_sort = {
	.id = "spam.user-sort",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_USER,
	.db = "accounts",
	.key = "<user>",
	.prop = "SortSpam",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.default_unset = true,
	.events = (const char *const[]){ "user-modify <user>", NULL },
	.files =
	    (const char *const[]){
		"/home/e-smith/files/users/<user>/.qmail", NULL },
	.fragments = (const char *const[]){ "15sortspam", NULL },
	.see_also = (const char *const[]){ "spam.sort-junkmail", NULL },
	.area = "Filtering/Spam",
	.help = "Per user: disabled leaves spam in the inbox; scoring goes on.",
	.help_fr = "Par utilisateur : disabled laisse le pourriel en boîte ; "
		   "la notation continue.",
};

const struct setting setting_spam_level_header = {
	.id = "spam.level-header",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "rpm smeserver-qpsmtpd-spamassassinlevelstars",
	.prop = "-",
	.type = &setting_type_bool,
	.choices = setting_choices_installed,
	.default_value = "absent",
	.events = setting_event_email_update,
	.apply = "yum install --enablerepo=smecontribs "
		 "smeserver-qpsmtpd-spamassassinlevelstars",
	.area = "Filtering/Spam",
	.until = "7",
	.flags = SETTING_CONTRIB,
	.help =
	    "Add an X-Spam-Level header of stars; seems built in since SME 8.",
	.help_fr = "Ajouter l’en-tête X-Spam-Level en étoiles ; semble intégré "
		   "depuis SME 8.",
};

const struct setting setting_spam_rule_scores = {
	.id = "spam.rule-scores",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_ENTRY,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/etc/mail/spamassassin/local.cf/"
	       "20localscores",
	.prop = "score <TEST>",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_ENTRY,
		.head = "score ",
	    },
	.type = &setting_type_score,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments =
	    (const char *const[]){ "20localscores (templates-custom)", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Filtering/Spam",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Own scores, one per line; (n) in brackets is added to the "
		"default score.",
	.help_fr = "Scores propres, un par ligne ; (n) entre parenthèses "
		   "s’ajoute au score par défaut.",
};

const struct setting setting_spam_spf_softfail_score = {
	.id = "spam.spf-softfail-score",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/etc/mail/spamassassin/local.cf/"
	       "20localscores",
	.prop = "score SPF_SOFTFAIL",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_ENTRY,
		.mark = "spam.rule-scores",
		.head = "score ",
		.name = "SPF_SOFTFAIL",
	    },
	.type = &setting_type_score,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments =
	    (const char *const[]){ "20localscores (templates-custom)", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Filtering/Spam",
	.until = "9.1",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Score for an SPF soft fail (6.000 in the example: lands in "
		"junkmail).",
	.help_fr = "Score d’un échec SPF faible (6.000 dans l’exemple : part "
		   "en junkmail).",
};

const struct setting setting_spam_spf_fail_score = {
	.id = "spam.spf-fail-score",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/etc/mail/spamassassin/local.cf/"
	       "20localscores",
	.prop = "score SPF_FAIL",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_ENTRY,
		.mark = "spam.rule-scores",
		.head = "score ",
		.name = "SPF_FAIL",
	    },
	.type = &setting_type_score,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments =
	    (const char *const[]){ "20localscores (templates-custom)", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Filtering/Spam",
	.until = "9.1",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Score for an SPF hard fail (14.000 in the example: rejected).",
	.help_fr = "Score d’un échec SPF net (14.000 dans l’exemple : rejeté).",
};

const struct setting setting_spam_pyzor_timeout = {
	.id = "spam.pyzor-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "PyzorTimeout",
	.type = &setting_type_duration,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("writes nothing") },
		{ NULL, NULL },
	    },
	.min = "0",
	.unit = "s",
	.default_value = "pyzor internal default",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "50pyzor_timeout", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.apply = "needs fragment local.cf/50pyzor_timeout",
	.area = "Filtering/Spam",
	.since = "7",
	.help = "Seconds given to pyzor (15 advised when it is killed); 0 or "
		"unset writes nothing.",
	.help_fr = "Secondes laissées à pyzor (15 conseillé s’il est tué) ; 0 "
		   "ou vide n’écrit rien.",
};

const struct setting setting_spam_pyzor_timeout_fragment = {
	.id = "spam.pyzor-timeout-fragment",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates/etc/mail/spamassassin/local.cf/"
	       "50pyzor_timeout",
	.prop = "pyzor_timeout",
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "50pyzor_timeout", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Filtering/Spam",
	.since = "7",
	.help = "Fragment that prints pyzor_timeout <PyzorTimeout> when the "
		"property is set.",
	.help_fr = "Fragment qui écrit pyzor_timeout <PyzorTimeout> si la "
		   "propriété existe.",
};

const struct setting setting_spam_auto_whitelist = {
	.id = "spam.auto-whitelist",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "UseAutoWhitelist",
	.type = &setting_type_bool,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("off") },
		{ "1", N_("on") },
		{ NULL, NULL },
	    },
	.default_value = "0",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "10use_auto_whitelist", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Filtering/Spam",
	.help = "SpamAssassin sender history (auto-whitelist file).",
	.help_fr = "Historique des expéditeurs SpamAssassin (auto-whitelist).",
};
