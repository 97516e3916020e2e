"""Words too frequent to say what is looked for; left out of queries, never of texts. Short, and as `folded` has them.

Left out on purpose: words that mean something in the domain, in their language (hu volt "was" is kept: 400 volt).
"""

from typing import Final

_WORDS: Final = {
    "it": """a ad ai agli al alla alle allo anche che chi ci come con cosa cui da dai dal dalla dalle dallo degli dei
    del della delle dello di dove e ed gli ha hanno i il in io la le lo loro ma mi ne negli nei nel nella
    nelle nello noi non o per perche piu quale quali quando quanto questa queste questi questo se sei si
    siamo sono su sugli sui sul sulla sulle sullo tra fra tu tutti tutto un una uno voi""",
    "sv": """alla allt att av blir dar de dem den denna deras det detta dig din du dess en eller er ett fran for ha
    har han hon hur i icke inte jag kan med men mig min mot nagon nagot nar och om oss pa sa sin sitt ska som
    till under upp ut vad var vara vi vid vilka vilken vilket at ar an over""",
    "de": """aber alle allem allen aller alles als am an auch auf aus bei beim bin bis da damit das dass dem den der
    des die dies diese diesem diesen dieser dieses doch du durch ein eine einem einen einer eines er es fur
    hat haben ich ihr im in ist ja kann kein keine man mit nach nicht noch nur ob oder ohne sich sie sind so
    uber um und uns unter vom von vor was wer wenn werden wie wir wird wo zu zum zur""",
    "hu": """a az abban ahhoz ahogy aki ami amely amelyek amikor arra arrol azok azt be csak de e egy egyik el es ez
    ezek ezen ezt fel ha hanem hogy hogyan hol ide igen ill illetve is itt ki kell le lesz maga meg mely mert
    mi miert mint mit nem nincs oda ott ra s sem szerint tehat ugy vagy valamint van vannak volna""",
    "nl": """aan al alle alles als bij dan dat de der deze die dit door een en er et had heb hebben heeft het hier hij
    hoe hun ik in is je kan maar me meer met mijn na naar niet nog nu of om omdat onder ons onze ook op over
    te ten ter tot uit van veel voor waar was wat we wel welke werd wie wij worden wordt zal ze zich zij zijn
    zo""",
    "fr": """a au aux avec car ce ces cet cette chez comme comment dans de des du elle elles en entre est et etre eux
    il ils je la le les leur leurs lui mais me meme mes moi mon ne nos notre nous on ou par pas pour plus qu
    que quel quelle quelles quels qui sa sans se ses si son sont sur ta te tes toi ton tous tout toute toutes
    tu un une vos votre vous y""",
    "en": """a about an and are as at be been but by can did do does for from had has have he her his how i if in into
    is it its me my no not of on or our she so than that the their them then there these they this to us was
    we were what when where which who why will with you your""",
}

STOPWORDS: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}

# Words that turn a label into its opposite: "Non riuscita" is not "Riuscita". A label keeps them.
_NEGATIONS: Final = "non inte nicht kein keine ohne nem nincs niet pas sans not no"
NEGATIONS: Final = frozenset(_NEGATIONS.split())
