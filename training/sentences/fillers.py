"""Words for the names in braces."""

from __future__ import annotations

FILLERS: dict[str, tuple[str, ...]] = {
    "work": tuple(
        "nurse|teacher|plumber|lawyer|drummer|baker|bus driver|programmer|farmer|poet|"
        "chess player|goalkeeper|doctor|librarian|carpenter|colleague".split("|")
    ),
    "kin": tuple(
        "my sister|my brother|my neighbour|my best friend|our new boss|my cousin|"
        "the main character|my roommate|my aunt|her husband|my flatmate".split("|")
    ),
    "good": tuple(
        "kind|funny|brave|clever|patient|generous|lovely|gentle|talented|honest|"
        "friendly|smart|hard-working|wonderful|decent|proud|happy".split("|")
    ),
    "place": tuple(
        "the library|our town|the office|the school|this street|the stadium|the village|"
        "the city council|the hospital|the university|the orchestra".split("|")
    ),
    "topic": tuple(
        "history|voting rights|health care|food|music|poetry|housing|cinema|"
        "family life|architecture|education|employment".split("|")
    ),
    "plain": tuple(
        "the meeting moved to Tuesday|I fixed the link in the second paragraph|"
        "the train was late again|please add a source for this|the soup needs more salt|"
        "thanks for the quick reply|I moved the discussion to the talk page|"
        "the second episode was better than the first|see the manual for details|"
        "we painted the kitchen blue|the photo needs a caption|it rained all week|"
        "I agree with the comment above|that section should be merged|"
        "the match ended two to two|can someone check the date".split("|")
    ),
    "low": tuple(
        "vermin|parasites|cockroaches|animals|filth|scum|garbage|a disease|a plague|"
        "subhuman|maggots|rats|monkeys|a cancer|trash|leeches|savages".split("|")
    ),
    "vile": tuple(
        "disgusting|worthless|repulsive|evil|inferior|stupid|dirty|revolting|"
        "subhuman|sick|pathetic|useless|filthy|vile|lazy|dishonest|dangerous|"
        "perverted|uncivilised|gross|ugly".split("|")
    ),
    "harm": tuple(
        "shot|hanged|beaten up|burned alive|gassed|exterminated|stoned|killed|"
        "wiped out|lynched|put down|drowned|eradicated|thrown off a roof".split("|")
    ),
    "hurt": tuple(
        "kill|shoot|beat up|stab|hang|burn|murder|strangle|hurt|bash|hunt down|"
        "run over|attack".split("|")
    ),
    "curse": tuple("fucking|goddamn|fuckin|motherfucking|bloody fucking".split("|")),
    "cursed": tuple("fucking|bloody|damn|goddamn|fuckin|freaking".split("|")),
    "jerk": tuple(
        "idiot|moron|asshole|loser|clown|dumbass|imbecile|jackass|prick|twat|"
        "dickhead|bastard|piece of shit|scumbag|fool|retard|wanker|bitch|cunt|"
        "halfwit|dipshit|pathetic little man|shithead|douchebag|waste of space".split("|")
    ),
    "trade": tuple(
        "bankers|landlords|politicians|journalists|lawyers|referees|vegans|cyclists|"
        "tourists|gamers|hipsters|capitalists|communists|estate agents|influencers|"
        "critics|admins|smokers|Arsenal fans|dog owners".split("|")
    ),
    "thing": tuple(
        "this printer|the new update|my alarm clock|that movie|this software|"
        "the weather here|Monday mornings|my old laptop|this traffic|the airport food|"
        "this homework|pineapple on pizza|the remake|this keyboard|cold coffee|"
        "my phone's battery|that song|mosquitoes|weeds in my garden|the tax form".split("|")
    ),
    "slur": tuple(
        "faggot|fag|dyke|tranny|nigger|nigga|kike|paki|chink|spic|raghead|wetback|"
        "retard|cripple|gypsy|whore|slut|gook|towelhead|coon|bitch|cunt|queer|"
        "sand nigger|shemale|homo".split("|")
    ),
    "own": tuple("dyke|queer|fag|tranny|bitch|nigga|crip|slut|homo|queen".split("|")),
    "said": tuple("said|wrote|shouted|posted|claimed|muttered|tweeted".split("|")),
}
