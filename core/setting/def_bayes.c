/* Settings of the area Bayes: the learning filter. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_bayes_use = {
	.id = "bayes.use",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "UseBayes",
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
	.fragments = (const char *const[]){ "10use_bayes", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.see_also = (const char *const[]){ "bayes.autolearn",
	    "bayes.spam-learning", NULL },
	.apply = "expand-template /etc/mail/spamassassin/local.cf; sa-learn "
		 "--sync; chown/chmod of the database",
	.area = "Bayes",
	.help = "Use the Bayes filter; it works only after 200 spam messages.",
	.help_fr = "Utiliser le filtre de Bayes ; actif seulement après 200 "
		   "pourriels appris.",
};

const struct setting setting_bayes_autolearn = {
	.id = "bayes.autolearn",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "UseBayesAutoLearn",
	.type = &setting_type_bool,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("off") },
		{ "1", N_("on") },
		{ NULL, NULL },
	    },
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "15bayes_auto_learn", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.see_also =
	    (const char *const[]){ "bayes.use", "bayes.spam-learning", NULL },
	.apply = "expand-template /etc/mail/spamassassin/local.cf",
	.area = "Bayes",
	.help = "Learn automatically; needed since an update; 0 is advised "
		"with smeserver-learn.",
	.help_fr = "Apprentissage automatique ; requis depuis une mise à jour "
		   "; 0 conseillé avec learn.",
};

const struct setting setting_bayes_spam_learning = {
	.id = "bayes.spam-learning",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamd",
	.prop = "SpamLearning",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "15bayes_auto_learn", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.see_also = (const char *const[]){ "bayes.autolearn", NULL },
	.area = "Bayes",
	.help = "Second switch that autolearning needs since an update of "
		"smeserver-spamassassin.",
	.help_fr = "Second interrupteur requis par l’auto-apprentissage depuis "
		   "une mise à jour.",
};

const struct setting setting_bayes_learn_spam_above = {
	.id = "bayes.learn-spam-above",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "BayesAutoLearnThresholdSpam",
	.type = &setting_type_decimal,
	.min = "6.00",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments =
	    (const char *const[]){ "15bayes_auto_learn_threshold_spam", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Bayes",
	.help = "Learn as spam above this score: at least 6, steps of 3, 12 is "
		"a good value.",
	.help_fr = "Apprendre comme pourriel au-delà : 6 au moins, par pas de "
		   "3, 12 est bon.",
};

const struct setting setting_bayes_learn_ham_below = {
	.id = "bayes.learn-ham-below",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "spamassassin",
	.prop = "BayesAutoLearnThresholdNonspam",
	.type = &setting_type_decimal,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments =
	    (const char *const[]){
		"15bayes_auto_learn_threshold_nonspam", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Bayes",
	.help = "Learn as ham below this score (0.10 in the example).",
	.help_fr = "Apprendre comme légitime en dessous (0.10 dans l’exemple).",
};

const struct setting setting_bayes_db_path = {
	.id = "bayes.db-path",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/spool/spamd/.spamassassin/bayes",
	.prop = "bayes_path",
	.type = &setting_type_path,
	.default_value = "/var/spool/spamd/.spamassassin/bayes",
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "10paths", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.apply = "chown spamd.spamd bayes_* bayes.mutex; chmod 640 bayes_*",
	.area = "Bayes",
	.flags = SETTING_READ_ONLY,
	.help = "Bayes database; owner spamd.spamd, mode 640.",
	.help_fr = "Base de Bayes ; propriétaire spamd.spamd, mode 640.",
};

const struct setting setting_learn_spam_status = {
	.id = "learn.spam-status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsSpam",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: learn from the LearnAsSpam folders of the users.",
	.help_fr = "Contrib : apprendre depuis les dossiers LearnAsSpam des "
		   "utilisateurs.",
};

const struct setting setting_learn_spam_dir = {
	.id = "learn.spam-dir",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsSpam",
	.prop = "dir",
	.type = &setting_type_text,
	.default_value = "LearnAsSpam",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: folder into which users MOVE missed spam.",
	.help_fr = "Contrib : dossier où l’on DÉPLACE le pourriel non détecté.",
};

const struct setting setting_learn_spam_tag = {
	.id = "learn.spam-tag",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsSpam",
	.prop = "tag",
	.type = &setting_type_text,
	.default_value = "[SPAM]",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: tag put in the subject once learned.",
	.help_fr = "Contrib : marque mise au sujet une fois appris.",
};

const struct setting setting_learn_spam_links = {
	.id = "learn.spam-links",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsSpam",
	.prop = "SpamLinks",
	.type = &setting_type_text,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: IMAP folder names linked to junkmail, separated by "
		"commas.",
	.help_fr = "Contrib : dossiers IMAP liés à junkmail, séparés par des "
		   "virgules.",
};

const struct setting setting_learn_spam_delete = {
	.id = "learn.spam-delete",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsSpam",
	.prop = "DeleteAfterLearn",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_CONTRIB,
	.help = "Contrib: delete after learning instead of moving to junkmail.",
	.help_fr = "Contrib : effacer après apprentissage au lieu de ranger en "
		   "junkmail.",
};

const struct setting setting_learn_spam_delay = {
	.id = "learn.spam-delay",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsSpam",
	.prop = "DelayToMove",
	.type = &setting_type_int,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("off") },
		{ NULL, NULL },
	    },
	.min = "0",
	.unit = "d",
	.default_value = "0",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.see_also = (const char *const[]){ "learn.spam-delete", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.visible_if_id = "learn.spam-delete",
	.visible_if_value = "enabled",
	.help =
	    "Contrib: also learn old junkmail; only with deletion on; 0 = off.",
	.help_fr = "Contrib : apprendre aussi le vieux junkmail ; si "
		   "effacement actif ; 0 = non.",
};

const struct setting setting_learn_spam_new = {
	.id = "learn.spam-new",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsSpam",
	.prop = "LearnNew",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: learn unread messages too (new as well as cur).",
	.help_fr =
	    "Contrib : apprendre aussi les non lus (new en plus de cur).",
};

const struct setting setting_learn_ham_status = {
	.id = "learn.ham-status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsHam",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: learn from the LearnAsHam folders of the users.",
	.help_fr = "Contrib : apprendre depuis les dossiers LearnAsHam des "
		   "utilisateurs.",
};

const struct setting setting_learn_ham_dir = {
	.id = "learn.ham-dir",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "LearnAsHam",
	.prop = "dir",
	.type = &setting_type_text,
	.default_value = "LearnAsHam",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/etc/cron.daily/LearnAsSpam.pl (contrib, static)", NULL },
	.apply = "contrib smeserver-learn",
	.area = "Bayes",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: folder into which users COPY good mail found in "
		"junkmail.",
	.help_fr = "Contrib : dossier où l’on COPIE le bon courrier trouvé en "
		   "junkmail.",
};
