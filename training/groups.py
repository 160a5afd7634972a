"""The groups of people that the templates speak of.

One line a group: the many, the one, the adjective. Where a language habit has several
names for a group each has its own line, for a model must meet each name in harmless
sentences.
"""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple


class Group(NamedTuple):
    """How a group is spoken of: "Sikhs", "a Sikh", "Sikh"."""

    many: str
    one: str
    adjective: str


_LINES = """
gay people|a gay man|gay
gays|a gay person|gay
lesbians|a lesbian|lesbian
bisexual people|a bisexual woman|bisexual
bisexuals|a bisexual person|bi
transgender people|a transgender person|transgender
trans people|a trans person|trans
trans women|a trans woman|trans
trans men|a trans man|transgender
transsexuals|a transsexual|transsexual
non-binary people|a non-binary person|non-binary
nonbinary folks|a nonbinary teen|nonbinary
queer people|a queer person|queer
LGBT people|an LGBT person|LGBT
the LGBTQ community|an LGBTQ person|LGBTQ
homosexuals|a homosexual|homosexual
straight people|a straight guy|straight
heterosexuals|a heterosexual|heterosexual
asexual people|an asexual person|asexual
women|a woman|female
girls|a girl|female
men|a man|male
mothers|a mother|female
feminists|a feminist|feminist
Muslims|a Muslim|Muslim
muslim people|a muslim woman|muslim
Jews|a Jew|Jewish
Jewish people|a Jewish person|jewish
Christians|a Christian|Christian
Catholics|a Catholic|Catholic
Protestants|a Protestant|Protestant
Hindus|a Hindu|Hindu
Sikhs|a Sikh|Sikh
Buddhists|a Buddhist|Buddhist
Taoists|a Taoist|Taoist
Mormons|a Mormon|Mormon
atheists|an atheist|atheist
black people|a black man|black
Black women|a Black woman|Black
blacks|a black person|black
African Americans|an African American|African American
Africans|an African|African
white people|a white person|white
whites|a white man|white
Europeans|a European|European
Asians|an Asian|Asian
Asian people|an Asian woman|asian
Middle Eastern people|a Middle Eastern man|Middle Eastern
Arabs|an Arab|Arab
Hispanics|a Hispanic|Hispanic
Latinos|a Latino|Latino
Latinas|a Latina|Latina
latinx people|a latinx person|latinx
Mexicans|a Mexican|Mexican
Native Americans|a Native American|Native American
indigenous people|an indigenous person|indigenous
Indians|an Indian|Indian
Pakistanis|a Pakistani|Pakistani
Chinese people|a Chinese person|Chinese
Japanese people|a Japanese woman|Japanese
Koreans|a Korean|Korean
Russians|a Russian|Russian
Poles|a Pole|Polish
Romanians|a Romanian|Romanian
Turks|a Turk|Turkish
Iranians|an Iranian|Iranian
Syrians|a Syrian|Syrian
Somalis|a Somali|Somali
Nigerians|a Nigerian|Nigerian
Israelis|an Israeli|Israeli
Palestinians|a Palestinian|Palestinian
Americans|an American|American
Canadians|a Canadian|Canadian
Roma people|a Roma woman|Romani
Gypsies|a Gypsy|gypsy
immigrants|an immigrant|immigrant
migrants|a migrant|migrant
refugees|a refugee|refugee
foreigners|a foreigner|foreign
asylum seekers|an asylum seeker|foreign-born
disabled people|a disabled person|disabled
people with disabilities|a person with a disability|disabled
handicapped people|a handicapped man|handicapped
blind people|a blind person|blind
deaf people|a deaf person|deaf
autistic people|an autistic person|autistic
autistic kids|an autistic kid|autistic
paralyzed people|a paralyzed veteran|paralyzed
wheelchair users|a wheelchair user|disabled
people with Down syndrome|a girl with Down syndrome|intellectually disabled
mentally ill people|a mentally ill person|mentally ill
old people|an old man|old
older people|an older person|older
the elderly|an elderly woman|elderly
middle-aged people|a middle aged man|middle-aged
young people|a young person|young
teenagers|a teenager|teenage
millennials|a millennial|millennial
fat people|a fat person|fat
homeless people|a homeless man|homeless
poor people|a poor person|poor
"""

GROUPS = tuple(Group(*line.split("|")) for line in _LINES.strip().splitlines())

_PLAIN = ("gay", "lesbian", "bisexual", "transgender", "trans", "autistic", "muslim", "jewish")
#: The groups whose names mean nothing else, as "black", "old" or "straight" do.
_NAMED = tuple(
    group
    for group in GROUPS
    if (group.adjective[0].isupper() and group.adjective != "Black") or group.adjective in _PLAIN
)
_FORMS = {
    form.lower(): (group, place)
    for group in reversed(_NAMED)
    for place, form in ((0, group.many), (2, group.adjective))
}
_FORM = re.compile(
    rf"\b({'|'.join(sorted(map(re.escape, _FORMS), key=len, reverse=True))})\b", re.IGNORECASE
)


def swap(text: str, random: Random) -> str:
    """The same said of another group, where the text names one or several.

    What is hateful or harmless to say of one group is so of another, but the sets speak
    of a few groups nearly always, and of these mostly with hate.
    """
    others: dict[Group, Group] = {}

    def other(found: re.Match[str]) -> str:
        group, place = _FORMS[found.group().lower()]
        name = others.setdefault(group, random.choice(_NAMED))[place]
        return name.lower() if found.group().islower() else name

    return _FORM.sub(other, text)
