import json

import pytest
from PIL import Image

from zspace.errors import RunError
from zspace.report.restoration import about_restoration, restoration_section
from zspace.run import RunFolder

RECORD = {
    "task": {"kind": "denoise"},
    "images": 100,
    "quality": {
        "as given": {"psnr": 6.78, "ssim": 0.2},
        "median filter 3×3": {"psnr": 10.9, "ssim": 0.4},
        "median filter 5×5": {"psnr": 12.1, "ssim": 0.3},
        "restored": {"psnr": 19.6, "ssim": 0.91},
    },
}


def without(*names):
    kept = {name: each for name, each in RECORD["quality"].items() if name not in names}
    return {**RECORD, "quality": kept}


def test_the_text_says_who_is_ahead():
    text = about_restoration(RECORD)
    assert "from 6.8 dB to 19.6 dB" in text and "SSIM from 0.20 to 0.91" in text
    assert "median filter 5×5, comes to 12.1 dB: the model is 7.5 dB ahead of it" in text
    worse = {**RECORD["quality"], "restored": {"psnr": 9.1, "ssim": None}}
    text = about_restoration({**RECORD, "quality": worse})
    assert "3.0 dB behind it" in text and "SSIM" not in text


def test_what_was_given_is_kept():
    kept = {**RECORD["quality"], "keeping what was given": {"psnr": 13.0, "ssim": 0.95}}
    text = about_restoration({**RECORD, "quality": kept})
    assert "to 13.0 dB where what was given is kept" in text and "0.9 dB ahead" in text


def test_nothing_to_compare_with():
    text = about_restoration(without("median filter 3×3", "median filter 5×5"))
    assert text.endswith("0.91.") and "baseline" not in text


def test_the_section_is_there_when_its_files_are(tmp_path):
    run = RunFolder(tmp_path)
    assert restoration_section(run) == []
    run.analysis.mkdir()
    run.samples.mkdir()
    Image.new("RGB", (30, 20)).save(run.samples / "restored.png")
    (run.analysis / "restoration.json").write_text(json.dumps(RECORD), encoding="utf-8")
    (section,) = restoration_section(run)
    assert section.pictures[0].width == 30 and "7.5 dB" in section.text
    (run.analysis / "restoration.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="zspace restore"):
        restoration_section(run)
