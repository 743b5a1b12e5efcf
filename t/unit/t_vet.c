/* Which addresses may be dialled. */
#include "net/vet.h"
#include "tap.h"

#include <apr_general.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const char *const public_ones[] = { "1.1.1.1",
                                           "9.255.255.255",
                                           "11.0.0.0",
                                           "100.63.255.255",
                                           "100.128.0.0",
                                           "126.255.255.255",
                                           "128.0.0.1",
                                           "168.63.129.15",
                                           "169.253.255.255",
                                           "169.255.0.0",
                                           "172.15.255.255",
                                           "172.32.0.0",
                                           "192.167.255.255",
                                           "192.169.0.0",
                                           "198.17.255.255",
                                           "198.20.0.0",
                                           "223.255.255.255",
                                           "2606:4700::1111",
                                           "2001:200::1",
                                           "2003::1",
                                           "2a00::1",
                                           "3ffe::1",
                                           NULL };

static const char *const never[] = { "0.0.0.0",
                                     "0.1.2.3",
                                     "100.64.0.1",
                                     "100.100.100.200",
                                     "168.63.129.16",
                                     "169.254.169.254",
                                     "192.0.0.192",
                                     "192.0.2.1",
                                     "192.88.99.1",
                                     "198.18.0.1",
                                     "198.19.255.255",
                                     "198.51.100.7",
                                     "203.0.113.9",
                                     "224.0.0.1",
                                     "239.255.255.255",
                                     "240.0.0.1",
                                     "255.255.255.255",
                                     "::",
                                     "::7f00:1",
                                     "::ffff:127.0.0.1",
                                     "::ffff:8.8.8.8",
                                     "64:ff9b::7f00:1",
                                     "64:ff9b:1::1",
                                     "100::1",
                                     "2001::1",
                                     "2001:1ff::1",
                                     "2001:db8::1",
                                     "2002:7f00:1::1",
                                     "3fff::1",
                                     "4000::1",
                                     "5f00::1",
                                     "fd00:ec2::254",
                                     "fe80::1",
                                     "febf::1",
                                     "fec0::1",
                                     "ff02::1",
                                     "",
                                     "localhost",
                                     "1.2.3",
                                     "127.1",
                                     "0x7f000001",
                                     "2130706433",
                                     "[::1]",
                                     "1.2.3.4 ",
                                     NULL };

static const char *const in_tests_only[] = {
    "10.0.0.1",   "127.0.0.1",      "127.255.255.255",
    "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "::1",        "fc00::1",        "fd12::1",
    NULL
};

int main(void)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    struct sockaddr local = { .sa_family = AF_UNIX };
    apr_array_header_t *netblocks;
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);

    for (int i = 0; public_ones[i] != NULL; i++)
        ok(qw_vet_text(public_ones[i], 0) == NULL, "%s is public",
           public_ones[i]);
    for (int i = 0; never[i] != NULL; i++)
        ok(qw_vet_text(never[i], 0) != NULL && qw_vet_text(never[i], 1) != NULL,
           "'%s' is never dialled", never[i]);
    for (int i = 0; in_tests_only[i] != NULL; i++)
        ok(qw_vet_text(in_tests_only[i], 0) != NULL
               && qw_vet_text(in_tests_only[i], 1) == NULL,
           "%s is dialled by a test authority only", in_tests_only[i]);

    is_str(qw_vet_text("127.0.0.1", 0), "loopback (127.0.0.0/8)",
           "the refusal says what the address is");

    inet_pton(AF_INET, "169.254.169.254", &in.sin_addr);
    ok(qw_vet_address((struct sockaddr *)&in, 1) != NULL,
       "an IPv4 socket address is vetted");
    inet_pton(AF_INET, "8.8.8.8", &in.sin_addr);
    ok(qw_vet_address((struct sockaddr *)&in, 0) == NULL,
       "a public IPv4 socket address passes");
    inet_pton(AF_INET6, "::ffff:10.0.0.1", &in6.sin6_addr);
    ok(qw_vet_address((struct sockaddr *)&in6, 1) != NULL,
       "a mapped address does not pass as IPv6");
    ok(qw_vet_address(&local, 1) != NULL, "a unix socket is no address");

    netblocks = qw_vet_netblocks(pool);
    ok(netblocks->nelts > 30, "the resolver gets the same list");
    is_str(APR_ARRAY_IDX(netblocks, 1, const char *), "10.0.0.0/8",
           "in netblock form");
    return done_testing();
}
