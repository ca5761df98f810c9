#!/usr/bin/perl
# efi-vars.pl VARS CERTIFICATE OUT: of an empty variable store of OVMF, one whose "db", the
# keys that the firmware and then the kernel trust, is that certificate (X.509, DER).
use strict;
use warnings;

sub slurp {
	open(my $file, '<:raw', $_[0]) or die "$_[0]: $!\n";
	local $/;
	return <$file>;
}

# A GUID as UEFI stores it
sub guid {
	my @parts = map { hex } (split /-/, $_[0])[0 .. 3];
	return pack('VvvnNn', @parts, hex(substr($_[0], 24, 8)), hex(substr($_[0], 32, 4)));
}

my ($vars, $certificate, $out) = @ARGV;
my $store = slurp($vars);
my $der = slurp($certificate);
substr($store, 0x28, 4) eq '_FVH' or die "$vars is no firmware volume\n";
my $at = unpack('v', substr($store, 0x30, 2));
substr($store, $at, 16) eq guid('aaf32c78-947b-439a-a180-2e144ec37792')
	or die "$vars has no store of authenticated variables\n";

# After the variables that are there
$at += 28;
while (unpack('v', substr($store, $at, 2)) == 0x55aa) {
	my ($name, $data) = unpack('VV', substr($store, $at + 36, 8));
	$at = ($at + 60 + $name + $data + 3) & ~3;
}

# EFI_SIGNATURE_LIST of type EFI_CERT_X509_GUID, its owner is nobody
my $list = guid('a5c059a1-94e4-4aa7-87b5-ab155c2bf072')
	. pack('VVV', 28 + 16 + length($der), 0, 16 + length($der))
	. "\0" x 16 . $der;
my $name = "d\0b\0\0\0";
# Non-volatile, for boot services and at run time, authenticated by a time
my $variable = pack('vCCVx8vCCCCCx9VVV', 0x55aa, 0x3f, 0, 0x27, 2026, 1, 1, 0, 0, 0, 0,
		length($name), length($list))
	. guid('d719b2cb-3d3a-4596-a3bc-dad00e67656f') . $name . $list;
substr($store, $at, length($variable)) = $variable;

open(my $file, '>:raw', $out) or die "$out: $!\n";
print $file $store;
close($file) or die "$out: $!\n";
