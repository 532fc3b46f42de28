/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-codec.h"
#include "rmq-mock-profile.h"

G_BEGIN_DECLS

/* NamesrvConfig and NettyServerConfig: the settings a name server of a version has, as texts. Those
 * read while it runs act at once (rmq_nameserver_config_is_on()); the others only say what was set,
 * as a real server that wasn't started again. Pure. */

typedef enum
{
  RMQ_CONFIG_UPDATED,
  RMQ_CONFIG_UNREADABLE, /* the text is no list of properties */
  RMQ_CONFIG_REFUSED,    /* it names what this version doesn't let change */
} RmqConfigUpdate;

RmqProperties *rmq_nameserver_config_new (const RmqNameserverProfile *profile);
/* The text of a Java properties file: "key=value" lines. Keys that aren't there are passed over,
 * and so are values that don't fit. */
RmqConfigUpdate rmq_nameserver_config_update (RmqProperties *config,
                                              const RmqNameserverProfile *profile,
                                              const char *text);
/* FALSE too: this version has no such setting. */
gboolean rmq_nameserver_config_is_on (const RmqProperties *config, const char *name);
/* TRUE: this version has it, and it is "false". */
gboolean rmq_nameserver_config_is_off (const RmqProperties *config, const char *name);
gint64 rmq_nameserver_config_get_number (const RmqProperties *config, const char *name);
char *rmq_nameserver_config_format (const RmqProperties *config); /* (transfer full) */

G_END_DECLS
