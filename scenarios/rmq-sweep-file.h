/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-seed-result.h"
#include "rmq-sweep-plan.h"

G_BEGIN_DECLS

/* What a shard leaves behind: sweep-K-of-N.ndjson in a folder that shards may share. Its first line
 * says which sweep it belongs to, each further one is a result, in the order of the plan. Whatever
 * ends the program, the lines that are there are whole and true. */

typedef struct _RmqSweepWriter RmqSweepWriter;
/* Makes the folder if it isn't there; an older file of the same shard is replaced. */
RmqSweepWriter *rmq_sweep_writer_new (const char *folder, const RmqSweepPlan *plan, GError **error);
gboolean rmq_sweep_writer_add (RmqSweepWriter *writer, const char *line, GError **error);
void rmq_sweep_writer_free (RmqSweepWriter *writer); /* nullable */

typedef struct _RmqSweepReader RmqSweepReader;
RmqSweepReader *rmq_sweep_reader_new (const char *path, GError **error);
const char *rmq_sweep_reader_get_path (const RmqSweepReader *reader);
/* As its first line has it: scenarios are known by name only. */
const RmqSweepPlan *rmq_sweep_reader_get_plan (const RmqSweepReader *reader);
/* The next result, or NULL at the end, or with error set. A last line that is torn is no error: its
 * program was killed. line: what it was read from, valid until the next call. */
RmqSeedResult *rmq_sweep_reader_next (RmqSweepReader *reader, const char **line, GError **error);
void rmq_sweep_reader_free (RmqSweepReader *reader); /* nullable */

/* Paths of all such files in the folder, sorted. NULL: error is set; there must be one. */
char **rmq_sweep_list_files (const char *folder, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSweepWriter, rmq_sweep_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSweepReader, rmq_sweep_reader_free)

G_END_DECLS
