/*
 * What refuses, which setting is behind it, what can be done. One row a
 * plugin, in the order of the phases.
 */
#include "core/model/why_int.h"

#include "core/base/i18n.h"

static const struct why_rule rules[] = {
	{ "hosts_allow", N_("at connecting"), "smtp.instances-per-ip",
	    N_("too many connections of this host at once, or it is denied"),
	    { { N_("allow more"), "smemail set smtp.instances-per-ip %n" } } },
	{ "check_badcountries", N_("at connecting"),
	    "filter.geoip-bad-countries",
	    N_("mail from this country is refused"),
	    { { N_("exempt this host"), "smemail lists add whitelisthosts %i" },
		{ N_("see the list of countries"),
		    "smemail get filter.geoip-bad-countries" } } },
	{ "dnsbl", N_("at connecting"), "rbl.dns-zones",
	    N_("a blacklist holds its address"),
	    { { N_("who lists it, and why"), "smemail rbl check %i" },
		{ N_("exempt this host"),
		    "smemail lists add whitelisthosts %i" },
		{ N_("are the lists sane"), "smemail rbl health" } } },
	{ "earlytalker", N_("at connecting"), NULL,
	    N_("it spoke before it was greeted, as spam programs do"),
	    { { N_("exempt this host"),
		"smemail lists add whitelisthosts %i" } } },
	{ "karma", N_("at connecting"), "filter.karma",
	    N_("this host behaved badly before; it is shut out for a day"),
	    { { N_("its history"), "smemail karma show %i" },
		{ N_("forgive it"), "smemail karma clear %i" },
		{ N_("exempt this host"),
		    "smemail lists add whitelisthosts %i" } } },
	{ "loadcheck", N_("at connecting"), "filter.max-load",
	    N_("the server was too busy; the sender tries again"),
	    { { N_("take mail at a higher load"),
		"smemail set filter.max-load %n" } } },
	{ "relay", N_("after RCPT"), "relay.require-auth",
	    N_("it did not log in, and the recipient is not ours"),
	    { { N_("let this host send without login"),
		"smemail relay allow %i" } } },
	{ "tls", N_("after STARTTLS"), "auth.tls-ciphers",
	    N_("the encryption could not be agreed upon"),
	    { { N_("what we offer"), "smemail get auth.tls-ciphers" } } },
	{ "helo", N_("after HELO"), "filter.helo-policy",
	    N_("it introduced itself with a name that cannot be true"),
	    { { N_("accept this name"), "smemail lists add whitelisthelo %h" },
		{ N_("be lenient"),
		    "smemail set filter.helo-policy lenient" } } },
	{ "unrecognized_commands", N_("in the session"), NULL,
	    N_("it sent commands that SMTP does not know"), { { 0 } } },
	{ "auth::auth_cvm_unix_local", N_("at login"), "auth.smtp",
	    N_("name or password was wrong"),
	    { { N_("who tried, and how often"),
		"smemail log search ip:%i auth" } } },
	{ "badmailfrom", N_("after MAIL"), "lists.badmailfrom",
	    N_("the sender is on our own list"),
	    { { N_("take him off it"), "smemail lists remove badmailfrom %e" },
		{ N_("see the list"), "smemail lists show badmailfrom" } } },
	{ "rhsbl", N_("after MAIL"), "rbl.sender-zones",
	    N_("a blacklist holds the sender's domain"),
	    { { N_("who lists it, and why"), "smemail rbl check %d" },
		{ N_("exempt this domain"),
		    "smemail lists add whitelistsenders %d" } } },
	{ "resolvable_fromhost", N_("after MAIL"), NULL,
	    N_("the sender's domain can receive no answer: it has no host for "
	       "mail"),
	    { { N_("is our resolver sound"), "smemail resolver check" },
		{ N_("exempt this domain"),
		    "smemail lists add whitelistsenders %d" } } },
	{ "sender_permitted_from", N_("after MAIL"), "spf.reject-policy",
	    N_("the sender's domain forbids this host to send for it"),
	    { { N_("see the record"),
		  "smemail spf check --ip %i --sender %s --helo %h" },
		{ N_("do not refuse for it"),
		    "smemail set spf.reject-policy 0" } } },
	{ "badmailfromto", N_("after RCPT"), "lists.from-to",
	    N_("this sender may not write to this recipient"),
	    { { N_("let him"), "smemail pairs remove %s %r" } } },
	{ "badrcptto", N_("after RCPT"), "user.visible",
	    N_("the recipient takes no mail from outside"),
	    { { N_("let the world write to him"),
		"smemail user unhide %l" } } },
	{ "check_goodrcptto", N_("after RCPT"), "delivery.unknown-user",
	    N_("there is no such recipient"),
	    { { N_("where would it go"), "smemail route %r" },
		{ N_("deliver such mail to admin"),
		    "smemail set delivery.unknown-user admin" } } },
	{ "check_smtp_forward", N_("after RCPT"), "delivery.domain-server",
	    N_("the server behind us does not take this recipient"),
	    { { N_("where would it go"), "smemail route %r" } } },
	{ "rcpt_ok", N_("after RCPT"), "relay.require-auth",
	    N_("the recipient is not ours, and the client may not relay"),
	    { { N_("our domains"), "smemail domain list" },
		{ N_("let this host send without login"),
		    "smemail relay allow %i" } } },
	{ "greylisting", N_("after RCPT"), "filter.greylisting",
	    N_("an unknown sender must try again later"),
	    { { N_("who waits"), "smemail greylist show" },
		{ N_("switch it off"),
		    "smemail set filter.greylisting disabled" } } },
	{ "bogus_bounce", N_("after RCPT"), NULL,
	    N_("a bounce has one recipient, this had several"), { { 0 } } },
	{ "headers", N_("after DATA"), "filter.max-date-offset",
	    N_("a header field is missing, or its date is far off"),
	    { { 0 } } },
	{ "loop", N_("after DATA"), NULL, N_("it went in a circle"),
	    { { N_("where would it go"), "smemail route %r" } } },
	{ "uribl", N_("after DATA"), "rbl.uri-zones",
	    N_("a link in it is on a blacklist"),
	    { { N_("do not look at links"),
		"smemail set rbl.uri disabled" } } },
	{ "virus::clamdscan", N_("after DATA"), "virus.scan",
	    N_("it holds a virus"),
	    { { N_("what the scanner said"), "smemail log show clamd" } } },
	{ "virus::pattern_filter", N_("after DATA"), "attachments.block",
	    N_("it has an attachment of a kind that is refused"),
	    { { N_("see the patterns"), "smemail attachments show" } } },
	{ "dmarc", N_("after DATA"), "dmarc.reject",
	    N_("the sender's domain asks to refuse what does not pass DMARC"),
	    { { N_("see the policy"), "smemail dmarc check %d" },
		{ N_("do not refuse for it"),
		    "smemail set dmarc.reject disabled" } } },
	{ "spamassassin", N_("after DATA"), "spam.reject-level",
	    N_("its score is at or above the limit"),
	    { { N_("accept this sender"),
		  "smemail lists add whitelist_from '*@%d'" },
		{ N_("how the score is set"),
		    "smemail describe spam.reject-level" } } },
	{ "queue::qmail-queue", N_("at the end"), NULL,
	    N_("the queue did not take it"),
	    { { N_("what the queue says"), "smemail log errors qmail" } } },
	{ "queue::maildir", N_("at the end"), NULL,
	    N_("the queue did not take it"),
	    { { N_("where would it go"), "smemail route %r" } } },
	{ "queue::smtp-forward", N_("at the end"), NULL,
	    N_("the queue did not take it"),
	    { { N_("where would it go"), "smemail route %r" } } },
};

/* Where what the client was told says more than the plugin. */
static const struct {
	const char *says;
	struct why_rule rule;
} rules_of_texts[] = {
	{ "I do not believe",
	    { "helo", N_("after HELO"), "lists.badhelo",
		N_("the name it introduced itself with is on our own list"),
		{ { N_("take it off the list"),
		      "smemail lists remove badhelo %e" },
		    { N_("accept this name"),
			"smemail lists add whitelisthelo %h" },
		    { N_("see the list"), "smemail lists show badhelo" } } } },
	/* these the lenient policy refuses as well */
	{ "not localhost", { "helo", N_("after HELO"), "filter.helo-policy",
			       N_("it introduced itself as this server"),
			       { { N_("accept this name"),
				   "smemail lists add whitelisthelo %h" } } } },
	{ "Forged IP",
	    { "helo", N_("after HELO"), "filter.helo-policy",
		N_("it introduced itself with an address that is not its own"),
		{ { N_("accept this name"),
		    "smemail lists add whitelisthelo %h" } } } },
	{ "We require",
	    { "headers", N_("after DATA"), NULL,
		N_("a header field is missing that all mail must have"),
		{ { N_("exempt this host"),
		    "smemail lists add whitelisthosts %i" } } } },
	{ "Only one",
	    { "headers", N_("after DATA"), NULL,
		N_("a header field stands twice that may stand once only"),
		{ { N_("exempt this host"),
		    "smemail lists add whitelisthosts %i" } } } },
	{ "send some data", { "headers", N_("after DATA"), NULL,
				N_("it is empty"), { { 0 } } } },
	{ "bare LF",
	    { "core", N_("after DATA"), "smtp.bare-lf",
		N_("it has line ends that are none, as smuggled mail has"),
		{ { N_("what is done with such mail"),
		    "smemail describe smtp.bare-lf" } } } },
	{ "login is open to the local networks only",
	    { "core", N_("after MAIL"), "auth.smtp-scope",
		N_("it did not log in, which strangers cannot on this port"),
		{ { N_("let everyone log in there"),
		      "smemail set auth.smtp-scope public" },
		    { N_("have them use port 465"),
			"smemail set smtps.access public" } } } },
	{ "no login is set up here",
	    { "core", N_("after MAIL"), "auth.smtp",
		N_("it did not log in, which nobody can on this port"),
		{ { N_("offer AUTH"), "smemail set auth.smtp enabled" } } } },
	{ "too big",
	    { "core", N_("after DATA"), "smtp.max-message-size",
		N_("it is larger than what is taken"),
		{ { N_("take larger ones"), "smemail size set %n" },
		    { N_("see the limits"), "smemail size show" } } } },
};

/* What Postfix says, and the plugin that would have said it. */
static const struct {
	const char *says, *plugin;
} postfix_texts[] = {
	{ "Relay access denied", "rcpt_ok" },
	{ "User unknown", "check_goodrcptto" },
	{ "blocked using", "dnsbl" },
	{ "Helo command rejected", "helo" },
	{ "Domain not found", "resolvable_fromhost" },
	{ "Greylisted", "greylisting" },
};

/* Of messages that no plugin refused. */
static const struct why_rule ends[] = {
	{ "dropped-timeout", N_("in the session"), "network.mtu",
	    N_("the connection stalled: often a path that large packets do not "
	       "pass"),
	    { { N_("measure the path"), "smemail mtu %i" } } },
	{ "dropped", N_("in the session"), NULL,
	    N_("the other side left before a verdict"), { { 0 } } },
	{ "junk", N_("after DATA"), "spam.tag-level",
	    N_("marked as spam, and put in junkmail if that is sorted"),
	    { { N_("never mark this sender"),
		  "smemail lists add whitelist_from '*@%d'" },
		{ N_("how the score is set"),
		    "smemail describe spam.tag-level" } } },
	{ "bounced", N_("by the queue"), NULL,
	    N_("it could not be delivered to every recipient"),
	    { { N_("ask the recipient's server"), "smemail smtp probe %D" },
		{ N_("where would it go"), "smemail route %r" } } },
	{ "queued", N_("by the queue"), "delivery.queue-lifetime",
	    N_("it waits in the queue for the next try"),
	    { { N_("ask the recipient's server"), "smemail smtp probe %D" },
		{ N_("where would it go"), "smemail route %r" } } },
	{ "discarded", N_("by the queue"), "delivery.double-bounce-to",
	    N_("a bounce that could not be delivered either"), { { 0 } } },
};

static struct str
canonical(struct str plugin)
{
	const struct maillog_plugin *p = maillog_plugin_find(plugin);
	struct str name = p != NULL ? str_of(p->name) : plugin;
	if (str_is(name, "virus::clamav"))
		name = STR("virus::clamdscan");
	if (str_is(name, "pattern_filter"))
		name = STR("virus::pattern_filter");
	return name;
}

const struct why_rule *
why_rule_find(struct str plugin)
{
	struct str name = canonical(plugin);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (str_is(name, rules[i].plugin))
			return &rules[i];
	return NULL;
}

const struct why_rule *
why_rule_of_text(struct str plugin, struct str text)
{
	struct str name = canonical(plugin);
	for (size_t i = 0; i < ARRAY_LEN(rules_of_texts); i++) {
		struct str says = str_of(rules_of_texts[i].says);
		if (str_is(name, rules_of_texts[i].rule.plugin) &&
		    str_find_str(text, says) < text.len)
			return &rules_of_texts[i].rule;
	}
	for (size_t i = 0;
	     str_is(name, "postfix") && i < ARRAY_LEN(postfix_texts); i++)
		if (str_find_str(text, str_of(postfix_texts[i].says)) <
		    text.len)
			return why_rule_find(str_of(postfix_texts[i].plugin));
	return why_rule_find(plugin);
}

static const struct why_rule *
end_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (str_is(str_of(name), ends[i].plugin))
			return &ends[i];
	return NULL;
}

const struct why_rule *
why_rule_of_end(const struct story *s)
{
	static const char *const names[STORY_N_ENDS] = {
		[STORY_DROPPED] = "dropped",
		[STORY_BOUNCED] = "bounced",
		[STORY_QUEUED] = "queued",
		[STORY_DISCARDED] = "discarded",
	};
	if (s->end == STORY_NOT_TAKEN)
		return why_rule_find(STR("queue::qmail-queue"));
	if (s->end == STORY_DROPPED && s->is_timeout)
		return end_named("dropped-timeout");
	if (s->end == STORY_DELIVERED && s->scan_spam)
		return end_named("junk");
	return names[s->end] != NULL ? end_named(names[s->end]) : NULL;
}
