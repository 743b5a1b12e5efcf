# QW/Browser.pm -- Chromium by WebDriver, with a virtual authenticator of its own.
#
#     my $b = QW::Browser->new($dir, 9515, lang => 'fr', spki => $pin);
#     $b->go($url);  $b->fill('#secret', 'x');  $b->click('main button');
#     like($b->text('main'), qr/.../);
package QW::Browser;
use strict; use warnings FATAL => 'all';
use JSON::PP ();
use LWP::UserAgent ();
use MIME::Base64 qw(decode_base64);
use POSIX ();

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my ($driver, $at);
# The name that WebDriver gives to a reference to an element.
my $element = 'element-6066-11e4-a52e-4f735466cecf';

# chromedriver, once for all browsers of a test.
sub start {
    my ($class, $dir, $port) = @_;
    $at = "http://127.0.0.1:$port";
    $driver = fork;
    die $! unless defined $driver;
    if (!$driver) {
        POSIX::setsid();
        open STDOUT, '>', "$dir/chromedriver.log" or die;
        open STDERR, '>&', \*STDOUT or die;
        exec 'chromedriver', "--port=$port" or POSIX::_exit(1);
    }
    my $ua = LWP::UserAgent->new(timeout => 5);
    QW->await(sub { $ua->get("$at/status")->is_success }, 30) or die QW::slurp("$dir/chromedriver.log");
}

sub stop {
    return unless $driver;
    local $?;
    kill TERM => -$driver;
    waitpid $driver, 0;
    undef $driver;
}
END { stop() }

my $browsers = 0;

sub new {
    my ($class, $dir, %how) = @_;
    my $self = bless { dir => $dir, ua => LWP::UserAgent->new(timeout => 90) }, $class;
    my $profile = "$dir/browser-" . ++$browsers;
    my $made = $self->call(POST => '/session', { capabilities => { alwaysMatch => {
        browserName => 'chrome', 'goog:loggingPrefs' => { browser => 'ALL' },
        'goog:chromeOptions' => { args => ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
            '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
            "--user-data-dir=$profile", "--lang=$how{lang}", "--accept-lang=$how{lang}",
            "--ignore-certificate-errors-spki-list=$how{spki}", '--window-size=1000,900'],
            prefs => { 'intl.accept_languages' => $how{lang} } } } } });
    $self->{session} = "/session/$made->{sessionId}";
    $self->{authenticator} = $self->do(POST => '/webauthn/authenticator', { protocol => 'ctap2', transport => 'internal',
        hasResidentKey => JSON::PP::true, hasUserVerification => JSON::PP::true, isUserVerified => JSON::PP::true });
    return $self;
}

sub call {
    my ($self, $method, $path, $body) = @_;
    my $request = HTTP::Request->new($method => "$at$path", ['Content-Type' => 'application/json']);
    $request->content($json->encode($body)) if $method eq 'POST';
    my $r = $self->{ua}->request($request);
    my $value = eval { $json->decode($r->content)->{value} };
    die "$method $path: " . (ref $value ? "$value->{error}: $value->{message}" : $r->as_string) unless $r->is_success;
    return $value;
}

sub do { my ($self, $method, $path, $body) = @_; $self->call($method, $self->{session} . $path, $body || {}) }

sub go { my ($self, $url) = @_; $self->do(POST => '/url', { url => $url }) }
sub url { my ($self) = @_; $self->do(GET => '/url') }
sub find { my ($self, $css) = @_; $self->do(POST => '/element', { using => 'css selector', value => $css })->{$element} }
sub all { my ($self, $css) = @_; map { $_->{$element} } @{ $self->do(POST => '/elements', { using => 'css selector', value => $css }) } }
sub text { my ($self, $css) = @_; $self->do(GET => '/element/' . $self->find($css) . '/text') }
sub run { my ($self, $script, @args) = @_; $self->do(POST => '/execute/sync', { script => $script, args => \@args }) }
sub run_async { my ($self, $script) = @_; $self->do(POST => '/execute/async', { script => $script, args => [] }) }

# The element that $css finds is clicked; and the page is another one then.
sub click {
    my ($self, $css) = @_;
    my $old = $self->find('html');
    $self->do(POST => '/element/' . $self->find($css) . '/click');
    return QW->await(sub { !eval { $self->do(GET => "/element/$old/name"); 1 } && $self->run('return document.readyState') eq 'complete' });
}

# The same, of something that leaves the page as it is.
sub press { my ($self, $css) = @_; $self->do(POST => '/element/' . $self->find($css) . '/click') }

sub fill {
    my ($self, $css, $text) = @_;
    my $at = $self->find($css);
    $self->do(POST => "/element/$at/clear");
    $self->do(POST => "/element/$at/value", { text => $text });
}

# Keys for whatever has the focus: "\x{e004}" is Tab, "\x{e007}" Enter.
sub keys {
    my ($self, $keys) = @_;
    my ($at) = values %{ $self->do(GET => '/element/active') };
    $self->do(POST => "/element/$at/value", { text => $keys });
}

sub verified {
    my ($self, $yes) = @_;
    $self->do(POST => "/webauthn/authenticator/$self->{authenticator}/uv", { isUserVerified => $yes ? JSON::PP::true : JSON::PP::false });
}

sub size { my ($self, $width, $height) = @_; $self->do(POST => '/window/rect', { width => $width, height => $height }) }

sub shot {
    my ($self, $name) = @_;
    mkdir "$self->{dir}/shots";
    open my $f, '>', "$self->{dir}/shots/$name.png" or die $!;
    binmode $f;
    print $f decode_base64($self->do(GET => '/screenshot'));
    close $f or die;
}

# What the browser complained about since the last time.
sub complaints {
    my ($self) = @_;
    return map { $_->{message} } grep { $_->{level} =~ /SEVERE|WARNING/ } @{ $self->do(POST => '/se/log', { type => 'browser' }) };
}

# What a person with a screen reader or a keyboard would stumble over here.
sub barriers {
    my ($self) = @_;
    my @found = @{ $self->run(<<'JS') };
const found = [];
const say = (what, e) => found.push(what + (e ? ': ' + e.outerHTML.slice(0, 120) : ''));
if (!['en', 'fr'].includes(document.documentElement.lang)) say('no language');
if (!document.title) say('no title');
for (const one of ['header', 'main', 'footer', 'h1', 'nav'])
  if (document.querySelectorAll(one).length !== 1) say('not one ' + one);
let level = 0;
for (const h of document.querySelectorAll('h1,h2,h3,h4')) {
  if (+h.tagName[1] > level + 1) say('a heading skips a level', h);
  level = +h.tagName[1];
}
for (const e of document.querySelectorAll('input:not([type=hidden]),select,textarea'))
  if (!e.labels.length && !e.ariaLabel) say('no label', e);
for (const e of document.querySelectorAll('[id]'))
  if (document.querySelectorAll('#' + CSS.escape(e.id)).length > 1) say('id twice', e);
for (const e of document.querySelectorAll('th')) if (!e.scope) say('no scope', e);
for (const e of document.querySelectorAll('[tabindex]')) if (e.tabIndex > 0) say('tab order', e);
for (const e of document.querySelectorAll('a,button'))
  if (!(e.ariaLabel || e.textContent.trim())) say('no name', e);
const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = c => { const [r, g, b] = c.match(/[\d.]+/g).map(Number);
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
const ground = e => { for (; e; e = e.parentElement) {
  const c = getComputedStyle(e).backgroundColor; if (!/, 0\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
for (const e of document.querySelectorAll('main *,header *,footer *')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length || e.tagName === 'OPTION') continue;
  const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) say('contrast ' + ((a + 0.05) / (b + 0.05)).toFixed(2), e);
}
for (const e of document.querySelectorAll('button,input:not([type=hidden]):not([type=checkbox]),select')) {
  const r = e.getBoundingClientRect(); if (r.height && (r.height < 24 || r.width < 24)) say('too small to hit', e); }
if (document.documentElement.scrollWidth > innerWidth + 1) say('wider than the window');
return found;
JS
    return @found unless $ENV{QW_AXE};
    # axe-core, what is serious or worse: QW_AXE=/path/of/axe.min.js
    $self->run(QW::slurp($ENV{QW_AXE}));
    push @found, @{ $self->run_async('const done = arguments[arguments.length - 1];'
        . 'axe.run(document).then(r => done(r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.nodes.map(n => n.html).join(" ").slice(0, 200))));') };
    return @found;
}

sub DESTROY { my ($self) = @_; local $?; eval { $self->call(DELETE => $self->{session}) } if $self->{session} && $driver }

1;
