/* The tools: one record each, and their menu. */
#include "core/base/i18n.h"
#include "tui/screens/rehearse.h"
#include "tui/screens/tool_int.h"

#include <string.h>

static struct str
own_domain(const struct own_names *names)
{
	return names->domain;
}

static struct str
own_smarthost(const struct own_names *names)
{
	return names->smarthost;
}

static struct str
own_host(const struct own_names *names)
{
	return names->host;
}

#define FINDINGS                                                               \
	.columns = tool_finding_columns,                                       \
	.n_columns = ARRAY_LEN(tool_finding_columns)

static const struct tool tools[] = {
	{
	    .key = '1',
	    .name = N_("Top"),
	    .covers = N_("sessions, mail and queue at this moment"),
	    .command = "top",
	    .make = top_screen_new,
	},
	{
	    .key = '2',
	    .name = "SPF",
	    .covers = N_("the record as a tree, lookups counted"),
	    .command = "spf tree",
	    .ask = N_("Domain whose SPF record is shown"),
	    .first = own_domain,
	    .needs_dns = true,
	    .no_state = true,
	    .columns = tool_spf_columns,
	    .n_columns = ARRAY_LEN(tool_spf_columns),
	    .run = tool_spf_run,
	},
	{
	    .key = '3',
	    .name = "DKIM",
	    .covers = N_("key, record on each name server, signed probe"),
	    .command = "dkim check",
	    .ask = N_("Domain whose key is checked"),
	    .first = own_domain,
	    .needs_dns = true,
	    FINDINGS,
	    .run = tool_dkim_run,
	},
	{
	    .key = '4',
	    .name = N_("Path MTU"),
	    .covers = N_("hops, smallest packet, black holes"),
	    .command = "mtu",
	    .ask = N_("Hosts; none: senders that timed out"),
	    .optional = true,
	    .first = own_smarthost,
	    .no_state = true,
	    .columns = tool_mtu_columns,
	    .n_columns = ARRAY_LEN(tool_mtu_columns),
	    .run = tool_mtu_run,
	},
	{
	    .key = '5',
	    .name = N_("Blacklists"),
	    .covers = N_("is an address or domain listed, by whom"),
	    .command = "rbl check",
	    .ask = N_("Address or domain; none: this server"),
	    .optional = true,
	    .needs_dns = true,
	    .columns = tool_lists_columns,
	    .n_columns = ARRAY_LEN(tool_lists_columns),
	    .run = tool_lists_run,
	},
	{
	    .key = '6',
	    .name = N_("Resolver"),
	    .covers = N_("do the name servers serve a mail server"),
	    .command = "resolver check",
	    .needs_dns = true,
	    .columns = tool_resolver_columns,
	    .n_columns = ARRAY_LEN(tool_resolver_columns),
	    .run = tool_resolver_run,
	},
	{
	    .key = '7',
	    .name = "DNS",
	    .covers = N_("records of a domain on each name server"),
	    .command = "dns check",
	    .ask = N_("Domain whose records are checked"),
	    .first = own_domain,
	    .needs_dns = true,
	    FINDINGS,
	    .run = tool_records_run,
	},
	{
	    .key = '8',
	    .name = N_("reverse DNS"),
	    .covers = N_("address, name and HELO name agree"),
	    .command = "dns ptr",
	    .ask = N_("Address; none: those of this server"),
	    .optional = true,
	    .needs_dns = true,
	    FINDINGS,
	    .run = tool_reverse_run,
	},
	{
	    .key = '9',
	    .name = N_("SMTP probe"),
	    .covers = N_("what a mail server offers and answers"),
	    .command = "smtp probe",
	    .ask = N_("Server, with :PORT where it is not 25"),
	    .first = own_smarthost,
	    .needs_dns = true,
	    FINDINGS,
	    .run = tool_smtp_run,
	},
	{
	    .key = ' ',
	    .name = N_("Rehearse"),
	    .covers = N_("what the filter does with a client's message"),
	    .command = "rehearse",
	    .ask = REHEARSE_WORDS,
	    .open = rehearsal_open_words,
	},
	{
	    .key = ' ',
	    .name = N_("TLS probe"),
	    .covers = N_("versions, chain, name, expiry, DANE"),
	    .command = "tls probe",
	    .ask = N_("Server and port: HOST:PORT"),
	    .first = own_host,
	    .needs_dns = true,
	    FINDINGS,
	    .run = tool_tls_run,
	},
	{
	    .key = ' ',
	    .name = N_("Route"),
	    .covers = N_("where mail for an address would go"),
	    .command = "route",
	    .ask = N_("Mail address"),
	    FINDINGS,
	    .run = tool_route_run,
	},
	{
	    .key = ' ',
	    .name = N_("Smarthost"),
	    .covers = N_("the provider's server, with its login"),
	    .command = "smarthost test",
	    .needs_dns = true,
	    FINDINGS,
	    .run = tool_smarthost_run,
	},
	{
	    .key = ' ',
	    .name = N_("Open relay"),
	    .covers = N_("does a server relay for strangers"),
	    .command = "smtp relay-test",
	    .ask = N_("Server; none: this one"),
	    .optional = true,
	    .needs_dns = true,
	    FINDINGS,
	    .run = tool_relay_run,
	},
	{
	    .key = ' ',
	    .name = N_("List health"),
	    .covers = N_("do the configured blacklists work"),
	    .command = "rbl health",
	    .needs_dns = true,
	    .columns = tool_health_columns,
	    .n_columns = ARRAY_LEN(tool_health_columns),
	    .run = tool_health_run,
	},
	{
	    .key = '0',
	    .name = N_("Report"),
	    .covers = N_("what came in a day and what became of it"),
	    .command = "report",
	    .make = report_screen_new,
	},
};

static void
asked(struct tui *ui, const void *ctx, const char *text)
{
	const struct tool *tool = ctx;
	if (*text == '\0' && !tool->optional)
		ui_say(ui, "%s", _("nothing was typed, nothing is tested"));
	else if (tool->open != NULL)
		tool->open(ui, text);
	else
		ui_push(ui, tool_new(ui, tool, text));
}

static void
chosen(struct tui *ui, struct screen *below, int choice)
{
	const struct tool *tool = &tools[choice - 1];
	struct own_names names;
	struct err e = ERR_INIT;
	const char *first = "";
	(void)below;
	if (tool->make != NULL) {
		ui_push(ui, tool->make(ui));
		return;
	}
	if (tool->ask == NULL) {
		ui_push(ui, tool_new(ui, tool, NULL));
		return;
	}
	/* without databases the field is empty */
	if (tool->first != NULL && own_names_read(&ui->model, &names, &e))
		first = arena_cstr(ui->scratch, tool->first(&names));
	ui_push(
	    ui, ask_new(ui, _(tool->name), _(tool->ask), first, asked, tool));
}

void
screens_open(struct tui *ui, const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (tools[i].make != NULL &&
		    strcmp(word, tools[i].command) == 0)
			ui_push(ui, tools[i].make(ui));
}

struct screen *
tools_new(struct tui *ui)
{
	struct menu_item items[ARRAY_LEN(tools)];
	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		items[i].key = tools[i].key;
		items[i].text = _(tools[i].name);
		items[i].note = _(tools[i].covers);
	}
	return menu_new(
	    ui, _("Tools"), STR(""), items, ARRAY_LEN(items), 0, chosen);
}
