"""Made once for all who ask at the same time; nobody waits for another's; the latest are kept."""

from __future__ import annotations

import threading
import time

import pytest

from zspace.explorer.once import Once


def test_twenty_who_ask_get_one() -> None:
    once, made, got, ready = Once(most=4), [], [], threading.Barrier(20)

    def make() -> object:
        made.append(1)
        time.sleep(0.05)  # so that all others come while it is made
        return object()

    def ask() -> None:
        ready.wait(20)
        got.append(once.get("a", make))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 1 and len(got) == 20 and len(set(map(id, got))) == 1


def test_nobody_waits_for_another_thing() -> None:
    once, begun, may_end = Once(most=4), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert may_end.wait(20)
        return "slow"

    thread = threading.Thread(target=once.get, args=("slow", slow))
    thread.start()
    assert begun.wait(20)
    assert once.get("quick", lambda: "quick") == "quick"
    may_end.set()
    thread.join(20)
    assert once.get("slow", lambda: "again") == "slow"


def test_those_not_asked_for_go() -> None:
    once = Once(most=2)
    for key in "abac":  # b has waited longest
        once.get(key, lambda key=key: key)
    assert [once.get(key, lambda: "new") for key in "ac"] == ["a", "c"]
    assert once.get("b", lambda: "new") == "new"


def test_what_fails_is_not_kept() -> None:
    once = Once(most=2)
    with pytest.raises(RuntimeError):
        once.get("a", lambda: (_ for _ in ()).throw(RuntimeError("no")))
    assert once.get("a", lambda: None) is None
    assert once.get("a", lambda: 1) is None, "None is a thing, too"
