/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-control-api.h"

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

typedef struct
{
  const char *program;
  const char *summary;
  const GOptionEntry *entries; /* beside --help and --version; NULL-terminated */
} RmqDaemonOptions;

/* RMQ_DAEMON_GO_ON, or the status to exit with: what is wrong was said on standard error, with the
 * nearest known option. */
RmqDaemonStatus rmq_daemon_parse (const RmqDaemonOptions *options, int argc, char **argv);
/* From now on the mocks' log goes to standard error: above all, why a peer was sent away; and
 * memory is taken as a server takes it. Before anything runs. rmq_daemon_parse() does it. */
void rmq_daemon_prepare (void);
/* "PROGRAM: error: …" on standard error; returns status. */
RmqDaemonStatus rmq_daemon_fail (const RmqDaemonOptions *options, RmqDaemonStatus status,
                                 const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Of an option that takes a port; -1 where that means none. */
RmqDaemonStatus rmq_daemon_check_port (const RmqDaemonOptions *options, const char *name,
                                       gint port);
/* profile (nullable): as rmq_mock_profile_find(). */
RmqDaemonStatus rmq_daemon_check_profile (const RmqDaemonOptions *options, const char *profile);
/* The ready line on standard output, and in ready_file (nullable), by rename. http (nullable). */
gboolean rmq_daemon_announce (const char *address, RmqControlApi *http, const char *ready_file,
                              GError **error);
/* As rmq_daemon_announce(), with a line of one's own. */
gboolean rmq_daemon_announce_line (const char *line, const char *ready_file, GError **error);
/* Turns the main context until SIGTERM or SIGINT. */
void rmq_daemon_wait_for_end (void);

G_END_DECLS
