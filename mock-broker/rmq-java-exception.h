/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-profile.h"
#include "rmq-remoting-command.h"

G_BEGIN_DECLS

/* What goes out when a processor of a real broker throws: [1], no field, its own encoding, the
 * exception and where it was thrown. place: "ClassName.method(ClassName.java:1)", of a processor.
 * (transfer full) */
RmqRemotingCommand *rmq_java_throw (const RmqRemotingCommand *request, const char *exception,
                                    const char *place);
RmqRemotingCommand *rmq_java_throw_null (const RmqRemotingCommand *request, const char *place);
/* A body that is no object. */
RmqRemotingCommand *rmq_java_throw_json (const RmqRemotingCommand *request,
                                         const RmqMockProfile *profile);

G_END_DECLS
