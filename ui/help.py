"""The presenter's part for explanations: the first steps, one at a time, the list of keys, the language."""

from __future__ import annotations

from dataclasses import replace

from app.remembered import Language
from ui import strings
from ui.memory import Memory
from ui.notices import NoticeBoard
from ui.protocols import MainView
from ui.shown import GuideStep, Notice, NoticeKind
from ui.stages import StageSight

STEPS = 3
CAMERA_STEP = 1
"""The camera is chosen in the side panel."""


class HelpDesk:
    """Implements `ui.intents.HelpIntents`. The first steps are shown until they were gone through, or skipped, once."""

    def __init__(self, view: MainView, memory: Memory, notices: NoticeBoard, stages: StageSight) -> None:
        self._view, self._memory, self._notices, self._stages = view, memory, notices, stages
        self._step: int | None = None if memory.values.guided or not memory.keeps else 0
        self._shown: GuideStep | None = None
        self._done = (True, False, False)

    def keys_wanted(self) -> None:
        self._view.show_keys()

    def language_chosen(self, language: Language) -> None:
        """Remember it; the views of this run stay as they were made."""
        if language is not self._memory.values.language:
            self._memory.update(replace(self._memory.values, language=language))
            self._notices.add(Notice(NoticeKind.INFO, strings.LANGUAGE_LATER, strings.LANGUAGE_LATER_WHY, ""))
        self.show_language()

    def show_language(self) -> None:
        """Set the choice to what is remembered."""
        self._view.show_language(self._memory.values.language)

    def stages_wanted(self) -> None:
        self._stages.open()

    def stages_closed(self) -> None:
        self._stages.close()

    def tick(self) -> None:
        """Called a few times a second."""
        self._stages.tick()

    def guide_wanted(self) -> None:
        self._go_to(0)

    def guide_next(self) -> None:
        if self._step is not None:
            self._go_to(self._step + 1)

    def guide_back(self) -> None:
        if self._step:
            self._go_to(self._step - 1)

    def guide_skipped(self) -> None:
        self._go_to(STEPS)

    def show(self, *, face_found: bool, live: bool) -> None:
        """Bring the guide up to what has been done: a portrait is there from the start."""
        self._done = (True, face_found, live)
        self._show()

    def _go_to(self, step: int) -> None:
        self._step = step if step < STEPS else None
        if self._step is None:
            self._memory.update(replace(self._memory.values, guided=True))
        self._show()

    def _show(self) -> None:
        step = None if self._step is None else self._made(self._step)
        if step != self._shown:
            self._shown = step
            self._view.show_guide(step)

    def _made(self, step: int) -> GuideStep:
        done = self._done[step]
        texts = strings.GUIDE_DONE_TEXTS if done else strings.GUIDE_TEXTS
        return GuideStep(step + 1, STEPS, strings.GUIDE_TITLES[step], texts[step], done, at_side=step == CAMERA_STEP)
