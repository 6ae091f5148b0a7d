# Virtual domains (ES-62).
package esmith::DomainsDB;
use strict;
use warnings;
use esmith::DB::db;
our @ISA = ('esmith::DB::db');

sub default_name { return 'domains' }
sub domains      { return $_[0]->get_all_by_prop(type => 'domain') }

1;
