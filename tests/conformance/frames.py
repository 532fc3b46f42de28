# SPDX-License-Identifier: Apache-2.0
"""Bytes on the wire: frames both ways, stored records, batches. Knows no socket and no probe."""
import json
import struct
import zlib

JSON, ROCKETMQ = "json", "rocketmq"
TYPES = {JSON: 0, ROCKETMQ: 1}
LANGUAGES = ["JAVA", "CPP", "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY", "OTHER", "HTTP", "GO",
             "PHP", "OMS", "RUST", "NODE_JS"]
FIXED_HEADER = struct.Struct(">hBhiii")  # code, language, version, opaque, flag, remark's length
RECORD_MAGIC = {0xDAA320A7: 1, 0xDAA320AB: 2}  # magic → bytes of the topic's length
BORN_HOST_IS_IPV6, STORE_HOST_IS_IPV6 = 0x10, 0x20


def crc(data):
    return zlib.crc32(data) & 0x7FFFFFFF


def json_header(header):
    """As fastjson writes it: sorted, compact, absent what is null."""
    members = {name: value for name, value in header.items() if value is not None}
    members["serializeTypeCurrentRPC"] = "JSON"
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def rocketmq_header(header):
    remark = (header.get("remark") or "").encode()
    area = b""
    for name, value in (header.get("extFields") or {}).items():
        if value is None:
            continue
        text = value if isinstance(value, str) else json.dumps(value)
        area += struct.pack(">h", len(name.encode())) + name.encode()
        area += struct.pack(">i", len(text.encode())) + text.encode()
    language = header.get("language", "JAVA")
    fixed = FIXED_HEADER.pack(header["code"],
                              LANGUAGES.index(language) if language in LANGUAGES else 7,
                              header.get("version", 0), header.get("opaque", 0),
                              header.get("flag", 0), len(remark))
    return fixed + remark + struct.pack(">i", len(area)) + area


def encode(header, body, encoding):
    text = json_header(header) if encoding == JSON else rocketmq_header(header)
    return frame(text, body, TYPES[encoding])


def frame(header, body, serialize_type=0, length=None, header_length=None):
    """Header and body as they are; the two lengths may lie."""
    length = 4 + len(header) + len(body) if length is None else length
    header_length = len(header) if header_length is None else header_length
    word = (serialize_type & 0xFF) << 24 | header_length & 0xFFFFFF
    return struct.pack(">II", length & 0xFFFFFFFF, word) + header + body


class Frame:
    """A frame that came: header as a dictionary, body, and how it was written."""

    def __init__(self, content):
        word, = struct.unpack(">I", content[:4])
        end = 4 + (word & 0xFFFFFF)
        self.encoding = JSON if word >> 24 == 0 else ROCKETMQ
        self.body = content[end:]
        self.faults = []
        if self.encoding == JSON:
            self.read_json(content[4:end])
        else:
            self.read_rocketmq(content[4:end])

    def read_json(self, text):
        pairs = json.loads(text.decode(), object_pairs_hook=list)
        names = [name for name, _ in pairs]
        self.header = dict(pairs)
        if names != sorted(names):
            self.faults.append("header members not in alphabetical order")
        if isinstance(self.header.get("extFields"), list):
            self.header["extFields"] = dict(self.header["extFields"])
        compact = json.dumps(self.header, separators=(",", ":"), ensure_ascii=False)
        if len(compact.encode()) != len(text):
            self.faults.append("header not as compact as can be")

    def read_rocketmq(self, data):
        code, language, version, opaque, flag, length = FIXED_HEADER.unpack(data[:17])
        remark = data[17:17 + length].decode() if length else None
        area_length, = struct.unpack(">i", data[17 + length:21 + length])
        area, fields = data[21 + length:21 + length + area_length], {}
        while area:
            name_length, = struct.unpack(">h", area[:2])
            name, area = area[2:2 + name_length].decode(), area[2 + name_length:]
            value_length, = struct.unpack(">i", area[:4])
            fields[name], area = area[4:4 + value_length].decode(), area[4 + value_length:]
        self.header = {"code": code, "language": LANGUAGES[language], "version": version,
                       "opaque": opaque, "flag": flag, "remark": remark,
                       "extFields": fields or None}

    @property
    def fields(self):
        return self.header.get("extFields") or {}

    @property
    def is_response(self):
        return self.header.get("flag", 0) & 1 == 1


def batch(messages):
    """The body of a batch: (body, properties) each."""
    out = b""
    for body, properties in messages:
        size = 22 + len(body) + len(properties)
        out += struct.pack(">iiiii", size, 0, 0, 0, len(body)) + body
        out += struct.pack(">h", len(properties)) + properties
    return out


class Reader:
    """Takes big-endian fields off the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        piece = self.data[self.at:self.at + size]
        if len(piece) < size:
            raise ValueError("record is cut")
        self.at += size
        return piece

    def number(self, size):
        return int.from_bytes(self.take(size), "big", signed=True)

    def host(self, is_ipv6):
        address = self.take(16 if is_ipv6 else 4)
        if is_ipv6:
            return f"[{address.hex()}]:{self.number(4)}"
        return ".".join(str(byte) for byte in address) + f":{self.number(4)}"


def is_record(data):
    return len(data) >= 8 and int.from_bytes(data[4:8], "big") in RECORD_MAGIC


def read_record(data):
    """(one stored record as a dictionary, the rest)"""
    reader = Reader(data)
    size, magic = reader.number(4), reader.number(4) & 0xFFFFFFFF
    body_crc = reader.number(4)
    record = {"queueId": reader.number(4), "flag": reader.number(4),
              "queueOffset": reader.number(8), "phy": reader.number(8),
              "sysFlag": reader.number(4), "bornTimestamp": reader.number(8)}
    record["bornHost"] = reader.host(record["sysFlag"] & BORN_HOST_IS_IPV6)
    record["storeTimestamp"] = reader.number(8)
    record["storeHost"] = reader.host(record["sysFlag"] & STORE_HOST_IS_IPV6)
    record["reconsumeTimes"], record["preparedOffset"] = reader.number(4), reader.number(8)
    body = reader.take(reader.number(4))
    record["topic"] = reader.take(reader.number(RECORD_MAGIC[magic])).decode()
    record["properties"] = reader.take(reader.number(2)).decode()
    record["body"] = body
    record["faults"] = [] if body_crc == crc(body) else ["body CRC is wrong"]
    if reader.at != size:
        record["faults"].append(f"size is {size}, not {reader.at}")
    return record, data[size:] if 0 < size <= len(data) else b""


def read_records(data):
    records = []
    while data:
        record, data = read_record(data)
        records.append(record)
    return records
