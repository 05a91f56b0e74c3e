"""Serving until a signal to stop: the socket, the API, and the worker beside it."""

import asyncio
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI

from app.commands.api_server import ApiServer
from app.commands.failures import CommandFailed, Exit
from app.commands.heap import give_back_large_blocks
from app.commands.progress import console
from app.kernel.logging import configure, logger
from app.kernel.settings import Settings

log = logger("serving")

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LONGEST_PAUSE_OF_WORKER = 30.0
_SECONDS_FOR_JOBS = 12.0  # the worker itself gives the jobs it holds ten


def begin_log(settings: Settings) -> None:
    """Let this process write its log as the settings say."""
    configure(settings.log_level, settings.log_format)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let every stop signal end the block in order, as Ctrl-C does: what it opened is closed."""
    for number in _STOPS:
        signal.signal(number, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        console.print("Stopped before it was ready.")


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def take_port(settings: Settings) -> socket.socket:
    """A socket bound to where the API will listen. Raises `CommandFailed` where that is taken."""
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, number)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(address)
        except OSError:
            taken.close()
            raise
    except socket.gaierror as error:
        raise CommandFailed(
            f"SKRANKE_HOST is {settings.host}, which is no address of this machine.", Exit.PORT
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            line = f"{where} is taken by another program. Stop it, or choose another SKRANKE_PORT."
        else:
            line = f"The API cannot listen on {where}: {(error.strerror or '').lower()}."
        raise CommandFailed(line, Exit.PORT) from error
    return taken


async def serve(
    app: FastAPI,
    listener: socket.socket,
    *,
    worker: Callable[[], Awaitable[None]] | None,
    on_ready: Callable[[], None],
    grace: float = 0,
) -> None:
    """Serve `app` on `listener`, with a worker beside it if given, until a signal says stop.

    The API ends first (requests are taken for `grace` seconds more, open ones are answered), then
    the worker (what it holds is finished).
    """
    api = ApiServer(app, grace=grace, on_ready=on_ready)
    beside = asyncio.create_task(_keep_working(worker)) if worker else None
    with _signals(api.stop):
        try:
            await api.serve(sockets=[listener])
        except SystemExit:  # uvicorn has logged why
            raise CommandFailed(
                "The API could not start; the lines above say why.", Exit.UNEXPECTED
            ) from None
        finally:
            if beside:
                await _end({beside})


async def work(worker: Callable[[], Awaitable[None]], on_ready: Callable[[], None]) -> None:
    """Let the worker work until a signal says stop; what it holds is finished first."""
    stopping = asyncio.Event()
    task = asyncio.ensure_future(worker())
    with _signals(stopping.set):
        on_ready()
        told = asyncio.create_task(stopping.wait())
        await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if task.done():
            task.result()  # it ended by itself: by an error
        await _end({task})


def run_until_stopped(main: Callable[[], Awaitable[None]]) -> None:
    """Run `main` on the event loop that uvicorn chooses (uvloop where it is installed), with large
    freed blocks of memory returned, and leave no task running."""

    async def begin() -> None:
        try:
            await main()
        finally:
            own = asyncio.current_task()
            await _end((task for task in asyncio.all_tasks() if task is not own), patience=1.0)

    give_back_large_blocks()
    factory = uvicorn.Config("app.main", log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(begin())


async def _keep_working(worker: Callable[[], Awaitable[None]]) -> None:
    pause = 1.0
    while True:
        try:
            await worker()
        except Exception as error:
            log.exception("worker_fell", error=type(error).__name__, again_in_seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_OF_WORKER)


async def _end(tasks: Iterable[asyncio.Future[Any]], patience: float = _SECONDS_FOR_JOBS) -> None:
    """Cancel `tasks` and wait for their end.

    They are cancelled once and then, after `patience`, again every second: a connection that is
    being opened takes the first cancellation for a failure of its own and goes on."""
    waiting = set(tasks)
    for _ in range(10):
        for task in waiting:
            task.cancel()
        if not waiting:
            return
        ended, waiting = await asyncio.wait(waiting, timeout=patience)
        for task in ended:
            if not task.cancelled() and task.exception():
                log.warning("ended_by_error", error=type(task.exception()).__name__)
        patience = 1.0
    log.error("tasks_left", tasks=len(waiting))


@contextmanager
def _signals(stop: Callable[[], object]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _STOPS:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in _STOPS:
            loop.remove_signal_handler(number)
            signal.signal(number, _interrupt)
