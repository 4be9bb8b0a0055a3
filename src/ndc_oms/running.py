"""Runs a house until it is told to stop: as one process, as several on one port, or as the
fulfilment worker alone.
"""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

import uvloop

from ndc_oms.boot.house import open_house
from ndc_oms.boot.rooms import open_world
from ndc_oms.boot.web import parts, welcome
from ndc_oms.config import Config
from ndc_oms.errors import Invalid
from ndc_oms.server.app import build_app
from ndc_oms.server.listener import serve
from ndc_oms.server.logs import configure
from ndc_oms.server.memory import collect_now_and_then, collector_held, spare_collector
from ndc_oms.server.pages import Welcome, curl
from ndc_oms.server.siblings import retire
from ndc_oms.server.workers import Life, Parent, reserve
from ndc_oms.world.world import World


def run_server(config: Config) -> int:
    """Until SIGTERM or SIGINT; the status to exit with."""
    configure(config.log_format, config.log_level)
    if config.workers > 1:
        with collector_held():
            return _run_workers(config)
    with collector_held(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config))
    return 0


async def _serve(config: Config) -> None:
    async with open_house(config) as house:
        made = parts(house)
        try:
            await serve(
                build_app(made), config, lambda port: _announce(config.host, port, made.welcome)
            )
        except OSError as taken:
            raise _cannot_listen(config, taken) from taken


def _run_workers(config: Config) -> int:
    """The world is loaded once, before the fork, and shared by all."""
    try:
        reserved = reserve(config.host, config.port)
    except OSError as taken:
        raise _cannot_listen(config, taken) from taken
    port = int(reserved.getsockname()[1])
    shared = config.model_copy(update={"port": port})
    world = open_world(config)
    with reserved, tempfile.TemporaryDirectory(prefix="ndc-oms-metrics-") as folder:
        metrics = Path(folder)
        return Parent(
            config.workers,
            lambda life: _work_for(life, shared, world, metrics),
            all_ready=lambda: _announce(config.host, port, welcome(config, world)),
            ended=lambda pid: retire(metrics, pid),
        ).run()


def _work_for(life: Life, config: Config, world: World, metrics: Path) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve_for(life, config, world, metrics))


async def _serve_for(life: Life, config: Config, world: World, metrics: Path) -> None:
    loop = asyncio.get_running_loop()

    def parent_is_gone() -> None:
        loop.remove_reader(life.parent)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(life.parent, parent_is_gone)
    async with open_house(config, world=world) as house:
        app = build_app(parts(house, siblings=metrics))
        await serve(app, config, lambda _port: life.ready())


def _cannot_listen(config: Config, taken: OSError) -> Invalid:
    why = "there is no such host" if isinstance(taken, socket.gaierror) else taken.strerror
    return Invalid(
        f"Nothing can listen on {config.host}:{config.port}: {why}.",
        remedy="Name another port with --port; 0 takes any free one.",
    )


def _announce(host: str, port: int, shown: Welcome) -> None:
    """What a newcomer needs next, on standard output."""
    reached = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 — only compared
    base = shown.public_url or f"http://{reached}:{port}"
    lines = [
        f"{shown.airline} ({shown.designator}) answers NDC 21.3 at {base}/ndc",
        f"Start page: {base}/",
    ]
    if shown.key:
        lines += [
            f"Demo seller: key {shown.key}, OrgID {shown.org_id}",
            "Try:",
            curl(base, shown.key),
        ]
    sys.stdout.write("\n".join([*lines, ""]) + "\n")
    sys.stdout.flush()


def run_worker(config: Config) -> None:
    """The fulfilment worker alone, until SIGTERM or SIGINT."""
    configure(config.log_format, config.log_level)
    with collector_held(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_deliver(config))


async def _deliver(config: Config) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_house(config) as house:
        spare_collector()
        await house.store.begin_work(house.deliverer.owner)
        sys.stdout.write(f"Delivering as {house.deliverer.owner}\n")
        sys.stdout.flush()
        looking = asyncio.create_task(collect_now_and_then(lambda: False))
        async with asyncio.TaskGroup() as both:
            both.create_task(house.deliverer.run_forever(stop))
            both.create_task(house.feed.run_forever(stop))
            both.create_task(house.notifier.run_forever(stop))
            both.create_task(house.store.purger.run_forever(stop))
            both.create_task(house.store.watch.run_forever(stop))
        looking.cancel()
