"""Quotas as Linux shows them, in files of this test's own."""

import os

import pytest

from moderation.models import cores


@pytest.fixture
def machine(monkeypatch):
    """A machine with eight cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.fixture
def usable(machine, tmp_path):
    """`usable(membership, {file: content})`: the cores where Linux shows this."""

    def usable(membership, files):
        own = tmp_path / "cgroup"
        own.write_text(membership)
        for name, content in files.items():
            file = tmp_path / "fs" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return cores.usable(tmp_path / "fs", own)

    return usable


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000\n", 8),
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("10000 100000\n", 1),
        ("3200000 100000\n", 8),
        ("100000 0\n", 8),
        ("", 8),
        ("some words here\n", 8),
    ],
)
def test_version_2(usable, quota, expected):
    assert usable("0::/\n", {"cpu.max": quota}) == expected


@pytest.mark.parametrize(
    ("quota", "period", "expected"),
    [("-1", "100000", 8), ("250000", "100000", 3), ("1000", "100000", 1)],
)
def test_version_1(usable, quota, period, expected):
    files = {"cpu/cpu.cfs_quota_us": f"{quota}\n", "cpu/cpu.cfs_period_us": f"{period}\n"}
    assert usable("4:memory:/\n2:cpu,cpuacct:/\n0::/\n", files) == expected


def test_the_tightest_of_the_groups_around_counts(usable):
    files = {"a/cpu.max": "300000 100000", "a/b/cpu.max": "max 100000", "cpu.max": "500000 100000"}
    assert usable("0::/a/b/c\n", files) == 3


def test_the_groups_name_outside_of_the_container_leads_nowhere(usable):
    files = {"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000"}
    assert usable("1:cpu:/docker/0123\n", files) == 2


def test_nothing_above_the_mount_is_read(usable, tmp_path):
    (tmp_path / "cpu.max").write_text("100000 100000")
    assert usable("0::/a\n", {"a/cpu.max": "max 100000"}) == 8


def test_no_control_groups(machine, tmp_path):
    assert cores.usable(tmp_path / "gone", tmp_path / "gone too") == 8


def test_on_this_machine():
    assert 1 <= cores.usable() <= (os.cpu_count() or 1)
