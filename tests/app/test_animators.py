from __future__ import annotations

import pytest

from app.animators import WeightsMissing, open_animator, uses_references
from app.errors import UsageProblem
from models.build import MODEL_NAMES


def test_the_default_model_needs_no_weights() -> None:
    assert open_animator(None, "cpu").name == "geometric"


def test_a_model_without_weights_says_so_and_names_one_that_works() -> None:
    with pytest.raises(WeightsMissing) as refused:
        open_animator("synergy:lite", "cpu")

    assert refused.value.what == "The model 'synergy' cannot be used."
    assert refused.value.why == "This release ships no weights for 'synergy', and none were found here."
    assert refused.value.fix == "Use --model geometric, which needs none, until a release brings them."


def test_a_model_that_does_not_exist_is_refused_with_the_list() -> None:
    with pytest.raises(UsageProblem) as refused:
        open_animator("magic", "cpu")

    assert refused.value.what == "There is no model called 'magic'."
    assert all(name in refused.value.why for name in MODEL_NAMES)


@pytest.mark.parametrize(
    ("model", "uses"), [(None, False), ("liveportrait", False), ("synergy", True), ("magic", True)]
)
def test_whether_references_count_is_known_without_loading_a_model(model: str | None, uses: bool) -> None:
    assert uses_references(model) is uses
