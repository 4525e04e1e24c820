"""Words of spoken English that say nothing about a topic: pronouns, auxiliaries, fillers, numbers, light verbs."""

from __future__ import annotations

__all__ = ["STOP_WORDS"]

_PRONOUNS = """
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
it its itself they them their theirs themselves one oneself this that these those who whom whose which what whatever
whoever somebody someone something anybody anyone anything everybody everyone everything nobody none nothing each other
another some any all both either neither such same own else every several whole next last able however
"""

_GRAMMAR = """
a an the and or but nor so yet if then than as because 'cause cos cuz since while whilst until till unless although
though whether where when why how of in on at by for with without within about against between among into onto through
throughout during before after above below to from up down out off over under again further across along around round
behind beside besides beyond near past per than toward towards upon via amid like unlike not no n't nt be am is are was
were been being have has had having do does did doing will would shall should can could may might must ought need dare
's 're 've 'd 'll 'm s re ve d ll m t y ain't let ever never always there here
"""

_LIGHT_VERBS = """
go get come say tell ask know think see look put take give make mean want try seem happen keep
"""

_FILLERS = """
um uh er erm eh ah oh hm hmm mm mhm mmm uhm uh-huh yeah yep yes yup nah nope okay ok right well anyway anyhow actually
basically obviously literally really quite pretty very just only even also too still already now once maybe perhaps
probably possibly sort kind bit lot lots stuff thing things way much many more most less least few little enough rather
almost nearly guess suppose sorry please gonna wanna gotta cannot dunno innit etc eg ie whatnot thereof lovely
back today yesterday tomorrow sometimes often usually
"""

_NUMBERS = """
zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million first second third half once
twice
"""

STOP_WORDS: frozenset[str] = frozenset(
    " ".join((_PRONOUNS, _GRAMMAR, _LIGHT_VERBS, _FILLERS, _NUMBERS)).replace("-", " ").split()
)
"""Lemmas, as the index folds them."""
