/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where servers of different versions differ: a row a version, a value per question. Never ask for
 * the version itself. */

typedef struct
{
  const char *name;                          /* "4.9" */
  gint version;                              /* in every frame a server of this version makes */
  gboolean broker_answers_unknown_codes;     /* [3]; else silence */
  gboolean nameserver_answers_unknown_codes; /* [3]; else silence */
  gboolean mirrors_encoding;     /* an answer is encoded as its request was; else JSON */
  gint quoted_keys_from_version; /* route bodies: of the request's version */
  gint64 unregister_delay_us;    /* stop: so long after the listener closed, 104 is sent */
  gint64 first_scan_us;          /* of the name server */
  gint64 scan_period_us;
  const char *faq_url; /* at the end of [17] */
  gint64 transaction_check_interval_ms; /* unless the broker's configuration says otherwise */
} RmqMockProfile;

#define RMQ_MOCK_PROFILE_DEFAULT "4.9"
/* name (nullable): the default. (nullable): no such version. */
const RmqMockProfile *rmq_mock_profile_find (const char *name);
char *rmq_mock_profile_join_names (void); /* "4.5.1, 4.9, 5.3" (transfer full) */

G_END_DECLS
