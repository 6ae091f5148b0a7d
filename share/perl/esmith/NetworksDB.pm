# Local networks (ES-64).
package esmith::NetworksDB;
use strict;
use warnings;
use esmith::DB::db;
our @ISA = ('esmith::DB::db');

sub default_name { return 'networks' }
sub networks     { return $_[0]->get_all_by_prop(type => 'network') }

sub local_access_spec {
    my ($self, $access) = @_;
    $access = 'private' if !defined $access;
    return ('ALL')       if $access eq 'public';
    return ('127.0.0.1') if $access eq 'localhost';
    return (
        '127.0.0.1',
        map {
            my $mask = $_->prop('Mask');
            !defined $mask || $mask eq '255.255.255.255' ? $_->key : $_->key . "/$mask"
        } $self->networks
    );
}

1;
