"""What explain says is what the space is."""

import re

from spaces import SPACES

import hpdsl

TEXT = """
## Fine-tuning on one node.

## how many directions are learned
rank ~ pow2(4, 256) default 16
lr ~ lognormal(1e-3, 3) in 1e-5 .. 0.1 unit s
dropout ~ choice(0: 2, uniform(0.01, 0.2): 1)
optim ~ choice { adam: 3 { wd ~ uniform(0, 1) } sgd }
last ~ int uniform(0, rank)
alpha = rank * 2
require alpha <= 256 : "would not fit"
minimize loss
try { rank = 8 }
"""


def test_everything_is_named():
    text = hpdsl.loads(TEXT).explain()
    for line in (
        r"doc   Fine-tuning on one node\.",
        r"rank +int +4 \.\. 256 +default 16 .*# how many directions are learned",
        r"lr +float +1e-05 \.\. 0\.1 log s",
        r"dropout +mixed +\{0 \(66\.7 %\), 0\.01 \.\. 0\.2 \(33\.3 %\)\}",
        r"optim +union +\{adam \(75 %\), sgd \(25 %\)\}",
        r"optim\.adam\.wd +float +0 \.\. 1 +when optim == adam",
        r"last +int +0 \.\. 256 given others",
        r"alpha +int +8 \.\. 512",
        r"1 requirement in 1 component",
        r"size  infinite",
        r"goal  minimize loss",
        r"try   1 configuration evaluated first",
    ):
        assert re.search(line, text), f"{line}\n{text}"


def test_acceptance_is_told():
    text = hpdsl.loads(TEXT).explain()
    # rank is one of 7 powers, of which 256 is refused.
    assert "drawn by truncation; 85.7 % of the prior accepted, no draw refused" in text
    assert "marginals moved by (total variation): rank 0.14" in text


def test_every_space_explains_itself():
    for text in SPACES.values():
        assert "size  " in hpdsl.loads(text).explain()
