"""Safety risk of a whole chemical park: hazard sources, risk, domino effects, grade, project entry.

>>> import parkrisk
>>> park = parkrisk.read("scenarios/examples/minimal")     # doctest: +SKIP
>>> parkrisk.assess(park).grade.letter                     # doctest: +SKIP
"""
