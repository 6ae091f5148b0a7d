# Templates inside templates (ES-99).
package esmith::templates;
use strict;
use warnings;
use Exporter 'import';
use esmith::DB;
our @EXPORT = ('processTemplate');

# The text of another template. Writing files is left to smemail.
sub processTemplate {
    my ($how) = @_;
    my $type = $how->{OUTPUT_TYPE} || 'file';
    die "processTemplate: only OUTPUT_TYPE string works inside a template\n"
        if $type ne 'string';
    my @queue = @{ $how->{TEMPLATE_EXPAND_QUEUE} || [] };
    my %more = %{ $how->{MORE_DATA} || {} };
    return $esmith::DB::ask->('P', $how->{TEMPLATE_PATH}, scalar @queue, @queue,
        map { ($_, $more{$_}) } sort keys %more);
}

1;
