/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-unsupported.h"

G_BEGIN_DECLS

/* What our name server and our broker don't do: of const RmqKnownFeature *, by role. (transfer
 * full) */
GPtrArray *rmq_mocks_list_unsupported (void);

G_END_DECLS
