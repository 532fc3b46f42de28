/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-control-request.h"
#include "rmq-env.h"

G_BEGIN_DECLS

/* The control API and the address server: HTTP, on the loopback unless said. It runs on the
 * GMainContext that is the thread's default when it is made; what it answers comes from above, as
 * functions that are called as owner of the world's loop. A function that is NULL is a path that
 * does not exist here. In a library of its own, so that a program that links none of it links no
 * libsoup. */

typedef struct _RmqControlApi RmqControlApi;
typedef struct _RmqControlHandlers RmqControlHandlers;

/* Whom the paths speak of. */
typedef struct
{
  RmqWorld *world;                    /* borrowed */
  const RmqControlHandlers *handlers; /* borrowed */
} RmqControlScope;

struct _RmqControlHandlers
{
  gboolean (*is_ready) (gpointer data); /* (nullable): always. GET /v1/health */
  RmqControlFunc snapshot;              /* GET /v1/snapshot[?tables=] */
  RmqControlFunc messages;              /* GET /v1/messages?topic= */
  RmqControlFunc requests;              /* GET /v1/requests */
  RmqControlFunc lines;                 /* POST /v1/lines, text */
  RmqControlFunc expect;                /* POST /v1/expect */
  RmqControlFunc add_outage;            /* POST /v1/outages */
  RmqControlFunc end_outage;            /* DELETE /v1/outages/ID */
  RmqControlFunc unsupported;           /* GET /v1/unsupported */
  RmqControlFunc reset;                 /* POST /v1/reset */
  RmqControlFunc nsaddr;                /* GET /rocketmq/nsaddr: plain text */
  /* These two start and end worlds: called outside of every loop. */
  RmqControlFunc add_cluster;    /* POST /v1/clusters */
  RmqControlFunc remove_cluster; /* DELETE /v1/clusters/ID */
  /* Who answers under /v1/clusters/ID/; FALSE: no such cluster. (nullable) */
  gboolean (*find_cluster) (const char *id, RmqControlScope *scope, gpointer data);
  gpointer data;
};

/* Listens; says 503 until it is opened. bind (nullable): the loopback. port 0: any free one. */
RmqControlApi *rmq_control_api_new (const char *bind, guint port, GError **error);
/* name (nullable): what callers may call the machine beside its addresses. */
void rmq_control_api_set_name (RmqControlApi *api, const char *name);
/* scope's handlers must outlive the API. */
void rmq_control_api_open (RmqControlApi *api, const RmqControlScope *scope);
void rmq_control_api_free (RmqControlApi *api);               /* nullable */
const char *rmq_control_api_get_address (RmqControlApi *api); /* "ADDR:PORT" */

G_END_DECLS
