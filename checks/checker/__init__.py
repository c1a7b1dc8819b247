"""A checker of certificates that is complete in itself: standard library, exact rationals.

It shares no code with the provers and imports nothing from outside this folder, so the folder can
be copied and run elsewhere: `python -m checker FILE`. `CERTIFICATES.md` describes the format.

What an accepted certificate proves: at all values of the variables that have their signs and obey
the hypotheses, the goal of each part holds. Texts in it prove nothing; the report lists what had to
be trusted: what the variables stand for, that the parts make up the statement, hypotheses that are
no instance of a known lemma, and answers of solvers.

To read it: `polynomials` (exact arithmetic on data), `rules` (the proof rules and why each is
sound), `lemmas` (on class sums), `smt_text` (what a file asks of the solvers), `report` (the rest).
"""

from __future__ import annotations

from .polynomials import Rejected
from .report import Report, check, read, stored_in

__all__ = ["Rejected", "Report", "check", "read", "stored_in"]
