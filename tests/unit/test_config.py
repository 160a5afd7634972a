"""`moderation.toml`: found, checked, each value with its source, each error with its line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from moderation.config import Settings, load_config
from moderation.errors import ConfigError
from moderation.packs import packs_folder


def load(folder: Path, content: str, name: str = "moderation.toml"):
    (folder / name).write_text(content, encoding="utf-8")
    return load_config(None, folder)


def fails(folder: Path, content: str, name: str = "moderation.toml") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(folder, content, name)
    return caught.value


class TestFinding:
    def test_nothing_is_all_defaults(self, tmp_path):
        config = load_config(None, tmp_path)
        assert config.settings == Settings()
        assert config.file is None
        assert set(config.sources.values()) == {"default"}
        assert set(config.sources) == {each.name for each in fields(Settings)}
        assert config.rule_paths == (packs_folder(),)

    def test_upwards(self, tmp_path):
        deep = tmp_path / "a" / "b"
        deep.mkdir(parents=True)
        load(tmp_path, 'db = "x.db"')
        assert load_config(None, deep).db_path == tmp_path / "x.db"
        load(tmp_path / "a", 'db = "y.db"')
        assert load_config(None, deep).db_path == tmp_path / "a" / "y.db"

    def test_moderation_toml_before_pyproject(self, tmp_path):
        (tmp_path / "pyproject.toml").write_text('[tool.moderation]\nmodel = "none"')
        assert load_config(None, tmp_path).settings.model == "none"
        assert load(tmp_path, "").settings.model == "builtin"

    @pytest.mark.parametrize(
        "other", ["[tool.ruff]\n", "[project]\n", "broken =", "tool = 3", "", "\ufeffx"]
    )
    def test_a_pyproject_of_others_is_passed_over(self, tmp_path, other):
        load(tmp_path, 'db = "x.db"')
        below = tmp_path / "below"
        below.mkdir()
        (below / "pyproject.toml").write_text(other, encoding="utf-8")
        assert load_config(None, below).settings.db == "x.db"

    def test_a_named_file_and_nothing_else(self, tmp_path):
        load(tmp_path, 'db = "x.db"')
        other = tmp_path / "other.toml"
        other.write_text('model = "none"')
        config = load_config(other, tmp_path)
        assert (config.settings.db, config.settings.model) == ("moderation.db", "none")
        assert config.sources["model"] == str(other)

    def test_a_named_file_that_is_not_there(self, tmp_path):
        with pytest.raises(ConfigError, match="cannot read the configuration: No such file"):
            load_config(tmp_path / "absent.toml", tmp_path)

    def test_a_folder(self, tmp_path):
        with pytest.raises(ConfigError, match="cannot read the configuration: Is a directory"):
            load_config(tmp_path, tmp_path)


class TestValues:
    WHOLE = """
        db = "q.db"
        rules = ["rules", "/etc/rules/extra.yaml"]
        model = "detoxify:original"
        fail_on = "flag"
        moderator = "ada"
        timezone = "Europe/Berlin"
        [sites.blog]
        kind = "wordpress"
        url = "https://blog.example"
        user = "mod"
        hide_as = "spam"
        [sites.notes]
        kind = "isso"
        url = "https://notes.example"
        database = "comments.db"
        [review]
        sample = 0.25
        [brake]
        share = 0.1
        hours = 6
        confirmed = ["flood.link"]
        [[webhooks]]
        url = "https://hooks.example"
    """

    def test_all_of_them(self, tmp_path):
        config = load(tmp_path, self.WHOLE)
        settings = config.settings
        assert settings.sites["blog"].hide_as == "spam"
        assert settings.sites["notes"].hide_as == "hold"
        assert settings.review.sample == 0.25
        assert (settings.brake.share, settings.brake.hours) == (0.1, 6)
        assert settings.brake.confirmed == ["flood.link"]
        assert [hook.url for hook in settings.webhooks] == ["https://hooks.example"]
        assert config.moderator == "ada"
        assert set(config.sources.values()) == {str(tmp_path / "moderation.toml")}

    def test_paths_are_relative_to_the_file(self, tmp_path):
        config = load(tmp_path, self.WHOLE)
        assert config.db_path == tmp_path / "q.db"
        assert config.rule_paths == (tmp_path / "rules", Path("/etc/rules/extra.yaml"))

    def test_the_system_user_decides_where_nobody_is_named(self, tmp_path, monkeypatch):
        monkeypatch.setattr("getpass.getuser", lambda: "root")
        assert load(tmp_path, "").moderator == "root"

        def nobody():
            raise KeyError("no such user")

        monkeypatch.setattr("getpass.getuser", nobody)
        assert load(tmp_path, "").moderator == "unknown"

    def test_a_secret_has_no_setting(self, tmp_path):
        error = fails(
            tmp_path, '[sites.b]\nkind = "isso"\nurl = "https://x.example"\npassword = "1"\n'
        )
        assert "sites.b.password" in error.what
        assert error.where.endswith(":4")


class TestErrors:
    @pytest.mark.parametrize(
        ("content", "line", "what", "hint"),
        [
            ("modle = 'x'", 1, "unknown setting 'modle'", "did you mean 'model'?"),
            ("\n\n  zzz = 1", 3, "unknown setting 'zzz'", "known: db, rules, model"),
            ("[reviews]\nsample = 0.5", 1, "unknown setting 'reviews'", "did you mean 'review'?"),
            ("db = 1", 1, "'db': input should be a valid string", ""),
            ("rules = 'x'", 1, "'rules': input should be a valid list", ""),
            ("rules = ['a', 2]", 1, "'rules.1': input should be a valid string", ""),
            ("\nfail_on = 'x'", 2, "'fail_on': input should be 'flag', 'hold', 'hide'", ""),
            ("[review]\nsample = 2", 2, "'review.sample': input should be less than", ""),
            ("[review]\nsampel = 0.5", 2, "unknown setting 'review.sampel'", "mean 'sample'?"),
            (
                "[sites.a]\nkind = 'isso'\nurl = 'u'\n[sites.b]\nurl = 'u'\nkind = 'wix'",
                6,
                "'sites.b.kind': input should be 'wordpress' or 'isso'",
                "",
            ),
            ("[sites.a]\nkind = 'isso'", 1, "'sites.a.url': field required", ""),
            (
                "[sites.a]\nkind = 'isso'\nurl = 'u'\nusre = 'x'",
                4,
                "unknown setting 'sites.a.usre'",
                "did you mean 'user'?",
            ),
            ("[brake]\nshare = 5", 2, "'brake.share': input should be less than or equal to 1", ""),
            ("[brake]\nhours = nan", 2, "'brake.hours': input should be", ""),
            ("[brake]\nconfirm = ['a.b']", 2, "unknown setting 'brake.confirm'", "'confirmed'?"),
            ('[sites."a b"]\nkind = "x"\nurl = "u"', 2, "'sites.a b.kind'", ""),
            ("sites.a.kind = 'x'\nsites.a.url = 'u'", 1, "'sites.a.kind'", ""),
            ("sites = {a = {kind = 'x', url = 'u'}}", 1, "'sites.a.kind'", ""),
            (
                "[[webhooks]]\nurl = 'u'\n[[webhooks]]\n# url\nurl = 7",
                5,
                "'webhooks.1.url': input should be a valid string",
                "",
            ),
            ("# db = 1\n[review]\n[webhooks]", 3, "'webhooks': input should be a valid list", ""),
        ],
    )
    def test_line_and_hint(self, tmp_path, content, line, what, hint):
        error = fails(tmp_path, content)
        assert error.where == f"{tmp_path / 'moderation.toml'}:{line}"
        assert what in error.what
        assert hint in error.hint

    def test_in_pyproject_the_line_is_that_of_our_table(self, tmp_path):
        error = fails(
            tmp_path,
            "[tool.other]\nmodle = 1\n\n[tool.moderation]\nmodle = 2\n",
            "pyproject.toml",
        )
        assert error.where == f"{tmp_path / 'pyproject.toml'}:5"
        assert error.what == "unknown setting 'modle'"

    def test_in_pyproject_no_table_at_all(self, tmp_path):
        error = fails(tmp_path, "[tool]\nmoderation = 3\n", "pyproject.toml")
        assert "'moderation' is not a table" in error.what

    def test_all_others_are_named(self, tmp_path):
        error = fails(tmp_path, "db = 1\nmodel = 2\nrules = 3")
        assert "also wrong: rules, model" in error.hint

    def test_not_toml(self, tmp_path):
        error = fails(tmp_path, 'db = "x"\nmodel = \n')
        assert error.where == f"{tmp_path / 'moderation.toml'}:2:9"
        assert "not valid TOML" in error.what

    def test_not_utf8(self, tmp_path):
        (tmp_path / "moderation.toml").write_bytes(b'db = "\xe4"\n')
        with pytest.raises(ConfigError, match="not UTF-8"):
            load_config(None, tmp_path)
