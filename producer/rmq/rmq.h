/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <rmq-error.h>
#include <rmq-message-queue.h>
#include <rmq-message.h>
#include <rmq-producer.h>
#include <rmq-send-result.h>
