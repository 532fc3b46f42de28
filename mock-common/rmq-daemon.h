/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-control-api.h"
#include "rmq-program-options.h"

G_BEGIN_DECLS

/* What the mocks' programs share: options, the ready line, the end on SIGTERM. Main thread only, at
 * most once a process. */

typedef enum
{
  RMQ_DAEMON_GO_ON = -1,
  RMQ_DAEMON_OK = 0,
  RMQ_DAEMON_FAILED = 1,
  RMQ_DAEMON_UNUSABLE = 2, /* options; nothing was started */
} RmqDaemonStatus;

/* Where a program listens and what it says of it, whom it follows. */
typedef struct
{
  char *bind;      /* (nullable): "127.0.0.1" */
  char *advertise; /* (nullable): where it listens */
  char *ready_file;
  gboolean exit_with_parent;
} RmqDaemonPlace;

/* Its options, for a table of entries. */
#define RMQ_DAEMON_PLACE_ENTRIES(place)                                                            \
  {                                                                                                \
    "bind", 0, 0, G_OPTION_ARG_STRING, &(place).bind, "address to listen on (127.0.0.1)", "ADDR"   \
  },                                                                                               \
      { "advertise",                                                                               \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_STRING,                                                                       \
        &(place).advertise,                                                                        \
        "what routes and the ready line name instead of the address",                              \
        "HOST" },                                                                                  \
      { "exit-with-parent",                                                                        \
        0,                                                                                         \
        0,                                                                                         \
        G_OPTION_ARG_NONE,                                                                         \
        &(place).exit_with_parent,                                                                 \
        "end when the process that started this one has ended",                                    \
        NULL },                                                                                    \
  {                                                                                                \
    "ready-file", 0, 0, G_OPTION_ARG_FILENAME, &(place).ready_file,                                \
        "write the ready line to this file too", "FILE"                                            \
  }

/* FALSE: the address can't be bound, the host can't stand in a route, the file can't be written
 * (G_OPTION_ERROR). From now on the parent is watched if that was asked for; who binds the wildcard
 * and advertises nothing advertises this machine's own address. */
gboolean rmq_daemon_place_check (RmqDaemonPlace *place, GError **error);
void rmq_daemon_place_clear (RmqDaemonPlace *place);
/* "ADDR:PORT" to listen on. (transfer full) */
char *rmq_daemon_place_get_listen (const RmqDaemonPlace *place, guint port);
/* listen: "ADDR:PORT" as bound; "HOST:PORT" as others are told. (transfer full) */
char *rmq_daemon_place_advertise (const RmqDaemonPlace *place, const char *listen);
/* Of a start that failed: RMQ_DAEMON_UNUSABLE if an option or a place to listen was the reason. */
RmqDaemonStatus rmq_daemon_status_of (const GError *error);

/* RMQ_DAEMON_GO_ON, or the status to exit with: what is wrong was said on standard error, with the
 * nearest known option. */
RmqDaemonStatus rmq_daemon_parse (const RmqProgramOptions *options, int argc, char **argv);
/* From now on the mocks' log goes to standard error: above all, why a peer was sent away;
 * memory is taken as a server takes it; SIGTERM and SIGINT are the end that is waited for. Before
 * anything runs. rmq_daemon_parse() does it. */
void rmq_daemon_prepare (void);
/* "PROGRAM: error: …" on standard error; returns status. */
RmqDaemonStatus rmq_daemon_fail (const RmqProgramOptions *options, RmqDaemonStatus status,
                                 const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Of an option that takes a port; -1 where that means none. */
RmqDaemonStatus rmq_daemon_check_port (const RmqProgramOptions *options, const char *name,
                                       gint port);
/* place: rmq_daemon_place_check(). */
RmqDaemonStatus rmq_daemon_check_place (const RmqProgramOptions *options, RmqDaemonPlace *place);
/* profile (nullable): as rmq_mock_profile_find(). */
RmqDaemonStatus rmq_daemon_check_profile (const RmqProgramOptions *options, const char *profile);
/* The ready line on standard output, and in the place's file, by rename. address: as advertised.
 * http (nullable). */
gboolean rmq_daemon_announce (const RmqDaemonPlace *place, const char *address, RmqControlApi *http,
                              GError **error);
/* As rmq_daemon_announce(), with a line of one's own. */
gboolean rmq_daemon_announce_line (const char *line, const char *ready_file, GError **error);
/* Turns the main context until SIGTERM, SIGINT, or the parent's end if it is watched. */
void rmq_daemon_wait_for_end (void);
/* As rmq_daemon_wait_for_end(), but only until it is so; looks now and then. FALSE: the end came
 * first. */
gboolean rmq_daemon_wait_until (gboolean (*is_so) (gpointer data), gpointer data);

G_END_DECLS
