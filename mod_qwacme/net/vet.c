#include "net/vet.h"

#include <apr_strings.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

typedef struct {
    const char *net; /* netblock "NET/BITS" */
    const char *what;
    int family;
    int bits;
    int testable; /* a test authority may dial it */
} block_t;

#define BLOCK4(net, bits, what, testable)                                      \
    {                                                                          \
        net, what " (" net "/" #bits ")", AF_INET, bits, testable              \
    }
#define BLOCK6(net, bits, what, testable)                                      \
    {                                                                          \
        net, what " (" net "/" #bits ")", AF_INET6, bits, testable             \
    }

/* The first row that matches decides. IANA's special-purpose registries
 * (RFC6890 and later), the blocks that carry another address inside, and the
 * addresses where clouds keep their metadata. */
static const block_t blocks[] = {
    BLOCK4("0.0.0.0", 8, "this network", 0),
    BLOCK4("10.0.0.0", 8, "private use", 1),
    BLOCK4("100.64.0.0", 10, "shared address space", 0),
    BLOCK4("127.0.0.0", 8, "loopback", 1),
    BLOCK4("168.63.129.16", 32, "cloud metadata", 0),
    BLOCK4("169.254.0.0", 16, "link local", 0),
    BLOCK4("172.16.0.0", 12, "private use", 1),
    BLOCK4("192.0.0.0", 24, "protocol assignments", 0),
    BLOCK4("192.0.2.0", 24, "documentation", 0),
    BLOCK4("192.88.99.0", 24, "6to4 relay", 0),
    BLOCK4("192.168.0.0", 16, "private use", 1),
    BLOCK4("198.18.0.0", 15, "benchmarking", 0),
    BLOCK4("198.51.100.0", 24, "documentation", 0),
    BLOCK4("203.0.113.0", 24, "documentation", 0),
    BLOCK4("224.0.0.0", 4, "multicast", 0),
    BLOCK4("240.0.0.0", 4, "reserved", 0),

    BLOCK6("::1", 128, "loopback", 1),
    BLOCK6("::ffff:0:0", 96, "IPv4-mapped", 0),
    BLOCK6("64:ff9b::", 96, "NAT64", 0),
    BLOCK6("64:ff9b:1::", 48, "local NAT64", 0),
    BLOCK6("::", 8, "reserved", 0),
    BLOCK6("100::", 64, "discard only", 0),
    BLOCK6("2001::", 23, "protocol assignments", 0),
    BLOCK6("2001:db8::", 32, "documentation", 0),
    BLOCK6("2002::", 16, "6to4", 0),
    BLOCK6("3fff::", 20, "documentation", 0),
    BLOCK6("5f00::", 16, "segment routing", 0),
    BLOCK6("fd00:ec2::254", 128, "cloud metadata", 0),
    BLOCK6("fc00::", 7, "unique local", 1),
    BLOCK6("fe80::", 10, "link local", 0),
    BLOCK6("fec0::", 10, "site local", 0),
    BLOCK6("ff00::", 8, "multicast", 0),
};

enum { BLOCKS = sizeof blocks / sizeof *blocks };

static int within(const unsigned char *address, const block_t *block)
{
    unsigned char net[sizeof(struct in6_addr)];
    int whole = block->bits / 8, rest = block->bits % 8;

    inet_pton(block->family, block->net, net);
    return memcmp(address, net, (size_t)whole) == 0
           && (rest == 0 || ((address[whole] ^ net[whole]) >> (8 - rest)) == 0);
}

static const char *vet_bytes(int family, const unsigned char *address,
                             int allow_private)
{
    for (int i = 0; i < BLOCKS; i++) {
        if (blocks[i].family == family && within(address, &blocks[i]))
            return blocks[i].testable && allow_private ? NULL : blocks[i].what;
    }
    if (family == AF_INET6 && (address[0] & 0xe0) != 0x20)
        return "not global unicast (2000::/3)";
    return NULL;
}

const char *qw_vet_address(const struct sockaddr *address, int allow_private)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        return vet_bytes(AF_INET, (const unsigned char *)&in->sin_addr,
                         allow_private);
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;
        return vet_bytes(AF_INET6, in->sin6_addr.s6_addr, allow_private);
    }
    return "not an internet address";
}

const char *qw_vet_text(const char *address, int allow_private)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    if (inet_pton(AF_INET, address, bytes) == 1)
        return vet_bytes(AF_INET, bytes, allow_private);
    if (inet_pton(AF_INET6, address, bytes) == 1)
        return vet_bytes(AF_INET6, bytes, allow_private);
    return "not an internet address";
}

apr_array_header_t *qw_vet_netblocks(apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, BLOCKS, sizeof(char *));

    for (int i = 0; i < BLOCKS; i++) {
        APR_ARRAY_PUSH(list, const char *) =
            apr_psprintf(pool, "%s/%d", blocks[i].net, blocks[i].bits);
    }
    return list;
}
