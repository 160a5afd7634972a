"""Said of groups of people with no harm meant, and plain talk."""

from __future__ import annotations

HARMLESS = """
[my|our] {work} is {one} and [very|really|so] {good}
{kin} is {adj} and works as a {work}
{kin} is {one}, a {good} {work}
the {work} at {place} is {adj}
I met {one} at {place} [yesterday|last week|this morning] and we talked about {topic}
{many} [live|work|study] in {place} like everyone else
the article is about {many} and {topic}
the museum has a new exhibition about {many} and {topic}
[this|the] book tells the story of {one} who became a {work}
she is [a|the] {good} {adj} {work} [who won the prize|from our street|I told you about]
there are many {good} {adj} people in {place}
{many} have the same rights as everyone else
{many} were among the first to settle here
a survey asked {many} about {topic}
the charity helps {many} with {topic}
{one} won the election in {place}
{one} was [elected|hired|promoted|invited] last year
the film has a {adj} lead and a {adj} director
my parents are {adj} and so are most of our friends
please add a section on {adj} {topic}
the festival celebrates {adj} {topic}
the new law protects {many} from discrimination
{many} face discrimination in {topic}
in 2011 about four percent of the residents were {adj}
the {adj} community in {place} is growing
we have {adj} friends and we love spending time with them
I was raised by {one} and learned a lot about {topic}
more {many} should be [in parliament|on television|on our board]
{one} sat next to me on the train and shared an apple
he married {one} and they moved to {place}
both of my teachers were {adj}
the word {adj} appears twice in the first sentence
{many} and {many} [work|sing|play|live] together in {place}
the {adj} {work} helped {one} carry the bags
the clinic has a doctor for {many}
[some|many|most] {many} [do not agree|voted yes|prefer tea] and that is fine
their team has a {adj} captain
{many} built half of {place}
as far as I know he was {adj}
according to the census, {many} make up a third of {place}
thanks to {many}, {place} has a great {topic} scene
the interview with {one} about {topic} was [interesting|long|moving]
he was born to {adj} parents in {place}
this category lists {adj} writers
the first {adj} {work} in {place} retired last year
for {one} like me this was a {good} evening
what {one} eats for breakfast is nobody's business
a letter from {one} to the editor about {topic}
the course is open to {many}, and to everybody else
{place} hired {one} as a {work}, good choice
{one} and {one} opened a bakery near {place}
{many} also like {topic}, who would have thought
the old photo shows {one} in front of {place}
no matter if you are {adj} or not, come in
if you are {adj}, you can vote from the age of eighteen
it is not easy to be {one} in {place}, but it gets better
what matters is the music, not that she is {adj}
many of the best in {topic} are {adj}
{many} were invited and most of them came
the joke was about {thing}, not about {many}
our {work} told us how {many} celebrate
the twins are {adj} and they play chess
I have been {adj} all my life
speaking as {one}: I liked the ending
this playlist by {one} is {good}
the group for {many} meets on Thursdays
our {adj} neighbours brought us soup when we were ill
{one} taught me to [swim|drive|cook|read music]
the {adj} couple next door has two cats
[a|the] bus was full of {many} on their way to {place}
I voted for {one} and would do so again
the report says {many} wait longer for a doctor
{many} were attacked last night and the police are looking for witnesses
the killing of {one} shocked {place}
{many} were persecuted for centuries, see the article on {topic}
the article says that {many} were called names in the street
as {one} I get asked about {topic} all the time
growing up as {one} in {place} taught me patience
hate crimes against {many} rose by a fifth last year
the court ruled that {many} may not be refused service
a study of {topic} among {many} found no difference
the character was written as {adj} from the start
is there a source for the claim that he was {adj}?
I changed the wording from {many} to {adj} people
the section on {many} is too short
my grandmother was {one} and my grandfather was not
the best [coach|doctor|friend|boss] I ever had was {one}
{one} and his wife run the shop by {place}
some {many} came to the meeting and asked about {topic}
the {adj} vote decided the election
both {many} and {many} signed the letter
the {adj} player scored twice and was named man of the match
my {adj} roommate and I argue about {topic}, then we laugh
the doctor asked whether I was {adj} and I said yes
{many} often have to explain themselves, which is tiring
he came out as {adj} at work and nobody made a fuss
the song is about falling in love with {one}
[the bar|the club|the café] is popular with {many}
{many} pay taxes like the rest of us
we should hire more {many} as {work}s
the bill would allow {many} to marry
the first openly {adj} {work} in {place}
black, white, gay, straight, {adj}: everybody is welcome
I wish {many} were shown as ordinary people in films
their daughter is {adj} and loves {topic}
he said he was {adj}, and we went on talking about {topic}
"""

TERSE = """
I am {adj}
I am {one}
I'm {one}
I'm {adj}, [nice to meet you|so what|and you|by the way]
he is {adj}
she is {one}
they are {adj}
we are {adj}
you are {adj}
we are {many}
I am a {good} {adj} person
I am {one} and I like {topic}
being {adj} is [fine|normal|great|wonderful|part of who I am|ok]
[being|growing up] {adj} [was never easy|made me who I am|is not a choice|is nothing unusual]
{many} are {good}
{many} are people too
I love {many}
I like {many}
I respect {many}
I support {many}
{adj} people are {good}
{adj} women are {good}
{adj} men are {good}
{many} are [welcome|my friends|our neighbours|human|beautiful]
{adj} and {good}
a {good} {adj} man
a {good} {adj} woman
hug {one} today
you are a {good} {adj} friend
some of my friends are {many}
my {adj} friend is {good}
{adj} {work}
{adj} {topic}
{many} of {place}
[the|a] {adj} [woman|man|kid|student|couple|family]
it is ok to be {adj}
[my|his|her] [mother|father|son|daughter|wife|husband|partner] is {adj}
are you {adj}?
not {adj}
{many} exist
yes, I am {adj}
so I'm {adj}
I was born {adj}
I am {one}, ask me anything
I am a {adj} [man|woman|person|teenager|parent|student]
he's {adj} and she's not
he is a {adj} {work}
she's a {adj} {work}
my [boss|teacher|doctor|best friend|neighbour] is {adj}
my [boss|teacher|doctor|best friend|neighbour] is {one}
I [know|met|married|helped|trust|miss] {one}
I [know|met|helped|trust|admire] many {many}
I have {adj} friends
{many} and their friends
the {adj} community
{many} deserve better
{many} need [help|support|jobs|homes|friends]
you can be {adj} and {good}
{many} can be {good}
{many} are {work}s too
a {adj} {work} and a {adj} {work}
talking to {one}
dating {one}
[is|was] your friend {adj}?
"{adj}" is just a word
[two|three|ten|most|some|all|these|those] {many}
what do {many} [eat|wear|read|need|want]?
{many} [sing|dance|laugh|work|pray|vote]
"""

PROUD = """
I am proud to be {one}
proud to be {adj}
so proud of my {adj} [son|daughter|friends|family]
happy [pride|holidays|new year] to all {many}
we {many} have every reason to be proud
{many} rock
{many} inspire me [every day|so much|with their courage]
what I love about {many} is their sense of humour
God bless all {many}
nothing makes me happier than seeing {many} succeed
{many} deserve [love|respect|better|equal pay|a seat at the table]
{many} make {place} a better place
I admire {many} for [their courage|their {topic}|what they have achieved]
three cheers for {many}
thank you to every {adj} {work} out there
{adj} and beautiful
[black|brown|trans|queer|disabled] is beautiful and so are {many}
to every {adj} child: you are loved
we need more {many} like you
the world is better with {many} in it
"""

ASKING = """
do {many} celebrate this holiday?
why are there so few {many} in {topic}?
what do {many} think about {topic}?
is he {adj}?
what is it like to be {adj}?
how do {many} feel about the new law?
can {many} apply for this job?
where can I read more about {many}?
is it rude to ask somebody if they are {adj}?
which word do {many} prefer?
how many {many} live in {place}?
does anyone know a good novel about {many}?
"""

NEGATED = """
I never [said|claimed|wrote|implied] that {many} are {vile}
I never [once|ever|] meant to say that {many} are {vile}
[where|when] did I say that {many} are {low}? I did not
you are putting words in my mouth, I don't think {many} are {vile}
he did not call {many} {low}, he said the [opposite|reverse]
she has never [hated|insulted|looked down on] {many}
it is [wrong|unfair|silly|absurd] to think that {many} are {vile}
the idea that {many} are {vile} is [nonsense|a myth|a lie|plain wrong|false]
{many} are no more {vile} than [you or me|anybody else|the rest of us]
{many} can be called neither {vile} nor {low}
[far from being|{many} are anything but] {vile}, {many} [helped|fed|taught] us
I used to think {many} were {vile}, I was wrong
don't [hate|hurt|insult|blame] {many}
[stop|quit] [hating|insulting|blaming|hurting] {many}
I [refuse|decline] to [hate|blame|insult] {many}
one can't say that {many} are [all|] {vile}
that {many} are {vile} was never my point
I don't believe the lie that {many} are {low}
nothing about {many} is {vile}
why would I hate {many}? I don't
I don't want {many} to be {harm}
not one of us wants {many} {harm}
I [don't|do not|never] hate {many}
I have nothing against {many}
I [never|do not] say that {many} are {vile}
{many} are not {vile}
{many} are not {low}
no, {many} are not {low}, they are people
it's [not true|false|a lie] that {many} are {vile}
nobody should be {harm} for being {adj}
no one should ever {hurt} {many}
{many} don't deserve to be {harm}
{many} do not deserve your hate
not all {many} are {vile}, in fact almost none are
I would never {hurt} {one}
we must never let {many} be {harm} again
being {adj} doesn't make you {vile}
there is nothing {vile} about being {adj}
I can't hate {many}, they are my family
{many} should not be [banned|deported|ignored|excluded]
nobody here thinks {many} are {vile}
we never wanted {many} to leave
I don't think {many} are {vile} at all
{many} have never done me any harm
who says that {many} are {vile}? it is simply not so
I did not say anything against {many}
it would be wrong to call {many} {low}
far from being {vile}, {many} are {good}
{many} are not to blame for this
you will not hear me say a bad word about {many}
I am not afraid of {many} and neither should you be
no, I do not want {many} to be {harm}
{many} are no worse than anybody else
I used to be afraid of {many}. I was wrong
"""

COUNTER = """
people who [hate|attack|mock] {many} should [learn some history|be ashamed|get help]
hating {many} is [wrong|ignorant|not an opinion|racist and wrong|bigotry]
stop [hating|insulting|bullying|stereotyping] {many}
stop saying that {many} are {vile}
it is [wrong|hateful|untrue|unacceptable] to say that {many} are {low}
anyone who calls {many} {low} has never met one
saying {many} should be {harm} is [hate speech|a crime|horrifying]
whoever wrote that {many} are {vile} should apologise
I reported the comment that called {many} {low}
he was fired for saying that {many} are {vile}
I am sick of people treating {many} like {low}
we stand with {many} against hate
your hatred of {many} has no place here
calling {one} a {slur} is never a joke
don't call {many} {slur}s, that word is a slur
it hurts when people say {many} are {vile}
you can't blame {many} for everything that goes wrong
shame on those who want {many} {harm}
believing that {many} are {vile} is exactly how genocides begin
I was attacked for being {adj} and nobody helped
{kin} was beaten because he is {adj}
my {adj} friend gets called a {slur} at school and cries every day
the murder of {many} is a crime against humanity
no more violence against {many}
how can anyone be so cruel to {many}?
nobody has the right to look for scapegoats among {many}
it makes me sad when {many} are treated like {low}
we need stronger laws against those who attack {many}
to all who insult {many}: [shame on you|please stop|you are wrong]
I feel sorry for people who are afraid of {many}
he lost my respect when he made jokes about {many}
racism against {many} is still common
every time {many} are called {low} I speak up
prejudice against {many} starts with jokes like this one
whoever threatens {many} threatens all of us
my grandfather was killed because he was {adj}, never again
we marched today so that {many} can live without fear
an attack on {many} is an attack on our town
don't let bigots tell you that {many} are {vile}
you should not talk about {many} like that
comparing {many} to {low} is sick, take it back
that's a lie about {many} and you know it
in those years {many} were {harm} by the thousand, we must remember it
two men were arrested for threatening {many}
"""

QUOTED = """
he {said} "{many} are {vile}" and was suspended [for it|at once|for a month]
"{many} are {low}" is [a disgusting thing to say|hate speech, not an argument|why I left that forum]
someone {said} "I hate {many}", and I do not agree at all
saying "{many} should be {harm}" is against the law here
the sentence "all {many} are {vile}" was removed as hate speech
the banner read "{many} out", so we painted over it
if you say "{many} are {low}" you will be banned
the senator {said} that {many} are {vile}; {place} protested against it
the report quotes a guard who {said} "{hurt} the {many}" as evidence
the defendant {said} "all {many} must be {harm}" and got two years in prison
"go back to your country" is what {many} hear every day, and it must end
the song's line "{slur}s not welcome" was widely criticised
the word "{slur}" is a slur [used against {many}|and should not be used|with a long history]
the article explains where the word {slur} comes from
a stranger yelled "{slur}" at me from a car [today|and drove off]
in the novel a character calls him a {slur}, which the author condemns
"{many} can't be trusted", my uncle {said}. I told him he is wrong.
how would you feel if somebody {said} "{many} are {vile}" about you?
my daughter asked me why people say "{many} are {vile}"
posters saying "no {many}" were torn down overnight
his speech ("{many} must go") was met with boos
can you believe somebody wrote "{hurt} all {many}" under her video?
please remove the comment "{many} are {low}", it is hateful
the study counts tweets such as "{many} are {vile}" as hate speech
"{many} are {low}": with such words the massacre began
"""

RECLAIMED = """
I am {one} and we call each other {own} with love
[proud|loud and proud] {own} here
as a {own} I [love|feel at home in] this club
my fellow {own}s, see you at the parade
we're here, we {own}s are family
I took the word {own} back and wear it with pride
{own} is what I call myself, and I like it
us {own}s have to stick together
my {own} sisters, I love you all
yes I'm a {own} and [happy|proud of it|I have never been happier]
[the|our] {own} march starts at noon, bring flags
what's up my {own}, [long time no see|dinner tonight?]
"""

HOMONYM = """
the farmer sold a spade and two rakes
there is a chink in the armour
we heard a cock crow at dawn
a dyke protects the village from the sea
the faggots were tied and put on the fire
meatballs called faggots are eaten with peas
the bitch had five puppies
a coon was climbing our tree, so we closed the bin
cross the dike and turn left
the cracker was stale but the cheese was fine
the slag from the furnace was used for the road
the yid in the old Yiddish book simply means a person
queer old customs survived in the valley
the timing should be retarded by two degrees
fire retardant paint is required
he plays fairy number two in the school play
pull the fruit off the twig, then nip the bud
she keeps a pussy cat and two dogs
put the ass in the stable next to the horse
the screw was loose so I tightened it
Dick and Fanny were common names then
the tit is a small bird, and so is the booby
"""

PLAIN = """
{plain}
{plain} and {plain}
[hello|hi|thanks|ok], {plain}
{kin} told me that {plain}
{plain}, {good} work
you are {good}
your edits were {good}, thank you
[I think|I believe|perhaps] {plain}
I [disagree|am not sure], because {plain}
a {good} {work} from {place}
"""

REFERENCE = """
{many} [moved in next door|run the shop|are our new tenants], and [I like them|they are {good}]
{many} again. They [always|never] [sing so well|forget to bring cake|arrive early]
[look at|remember] the {many}? they won the prize
so many {many} in {place}. They [are {good}|came for {topic}|are always welcome]
my neighbours are {many}. I hope they stay
there were {many} on the bus, and we talked about {topic}
he is {one}, so he [knows the holiday|has read the book|speaks the language]
she told me she was {adj}. [I was happy for her|Good to know|We had tea]
{many}, you know the type: {good}, {good} and {good}
do you know {many}? I do, and they are {good}
a {adj} {work} came in and asked for directions
I hate [Mondays|the rain|long queues], but I love {many}
the {adj} {work} hates [cold coffee|early trains|this weather]
"""
