# QW/Audit.pm -- a bed (QW::Bed) whose events are sealed: audit key, timestamps.
package QW::Audit;
use strict; use warnings FATAL => 'all';
use QW ();

# Key, service and directives for $bed, which has not started; more $lines.
sub equip {
    my ($class, $bed, $port, $lines) = @_;
    my $dir = $bed->{dir};
    key($dir, 'audit');
    system("$ENV{QW_SRCDIR}/t/lib/tsa", 'make', $dir) == 0 or die 'tsa make';
    $bed->run_ready('log/tsa', "$ENV{QW_SRCDIR}/t/lib/tsa", 'serve', $dir, $port);
    $bed->configure(sub {
        s/^ *QwacmeFourEyes .*\n//mg if ($lines || '') =~ /QwacmeFourEyes/;
        s{(<QwacmeAuthority test>\n)}{QwacmeAuditKey $dir/audit.pem $dir/audit.key
QwacmeAuditInterval 1s
QwacmeTimestampURL http://127.0.0.1:$port/ $dir/tsa/good-root.pem
$1@{[ $lines || '' ]}};
    });
}

# As $file of $bed the dossier $text, after $change->() of it, signed anew by the
# audit key.
sub resign {
    my ($class, $bed, $file, $text, $change) = @_;
    my $dir = $bed->{dir};
    my $copy = QW::decode($text)->{dossier};
    $change->($copy);
    $bed->put('content', QW::encode($copy));
    system("openssl cms -sign -binary -nosmimecap -in '$dir/content' -signer '$dir/audit.pem' -inkey '$dir/audit.key' -outform DER -out '$dir/sig' 2>/dev/null") == 0 or die;
    $bed->put($file, QW::encode({ dossier => $copy, signature => QW::b64($bed->slurp('sig')) }));
}

# A key and its certificate: $dir/$name.pem, $dir/$name.key.
sub key {
    my ($dir, $name) = @_;
    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout '$dir/$name.key' "
        . "-out '$dir/$name.pem' -days 3650 -subj '/CN=Audit of the test bed' "
        . "-addext keyUsage=critical,digitalSignature >/dev/null 2>&1") == 0 or die 'openssl req';
    chmod 0600, "$dir/$name.key";
}

1;
