# SPDX-License-Identifier: Apache-2.0
"""Bodies as they were before compression."""
import base64
import zlib

COMPRESSED_FLAG = 1


def body_of(message):
    """The body of one message of GET /v1/messages."""
    body = base64.b64decode(message["body"])
    return zlib.decompress(body) if message.get("sysFlag", 0) & COMPRESSED_FLAG else body
