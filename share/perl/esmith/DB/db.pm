# The general database class under the name that templates use.
package esmith::DB::db;
use strict;
use warnings;
use esmith::DB;
our @ISA = ('esmith::DB');

1;
