"""Misspellings of single words as people type them, collected by hand: for judging only.

Training makes its misspellings by rule (`training.augment`); these come from no rule.
"""

from __future__ import annotations

import re
from random import Random

_LINES = """
ass: azz a55 as$ @ss arse
asses: azzes assez arses
asshole: asshle ashole a-hole azzhole assh0le asswhole @sshole a**hole asshoIe
assholes: azzholes assholez a-holes ashholes assh0les
bastard: bastid basterd bstrd ba$tard bastardd b@stard
bastards: basterds bastids bastardz b@stards
bitch: biatch bich b1tch biotch bytch betch bi+ch btch beyotch b!tch
bitches: biatches bichez b1tches bitchs bishes b!tches
bullshit: bullsh1t bulshit bull$hit bullchit bs'hit bullshyt
cock: cawk c0ck kock cok
crap: krap crapp cr@p kr4p
cunt: kunt cvnt c*nt cnut cuntt kuntt
cunts: kunts cvnts c*nts cuntz
damn: dam damm dayum darnn
dick: dik d1ck dikk dck d!ck dickk
dickhead: dikhead d1ckhead dikhed dickhed
die: dye dieeee d1e
dumb: dum dumm dumbb dumbbb
dumbass: dumass dumbas dum-ass dumba$$
fag: f@g phag fa9 fagg
faggot: fagot f@ggot fagget phaggot faggit fa99ot f4ggot
faggots: fagots faggits f@ggots faggotz
fat: faat fatt f@t
filthy: fillthy filfthy filthhy
fool: foool f00l fewl
fuck: fuk fck fuq phuck fvck f*ck fcuk fuhk fuxk fukc fkc fuckk
fucked: fuked fcked fvcked phucked f*cked fuckd
fucker: fuker fcker fukker fucka f*cker fvcker
fuckers: fukers fuckerz fckers fuckas f*ckers
fucking: fuking fckin fukin effing-f fkn fking fucken fuccing phucking f*cking fvcking fuckng
gay: ghey gey g@y gaaay
hate: h8 haet hait hatee h@te
hell: h3ll helll heII
homo: h0mo homoo hom0
idiot: idoit idiut 1diot idi0t ideot idjit eediot iddiot idiott
idiots: idoits idiotz idi0ts ideots iddiots
ignorant: ignerant ignorent ignoran ingnorant
jerk: jurk jerkk j3rk
kill: kil k1ll killl kiII
liar: lier lyer liarr
loser: loozer l0ser luser loooser lozer losr
losers: loozers lozers l0sers lusers
moron: m0ron morron moran morun mor0n moronn
morons: m0rons morans moronz morrons
murder: merder murdur murdder
nazi: natzi nahzi naz1 nazzi
nigga: n1gga nigguh niqqa nigg@
nigger: n1gger niger niggr nigg3r n!gger nigggger
niggers: n1ggers niggerz niggrs n!ggers
pathetic: pathetik pathatic pethetic pathedic pathetc
penis: pen1s peenis p3nis penus
pig: pigg p1g piggg
pussy: pussie pu$$y pusy pussi p*ssy
racist: rascist racest raciss rasist
rape: r@pe raype rap3
retard: retart ritard r3tard reetard reettard retrd
retarded: retarted ritarded r3tarded retardid reetarded
rubbish: rubish rubbesh rubbsh
scum: skum scumm scvm
sex: s3x secks sexx
shit: sh1t shyt shiit sht shet $hit sh!t s**t shitt shi-t
shitty: shity sh1tty shytty shittie
shut: shutt shudd shuut
sick: sik sikk siick
slut: slutt s1ut slvt sloot
stupid: stoopid stupd stuped stupit stpid st00pid stewpid stupud
suck: suk sukk s*ck succ
sucks: sux suks suxx sucs
terrorist: terorist terrist terrerist
trash: trassh tr@sh trashh
twat: tw@t twatt twot
ugly: uggly ugley ugli uglee
useless: usless uselss useles
vandal: vandel vandle
wanker: wankr w@nker wankerr
whore: hoar whor wh0re hore whoar
whores: whors wh0res whoars hoars
your: ur yer yore youre
you: u yu ya yoo
people: ppl peeple poeple peaple
because: cuz becuase becos bcuz
really: realy rly rilly
the: teh da th
what: wat wut waht
their: thier ther
know: kno noe knw
please: plz pls pleez
are: r arr
and: adn an nd
with: wif wiv wih
should: shud shoud shld
article: artical articel artcle
wikipedia: wikipeadia wikapedia wikpedia
editing: editting eddting editng
something: somthing sumthing smth
stop: stahp stopp stpo
never: nevr neva nver
think: thnk fink thikn
right: rite rigth righ
"""

SPELLINGS = {
    word: tuple(other.split())
    for word, other in (line.split(": ") for line in _LINES.strip().splitlines())
}
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)


def as_people_write(text: str, random: Random, *, abusive: bool = True) -> str | None:
    """The text with the words respelt that the list has.

    None where it has none of the abusive words or, with `abusive` false, no word at all.
    """
    found = {word.lower() for word in _WORD.findall(text)} & SPELLINGS.keys()
    if not (found & BAD if abusive else found):
        return None
    return _WORD.sub(lambda word: _respelt(word.group(), random), text)


def _respelt(word: str, random: Random) -> str:
    others = SPELLINGS.get(word.lower())
    if others is None or (word.lower() not in BAD and random.random() < 0.5):
        return word
    chosen = random.choice(others)
    return chosen.upper() if word.isupper() and len(word) > 1 else chosen


_LAST_BAD = "whores"
#: The abusive words: those before the everyday ones.
BAD = frozenset(list(SPELLINGS)[: list(SPELLINGS).index(_LAST_BAD) + 1])
