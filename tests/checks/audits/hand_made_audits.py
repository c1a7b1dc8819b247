"""Audits made by hand: one that finds something of most classes, one that passes."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from gradproof.checks.audits.finding import Finding, Kind, Opinion, Stage
from gradproof.checks.audits.point import AuditPoint
from gradproof.checks.audits.result import Audit, Curve, Worst

OPINIONS = (
    Opinion("torch.autograd.gradcheck", True, "float64, defaults"),
    Opinion("chex.assert_numerical_grads", None, "no program of JAX"),
)

SATURATED = Finding(
    Kind.ROUNDING,
    "float32",
    "confident",
    "g[0]",
    "-4.13993771878516...e-8",
    "0",
    8388608.0,
    AuditPoint((Fraction(17), Fraction(0)), 0),
    certified=True,
    note="the softmax of the label rounds to 1",
    margin=12.1,
    stages=(Stage("1 % off", 12.1), Stage("exactly 0", 16.64)),
    reproducer="import numpy as np\n\nprint(gradient(np.float32([17, 0]), 0))\n",
    opinions=OPINIONS,
)

SATURATED_64 = replace(
    SATURATED,
    dtype="float64",
    expected="-3.13913279204802...e-17",
    score=8388.5,
    point=AuditPoint((Fraction(38), Fraction(0)), 0),
    margin=31.0,
    stages=(Stage("1 % off", 31.0),),
    reproducer="print(gradient([38.0, 0.0], 0))",
)

OVERFLOWING = Finding(
    Kind.OVERFLOW,
    "float32",
    "extreme, 1000",
    "g[1]",
    "1",
    "nan",
    math.inf,
    AuditPoint((Fraction(0), Fraction(89)), 0),
    margin=88.72,
    margin_name="gap",
)

CHANGED = Finding(
    Kind.PROTOCOL, "float32", "", "the logits", "left as they are", "changed in place"
)

WORST = (
    Worst("moderate", "float32", 2.25, 120, 3),
    Worst("confident", "float32", 8388608.0, 300),
    Worst("extreme, 1000", "float32", math.inf, 12),
    Worst("moderate", "float64", 2.5, 120),
    Worst("confident", "float64", 8388.5, 300),
)

CURVES = (
    Curve("margin", "float32", (0.0, 8.0, 12.0, 17.0, 100.0), (1.0, 2.0, 60.0, 8388608.0, 7e6)),
    Curve("margin", "float64", (0.0, 8.0, 12.0, 38.0, 100.0), (0.0, 1.5, 2.0, 8388.5, 9e3)),
    Curve("gap", "float32", (0.0, 8.0, 12.0, 17.0, 100.0), (1.0, 1.0, 1.5, 2.0, math.inf)),
)

FOUND = Audit(
    implementation="naive.py:gradient",
    loss="softmax cross-entropy with a label",
    framework="numpy",
    dtypes=("float32", "float64"),
    findings=(OVERFLOWING, SATURATED, SATURATED_64, CHANGED),
    worst=WORST,
    curves=CURVES,
    twin=("the gradient is that of the loss: AGREES to 30 digits at 141 points",),
    has_twin=True,
    thresholds={"float32": 64.0, "float64": 64.0},
    kinks=2,
    calls=1264,
    seed=7,
    versions={"numpy": "2.4.6"},
    remarks=("batches were left out: it takes one sample at a time",),
    seconds=3.21,
)

PASSED = Audit(
    implementation="torch:cross_entropy",
    loss="softmax cross-entropy with a label",
    framework="torch",
    dtypes=("float32",),
    findings=(),
    worst=WORST[:1],
    twin=("no exact twin (an operation has no rule); the score alone judges formula and loss",),
    thresholds={"float32": 64.0},
    calls=1,
    versions={"torch": "2.13.0"},
    seconds=0.5,
)
