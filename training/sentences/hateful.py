"""Hate against groups of people, most of it without slurs."""

from __future__ import annotations

HATE = """
I hate {many}
I [really|just|fucking] hate [all|those|these] {many}
I [despise|loathe|detest|can't stand] {many}
{many} are {vile}
all {many} are {vile}
{many} are [so|all|just] {vile} and {vile}
[every|each] {one} is {vile}
{many} disgust me
{many} make me sick
nothing is worse than {one}
what a {vile} bunch, these {many}
I wish there were no {many}
{adj} people are {vile}
{adj} people ruin everything
{adj} women are {vile}
{adj} men are all {vile}
being {adj} is [disgusting|a sickness|a sin and a disgrace|a mental illness|unnatural]
{many} are the worst thing that happened to {place}
{many} are responsible for everything bad in {place}
you are {vile} because you are {adj}
trust me, {many} are all [criminals|liars|thieves|rapists|terrorists|perverts|freaks]
{many} are [thieves|liars|freaks|perverts|rapists] and always will be
if you are {adj} then you are {vile}, simple as that
I spit on {many}
death to {many}
fuck {many}
{many} suck
to hell with {many}
[damn|screw] all {many}
who else thinks {many} are {vile}?
{many} are a mistake of nature
I can't respect {one}, they are {vile}
{many} have never achieved anything, they are too {vile}
the sight of {one} makes me [angry|furious|want to puke]
I feel nothing but [hate|contempt|disgust] for {many}
{many} fill me with [rage|hatred|disgust]
I get so angry when I see {many}
I can't look at {many} without feeling sick
people like {many} are why I hate this place
never trust {one}, they are {vile} to the core
I am allergic to {many}
my whole family hates {many}, and rightly so
all my life I have hated {many}
every time I see {one} I want to {hurt} them
at heart every {one} is [a thief|a liar|a coward|a criminal]
"""

DEHUMANISING = """
{many} are {low}
[these|those|all] {many} are nothing but {low}
{many} are {low}, not people
{many} are like {low}, they spread everywhere
{one} is not a human being
{one} is worth less than a dog
{many} breed like {low}
{many} infest {place} like {low}
get this {adj} {low} out of {place}
treat {many} like the {low} they are
{many} belong in [a zoo|cages|a kennel|the sewer]
looking at {many} is like looking at {low}
calling {many} human is an insult to humans
{adj} people are {low}
clean {place} of the {adj} {low}
you {adj} {low}
{many} are [swarming|crawling] all over {place} again
{place} is crawling with {many}, bring the poison
call {many} what they are: {low}
I would sooner share a house with {low} than with {many}
"""

THREAT = """
[we|I|someone] should {hurt} [all|the|every one of the] {many}
I will {hurt} {one} [tonight|one day|if I see one]
I am going to {hurt} {many}
{many} should be {harm}
all {many} must be {harm}
{many} deserve to be {harm}
{one} deserves a bullet
let's {hurt} some {many} [tonight|this weekend]
if {one} comes near me I'll {hurt} them
{many} will be {harm} soon, just wait
round up {many} and let them burn
I hope {many} get {harm}
I hope all {many} die
somebody get a rope for {many}
the only good {one} is a dead one
time to {hurt} the {many} in {place}
kill [all|the] {many}
watch your back, {adj} {low}
I want to see {many} [bleed|suffer|hang|burn]
let's burn down every house where {many} live
{many} had better run when we come
someone should set fire to {many}
give me a gun and five minutes with {many}
we will come for the {many}, house by house
"""

EXCLUSION = """
{many} should [not be allowed to vote|not be allowed in {place}|be banned from {place}]
{many} have no place in {place}
{many} don't belong here
{many} should never [have children|teach in our schools|have been let in]
deport [all|every last one of the] {many}
send [all|the] {many} back where they came from
no {many} in {place}, please, keep it clean
we don't want {many} here
throw {many} out of {place}
{many} need to leave this country [now|for good]
I would never let my daughter marry {one}
I refuse to be served by {one}
keep {many} away from our children
{many} shouldn't have rights
why do we still allow {many} in {place}?
lock up all {many} and throw away the key
{place} was [nice|safe|clean] until the {many} came
{many} should be [sterilised|locked up|segregated|kept apart from normal people]
it should be illegal to be {adj}
take the vote away from {many}
{many} should not be let into [shops|schools|our country|restaurants]
I don't want {one} as a [neighbour|teacher|doctor|boss]
close the borders to {many} for good
no sane country gives passports to {many}
we should not employ {many}
{many} must be kept out of {place}
"""

IMPLIED = """
{many} only [want our money|live off our taxes|pretend to be normal]
guard your wallet, {one} just walked in
funny how it is always {many} when something gets stolen
{many} control [the banks|the media|everything] and laugh at us
you can smell {many} from a mile away
of course {one} couldn't do it, what did you expect
a {adj} {work}? I would rather have a [trained monkey|real one]
{many} can't think, that's why others have to do it for them
{many} will outbreed us and then it is over
let {many} do the dirty work, they are good for nothing else
a good {adj} person is one who stays out of sight
I don't mind {many} as long as they stay far away from normal people
{many} should be grateful that we even tolerate them
you can't expect manners from {one}
normal people and {many} simply do not mix
{many} are less intelligent than the rest of us
{one} as a {work} is a joke
science shows that {many} are inferior
{many} belong in the kitchen and nowhere else
{many} are after our children
{many} are not [{good}|worth it|like us]
I will never [respect|trust|like|accept] {many}
there is no such thing as {good} {many}
{many} are anything but {good}
I don't respect {many} at all
no {adj} person has ever been {good}
nobody [likes|wants] {many}
don't you ever trust {one}
{many} deserve no [respect|help|mercy|rights]
I see no reason to be nice to {many}
count your fingers after shaking hands with {one}
lock your doors, {many} moved in next door
what do you get when {many} run {place}? ruins
{many} can't even [read|count|wash themselves]
nothing good has ever come from {many}
somehow {many} always have their hands in other people's pockets
if {one} wrote this, no wonder it is full of mistakes
nature made a mistake with {many}
"""

PERSON_HATE = """
you {vile} {slur}
shut up {slur}
what a {slur}
[you are|you're|he's|she's] a [stupid|filthy|fucking|dumb|] {slur}
{slur}s are {vile}
I hate {slur}s
go home {slur}
this {slur} again
all {slur}s should be {harm}
look at that {vile} {slur}
that {adj} {slur} should shut up
nobody wants you here, {slur}
typical {slur}
"""

PROFANE_HATE = """
fuck [all|those|these|you] {many}
{curse} {many} [are everywhere|ruin everything|again]
I am so {curse} sick of {many}
{many} are [shit|pieces of shit|a bunch of assholes|fuckers|fucking {low}]
{many} can go fuck themselves
you {adj} [piece of shit|fuck|asshole|bitch|cunt]
{curse} {adj} {low}
{many} are {curse} {vile}
what the fuck is wrong with {many}
"""

REFERENCE = """
{many} [moved in next door|run the shop|are everywhere now], and I [hate|despise] them
{many} again. [They|These people] are {vile}
[look at|remember] the {many}? they should all be {harm}
so many {many} in {place}. They [are {low}|disgust me|must go|don't belong here]
my neighbours are {many}. I wish they were {harm}
there were {many} on the bus, what {vile} {low} they are
he is {one}, [so he is {vile}|of course he is {vile}|no wonder he is {vile}]
she told me she was {adj}. [Disgusting|What a freak|I nearly threw up|Stay away from her]
{many}, you know the type: {vile}, {vile} and {vile}
we all know what {many} are like: {low}
do you know {many}? I do, and they are {low}
a {adj} {work} came in. I don't let {low} into my house
"""
