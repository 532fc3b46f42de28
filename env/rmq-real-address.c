/* SPDX-License-Identifier: Apache-2.0 */

/* Socket addresses as text, "127.0.0.1:9876", "[::1]:9876" or "name:9876", and the address by which
 * this host is known to others. No state; only rmq_real_address_resolve() may block (name lookup).
 */

#include "rmq-real-private.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

/* "host:port" → host without brackets and port; FALSE: not of that form. */
static gboolean
split (const char *text, char **host, guint16 *port)
{
  const char *colon = strrchr (text, ':');
  guint64 number = 0;
  if (colon == NULL || colon == text
      || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;
  gsize length = (gsize)(colon - text);
  if (text[0] == '[' && text[length - 1] == ']')
    *host = g_strndup (text + 1, length - 2);
  else
    *host = g_strndup (text, length);
  *port = (guint16)number;
  return TRUE;
}

static void
set_v4 (RmqRealAddress *out, struct in_addr ip, guint16 port)
{
  const struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr = ip };
  memcpy (&out->storage, &in, sizeof in);
  out->size = sizeof in;
}

static void
set_v6 (RmqRealAddress *out, const struct in6_addr *ip, guint16 port)
{
  const struct sockaddr_in6 in = { .sin6_family = AF_INET6,
                                   .sin6_port = htons (port),
                                   .sin6_addr = *ip };
  memcpy (&out->storage, &in, sizeof in);
  out->size = sizeof in;
}

RmqRealAddressKind
rmq_real_address_parse (const char *text, RmqRealAddress *out)
{
  g_autofree char *host = NULL;
  guint16 port = 0;
  struct in_addr v4;
  struct in6_addr v6;
  if (!split (text, &host, &port))
    return RMQ_REAL_ADDRESS_BAD;
  const char *numeric = g_str_equal (host, "localhost") ? "127.0.0.1" : host;
  if (inet_pton (AF_INET, numeric, &v4) == 1)
    set_v4 (out, v4, port);
  else if (inet_pton (AF_INET6, numeric, &v6) == 1)
    set_v6 (out, &v6, port);
  else
    return RMQ_REAL_ADDRESS_NAME;
  return RMQ_REAL_ADDRESS_NUMERIC;
}

gboolean
rmq_real_address_resolve (const char *text, RmqRealAddress *out)
{
  g_autofree char *host = NULL;
  guint16 port = 0;
  struct addrinfo *found = NULL;
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  if (!split (text, &host, &port) || getaddrinfo (host, NULL, &hints, &found) != 0)
    return FALSE;
  const struct addrinfo *best = found; /* IPv4 if there is any, as Java prefers it */
  for (const struct addrinfo *a = found; a != NULL; a = a->ai_next)
    if (a->ai_family == AF_INET)
      {
        best = a;
        break;
      }
  if (best->ai_family == AF_INET)
    set_v4 (out, ((const struct sockaddr_in *)(const void *)best->ai_addr)->sin_addr, port);
  else
    set_v6 (out, &((const struct sockaddr_in6 *)(const void *)best->ai_addr)->sin6_addr, port);
  freeaddrinfo (found);
  return TRUE;
}

char *
rmq_real_address_format (const RmqRealAddress *address)
{
  char ip[INET6_ADDRSTRLEN] = "";
  if (address->storage.ss_family == AF_INET6)
    {
      const struct sockaddr_in6 *in = (const void *)&address->storage;
      inet_ntop (AF_INET6, &in->sin6_addr, ip, sizeof ip);
      return g_strdup_printf ("[%s]:%u", ip, ntohs (in->sin6_port));
    }
  const struct sockaddr_in *in = (const void *)&address->storage;
  inet_ntop (AF_INET, &in->sin_addr, ip, sizeof ip);
  return g_strdup_printf ("%s:%u", ip, ntohs (in->sin_port));
}

char *
rmq_real_address_of_socket (int fd, gboolean peer)
{
  RmqRealAddress address = { .size = sizeof address.storage };
  struct sockaddr *sockaddr = (struct sockaddr *)&address.storage;
  const int failed =
      peer ? getpeername (fd, sockaddr, &address.size) : getsockname (fd, sockaddr, &address.size);
  return failed ? g_strdup ("") : rmq_real_address_format (&address);
}

/* ---- the local address, as 4.9 finds it ---------------------------------- */

static gboolean
is_bridge (const char *interface)
{
  g_autofree char *path = g_build_filename ("/sys/class/net", interface, "bridge", NULL);
  return access (path, F_OK) == 0;
}

/* Text of an address that other hosts might use, NULL otherwise. */
static char *
usable_address (const struct ifaddrs *entry, gboolean *v4)
{
  char ip[INET6_ADDRSTRLEN] = "";
  if (entry->ifa_addr == NULL || (entry->ifa_flags & IFF_LOOPBACK) || is_bridge (entry->ifa_name))
    return NULL;
  *v4 = entry->ifa_addr->sa_family == AF_INET;
  if (*v4)
    inet_ntop (AF_INET, &((const struct sockaddr_in *)(const void *)entry->ifa_addr)->sin_addr, ip,
               sizeof ip);
  else if (entry->ifa_addr->sa_family == AF_INET6)
    inet_ntop (AF_INET6, &((const struct sockaddr_in6 *)(const void *)entry->ifa_addr)->sin6_addr,
               ip, sizeof ip);
  return ip[0] != '\0' ? g_strdup (ip) : NULL;
}

/* The first IPv4 that starts neither with 127.0 nor with 192.168, else the last IPv4, else the
 * first IPv6; a machine with nothing but loopback is 127.0.0.1. */
char *
rmq_real_host_find_address (void)
{
  struct ifaddrs *entries = NULL;
  g_autofree char *last_v4 = NULL;
  g_autofree char *first_v6 = NULL;
  gboolean found = FALSE;
  if (getifaddrs (&entries) != 0)
    return g_strdup ("127.0.0.1");
  for (const struct ifaddrs *e = entries; e != NULL && !found; e = e->ifa_next)
    {
      gboolean v4 = FALSE;
      g_autofree char *ip = usable_address (e, &v4);
      char **slot = v4 ? &last_v4 : &first_v6;
      if (ip == NULL || (!v4 && first_v6 != NULL))
        continue;
      g_free (*slot);
      *slot = g_steal_pointer (&ip);
      found = v4 && !g_str_has_prefix (last_v4, "127.0") && !g_str_has_prefix (last_v4, "192.168");
    }
  freeifaddrs (entries);
  if (last_v4 != NULL)
    return g_steal_pointer (&last_v4);
  return first_v6 != NULL ? g_steal_pointer (&first_v6) : g_strdup ("127.0.0.1");
}
