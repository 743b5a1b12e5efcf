# Four eyes: what one person asks for happens when another one approves it, once. On
# a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('approval', 15800);
my $c = QW->new;
$home->start;
my $external = QW->new_external('four.test');
$c = QW->registered(external => $external);
(my $id = $c->{kid}) =~ s{.*/}{};

sub as { my ($user, @args) = @_; QW::ctl_as($user, @args) }
sub told { my ($pattern, $name) = @_; like($QW::ctl_text, $pattern, $name) }
sub suspend { my ($kind, $which) = @_; as('anna', $kind, 'suspend', $which, '--reason', 'looked odd') or die $QW::ctl_text }
sub ask { my ($who) = @_; as($who, 'acme-account', 'resume', $id, '--reason', 'was nothing') or die $QW::ctl_text }
sub is_stopped { my ($name) = @_; QW::is_problem($c->post($c->{kid}), 403, 'unauthorized', $name) }
sub goes_on { my ($name) = @_; QW::is_fine($c->post($c->{kid}), 200, $name) }
sub events { my ($subject) = @_; @{ QW::ctl('event', 'list', '--subject', $subject) } }
sub value { $home->value($_[0]) }

# ---- two persons ------------------------------------------------------------------------
suspend('acme-account', $id);
ok(!as('anna', 'acme-account', 'resume', $id), 'a resume needs a reason');
my $asked = ask('anna');
is($asked->{status}, 'open', 'a resume is only asked for');
is($asked->{requestedBy}, 'ctl:anna', 'by somebody');
is($asked->{request}{id}, $id, 'it says what shall happen');
like($asked->{next}, qr/another person.*approval approve \Q$asked->{id}\E/, 'and what is to be done');
is_stopped('nothing has happened');
my @open = @{ QW::ctl('approval', 'list') };
is_deeply([map { "$_->{id} $_->{action} $_->{kind} $_->{subject} $_->{reason}" } @open], ["$asked->{id} resume account $id was nothing"], 'it is listed');
is(QW::ctl('approval', 'show', $asked->{id})->{request}{suspendedAt}, $asked->{request}{suspendedAt}, 'and shown');

ok(!as('anna', 'approval', 'approve', $asked->{id}), 'who asked does not approve');
is($QW::ctl_exit, 1, 'that is refused');
told(qr/ctl:anna asked for it: another person has to approve/, 'and why');
for my $same ('Anna', 'ANNA', ' anna', 'an na') {
    ok(!as($same, 'approval', 'approve', $asked->{id}), "OPR-14 '$same' is the same person");
    told(qr/another person has to approve/, "OPR-14 '$same' is told so");
}
for my $like ("anna\t", "\xef\xbd\x81nna", "\xd0\xb0nna", "anna\xe2\x80\x8b", "ann\xc3\xa4", "a'nna", 'an\\na', "a\xcc\x80nna") {
    ok(!as($like, 'approval', 'approve', $asked->{id}), 'OPR-14 a name that could look like another one approves nothing');
    told(qr/cannot be told from other names/, 'OPR-14 and is told so');
}
for my $nobody ('root', 'ROOT', ' ', 'unknown') {
    ok(!as($nobody, 'approval', 'approve', $asked->{id}), "'$nobody' is nobody in particular");
    told(qr/log in as yourself/, "'$nobody' is told what to do");
    ok(!as($nobody, 'acme-account', 'resume', $id, '--reason', 'x'), "'$nobody' does not ask either");
}
{
    local $ENV{SUDO_USER} = 'bert';
    ok(QW::ctl('approval', 'approve', $asked->{id}, '--dry-run'), 'a third person would do') or diag $QW::ctl_text;
    isnt(QW::ctl('approval', 'approve', $asked->{id}, '--dry-run')->{decidedBy}, 'ctl:bert', 'who is not root is not who SUDO_USER says');
}
is_stopped('a dry run does nothing');
is(QW::ctl('approval', 'show', $asked->{id})->{status}, 'open', 'nor do all those refusals');
ok(!as('carl', 'acme-account', 'resume', $id, '--reason', 'me too'), 'it is asked for once');
told(qr/asked for already/, 'and the second one is told');
ok(!QW::ctl('approval', 'approve', $asked->{id}, '--authority', 'nowhere'), 'in its authority');
ok(!as('bert', 'approval', 'approve', 'none'), 'a request that is none');
told(qr/no such request/, 'is told');

my $done = as('bert', 'approval', 'approve', $asked->{id});
is($done->{status}, 'done', 'another person approves: it is done') or diag $QW::ctl_text;
is($done->{decidedBy}, 'ctl:bert', 'and on record by whom');
goes_on('the account goes on at once');
is_deeply([sort map { "$_->{event} $_->{actor}" } events($asked->{id})], ['approval.approve ctl:bert', 'approval.request ctl:anna'], 'both are events');
my ($resumed) = grep { $_->{event} eq 'account.resume' } events($id);
is($resumed->{actor}, 'ctl:bert', 'the deed too');
like($resumed->{detail}{reason}, qr/was nothing \(approval \Q$asked->{id}\E, asked for by ctl:anna\)/, 'with whose wish it was');
ok(!as('carl', 'approval', 'approve', $asked->{id}), 'once');
told(qr/is done by ctl:bert/, 'and who comes late is told');
ok(!as('carl', 'approval', 'reject', $asked->{id}, '--reason', 'x'), 'nor is it rejected then');
is(scalar @{ QW::ctl('approval', 'list') }, 0, 'nothing waits');
is(scalar @{ QW::ctl('approval', 'list', '--all') }, 1, 'but it is kept');
ok(!as('anna', 'acme-account', 'resume', $id, '--reason', 'x'), 'who is not suspended is not resumed');
told(qr/is not suspended/, 'which is told');

# ---- what goes otherwise ------------------------------------------------------------------
suspend('acme-account', $id);
$asked = ask('anna');
ok(!as('bert', 'approval', 'reject', $asked->{id}), 'a rejection needs a reason');
is(as('bert', 'approval', 'reject', $asked->{id}, '--reason', 'no')->{status}, 'rejected', 'it is rejected');
ok(!as('bert', 'approval', 'approve', $asked->{id}), 'for good');
is_stopped('and nothing has happened');
is((events($asked->{id}))[0]{detail}{reason}, 'no', 'why is on record');
$asked = ask('anna');
is(as('anna', 'approval', 'reject', $asked->{id}, '--reason', 'mistake')->{status}, 'rejected', 'who asked may take it back');

$asked = ask('anna');
QW->clock(7 * 86400 + 1);
ok(!as('bert', 'approval', 'approve', $asked->{id}), 'after seven days it is over');
told(qr/is expired/, 'which is told');
is(QW::ctl('approval', 'show', $asked->{id})->{status}, 'expired', 'and shown');
my $next = ask('carl');
is(value("SELECT status FROM qw_approval WHERE id = '$asked->{id}'"), 'expired', 'it is asked for anew');
QW->clock(0);
$c->{nonces} = [];
ok(!as('bert', 'approval', 'approve', $asked->{id}), 'and is over also when the clock goes back');

# the account is resumed and suspended again behind the request's back
value("UPDATE qw_account SET suspended_at = suspended_at + 1 WHERE id = '$id'");
ok(!as('bert', 'approval', 'approve', $next->{id}), 'another suspension than the one that was to end');
told(qr/suspended anew/, 'stays');
is(QW::ctl('approval', 'show', $next->{id})->{status}, 'open', 'and a failed deed undoes the approval');
is_stopped('both or neither');
as('bert', 'approval', 'reject', $next->{id}, '--reason', 'x') or die $QW::ctl_text;

# many at once: one of them
$asked = ask('anna');
my @pids = map { my $who = "officer$_"; my $pid = fork // die; if (!$pid) { as($who, 'approval', 'approve', $asked->{id}); POSIX::_exit($QW::ctl_exit) } $pid } 1 .. 6;
my @codes = map { waitpid $_, 0; $? >> 8 } @pids;
is(scalar(grep { $_ == 0 } @codes), 1, 'of many approvals at once one counts') or diag "@codes";
is(scalar(grep { $_->{event} eq 'account.resume' } events($id)), 2, 'it happens once');
goes_on('it has happened');

# ---- the other things that are resumed ------------------------------------------------------
{
    my ($kid) = map { $_->{keyId} } @{ QW::ctl('binding', 'list', $external) };
    for my $row (['binding', $kid], ['account', $external]) {
        my ($kind, $which) = @$row;
        suspend($kind, $which);
        is_stopped("$kind: suspended");
        my $asked = as('anna', $kind, 'resume', $which, '--reason', 'x');
        is($asked->{status}, 'open', "$kind: it is asked for") or diag $QW::ctl_text;
        is_stopped("$kind: that is all");
        ok(!as('anna', 'approval', 'approve', $asked->{id}), "$kind: not by one");
        is(as('bert', 'approval', 'approve', $asked->{id})->{status}, 'done', "$kind: but by two");
        goes_on("$kind: it goes on");
    }
}

# ---- the database says the same ------------------------------------------------------------
suspend('acme-account', $id);
$asked = ask('anna');
like($home->sql("UPDATE qw_approval SET status = 'approved', decided_by = 'officer:ANNA', decided_at = 1 WHERE id = '$asked->{id}'"), qr/constraint/i, 'OPR-14 one person by two ways is one');
like($home->sql("UPDATE qw_approval SET request = '{}' WHERE id = '$asked->{id}'"), qr/only decided/, 'what was asked for does not change');
like($home->sql("UPDATE qw_approval SET requested_by = 'ctl:x' WHERE id = '$asked->{id}'"), qr/only decided/, 'nor who did');
like($home->sql("UPDATE qw_approval SET status = 'done', decided_by = 'ctl:x' WHERE id = '$asked->{id}'"), qr/only decided/, 'nothing is done without an approval');
like($home->sql("DELETE FROM qw_approval"), qr/permanent/, 'requests are not deleted');
as('bert', 'approval', 'approve', $asked->{id}) or die $QW::ctl_text;

# ---- a test authority may do without --------------------------------------------------------
$home->configure(sub { s/QwacmeFourEyes .*/QwacmeFourEyes none/mg });
suspend('acme-account', $id);
is(as('anna', 'acme-account', 'resume', $id, '--reason', 'alone')->{status}, 'valid', 'a test authority may do without') or diag $QW::ctl_text;
goes_on('then one is enough');
done_testing();
