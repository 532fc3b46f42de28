/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "rmq-remoting-command.h"

G_BEGIN_DECLS

/* Where the Java clients 4.5.1, 4.9.7 and 5.3.3 differ, the difference is a row with a value per
 * column; `recommended` is ours. Code asks a profile for a row's value and never knows a version.
 */

typedef enum
{
  RMQ_ROW_QUEUE_CHOICE,
  RMQ_ROW_RETRY_CODES,
  RMQ_ROW_ASYNC_CONNECT_RETRY,
  RMQ_ROW_ASYNC_RETRY_BUDGET,
  RMQ_ROW_ASYNC_RETRY_QUEUE,
  RMQ_ROW_ASYNC_EXPIRY,
  RMQ_ROW_CLOSE_ON_TIMEOUT,
  RMQ_ROW_PEER_FIN,
  RMQ_ROW_NULL_ADDRESS,
  RMQ_ROW_NAMESRV_PER_CALL,
  RMQ_ROW_NAMESRV_ERROR,
  RMQ_ROW_NAMESRV_CHOICE,
  RMQ_ROW_ROUTE_LOOKUP,
  RMQ_ROW_INSTANCE_NAME,
  RMQ_ROW_UNREGISTER,
  RMQ_ROW_HEARTBEAT_ON_CONNECT,
  RMQ_ROW_NAME_LIMITS,
  RMQ_ROW_WIRE_FORM,
  RMQ_N_ROWS,
} RmqProfileRow;

/* The words of each row, in the order of its table entry. */
typedef enum
{
  RMQ_QUEUE_CHOICE_4_5_1,
  RMQ_QUEUE_CHOICE_4_9,
  RMQ_QUEUE_CHOICE_5_3,
} RmqQueueChoice;

typedef enum
{
  RMQ_NO,
  RMQ_YES,
} RmqYesNo;

typedef enum
{
  RMQ_ASYNC_RETRY_BUDGET_ZERO,
  RMQ_ASYNC_RETRY_BUDGET_LEFT,
  RMQ_ASYNC_RETRY_BUDGET_POSITIVE,
} RmqAsyncRetryBudget;

typedef enum
{
  RMQ_ASYNC_RETRY_QUEUE_KEPT,
  RMQ_ASYNC_RETRY_QUEUE_REBUILT,
} RmqAsyncRetryQueue;

typedef enum
{
  RMQ_ASYNC_EXPIRY_SCAN,
  RMQ_ASYNC_EXPIRY_EXACT,
} RmqAsyncExpiry;

typedef enum
{
  RMQ_CLOSE_ON_TIMEOUT_OFF,
  RMQ_CLOSE_ON_TIMEOUT_ON,
  RMQ_CLOSE_ON_TIMEOUT_GUARDED,
} RmqCloseOnTimeout;

typedef enum
{
  RMQ_PEER_FIN_IGNORED,
  RMQ_PEER_FIN_FAILS,
} RmqPeerFin;

typedef enum
{
  RMQ_NULL_ADDRESS_NAME_SERVER,
  RMQ_NULL_ADDRESS_ERROR,
} RmqNullAddress;

typedef enum
{
  RMQ_NAMESRV_PER_CALL_ALL,
  RMQ_NAMESRV_PER_CALL_ONE,
} RmqNamesrvPerCall;

typedef enum
{
  RMQ_NAMESRV_ERROR_LOGGED,
  RMQ_NAMESRV_ERROR_ABORTS,
} RmqNamesrvError;

typedef enum
{
  RMQ_NAMESRV_CHOICE_KEEPS,
  RMQ_NAMESRV_CHOICE_DROPS,
  RMQ_NAMESRV_CHOICE_DROPS_AND_CLOSES,
} RmqNamesrvRemoved;

typedef enum
{
  RMQ_ROUTE_LOOKUP_EACH,
  RMQ_ROUTE_LOOKUP_SINGLE,
} RmqRouteLookup;

typedef enum
{
  RMQ_INSTANCE_NAME_PID,
  RMQ_INSTANCE_NAME_PID_NANO_TIME,
} RmqInstanceName;

typedef enum
{
  RMQ_UNREGISTER_SERIAL,
  RMQ_UNREGISTER_CAPPED,
} RmqUnregister;

/* What the words of wire-form stand for: small things a server or a learner can see. */
typedef struct
{
  gint version; /* ordinal announced in every frame */
  RmqLanguage language;
  gboolean sends_broker_name;       /* n, bname */
  gboolean last_separator;          /* of the properties string */
  gboolean identifies_batches;      /* a batch has a UNIQ_KEY beside its members' */
  gboolean refuses_long_properties; /* of a batch's member, whose size has 15 bits */
  gint32 zlib_flag;                 /* sysFlag bits of a compressed body */
  gboolean polls_template; /* createTopicKey stands in topicPublishInfoTable from start on */
  gboolean template_always_tbw102; /* the route lookup ignores createTopicKey */
  gboolean refuses_template_topic; /* sending to TBW102 is refused */
  gboolean refuses_system_topics;  /* the not-allowed-send set */
} RmqWireForm;

#define RMQ_PROFILE_NUMBERS_MAX 12

typedef struct
{
  gint choice; /* index of the word; -1: a row of numbers */
  guint n_numbers;
  gint numbers[RMQ_PROFILE_NUMBERS_MAX];
} RmqProfileValue;

typedef struct
{
  RmqProfileValue values[RMQ_N_ROWS];
} RmqProfile;

/* name: "4.5.1", "4.9", "5.3" or "recommended". FALSE: another name, error says which are known. */
gboolean rmq_profile_init (RmqProfile *profile, const char *name, GError **error);
/* One row by name. FALSE: unknown row or value, profile is unchanged. */
gboolean rmq_profile_set (RmqProfile *profile, const char *row, const char *value, GError **error);
gint rmq_profile_get_choice (const RmqProfile *profile, RmqProfileRow row);
/* Rows of numbers. */
gint rmq_profile_get_number (const RmqProfile *profile, RmqProfileRow row, guint index);
gboolean rmq_profile_has_number (const RmqProfile *profile, RmqProfileRow row, gint number);
const RmqWireForm *rmq_profile_get_wire_form (const RmqProfile *profile);

/* For help, docs and tests. */
const char *rmq_profile_row_get_name (RmqProfileRow row);
const char *rmq_profile_row_get_help (RmqProfileRow row);
/* The row's value as it would be set. (transfer full) */
char *rmq_profile_format_value (const RmqProfile *profile, RmqProfileRow row);

G_END_DECLS
