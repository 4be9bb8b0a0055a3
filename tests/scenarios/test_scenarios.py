"""Every story of fixtures/scenarios, played against a served house and compared with what is
recorded. `NDC_OMS_UPDATE=1` records anew: look at the difference before you keep it.
"""

import os
import re
from pathlib import Path

import pytest
from lxml import etree
from tests.houses import MovingClock, serving
from tests.ndc.profile import PROFILE
from tests.ndc.references import dangling

from ndc_oms import resources
from ndc_oms.kit.recorded import compare, record
from ndc_oms.kit.scenario import BEGIN, Story, play, stories_in
from ndc_oms.kit.stage import HouseStage
from ndc_oms.ndc.schema import Schema

FOLDER = resources.fixtures() / "scenarios"
STORIES = stories_in(FOLDER)
SCHEMA = Schema(PROFILE)
UPDATE = os.environ.get("NDC_OMS_UPDATE") == "1"
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


@each_story
async def test_a_story_goes_as_it_is_recorded(story: Story, tmp_path: Path) -> None:
    clock = MovingClock(BEGIN)
    within_s = story.reply_s
    async with serving(tmp_path, clock=clock, deliver=False, reply_deadline_s=within_s) as served:
        stage = HouseStage(served.house, clock, served.client)
        async for played in play(story, stage):
            if UPDATE:
                record(played.step.reply, played.reply.body)
            compare(played.step.reply, played.reply.body)
        assert await served.findings() == []


@each_story
def test_every_file_of_a_story_is_part_of_it(story: Story) -> None:
    played = {file.name for step in story.steps for file in (step.request, step.reply)}
    there = {file.name for file in story.folder.iterdir()}
    assert there - {"README.md", "story.toml"} == played


@each_story
def test_files_are_named_after_their_messages(story: Story) -> None:
    for step in story.steps:
        for file in (step.request, step.reply):
            root = etree.parse(file).getroot()
            assert etree.QName(root).localname == f"IATA_{file.stem.split('-', 1)[1]}"


@each_story
def test_a_readme_explains_steps_that_there_are(story: Story) -> None:
    text = (story.folder / "README.md").read_text("utf-8")
    told = set(re.findall(r"\b\d\d\b", " ".join(re.findall(r"\*\*([^*]+)\*\*", text))))
    assert told
    assert told <= {step.number for step in story.steps}
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (story.folder / link).exists()


@each_story
def test_what_is_recorded_is_sound_as_it_stands(story: Story) -> None:
    for step in story.steps:
        root = etree.parse(step.reply).getroot()
        assert SCHEMA.check(root) == []
        assert dangling(root) == []


def test_the_index_lists_every_story() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| \[([a-z0-9-]+)\]\(\1/README\.md\) \|", index, re.MULTILINE)
    assert listed == [story.name for story in STORIES]


def test_the_flows_name_stories_that_there_are() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    by_flow = index.partition("## By flow")[2].partition("## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([a-z][^|]+) \|$", by_flow, re.MULTILINE)[1:]
    assert len(rows) > 15
    named = {story for _, stories in rows for story in stories.split(", ")}
    assert named <= {story.name for story in STORIES}
