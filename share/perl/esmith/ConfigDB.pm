# The configuration database.
package esmith::ConfigDB;
use strict;
use warnings;
use esmith::DB::db;
our @ISA = ('esmith::DB::db');

sub default_name {
    return defined $ENV{ESMITH_CONFIG_DB} ? $ENV{ESMITH_CONFIG_DB} : 'configuration';
}

sub services { return $_[0]->get_all_by_prop(type => 'service') }
sub record_class { return 'esmith::ConfigDB::Record' }

package esmith::ConfigDB::Record;
our @ISA = ('esmith::DB::Record');

# A record in a text is its key: join ",", $DB->services.
use overload
    '""'   => sub { $_[0]->key },
    'bool' => sub { 1 },
    'eq'   => sub { "$_[0]" eq "$_[1]" },
    'cmp'  => sub { $_[2] ? "$_[1]" cmp "$_[0]" : "$_[0]" cmp "$_[1]" };

1;
