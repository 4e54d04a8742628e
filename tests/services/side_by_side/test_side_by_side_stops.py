"""One target of a comparison stopped while the others go on."""

from __future__ import annotations

import asyncio

import pytest

from landfall.core.errors import Interrupted, ModelNotFound
from landfall.services.side_by_side.stops import Stops


class Work:
    """Waits until it is let go, and says whether it was cut."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.cut = False

    async def run(self) -> None:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cut = True
            raise


async def test_that_a_stop_cuts_the_work_of_its_target_and_of_no_other() -> None:
    stops, first, second = Stops(), Work(), Work()
    held = [
        asyncio.create_task(stops.hold(i, work.run())) for i, work in enumerate((first, second))
    ]
    await asyncio.sleep(0.01)
    await stops.stop(0)
    with pytest.raises(Interrupted, match="Stopped by you"):
        await held[0]
    second.go.set()
    await held[1]
    assert (first.cut, second.cut) == (True, False)


async def test_that_a_target_that_was_stopped_begins_nothing_more() -> None:
    stops, work = Stops(), Work()
    await stops.stop(3)
    with pytest.raises(Interrupted):
        await stops.hold(3, work.run())
    assert not work.go.is_set()


async def test_that_who_is_cancelled_waits_until_the_work_has_cleaned_up() -> None:
    stops, work = Stops(), Work()
    held = asyncio.create_task(stops.hold(0, work.run()))
    await asyncio.sleep(0.01)
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    assert work.cut


async def test_that_an_error_of_the_work_comes_through() -> None:
    async def fails() -> None:
        raise ModelNotFound("There is none.")

    with pytest.raises(ModelNotFound):
        await Stops().hold(0, fails())
