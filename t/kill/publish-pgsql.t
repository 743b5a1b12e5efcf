#!/usr/bin/perl
use strict; use warnings FATAL => 'all';
use lib "$ENV{QW_SRCDIR}/t/kill"; use Publish;
Publish->run('pgsql');
