# Values out of the hash of all raw values ($confref), the older way.
package esmith::db;
use strict;
use warnings;
use Exporter 'import';
use esmith::DB;
our @EXPORT = qw(db_get db_get_type db_get_prop);

sub db_get {
    my ($hash, $key) = @_;
    return sort keys %$hash if !defined $key;
    return $hash->{$key} if !wantarray || !defined $hash->{$key};
    return esmith::DB::raw_split($hash->{$key});
}

sub db_get_type {
    my ($hash, $key) = @_;
    return undef if !defined $hash->{$key};
    my ($type) = esmith::DB::raw_split($hash->{$key});
    return $type;
}

sub db_get_prop {
    my ($hash, $key, $name) = @_;
    return defined $name ? undef : () if !defined $hash->{$key};
    my ($type, %props) = esmith::DB::raw_split($hash->{$key});
    return defined $name ? $props{$name} : %props;
}

1;
