"""The browser source in a real browser: pictures move, what is transparent is so, and without the token is nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from app.output.browser_source import BrowserSource
from app.output.destinations import BrowserWish
from app.packets import Cutout, RenderedFrame
from tests.helpers.browser import START_S, Page, chromium, page_at
from tests.helpers.frames import plain, rendered

SIZE = (96, 128)
GREEN = (0, 177, 64)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with chromium(tmp_path_factory.mktemp("chromium") / "profile") as port:
        yield port


@pytest.fixture
def source() -> Iterator[tuple[BrowserSource, BrowserWish]]:
    wish = BrowserWish(0)
    source = BrowserSource(wish, lambda address, viewers: None)
    source.open()
    yield source, wish
    source.close()


def moving(number: int) -> RenderedFrame:
    return rendered(plain((number * 40 % 250, 60, 60), SIZE), number)


def cut_out(number: int) -> RenderedFrame:
    """Nobody on the left, somebody on the right."""
    alpha = np.zeros(SIZE, np.uint8)
    alpha[:, SIZE[1] // 2 :] = 255
    image = plain(GREEN, SIZE)
    image[:, SIZE[1] // 2 :] = (200, 150, 120)
    return replace(rendered(image, number), cutout=Cutout(alpha, GREEN))


async def show_until(page: Page, source: BrowserSource, frames: Iterator[RenderedFrame], shown: int) -> None:
    """Send frames until the page has shown so many."""
    async with asyncio.timeout(START_S):
        while (await page.value_of("shown") or 0) < shown:
            source.send(next(frames))
            await asyncio.sleep(0.02)


def test_the_pictures_of_the_page_move(browser: int, source: tuple[BrowserSource, BrowserWish]) -> None:
    server, wish = source

    async def watch() -> list[tuple[int, ...]]:
        seen, frames = [], (moving(number) for number in count())
        async with page_at(browser, wish.url(server.port)) as page:
            for goal in (3, 5, 8, 12):
                await show_until(page, server, frames, goal)
                picture = await page.screenshot()
                seen.append(tuple(int(each) for each in picture[picture.shape[0] // 2, picture.shape[1] // 2]))
        return seen

    seen = asyncio.run(watch())
    assert len(set(seen)) >= 2, "the pictures move"
    for red, green, blue, opaque in seen:
        assert min(abs(red - number * 40 % 250) for number in range(25)) <= 4
        assert (abs(green - 60) <= 4, abs(blue - 60) <= 4, opaque) == (True, True, 255)


def test_what_is_transparent_is_so_on_the_page(browser: int, source: tuple[BrowserSource, BrowserWish]) -> None:
    server, wish = source

    async def watch() -> np.ndarray:
        async with page_at(browser, wish.url(server.port)) as page:
            await show_until(page, server, (cut_out(number) for number in count()), 3)
            return await page.screenshot()

    picture = asyncio.run(watch())
    middle, width = picture[picture.shape[0] // 2].astype(int), picture.shape[1]
    assert list(middle[int(0.4 * width)]) == [0, 0, 0, 0], "not even the green behind"
    assert np.abs(middle[int(0.6 * width)] - (200, 150, 120, 255)).max() <= 5


def test_without_the_token_the_browser_sees_nothing(
    browser: int, source: tuple[BrowserSource, BrowserWish], expected_log: pytest.LogCaptureFixture
) -> None:
    server, _ = source

    async def watch() -> tuple[str, int]:
        async with page_at(browser, BrowserWish().url(server.port)) as page:
            async with asyncio.timeout(START_S):
                while await page.value_of("document.readyState") != "complete" or not await page.value_of(
                    "document.body && document.body.innerText"
                ):
                    await asyncio.sleep(0.02)
            text = await page.value_of("document.body.innerText")
            return text, await page.value_of("document.querySelectorAll('canvas, img, video').length")

    assert asyncio.run(watch()) == ("not found", 0)
    assert len(expected_log.messages) == 1
