"""`action.yml`, its steps run as GitHub's runner would: bash, its variables and its files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
BINARIES = Path(sys.executable).parent
#: Words that no log, report or summary may hold.
SECRET = "parsnips"
HOSTILE = "\"; touch pwned; '$(touch pwned)`touch pwned` & | > pwned\n$(touch pwned)\n::error::x\n"

RULES = """\
version: 1
rules:
  - id: food.gravy
    description: A sauce
    severity: high
    action: hide
    when: {text: {words: [gravy]}}
    tests: {match: [gravy], pass: [grave]}
"""


@dataclass(frozen=True)
class Ran:
    """What a workflow sees of an action."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def annotations(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("::")]


def evaluated(value: str, inputs: dict[str, str], steps: dict[str, dict[str, str]]) -> str:
    """The expressions that the action uses, in the text of a value."""

    def one(found: re.Match[str]) -> str:
        match found[1].split("."):
            case ["inputs", name]:
                return inputs[name]
            case ["steps", step, "outputs", name]:
                return steps.get(step, {}).get(name, "")
        raise AssertionError(f"not an expression of this runner: {found[0]}")

    return re.sub(r"\$\{\{\s*(\S+)\s*\}\}", one, value)


class Runner:
    """Of one job. `workspace` is where its commands run."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "work space"
        self.temp = folder / "temp"
        for made in (self.workspace, self.temp):
            made.mkdir()

    def run(self, *steps: dict[str, object], **given: str) -> Ran:
        """These steps; inputs with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in given.items()}
        declared = ACTION["inputs"]
        assert named.keys() <= declared.keys()
        inputs = {name: one.get("default", "") for name, one in declared.items()} | named
        said: dict[str, dict[str, str]] = {}
        code, log, summary = 0, "", self.temp / "summary"
        for number, step in enumerate(steps):
            files = {"GITHUB_OUTPUT": self.temp / f"out{number}", "GITHUB_STEP_SUMMARY": summary}
            for file in files.values():
                file.write_text("")
            script = self.temp / f"{number}.sh"
            script.write_text(step["run"])
            assert step["shell"] == "bash"
            env = {name: evaluated(value, inputs, said) for name, value in step["env"].items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
                cwd=self.workspace,
                env={
                    **os.environ,
                    **{name: str(file) for name, file in files.items()},
                    "GITHUB_ACTIONS": "true",
                    "CI": "true",
                    "RUNNER_TEMP": str(self.temp),
                    "GITHUB_ACTION_PATH": str(ROOT),
                    "GITHUB_WORKSPACE": str(self.workspace),
                    **env,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=300,
            )
            log += done.stdout
            lines = files["GITHUB_OUTPUT"].read_text().splitlines()
            assert all("=" in line for line in lines)
            said[step.get("id", "")] = dict(line.split("=", 1) for line in lines)
            code = done.returncode
            if code:
                break
        outputs = {
            name: evaluated(one["value"], inputs, said) for name, one in ACTION["outputs"].items()
        }
        return Ran(code, log, outputs, summary.read_text())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    made = Runner(tmp_path)
    (made.workspace / "rules.yaml").write_text(RULES)
    comments = ["Thanks", f"gravy on {SECRET}", "More, please"]
    lines = [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(comments)]
    (made.workspace / "com ments.jsonl").write_text("\n".join(lines) + "\n")
    return made


@pytest.fixture
def scan(runner: Runner):
    """The step that scans, where the program of this environment stands for an installed one."""
    programs = runner.temp / "moderation" / "bin"
    programs.mkdir(parents=True)
    (programs / "moderation").symlink_to(BINARIES / "moderation")
    usual = {"paths": "com ments.jsonl", "rules": "rules.yaml", "model": "none"}

    def scan(**inputs: str) -> Ran:
        return runner.run(STEPS[1], **{**usual, **inputs})

    return scan


class TestTheFile:
    def test_it_has_the_form_that_github_documents(self):
        command = [BINARIES / "check-jsonschema", "--builtin-schema", "vendor.github-actions"]
        done = subprocess.run([*command, ROOT / "action.yml"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout

    def test_it_has_no_known_hole(self):
        command = [BINARIES / "zizmor", "--offline", "--persona", "auditor", ROOT / "action.yml"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout

    def test_no_expression_is_a_part_of_a_script(self):
        assert not [step["name"] for step in STEPS if "${{" in step["run"]]

    def test_every_input_reaches_one_script_that_reads_it(self):
        for name in ACTION["inputs"]:
            variable = f"INPUT_{name.upper().replace('-', '_')}"
            (step,) = [step for step in STEPS if variable in step["env"]]
            assert step["env"][variable] == f"${{{{ inputs.{name} }}}}"
            assert f"${variable}" in step["run"]

    def test_its_page_has_every_input_and_its_example_no_other(self):
        page = (ROOT / "docs" / "ci.md").read_text("utf-8")
        assert re.findall(r"^\| `(\S+)` \|", page, re.MULTILINE) == list(ACTION["inputs"])
        workflow = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)[0])
        (used,) = [s for s in workflow["jobs"]["scan"]["steps"] if s.get("id") == "scan"]
        assert used["with"].keys() < ACTION["inputs"].keys()

    def test_it_needs_no_other_action(self):
        assert not [step for step in STEPS if "uses" in step]


def test_it_installs_itself_and_scans(runner):
    # What lies in the workspace is somebody else's, and is not run.
    for name in ("venv.py", "pip.py", "moderation.py"):
        (runner.workspace / name).write_text("open('pwned', 'w')")
    ran = runner.run(
        *STEPS, paths="com ments.jsonl", rules="rules.yaml", model="none", sarif="out.sarif"
    )
    assert ran.code == 1, ran.log
    assert ran.outputs == {"exit-code": "1", "sarif": "out.sarif"}
    assert not (runner.workspace / "pwned").exists()
    (annotation,) = ran.annotations
    assert annotation.startswith("::error file=com ments.jsonl,line=2,")
    assert "food.gravy" in ran.summary
    sarif = (runner.workspace / "out.sarif").read_text()
    (result,) = json.loads(sarif)["runs"][0]["results"]
    assert result["ruleId"] == "food.gravy"
    assert SECRET not in ran.log + ran.summary + sarif


@pytest.mark.parametrize("extras", [HOSTILE, "web]; x", "web @ https://example.org", "../x"])
def test_extras_are_names(runner, extras):
    ran = runner.run(STEPS[0], extras=extras)
    assert (ran.code, ran.annotations) == (2, ["::error::extras: names with commas between"])
    assert not list(runner.temp.glob("moderation*"))
    assert not (runner.workspace / "pwned").exists()


class TestScan:
    def test_nothing_found(self, scan):
        ran = scan(fail_on="never")
        assert (ran.code, ran.outputs) == (0, {"exit-code": "0", "sarif": ""})
        assert "food.gravy" in ran.summary

    def test_wrong_rules(self, scan):
        ran = scan(rules="absent.yaml", sarif="out.sarif")
        assert (ran.code, ran.outputs) == (2, {"exit-code": "2", "sarif": ""})

    def test_unreadable(self, scan):
        ran = scan(paths="absent.jsonl\ncom ments.jsonl", sarif="out.sarif")
        assert (ran.code, ran.outputs) == (3, {"exit-code": "3", "sarif": "out.sarif"})
        assert ran.annotations, "the other file was read"

    def test_several_of_each(self, scan, runner):
        (runner.workspace / "--fail-on=never").write_text("A turnip and gravy\n")
        (runner.workspace / "more.yaml").write_text(RULES.replace("gravy", "turnip"))
        ran = scan(
            paths="com ments.jsonl\n\n--fail-on=never\n",
            rules="rules.yaml\nmore.yaml",
            args="--input-format\nauto\n--format=jsonl=out put.jsonl",
            show_text="full",
        )
        assert ran.code == 1, ran.log
        assert SECRET in ran.log
        lines = (runner.workspace / "out put.jsonl").read_text().splitlines()
        found = [[flag["rule"] for flag in json.loads(line)["flags"]] for line in lines]
        assert found == [[], ["food.gravy"], [], ["food.gravy", "food.turnip"]]

    def test_a_baseline(self, scan):
        assert scan(args="--write-baseline=known").code == 0
        assert scan(baseline="known").code == 0
        assert scan().code == 1

    def test_severity(self, scan):
        assert scan(min_severity="critical").code == 0

    @pytest.mark.parametrize("name", [name for name in ACTION["inputs"] if name != "extras"])
    def test_an_input_is_never_a_command(self, scan, runner, name):
        before = {path.name for path in runner.workspace.iterdir()}
        ran = scan(**{name.replace("-", "_"): HOSTILE})
        # An argument that is no option is one more file.
        assert ran.code == (3 if name in ("paths", "args") else 2), ran.log
        assert ran.outputs["sarif"] == ""
        assert {path.name for path in runner.workspace.iterdir()} == before
        assert "::error::x" not in ran.annotations
