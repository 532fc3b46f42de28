/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A statement of the language: its form (a row of the table), and what was read into the struct
 * that the form declares. */

typedef struct _RmqStatementForm RmqStatementForm;

/* First member of every statement's struct. */
typedef struct
{
  const RmqStatementForm *form;
  guint line, column; /* from 1 */
  char *text;         /* as written, blanks trimmed, without comment */
} RmqStatement;

G_END_DECLS
