"""Sentences that judge what the templates taught: other wordings, other fillers.

Functional tests after the idea of HateCheck (Röttger et al. 2021): pairs of meanings that
share their words. The sentences are this project's own and occur nowhere in
`training.sentences`; a test holds the two apart. Each is tried with every group, among them
groups that training never names.
"""

from __future__ import annotations

from dataclasses import dataclass

from training.groups import GROUPS, Group

#: Named in no template.
UNSEEN = (
    Group("Kurds", "a Kurd", "Kurdish"),
    Group("Zoroastrians", "a Zoroastrian", "Zoroastrian"),
    Group("Vietnamese people", "a Vietnamese man", "Vietnamese"),
    Group("Filipinos", "a Filipina", "Filipino"),
    Group("Ethiopians", "an Ethiopian", "Ethiopian"),
    Group("Colombians", "a Colombian", "Colombian"),
    Group("pansexual people", "a pansexual person", "pansexual"),
    Group("people with dwarfism", "a man with dwarfism", "short-statured"),
    Group("epileptics", "an epileptic", "epileptic"),
    Group("widows", "a widow", "widowed"),
)


@dataclass(frozen=True, slots=True)
class Probe:
    """One sentence: what it tests, whether it is hateful, of whom it speaks."""

    text: str
    function: str
    hateful: bool
    group: str


#: Said of a group with no harm meant: none of these may be flagged, whatever the group.
HARMLESS = (
    "Yesterday evening a choir of {many} gave a concert in the old church hall.",
    "{One} from Leeds has opened a bicycle repair shop.",
    "Two of the judges are {adj}, and nobody made anything of it.",
    "My physics professor happens to be {adj}.",
    "As {one} I found the second chapter very moving.",
    "We interviewed forty {many} about their working hours.",
    "Honestly, coming out as {adj} to my grandmother was easier than I feared.",
    "Meet Sam: thirty-four, {adj}, mad about sailing.",
    "I'm {adj} and a big fan of this show!",
    "There's a support line for {many} who have lost their jobs.",
    "Would {many} mind if we changed the date of the dinner?",
    "Both candidates courted {many} during the campaign.",
    "{Many} can be found in every profession.",
    "She grew up as {one} in a fishing port.",
    "Her novel has three {adj} heroines and a very clever dog.",
    "Great to see {one} presenting the evening news.",
    "You're {adj}? Me too!",
    "Life as {one} has its ups and downs like any other.",
    "{One} gave up her seat for me on the tram.",
    "My twin brothers are {adj}, I am not.",
)

#: Hate, its look-alikes, and what else shares its words. {Many}, {One}: with a capital.
FUNCTIONS: dict[str, tuple[bool, tuple[str, ...]]] = {
    "emotion": (
        True,
        (
            "My blood boils whenever I see {many}.",
            "There is nobody I loathe as deeply as {many}.",
            "The mere thought of {many} turns my stomach.",
        ),
    ),
    "description": (
        True,
        (
            "Not one of the {many} I met was anything but crooked and rotten.",
            "Deep down {many} are cowardly, greedy creatures.",
            "Show me {one} and I show you a fraud.",
        ),
    ),
    "dehumanised": (
        True,
        (
            "{Many} crawl out of their holes at night like lice.",
            "Those {many}? Two-legged swine.",
            "Somebody call pest control, the {many} are back.",
        ),
    ),
    "threatened": (
        True,
        (
            "One night the {many} of this town will wake up to their houses on fire.",
            "I'd gladly put a knife into {one}.",
            "Line the {many} up against a wall and be done with it.",
        ),
    ),
    "excluded": (
        True,
        (
            "A decent country would strip {many} of their citizenship.",
            "Hotels ought to be free to turn {many} away at the door.",
            "Whoever lets {many} into our swimming pools must be out of his mind.",
        ),
    ),
    "implied": (
        True,
        (
            "Hide the silver, the {many} are coming to dinner.",
            "With {one} in charge of the till, guess where the money went.",
            "Evolution seems to have skipped {many}.",
        ),
    ),
    "hate with profanity": (
        True,
        (
            "Those bloody {many} can shove it up their arses.",
            "God I'm so fucking done with {many} and their shit.",
            "{Many}? Useless fuckers, the lot of them.",
        ),
    ),
    "hateful question": (
        True,
        (
            "Is there anything on earth more loathsome than {many}?",
            "When will somebody finally get rid of the {many} for us?",
        ),
    ),
    "praise negated": (
        True,
        (
            "I have yet to meet {one} who isn't a thug.",
            "{Many} aren't worthy of any respect whatsoever.",
            "Nobody sane could ever be fond of {many}.",
        ),
    ),
    "hate negated": (
        False,
        (
            "At no time did I suggest that {many} are crooked.",
            "Only a liar would tell you that I loathe {many}; I do not.",
            "Rest assured, {many} are neither lazy nor dangerous.",
        ),
    ),
    "hate condemned": (
        False,
        (
            "Those who spread lies about {many} make me want to weep.",
            "My answer to everyone who looks down on {many}: grow up.",
            "Let us protect {many} from the thugs who threaten them.",
            "To wish {many} dead is monstrous, and I told him so.",
        ),
    ),
    "hate quoted": (
        False,
        (
            'The court heard that he had sprayed "{Many} are swine" on the wall; he was fined.',
            '"I loathe {many}", he told the class. The teacher sent him out, rightly.',
            'Which moderator let "burn the {many}" stand? It breaks our rules.',
        ),
    ),
    "victims": (
        False,
        (
            "Last night a gang set upon {one} outside the station; police ask for witnesses.",
            "In that camp thousands of {many} were starved to death by the regime.",
            "I was spat at for being {adj}, and it still hurts.",
        ),
    ),
}

#: Without any group, once each.
WITHOUT_GROUP: dict[str, tuple[bool, tuple[str, ...]]] = {
    "abuse of things": (
        False,
        (
            "This washing machine is the most idiotic contraption ever built.",
            "I loathe rainy Sundays.",
            "Wasps make my blood boil, honestly.",
            "Whoever thought of paper straws had a bad day, they are useless.",
            "The ring road is a disgrace and should be torn up.",
        ),
    ),
    "profanity in joy": (
        False,
        (
            "Holy fucking hell, you got the job, congratulations!",
            "Shit, that sunset is gorgeous.",
            "Mum's lasagne is the fucking bomb.",
            "Fuck me, what a goal that was!",
            "I laughed my arse off at the school play.",
        ),
    ),
    "abuse of trades": (
        False,
        (
            "Plumbers are crooks, every last one of them.",
            "I loathe parking wardens.",
            "Not a single honest soul among car dealers.",
            "Pundits are vain, clueless windbags.",
            "Get the marketing people out of my sight.",
        ),
    ),
    "reclaimed": (
        False,
        (
            "Forty years a dyke and every one of them a joy.",
            "Us fags throw the best dinner parties, come over.",
            "Calling all my bitches: brunch on Sunday at mine!",
            "I've been a proud queer since before you were born.",
            "That's my nigga right there, we grew up on the same block.",
        ),
    ),
    "homonyms": (
        False,
        (
            "Light filtered through a chink in the shutters.",
            "The old dyke burst in the flood of 1953.",
            "Our vet says the bitch is expecting eight pups.",
            "Call a spade a spade and hand me the rake.",
            "He gathered a faggot of dry sticks for the stove.",
        ),
    ),
    "figures of speech": (
        False,
        (
            "I'd kill for a nap right now.",
            "Her stand-up set absolutely murdered the crowd.",
            "Shoot, I left the umbrella on the bus.",
            "The exam nearly finished me off.",
            "We got slaughtered in the second half, four nil.",
        ),
    ),
    "slurs in hate": (
        True,
        (
            "Somebody drag that faggot out of the building.",
            "Niggers like him ruin the whole street.",
            "I'm not sitting next to some paki.",
            "Get that tranny away from me.",
            "Bunch of dirty kikes run that paper.",
            "Another retard let loose on the internet.",
        ),
    ),
}


def functional() -> list[Probe]:
    """Every functional test with every group."""
    found = [
        _probe(sentence, function, hateful, group)
        for function, (hateful, sentences) in FUNCTIONS.items()
        for sentence in sentences
        for group in (*GROUPS, *UNSEEN)
    ]
    found += [
        Probe(sentence, function, hateful, "")
        for function, (hateful, sentences) in WITHOUT_GROUP.items()
        for sentence in sentences
    ]
    harmless = HARMLESS[::3]
    return found + [
        _probe(sentence, "harmless", False, group)
        for sentence in harmless
        for group in (*GROUPS, *UNSEEN)
    ]


def identities() -> list[Probe]:
    """Harmless sentences about every group."""
    return [
        _probe(sentence, "harmless", False, group)
        for sentence in HARMLESS
        for group in (*GROUPS, *UNSEEN)
    ]


def _probe(sentence: str, function: str, hateful: bool, group: Group) -> Probe:
    text = sentence.format(
        many=group.many,
        one=group.one,
        adj=group.adjective,
        Many=group.many[0].upper() + group.many[1:],
        One=group.one[0].upper() + group.one[1:],
    )
    return Probe(text, function, hateful, group.many)
