#!/usr/bin/perl
use strict; use warnings FATAL => 'all';
use lib "$ENV{QW_SRCDIR}/t/kill"; use Storm;
use Test::More;
plan skip_all => 'no headers of PKCS#11' unless -e "$ENV{QW_BUILDDIR}/.libs/p11shim.so";
Storm->run('sqlite3', token => 1);
