"""The phrases of each language as regular expressions: the fields of `phrases.Phrases`."""

from collections.abc import Mapping

_ENGLISH = {
    "connective": r"(?:and|but|so|because|then)\b",
    "filler": r"(?:um+|uh+|er+|hm+|mhm|oh|okay|ok|alright|all right|you know|you see|i mean|i guess|i think|"
    r"let's see|basically|honestly|anyway|actually|essentially|frankly|well(?=,| i\b| the\b| we\b| you\b|"
    r" what\b| how\b| why\b)|so(?! (?:far|many|much|long|few|called|that|as)\b)|and(?! so on)|but|(?:yeah|"
    r"right|look|listen|like|see|sure)(?=,)|now(?=,| (?:the|a|if|i|we|you|when|what|how|why|there|"
    r"let)\b))\b,?",
    "dangling": r"(?:(?:he|she|it|they|that|those|these|him|her|his|hers|its|their|them|theirs|this(?! (?:morning|"
    r"week|year|month|evening|afternoon)\b)|then|therefore|thus|hence|also|too|because|otherwise|instead|"
    r"such|both|neither|either|another|or|nor|yet|though|here|the same|the other|the latter|the former|"
    r"yes|no|yeah|yep|nope|exactly|sure|of course|absolutely|there(?! (?:is|are|was|were|has|have)\b|"
    r"'s\b)|except|which is|which means|who (?:was|is|has|had)\b(?!.*\?)|(?:is|are|was|were|do|does|did|"
    r"has|have|had|can|could|will|would|should|isn't|aren't|doesn't|didn't|don't) (?:he|she|it|they|that|"
    r"this|these|those)|(?:what|why|how|when|where|who|which)(?:'s| is| are| was| were| do| does| did|"
    r" has| have| can| could| would| will| should)+ (?:he|she|it|they|that|this|these|"
    r"those))(?:'\w+)?)\b(?!-)",
    "question": r"^(?:what|why|how|when|where|who|which|is|are|do|does|did|can|could|should|would|will|have you)\b",
    "tag": r"right|ok(?:ay)?|all ?right|yeah|you know|(?:you )?see|huh|correct|really|isn't it|(?:you )?(?:get|got) it|"
    r"(?:(?:does|did) (?:that|this|it) )?makes? sense|(?:you )?know what i mean|in that order",
    "numbers": r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|percent|half|twice|double|triple)\b",
    "contrast": r"\b(?:however|instead of|rather than|unlike|whereas|on the other hand|the opposite|contrary|"
    r"the difference|compared (?:to|with)|most people (?:think|believe|say|assume)|"
    r"not (?:\S+ ){1,8}but|not about [^.]{3,60} about)\b|,? but\b",
    "listing": r"\b(?:firstly|secondly|thirdly|the (?:first|second|third) (?:one|thing|reason|step|rule|part|way|is)|"
    r"first,|second,|third,|finally,|(?:two|three|four|five|several) (?:things|reasons|ways|steps|rules|"
    r"kinds|parts|questions|mistakes))|(?:, [^,]{2,30}){2,}, (?:and|or)\b",
    "explanation": r"\b(?:because|the reason|that's why|that is why|this is why|which is why|which means|so that|"
    r"as a result|leads? to|therefore|depends on|in order to|it turns out|due to)\b",
    "claim": r"\b(?:never|always|nobody|everybody|everyone|no one|the (?:most|best|worst|biggest|only|key|secret|"
    r"truth|problem|trick|lesson|mistake|point|answer|important)|you (?:should|must|need to|have to|can't|"
    r"cannot)|no choice|don't ever|make sure|(?:is|it's) (?:all |really )?about|the first step|"
    r"is called|means that|for example|for instance|imagine|i (?:learned|realized|realised|"
    r"discovered|believe))\b",
    "conclusion": r"\b(?:that's why|that is why|which is why|in the end|in short|the point is|the lesson|to sum up|"
    r"and that's how|that is how|so the answer)\b",
    "chatter": r"\b(?:hello|hi (?:everyone|everybody|all|there|guys)|hey (?:everyone|guys|everybody)|welcome|"
    r"good (?:morning|afternoon|evening)|my name is|i'm your host|thanks? (?:you )?(?:all |so much |"
    r"very much |again )*for (?:having|coming|joining|watching|listening|being)|see you (?:next|soon|in|"
    r"there|tomorrow|again|all)|goodbye|bye|that's (?:it|all) (?:for|from)|until next time|"
    r"have a (?:great|nice|good|wonderful)|sponsors?|sponsored|promo code|discount code|use (?:the )?code|"
    r"subscribe|like button|hit the bell|patreon|(?:links?|details) (?:is |are )?(?:in|"
    r"below in) the (?:description|show notes)|free trial|percent off|brought to you by|affiliate|"
    r"newsletter|(?:can|could) (?:everyone|everybody|you(?: all| guys)?)(?: at the back)? (?:hear|see)|"
    r"microphones?|mic|(?:next|previous|last) slide|(?:the|my) slides|(?:coffee|lunch|short|quick|"
    r"minute) break|break for|unmute|mute|raise your hand|housekeeping|restrooms?|bathrooms?|wi-?fi|"
    r"homework|assignments?|recording|share my screen|(?:in|into) the chat|chat window|out of time|"
    r"minutes left|fire exit|sign-?up sheet|attendance|before we (?:start|begin)|let's get started|"
    r"next (?:week|lecture|session|time)|last (?:week|lecture|session)|any questions|office hours|"
    r"the agenda)\b|\d ?% off",
    "backward": r"\b(?:(?:as|like) (?:i|we|you) (?:just |already )?(?:said|mentioned|discussed|saw|noted|know|"
    r"can see)|earlier|(?:we|you|i) (?:just )?saw|over here|over there|up here|down here|right here|"
    r"(?:come|get|go) back to|previous(?:ly)?|last time|(?:on|in) (?:this|the|that) (?:slide|screen|"
    r"picture|diagram|graph|figure|table|plot)|this (?:one|thing|guy|part|line|column|row)|that (?:one|"
    r"thing|guy|part)|the same thing|let me (?:show|go|see|just)|where (?:was i|were we)|move on|"
    r"moving on|skip)\b",
    "pronoun": r"\b(?:he|she|it|they|this|that|these|those|him|them|there|here)\b",
    "hesitation": r"\b(?:um+|uh+|er+|hm+|you know|i mean|sort of|kind of|or something|or whatever|blah)\b|"
    r"(\b\w+\b) \1\b",
}
_KOREAN = {
    "connective": r"(?:그래서|그리고|그런데|근데|하지만|그러니까|그니까)(?=[\s,.…])",
    "filler": r"(?:자|음+|어+|아|네|예|뭐|막|약간|이제|사실은?|솔직히|아무튼|어쨌든|하여튼|그러니까|그니까|그리고|"
    r"그런데|근데|그래서|하지만)(?=[\s,.…]),?",
    "dangling": r"(?:그것|그거|그게|그건|그걸|이것|이거|이게|이건|이걸|저것|저거|저게|저건|저걸|그는|그가|그의|그녀|"
    r"그들|그분|그 |저 |이 (?!세상)|걔|얘|그러면|그럼|그러나|그렇지만|그렇기|그렇다|그래도|그때|따라서|"
    r"또한|또는|또 |거기|여기서?|왜냐하면|왜냐면|그런|이런|저런|이렇게|그렇게|저렇게|맞아요|맞습니다|"
    r"아니요|아니에요|그렇죠|그쵸)",
    "question": r"(?:까|까요|나요|가요|을까|ㄹ까|는지요)$",
    "tag": r"그렇죠|그죠|그쵸|맞죠|그렇지 않나요|아시겠죠|아시겠어요|이해되시죠|되셨나요",
    "numbers": r"(?:두|세|네|다섯|여섯|일곱|여덟|아홉|열) ?(?:가지|개|번|명|배|시간|달|사람)|퍼센트|프로|절반|"
    r"[백천만억] ?(?:명|원|개|년|번)",
    "contrast": r"반면|하지만|그러나|아니라|대신|차이|오히려|반대로|비해|사람들은 .*생각|지만",
    "listing": r"첫째|둘째|셋째|첫 ?번째|두 ?번째|세 ?번째|마지막으로|[두세네] 가지",
    "explanation": r"때문|이유|왜냐하면|왜냐면|덕분|결과적으로|따라서|그래서|위해서",
    "claim": r"가장|절대|반드시|항상|핵심|비밀|비결|문제는|중요한|해야|예를 들|교훈|깨달|사실은|제일|누구나|아무도",
    "conclusion": r"결국|그래서 .*입니다|한마디로|정리하|결론",
    "chatter": r"안녕하세요|안녕하십니까|반갑습니다|환영합니다|제 이름은|감사합니다|고맙습니다|다음 시간|다음 주|"
    r"다음에 (?:뵙|봬|만나)|안녕히|마치겠습니다|여기까지|구독|좋아요|알림 설정|협찬|광고|할인|후원|스폰서|"
    r"링크는|마이크|들리(?:시|세|나)|출석|쉬는 시간|과제|화면 공유|슬라이드|휴식|점심|시작하겠습니다|"
    r"시작하기 전에|지난 시간|지난주|채팅창|녹화|질문 있",
    "backward": r"아까|앞에서|말씀드린|말씀드렸|보시는 것처럼|보시면|보이시|이 (?:그림|화면|표|그래프)|여기 보|"
    r"다시 돌아|넘어가",
    "pronoun": r"그것|그거|그게|그건|그걸|이것|이거|이게|이건|이걸|거기|여기|그분|그들",
    "hesitation": r"(?:^|\s)(?:음+|어+|막|뭐지|뭐랄까|약간|그 뭐)(?=\s|,|$)",
}
_FRENCH = {
    "connective": r"(?:et|mais|donc|alors|car|puis)\b",
    "filler": r"(?:euh+|bon|ben|bah|hein|alors|donc|en fait|en vrai|je veux dire|tu vois|vous voyez|voilà|et puis|"
    r"et|mais|oui(?=,)|écoutez|enfin|du coup|d'accord|ok)\b,?",
    "dangling": r"(?:(?:il|elle|ils|elles|ça|cela|ce|ceci|celui|celle|ceux|celles|lui|leur|leurs|son|sa|ses|ensuite|"
    r"puis|or|car|parce que|ainsi|aussi|par exemple|en effet|oui|non|exactement|là|ici|dont|sinon|cette|"
    r"cet|ces)\b(?!-)|c'|c’)",
    "question": r"^(?:est-ce|qu'est-ce|pourquoi|comment|quand|où|qui|quel(?:le)?s?)\b",
    "tag": r"hein|d'accord|n'est-ce pas|ok|(?:vous voyez|tu vois)|oui|non|c'est bon|vous comprenez",
    "numbers": r"\b(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|vingt|trente|cent|mille|millions?|milliards?|"
    r"moitié|double|pour cent)\b",
    "contrast": r"\b(?:au lieu de|plutôt que|contrairement|alors que|tandis que|par contre|au contraire|la différence|"
    r"mais)\b",
    "listing": r"\b(?:premièrement|deuxièmement|d'abord|(?:deux|trois|quatre) (?:choses|raisons|façons|règles))\b",
    "explanation": r"\b(?:parce que|la raison|c'est pourquoi|c'est pour ça|à cause|grâce à|afin de|ce qui veut dire)\b",
    "claim": r"\b(?:jamais|toujours|personne|tout le monde|le plus|la plus|le problème|il faut|le secret|la vérité|"
    r"l'important|par exemple|imaginez)\b",
    "conclusion": r"\b(?:au final|finalement|en somme|bref|c'est pour ça|voilà pourquoi)\b",
    "chatter": r"\b(?:bonjour|bonsoir|bienvenue|merci|au revoir|à bientôt|abonnez|sponsor|code promo|micro|"
    r"diapositive|slide|la pause|on m'entend|vous m'entendez|la semaine prochaine|je m'appelle)\b",
    "backward": r"\b(?:comme je (?:disais|l'ai dit|vous ai dit)|tout à l'heure|comme vous (?:voyez|pouvez)|on a vu|"
    r"revenir|ci-dessus|sur cette (?:image|diapositive))\b",
    "pronoun": r"(?<!-)\b(?:il|elle|ils|elles|ça|cela|celui|celle|ceux|lui|ici|là)\b",
    "hesitation": r"\b(?:euh+|hein|ben|bah|genre|quoi)\b|(\b\w+\b) \1\b",
}
_GERMAN = {
    "connective": r"(?:und|aber|also|denn|dann)\b",
    "filler": r"(?:äh+|ähm|also|ja|na ja|naja|nun|gut|okay|ok|so|und|aber|ich meine|sozusagen|eigentlich|"
    r"wissen sie)\b,?",
    "dangling": r"(?:er|sie|es|das|dies|diese[rsmn]?|dieser|jene[rs]?|ihm|ihn|ihr|ihre|sein|seine|dann|deshalb|daher|"
    r"darum|deswegen|außerdem|auch|denn|weil|sonst|nein|genau|dort|da|hier|damit|dazu|davon|dabei|"
    r"solche)\b",
    "question": r"^(?:was|warum|wie|wann|wo|wer|welche[rs]?|wieso|weshalb)\b",
    "tag": r"oder|nicht wahr|okay|ok|ja|gell|richtig|stimmt's|verstanden|verstehen sie",
    "numbers": r"\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwanzig|hundert|tausend|millionen?|milliarden?|"
    r"prozent|hälfte|doppelt)\b",
    "contrast": r"\b(?:sondern|statt|anstatt|im gegensatz|dagegen|während|der unterschied|jedoch|aber)\b",
    "listing": r"\b(?:erstens|zweitens|drittens|(?:zwei|drei|vier) (?:dinge|gründe|wege|regeln))\b",
    "explanation": r"\b(?:weil|der grund|deshalb|deswegen|darum|dadurch|führt zu|damit)\b",
    "claim": r"\b(?:nie|niemals|immer|niemand|jeder|das wichtigste|das problem|man muss|zum beispiel|das geheimnis|"
    r"stellen sie sich)\b",
    "conclusion": r"\b(?:am ende|letztlich|kurz gesagt|deshalb|unterm strich)\b",
    "chatter": r"\b(?:hallo|guten (?:morgen|tag|abend)|willkommen|danke|tschüss|bis (?:bald|nächste)|abonniert|"
    r"sponsor|rabattcode|mikrofon|folie|pause|hausaufgaben|nächste woche|mein name ist)\b",
    "backward": r"\b(?:wie (?:gesagt|erwähnt)|vorhin|wie (?:sie|ihr) seht|wie man (?:hier )?sieht|zurück zu|"
    r"auf dieser folie)\b",
    "pronoun": r"\b(?:er|sie|es|das|dies|diese|ihn|ihm|hier|da|dort)\b",
    "hesitation": r"\b(?:äh+|ähm|halt|sozusagen|irgendwie)\b|(\b\w+\b) \1\b",
}
_SPANISH = {
    "connective": r"(?:y|pero|entonces|pues)\b",
    "filler": r"(?:eh+|em+|bueno|pues|entonces|a ver|o sea|es decir|digamos|y|pero|vale|mira|la verdad)\b,?",
    "dangling": r"(?:él|ella|ellos|ellas|eso|esto|este|esta|estos|estas|ese|esa|esos|esas|aquel|su|sus|le|les|lo|"
    r"luego|después|además|también|porque|así|sí|no|exacto|allí|ahí|aquí|por eso|por lo tanto|ello)\b",
    "question": r"^(?:¿|qué|por qué|cómo|cuándo|dónde|quién|cuál)\b",
    "tag": r"no|sí|verdad|vale|cierto|ok|de acuerdo|me explico|(?:me )?entienden",
    "numbers": r"\b(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|veinte|cien|ciento|mil|millones|millón|mitad|"
    r"doble)\b",
    "contrast": r"\b(?:sino|en lugar de|en vez de|a diferencia|mientras que|por el contrario|la diferencia|"
    r"sin embargo|pero)\b",
    "listing": r"\b(?:primero|segundo|tercero|(?:dos|tres|cuatro) (?:cosas|razones|formas|reglas))\b",
    "explanation": r"\b(?:porque|la razón|por eso|debido a|gracias a|para que)\b",
    "claim": r"\b(?:nunca|siempre|nadie|todos|lo más|el problema|hay que|el secreto|la verdad|por ejemplo|"
    r"imagina)\b",
    "conclusion": r"\b(?:al final|en resumen|por eso|en definitiva)\b",
    "chatter": r"\b(?:hola|buenos días|buenas (?:tardes|noches)|bienvenid[oa]s?|gracias|adiós|hasta (?:luego|pronto|"
    r"la próxima)|suscríb\w*|patrocin\w*|código de descuento|micrófono|diapositiva|la próxima semana|"
    r"me llamo)\b",
    "backward": r"\b(?:como (?:dije|decía|he dicho|vimos|ven)|antes|volver a|en esta (?:imagen|diapositiva))\b",
    "pronoun": r"\b(?:él|ella|ellos|eso|esto|ese|esa|este|esta|aquí|ahí|allí)\b",
    "hesitation": r"\b(?:eh+|em+|o sea|digamos)\b|(\b\w+\b) \1\b",
}
PHRASE_TABLES: Mapping[str, Mapping[str, str]] = {
    "en": _ENGLISH,
    "ko": _KOREAN,
    "fr": _FRENCH,
    "de": _GERMAN,
    "es": _SPANISH,
}
