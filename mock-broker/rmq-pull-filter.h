/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-subscription-data.h"

G_BEGIN_DECLS

/* What a broker knows of a filter by tag: the hashes of the tags. */

typedef struct
{
  gboolean takes_all;
  GArray *codes; /* of gint32 (nullable) */
} RmqPullFilter;

/* FilterAPI#buildSubscriptionData. text (nullable): everything. FALSE: it doesn't compile, and
 * filter is still empty. */
gboolean rmq_pull_filter_parse (RmqPullFilter *filter, const char *text);
void rmq_pull_filter_take (RmqPullFilter *filter, const RmqSubscriptionData *subscription);
void rmq_pull_filter_copy (RmqPullFilter *to, const RmqPullFilter *from);
void rmq_pull_filter_clear (RmqPullFilter *filter);
gboolean rmq_pull_filter_matches (const RmqPullFilter *filter, gint64 tags_code);
/* ExpressionType#isTagType. type (nullable) */
gboolean rmq_expression_type_is_tag (const char *type);

G_END_DECLS
