# SPDX-License-Identifier: Apache-2.0
"""What `./lab bench` reports: a row each, with its target and how it comes from the samples.

A sample's name is KIND.PLACE.us (µs a send), KIND.PLACE.cpu_us (CPU time of the sending process a
send), or what the program that prints it says.
"""
import dataclasses
import typing

WORSE_BY = 0.10
PLACES = {"one": "all on one core", "two": "a core each", "free": "cores as they come"}


@dataclasses.dataclass
class Row:
    key: str
    what: str
    values: typing.Callable  # of the samples: the list that the row is about, maybe empty
    text: typing.Callable    # of a value
    at_least: float = None
    at_most: float = None
    more_is_better: bool = False  # where there is no target

    def target_text(self):
        return (f">= {self.text(self.at_least)}" if self.at_least is not None
                else f"<= {self.text(self.at_most)}" if self.at_most is not None else "")

    def is_reached(self, value):
        return ((self.at_least is None or value >= self.at_least)
                and (self.at_most is None or value <= self.at_most))

    def is_worse(self, value, stored):
        """By more than a tenth, and than the worst of the stored run's own repeats."""
        if self.more_is_better or self.at_least is not None:
            return value < stored["median"] * (1 - WORSE_BY) and value < stored["least"]
        return value > stored["median"] * (1 + WORSE_BY) and value > stored["most"]


def us(value):
    return f"{value:.1f} us"


def ms(value):
    return f"{value:.2f} ms"


def percent(value):
    return f"{value:.0f} %"


def times(value):
    return f"{value:.2f}x"


def rate(value):
    return f"{value:,.0f}/s"


def megabytes(value):
    return f"{value:.1f} MB"


def count(value):
    return f"{value:.0f}"


def sample(name, factor=1.0):
    return lambda samples: [value * factor for value in samples.get(name, [])]


def rate_of(name):
    return lambda samples: [1e6 / value for value in samples.get(f"{name}.us", [])]


def ratio(above, below, factor):
    """Round by round: noise of a moment hits both."""
    return lambda samples: [factor * a / b for a, b in zip(samples.get(above, []),
                                                           samples.get(below, []))]


def slowdown(crowded, alone):
    return lambda samples: [100 * (c / a - 1) for c, a in zip(samples.get(crowded, []),
                                                              samples.get(alone, []))]


def sync_rows(place):
    where = PLACES[place]
    floor = f"floor.{place}.us"
    return [
        Row(floor, f"bare ping-pong of the same bytes, {where}", sample(floor), us),
        Row(f"sync_other.{place}", f"sync to another process, {where}: share of it",
            ratio(floor, f"sync_other.{place}.us", 100), percent, at_least=85),
        Row(f"sync_same.{place}", f"sync to this process, {where}: share of it",
            ratio(f"floor_same.{place}.us", f"sync_same.{place}.us", 100), percent, at_least=100),
        Row(f"sync_other_rate.{place}", f"sync to another process, {where}",
            rate_of(f"sync_other.{place}"), rate, more_is_better=True),
        Row(f"sync_same_rate.{place}", f"sync to this process, {where}",
            rate_of(f"sync_same.{place}"), rate, more_is_better=True),
    ]


def cpu_rows(place):
    """The floor's own CPU beside ours: across cores most of it is the wake-up of the peer."""
    where = PLACES[place]
    return [
        Row(f"cpu_floor.{place}", f"CPU a ping, its client alone, {where}",
            sample(f"floor.{place}.cpu_us"), us),
        Row(f"cpu_sync.{place}", f"CPU a message, client alone, sync, {where}",
            sample(f"sync_other.{place}.cpu_us"), us, at_most=20),
    ]


def footprint_rows(prefix, what, megabytes_max, threads_max):
    return [
        Row(f"{prefix}.rss", f"{what}: memory (RSS)", sample(f"{prefix}.rss_kib", 1 / 1024),
            megabytes, at_most=megabytes_max),
        Row(f"{prefix}.threads", f"{what}: threads", sample(f"{prefix}.threads"), count,
            at_most=threads_max),
    ]


ROWS = [
    *(row for place in PLACES for row in sync_rows(place)),
    Row("threads", "four threads, sync to another process: times one thread's",
        ratio("sync_other.free.us", "threads_other.free.us", 1), times, at_least=1.3),
    Row("async_other", "async, <= 512 in flight, to another process", rate_of("async_other.free"),
        rate, at_least=200_000),
    Row("async_other_two", "async, <= 512 in flight, to another process, a core each",
        rate_of("async_other.two"), rate, at_least=200_000),
    Row("async_same", "async, <= 512 in flight, to this process", rate_of("async_same.free"), rate,
        at_least=200_000),
    Row("batch", "messages in sync batches of 100, to another process",
        rate_of("batch_other.free"), rate, at_least=1_000_000),
    *(row for place in ("one", "two") for row in cpu_rows(place)),
    Row("cpu_async", "CPU a message, client alone, async", sample("async_other.free.cpu_us"), us,
        at_most=4),
    Row("crowd", "10,000 idle connections slow sync sends by",
        slowdown("sync_crowded.two.us", "sync_alone.two.us"), percent, at_most=10),
    Row("first_send", "1 name server + 3 brokers: start to first SEND_OK",
        sample("first_send_us", 1 / 1000), ms, at_most=2),
    *footprint_rows("all", "that program after 100 sends", 6, 3),
    *footprint_rows("topics_1", "a producer alone, 100 sends to 1 topic", 6, 3),
    *footprint_rows("topics_1000", "a producer alone, sends to 1000 topics", 6, 3),
    *footprint_rows("serve", "rmqlab serve after 100 sends", 9, 5),
    Row("events", "simulated events (40,000 sends, two brokers)", sample("events_per_s"), rate,
        at_least=1_000_000),
]
