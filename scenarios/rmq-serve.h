/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-report.h"
#include "rmq-scenario.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A mock cluster over TCP for other people's clients, with its control API, by which they make
 * clusters of their own. Used on the thread
 * whose main context answers HTTP. In a library of its own, because it links libsoup. */

typedef struct _RmqServe RmqServe;

typedef struct
{
  guint n_nameservers, n_brokers;
  const guint16 *namesrv_ports; /* (nullable): as many as n_namesrv_ports; the rest any free one */
  guint n_namesrv_ports;
  guint16 http_port;   /* 0: any free one */
  char *const *topics; /* (nullable): "NAME" or "NAME:QUEUES" */
  gboolean no_auto_create;
  const char *profile;   /* (nullable): of the language's, for the servers no scenario declares */
  const char *scenario;  /* (nullable): its topics, outages and expectations are taken */
  const char *bind;      /* (nullable): the address to listen on; the loopback */
  const char *advertise; /* (nullable): the host that routes name; where it listens */
} RmqServeOptions;

/* When it returns everything listens and every broker is routed. NULL: an option or the scenario
 * can't be used (G_OPTION_ERROR; nothing was started), or a port could not be had. */
RmqServe *rmq_serve_new (const RmqServeOptions *options, GError **error);
void rmq_serve_free (RmqServe *serve);                    /* nullable */
const char *rmq_serve_get_namesrv_addr (RmqServe *serve); /* "host:port;host:port" */
const char *rmq_serve_get_http_addr (RmqServe *serve);    /* "ADDR:PORT" */
/* Ends what the scenario had to come, and judges its expectations. (transfer full) */
RmqReport *rmq_serve_judge (RmqServe *serve);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqServe, rmq_serve_free)

G_END_DECLS
