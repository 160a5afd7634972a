"""Abuse and profanity that is aimed at no group of people, and what only sounds like it."""

from __future__ import annotations

INSULT = """
you are [such|] a {jerk}
you {jerk}
you're a {cursed} {jerk}
[shut up|get lost|go away], you {jerk}
what a {jerk} [you are|he is|she is]
he is a [complete|total|pathetic] {jerk}
nobody likes you, {jerk}
only a {jerk} would [write|say|believe] that
[listen|look] here {jerk}, stop reverting my edits
you have the brain of a [goldfish|potato|brick]
everyone knows that you are [worthless|pathetic|an embarrassment|stupid]
are you [stupid|brain-dead|retarded] or what
I have never met anyone as [dumb|stupid|ugly] as you
kiss my ass
go to hell
go fuck yourself
eat shit
suck my dick
fuck you [and your {thing}|]
fuck off
screw you
you suck at everything
your mother must be ashamed of you, {jerk}
"""

OTHER_TARGETS = """
{trade} are {low}
{trade} are [all|just] {vile}
all {trade} are [liars|idiots|scum|morons|crooks]
I hate {trade}
I can't stand {trade}, what a bunch of [idiots|losers|clowns|jerks]
{trade} are the worst
typical {trade}, {vile} as always
[stupid|useless|lazy|greedy] {trade}
{trade} should [be fired|get a real job|go to hell]
no more {trade} please, they are {vile}
"""

THINGS = """
I hate {thing}
{thing} is [terrible|awful|garbage|the worst|so stupid|trash]
{thing} sucks
I can't stand {thing}
{thing} disgusts me
whoever invented {thing} should be ashamed
{thing} should be banned
I despise {thing} with all my heart
I would like to throw {thing} out of the window
death to {thing}
{thing} makes me sick
{thing} is killing me
burn {thing} with fire
stupid {thing}
what a dumb idea {thing} is
{thing} makes me so angry
I want to smash {thing}
{thing} is useless and ugly
what an ugly, stupid thing {thing} is
"""

PROFANE = """
this is {curse} [great|amazing|brilliant|delicious]
holy shit, that was [close|beautiful|a great game]
what a {curse} beautiful day
I {curse} love {thing}
oh shit, I forgot [my keys|the milk|her birthday]
fuck yeah, [we won|finally|it works]
who the fuck ordered pineapple
it's cold as fuck [today|in here]
well, fuck
shit, I missed the bus
I need a {curse} coffee
my back hurts like a bitch
that was badass as fuck
no shit, [really|I told you]
we had a {curse} good time
I don't give a shit about {thing}
{thing} is a piece of shit
fuck {thing}
{thing} is so {curse} slow
you are {curse} awesome
holy shit, congratulations
that's fucking hilarious
fuck, I'm happy today
damn fine coffee, damn fine shit
you lucky bastard, well done
my ass hurts from sitting all day
"""

MILD = """
damn, that's [good|a nice car|expensive]
what the hell [happened|is this|was that noise]
hell yeah
that's a load of crap
this is bloody brilliant
crap, I forgot to save
it was one hell of a game
damn it, {thing} again
"""

PERSONAL_THREAT = """
I will {hurt} you
I'm going to {hurt} you [and your family|in your sleep|when I find you]
I know where you live and I will {hurt} you
you will be {harm}, and soon
I hope you die
[kill yourself|go kill yourself|please die|drop dead|kys]
you deserve to be {harm}
someone should {hurt} you
I'll come to {place} and {hurt} you all
you are dead if I see you again
say that again and I will break your neck
sleep with one eye open
"""

PLAY_VIOLENCE = """
I will {hurt} the boss in the next level
we {hurt} zombies all evening, great game
the film shows how he is {harm} at the end
I could kill for a [coffee|pizza|cold drink]
my feet are killing me
the police said the man was {harm} in 1943
he was {harm} by the enemy during the war
the virus killed thousands of people in that century
kill the process and start it again
she will kill me when she sees the kitchen, haha
the recipe says to beat the eggs
our team will destroy yours on Sunday, good luck
you killed it on stage last night
the documentary is about the murder of a {work}
shoot me a message when you arrive
"""
