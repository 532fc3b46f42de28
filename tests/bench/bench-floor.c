/* SPDX-License-Identifier: Apache-2.0 */
#include "bench-floor.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#define BYTES_MAX 65536

static guint8 zeros[BYTES_MAX];

static gboolean
read_all (int fd, gpointer buffer, gsize size)
{
  for (gsize n = 0; n < size;)
    {
      const gssize got = read (fd, (guint8 *)buffer + n, size - n);
      if (got <= 0)
        return FALSE;
      n += (gsize)got;
    }
  return TRUE;
}

/* A request that begins with 0 is the last of its size: new sizes follow. */
static void
serve (int fd)
{
  static guint8 buffer[BYTES_MAX];
  guint32 sizes[2];
  while (read_all (fd, &sizes, sizeof sizes))
    while (read_all (fd, buffer, sizes[0]) && buffer[0] != 0)
      if (write (fd, zeros, sizes[1]) < 0)
        return;
}

static int
connect_to_child (int listener, struct sockaddr_in *address)
{
  const int one = 1;
  const int fd = socket (AF_INET, SOCK_STREAM, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *)address, sizeof *address), ==, 0);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  close (listener);
  return fd;
}

void
bench_floor_start (BenchFloor *floor)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  const int one = 1;
  const int listener = socket (AF_INET, SOCK_STREAM, 0);
  g_assert_cmpint (bind (listener, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *)&address, &size), ==, 0);
  const pid_t pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      const int fd = accept (listener, NULL, NULL);
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      serve (fd);
      _exit (0);
    }
  *floor = (BenchFloor){ .fd = connect_to_child (listener, &address), .pid = pid };
}

void
bench_floor_set_sizes (BenchFloor *floor, guint32 request_bytes, guint32 answer_bytes)
{
  const guint32 sizes[2] = { request_bytes, answer_bytes };
  g_assert_cmpuint (MAX (request_bytes, answer_bytes), <=, BYTES_MAX);
  if (floor->request_bytes > 0)
    g_assert_cmpint (write (floor->fd, zeros, floor->request_bytes), ==, floor->request_bytes);
  g_assert_cmpint (write (floor->fd, sizes, sizeof sizes), ==, sizeof sizes);
  floor->request_bytes = request_bytes;
  floor->answer_bytes = answer_bytes;
}

void
bench_floor_round_trips (BenchFloor *floor, guint n)
{
  static guint8 buffer[BYTES_MAX];
  static guint8 request[BYTES_MAX] = { 1 };
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (write (floor->fd, request, floor->request_bytes), ==, floor->request_bytes);
      g_assert_true (read_all (floor->fd, buffer, floor->answer_bytes));
    }
}

void
bench_floor_stop (BenchFloor *floor)
{
  close (floor->fd);
}
