/* SPDX-License-Identifier: Apache-2.0 */

/* The three error domains and what an error carries beside its text. Pure, any thread. Whether a
 * caller may try again stands in one row per code; whether the outcome is unknown only the place
 * that made the error knows, so it comes with the details and is never guessed here.
 */

#include "rmq-error-private.h"

#include "rmq-codes-private.h"

typedef struct
{
  char *remark;
  char *broker_name;
  char *broker_addr;
  guint attempts;
  gboolean outcome_unknown;
} Details;

static void
details_init (Details *details)
{
  *details = (Details){ 0 };
}

static void
details_copy (const Details *from, Details *to)
{
  *to = (Details){ g_strdup (from->remark), g_strdup (from->broker_name),
                   g_strdup (from->broker_addr), from->attempts, from->outcome_unknown };
}

static void
details_clear (Details *details)
{
  g_free (details->remark);
  g_free (details->broker_name);
  g_free (details->broker_addr);
}

/* GLib wants a private type and three functions per domain; ours share one of each. */
#define DOMAIN(Type, prefix)                                                                       \
  typedef Details Type##Private;                                                                   \
  static void prefix##_private_init (Type##Private *d) { details_init (d); }                       \
  static void prefix##_private_copy (const Type##Private *f, Type##Private *t)                     \
  {                                                                                                \
    details_copy (f, t);                                                                           \
  }                                                                                                \
  static void prefix##_private_clear (Type##Private *d) { details_clear (d); }                     \
  G_DEFINE_EXTENDED_ERROR (Type, prefix)

DOMAIN (RmqClientError, rmq_client_error)
DOMAIN (RmqRemotingError, rmq_remoting_error)
typedef gint RmqBrokerError;
DOMAIN (RmqBrokerError, rmq_broker_error)

/* (nullable): foreign errors have none. */
static Details *
find_details (const GError *error)
{
  if (error == NULL)
    return NULL;
  if (error->domain == RMQ_CLIENT_ERROR)
    return rmq_client_error_get_private (error);
  if (error->domain == RMQ_REMOTING_ERROR)
    return rmq_remoting_error_get_private (error);
  return error->domain == RMQ_BROKER_ERROR ? rmq_broker_error_get_private (error) : NULL;
}

GError *
rmq_error_new (GQuark domain, gint code, const RmqErrorDetails *details, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  GError *error = g_error_new_valist (domain, code, format, args);
  va_end (args);
  Details *kept = find_details (error);
  g_assert (kept != NULL);
  if (details != NULL)
    *kept =
        (Details){ g_strdup (details->remark), g_strdup (details->broker_name),
                   g_strdup (details->broker_addr), details->attempts, details->outcome_unknown };
  return error;
}

void
rmq_error_get_details (const GError *error, RmqErrorDetails *details)
{
  const Details *kept = find_details (error);
  *details = (RmqErrorDetails){ 0 };
  if (kept != NULL)
    *details = (RmqErrorDetails){ kept->remark, kept->broker_name, kept->broker_addr,
                                  kept->attempts, kept->outcome_unknown };
}

const char *
rmq_error_get_remark (const GError *error)
{
  const Details *details = find_details (error);
  return details != NULL ? details->remark : NULL;
}

const char *
rmq_error_get_broker_name (const GError *error)
{
  const Details *details = find_details (error);
  return details != NULL ? details->broker_name : NULL;
}

const char *
rmq_error_get_broker_addr (const GError *error)
{
  const Details *details = find_details (error);
  return details != NULL ? details->broker_addr : NULL;
}

guint
rmq_error_get_attempts (const GError *error)
{
  const Details *details = find_details (error);
  return details != NULL ? details->attempts : 0;
}

gboolean
rmq_error_is_outcome_unknown (const GError *error)
{
  const Details *details = find_details (error);
  return details != NULL && details->outcome_unknown;
}

/* ---- is trying again of use? --------------------------------------------- */

typedef struct
{
  gint code;
  gboolean is_retriable;
} Retriable;

static const Retriable client_rows[] = {
  { RMQ_CLIENT_ERROR_STATE, FALSE },
  { RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE, FALSE },
  { RMQ_CLIENT_ERROR_CONNECT_BROKER, TRUE },
  { RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT, TRUE },
  { RMQ_CLIENT_ERROR_BROKER_NOT_EXIST, TRUE },
  { RMQ_CLIENT_ERROR_NO_NAME_SERVER, FALSE }, /* until somebody sets one */
  { RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC, TRUE }, /* routes may appear */
  { RMQ_CLIENT_ERROR_NAME_SERVER, FALSE },    /* unchecked in Java, which gives up as well */
  { RMQ_CLIENT_ERROR_SHUT_DOWN, FALSE },
};

static const Retriable remoting_rows[] = {
  { RMQ_REMOTING_ERROR_CONNECT, TRUE },    { RMQ_REMOTING_ERROR_SEND_REQUEST, TRUE },
  { RMQ_REMOTING_ERROR_TIMEOUT, TRUE },    { RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST, TRUE },
  { RMQ_REMOTING_ERROR_BAD_FRAME, FALSE }, { RMQ_REMOTING_ERROR_CLOSED, FALSE },
  { RMQ_REMOTING_ERROR_IDLE, TRUE },       { RMQ_REMOTING_ERROR_PEER_CLOSED, TRUE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (remoting_rows) == RMQ_REMOTING_ERROR_PEER_CLOSED + 1);

/* retryResponseCodes of 5.3, which holds those of the others, and the broker that asks to slow
 * down. */
static const Retriable broker_rows[] = {
  { RMQ_RESPONSE_SYSTEM_ERROR, TRUE },
  { RMQ_RESPONSE_SYSTEM_BUSY, TRUE },
  { RMQ_RESPONSE_SERVICE_NOT_AVAILABLE, TRUE },
  { RMQ_RESPONSE_NO_PERMISSION, TRUE },
  { RMQ_RESPONSE_TOPIC_NOT_EXIST, TRUE },
  { RMQ_RESPONSE_NO_BUYER_ID, TRUE },
  { RMQ_RESPONSE_NOT_IN_CURRENT_UNIT, TRUE },
  { RMQ_RESPONSE_FLOW_CONTROL, TRUE },
  { RMQ_RESPONSE_GO_AWAY, TRUE },
};

gboolean
rmq_error_is_retriable (const GError *error)
{
  const Retriable *rows = broker_rows;
  gsize n_rows = G_N_ELEMENTS (broker_rows);
  if (find_details (error) == NULL)
    return FALSE;
  if (error->domain == RMQ_CLIENT_ERROR)
    {
      rows = client_rows;
      n_rows = G_N_ELEMENTS (client_rows);
    }
  else if (error->domain == RMQ_REMOTING_ERROR)
    {
      rows = remoting_rows;
      n_rows = G_N_ELEMENTS (remoting_rows);
    }
  for (gsize i = 0; i < n_rows; i++)
    if (rows[i].code == error->code)
      return rows[i].is_retriable;
  return FALSE;
}
