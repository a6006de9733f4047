"""Which letters languages use beyond ASCII, and which old encodings they were written in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

COMMON_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of a language beyond ASCII, in lower case.

    `usual` are those that most of its text consists of, `common` ones count COMMON_WEIGHT. `rare` ones, and what lies
    from `first` to `last`, belong to it too and count `rare_weight`; every other letter speaks against it.
    """

    usual: frozenset[str]
    rare: frozenset[str] = frozenset()
    first: str = "\uffff"
    last: str = ""
    rare_weight: float = 0.3
    common: frozenset[str] = frozenset()


def _latin(usual: str, rare: str = "") -> Letters:
    return Letters(frozenset(usual), frozenset(rare))


def _script(usual: str, first: str, last: str, *, weight: float = 0.3) -> Letters:
    return Letters(frozenset(usual), frozenset(), first, last, weight)


def letter_weights(letters: Letters, foreign: Iterable[str]) -> Iterator[float]:
    """How much each letter beyond ASCII speaks for a language: from -1 to 1."""
    for char in foreign:
        low = char.lower()
        if low in letters.usual:
            yield 1.0
        elif low in letters.common:
            yield COMMON_WEIGHT
        elif low in letters.rare or letters.first <= low <= letters.last:
            yield letters.rare_weight
        else:
            yield -1.0


# The characters that most written Chinese consists of, after common frequency lists.
_CHINESE_BOTH = (
    "的一是不了在人有我他大上到以要就出可也你生能而子那得于着下自之年作里用道行所然家事成方多去法如"
    "都同看天分好小部其些主心她本前但因只日者意力它把十民第公此已工使情明性知全三又正外高由最重手相"
    "被利二等或新己制身果加西斯月合回特代化表老世位次度任常先海通教原提立及比解水名真走各入几口平"
    "很再感做必件便候怎地中和今早晚星期午吃早喜笑快女男爸媽妈姐弟兄友信站坐打住找吧呢嗎吗啊哦哈"
    "想起太半每吧早安期末字文山川父母金木土火目耳白黑青少反止步足片牛羊犬竹米糸衣言豆走車貝"
)
_SIMPLIFIED = (
    "这个们来为国说时会对发后过么学现当没动进还样理开从实军无与长机两间问应战头体见产话内给员数气"
    "条系电边该师欢谢请让认听觉经关点题东儿处爱亲买卖钱车门语读写书视频谁难错真变应"
    "马鸟鱼龙湾岁万亿连远运达队热飞场华单双亚击议论许设试练习医药兴举办业专严丽节约级组织线结续"
)
_TRADITIONAL = (
    "這個們來為國說時會對發後過麼學現當沒動進還樣理開從實軍無與長機兩間問應戰頭體見產話內給員數氣"
    "條系電邊該師歡謝請讓認聽覺經關點題東兒處愛親買賣錢車門語讀寫書視頻誰難錯真變應裡裏為著於"
    "馬鳥魚龍灣歲萬億連遠運達隊熱飛場華單雙亞擊議論許設試練習醫藥興舉辦業專嚴麗節約級組織線結續"
)
_CANTONESE = (
    "佢哋喺嘅唔咗啲嘢冇嚟睇嗰乜咁咩喎嘞㗎攞俾畀邊咪嗱噉瞓攰啱諗搵嘥嘈呢個係話食飯聽佬仔冚唧嘟囉喇"
)
# The characters that the national standards list first, because they are in use: GB 2312 level 1, Big5 level 1.
_LEVEL_1 = frozenset(
    bytes((lead, trail)).decode(name, errors="ignore")
    for name, leads in (("gb2312", range(0xB0, 0xD8)), ("big5", range(0xA4, 0xC7)))
    for lead in leads
    for trail in range(0x40, 0xFF)
)
_KANA = "".join(map(chr, range(0x3041, 0x3094))) + "".join(map(chr, range(0x30A1, 0x30F7))) + "ー"
_HANGUL_USUAL = "".join(
    "이다는의에을가고하지한를도은기사로어리자나아시니그들서인해만있정요라것여게일대수부보면안으주오"
    "전스우습제거구내까때저말했없세모장각당실었데야무원동생적성상문전국합좋날씨늘녕러분신마와않더"
)

LETTERS: dict[str, Letters] = {
    "fr": _latin("éèàçêùâîôûœëï", "æüÿ"),
    "de": _latin("äöüß", "éà"),
    "es": _latin("áéíóúñ", "ü"),
    "pt": _latin("ãçéáóõêíúâàô", "ü"),
    "it": _latin("èàòùìé", "îó"),
    "nl": _latin("éëïèö", "üáóàê"),
    "sv": _latin("åäö", "éüà"),
    "da": _latin("æøå", "éöü"),
    "is": _latin("áðéíóúýþæö"),
    "ca": _latin("àçèéíïòóúü"),
    "fi": _latin("äö", "åšž"),
    "pl": _latin("ąćęłńóśźż"),
    "cs": _latin("áčďéěíňóřšťúůýž"),
    "sk": _latin("áäčďéíľňóôšťúýž", "ĺŕ"),
    "hu": _latin("áéíóöőúüű"),
    "ro": _latin("ăâîşţșț"),
    "hr": _latin("čćđšž"),
    "sl": _latin("čšž", "ćđ"),
    "tr": _latin("çğıöşüi\u0307", "âîû"),
    "lt": _latin("ąčęėįšųūž"),
    "lv": _latin("āčēģīķļņšūž"),
    "et": _latin("äõöüšž"),
    "vi": _latin("àáảãạăắằẳẵặâấầẩẫậđèéẻẽẹêếềểễệìíỉĩịòóỏõọôốồổỗộơớờởỡợùúủũụưứừửữựỳýỷỹỵ"),
    "ru": _script("оеаинтсрвлкмдпуяыьзбгйч", "а", "ё"),
    "uk": _script("оаинвіетрсклудмпязьгйбчїє", "Ѐ", "ґ"),
    "bg": _script("аоиетнрсвлкдпмзябгъучй", "А", "я", weight=0.2),
    "sr": _script("аоиенрјтсвудкмлпзгбчњшћђљџж", "Ђ", "џ", weight=0.2),
    "el": _script("αοιετσνηυρπκμλςάίόέήώδγθχύω", "ʹ", "ώ"),
    "he": _script("יוהלאתרמבשנעםדחקכטןפגצסזךףץ", "א", "ת", weight=0.5),
    "ar": _script("اليمنوترعبدكسفهةحقأجشطصخضذثىءغئ", "ء", "ْ", weight=0.5),
    "fa": _script("ایهرنمدوتبشسکخزگحقپعجفآلطضچصغژثذ", "ء", "ۿ", weight=0.3),
    "th": _script("ารนกเงอมยลวดทสตะปบคหแจพชขใไโถศผซธฉณญภฟฐ่้ีิัุู็ํ์ืึๆ", "ก", "๛", weight=0.1),
    "ko": _script(_HANGUL_USUAL, "가", "힣", weight=0.6),
    "ja": _script(_KANA, "一", "鿿", weight=0.4),
    "zh": replace(
        _script(_CHINESE_BOTH + _SIMPLIFIED + _TRADITIONAL + _CANTONESE, "一", "鿿", weight=0.15),
        common=_LEVEL_1,
    ),
}
_WEST = ("fr", "de", "es", "pt", "it", "nl", "sv", "da", "is", "ca", "fi")
_MIDDLE = ("pl", "cs", "sk", "hu", "ro", "hr", "sl")

# Encodings with the languages written in them; of two readings that score the same the first wins.
READINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", _WEST),
    ("cp1250", _MIDDLE),
    ("cp1251", ("ru", "uk", "bg", "sr")),
    ("cp1253", ("el",)),
    ("cp1254", ("tr",)),
    ("cp1255", ("he",)),
    ("cp1256", ("ar", "fa")),
    ("cp1257", ("lt", "lv", "et")),
    ("cp1258", ("vi",)),
    ("cp874", ("th",)),
    ("cp949", ("ko",)),
    ("cp932", ("ja",)),
    ("euc_jp", ("ja",)),
    ("gb18030", ("zh",)),
    ("big5hkscs", ("zh",)),
    ("johab", ("ko",)),
    ("iso8859_2", _MIDDLE),
    ("iso8859_5", ("ru", "uk", "bg", "sr")),
    ("iso8859_6", ("ar",)),
    ("iso8859_7", ("el",)),
    ("iso8859_9", ("tr",)),
    ("iso8859_13", ("lt", "lv", "et")),
    ("iso8859_15", _WEST),
    ("iso8859_16", ("ro",)),
    ("koi8_r", ("ru",)),
    ("koi8_u", ("uk",)),
    ("cp866", ("ru", "uk", "bg")),
    ("cp1125", ("uk",)),
    ("cp855", ("sr", "bg")),
    ("cp737", ("el",)),
    ("cp869", ("el",)),
    ("cp862", ("he",)),
    ("cp720", ("ar",)),
    ("cp850", _WEST),
    ("cp860", ("pt",)),
    ("cp861", ("is",)),
    ("cp852", _MIDDLE),
    ("cp857", ("tr",)),
    ("iso8859_4", ("lt", "lv", "et")),
    ("cp775", ("lt", "lv", "et")),
    ("mac_roman", _WEST),
    ("mac_latin2", _MIDDLE),
    ("mac_cyrillic", ("ru", "uk")),
    ("mac_greek", ("el",)),
    ("mac_iceland", ("is",)),
    ("mac_turkish", ("tr",)),
)
