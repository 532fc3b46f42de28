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
/* The same where the place is part of the text, or there is none. */
RmqRemotingCommand *rmq_java_throw_text (const RmqRemotingCommand *request, const char *remark);
/* ConcurrentHashMap.get (null) */
RmqRemotingCommand *rmq_java_throw_null_key (const RmqRemotingCommand *request, const char *place);
/* Where one of our limits is met, a real broker ends up here too. */
RmqRemotingCommand *rmq_java_throw_heap_space (const RmqRemotingCommand *request,
                                               const char *place);
RmqRemotingCommand *rmq_java_throw_null (const RmqRemotingCommand *request, const char *place);
/* A body that is no object. */
RmqRemotingCommand *rmq_java_throw_json (const RmqRemotingCommand *request,
                                         const RmqMockProfile *profile);

G_END_DECLS
