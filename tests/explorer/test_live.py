"""A model that is replaced while others look: who listens hears of it, from any thread."""

from __future__ import annotations

import threading

from explored import made_side

from zspace.explorer.live import Live

FIRST, SECOND = made_side(name="first"), made_side(name="second")


def test_a_finished_run_has_no_note() -> None:
    live = Live(FIRST)
    assert live.side is FIRST and live.note == "" and live.version == 0


def test_who_listens_finds_the_new_model_until_the_listening_ends() -> None:
    live, heard = Live(FIRST, "After epoch 1 of 2."), []
    end = live.listen(lambda: heard.append((live.side, live.note, live.version)))
    live.replace(SECOND, "After epoch 2 of 2.")
    live.replace(SECOND, "")
    end()
    end()
    live.replace(FIRST, "again")
    assert heard == [(SECOND, "After epoch 2 of 2.", 1), (SECOND, "", 2)]
    assert (live.side, live.note, live.version) == (FIRST, "again", 3)


def test_one_that_fails_keeps_nobody_from_hearing(caplog) -> None:
    live, heard = Live(FIRST), []

    def broken() -> None:
        raise RuntimeError("a page that is gone")

    live.listen(broken)
    live.listen(lambda: heard.append(live.side))
    live.replace(SECOND, "")
    assert heard == [SECOND]
    assert "could not take in" in caplog.text and "a page that is gone" in caplog.text


def test_the_same_function_may_listen_twice_and_a_listener_may_end_itself() -> None:
    live, heard = Live(FIRST), []
    ends = [live.listen(lambda: heard.append(1)), live.listen(lambda: heard.append(1))]
    own = []
    own.append(live.listen(lambda: (heard.append("once"), own[0]())))
    live.replace(SECOND, "")
    ends[0]()
    live.replace(FIRST, "")
    assert heard == [1, 1, "once", 1]


def test_no_replacement_is_lost_or_torn_among_many_threads() -> None:
    live, heard, torn = Live(FIRST, "first"), [], []
    sides = {"first": FIRST, "second": SECOND}
    barrier = threading.Barrier(8)

    def hear() -> None:
        heard.append(live.version)

    def work(name: str) -> None:
        barrier.wait(20)
        for _ in range(200):
            end = live.listen(lambda: None)
            live.replace(sides[name], name)
            _, side, note = live._shown
            if sides[note] is not side:
                torn.append(note)
            end()

    live.listen(hear)
    names = ["first", "second"] * 4
    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert live.version == 8 * 200 == len(heard) and not torn
    assert len(live._listeners) == 1
