/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One request of the control API and its answer, as the functions see them that know what to say.
 * Pure: nothing here knows HTTP but for the numbers of statuses. */

#define RMQ_CONTROL_BODY_MAX_BYTES (1u << 20)
#define RMQ_CONTROL_BAD_REQUEST 400
#define RMQ_CONTROL_FORBIDDEN 403
#define RMQ_CONTROL_NOT_FOUND 404

/* What a function keeps until it is called again for the same request. */
typedef struct
{
  gpointer data; /* (nullable): the first call */
  GDestroyNotify free;
} RmqControlMemory;

typedef struct
{
  GHashTable *query;        /* name → value */
  const char *body;         /* text, never NULL */
  const char *id;           /* (nullable): what the path ends with, "/v1/outages/ID" */
  RmqControlMemory *memory; /* never NULL */
} RmqControlRequest;

typedef struct
{
  guint status;   /* 200 */
  char *body;     /* owned: JSON, or text where the path says so */
  char *message;  /* (nullable) of an error; then status is 4xx or 5xx */
  char *hint;     /* (nullable) */
  guint line;     /* 0: none */
  guint column;   /* 0: none */
  guint again_ms; /* not 0: nothing to say yet (no body, no message); call again so often */
} RmqControlAnswer;

typedef void (*RmqControlFunc) (const RmqControlRequest *request, RmqControlAnswer *answer,
                                gpointer data);

/* message, hint (nullable): copied. */
void rmq_control_answer_fail (RmqControlAnswer *answer, guint status, const char *message,
                              const char *hint);
/* As a body for the client. (transfer full) */
char *rmq_control_answer_describe_error (const RmqControlAnswer *answer);
/* The builder's tree is the answer. */
void rmq_control_answer_take_json (RmqControlAnswer *answer, JsonBuilder *builder);
void rmq_control_answer_clear (RmqControlAnswer *answer);

/* ---- who asks ---- */

/* FALSE: a browser asks for a page of somebody else's, and the answer says so. host, origin
 * (nullable): as its headers say; name (nullable): by which the API is known besides addresses and
 * names without a dot, which nobody can give to a machine of ours from outside. */
gboolean rmq_control_check_caller (const char *host, const char *origin, const char *name,
                                   RmqControlAnswer *answer);

/* ---- what stands behind "?" ---- */

/* query (nullable): as it came; known (nullable): "topic,broker", NULL: anything goes; required
 * (nullable): one of them. NULL: the answer says what is wrong. (transfer full) */
GHashTable *rmq_control_query_parse (const char *query, const char *known, const char *required,
                                     RmqControlAnswer *answer);
const char *rmq_control_request_get (const RmqControlRequest *request,
                                     const char *name); /* (nullable) */
/* *value stays as it is if the query doesn't name it. FALSE: it is no number from low to high, and
 * the answer says so. */
gboolean rmq_control_request_get_number (const RmqControlRequest *request, const char *name,
                                         gint64 low, gint64 high, gint64 *value,
                                         RmqControlAnswer *answer);
/* FALSE: the query names one that isn't known (NULL-terminated), and the answer says so. */
gboolean rmq_control_request_check_word (const RmqControlRequest *request, const char *name,
                                         const char *const *known, RmqControlAnswer *answer);

/* ---- bodies ---- */

/* The body's object; NULL: the answer says what is wrong. (transfer full) */
JsonObject *rmq_control_request_parse (const RmqControlRequest *request, RmqControlAnswer *answer);

typedef enum
{
  RMQ_CONTROL_NUMBER, /* gint64 */
  RMQ_CONTROL_TEXT,   /* char *, owned */
  RMQ_CONTROL_TEXTS,  /* char **, owned */
} RmqControlMemberType;

typedef struct
{
  const char *name;
  RmqControlMemberType type;
  gsize offset;
  gint64 low, high; /* NUMBER */
} RmqControlMember;

/* Reads members of the body's object into a struct; one that isn't there leaves its place as it
 * was. FALSE: one is unknown, of another type or out of bounds, and the answer says so. */
gboolean rmq_control_request_read (const RmqControlRequest *request,
                                   const RmqControlMember *members, guint n_members, gpointer into,
                                   RmqControlAnswer *answer);
/* "there is no NAME", with the nearest of known (NULL-terminated) or their list as hint. */
void rmq_control_answer_fail_word (RmqControlAnswer *answer, const char *what, const char *word,
                                   const char *const *known);

G_END_DECLS
