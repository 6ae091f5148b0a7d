# Users, groups, pseudonyms, i-bays (ES-61).
package esmith::AccountsDB;
use strict;
use warnings;
use esmith::DB::db;
our @ISA = ('esmith::DB::db');

sub default_name { return 'accounts' }

sub users      { return $_[0]->get_all_by_prop(type => 'user') }
sub groups     { return $_[0]->get_all_by_prop(type => 'group') }
sub pseudonyms { return $_[0]->get_all_by_prop(type => 'pseudonym') }
sub ibays      { return $_[0]->get_all_by_prop(type => 'ibay') }
sub printers   { return $_[0]->get_all_by_prop(type => 'printer') }
sub urls       { return $_[0]->get_all_by_prop(type => 'url') }

sub activeUsers {
    my ($self) = @_;
    return grep { ($_->prop('PasswordSet') || '') eq 'yes' } $self->users;
}

sub is_user_in_group {
    my ($self, $user, $group) = @_;
    my $members = $self->get_prop($group, 'Members');
    return scalar grep { $_ eq $user } split /,/, defined $members ? $members : '';
}

sub user_group_list {
    my ($self, $user) = @_;
    return grep { $self->is_user_in_group($user, $_) } map { $_->key } $self->groups;
}

1;
