# Evaluates the { } blocks of template fragments for smemail: one process for
# a whole run, asked over standard input and output by messages of one type
# byte, a length and that many bytes (core/template/perl.c is the other end).
use strict;
use warnings;

use Text::Template;
use esmith::ConfigDB;

use constant FIELD_MAX => 64 << 20;

# Fragments get their own standard streams: what they print is no message.
open(my $in,  '<&', \*STDIN)  or die "cannot keep the input: $!\n";
open(my $out, '>&', \*STDOUT) or die "cannot keep the output: $!\n";
open(STDIN, '<', '/dev/null') or die "cannot open /dev/null: $!\n";
open(STDOUT, '>&', \*STDERR)  or die "cannot join the streams: $!\n";
binmode($_) for $in, $out, \*STDOUT, \*STDERR;
select((select(STDOUT), $| = 1)[0]);

my @templates;    # those being expanded, the innermost last
my $opened = 0;   # how many there were
my $known;        # the configuration as it was read last

sub bytes_read {
    my ($n) = @_;
    my $bytes = '';
    while (length $bytes < $n) {
        my $got = sysread($in, $bytes, $n - length $bytes, length $bytes);
        next if !defined $got && $!{EINTR};
        exit 0 if !$got;    # smemail is done with us
    }
    return $bytes;
}

sub receive {
    my ($type, $n) = unpack('a N', bytes_read(5));
    die "message too long\n" if $n > FIELD_MAX;
    return ($type, unpack('(N/a)*', bytes_read($n)));
}

# Texts leave as the bytes that print would write.
sub to_bytes {
    my ($text) = @_;
    $text = '' if !defined $text;
    utf8::encode($text) if !utf8::downgrade($text, 1);
    return $text;
}

sub send_message {
    my ($type, @fields) = @_;
    my $body  = pack('(N/a)*', map { to_bytes($_) } @fields);
    my $bytes = pack('a N', $type, length $body) . $body;
    my $at    = 0;
    while ($at < length $bytes) {
        my $n = syswrite($out, $bytes, length($bytes) - $at, $at);
        next if !defined $n && $!{EINTR};
        exit 1 if !defined $n;
        $at += $n;
    }
    return;
}

# Ask smemail for something; it may want fragments evaluated meanwhile.
sub ask {
    send_message(@_);
    while (1) {
        my ($type, @fields) = receive();
        if ($type eq 'O') { return $fields[0] }
        if ($type eq 'N') { die "$fields[0]\n" }
        obey($type, @fields);
    }
}
$esmith::DB::ask = \&ask;

# ES-92: raw values as scalars; records with properties as hashes too.
sub configuration {
    my ($path) = @_;
    my $stamp = join ' ', $path, $esmith::DB::changes, (stat $path)[1, 7, 9];
    return $known if $known && $known->{stamp} eq $stamp;
    my $db = esmith::ConfigDB->open_real($path);
    my (%raw, %hash);
    for my $key ($db ? $db->keys : ()) {
        my $record = $db->get($key) or next;
        my %props = $record->props;
        $raw{$key} = $record->raw;
        $hash{$key} = \%props if keys %props > 1;
    }
    return $known = {
        stamp => $stamp, db => $db, raw => \%raw, hash => \%hash
    };
}

# Set afresh before each fragment (ES-95).
sub variables_set {
    my ($t) = @_;
    my $c = configuration($t->{config});
    my $package = $t->{package};
    my %raw = %{ $c->{raw} };
    no strict 'refs';
    for my $key (keys %raw) {
        next if $key eq '' || $key =~ /::|'/;
        ${"${package}::$key"} = $raw{$key};
        %{"${package}::$key"} = %{ $c->{hash}{$key} } if $c->{hash}{$key};
    }
    ${"${package}::confref"} = \%raw;
    ${"${package}::DB"} = $t->{db} || $c->{db};
    my @more = @{ $t->{more} };
    while (my ($name, $value) = splice(@more, 0, 2)) {
        ${"${package}::$name"} = $value if $name !~ /::|'/;
    }
    return;
}

# MORE_DATA comes from smemail; 'db' names the database that $DB changes.
sub template_begin {
    my ($root, $config, $db, @more) = @_;
    $esmith::DB::root = $root;
    push @templates, {
        package => 'smemail::template' . ++$opened,
        config  => $config,
        more    => \@more,
    };
    $templates[-1]{db} = esmith::ConfigDB->open($db) if $db ne '';
    return;
}

sub template_end {
    my $t = pop @templates or return;
    no strict 'refs';
    undef %{"$t->{package}::"};
    return;
}

sub fragment {
    my ($file, $text) = @_;
    my $t = $templates[-1] or die "no template was begun\n";
    local $SIG{__WARN__} = sub {
        my ($text) = @_;
        chomp $text;
        send_message('W', $file, $text);
    };
    local $SIG{__DIE__} = 'DEFAULT';
    local $SIG{ALRM}    = 'DEFAULT';
    local ($@, $!, $_);
    variables_set($t);
    my $template = Text::Template->new(TYPE => 'STRING', SOURCE => $text);
    if (!$template || !$template->compile) {
        return send_message('U', $Text::Template::ERROR);
    }
    my $result = $template->fill_in(
        PACKAGE  => $t->{package},
        FILENAME => $file,
        BROKEN   => sub {
            my %how = @_;
            chomp $how{error};
            send_message('X', $file, $how{lineno}, $how{error});
            return '';
        },
    );
    return send_message('R', $result);
}

# ES-114: called for each line of the text.
sub filter {
    my ($code, $text) = @_;
    my $sub = eval "package smemail::filter; no strict; $code";
    if (ref $sub ne 'CODE') {
        return send_message('U', $@ || 'it is not a sub');
    }
    my @lines = eval { map { $sub->($_) } split /^/m, $text };
    return send_message('U', $@) if $@;
    return send_message('R', join '', map { defined $_ ? $_ : '' } @lines);
}

my %handlers = (
    T => \&template_begin,
    E => \&template_end,
    F => \&fragment,
    L => \&filter,
);

sub obey {
    my ($type, @fields) = @_;
    my $handler = $handlers{$type} or die "unknown message '$type'\n";
    $handler->(@fields);
    return;
}

while (1) {
    obey(receive());
}
