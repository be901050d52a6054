"""Which programs there are, and in which folder finished ones are kept."""

from pathlib import Path

import pytest

from countersign.dev.programs import PROGRAMS, cache_directory, modules_directory


def test_what_every_test_needs_is_built_first():
    """The scheduler and the simulated node can wait, etcd and the API server cannot."""
    assert [program.name for program in PROGRAMS[:2]] == ["etcd", "kube-apiserver"]


def test_a_kubernetes_program_knows_its_version():
    """Otherwise it calls itself v0.0.0, and clients refuse to work with it."""
    apiserver = next(program for program in PROGRAMS if program.name == "kube-apiserver")

    assert f"gitVersion=v{apiserver.version}" in apiserver.linker_flags
    assert "gitMajor=1" in apiserver.linker_flags


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_sources_of_every_program_are_pinned(program):
    """The version we name is the one whose hash stands in go.sum."""
    module = modules_directory(program.shelf) / program.module

    assert f" v{program.version}" in (module / "go.mod").read_text()
    assert f" v{program.version} h1:" in (module / "go.sum").read_text()
    assert program.package in (module / "go.mod").read_text()


def test_no_module_file_names_a_package_registry():
    """Where modules come from is the user's configuration."""
    for program in PROGRAMS:
        for file in (modules_directory(program.shelf) / program.module).glob("go.*"):
            assert "proxy." not in file.read_text()


def test_the_cache_folder_follows_the_xdg_variable(tmp_path):
    """Its name holds the versions, so another version never finds old programs."""
    folder = cache_directory({"XDG_CACHE_HOME": str(tmp_path)})

    assert folder.parent == tmp_path / "countersign" / "controlplane"
    assert folder.name.startswith("1.36.3-3.6.14-")


@pytest.mark.parametrize("value", ["", "relative/cache"])
def test_a_relative_cache_folder_is_ignored(value):
    """As the XDG specification wants it."""
    assert cache_directory({"XDG_CACHE_HOME": value}).is_relative_to(Path.home() / ".cache")


def test_tools_are_cached_apart():
    """Another version of Helm does not build Kubernetes again."""
    shelves = {program.name: cache_directory({}, shelf=program.shelf).parent.name for program in PROGRAMS}

    assert shelves["helm"] == shelves["kubeconform"] == "tools"
    assert shelves["kube-apiserver"] == shelves["kubectl"] == "controlplane"
