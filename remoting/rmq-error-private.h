/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-error.h"

G_BEGIN_DECLS

/* How the errors of rmq-error.h are made. Texts are copied. */
typedef struct
{
  const char *remark;
  const char *broker_name;
  const char *broker_addr;
  guint attempts;
  gboolean outcome_unknown; /* bytes left and no answer came: may be stored */
} RmqErrorDetails;
GError *rmq_error_new (GQuark domain, gint code, const RmqErrorDetails *details, const char *format,
                       ...) G_GNUC_PRINTF (4, 5);
void rmq_error_get_details (const GError *error, RmqErrorDetails *details); /* borrowed texts */

G_END_DECLS
