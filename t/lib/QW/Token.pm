# QW/Token.pm -- a token for a bed (QW::Bed): SoftHSM, behind a module that can be told
# to fail, hang or lose it ($dir/plan) and that counts what it is asked ($dir/count).
#
#     plan skip_all => 'no SoftHSM' unless QW::Token->is_here;
#     QW::Token->equip($home, $pin);              # before it starts
#     QW::Token->import_key($home, $file, 'issuing', '01');
package QW::Token;
use strict; use warnings FATAL => 'all';
use QW ();

my ($softhsm) = grep { -e } glob '/usr/lib/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so';

sub shim { "$ENV{QW_BUILDDIR}/.libs/p11shim.so" }
sub is_here { $softhsm && -e shim() }

# What $command says; it must go well.
sub run_ok { my ($command) = @_; my $text = `$command 2>&1`; $? == 0 or die "$command: $text"; return $text }

# A token "qwac" with $pin, which is the credential hsm-pin too.
sub equip {
    my ($class, $bed, $pin) = @_;
    my $dir = $bed->{dir};
    %ENV = (%ENV, PKCS11_MODULE_PATH => shim(), QW_P11_REAL => $softhsm, QW_P11_PLAN => "$dir/plan",
        QW_P11_COUNT => "$dir/count", SOFTHSM2_CONF => "$dir/softhsm2.conf", CREDENTIALS_DIRECTORY => "$dir/credentials");
    mkdir "$dir/$_" for qw(tokens credentials);
    $bed->put('softhsm2.conf', "directories.tokendir = $dir/tokens\n");
    $bed->put($_, '') for qw(plan count);
    $bed->put('credentials/hsm-pin', "$pin\n");
    $bed->{pin} = $pin;
    run_ok("softhsm2-util --init-token --free --label qwac --so-pin 5678 --pin $pin");
}

# The PKCS#8 key in $file as $label, $id; the file goes.
sub import_key {
    my ($class, $bed, $file, $label, $id) = @_;
    run_ok("softhsm2-util --import '$file' --token qwac --label $label --id $id --pin $bed->{pin}");
    unlink $file;
}

1;
