# Names of hosts (ES-63).
package esmith::HostsDB;
use strict;
use warnings;
use esmith::DB::db;
our @ISA = ('esmith::DB::db');

sub default_name { return 'hosts' }
sub hosts        { return $_[0]->get_all_by_prop(type => 'host') }

# One label in front of the domain.
sub get_hosts_by_domain {
    my ($self, $domain) = @_;
    return grep { $_->key =~ /\A[^.]+\.\Q$domain\E\z/ } $self->hosts;
}

1;
