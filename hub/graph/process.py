"""The program of one query worker: reads requests from its input, answers on its output, ends when the input does.

A frame is four bytes of length and that many bytes. A request is a JSON frame; an answer is a JSON frame and a frame
with the body. Started by `hub.graph.worker`; it takes the limits as JSON on its command line.
"""

import ctypes
import json
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Mapping
from typing import Any, Final

from pyoxigraph import NamedNode, Store

from hub.errors import NotAcceptable
from hub.graph.answers import Limits, encode

_SOCKET: Final = {"x86_64": 41, "aarch64": 198}  # the number of the system call
NICE: Final = 10  # the search goes first
_GRACE: Final = 1.0  # seconds that the parent has to kill a worker before the kernel does
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_KILL_PROCESS, _ALLOW = 0x80000000, 0x7FFF0000


class _Instruction(ctypes.Structure):
    """One instruction of the kernel's packet filter language (struct sock_filter)."""

    _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction))]


def seal() -> bool:
    """From now on the kernel kills this process when it opens a socket; False where it cannot be asked to (seccomp).

    The engine has no switch for SERVICE, and its parser can be talked into one that no lexer sees.
    """
    number = _SOCKET.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return False
    instructions = (_Instruction * 4)(
        _Instruction(0x20, 0, 0, 0),  # load the number of the call
        _Instruction(0x15, 0, 1, number),  # is it socket()?
        _Instruction(0x06, 0, 0, _KILL_PROCESS),
        _Instruction(0x06, 0, 0, _ALLOW),
    )
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    program = _Program(4, instructions)
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def read_frame(source: int) -> bytes | None:
    """None where the input ended."""
    head = _read(source, 4)
    return None if head is None else _read(source, struct.unpack("!I", head)[0])


def _read(source: int, length: int) -> bytes | None:
    parts = []
    while length:
        part = os.read(source, min(length, 1 << 20))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def write_frame(target: int, data: bytes) -> None:
    rest = memoryview(struct.pack("!I", len(data)) + data)
    while rest:
        rest = rest[os.write(target, rest) :]


def _query(store: Store, request: Mapping[str, Any], limits: Limits) -> tuple[dict[str, Any], bytes]:
    """Runs one query. The alarm is the kernel's bound on a worker whose parent died, whatever the engine does then."""
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + _GRACE)
    try:
        result = store.query(request["query"], **_dataset(request))
        answer = encode(result, request["accept"], limits)
    except SyntaxError as error:
        return {"problem": "syntax", "reason": str(error)}, b""
    except NotAcceptable as error:
        return {"problem": "accept", "message": error.message, "values": error.values}, b""
    except MemoryError:
        return {"problem": "memory"}, b""
    except (RuntimeError, ValueError, OSError) as error:
        return {"problem": "evaluation", "reason": str(error)}, b""
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"media_type": answer.media_type, "truncated": answer.truncated, "rows": answer.rows}, answer.body


def _dataset(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine's default graph and named graphs are; the protocol's own words overrule FROM."""
    if request["default"] or request["named"]:
        return {
            "default_graph": [NamedNode(name) for name in request["default"]],
            "named_graphs": [NamedNode(name) for name in request["named"]],
        }
    return {"use_default_graph_as_union": request["union"]}


def _opened(path: str) -> tuple[Store | None, dict[str, Any]]:
    try:
        return Store.read_only(path), {}
    except (OSError, RuntimeError, MemoryError) as error:
        return None, {"problem": "snapshot", "reason": f"{path}: {error}"}


def main(limits: Limits) -> None:
    """Says whether it is sealed, then answers `{"open": path}` and `{"query": …}` until its input ends."""
    source, target = 0, os.dup(1)
    os.dup2(2, 1)  # nothing that prints can spoil a frame
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICE)
    write_frame(target, json.dumps({"sealed": seal()}).encode())
    store: Store | None = None
    while (frame := read_frame(source)) is not None:
        request, body = json.loads(frame), b""
        if "open" in request:
            store = None
            store, told = _opened(request["open"])
        elif store is None:
            told = {"problem": "snapshot", "reason": "no snapshot is open"}
        else:
            told, body = _query(store, request, limits)
        write_frame(target, json.dumps(told).encode())
        write_frame(target, body)


if __name__ == "__main__":
    main(Limits(**json.loads(sys.argv[1])))
