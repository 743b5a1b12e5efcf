# QW/Bed.pm -- a test bed and servers of a suite's own, beside those that t/suite
# has made. They end with the test.
#
#     my $bed = QW::Bed->new('limits', 14500);    # its folder; ports from 14500
#     $bed->configure(sub { s/.../.../ });        # $_: qwacme.conf
#     $bed->start;                                # httpd; then QW's calls go there
package QW::Bed;
use strict; use warnings FATAL => 'all';
use POSIX ();
use QW ();

# DNS, HTTP-01 and an external account are there; of the authorities, test alone; its
# portal if %how has portal.
sub new {
    my ($class, $name, $port, %how) = @_;
    my $self = bless { dir => QW::bed() . "/$name", port => $port, pids => [] }, $class;
    my $db = $how{db} || '$QW_DB';
    my %ports = (PORT => 0, STATUS_PORT => 81, HTTP01_PORT => 80, ALPN_PORT => 43, DNS_PORT => 53);
    my $portals = $how{portal} ? 'portal:test' : '';
    my $set = join ' ', map { "QW_$_=" . ($port + $ports{$_}) } sort keys %ports;
    $self->sh("$set QW_URL=https://localhost:$port QW_PLACES=acme:test QW_PORTALS=$portals; export QW_PORT\n"
        . "bed_make '$self->{dir}' $db \$QW_BUILD && bed_register && bed_httpd_conf && bed_dns_start && bed_http01_start")
        or die 'no test bed';
    %ENV = (%ENV, $self->slurp('env') =~ /^(\w+)='(.*?)';/mg);
    $self->configure(sub { s/# A second one.*?\n//; s/<QwacmeAuthority other>.*?<\/QwacmeAuthority>\n//s });
    return $self;
}

# bed.sh in a shell of its own, then $commands; true if they went well.
sub sh {
    my ($self, $commands) = @_;
    open my $sh, '|-', 'sh', '-s' or die $!;
    print $sh ". '$ENV{QW_SRCDIR}/t/lib/bed.sh'\n", $commands;
    return close $sh;
}

sub put {
    my ($self, $file, $text) = @_;
    open my $f, '>', "$self->{dir}/$file" or die "$file: $!";
    print $f $text;
    close $f or die;
}

sub slurp { my ($self, $file) = @_; QW::slurp("$self->{dir}/$file") }

sub configure {
    my ($self, $change) = @_;
    local $_ = $self->slurp('qwacme.conf');
    $change->();
    $self->put('qwacme.conf', $_);
}

# A process whose output goes to $log; it ends with the bed.
sub run {
    my ($self, $log, @command) = @_;
    my $pid = fork;
    die $! unless defined $pid;
    if (!$pid) {
        POSIX::setsid();
        open STDOUT, '>', "$self->{dir}/$log" or die;
        open STDERR, '>&', \*STDOUT or die;
        exec @command or die;
    }
    push @{ $self->{pids} }, $pid;
    return $pid;
}

# The same, once it has said that it is ready.
sub run_ready {
    my ($self, $log, @command) = @_;
    my $pid = $self->run($log, @command);
    QW->await(sub { -e "$self->{dir}/$log" && $self->slurp($log) =~ /ready/ }) or die $self->slurp($log);
    return $pid;
}

sub httpd {
    my ($self, $conf, $log) = @_;
    return $self->run($log, split(' ', $ENV{QW_HTTPD_ENV} || ''), $ENV{QW_HTTPD}, '-f', "$self->{dir}/$conf", '-DFOREGROUND');
}

sub start {
    my ($self) = @_;
    my $pid = $self->httpd('httpd.conf', 'log/httpd.out');
    my $c = QW->new;
    QW->await(sub { $c->get("$ENV{QW_URL}/acme/directory")->is_success && -S "$self->{dir}/state/signer.sock" }, 30)
        or die $self->slurp('log/httpd.out') . $self->slurp('log/error_log');
    return $pid;
}

sub end {
    my ($self, $pid) = @_;
    kill TERM => $pid;
    waitpid $pid, 0;
    @{ $self->{pids} } = grep { $_ != $pid } @{ $self->{pids} };
}

# What the database says to $sql, an error too.
sub sql {
    my ($self, $sql) = @_;
    return $ENV{QW_DB} eq 'sqlite3' ? `sqlite3 -cmd '.timeout 20000' '$self->{dir}/qwacme.db' "$sql" 2>&1`
        : `$ENV{QW_PG_BINDIR}/psql -h '$ENV{QW_PG_SOCKET}' -U qwacme -d qwacme -Atc "$sql" 2>&1`;
}

# The one value that $sql selects.
sub value {
    my ($self, $sql) = @_;
    my $text = $self->sql($sql);
    chomp $text;
    return $text;
}

sub DESTROY {
    my ($self) = @_;
    local $?;
    kill TERM => @{ $self->{pids} };
    waitpid $_, 0 for @{ $self->{pids} };
    $self->sh(". '$self->{dir}/env'; bed_stop");
}

1;
