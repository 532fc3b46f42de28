/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-env.h"

G_BEGIN_DECLS

/* The control API and the address server: HTTP on the loopback. It runs on the GMainContext that is
 * the thread's default when it is made; what it answers comes from above, as functions that are
 * called as owner of the world's loop. A function that is NULL is a path that does not exist here.
 * In a library of its own, so that a program that links none of it links no libsoup. */

typedef struct _RmqControlApi RmqControlApi;

#define RMQ_CONTROL_BODY_MAX_BYTES (1u << 20)

typedef struct
{
  GHashTable *query; /* (nullable): name → value */
  const char *body;  /* text, never NULL */
} RmqControlRequest;

typedef struct
{
  guint status;  /* 200 */
  char *body;    /* owned: JSON, or text where the path says so */
  char *message; /* (nullable) of an error; then status is 4xx or 5xx */
  char *hint;    /* (nullable) */
  guint line;    /* 0: none */
  guint column;  /* 0: none */
} RmqControlAnswer;

typedef void (*RmqControlFunc) (const RmqControlRequest *request, RmqControlAnswer *answer,
                                gpointer data);

typedef struct
{
  gboolean (*is_ready) (gpointer data); /* (nullable): always. GET /v1/health */
  RmqControlFunc snapshot;              /* GET /v1/snapshot[?tables=] */
  RmqControlFunc messages;              /* GET /v1/messages */
  RmqControlFunc requests;              /* GET /v1/requests */
  RmqControlFunc lines;                 /* POST /v1/lines, text */
  RmqControlFunc reset;                 /* POST /v1/reset */
  RmqControlFunc nsaddr;                /* GET /rocketmq/nsaddr: plain text */
  gpointer data;
} RmqControlHandlers;

/* port 0: any free one. handlers are copied. */
RmqControlApi *rmq_control_api_new (RmqWorld *world, guint port, const RmqControlHandlers *handlers,
                                    GError **error);
void rmq_control_api_free (RmqControlApi *api);               /* nullable */
const char *rmq_control_api_get_address (RmqControlApi *api); /* "127.0.0.1:PORT" */

const char *rmq_control_request_get (const RmqControlRequest *request,
                                     const char *name); /* (nullable) */
/* *value stays as it is if the query doesn't name it. FALSE: it is no number from low to high, and
 * the answer says so. */
gboolean rmq_control_request_get_number (const RmqControlRequest *request, const char *name,
                                         gint64 low, gint64 high, gint64 *value,
                                         RmqControlAnswer *answer);
/* message, hint (nullable): copied. */
void rmq_control_answer_fail (RmqControlAnswer *answer, guint status, const char *message,
                              const char *hint);

G_END_DECLS
