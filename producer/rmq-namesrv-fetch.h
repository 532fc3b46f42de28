/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-client-instance.h"

G_BEGIN_DECLS

/* Name server addresses from an address server. Owner only. Mirrors TopAddressing and
 * MQClientAPIImpl#fetchNameServerAddr. */

/* domain (nullable): the default one; with a ':' taken as host:port. (transfer full) */
char *rmq_namesrv_url (const char *domain);
/* error (nullable): why the old list stays. One query at a time. */
void rmq_namesrv_fetch (RmqClientInstance *instance, RmqClientInstanceDone done, gpointer data);
/* The instance goes; an answer that comes later finds nobody. */
void rmq_namesrv_fetch_cancel (RmqClientInstance *instance);

G_END_DECLS
