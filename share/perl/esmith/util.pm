# Arithmetic on IPv4 addresses, and other small things fragments ask for.
package esmith::util;
use strict;
use warnings;
use Socket ();

sub IPquadToAddr {
    my ($quad) = @_;
    return $quad =~ /\A[0-9]+(?:\.[0-9]+){3}\z/ && Socket::inet_aton($quad)
        ? unpack('N', Socket::inet_aton($quad)) : 0;
}

sub IPaddrToQuad { return join '.', unpack('C4', pack('N', $_[0])) }

# Network, broadcast of an address with its mask, as quads.
sub computeNetworkAndBroadcast {
    my ($address, $mask) = map { IPquadToAddr($_) } @_;
    my $network = $address & $mask;
    return (IPaddrToQuad($network), IPaddrToQuad($network | (~$mask & 0xffffffff)));
}

sub ldapBase { return join ',', map { "dc=$_" } split /\./, $_[0] }

1;
