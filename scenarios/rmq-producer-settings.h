/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-producer.h"

G_BEGIN_DECLS

/* Options of a producer as a scenario sets them: "set maxMessageSize 1024". */

/* FALSE: error says which options there are (G_IO_ERROR_NOT_FOUND), or what the value must be. */
gboolean rmq_producer_setting_check (const char *name, const char *value, GError **error);
/* setting: "NAME=VALUE", checked before; the producer was not started yet. */
void rmq_producer_setting_apply (RmqProducer *producer, const char *setting);

G_END_DECLS
