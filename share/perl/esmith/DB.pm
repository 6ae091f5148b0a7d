# Databases as templates see them (ES-1 to ES-11): the file is read here,
# changes are asked of smemail, which makes them under the lock.
package esmith::DB;
use strict;
use warnings;

our $root    = '';    # where databases are read
our $changes = 0;     # stores so far
our $ask;             # sends a request, returns the answer or dies

use constant { DIRECTORY => '/home/e-smith/db', TRIES => 20 };

sub path_of {
    my ($name) = @_;
    $name = DIRECTORY . "/$name" if $name !~ m{^/};
    return $root . $name;
}

# A database that must be there; undef and the reason in $esmith::DB::error.
our $error = '';

sub error { return $error }

sub new_handle {
    my ($class, $real, $name, $ro) = @_;
    my $self = bless { real => $real, name => $name, ro => $ro }, $class;
    return $self->reload ? $self : undef;
}

sub default_name { return 'configuration' }

sub open_real {
    my ($class, $real) = @_;
    my $name = $real;
    $name =~ s/\A\Q$root\E//;
    return $class->new_handle($real, $name, 1);
}

sub open {
    my ($class, $name) = @_;
    $name = $class->default_name if !defined $name || $name eq '';
    return $class->new_handle(path_of($name), $name, 0);
}

sub open_ro {
    my ($class, $name) = @_;
    my $self = esmith::DB::open($class, $name) or return undef;
    $self->{ro} = 1;
    return $self;
}

sub open_local    { my $class = shift; return $class->open(@_) }
sub open_ro_local { my $class = shift; return $class->open_ro(@_) }
sub create        { my $class = shift; return $class->open(@_) }
sub file          { return $_[0]{real} }
sub is_ro         { return $_[0]{ro} }
sub close         { return 1 }

sub reload {
    my ($self) = @_;
    my %records;
    my $file;
    if (!CORE::open($file, '<', $self->{real})) {
        $error = "cannot open '$self->{real}': $!";
        return 0;
    }
    binmode $file;
    while (my $line = <$file>) {
        chomp $line;
        next if $line =~ /^[\s]*(?:#|$)/a;
        my ($key, $raw) = split /=/, $line, 2;
        $records{ defined $key ? $key : '' } = $raw;
    }
    CORE::close($file);
    $self->{records} = \%records;
    return 1;
}

sub trim {
    my ($text) = @_;
    $text = '' if !defined $text;
    $text =~ s/^[\s]+|[\s]+$//ag;
    return $text;
}

# One backslash goes before a pipe, \n is a line feed (ES-7, ES-8).
sub field_decode {
    my ($text) = @_;
    $text =~ s/\\n/\n/g;
    $text =~ s/\\\|/|/g;
    return $text;
}

sub raw_split {
    my ($raw) = @_;
    my ($type, @fields) = split /(?<!\\)\|/, $raw, -1;
    my %props;
    while (my ($name, $value) = splice(@fields, 0, 2)) {
        $props{ field_decode($name) } =
            defined $value ? field_decode($value) : undef;
    }
    return (field_decode(defined $type ? $type : ''), %props);
}

# 'strip': a changed record keeps no pipe in its values (ES-73).
sub raw_join {
    my ($strip, $type, %props) = @_;
    my @fields = ($type, map { ($_, $props{$_}) } sort keys %props);
    for my $field (@fields) {
        $field = '' if !defined $field;
        $field =~ s/\|//g if $strip;
        $field =~ s/\n/\\n/g;
    }
    return join '|', @fields;
}

sub keys { return sort keys %{ $_[0]{records} } }

sub get {
    my ($self, $key) = @_;
    $key = trim($key);
    return undef if !defined $self->{records}{$key};
    return $self->record_class->new($self, $key);
}

sub record_class { return 'esmith::DB::Record' }

sub get_all {
    my ($self) = @_;
    return map { $self->get($_) || () } $self->keys;
}

# List elements are compared literally (ES-65).
sub get_all_by_prop {
    my ($self, @wanted) = @_;
    my ($name, $value) = ref $wanted[0] ? %{ $wanted[0] } : @wanted;
    return grep {
        my $have = $_->prop($name);
        defined $have && grep { $_ eq $value } $have, split /,/, $have
    } $self->get_all;
}

sub get_value { my $r = $_[0]->get($_[1]); return $r && $r->value }
sub get_type  { my $r = $_[0]->get($_[1]); return $r && $r->prop('type') }
sub get_prop  { my $r = $_[0]->get($_[1]); return $r && $r->prop($_[2]) }
sub value     { my $self = shift; return $self->get_value(@_) }

sub get_prop_and_delete {
    my ($self, $key, $name) = @_;
    my $r = $self->get($key) or return undef;
    my $value = $r->prop($name);
    $r->delete_prop($name);
    return $value;
}

sub set_prop {
    my ($self, $key, $name, $value, %more) = @_;
    my $r = $self->get($key);
    $r = $self->new_record($key, \%more) if !$r && %more;
    return $r ? $r->set_prop($name, $value) : 0;
}

sub set_value {
    my ($self, $key, $value) = @_;
    return $self->change($key, sub { raw_join(1, $value) });
}

sub new_record {
    my ($self, $key, $props) = @_;
    $key = trim($key);
    return undef if defined $self->{records}{$key};
    my %props = %{ $props || {} };
    my $type = delete $props{type};
    $self->change($key, sub { raw_join(0, $type, %props) }) or return undef;
    return $self->get($key);
}

# Store what 'make' gives for the raw value as it is now; undef deletes. When
# somebody else was faster it is made again from the new value.
sub change {
    my ($self, $key, $make) = @_;
    $key = trim($key);
    die "cannot change '$key': '$self->{name}' was opened for reading\n"
        if $self->{ro};
    for (1 .. TRIES) {
        my $old = $self->{records}{$key};
        my $new = $make->($old);
        my $done = $ask->('S', $self->{name}, $key,
            defined $old ? "=$old" : '', defined $new ? "=$new" : '');
        $changes++;
        $self->reload if -e $self->{real};
        return 1 if $done;
    }
    die "cannot change '$key': other programs change it all the time\n";
}

package esmith::DB::Record;

sub new {
    my ($class, $db, $key) = @_;
    return bless { db => $db, key => $key }, $class;
}

sub raw  { return $_[0]{db}{records}{ $_[0]{key} } }
sub key  { return $_[0]{key} }
sub db   { return $_[0]{db} }
sub show { my %p = $_[0]->props; return join "\n", map { "$_=$p{$_}" } sort keys %p }

sub props {
    my ($self) = @_;
    my $raw = $self->raw;
    return () if !defined $raw;
    my ($type, %props) = esmith::DB::raw_split($raw);
    return (%props, type => $type);
}

sub prop {
    my ($self, $name) = @_;
    my %props = $self->props;
    return $props{$name};
}

# The value of a record is its type.
sub value     { return $_[0]->prop('type') }
sub set_value { return $_[0]->set_prop('type', $_[1]) }
sub set_prop  { return $_[0]->merge_props($_[1], $_[2]) }

sub changed {
    my ($self, $how) = @_;
    return $self->{db}->change($self->{key}, sub {
        my ($old) = @_;
        my ($type, %props) = esmith::DB::raw_split(defined $old ? $old : '');
        $props{type} = $type;
        $how->(\%props);
        $type = delete $props{type};
        return esmith::DB::raw_join(1, $type, %props);
    });
}

sub merge_props {
    my ($self, %new) = @_;
    return $self->changed(sub { my ($p) = @_; @$p{ CORE::keys %new } = values %new });
}

sub reset_props {
    my ($self, %new) = @_;
    return $self->changed(sub { my ($p) = @_; %$p = (type => '', %new) });
}

sub delete_prop {
    my ($self, $name) = @_;
    my $value = $self->prop($name);
    $self->changed(sub { my ($p) = @_; delete $p->{$name} });
    return $value;
}

sub delete {
    my ($self) = @_;
    return $self->{db}->change($self->{key}, sub { undef });
}

1;
