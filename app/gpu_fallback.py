"""What a person is told when the GPU gave up and something else goes on in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.errors import EnvironmentProblem
from app.pipeline import ModelInUse

if TYPE_CHECKING:  # torch takes seconds to import
    from models.session.guarded_animator import GaveUp
    from models.types import Animator

TellModel = Callable[[ModelInUse, Exception | None], None]


class GpuGaveUp(EnvironmentProblem):
    """The picture goes on, but not as it was asked for."""

    def __init__(self, gave_up: GaveUp) -> None:
        from models.session.failures import Failure

        said = (str(gave_up.error).strip().splitlines() or [type(gave_up.error).__name__])[0].rstrip(".")
        why, fix = {
            Failure.MEMORY: (
                "The GPU has no memory left.",
                "Close other programs that use the GPU, then start again.",
            ),
            Failure.LOST: (
                f"The GPU stopped working for this program ({said}).",
                "Start again; if it comes back, update the GPU's driver.",
            ),
            Failure.OTHER: (f"{said}.", "Start again; if it comes back, use --device cpu."),
        }[gave_up.kind]
        super().__init__(f"{gave_up.failed} cannot be used, {gave_up.serves} takes its place.", why=why, fix=fix)


def gave_up_for_good(model: str, serves: str, error: Exception) -> GpuGaveUp:
    """The sentence where a model's animator had nothing left to go on with, and another model takes its place."""
    from models.session.failures import failure_of
    from models.session.guarded_animator import GaveUp

    return GpuGaveUp(GaveUp(f"{model} on the GPU", f"{serves} on the CPU", failure_of(error), error))


def in_use(animator: Animator[Any]) -> ModelInUse:
    """What frames are made with, now."""
    return ModelInUse(animator.name, animator.device.type, animator.uses_references)


def watch_model(animator: Animator[Any], tell: TellModel) -> Animator[Any]:
    """The animator, which tells whenever it has to go on with something else."""
    from models.session.guarded_animator import GuardedAnimator

    if isinstance(animator, GuardedAnimator):
        animator.listener = lambda gave_up: tell(in_use(animator), GpuGaveUp(gave_up))
    return animator


def report_model(animator: Animator[Any], refused: Exception | None, tell: TellModel) -> None:
    """Tell what is in use, with the reason where it is not what was asked for; and again whenever that changes."""
    from models.session.guarded_animator import GuardedAnimator

    watch_model(animator, tell)
    if isinstance(animator, GuardedAnimator) and refused is None and animator.gave_up is not None:
        refused = GpuGaveUp(animator.gave_up)
    tell(in_use(animator), refused)
