"""Where the model runs, and with how many threads."""

from __future__ import annotations

import pytest
import torch

from app.devices import DeviceUnavailable, choose_device, limit_torch_threads, torch_thread_count, usable_cores


def test_the_cpu_is_always_there() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda", "mps")


def test_a_device_asked_for_by_name_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailable) as caught:
        choose_device("cuda")
    assert caught.value.exit_code == 3
    assert str(caught.value) == (
        "The device 'cuda' cannot be used. Torch does not find an NVIDIA GPU with its driver on this machine. "
        "Use --device cpu, or --device auto to take the best there is."
    )


def test_auto_takes_a_gpu_before_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 3), (64, 8)])
def test_one_core_stays_free_of_torch(cores: int, threads: int) -> None:
    assert torch_thread_count(cores) == threads


def test_the_limit_is_applied() -> None:
    before = torch.get_num_threads()
    try:
        limit_torch_threads()
        assert torch.get_num_threads() == torch_thread_count(usable_cores())
    finally:
        torch.set_num_threads(before)
